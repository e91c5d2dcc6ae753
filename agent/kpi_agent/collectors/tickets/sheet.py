"""The part of an export that a profile names: rows cut down to known columns, and the rows without their shape."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kpi_agent.collectors.tickets.cells import CellCleaner, LabelReader, read_id, shape, shortened
from kpi_agent.collectors.tickets.faults import refusal
from kpi_agent.collectors.tickets.profile import find_columns, header_key
from kpi_agent.collectors.tickets.table import MAX_ROWS, Table
from kpi_agent.domain.export import RejectedRow
from kpi_agent.domain.masking import mask
from kpi_agent.domain.source import Profile
from kpi_agent.domain.words import fold
from kpi_agent.spool import Spool

_MANY = frozenset({"category", "entity", "service", "host", "group", "assignee", "actor", "title"})
"""Fields that desks write as one column for each of several values; the first counts."""
_PEOPLE = frozenset({"assignee", "actor"})
_LETTERS = re.compile(r"[^\W\d_]+")
_DIGITS = re.compile(r"[\d\s]+")


class Row(NamedTuple):
    """A data row: the line it begins on (``Table.records``), and its cleaned cells in the order of ``Sheet.fields``."""

    line: int
    cells: tuple[str, ...]


@dataclass(slots=True)
class Sheet:
    """What was taken from a file: *fields* are the normalised fields that it has, *headers* where each was read."""

    fields: tuple[str, ...]
    headers: Mapping[str, str]
    unused: tuple[str, ...] = ()  # headers of the other columns
    rejected: list[RejectedRow] = field(default_factory=list)
    open_line: int | None = None  # the last row's line when the file ends in the middle of it
    broken_ids: dict[str, int] = field(default_factory=dict)  # ids that rows of a wrong width seem to have → line
    rows: Spool[Row] = field(default_factory=lambda: Spool(Row._make))

    def position(self, name: str) -> int | None:
        """Return where a field's cell is in a row, None when the file has no such column."""
        return self.fields.index(name) if name in self.fields else None

    def columns(self, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Yield the cells of some fields, row by row."""
        places = [self.fields.index(name) for name in names]
        return (tuple([cells[at] for at in places]) for _, cells in self.rows)

    def raw(self, row: Row) -> str:
        """Return a row for the list of rejected ones: known columns only, without people, the title masked."""
        named = zip(self.fields, row.cells, strict=True)
        pairs = ((name, cell) for name, cell in named if cell and name not in _PEOPLE)
        return shortened("; ".join(f"{name}={mask(cell) if name == 'title' else cell}" for name, cell in pairs), 500)

    def reject(self, row: Row, code: str, reason: str) -> None:
        """Set a row aside."""
        self.rejected.append(RejectedRow(row.line, code, reason, self.raw(row)))


def take_sheet(table: Table, profile: Profile, file: str) -> Sheet:
    """Return the known columns of a table; rows of another width and empty rows are rejected.

    Raises ExportRefused for missing columns, more than 1,000,000 rows, and a cell that swallowed whole records.
    """
    columns = find_columns(table.header, profile, file)
    used = frozenset(columns.values())
    unused = tuple(name for i, name in enumerate(table.header) if name and i not in used)
    sheet = Sheet(tuple(columns), {name: table.header[i] for name, i in columns.items()}, unused)
    texts = CellCleaner(profile)
    readers = [
        (i, LabelReader(profile.labels[name]) if name in profile.labels else texts) for name, i in columns.items()
    ]
    twins = _twins(table.header, columns)
    width = len(table.header)
    line = 0
    swallowed = _Swallowed(table.delimiter, width, columns.get("id", 0))
    for count, (line, cells) in enumerate(table.records, start=1):
        if count > MAX_ROWS:
            raise refusal(file, f"more than {MAX_ROWS:,} rows; export a shorter span", line)
        fitted = table.fitted(cells)
        if fitted is None:
            _reject_width(sheet, line, cells, width, columns.get("id"))
            continue
        if table.delimiter and (inner := swallowed.record_in(fitted)) is not None:
            message = (
                f"a quote opened here is closed in a later record: '{shape(inner)}' looks like a record of its own"
            )
            raise refusal(file, message, line)
        if profile.footers and _is_footer(fitted, profile.footers):
            continue
        known = tuple([read[fitted[i]] for i, read in readers])
        if twins and (differing := _told_twice(table.header, fitted, twins)):
            sheet.reject(Row(line, known), "two_values", differing)
        elif any(known):
            sheet.rows.append((line, known))
        else:
            sheet.reject(Row(line, known), "empty_row", "the row holds nothing in any known column")
    if table.ends_open():
        sheet.open_line = line
    return sheet


def _twins(header: Sequence[str], columns: Mapping[str, int]) -> Sequence[tuple[int, int]]:
    """Return the columns of one value that have the same header as a column that is read, each with that one."""
    read = {header_key(header[i]): i for name, i in columns.items() if name not in _MANY}
    return [
        (first, i) for i, name in enumerate(header) if (first := read.get(header_key(name))) is not None and first != i
    ]


def _told_twice(header: Sequence[str], cells: Sequence[str], twins: Iterable[tuple[int, int]]) -> str:
    """Return why a row cannot be read whose columns of one header differ; empty when they do not."""
    for first, other in twins:
        if cells[first].strip() != cells[other].strip():
            told = f"'{shortened(cells[first])}' and '{shortened(cells[other])}'"
            return f"two columns are named '{header[first]}' and tell {told}: export one of them"
    return ""


def _is_footer(cells: list[str], beginnings: tuple[str, ...]) -> bool:
    """Whether a record's only cell begins like a line that products write below their tables."""
    filled = [cell for cell in cells if cell]
    return len(filled) == 1 and fold(filled[0]).startswith(beginnings)


def _reject_width(sheet: Sheet, line: int, cells: list[str], width: int, id_index: int | None) -> None:
    found = f"{len(cells)} cells where the header has {width}: a delimiter inside a cell without quotes, or a cut line"
    # Cells may have moved, so a name may be anywhere: only the shape is kept.
    sheet.rejected.append(RejectedRow(line, "field_count", found, shape(" | ".join(cells))))
    if id_index is not None and id_index < len(cells) and cells[id_index].strip():
        sheet.broken_ids.setdefault(read_id(cells[id_index].strip()), line)


class _Swallowed:
    """Finds records inside a cell: an open quote that pairs with a later cell's merges records without an error."""

    def __init__(self, delimiter: str, width: int, id_index: int) -> None:
        self._delimiter = delimiter
        self._width = width
        self._id_index = id_index

    def record_in(self, cells: list[str]) -> str | None:
        """Return a line inside a cell that has the width of a record and an id like this record's, None for none."""
        for cell in cells:
            if "\n" in cell:
                for line in self._inner(cell):
                    parts = line.split(self._delimiter)
                    if abs(len(parts) - self._width) <= 1 and self._same_shape(parts, cells):
                        return line
        return None

    def _inner(self, cell: str) -> Iterator[str]:
        # The first line is the cell's own beginning, the last may be a record's part up to the closing quote.
        return iter(cell.splitlines()[1:])

    def _same_shape(self, parts: list[str], cells: list[str]) -> bool:
        if self._id_index >= min(len(parts), len(cells)):
            return False
        inner = _kind(parts[self._id_index].strip('"'))
        return inner != "" and inner == _kind(cells[self._id_index])


def _kind(text: str) -> str:
    """Return an id's build: letters as x, digits and the spaces between them as 9."""
    return _DIGITS.sub("9", _LETTERS.sub("x", text.strip()))
