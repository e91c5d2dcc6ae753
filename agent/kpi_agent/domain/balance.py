"""From one month's open incidents to the next: what the last report left open, and what is known otherwise since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kpi_agent.domain.evaluation import Balance, LeftOpen, Restated
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.caseload import cases, ticket_window
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.indicators.unit import counted_span
from kpi_agent.domain.reading import Reading
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval


def carry_over(reading: Reading, previous: LeftOpen | None) -> Reading:
    """Return a backlog with its start as the last report left it, and what is restated since; others unchanged."""
    if reading.indicator != "backlog" or reading.value is None or previous is None:
        return reading
    before = previous.counts.get(tuple(sorted(reading.scope.as_dict().items())))
    if before is None:
        return reading
    details = dict(reading.details)
    return replace(reading, details=details | {"start": before, "restated": details["start"] - before})


def balance_of(request: Request, facts: Facts, previous: LeftOpen | None, readings: Sequence[Reading]) -> Balance:
    """Return how the incidents of *request*, a whole period, follow from *previous*; *readings* are carried over."""
    span = counted_span(ticket_window(request, facts))
    found = cases(request, facts)
    at_start = {c.ticket.id: c.ticket for c in found if c.is_open_before(span.start)}
    at_end = sorted(c.ticket.id for c in found if c.is_open_before(span.end))
    restated: list[Restated] = []
    if previous is not None:
        came, went = at_start.keys() - previous.open, previous.open - at_start.keys()
        restated = [Restated(name, 1, _why_it_came(at_start[name], previous, span)) for name in sorted(came)]
        restated += [Restated(name, -1, _why_it_went(name, facts)) for name in sorted(went)]
    return Balance(previous, tuple(restated), tuple(at_end), _difference(readings))


def _why_it_came(ticket: Ticket, previous: LeftOpen, span: Interval) -> str:
    if ticket.id not in previous.known:
        return "late_row"
    if any(r.resolved < span.start for r in ticket.reopenings):
        return "reopened"
    return "edit" if ticket.edits else "told_later"


def _why_it_went(name: str, facts: Facts) -> str:
    ticket = next((t for t in facts.tickets.everyone() if t.id == name), None)
    if ticket is None:
        return "told_later"
    if facts.tickets.has_lost(name):
        return "lost"
    if ticket.withdrawn is not None:
        return "withdrawn"
    return "edit" if ticket.edits else "told_later"


def _difference(readings: Sequence[Reading]) -> int | None:
    whole = {r.indicator: r for r in readings if r.indicator in {"volume", "backlog"} and not r.scope.as_dict()}
    if len(whole) < 2 or any(r.value is None for r in whole.values()):  # noqa: PLR2004 - the two of them
        return None
    counts = {"restated": 0, **whole["volume"].details, **whole["backlog"].details}
    came = ("start", "restated", "opened", "reopened")
    went = ("resolved", "withdrawn", "lost", "end")
    return sum(counts[name] for name in came) - sum(counts[name] for name in went)
