"""One export on its way into the store: which tickets bring a new version, and where it stands among the others.

Any order of imports gives the same answers. What makes that true: of every stretch of versions with equal content,
the first one told by any file is a row. A version equal to the one before it is not stored, only *sighted*; when a late
file puts another content before a sighting, the first such sighting becomes a row of its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection

from kpi_agent.domain.export import ImportRecord
from kpi_agent.domain.ticket import Ticket
from kpi_agent.store.digest import Values, fingerprint, storable
from kpi_agent.store.imports import VersionKey, version_key
from kpi_agent.store.rows import next_id, stored
from kpi_agent.store.schema import sighting, ticket_version
from kpi_agent.store.sightings import unpack
from kpi_agent.store.ticket_content import encode

_CHUNK_TICKETS = 1000


class Version(NamedTuple):
    """A stored version of a ticket, as its row."""

    id: int
    source: str
    ticket: str
    updated: int | None
    import_id: int
    line: int
    fingerprint: bytes
    content: str


class _Return(NamedTuple):
    """A content that a late version interrupts: it may have been sighted again between *low* and *high*."""

    before: int
    updated: int | None
    same: frozenset[int]
    low: VersionKey
    high: VersionKey | None


@dataclass(slots=True)
class Intake:
    """The versions that one file brings. *files* are all files of the source, this one included.

    After ``versions`` was read to its end, *seen* holds (version id, line) of what the file only repeats.
    """

    connection: Connection
    file: ImportRecord
    files: Mapping[int, ImportRecord]
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    seen: list[tuple[int, int]] = field(default_factory=list)
    _returns: list[_Return] = field(default_factory=list)
    _newest: ImportRecord = field(init=False)

    def __post_init__(self) -> None:
        self._newest = max(self.files.values(), key=lambda f: (f.as_of, f.sha256))

    def versions(self, tickets: Iterable[Ticket]) -> Iterator[Values]:
        """Yield a row for each version to store; each ticket of the file counts as new, changed or unchanged."""
        number = next_id(self.connection, ticket_version)
        rest = iter(_one_each(tickets))
        while chunk := list(islice(rest, _CHUNK_TICKETS)):
            # Of the first file nothing is known; asking for each ticket would take a tenth of its time.
            known = self._known([ticket.id for ticket in chunk]) if len(self.files) > 1 else {}
            for ticket in chunk:
                row = self._place(ticket, known.get(ticket.id, []), number)
                if row is not None:
                    yield row
                    number += 1

    def returns(self) -> Iterator[Values]:
        """Yield a row for each content that came back after a version of this file, at its first sighting since."""
        number = next_id(self.connection, ticket_version)
        pending = self._returns
        for file in sorted(self.files.values(), key=lambda f: (f.as_of, f.sha256)):
            here = [p for p in pending if _is_between(p, file)] if file.id != self.file.id else []
            if not here:
                continue
            held = self._held(file.id)
            found = [(p, line) for p in here if (line := _line_of(p, held)) is not None]
            for item, line in found:
                for row in stored(self.connection, ticket_version, ticket_version.c.id == item.before):
                    yield Version(*row)._replace(id=number, import_id=file.id, line=line)
                    number += 1
            done = {p.before for p, _ in found}
            pending = [p for p in pending if p.before not in done]

    def _known(self, ids: Sequence[str]) -> Mapping[str, list[Version]]:
        columns = ticket_version.c
        known: dict[str, list[Version]] = {}
        for row in stored(self.connection, ticket_version, columns.source == self.file.source, columns.ticket.in_(ids)):
            version = Version(*row)
            known.setdefault(version.ticket, []).append(version)
        return known

    def _place(self, ticket: Ticket, known: list[Version], number: int) -> Values | None:
        content = encode(ticket)
        mark = fingerprint(content)
        key = version_key(ticket.updated, self.file)
        ordered = sorted(known, key=self._key)
        place = bisect_left(ordered, key, key=self._key)
        before = ordered[place - 1] if place else None
        after = ordered[place] if place < len(ordered) else None
        if before is not None and before.fingerprint == mark:
            self.seen.append((before.id, ticket.origin.line))
            self.unchanged += 1
            return None
        if not known:
            self.new += 1
        elif after is not None and after.fingerprint == mark:
            self.unchanged += 1  # nothing new, only known since earlier
        else:
            self.changed += 1
        if before is not None and version_key(before.updated, self._newest) > key:
            same = frozenset(v.id for v in known if v.fingerprint == before.fingerprint)
            high = None if after is None else self._key(after)
            self._returns.append(_Return(before.id, before.updated, same, key, high))
        line = ticket.origin.line
        return Version(number, self.file.source, ticket.id, ticket.updated, self.file.id, line, mark, content)

    def _key(self, version: Version) -> VersionKey:
        return version_key(version.updated, self.files[version.import_id])

    def _held(self, import_id: int) -> Mapping[int, int]:
        for _, _, held in stored(self.connection, sighting, sighting.c.import_id == import_id):
            return unpack(held)
        return {}


def _one_each(tickets: Iterable[Ticket]) -> Iterable[Ticket]:
    # A file that names a ticket twice means its last row (inputs.md: a row per event).
    return {(name := storable(t.id)): t if t.id == name else replace(t, id=name) for t in tickets}.values()


def _is_between(item: _Return, file: ImportRecord) -> bool:
    key = version_key(item.updated, file)
    return item.low < key and (item.high is None or key < item.high)


def _line_of(item: _Return, held: Mapping[int, int]) -> int | None:
    return next((held[i] for i in item.same if i in held), None)
