"""Incidents: response, resolution, volumes, backlog (indicators.md §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from fractions import Fraction

from kpi_agent.domain.calendar import FOREVER
from kpi_agent.domain.contract import TicketScope
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.facts import Facts, Window
from kpi_agent.domain.indicators.attainment import attainment, window_reasons
from kpi_agent.domain.indicators.case import judge_resolution, judge_response, stretches
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.reading import Origin, Reading, Unit, quantile, statistics_of
from kpi_agent.domain.ticket import Kind, Ticket
from kpi_agent.domain.time import DAY, Interval
from kpi_agent.domain.verdict import Judgement, Verdict

# Age classes of the backlog, in days: under 1, under 7, under 30, and older.
_AGE_CLASSES = ((1, "age_under_1d"), (7, "age_under_7d"), (30, "age_under_30d"))


def ticket_scope(request: Request) -> TicketScope:
    """Return which tickets the contract covers; raises NotFound when it names none."""
    if request.version.tickets is None:
        raise NotFound(f"contract '{request.contract.id}' has no scope.tickets")
    return request.version.tickets


def in_contract(ticket: Ticket, scope: TicketScope) -> bool:
    """Whether a ticket passes the contract's ``where`` globs, caseless; a field that is unknown passes none."""
    return all(
        (value := ticket.field(name)) is not None and fnmatchcase(value.casefold(), glob.casefold())
        for name, glob in scope.where.items()
    )


def population(tickets: Iterable[Ticket], request: Request) -> list[Ticket]:
    """Return the tickets of the request's scope: its kind (incidents unless it says otherwise) and its other parts."""
    covered = ticket_scope(request)
    wanted = request.scope.as_dict()
    kind = wanted.pop("kind", Kind.INCIDENT.value)
    return [
        t
        for t in tickets
        if t.kind == kind and all(t.field(n) == v for n, v in wanted.items()) and in_contract(t, covered)
    ]


def _window(request: Request, facts: Facts) -> Window:
    return request.window(facts.tickets.newest, facts.tickets.max_age)


def resolutions(request: Request, facts: Facts) -> list[Judgement]:
    """Return the judged resolutions of the population."""
    scope, as_of = ticket_scope(request), _window(request, facts).as_of
    return [
        j
        for t in population(facts.tickets.tickets, request)
        for j in judge_resolution(t, request.contract, scope, as_of=as_of)
    ]


def responses(request: Request, facts: Facts) -> list[Judgement]:
    """Return the judged responses of the population."""
    scope, as_of = ticket_scope(request), _window(request, facts).as_of
    return [judge_response(t, request.contract, scope, as_of=as_of) for t in population(facts.tickets.tickets, request)]


Judged = Callable[[Request, Facts], list[Judgement]]


def _in_time(indicator: str, judged: Judged) -> Callable[[Request, Facts], Reading]:
    def measure(request: Request, facts: Facts) -> Reading:
        window = _window(request, facts)
        return attainment(
            indicator,
            request.scope,
            judged(request, facts),
            window,
            source_coverage=window.coverage(facts.tickets.observed),
            origin=Origin.EXPORTED,
        )

    return measure


def _durations(indicator: str, judged: Judged) -> Callable[[Request, Facts], Reading]:
    def measure(request: Request, facts: Facts) -> Reading:
        window = _window(request, facts)
        done = [
            j
            for j in judged(request, facts)
            if j.done is not None and j.done in window.span and j.done <= window.as_of and "withdrawn" not in j.notes
        ]
        timed = [j for j in done if j.elapsed is not None]
        statistics = statistics_of([j.elapsed for j in timed if j.elapsed is not None])
        wall = sorted(j.done - j.start for j in timed if j.done is not None)
        coverage = window.coverage(facts.tickets.observed)
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
            reasons=window_reasons(window),
        )

    return measure


def open_stretches(ticket: Ticket, reopen_window: int) -> tuple[Interval, ...]:
    """Return when a ticket was open: from opening or late reopening to resolution, withdrawal or closing.

    A reopening within the window withdraws its resolution, so the ticket never counts as resolved in between.
    The last end is FOREVER while it is open; without any instant for its end it takes no time at all.
    """
    parts = list(stretches(ticket, reopen_window))
    last = FOREVER if ticket.is_open else ticket.withdrawn
    ends = [*(p.done for p in parts[:-1]), parts[-1].done if last is None else last]
    return tuple(Interval(p.start, max(p.start, e or 0)) for p, e in zip(parts, ends, strict=True))


def is_open_before(ticket: Ticket, instant: int, reopen_window: int) -> bool:
    """Whether a ticket was open when *instant* began: what happens at an edge belongs to the stretch that it begins."""
    return any(i.start < instant <= i.end for i in open_stretches(ticket, reopen_window))


def _span(window: Window) -> Interval:
    """Return the known part of the window's span, in which tickets are counted."""
    return Interval(window.span.start, max(window.span.start, window.end))


def _volume(request: Request, facts: Facts) -> Reading:
    """Opened in the span; details: resolved, reopened, withdrawn, in transitions, so that the flow adds up."""
    window = _window(request, facts)
    tickets = population(facts.tickets.tickets, request)
    span = _span(window)
    opened = [t for t in tickets if t.opened in span]
    window_of = ticket_scope(request).reopen_window
    parts = {t.id: open_stretches(t, window_of) for t in tickets}
    withdrawn = sum(t.withdrawn is not None and parts[t.id][-1].end in span for t in tickets)
    closings = sum(i.end in span for of_ticket in parts.values() for i in of_ticket)
    reopened = sum(i.start in span for of_ticket in parts.values() for i in of_ticket[1:])
    return _count(
        request,
        facts,
        "volume",
        len(opened),
        {
            "opened": len(opened),
            "resolved": closings - withdrawn,
            "reopened": reopened,
            "withdrawn": withdrawn,
        },
    )


def _backlog(request: Request, facts: Facts) -> Reading:
    """Open at the end; details: open at start, age classes, already breached.

    Start + opened + reopened = resolved + withdrawn + end.
    """
    window = _window(request, facts)
    tickets = population(facts.tickets.tickets, request)
    span, reopen_window = _span(window), ticket_scope(request).reopen_window
    at_end = [t for t in tickets if is_open_before(t, span.end, reopen_window)]
    at_start = sum(is_open_before(t, span.start, reopen_window) for t in tickets)
    details = {"start": at_start, "end": len(at_end), "age_older": 0} | {name: 0 for _, name in _AGE_CLASSES}
    for ticket in at_end:
        age = span.end - ticket.opened
        details[next((name for days, name in _AGE_CLASSES if age < days * DAY), "age_older")] += 1
    open_ids = {t.id for t in at_end}
    details["breached"] = len(
        {
            j.subject.partition("#")[0]
            for j in resolutions(request, facts)
            if j.verdict is Verdict.BREACHED
            and j.deadline is not None
            and j.deadline < span.end
            and j.subject.partition("#")[0] in open_ids
        }
    )
    return _count(request, facts, "backlog", len(at_end), details)


def _count(request: Request, facts: Facts, indicator: str, value: int, details: dict[str, int]) -> Reading:
    window = _window(request, facts)
    coverage = window.coverage(facts.tickets.observed)
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
        reasons=window_reasons(window),
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
