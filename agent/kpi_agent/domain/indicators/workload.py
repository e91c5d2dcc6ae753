"""What incidents cost those who work on them: reopenings, hours outside office hours, product teams, money (§4)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from fractions import Fraction

from kpi_agent.domain.calendar import ServiceCalendar
from kpi_agent.domain.facts import Facts, Window
from kpi_agent.domain.indicators.attainment import window_reasons
from kpi_agent.domain.indicators.caseload import (
    Case,
    cases,
    ticket_coverage,
    ticket_window,
    told_reasons,
)
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.indicators.unit import counted_span
from kpi_agent.domain.reading import Origin, Reading, Unit, money, share
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval

OFFICE = "office"
"""The contract's calendar that working hours are taken from."""


def finished(request: Request, facts: Facts) -> list[Case]:
    """Return the incidents resolved in the span for the last time, each once; withdrawn and lost ones are none."""
    span = counted_span(ticket_window(request, facts))
    return [
        c for c in cases(request, facts) if c.ticket.withdrawn is None and c.lost is None and c.open[-1].end in span
    ]


def _share(  # noqa: PLR0913 - each part is a number of the reading
    indicator: str,
    request: Request,
    facts: Facts,
    *,
    counts: tuple[int, int, int],
    n: int,
    details: dict[str, int],
    unknown: str,
    evidence: tuple[str, ...] = (),
) -> Reading:
    """Return a share of *counts*: numerator, denominator, and what is in neither for the desk does not tell.

    Coverage is that of the exports, or the told part where that is less; *unknown* is the reason then.
    """
    part, whole, untold = counts
    window = ticket_window(request, facts)
    source = ticket_coverage(request, window, facts)
    told = Fraction(whole, whole + untold) if untold else Fraction(1)
    return Reading(
        indicator=indicator,
        scope=request.scope,
        unit=Unit.RATIO,
        value=share(part, whole),
        n=n,
        numerator=part,
        denominator=whole,
        coverage=min(source, told),
        source_coverage=source,
        as_of=window.as_of,
        lowest=share(part, whole + untold) if untold else None,
        highest=share(part + untold, whole + untold) if untold else None,
        undetermined=untold,
        origin=Origin.EXPORTED,
        details=details,
        reasons=_reasons(window, facts) + ((unknown,) if untold else ()),
        evidence=evidence,
    )


def _reasons(window: Window, facts: Facts) -> tuple[str, ...]:
    return window_reasons(window) + told_reasons(facts)


def _reopen_rate(request: Request, facts: Facts) -> Reading:
    """Resolved incidents reopened within the window / resolved, in the month of their first resolution."""
    window = ticket_window(request, facts)
    span = counted_span(window)
    again, whole, untold, pending = [], 0, 0, 0
    for case in cases(request, facts):
        resolved = _first_resolution(case)
        if resolved is None or resolved not in span:
            continue
        ticket, limit = case.ticket, case.scope.reopen_window
        if not ticket.reopenings and ticket.reopen_count != 0:
            untold += 1
            continue
        whole += 1
        reopened = ticket.reopenings[0].reopened if ticket.reopenings else None
        if reopened is not None and reopened - resolved <= limit and reopened <= window.as_of:
            again.append(ticket.id)
        elif resolved + limit > window.as_of:
            pending += 1
    return _share(
        "reopen_rate",
        request,
        facts,
        counts=(len(again), whole, untold),
        n=whole,
        details={"pending": pending},
        unknown="reopenings_unknown",
        evidence=tuple(again),
    )


def _first_resolution(case: Case) -> int | None:
    """Return when it was resolved for the first time, None for one withdrawn; what is open ends in no period.

    Closing bounds a resolution that is not told.
    """
    ticket = case.ticket
    if ticket.reopenings:
        return ticket.reopenings[0].resolved
    return case.open[0].end if ticket.withdrawn is None else None


def _out_of_hours_share(request: Request, facts: Facts) -> Reading:
    """Incidents worked on outside the ``office`` calendar / incidents worked on in the span, by what people did then.

    Without such a calendar nothing is measured. An incident whose response the desk does not tell is unknown when
    that may have been outside, and no other act was.
    """
    span = counted_span(ticket_window(request, facts))
    calendar = request.version.calendars.get(OFFICE)
    outside, whole, untold = [], 0, 0
    for case in cases(request, facts):
        acts = [i for i in _acts(case) if i in span]
        if not acts:
            continue
        if calendar is None:
            untold += 1
        elif any(_is_outside(calendar, i) for i in acts):
            whole += 1
            outside.append(case.ticket.id)
        elif _may_hide_more(case, calendar, span):
            untold += 1
        else:
            whole += 1
    return _share(
        "out_of_hours_share",
        request,
        facts,
        counts=(len(outside), whole, untold),
        n=whole,
        details={},
        unknown="no_office_calendar" if calendar is None else "responses_unknown",
        evidence=tuple(outside),
    )


def _acts(case: Case) -> Iterator[int]:
    """Yield the instants at which people are known to have worked on it."""
    ticket = case.ticket
    told = (ticket.assigned, ticket.started, ticket.replied, ticket.resolved, case.response.done)
    yield from (i for i in told if i is not None)
    yield from (r.resolved for r in ticket.reopenings)


def _is_outside(calendar: ServiceCalendar, instant: int) -> bool:
    return calendar.elapsed(instant, instant + 1) == 0


def _may_hide_more(case: Case, calendar: ServiceCalendar, span: Interval) -> bool:
    """Whether a response that the desk does not tell may lie outside office hours, between opening and resolution."""
    ticket = case.ticket
    if case.response.done is not None or not _is_response_untold(ticket):
        return False
    pending = Interval(ticket.opened, max(ticket.opened, case.open[0].end)).clip(span)
    return calendar.elapsed(pending.start, pending.end) < pending.seconds


def _is_response_untold(ticket: Ticket) -> bool:
    return "responded" in ticket.cannot_tell or ticket.response_duration is not None


def _is_of_teams(case: Case) -> bool:
    group = str(case.ticket.group).casefold()
    return any(fnmatchcase(group, glob.casefold()) for glob in case.scope.product_teams)


def _product_team_share(request: Request, facts: Facts) -> Reading:
    """Hours (else incidents) of the groups that the contract names as product teams / all, of those resolved.

    Hours where each of them tells its time. An incident without a group is in neither part.
    """
    found = finished(request, facts)
    named = [c for c in found if c.ticket.group is not None and c.scope.product_teams]
    done, told = [c.ticket for c in found], [c.ticket for c in named]
    carried = [c.ticket for c in named if _is_of_teams(c)]
    is_timed = all(t.time_spent is not None for t in done) and bool(_seconds(told))
    counts = (len(carried), len(told), len(done) - len(told))
    if is_timed:
        counts = (_seconds(carried), _seconds(told), _seconds(done) - _seconds(told))
    return _share(
        "product_team_share",
        request,
        facts,
        counts=counts,
        n=len(told),
        details={
            "incidents": len(done),
            "of_teams": len(carried),
            "seconds": _seconds(done),
            "seconds_of_teams": _seconds(carried),
            "is_timed": int(is_timed),
        },
        unknown="groups_unknown" if any(c.scope.product_teams for c in found) else "no_product_teams",
    )


def _seconds(tickets: Sequence[Ticket]) -> int:
    return sum(t.time_spent or 0 for t in tickets)


def _interruption_cost(request: Request, facts: Facts) -> Reading:
    """Money for the hours worked on the incidents resolved in the span, *estimated*; the hours stand in the details.

    Of incidents that tell no time nothing is known: the sum is a lower bound then, and coverage is the told part.
    """
    return _cost_of([c.ticket for c in finished(request, facts)], request, facts)


def costs_by_service(request: Request, facts: Facts) -> Iterator[Reading]:
    """Yield ``interruption_cost`` for each service with an incident that tells its time, by name."""
    found: dict[str, list[Ticket]] = defaultdict(list)
    for case in finished(request, facts):
        if case.ticket.service is not None:
            found[case.ticket.service].append(case.ticket)
    for service, done in sorted(found.items()):
        if any(t.time_spent is not None for t in done):
            yield _cost_of(done, replace(request, scope=replace(request.scope, service=service)), facts)


def _cost_of(done: Sequence[Ticket], request: Request, facts: Facts) -> Reading:
    window = ticket_window(request, facts)
    source = ticket_coverage(request, window, facts)
    told = [t for t in done if t.time_spent is not None]
    rate, untold = request.version.hourly_rate, len(done) - len(told)
    reasons = _reasons(window, facts) + (("time_untold",) if untold else ()) + (("no_rate",) if rate is None else ())
    is_known = bool(told) or not untold
    return Reading(
        indicator="interruption_cost",
        scope=request.scope,
        unit=Unit.MONEY,
        value=money(_seconds(told), rate) if is_known else None,
        n=len(told),
        coverage=min(source, Fraction(len(told), len(done))) if untold else source,
        source_coverage=source,
        as_of=window.as_of,
        undetermined=untold,
        origin=Origin.EXPORTED,
        details={"seconds": _seconds(told), "incidents": len(done)},
        reasons=reasons,
    )


INDICATORS = (
    Indicator("reopen_rate", Unit.RATIO, "incidents", is_more_better=False, measure=_reopen_rate),
    Indicator("out_of_hours_share", Unit.RATIO, "incidents", is_more_better=False, measure=_out_of_hours_share),
    Indicator("product_team_share", Unit.RATIO, "incidents", is_more_better=False, measure=_product_team_share),
    Indicator("interruption_cost", Unit.MONEY, "incidents", is_more_better=False, measure=_interruption_cost),
)
