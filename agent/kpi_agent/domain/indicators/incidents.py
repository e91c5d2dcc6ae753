"""Incidents: response, resolution, volumes, backlog (indicators.md §4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.attainment import attainment, hold_reasons, window_reasons
from kpi_agent.domain.indicators.caseload import Case, cases, ticket_coverage, ticket_window, told_reasons
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.indicators.unit import counted_span
from kpi_agent.domain.reading import Origin, Reading, Unit, quantile, statistics_of
from kpi_agent.domain.time import DAY
from kpi_agent.domain.verdict import Judgement, Verdict

# Age classes of the backlog, in days: under 1, under 7, under 30, and older.
_AGE_CLASSES = ((1, "age_under_1d"), (7, "age_under_7d"), (30, "age_under_30d"))


def resolutions(request: Request, facts: Facts) -> list[Judgement]:
    """Return the judged resolutions of the population."""
    return [j for case in cases(request, facts) for j in case.resolutions]


def responses(request: Request, facts: Facts) -> list[Judgement]:
    """Return the judged responses of the population."""
    return [case.response for case in cases(request, facts)]


Judged = Callable[[Request, Facts], list[Judgement]]


def _in_time(indicator: str, judged: Judged) -> Callable[[Request, Facts], Reading]:
    def measure(request: Request, facts: Facts) -> Reading:
        window = ticket_window(request, facts)
        return attainment(
            indicator,
            request.scope,
            judged(request, facts),
            window,
            source_coverage=ticket_coverage(request, window, facts),
            origin=Origin.EXPORTED,
            reasons=told_reasons(facts),
        )

    return measure


def _durations(indicator: str, judged: Judged) -> Callable[[Request, Facts], Reading]:
    def measure(request: Request, facts: Facts) -> Reading:
        window = ticket_window(request, facts)
        done = [
            j
            for j in judged(request, facts)
            if j.done is not None and j.done in window.span and j.done <= window.as_of and "withdrawn" not in j.notes
        ]
        timed = [j for j in done if j.elapsed is not None]
        statistics = statistics_of([j.elapsed for j in timed if j.elapsed is not None])
        wall = sorted(j.done - j.start for j in timed if j.done is not None)
        coverage = ticket_coverage(request, window, facts)
        return Reading(
            indicator=indicator,
            scope=request.scope,
            unit=Unit.SECONDS,
            value=None if statistics is None else getattr(statistics, request.statistic),
            n=len(timed),
            statistics=statistics,
            coverage=coverage,
            source_coverage=coverage,
            as_of=window.as_of,
            bounded=len(done) - len(timed),
            holds_unplaced=sum("holds_unplaced" in j.notes for j in timed),
            origin=Origin.EXPORTED,
            details={"wall_median": int(quantile(wall, Fraction(1, 2))), "wall_max": wall[-1]} if wall else {},
            reasons=window_reasons(window) + hold_reasons(timed) + told_reasons(facts),
        )

    return measure


def flow(request: Request, facts: Facts) -> dict[str, tuple[str, ...]]:
    """Return the ids of what was opened, resolved, reopened, withdrawn and lost in the span, so that the flow adds up.

    A ticket that was resolved twice stands twice.
    """
    span = counted_span(ticket_window(request, facts))
    found = cases(request, facts)
    ended = {c.ticket.id: c for c in found if c.open[-1].end in span}
    withdrawn = tuple(name for name, c in ended.items() if c.ticket.withdrawn is not None)
    lost = tuple(name for name, c in ended.items() if c.lost is not None)
    closings = Counter(c.ticket.id for c in found for i in c.open if i.end in span)
    return {
        "opened": tuple(c.ticket.id for c in found if c.ticket.opened in span),
        "resolved": tuple((closings - Counter((*withdrawn, *lost))).elements()),
        "reopened": tuple(c.ticket.id for c in found for i in c.open[1:] if i.start in span),
        "withdrawn": withdrawn,
        "lost": lost,
    }


def open_at_end(request: Request, facts: Facts) -> list[Case]:
    """Return what is open at the end of the span."""
    end = counted_span(ticket_window(request, facts)).end
    return [c for c in cases(request, facts) if c.is_open_before(end)]


def _volume(request: Request, facts: Facts) -> Reading:
    """Opened in the span; details: the whole flow."""
    details = {name: len(ids) for name, ids in flow(request, facts).items()}
    return _count(request, facts, "volume", details["opened"], details)


def _backlog(request: Request, facts: Facts) -> Reading:
    """Open at the end; details: open at start, age classes, already breached.

    Start + opened + reopened = resolved + withdrawn + lost + end.
    """
    span = counted_span(ticket_window(request, facts))
    at_end = open_at_end(request, facts)
    at_start = sum(c.is_open_before(span.start) for c in cases(request, facts))
    details = {"start": at_start, "end": len(at_end), "age_older": 0} | {name: 0 for _, name in _AGE_CLASSES}
    for case in at_end:
        age = span.end - case.ticket.opened
        details[next((name for days, name in _AGE_CLASSES if age < days * DAY), "age_older")] += 1
    details["breached"] = sum(any(_is_breached_before(j, span.end) for j in case.resolutions) for case in at_end)
    return _count(request, facts, "backlog", len(at_end), details)


def _is_breached_before(judgement: Judgement, instant: int) -> bool:
    return judgement.verdict is Verdict.BREACHED and judgement.deadline is not None and judgement.deadline < instant


def _count(request: Request, facts: Facts, indicator: str, value: int, details: dict[str, int]) -> Reading:
    window = ticket_window(request, facts)
    coverage = ticket_coverage(request, window, facts)
    return Reading(
        indicator=indicator,
        scope=request.scope,
        unit=Unit.COUNT,
        value=Fraction(value) if coverage else None,
        n=value,
        coverage=coverage,
        source_coverage=coverage,
        as_of=window.as_of,
        origin=Origin.EXPORTED,
        details=details,
        reasons=window_reasons(window) + told_reasons(facts),
    )


INDICATORS = (
    Indicator(
        "time_to_respond",
        Unit.SECONDS,
        "incidents",
        is_more_better=False,
        measure=_durations("time_to_respond", responses),
    ),
    Indicator(
        "respond_in_time",
        Unit.RATIO,
        "incidents",
        is_more_better=True,
        measure=_in_time("respond_in_time", responses),
        is_attainment=True,
    ),
    Indicator(
        "time_to_resolve",
        Unit.SECONDS,
        "incidents",
        is_more_better=False,
        measure=_durations("time_to_resolve", resolutions),
    ),
    Indicator(
        "resolve_in_time",
        Unit.RATIO,
        "incidents",
        is_more_better=True,
        measure=_in_time("resolve_in_time", resolutions),
        is_attainment=True,
    ),
    Indicator("volume", Unit.COUNT, "incidents", is_more_better=False, measure=_volume),
    Indicator("backlog", Unit.COUNT, "incidents", is_more_better=False, measure=_backlog),
)
