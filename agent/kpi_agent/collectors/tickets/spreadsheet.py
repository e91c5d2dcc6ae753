"""An XLSX workbook → its table of tickets; what would not fit into memory is refused before it is unpacked (D)."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import BinaryIO

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from kpi_agent.collectors.tickets.faults import refusal
from kpi_agent.collectors.tickets.profile import header_key
from kpi_agent.collectors.tickets.table import MAX_COLUMNS, MAX_ROWS, Table
from kpi_agent.domain.source import Profile

MAGIC = b"PK\x03\x04"
DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
"""How a cell that is a date becomes text: without an order to guess."""

_MAX_UNPACKED = 200 * 1024 * 1024
_MAX_RATIO = 100
_RATIO_FROM = 1024 * 1024  # bytes: below, a large ratio does no harm
_MAX_AREA = 6_000_000  # cells of the used rectangle: the library keeps each, empty or not
_TITLE_ROWS = 20  # rows above the header, at most
_CHUNK = 1024 * 1024
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_LONGEST_REFERENCE = 16

Cell = int | float | str | bool | time | date | datetime | timedelta


def open_workbook(stream: BinaryIO, file: str, profile: Profile) -> Table:
    """Return the table of the first sheet that has the profile's required columns, else of the first sheet.

    The header is the first row with every required column, among the first 20 that are not blank. Raises ExportRefused
    for damaged, encrypted and oversized workbooks. Records are numbered by their rows.
    """
    _refuse_bombs(stream, file)
    stream.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(stream)
        sheets = [book.get_sheet_by_index(i) for i in range(len(book.sheet_names))]
    except (CalamineError, OSError) as error:
        raise refusal(file, f"the workbook cannot be read: {error}; export it again, as XLSX or CSV") from error
    if not sheets:
        raise refusal(file, "the workbook has no sheet")
    required = [
        {header_key(alias) for alias in profile.columns[name].aliases} if name in profile.columns else set()
        for name in profile.required
    ]
    for sheet in sheets:
        if (table := _table(sheet, required, file)) is not None:
            return table
    return _first_row_as_header(sheets[0], file)


def _table(sheet: CalamineSheet, required: Sequence[set[str]], file: str) -> Table | None:
    rows = _rows(sheet)
    for number, cells in islice(rows, _TITLE_ROWS):
        keys = {header_key(cell) for cell in cells}
        if all(keys & aliases for aliases in required):
            return _headed(cells, rows, file, number)
    return None


def _first_row_as_header(sheet: CalamineSheet, file: str) -> Table:
    rows = _rows(sheet)
    number, cells = next(rows, (1, []))
    if not cells:
        raise refusal(file, "the workbook's first sheet is empty")
    return _headed(cells, rows, file, number)


def _headed(cells: list[str], rows: Iterator[tuple[int, list[str]]], file: str, number: int) -> Table:
    header = [cell.strip() for cell in cells]
    while header and not header[-1]:
        header.pop()
    if len(header) > MAX_COLUMNS:
        raise refusal(file, f"{len(header)} columns, more than {MAX_COLUMNS}: not a ticket export", number)
    width = len(header)
    # Every row is as wide as the widest: empty cells beyond the header are no cells, filled ones do not fit.
    records = ((n, _cut(row, width)) for n, row in rows)
    return Table("xlsx", "", tuple(header), records, date_format=DATE_FORMAT)


def _cut(row: list[str], width: int) -> list[str]:
    return row[:width] if not any(row[width:]) else row


def _rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[str]]]:
    """Yield (row number, its cells as text) of each row that is not blank."""
    for number, row in enumerate(sheet.iter_rows(), start=1):  # from the sheet's first row, also where that is blank
        cells = [_text(cell) for cell in row]
        if any(cells):
            yield number, cells


def _text(cell: Cell) -> str:
    """Return a cell as text: dates in one order, whole numbers without a fraction, times of day as durations."""
    match cell:
        case str():
            text = cell
        case bool():
            text = "true" if cell else "false"
        case float():
            text = str(int(cell)) if cell.is_integer() else repr(cell)
        case datetime():
            text = f"{_whole(cell):{DATE_FORMAT}}"
        case date():
            text = f"{cell:%Y-%m-%d} 00:00:00"
        case timedelta():
            text = _clock(round(cell.total_seconds()))
        case _:
            text = str(cell)
    return text


def _whole(moment: datetime) -> datetime:
    """Return a moment to the nearest second: a spreadsheet counts days, and a second of them may come back short."""
    try:
        return moment + timedelta(milliseconds=500)
    except OverflowError:  # the last half second of the year 9999
        return moment


def _clock(seconds: int) -> str:
    hours, rest = divmod(abs(seconds), 3600)
    return f"{'-' if seconds < 0 else ''}{hours}:{rest // 60:02}:{rest % 60:02}"


def _refuse_bombs(stream: BinaryIO, file: str) -> None:
    """Unpack each part once, keeping nothing, and refuse what is too large, or too sparse to be held."""
    try:
        with zipfile.ZipFile(stream) as package:
            if "xl/workbook.xml" not in package.namelist():
                raise refusal(file, "this is a zip archive but no XLSX workbook; unpack it, or export as XLSX or CSV")
            unpacked = 0
            for member in package.infolist():
                unpacked += member.file_size
                if unpacked > _MAX_UNPACKED:
                    raise refusal(file, f"unpacked, the workbook has more than {_MAX_UNPACKED} bytes; export less")
                if member.file_size > _RATIO_FROM and member.file_size > _MAX_RATIO * member.compress_size:
                    raise refusal(file, f"a part of the workbook is packed more than {_MAX_RATIO} times: no export")
                _measure(package, member, file)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError, zipfile.zlib.error) as error:  # type: ignore[attr-defined]  # zipfile's own import
        raise refusal(file, f"the workbook is damaged or cut short ({error}); export it again") from error


def _measure(package: zipfile.ZipFile, member: zipfile.ZipInfo, file: str) -> None:
    rows = columns = 0
    is_sheet = member.filename.startswith("xl/worksheets/")
    with package.open(member) as part:
        tail = b""
        while chunk := part.read(_CHUNK):  # its end is checked against the archive's sum
            if is_sheet:
                for letters, digits in _REFERENCE.findall(tail + chunk):
                    rows, columns = max(rows, int(digits)), max(columns, _column(letters))
                tail = chunk[-_LONGEST_REFERENCE:]
    if rows > MAX_ROWS or columns > MAX_COLUMNS or rows * columns > _MAX_AREA:
        raise refusal(file, f"a sheet of {rows} rows and {columns} columns is too large; export a shorter span")


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
