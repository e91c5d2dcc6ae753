"""Rows → tickets: one row each, or a history each when ids repeat; what is not trusted is set aside in the sheet."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from kpi_agent.collectors.tickets.events import TOLD, BadEvent, reduce_events
from kpi_agent.collectors.tickets.faults import BadRow
from kpi_agent.collectors.tickets.recipe import row_digest
from kpi_agent.collectors.tickets.rows import RowReader
from kpi_agent.collectors.tickets.sheet import Row, Sheet
from kpi_agent.domain.export import Repeat
from kpi_agent.domain.source import EventLog, Profile
from kpi_agent.domain.ticket import Ticket
from kpi_agent.spool import Spool


class Familiar:
    """Rows that need not be understood, because it is known what they told; those met are *repeats*."""

    def __init__(self, versions: Mapping[bytes, int], *, is_kept: bool) -> None:
        """*versions*: digest of a row → the version that it told.

        *is_kept*: whether what the file's own rows tell may be known by their digests at all.
        """
        self.repeats: Spool[Repeat] = Spool(Repeat._make)
        self._versions = versions
        self._is_kept = is_kept

    def digest(self, row: Row) -> bytes:
        """Return what stands for the row, empty when nothing may."""
        return row_digest(row.cells) if self._is_kept else b""

    def has(self, row: Row, digest: bytes) -> bool:
        """Whether it is known what the row told; it counts as a repeat then."""
        version = self._versions.get(digest)
        if version is not None:
            self.repeats.append((version, row.line, digest))
        return version is not None


@dataclass(frozen=True, slots=True)
class Gathered:
    """The tickets of a file, whether it holds histories, and what those tickets leave unknown.

    *tickets* are read once, in the order of their last rows; each row that is not part of one is added to
    ``sheet.rejected`` with its reason on the way.
    """

    tickets: Iterator[Ticket]
    is_event_log: bool
    cannot_tell: frozenset[str]


def gather(
    sheet: Sheet, profile: Profile, reader: RowReader, familiar: Familiar, *, is_history: bool = False
) -> Gathered:
    """Return the sheet's tickets, each made when it is asked for; *is_history*: the rows are known to be changes."""
    repeated = _repeated(sheet, reader)
    log = profile.event_log
    if log is not None and (is_history or _is_event_log(sheet, repeated, reader, log)):
        history = _History(sheet, reader, log)
        tickets = _grouped(sheet, repeated, reader, history.ticket)
        return Gathered(tickets, is_event_log=True, cannot_tell=history.cannot_tell)
    rows = _Rows(sheet, reader, familiar)
    return Gathered(_grouped(sheet, repeated, reader, rows.ticket), is_event_log=False, cannot_tell=reader.cannot_tell)


def _repeated(sheet: Sheet, reader: RowReader) -> Mapping[str, int]:
    """Return how many rows each ticket has that has more than one."""
    # Hashes first: every id of a long file as text, only to find that none repeats, is a good part of its memory.
    hashes = sorted(array("q", (hash(name) for row in sheet.rows if (name := reader.known_id(row)) is not None)))
    twice = {one for one, other in pairwise(hashes) if one == other}
    if not twice:
        return {}
    names = (name for row in sheet.rows if (name := reader.known_id(row)) is not None and hash(name) in twice)
    return {name: count for name, count in Counter(names).items() if count > 1}


def _is_event_log(sheet: Sheet, repeated: Mapping[str, int], reader: RowReader, log: EventLog) -> bool:
    """Whether most rows are of ids that repeat at different instants.

    The very same row twice is a page exported twice, and a few tickets with two are pages between which they changed:
    taken for a log, such a list would tell responses and holds that nobody saw.
    """
    at = sheet.position(log.at)
    if at is None or not repeated:
        return False
    first: dict[str, str] = {}
    changing: set[str] = set()
    for row in sheet.rows:
        name = reader.known_id(row)
        if name is not None and name in repeated and first.setdefault(name, row.cells[at]) != row.cells[at]:
            changing.add(name)
    return 2 * sum(repeated[name] for name in changing) > len(sheet.rows)


def _grouped(
    sheet: Sheet, repeated: Mapping[str, int], reader: RowReader, made_of: Callable[[str, list[Row]], Ticket | None]
) -> Iterator[Ticket]:
    waiting: dict[str, list[Row]] = {}
    for row in sheet.rows:
        try:
            name = reader.id(row)
        except BadRow as fault:
            sheet.reject(row, fault.code, fault.reason)
            continue
        rows = [row]
        if name in repeated:
            rows = waiting.setdefault(name, [])
            rows.append(row)
            if len(rows) < repeated[name]:
                continue
            # Its rows are let go with it: a history is never held longer than it lasts in the file.
            del waiting[name]
        ticket = made_of(name, rows)
        if ticket is not None:
            yield ticket


class _History:
    """Makes one ticket of its rows; a ticket of which any row is rejected is rejected whole."""

    def __init__(self, sheet: Sheet, reader: RowReader, log: EventLog) -> None:
        self._sheet = sheet
        self._reader = reader
        self._log = log
        self.cannot_tell = reader.cannot_tell - TOLD

    def ticket(self, ticket_id: str, rows: list[Row]) -> Ticket | None:
        if (line := self._sheet.broken_ids.get(ticket_id)) is not None:
            for row in rows:
                self._sheet.reject(row, "incomplete_history", f"line {line} of the same ticket could not be read")
            return None
        try:
            return reduce_events(rows, self._reader, self._log, self.cannot_tell)
        except BadEvent as bad:
            for row in rows:
                if row is bad.row:
                    self._sheet.reject(row, bad.fault.code, bad.fault.reason)
                else:
                    reason = f"line {bad.row.line} of the same ticket was rejected"
                    self._sheet.reject(row, "incomplete_history", reason)
        return None


class _Rows:
    """Makes a ticket of one row; of several with one id, the newest that can be trusted counts (the last of equals)."""

    def __init__(self, sheet: Sheet, reader: RowReader, familiar: Familiar) -> None:
        self._sheet = sheet
        self._reader = reader
        self._familiar = familiar

    def ticket(self, _id: str, rows: list[Row]) -> Ticket | None:
        return self._only(rows[0]) if len(rows) == 1 else self._newest(rows)

    def _only(self, row: Row) -> Ticket | None:
        digest = self._familiar.digest(row)
        return None if digest and self._familiar.has(row, digest) else self._read(row, digest)

    def _newest(self, rows: list[Row]) -> Ticket | None:
        read = [(ticket, row) for row in rows if (ticket := self._read(row)) is not None]
        if not read:
            return None
        newest = max(range(len(read)), key=lambda i: (read[i][0].updated or read[i][0].opened, i))
        kept, kept_row = read[newest]
        for _, row in read:
            if row is not kept_row:
                reason = f"ticket {kept.id} is again on line {kept_row.line}, which was kept"
                self._sheet.reject(row, "repeated_id", reason)
        return kept

    def _read(self, row: Row, digest: bytes = b"") -> Ticket | None:
        try:
            return self._reader.ticket(row, digest=digest)
        except BadRow as fault:
            self._sheet.reject(row, fault.code, fault.reason)
            return None
