"""The road of an export: bytes → rows → columns → dates → as-of instant → tickets, and a reason per row left out."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from kpi_agent.collectors.tickets import spreadsheet
from kpi_agent.collectors.tickets.asof import export_instant
from kpi_agent.collectors.tickets.cells import first_value
from kpi_agent.collectors.tickets.dates import AmbiguousDates, DateColumn, read_columns
from kpi_agent.collectors.tickets.decode import CUT_SHORT, open_text
from kpi_agent.collectors.tickets.encoding import MAX_BYTES
from kpi_agent.collectors.tickets.faults import refusal
from kpi_agent.collectors.tickets.gather import Familiar, gather
from kpi_agent.collectors.tickets.json_records import looks_like_json, open_records
from kpi_agent.collectors.tickets.profile import DATES
from kpi_agent.collectors.tickets.recipe import recipe_of
from kpi_agent.collectors.tickets.rows import SIGNS, Pseudonym, Reading, RowReader
from kpi_agent.collectors.tickets.sheet import Sheet, take_sheet
from kpi_agent.collectors.tickets.table import Table
from kpi_agent.domain.export import Export, KnownRows
from kpi_agent.domain.source import Profile, TicketSource
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import zone

_HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    sha256: str
    modified: int
    table: Table


def read_export(
    path: Path,
    source: TicketSource,
    *,
    as_of: int | None,
    now: int,
    pseudonym: Pseudonym | None = None,
    known: KnownRows | None = None,
) -> Export:
    """Return what one CSV file says: its tickets, its as-of instant, and one RejectedRow for each row not trusted.

    Data rows = rows of accepted tickets + repeats + rejected rows, always. *as_of* overrides the file's own instant;
    *now* bounds it (epoch seconds). Without *pseudonym* no assignee is kept. *known* rows, if they were read in the
    same way, make no ticket: they are the export's ``repeats``. Raises ExportRefused, with what to do, when the file as
    a whole is of no use: missing, not readable, binary, empty, of unclear encoding, cut short, with an open quote,
    without a required column, or with dates that can be read in two ways. The export's ``tickets`` raise it at their
    end for a file without one usable row, or with half a row at its end: they are made one by one, and only then known.
    """
    with _opened(path) as handle:
        file, sheet = _load(handle, path.name, source.profile)
    dates = _read_dates(sheet, source, file)
    instants = _instants(sheet, dates, source.profile)
    taken = export_instant(file.name, source, instants, given=as_of, modified=file.modified, now=now)
    basis = source.hold_basis or source.profile.hold_basis
    reading = Reading(
        source.name,
        file.name,
        taken,
        basis,
        _cannot_tell(sheet, source),
        _tells(sheet),
        pseudonym,
        file.table.is_sparse,
        source.robots,
    )
    count = len(sheet.rows) + len(sheet.rejected)
    reader = RowReader(sheet, source.profile, dates, reading)
    # A pseudonym depends on keys that come and go, so its rows are read each time.
    recipe = recipe_of(source, file.table, sheet, dates, reader) if pseudonym is None else ""
    is_next = known is not None and known.recipe == recipe and known.as_of < taken
    familiar = Familiar(known.versions if known is not None and is_next else {}, is_kept=bool(recipe))
    gathered = gather(sheet, source.profile, reader, familiar, is_history=file.table.is_history)
    return Export(
        source=source.name,
        file=file.name,
        sha256=file.sha256,
        as_of=taken,
        rows=count,
        tickets=_usable(gathered.tickets, familiar, sheet, file.name, source),
        rejected=sheet.rejected,
        columns=dict(sheet.headers),
        unused=sheet.unused,
        date_formats={name: column.format for name, column in dates.items() if column.format},
        cannot_tell=gathered.cannot_tell,
        is_truncated=file.table.is_partial or count in source.profile.truncation,
        is_event_log=gathered.is_event_log,
        encoding=file.table.encoding,
        delimiter=file.table.delimiter,
        recipe=recipe,
        after=known.import_id if known is not None and is_next else None,
        repeats=familiar.repeats,
    )


def _usable(
    tickets: Iterator[Ticket], familiar: Familiar, sheet: Sheet, file: str, source: TicketSource
) -> Iterator[Ticket]:
    """Yield the tickets of a file; raise ExportRefused at the end of one that is of no use after all."""
    count = len(sheet.rows) + len(sheet.rejected)
    is_any = False
    for ticket in tickets:
        is_any = True
        yield ticket
    sheet.rejected.sort(key=lambda r: r.line)
    # A last row without a line end that cannot be read is the beginning of one.
    if any(r.line == sheet.open_line for r in sheet.rejected):
        raise refusal(file, CUT_SHORT, sheet.open_line)
    if not is_any and not familiar.repeats and (count or source.contains.what == "all"):
        raise refusal(file, _nothing_usable(sheet, count))


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Open a regular file that is no link, without waiting for the other end of a pipe."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise refusal(path.name, _why_not(path, error)) from error
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise refusal(path.name, "this is no regular file but a folder, pipe or device")
        if status.st_size > MAX_BYTES:
            raise refusal(path.name, f"{status.st_size} bytes, more than {MAX_BYTES}; export a shorter span")
        yield handle
    finally:
        os.close(handle)


def _why_not(path: Path, error: OSError) -> str:
    if path.is_symlink():
        return "this is a symbolic link; name the file itself"
    if isinstance(error, FileNotFoundError):
        return f"there is no such file ({path})"
    if isinstance(error, PermissionError):
        return f"no permission to read it ({path}); give the agent's user read access"
    return f"it cannot be opened: {error.strerror}"


def _load(handle: int, name: str, profile: Profile) -> tuple[_File, Sheet]:
    before = os.fstat(handle)
    stream = os.fdopen(handle, "rb", closefd=False)
    sha256 = _digest(stream)
    table = _open_table(stream, name, profile)
    sheet = take_sheet(table, profile, name)
    after = os.fstat(handle)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise refusal(name, "the file changed while it was read: it is still being written; import it again")
    return _File(name, sha256, int(before.st_mtime), table), sheet


def _open_table(stream: BinaryIO, name: str, profile: Profile) -> Table:
    """Open a file as what its first bytes say that it is, whatever its name."""
    head = stream.read(_HEAD_BYTES)
    stream.seek(0)
    if head.startswith(spreadsheet.MAGIC):
        return spreadsheet.open_workbook(stream, name, profile)
    if looks_like_json(head):
        return open_records(stream, name, profile)
    return open_text(stream, name, profile)


def _digest(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := stream.read(1024 * 1024):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()


def _read_dates(sheet: Sheet, source: TicketSource, file: _File) -> Mapping[str, DateColumn]:
    headers = {name: sheet.headers[name] for name in DATES if name in sheet.fields}
    formats = source.profile.date_formats if source.date_format is None else (source.date_format,)
    if file.table.date_format and file.table.date_format not in formats:
        formats = (*formats, file.table.date_format)
    try:
        return read_columns(headers, _Dates(sheet, tuple(headers), source.profile), formats, zone(source.timezone))
    except (AmbiguousDates, ValueError) as error:
        raise refusal(file.name, str(error)) from error


@dataclass(frozen=True, slots=True)
class _Dates:
    """The date cells of a sheet, row by row, as often as they are asked for."""

    sheet: Sheet
    names: tuple[str, ...]
    profile: Profile

    def __iter__(self) -> Iterator[Sequence[str]]:
        joiner = self.profile.multi_value
        cells = self.sheet.columns(self.names)
        return cells if joiner is None else ([first_value(text, joiner) for text in row] for row in cells)


def _instants(sheet: Sheet, dates: Mapping[str, DateColumn], profile: Profile) -> Iterator[int]:
    """Yield every instant in a file."""
    columns = tuple(dates.values())
    for cells in _Dates(sheet, tuple(dates), profile):
        for column, cell in zip(columns, cells, strict=True):
            if cell and (instant := column.instant(cell)) is not None:
                yield instant


def _cannot_tell(sheet: Sheet, source: TicketSource) -> frozenset[str]:
    """Return what this file never tells: the profile's list, and what it has no column for."""
    profile = source.profile
    missing = set()
    if not {"responded", "response_duration"} & set(sheet.fields):
        missing.add("responded")
    if not {"resolved", "settled"} & set(sheet.fields):
        missing.add("resolved")
    if "hold_total" not in sheet.fields or (source.hold_basis or profile.hold_basis) is None:
        missing.add("holds")
    if "reopen_count" not in sheet.fields:
        missing.add("reopenings")
    return profile.cannot_tell | missing


def _tells(sheet: Sheet) -> frozenset[str]:
    return SIGNS & set(sheet.fields)


def _nothing_usable(sheet: Sheet, count: int) -> str:
    if not count:
        return "the file has a header and no row, but the source's `contains: all` says that it holds every ticket"
    kinds = Counter(r.code for r in sheet.rejected)
    why = ", ".join(f"{code} {number}" for code, number in kinds.most_common())
    first = sheet.rejected[0]
    return f"none of {count} rows can be used ({why}); the first, line {first.line}: {first.reason}"
