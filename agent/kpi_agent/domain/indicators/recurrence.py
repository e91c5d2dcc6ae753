"""Recurring incidents: families, occurrences, and the share that came back (indicators.md §4, "Families")."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from kpi_agent.domain.calendar import FOREVER
from kpi_agent.domain.evaluation import Family, OccurrenceLine, Treatment
from kpi_agent.domain.facts import Facts, Window
from kpi_agent.domain.indicators.attainment import window_reasons
from kpi_agent.domain.indicators.caseload import (
    kind_of,
    population,
    ticket_coverage,
    ticket_scope,
    ticket_window,
    told_reasons,
)
from kpi_agent.domain.indicators.problems import Problems
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.masking import tokens
from kpi_agent.domain.reading import Origin, Reading, Unit, money, share
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval, intersection, total

_LIKE = Fraction(1, 2)
_SHARED_WORDS = 2
_SHOWN_WORDS = 6
_RECURRED = 2  # occurrences that make a family one to treat


@dataclass(slots=True)
class Occurrence:
    """Incidents of one family that belong together: a storm of callers is one occurrence."""

    start: int
    restored: int  # of its last member; FOREVER while one is unresolved
    tickets: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Kin:
    """A family while it grows: its tickets in order, and what each of them was found alike by.

    *words* counts the words shared with the one it joined, *places* the (category, service or host) of both.
    """

    tickets: list[Ticket] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)
    places: Counter[tuple[str, str]] = field(default_factory=Counter)


def is_comparable(ticket: Ticket) -> bool:
    """Whether a ticket says enough to be held against others: a problem, or a category, a place and a title."""
    has_place = ticket.service is not None or ticket.host is not None
    return ticket.problem is not None or (ticket.category is not None and has_place and bool(ticket.title))


def families(tickets: Iterable[Ticket], *, lookback: int, language: str) -> list[Kin]:
    """Return the families, in order of their first ticket: each joins that of the latest earlier alike one (§4)."""
    found: list[Kin] = []
    kin_of: dict[tuple[str, str], Kin] = {}
    words: dict[tuple[str, str], frozenset[str]] = {}
    groups: dict[tuple[str, ...], list[Ticket]] = defaultdict(list)
    for ticket in sorted(tickets, key=lambda t: (t.opened, t.id)):
        words[ticket.source, ticket.id] = own = tokens(ticket.title, language)
        alike = _latest_alike(ticket, own, groups, words, lookback)
        if alike is None:
            kin = Kin()
            found.append(kin)
        else:
            earlier, by = alike
            kin = kin_of[earlier.source, earlier.id]
            if by[0] != "problem":
                kin.words.update(own & words[earlier.source, earlier.id])
                kin.places.update([(by[1], by[2])])
        kin.tickets.append(ticket)
        kin_of[ticket.source, ticket.id] = kin
        for key in _keys(ticket):
            groups[key].append(ticket)
    return found


def _keys(ticket: Ticket) -> Iterator[tuple[str, ...]]:
    """Yield what makes a ticket a candidate: absent never equals absent."""
    if ticket.problem is not None:
        yield ("problem", ticket.source, ticket.problem)
    if ticket.category is not None:
        if ticket.service is not None:
            yield ("service", ticket.category, ticket.service)
        if ticket.host is not None:
            yield ("host", ticket.category, ticket.host)


def _latest_alike(
    ticket: Ticket,
    own: frozenset[str],
    groups: dict[tuple[str, ...], list[Ticket]],
    words: dict[tuple[str, str], frozenset[str]],
    lookback: int,
) -> tuple[Ticket, tuple[str, ...]] | None:
    """Return the latest earlier alike ticket and the key that both share; None without one."""
    found: list[tuple[Ticket, tuple[str, ...]]] = []
    for key in _keys(ticket):
        for other in reversed(groups[key]):
            if other.opened < ticket.opened - lookback:
                break
            if key[0] == "problem" or _titles_alike(ticket.title, own, other.title, words[other.source, other.id]):
                found.append((other, key))
                break
    return max(found, key=lambda f: (f[0].opened, f[0].id), default=None)


def _titles_alike(title: str, own: frozenset[str], other_title: str, other: frozenset[str]) -> bool:
    if title and title == other_title:
        return True
    shared = len(own & other)
    return shared >= _SHARED_WORDS and shared >= _LIKE * len(own | other)


def occurrences(tickets: Sequence[Ticket], *, same_occurrence: int) -> list[Occurrence]:
    """Return a family's occurrences in order; *tickets* are sorted by (opened, id)."""
    found: list[Occurrence] = []
    for ticket in tickets:
        restored = FOREVER if ticket.is_open else (ticket.resolved or ticket.closed or ticket.updated or FOREVER)
        if not found or ticket.opened > found[-1].restored + same_occurrence:
            found.append(Occurrence(ticket.opened, restored))
        found[-1].tickets.append(ticket.id)
        found[-1].restored = max(found[-1].restored, restored)
    return found


def begun(request: Request, facts: Facts) -> list[tuple[Occurrence, bool]]:
    """Return the occurrences that began in the span, family by family, and whether each is recurrent.

    All but a family's first are: its first incident was alike to one opened, so also restored, within the lookback.
    """
    window = ticket_window(request, facts)
    scope = ticket_scope(request)
    return [
        (one, place > 0)
        for family in _families(request, facts, window.as_of)
        for place, one in enumerate(occurrences(family.tickets, same_occurrence=scope.same_occurrence))
        if one.start in window.span
    ]


def _measure(request: Request, facts: Facts) -> Reading:
    """Recurrent occurrences / occurrences that began in the span; tickets beside, in the details."""
    window = ticket_window(request, facts)
    found = begun(request, facts)
    recurrent = tuple(one.tickets[0] for one, is_again in found if is_again)
    comparable, whole = _comparable(request, facts, window.span)
    coverage, reasons = _known(request, facts, window, is_comparable=comparable * 2 >= whole)
    return Reading(
        indicator="recurrence_rate",
        scope=request.scope,
        unit=Unit.RATIO,
        value=share(len(recurrent), len(found)),
        n=len(found),
        numerator=len(recurrent),
        denominator=len(found),
        coverage=coverage,
        source_coverage=coverage,
        as_of=window.as_of,
        origin=Origin.EXPORTED,
        details={"tickets": sum(len(one.tickets) for one, _ in found), "comparable": comparable, "incidents": whole},
        reasons=reasons,
        evidence=recurrent,
    )


def _known(request: Request, facts: Facts, window: Window, *, is_comparable: bool) -> tuple[Fraction, tuple[str, ...]]:
    """Return how much of what families are made of was observed, lookback included, and codes for what was not."""
    lookback = Interval(window.span.start - ticket_scope(request).lookback, window.until)
    looked_back = Fraction(
        total(intersection(facts.tickets.observed_of(kind_of(request)), [lookback])), lookback.seconds
    )
    reasons = window_reasons(window) + told_reasons(facts)
    if not is_comparable:
        return Fraction(0), (*reasons, "not_comparable")
    if looked_back < request.min_coverage:
        reasons = (*reasons, "lookback_short")
    return min(ticket_coverage(request, window, facts), looked_back), reasons


def _families(request: Request, facts: Facts, as_of: int) -> list[Kin]:
    """Return the families of the request's scope, whatever its span; the facts remember them for the next reading."""
    key = ("families", id(request.contract), request.version.effective_from, request.scope, as_of)
    if key not in facts.tickets.judged:
        facts.tickets.judged[key] = (request.contract, _find_families(request, facts, as_of))
    known: list[Kin] = facts.tickets.judged[key][1]
    return known


def _find_families(request: Request, facts: Facts, as_of: int) -> list[Kin]:
    scope = ticket_scope(request)
    tickets = [t for t in population(request, facts) if t.withdrawn is None and t.opened <= as_of]
    return families(tickets, lookback=scope.lookback, language=request.version.language)


def _comparable(request: Request, facts: Facts, span: Interval) -> tuple[int, int]:
    opened = [t for t in population(request, facts) if t.opened in span and t.withdrawn is None]
    return sum(is_comparable(t) for t in opened), len(opened)


def _treated(request: Request, facts: Facts) -> Reading:
    """Families of the lookback with their root cause treated / all of them with more than one occurrence."""
    window = ticket_window(request, facts)
    scope = ticket_scope(request)
    problems = Problems.of(facts)
    since = Interval(window.end - scope.lookback, window.end)
    found: Counter[Treatment] = Counter()
    untreated = []
    for kin in _families(request, facts, window.as_of):
        began = [o for o in occurrences(kin.tickets, same_occurrence=scope.same_occurrence) if o.start in since]
        if len(began) < _RECURRED:
            continue
        treatment = problems.treatment(kin.tickets, began, since)
        found[treatment] += 1
        if treatment not in {Treatment.TREATED, Treatment.UNKNOWN}:
            untreated.append(began[0].tickets[0])
    families_, unknown, treated = found.total(), found[Treatment.UNKNOWN], found[Treatment.TREATED]
    comparable, whole = _comparable(request, facts, since)
    coverage, reasons = _known(request, facts, window, is_comparable=comparable * 2 >= whole)
    if unknown:
        coverage = min(coverage, Fraction(families_ - unknown, families_))
        reasons = (*reasons, "problems_untold")
    return Reading(
        indicator="root_cause_treated",
        scope=request.scope,
        unit=Unit.RATIO,
        value=share(treated, families_ - unknown),
        n=families_ - unknown,
        numerator=treated,
        denominator=families_ - unknown,
        lowest=share(treated, families_) if unknown else None,
        highest=share(treated + unknown, families_) if unknown else None,
        undetermined=unknown,
        coverage=coverage,
        source_coverage=coverage if not unknown else _known(request, facts, window, is_comparable=True)[0],
        as_of=window.as_of,
        origin=Origin.EXPORTED,
        details={"families": families_} | {t.value: found[t] for t in Treatment},
        reasons=reasons,
        evidence=tuple(untreated),
    )


def family_lines(request: Request, facts: Facts) -> tuple[Family, ...]:
    """Return the families that recurred in the span, those with most occurrences in the lookback first."""
    window = ticket_window(request, facts)
    scope = ticket_scope(request)
    problems = Problems.of(facts)
    shown = Interval(window.span.start - scope.lookback, window.span.end)
    lines = []
    for kin in _families(request, facts, window.as_of):
        whole = enumerate(occurrences(kin.tickets, same_occurrence=scope.same_occurrence))
        told = [_line(one, is_recurrent=place > 0) for place, one in whole if one.start in shown]
        inside = [o for o in told if o.start in window.span]
        recurrent = sum(o.is_recurrent for o in inside)
        if not recurrent:
            continue
        recent = [t for t in kin.tickets if t.opened in shown]
        spent = [t.time_spent for t in recent if t.time_spent is not None]
        place = kin.places.most_common(1)
        category, where = place[0][0] if place else (None, None)
        since = Interval(window.end - scope.lookback, window.end)
        lines.append(
            Family(
                words=tuple(word for word, _ in sorted(kin.words.items(), key=lambda w: (-w[1], w[0]))[:_SHOWN_WORDS]),
                tickets=tuple(t.id for t in recent),
                occurrences=len(told),
                occurrences_in_period=len(inside),
                recurrent_in_period=recurrent,
                category=category,
                where=where,
                time_spent=sum(spent) if spent else None,
                time_told=len(spent),
                cost=money(sum(spent), request.version.hourly_rate) if spent else None,
                problems=tuple(sorted({t.problem for t in recent if t.problem is not None})),
                treatment=problems.treatment(kin.tickets, told, since),
                told=tuple(told),
            )
        )
    return tuple(sorted(lines, key=lambda f: (-f.occurrences, -len(f.tickets), f.tickets)))


def _line(one: Occurrence, *, is_recurrent: bool) -> OccurrenceLine:
    return OccurrenceLine(
        start=one.start,
        restored=None if one.restored >= FOREVER else one.restored,
        tickets=tuple(one.tickets),
        is_recurrent=is_recurrent,
    )


INDICATORS = (
    Indicator("recurrence_rate", Unit.RATIO, "recurrence", is_more_better=False, measure=_measure),
    Indicator("root_cause_treated", Unit.RATIO, "recurrence", is_more_better=True, measure=_treated),
)
