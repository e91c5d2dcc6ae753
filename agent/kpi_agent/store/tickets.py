"""Tickets in versions: what each export told, and what is known as of a given import."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby, pairwise
from operator import attrgetter

from sqlalchemy import Connection, func, select

from kpi_agent.domain.edits import Telling, edits
from kpi_agent.domain.errors import Overtaken, StoreError
from kpi_agent.domain.export import Export, ImportCounts, ImportRecord, KnownRows, RejectedRow
from kpi_agent.domain.ticket import Origin, Ticket
from kpi_agent.store.audit import append
from kpi_agent.store.digest import DAMAGE_ADVICE, Values, storable
from kpi_agent.store.engine import Database
from kpi_agent.store.holdings import Holdings, names_ticket
from kpi_agent.store.imports import VersionKey, import_row, newest, read_imports, version_key
from kpi_agent.store.intake import Intake, Tellings, Version
from kpi_agent.store.known_rows import read_known, replace_known
from kpi_agent.store.rows import change, next_id, part_rows, stored
from kpi_agent.store.schema import import_file, rejected_row, sighting, ticket_version
from kpi_agent.store.sightings import pack
from kpi_agent.store.ticket_content import decode


@dataclass(frozen=True, slots=True)
class Tickets:
    """The tickets of every source."""

    database: Database

    def take(self, export: Export, *, observed_from: int | None, now: int) -> ImportCounts:
        """Store what *export* tells that was not known, in one transaction, and return what changed.

        A file already taken from this source (by its hash) changes nothing. Of a ticket that the file names twice, the
        last row counts. A version equal to its neighbour in version order is *unchanged*. Raises StoreError,
        ExportRefused when the last ticket tells that the file is of no use, and Overtaken when the rows that it repeats
        are no longer those of the newest file.
        """
        # Before the transaction: others write while a long file is still being read.
        told = Tellings(export.tickets)
        with self.database.writing() as connection:
            files = dict(read_imports(connection, export.source))
            if any(file.sha256 == export.sha256 for file in files.values()):
                unchanged = len(told) + sum(1 for _ in export.repeats)
                return ImportCounts(export.rows, 0, 0, unchanged, len(export.rejected), is_repeat=True)
            if export.after is not None and newest(files).id != export.after:
                raise Overtaken(f"{export.file}: another file of {export.source} was taken meanwhile")
            number = next_id(connection, import_file)
            row = import_row(export, id=number, observed_from=observed_from, now=now)
            change(connection, import_file, [export.source], add=[row])
            change(connection, rejected_row, [], add=_rejected(export, number))
            files = dict(read_imports(connection, export.source))
            intake = Intake(connection, files[number], files)
            intake.repeat(export.repeats)
            change(connection, ticket_version, [export.source], add=intake.versions(told))
            change(connection, ticket_version, [export.source], add=intake.returns())
            if intake.seen:
                held = (number, export.source, pack(intake.seen))
                change(connection, sighting, [export.source], add=[held])
            if newest(files).id == number:
                replace_known(connection, export.source, import_id=number, recipe=export.recipe, held=intake.held)
            counts = ImportCounts(
                export.rows, intake.new, intake.changed, intake.unchanged, rejected=len(export.rejected)
            )
            _note(connection, export, counts, now)
            return counts

    def known_rows(self, source: str) -> KnownRows | None:
        """Return what the rows of the source's newest file told, None when that was not kept; StoreError at damage."""
        with self.database.reading() as connection:
            return read_known(connection, source)

    def tickets(self, source: str, *, newest_import: int | None = None, as_of: int | None = None) -> tuple[Ticket, ...]:
        """Return each ticket of *source* in its last version, by id, as the files up to *newest_import* tell it.

        With *as_of*, only exports of that instant or before count, whenever they came. The origin is the first file and
        line that told this version; its ``edits`` compare the versions before it. The answer does not depend on the
        order in which those files came, nor on files that come later. Raises StoreError when a row is damaged or
        missing.
        """
        with self.database.reading() as connection:
            files = _up_to(read_imports(connection, source), newest_import, as_of)
            return tuple(_newest_versions(connection, source, files))

    def lost(
        self,
        source: str,
        opened: Mapping[str, int],
        *,
        by_opening: bool,
        newest_import: int | None = None,
        as_of: int | None = None,
    ) -> Mapping[str, int]:
        """Return which of the open tickets (id → opening) newer complete exports no longer hold: ``Holdings.lost``."""
        with self.database.reading() as connection:
            files = _up_to(read_imports(connection, source), newest_import, as_of)
            return Holdings(connection, source, files).lost(opened, by_opening=by_opening)

    def last_held(self, source: str, names: Collection[str], *, among: Collection[int]) -> int | None:
        """Return the as-of of the newest of the files *among*, by number, that holds one of these tickets, or None."""
        with self.database.reading() as connection:
            files = {number: file for number, file in read_imports(connection, source).items() if number in among}
            return Holdings(connection, source, files).last_held(names)

    def share(self, source: str, one: int, other: int) -> bool:
        """Whether two files of *source*, by their numbers, hold a ticket both: others are of different kinds."""
        with self.database.reading() as connection:
            return Holdings(connection, source, {}).share(one, other)

    def imports(self, source: str, *, newest_import: int | None = None) -> tuple[ImportRecord, ...]:
        """Return the files taken from *source*, in the order of import; raises StoreError when one is damaged."""
        with self.database.reading() as connection:
            files = _up_to(read_imports(connection, source), newest_import)
        return tuple(files[number] for number in sorted(files))

    def changed(self, source: str, *, after: int, newest_import: int) -> frozenset[str]:
        """Return the tickets of which files after the import *after*, up to *newest_import*, told another version."""
        c = ticket_version.c
        came = (c.source == source, c.import_id > after, c.import_id <= newest_import)
        with self.database.reading() as connection:
            return frozenset(row[2] for row in stored(connection, ticket_version, *came))

    def rejected(self, source: str, ticket: str) -> tuple[tuple[str, RejectedRow], ...]:
        """Return the rejected rows of *source* that name *ticket*, with their file, in the order of import.

        A rejected row is text: one whose columns could not be told apart names whatever word stands in it.
        """
        found = []
        with self.database.reading() as connection:
            for number, file in sorted(read_imports(connection, source).items()):
                columns = rejected_row.c
                named = (columns.import_id == number, columns.raw.contains(ticket, autoescape=True))
                for _, _, line, code, reason, raw in sorted(stored(connection, rejected_row, *named)):
                    if names_ticket(raw, ticket):
                        found.append((file.file, RejectedRow(line, code, reason, raw)))
        return tuple(found)

    def rejected_in(self, number: int) -> tuple[RejectedRow, ...]:
        """Return the rejected rows of the *number*-th file, in the order of its lines; StoreError at a damaged one."""
        with self.database.reading() as connection:
            rows = sorted(stored(connection, rejected_row, rejected_row.c.import_id == number), key=lambda r: int(r[1]))
        return tuple(RejectedRow(line, code, reason, raw) for _, _, line, code, reason, raw in rows)

    def newest_import(self) -> int:
        """Return the number of the last file taken from any source, 0 before the first."""
        with self.database.reading() as connection:
            return int(connection.execute(select(func.coalesce(func.max(import_file.c.id), 0))).scalar_one())


def _up_to(
    files: Mapping[int, ImportRecord], newest_import: int | None, as_of: int | None = None
) -> Mapping[int, ImportRecord]:
    return {
        number: file
        for number, file in files.items()
        if (newest_import is None or number <= newest_import) and (as_of is None or file.as_of <= as_of)
    }


def _newest_versions(connection: Connection, source: str, files: Mapping[int, ImportRecord]) -> Iterator[Ticket]:
    holdings = Holdings(connection, source, files)
    with closing(part_rows(connection, ticket_version, [source], order_by=["ticket"])) as rows:
        previous: str | None = None
        for name, group in groupby((Version(*row) for row in rows), key=attrgetter("ticket")):
            if previous is not None and name <= previous:
                # The order comes from an index, whose entries carry no digest: a ticket would be counted twice.
                raise StoreError(f"ticket_version of {source}: index out of order at {name}; {DAMAGE_ADVICE}")
            previous = name
            versions = [version for version in group if version.import_id in files]
            if versions:
                yield _last_version(versions, holdings)


def _last_version(versions: list[Version], holdings: Holdings) -> Ticket:
    """Return the ticket as told last, with what earlier versions told otherwise; one version costs nothing extra."""
    files = holdings.files
    if len(versions) == 1:
        return _decoded(versions[0], files)
    versions.sort(key=lambda v: version_key(v.updated, files[v.import_id]))
    # A content is dated from when it was first told: what repeats it stands here or not, as the files came.
    told = [next(same) for _, same in groupby(versions, key=attrgetter("fingerprint"))]
    last = _decoded(told[-1], files)
    if len(told) == 1:
        return last
    tellings = [_telling(v, _decoded(v, files), files) for v in told[:-1]]
    tellings.append(_telling(told[-1], last, files))
    found = edits(tellings)
    if not last.priority_changes and any(edit.field == "priority" for edit in found):
        # Until when the earlier priority was still told decides verdicts; to ask it of every ticket would take seconds.
        found = edits([*_told_until(tellings, told, versions, holdings), tellings[-1]])
    return replace(last, edits=found) if found else last


def _told_until(
    tellings: Sequence[Telling], told: Sequence[Version], versions: Sequence[Version], holdings: Holdings
) -> Iterator[Telling]:
    """Yield all tellings but the last, each with the newest export before the next one that still told the same.

    What comes after the next one in the order of versions told it anew, whatever its as-of: it is no witness.
    """
    files = holdings.files
    for (one, version), (_, following) in pairwise(zip(tellings, told, strict=True)):
        end = version_key(following.updated, files[following.import_id])
        is_before = partial(_is_before, version.updated, end)
        same = [v for v in versions if v.fingerprint == version.fingerprint]
        first = files[version.import_id]
        again = (f for v in same if (f := files[v.import_id]).as_of > first.as_of and is_before(f))
        last = max(again, key=lambda f: f.as_of, default=first)
        yield replace(one, seen=holdings.told_until({v.id for v in same}, last, is_before=is_before))


def _is_before(updated: int | None, end: VersionKey, file: ImportRecord) -> bool:
    """Whether *file* told a version of this date before the one at *end* was told, and before its own date."""
    return file.as_of < end[0] and version_key(updated, file) < end


def _telling(version: Version, ticket: Ticket, files: Mapping[int, ImportRecord]) -> Telling:
    file = files[version.import_id]
    return Telling(ticket, at=version_key(version.updated, file)[0], seen=file.as_of)


def _decoded(version: Version, files: Mapping[int, ImportRecord]) -> Ticket:
    origin = Origin(files[version.import_id].file, version.line)
    return decode(version.content, source=version.source, id=version.ticket, origin=origin)


def _rejected(export: Export, number: int) -> Iterator[Values]:
    for position, row in enumerate(export.rejected):
        yield number, position, row.line, row.code, storable(row.reason), storable(row.raw)


def _note(connection: Connection, export: Export, counts: ImportCounts, now: int) -> None:
    detail = {
        "changed": counts.changed,
        "new": counts.new,
        "rejected": counts.rejected,
        "rows": counts.read,
        "sha256": export.sha256,
        "source": export.source,
        "unchanged": counts.unchanged,
    }
    append(connection, at=now, action="import", subject=storable(export.file), detail=detail)
