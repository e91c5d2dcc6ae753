"""What a period's incidents are made of: each thing to judge, and what became of it there (indicators.md §4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kpi_agent.domain.calendar import FOREVER
from kpi_agent.domain.facts import Facts, Window
from kpi_agent.domain.indicators.caseload import Case, cases, ticket_window
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval
from kpi_agent.domain.verdict import Judgement, Verdict

WITHDRAWN = ("merged", "moved_out", "withdrawn")
"""Why a withdrawn ticket is judged no more: it goes on in another, left the contract, or was cancelled."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing to judge on one clock: a taking-up of a ticket, from opening or a late reopening on, or its response.

    *place* counts taking-ups from 0; *is_seen*: it was not done yet at some instant of the period. *done* is known also
    where nothing was promised and so nothing judged.
    """

    case: Case
    place: int
    judgement: Judgement
    is_seen: bool
    done: int | None

    @property
    def ticket(self) -> Ticket:
        """Its ticket."""
        return self.case.ticket

    @property
    def is_last(self) -> bool:
        """Whether the ticket was not taken up again after it."""
        return self.place == len(self.case.resolutions) - 1


def counted_span(window: Window) -> Interval:
    """Return the part of a window's span in which tickets are counted.

    An export knows what happened at its very as-of instant too: an archive's as-of is that of its newest row.
    """
    return Interval(window.span.start, max(window.span.start, min(window.span.end, window.as_of + 1)))


def resolution_units(request: Request, facts: Facts) -> Iterator[Unit]:
    """Yield the resolutions that the request's span is about: open in it, or decided in it."""
    span = counted_span(ticket_window(request, facts))
    for case in cases(request, facts):
        for place, (opened, judgement) in enumerate(zip(case.open, case.resolutions, strict=True)):
            is_unfinished = opened.end >= FOREVER or case.ticket.withdrawn is not None or case.lost is not None
            ended = None if is_unfinished and place == len(case.open) - 1 else opened.end
            yield from _touching(case, place, judgement, opened, span, ended)


def response_units(request: Request, facts: Facts) -> Iterator[Unit]:
    """Yield the responses that the request's span is about: awaited in it, or decided in it."""
    span = counted_span(ticket_window(request, facts))
    for case in cases(request, facts):
        yield from _touching(case, 0, case.response, awaited(case), span, case.ticket.responded)


def awaited(case: Case) -> Interval:
    """Return when a response was awaited: to the response, else to the first end of the ticket, which makes it moot."""
    end = case.open[0].end if case.response.done is None else case.response.done
    return Interval(case.ticket.opened, max(case.ticket.opened, end))


def _touching(
    case: Case, place: int, judgement: Judgement, pending: Interval, span: Interval, ended: int | None
) -> Iterator[Unit]:
    """Yield the unit if it is of *span*; *ended* is when it was done by the milestones, whatever was promised."""
    is_seen = pending.start < span.end and pending.end >= span.start
    if is_seen or judgement.is_decided_in(span):
        is_promised = "without_limit" not in judgement.notes
        yield Unit(case, place, judgement, is_seen, judgement.done if is_promised else ended)


def class_of(unit: Unit, span: Interval, *, is_lost: bool) -> str:
    """Return what became of a unit in *span*: a verdict, ``running``, or the reason why it is not judged there.

    ``earlier``: it was decided before, and counted then.
    """
    judgement, ticket = unit.judgement, unit.ticket
    if judgement.verdict is Verdict.NOT_JUDGED:
        is_over = ticket.withdrawn is not None and unit.is_last
        if "without_limit" in judgement.notes and not is_over:
            return "without_priority" if ticket.priority is None else "without_limit"
        return next((name for name in WITHDRAWN if name in judgement.notes), "withdrawn")
    if judgement.decided is None or judgement.decided >= span.end:
        return "lost" if is_lost else Verdict.RUNNING.value
    return "earlier" if judgement.decided < span.start else judgement.verdict.value
