"""Dependency on a person: two numbers about a service, never about one of its people (indicators.md §4)."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.attainment import window_reasons
from kpi_agent.domain.indicators.caseload import Case, ticket_coverage, ticket_window, told_reasons
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.indicators.workload import finished
from kpi_agent.domain.reading import Origin, Reading, Unit
from kpi_agent.domain.time import to_local

_FEW = 4  # under so many resolvers a share would speak of a person
_HIGH = Fraction(1, 2)
_CARRIED = Fraction(4, 5)


def _single_person_share(request: Request, facts: Facts) -> Reading:
    """Resolved by the busiest resolver / resolved with a known one; details: how many carry 80 %, and whether high.

    Under 4 resolvers no number is told but ``high``. No value at all where persons are not counted (``people_off``),
    or where nobody is known (``resolvers_unknown``). Pseudonyms of two desks or years link nothing: who stands under
    both would be two persons, so nothing is told of such a span (``resolvers_unlinked``). Evidence is never given: it
    would name a person's tickets.
    """
    window = ticket_window(request, facts)
    source = ticket_coverage(request, window, facts)
    found = finished(request, facts) if facts.tickets.people else []
    is_linked = len({_key_of(c, request) for c in found if c.ticket.assignee is not None}) <= 1
    names = [c.ticket.assignee if is_linked else None for c in found]
    solved = Counter(name for name in names if name is not None)
    known, untold = solved.total(), len(names) - solved.total()
    most = max(solved.values(), default=0)
    reasons = window_reasons(window) + told_reasons(facts)
    coverage = min(source, Fraction(known, known + untold)) if untold else source
    if not facts.tickets.people:
        coverage, reasons = Fraction(0), (*reasons, "people_off")
    elif untold:
        reasons = (*reasons, "resolvers_unknown" if is_linked else "resolvers_unlinked")
    details = {"high": int(most > known * _HIGH)} if known else {}
    is_few = 0 < len(solved) < _FEW
    if is_few:
        reasons = (*reasons, "few_resolvers")
    elif known:
        details |= {"resolvers": len(solved), "carry_80": _carriers(solved)}
    is_told = known > 0 and not is_few
    return Reading(
        indicator="single_person_share",
        scope=request.scope,
        unit=Unit.RATIO,
        value=Fraction(most, known) if is_told else None,
        n=known,
        numerator=most if is_told else None,
        denominator=known if is_told else None,
        coverage=coverage,
        source_coverage=source,
        as_of=window.as_of,
        undetermined=untold,
        origin=Origin.EXPORTED,
        details=details,
        reasons=reasons,
    )


def _key_of(case: Case, request: Request) -> tuple[str, int]:
    """Return which key made its resolver's pseudonym: its desk's, of the local year in which it was resolved."""
    return case.ticket.source, to_local(case.open[-1].end, request.period.tz).year


def _carriers(solved: Counter[str]) -> int:
    """Return how many of the busiest it takes to have resolved 80 %."""
    wanted, carried = solved.total() * _CARRIED, 0
    for place, (_, count) in enumerate(solved.most_common(), start=1):
        carried += count
        if carried >= wanted:
            return place
    return 0


INDICATORS = (
    Indicator("single_person_share", Unit.RATIO, "incidents", is_more_better=False, measure=_single_person_share),
)
