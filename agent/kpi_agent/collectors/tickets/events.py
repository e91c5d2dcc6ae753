"""An event log (several rows per ticket) → one ticket each: its last row, and how it got there (indicators.md §4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from kpi_agent.collectors.tickets.faults import BadRow
from kpi_agent.collectors.tickets.rows import RowReader
from kpi_agent.collectors.tickets.sheet import Row
from kpi_agent.domain.source import EventLog
from kpi_agent.domain.ticket import Hold, HoldReason, PriorityChange, Reopening, State, Ticket

TOLD = frozenset({"responded", "holds", "reopened", "reopenings", "priority_changes"})
"""What an event log tells although the product's list does not."""

_SETTLED = frozenset({State.RESOLVED, State.CLOSED})


@dataclass(frozen=True, slots=True)
class Event:
    """A row of a ticket's history: from *at* on (epoch seconds) it was in *state*, under *priority*."""

    at: int
    row: Row
    state: State
    priority: str | None
    reason: HoldReason | None
    is_by_robot: bool = False


class BadEvent(Exception):
    """One row of a ticket cannot be trusted, so the ticket cannot."""

    def __init__(self, row: Row, fault: BadRow) -> None:
        self.row = row
        self.fault = fault
        super().__init__(fault.reason)


def reduce_events(
    rows: Sequence[Row], reader: RowReader, log: EventLog, cannot_tell: frozenset[str] = frozenset()
) -> Ticket:
    """Return the ticket that its rows (in file order) tell; raises BadEvent with the first row that is not trusted.

    It responded at the first row in a working state that no robot made. *cannot_tell* is what the history leaves
    unknown.
    """
    events = _in_time(rows, reader, log)
    last = events[-1]
    try:
        final = reader.ticket(last.row, state=last.state)
    except BadRow as fault:
        raise BadEvent(last.row, fault) from fault
    human = [e for e in events if not e.is_by_robot]
    responded = next((e.at for e in human if e.state in log.working), None)
    started = next((e.at for e in human if e.state is State.IN_PROGRESS), None)
    assigned = next((e.at for e in human if reader.has_assignee(e.row)), None)
    reopenings = reopenings_in(events)
    return replace(
        final,
        updated=last.at,
        responded=final.responded if final.responded is not None else responded,
        started=final.started if final.started is not None else started,
        assigned=final.assigned if final.assigned is not None else assigned,
        reopen_count=final.reopen_count if final.reopen_count is not None else len(reopenings),
        reopenings=reopenings,
        priority_changes=priority_changes_in(events),
        holds=holds_in(events),
        hold_reason=None,  # each hold has its own
        cannot_tell=cannot_tell,
        tells=final.tells | {"started"} | ({"assigned"} if reader.tells_assignee else set()),
    )


def holds_in(events: Sequence[Event]) -> tuple[Hold, ...]:
    """Return a hold per run of waiting rows with one reason, up to the next row; open when the last row waits."""
    holds: list[Hold] = []
    start, reason = None, None
    for event in events:
        waits = event.state is State.WAITING
        if start is not None and not (waits and event.reason is reason):
            holds.append(Hold(start, event.at, reason))
            start = None
        if waits and start is None:
            start, reason = event.at, event.reason
    if start is not None:
        holds.append(Hold(start, None, reason))
    return tuple(h for h in holds if h.end is None or h.end > h.start)


def reopenings_in(events: Sequence[Event]) -> tuple[Reopening, ...]:
    """Return each return from resolved or closed to work; resolved is the first such row of its run."""
    found: list[Reopening] = []
    settled: int | None = None
    for event in events:
        if event.state in _SETTLED:
            settled = event.at if settled is None else settled
        elif event.state is State.CANCELLED:
            settled = None
        elif settled is not None:
            found.append(Reopening(settled, event.at))
            settled = None
    return tuple(found)


def priority_changes_in(events: Sequence[Event]) -> tuple[PriorityChange, ...]:
    """Return each row whose priority differs from the row before."""
    return tuple(
        PriorityChange(now.at, before.priority, now.priority)
        for before, now in pairwise(events)
        if before.priority != now.priority
    )


def _in_time(rows: Sequence[Row], reader: RowReader, log: EventLog) -> list[Event]:
    """Return the rows as events by instant, file order among equal ones; a row without state keeps the one before."""
    dated: list[tuple[int, Row]] = []
    previous: int | None = None
    for row in rows:
        try:
            reader.milestones(row)
            at = reader.instant(row, log.at, previous)
            if at is None:
                raise BadRow("no_instant", f"a row of an event log without its instant (field `{log.at}`)")  # noqa: TRY301 - one place turns faults of a row into BadEvent
        except BadRow as fault:
            raise BadEvent(row, fault) from fault
        dated.append((at, row))
        previous = at
    dated.sort(key=lambda item: item[0])
    events: list[Event] = []
    for at, row in dated:
        before = events[-1] if events else None
        try:
            told = reader.state(row)
            state = told or (before.state if before else State.NEW)
            reason = None
            if state is State.WAITING:
                reason = before.reason if told is None and before else reader.hold_reason(row)
            events.append(Event(at, row, state, reader.priority(row), reason, reader.is_by_robot(row)))
        except BadRow as fault:
            raise BadEvent(row, fault) from fault
    return events
