"""Rows → tickets: one row each, or a history each when ids repeat; what is not trusted is set aside in the sheet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kpi_agent.collectors.tickets.events import TOLD, BadEvent, reduce_events
from kpi_agent.collectors.tickets.faults import BadRow
from kpi_agent.collectors.tickets.rows import RowReader
from kpi_agent.collectors.tickets.sheet import Row, Sheet
from kpi_agent.domain.source import EventLog, Profile
from kpi_agent.domain.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Gathered:
    """The tickets of a file in the order of their first rows, and whether it holds histories."""

    tickets: tuple[Ticket, ...]
    is_event_log: bool


def gather(sheet: Sheet, profile: Profile, reader: RowReader) -> Gathered:
    """Return the sheet's tickets; each row that is not part of one is added to ``sheet.rejected`` with its reason."""
    by_id: dict[str, list[Row]] = {}
    for row in sheet.rows:
        try:
            by_id.setdefault(reader.id(row), []).append(row)
        except BadRow as fault:
            sheet.reject(row, fault.code, fault.reason)
    sheet.rows.clear()  # a row is let go when its ticket is made: both for all tickets would double the memory
    log = profile.event_log
    if log is not None and _is_event_log(sheet, by_id, log):
        history = _History(sheet, reader, log)
        return Gathered(_found(history.ticket(i, by_id.pop(i)) for i in list(by_id)), is_event_log=True)
    return Gathered(_found(_single(sheet, by_id.pop(i), reader) for i in list(by_id)), is_event_log=False)


def _found(tickets: Iterable[Ticket | None]) -> tuple[Ticket, ...]:
    return tuple(t for t in tickets if t is not None)


def _is_event_log(sheet: Sheet, by_id: dict[str, list[Row]], log: EventLog) -> bool:
    """Whether some id repeats at different instants; the very same row twice is a page exported twice."""
    at = sheet.position(log.at)
    return at is not None and any(len({row.cells[at] for row in rows}) > 1 for rows in by_id.values() if len(rows) > 1)


class _History:
    """Makes one ticket of its rows; a ticket of which any row is rejected is rejected whole."""

    def __init__(self, sheet: Sheet, reader: RowReader, log: EventLog) -> None:
        self._sheet = sheet
        self._reader = reader
        self._log = log
        self._cannot_tell = reader.cannot_tell - TOLD

    def ticket(self, ticket_id: str, rows: list[Row]) -> Ticket | None:
        if (line := self._sheet.broken_ids.get(ticket_id)) is not None:
            for row in rows:
                self._sheet.reject(row, "incomplete_history", f"line {line} of the same ticket could not be read")
            return None
        try:
            return reduce_events(rows, self._reader, self._log, self._cannot_tell)
        except BadEvent as bad:
            for row in rows:
                if row is bad.row:
                    self._sheet.reject(row, bad.fault.code, bad.fault.reason)
                else:
                    reason = f"line {bad.row.line} of the same ticket was rejected"
                    self._sheet.reject(row, "incomplete_history", reason)
        return None


def _single(sheet: Sheet, rows: list[Row], reader: RowReader) -> Ticket | None:
    """Return the newest of a ticket's rows that can be trusted (the last among equals); the others are rejected."""
    read: list[tuple[Ticket, Row]] = []
    for row in rows:
        try:
            read.append((reader.ticket(row), row))
        except BadRow as fault:
            sheet.reject(row, fault.code, fault.reason)
    if not read:
        return None
    newest = max(range(len(read)), key=lambda i: (read[i][0].updated or read[i][0].opened, i))
    kept, kept_row = read[newest]
    for _, row in read:
        if row is not kept_row:
            sheet.reject(row, "repeated_id", f"ticket {kept.id} is again on line {kept_row.line}, which was kept")
    return kept
