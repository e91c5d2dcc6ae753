"""One export on its way into the store: which tickets bring a new version, and where it stands among the others.

Any order of imports gives the same answers. What makes that true: of every stretch of versions with equal content,
the first one told by any file is a row. A version equal to the one before it is not stored, only *sighted*; when a late
file puts another content before a sighting, the first such sighting becomes a row of its own.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Connection

from kpi_agent.domain.export import ImportRecord, Repeat
from kpi_agent.domain.ticket import Ticket
from kpi_agent.spool import Spool
from kpi_agent.store.digest import Values, fingerprint, storable
from kpi_agent.store.imports import VersionKey, newest, version_key
from kpi_agent.store.known_rows import Held
from kpi_agent.store.rows import next_id, stored
from kpi_agent.store.schema import sighting, ticket_version
from kpi_agent.store.sightings import Sightings, unpack
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


class Telling(NamedTuple):
    """What a file tells of one ticket."""

    ticket: str
    updated: int | None
    line: int
    content: str
    row: bytes


class Tellings:
    """What a file tells, ticket by ticket, out of the memory's way."""

    def __init__(self, tickets: Iterable[Ticket]) -> None:
        self._all: Spool[Telling] = Spool(Telling._make)
        self._last: dict[str, int] = {}
        for place, ticket in enumerate(tickets):
            name = storable(ticket.id)
            self._last[name] = place
            self._all.append((name, ticket.updated, ticket.origin.line, encode(ticket), ticket.origin.row))

    def __len__(self) -> int:
        return len(self._last)

    def __iter__(self) -> Iterator[Telling]:
        # A file that names a ticket twice means its last row.
        return (telling for place, telling in enumerate(self._all) if self._last[telling.ticket] == place)


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

    After ``versions`` was read to its end, *seen* holds what the file only repeats, *held* what each of its rows told.
    """

    connection: Connection
    file: ImportRecord
    files: Mapping[int, ImportRecord]
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    seen: Sightings = field(default_factory=Sightings)
    held: Held = field(default_factory=Held)
    _returns: list[_Return] = field(default_factory=list)
    _newest: ImportRecord = field(init=False)

    def __post_init__(self) -> None:
        self._newest = newest(self.files)

    def versions(self, told: Iterable[Telling]) -> Iterator[Values]:
        """Yield a row for each version to store; each ticket of the file counts as new, changed or unchanged."""
        number = next_id(self.connection, ticket_version)
        rest = iter(told)
        while chunk := list(islice(rest, _CHUNK_TICKETS)):
            # Of the first file nothing is known; asking for each ticket would take a tenth of its time.
            known = self._known([telling.ticket for telling in chunk]) if len(self.files) > 1 else {}
            for telling in chunk:
                row = self._place(telling, known.get(telling.ticket, []), number)
                if row is not None:
                    yield row
                    number += 1

    def repeat(self, rows: Iterable[Repeat]) -> None:
        """Count rows of which it is known what they tell."""
        for version, line, digest in rows:
            self.seen.add(version, line)
            self.held.add(digest, version)
            self.unchanged += 1

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

    def _place(self, told: Telling, known: list[Version], number: int) -> Values | None:
        name, updated, line, content, _ = told
        mark = fingerprint(content)
        key = version_key(updated, self.file)
        ordered = sorted(known, key=self._key)
        place = bisect_left(ordered, key, key=self._key)
        before = ordered[place - 1] if place else None
        after = ordered[place] if place < len(ordered) else None
        if before is not None and before.fingerprint == mark:
            self.seen.add(before.id, line)
            self.unchanged += 1
            self._hold(told, before.id)
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
        self._hold(told, number)
        return Version(number, self.file.source, name, updated, self.file.id, line, mark, content)

    def _hold(self, told: Telling, version: int) -> None:
        # A row without *updated* is dated by its file: other versions may come to stand between it and what it told.
        if told.row and told.updated is not None:
            self.held.add(told.row, version)

    def _key(self, version: Version) -> VersionKey:
        return version_key(version.updated, self.files[version.import_id])

    def _held(self, import_id: int) -> Mapping[int, int]:
        for _, _, held in stored(self.connection, sighting, sighting.c.import_id == import_id):
            return unpack(held)
        return {}


def _is_between(item: _Return, file: ImportRecord) -> bool:
    key = version_key(item.updated, file)
    return item.low < key and (item.high is None or key < item.high)


def _line_of(item: _Return, held: Mapping[int, int]) -> int | None:
    return next((held[i] for i in item.same if i in held), None)
