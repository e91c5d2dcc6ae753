"""Which export held which ticket, and which open tickets a newer complete export no longer holds (indicators.md §4).

A file holds a ticket by a version that it told first, by one that it showed again (``sighting``), or in a row that
could not be trusted. All three are facts of the file, so the order of imports changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from kpi_agent.domain.export import ImportRecord
from kpi_agent.store.rows import part_rows, stored
from kpi_agent.store.schema import rejected_row, sighting, ticket_version
from kpi_agent.store.sightings import unpack

_CHUNK = 500  # of names in one statement
_KEPT = 32  # files whose tickets are at hand: a year of daily ones would take hundreds of megabytes
_Name = TypeVar("_Name", int, str)


def names_ticket(raw: str, ticket: str) -> bool:
    """Whether a rejected row names *ticket*: as its id, or as any word where its columns could not be told apart."""
    parts = raw.split("; ")
    if any(part.startswith("id=") for part in parts):
        return f"id={ticket}" in parts
    return re.search(rf"(?<![\w-]){re.escape(ticket)}(?![\w-])", raw) is not None


@dataclass(slots=True)
class Holdings:
    """What the *files* of one source hold."""

    connection: Connection
    source: str
    files: Mapping[int, ImportRecord]
    _packed: dict[int, bytes] | None = None
    _seen: dict[int, frozenset[int]] = field(default_factory=dict)
    _shared: dict[tuple[int, int], bool] = field(default_factory=dict)

    def lost(self, opened: Mapping[str, int], *, by_opening: bool) -> dict[str, int]:
        """Return those of the open tickets (id → opening) that are lost, each with the as-of of the last to hold it.

        *by_opening*: whether a source's partial exports hold what was opened in their span. An export that shares no
        ticket with the one that held the lost one is of another kind (requests beside incidents): it proves nothing.
        """
        newest = [f for f in self._newest_first() if f.is_proof(by_opening=by_opening)]
        if not newest or not opened:
            return {}
        lost = {}
        for ticket, last in self._last_files(opened).items():
            missing = [f for f in newest if f.as_of > last.as_of and f.should_hold(opened[ticket])]
            if missing and (last := self._rejected_in(ticket, last)).as_of < missing[0].as_of:
                missing = [f for f in missing if f.as_of > last.as_of]
                if any(self.share(last.id, f.id) for f in missing):
                    lost[ticket] = last.as_of
        return lost

    def told_until(
        self, versions: Collection[int], first: ImportRecord, *, is_before: Callable[[ImportRecord], bool]
    ) -> int:
        """Return the as-of of the newest file that showed one of these versions, of those that *is_before* takes.

        That of *first*, which told one of them, when none did since.
        """
        for file in self._newest_first():
            if file.as_of <= first.as_of:
                break
            if is_before(file) and not self._seen_in(file.id).isdisjoint(versions):
                return file.as_of
        return first.as_of

    def _newest_first(self) -> list[ImportRecord]:
        return sorted(self.files.values(), key=lambda f: (f.as_of, f.sha256), reverse=True)

    def last_held(self, names: Collection[str]) -> int | None:
        """Return the as-of of the newest file that holds one of these tickets, None when none does."""
        found = list(self._versions(names))
        told = [self.files[import_id] for _, _, import_id in found if import_id in self.files]
        last = max(told, key=lambda f: (f.as_of, f.sha256), default=None)
        versions = {number for number, _, _ in found}
        if last is None:
            return None
        newer = (f for f in self._newest_first() if _is_newer(f, last))
        return next((f.as_of for f in newer if not self._seen_in(f.id).isdisjoint(versions)), last.as_of)

    def _last_files(self, opened: Mapping[str, int]) -> dict[str, ImportRecord]:
        """Return the newest file that holds each ticket; files are opened from the newest on, until all are found."""
        last: dict[str, ImportRecord] = {}
        owners: dict[int, str] = {}
        for number, ticket, import_id in self._versions(opened):
            owners[number] = ticket
            file = self.files.get(import_id)
            if file is not None and (ticket not in last or _is_newer(file, last[ticket])):
                last[ticket] = file
        wanted = set(last)
        for file in self._newest_first():
            wanted = {ticket for ticket in wanted if _is_newer(file, last[ticket])}
            if not wanted:
                break
            for number in self._seen_in(file.id) & owners.keys():
                if owners[number] in wanted:
                    last[owners[number]] = file
        return last

    def _versions(self, tickets: Collection[str]) -> Iterator[tuple[int, str, int]]:
        c = ticket_version.c
        for names in _chunks(tickets):
            for row in stored(self.connection, ticket_version, c.source == self.source, c.ticket.in_(names)):
                yield row[0], row[2], row[4]

    def _seen_in(self, import_id: int) -> frozenset[int]:
        if self._packed is None:
            # Read whole: that one is missing must not go unseen, its tickets would be lost.
            rows = part_rows(self.connection, sighting, [self.source])
            self._packed = {number: held for number, _, held in rows}
        if import_id not in self._seen:
            if len(self._seen) >= _KEPT:
                del self._seen[next(iter(self._seen))]
            held = self._packed.get(import_id)
            self._seen[import_id] = frozenset() if held is None else frozenset(unpack(held))
        return self._seen[import_id]

    def _rejected_in(self, ticket: str, last: ImportRecord) -> ImportRecord:
        """Return the newest file that holds *ticket* when a rejected row counts too."""
        c = rejected_row.c
        for file in self._newest_first():
            if not _is_newer(file, last):
                break
            if file.rejected:
                named = (c.import_id == file.id, c.raw.contains(ticket, autoescape=True))
                rows = stored(self.connection, rejected_row, *named)
                if any(names_ticket(str(row[-1]), ticket) for row in rows):
                    return file
        return last

    def share(self, one: int, other: int) -> bool:
        """Whether two files hold a ticket both."""
        if (one, other) not in self._shared:
            # Daily exports repeat most tickets unchanged: the same versions, seen again or told by the first of them.
            seen = self._seen_in(one) & self._seen_in(other)
            self._shared[one, other] = bool(seen) or bool(self._tickets_in(one) & self._tickets_in(other))
        return self._shared[one, other]

    def _tickets_in(self, import_id: int) -> set[str]:
        c = ticket_version.c
        told = {row[2] for row in stored(self.connection, ticket_version, c.import_id == import_id)}
        for numbers in _chunks(self._seen_in(import_id)):
            told |= {row[2] for row in stored(self.connection, ticket_version, c.id.in_(numbers))}
        return told


def _is_newer(file: ImportRecord, than: ImportRecord) -> bool:
    return (file.as_of, file.sha256) > (than.as_of, than.sha256)


def _chunks(values: Collection[_Name]) -> Iterator[list[_Name]]:
    ordered = sorted(values)
    for start in range(0, len(ordered), _CHUNK):
        yield ordered[start : start + _CHUNK]
