"""From one month's open incidents to the next: what the last report left open, and what is known otherwise since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kpi_agent.domain.evaluation import Balance, LeftOpen, Restated
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.caseload import Case, cases, ticket_window
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.reading import Reading
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
    window = ticket_window(request, facts)
    end = max(window.span.start, min(window.span.end, window.as_of + 1))
    found = cases(request, facts)
    at_start = {c.ticket.id: c for c in found if c.is_open_before(window.span.start)}
    at_end = sorted(c.ticket.id for c in found if c.is_open_before(end))
    restated: list[Restated] = []
    if previous is not None:
        everyone = {c.ticket.id: c for c in found}
        here = Interval(window.span.start, end)
        restated = [_came(at_start[name], previous, here) for name in sorted(at_start.keys() - previous.open)]
        restated += [_went(name, everyone.get(name), facts) for name in sorted(previous.open - at_start.keys())]
    return Balance(previous, tuple(restated), tuple(at_end), _difference(readings))


def _came(case: Case, previous: LeftOpen, period: Interval) -> Restated:
    ticket = case.ticket
    if ticket.id not in previous.known:
        return Restated(ticket.id, 1, "late_row")
    if any(r.resolved < period.start for r in ticket.reopenings):
        return Restated(ticket.id, 1, "reopened")
    return Restated(ticket.id, 1, "edit" if ticket.edits else "told_later")


def _went(name: str, case: Case | None, facts: Facts) -> Restated:
    ticket = case.ticket if case is not None else next((t for t in facts.tickets.tickets if t.id == name), None)
    if ticket is None:
        return Restated(name, -1, "told_later")
    if name in facts.tickets.lost:
        return Restated(name, -1, "lost")
    if ticket.withdrawn is not None:
        return Restated(name, -1, "withdrawn")
    return Restated(name, -1, "edit" if ticket.edits else "told_later")


def _difference(readings: Sequence[Reading]) -> int | None:
    whole = {r.indicator: r for r in readings if r.indicator in {"volume", "backlog"} and not r.scope.as_dict()}
    if len(whole) < 2 or any(r.value is None for r in whole.values()):  # noqa: PLR2004 - the two of them
        return None
    counts = {**whole["volume"].details, **whole["backlog"].details}
    came = ("start", "restated", "opened", "reopened")
    went = ("resolved", "withdrawn", "lost", "end")
    return sum(counts.get(name, 0) for name in came) - sum(counts.get(name, 0) for name in went)
