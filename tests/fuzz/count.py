"""The rows of a file, counted without the reader's code: character by character, cell by cell, value by value."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from fuzz.seeds import Seed, profile
from kpi_agent.domain.export import Export

Record = tuple[int, list[str]]
"""The number that names a row (line, spreadsheet row, place in the list), and its cells where there are any."""

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def records(content: bytes, seed: Seed, export: Export) -> list[Record] | None:
    """Return the data rows of a file that was taken, None where nothing simple says how many there are.

    What is asked of the export is only in which words it understood the file: encoding, delimiter, names of headers.
    A delimited row comes with its cells, the one of the ticket's id first.
    """
    if content.startswith(b"PK"):
        return _of_workbook(content, list(export.columns.values()), profile(seed.profile).footers)
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return _of_json(content, seed)
    text = content.decode(export.encoding)
    return list(_of_text(text, export, has_quotes=profile(seed.profile).has_quotes))


def _of_text(text: str, export: Export, *, has_quotes: bool) -> Iterator[Record]:
    """Yield the records after the header: the first that is not blank and no ``sep=`` line."""
    id_at = -1
    for line, cells in _scan(text, export.delimiter, has_quotes=has_quotes):
        if id_at < 0:
            bare = [c.strip('\ufeff" \t') for c in cells]
            is_declaration = re.fullmatch(r"(?i)\ufeff*sep=.?\s*", export.delimiter.join(cells)) is not None
            if any(bare) and not is_declaration:
                id_at = bare.index(export.columns["id"].strip('"'))
        elif len(cells) > 1 or cells[0].strip():
            yield line, cells[id_at : id_at + 1] + cells


def _scan(text: str, delimiter: str, *, has_quotes: bool) -> Iterator[Record]:
    """Yield every record with the line it begins on; a line ends with LF, CR or CR LF, also inside quotes."""
    line = start = 1
    cells: list[str] = []
    cell: list[str] = []
    is_quoted = False
    at, size = 0, len(text)
    while at < size:
        sign = text[at]
        if sign == "\r" and text[at + 1 : at + 2] == "\n":
            sign = "\r\n"
        at += len(sign)
        is_end = sign in ("\n", "\r", "\r\n")
        line += is_end
        if is_quoted:
            if sign != '"':
                cell.append(sign)
            elif text[at : at + 1] == '"':
                cell.append('"')
                at += 1
            else:
                is_quoted = False
        elif sign == '"' and has_quotes and not cell:
            is_quoted = True
        elif sign == delimiter:
            cells.append("".join(cell))
            cell = []
        elif is_end:
            yield start, [*cells, "".join(cell)]
            cells, cell, start = [], [], line
        else:
            cell.append(sign)
    if cells or cell:
        yield start, [*cells, "".join(cell)]


def _of_workbook(content: bytes, headers: Sequence[str], footers: Sequence[str]) -> list[Record] | None:
    """Return the rows below the one with these headers; None for a workbook of several sheets, or of shared texts.

    A row of one cell that begins like a footer of the profile is none.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheets = [name for name in package.namelist() if name.startswith("xl/worksheets/")]
        if len(sheets) != 1 or "xl/sharedStrings.xml" in package.namelist():
            return None
        try:
            root = ET.fromstring(package.read(sheets[0]))
        except ET.ParseError:
            return None
    rows: list[Record] = []
    for row in root.iter(f"{_SPACE}row"):
        cells = ["".join(cell.itertext()) for cell in row.iter(f"{_SPACE}c")]
        places = {int(re.sub(r"\D", "", cell.get("r", "0")) or 0) for cell in row.iter(f"{_SPACE}c")}
        if not any(cells):
            continue
        if len(places) != 1:
            return None
        rows.append((places.pop(), cells))
    for index, (_, cells) in enumerate(rows):
        if set(headers) <= {cell.strip() for cell in cells}:
            return [(number, []) for number, cells in rows[index + 1 :] if not _is_footer(cells, footers)]
    return None


def _is_footer(cells: Sequence[str], footers: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return len(filled) == 1 and filled[0].casefold().lstrip().startswith(tuple(f.casefold() for f in footers))


def _of_json(content: bytes, seed: Seed) -> list[Record] | None:
    """Return the records of the first list that the profile names; None where a history makes several rows of one."""
    shape = profile(seed.profile).json
    document = json.loads(content.decode("utf-8-sig"))
    for path in shape.records:
        found = _at(document, path)
        if isinstance(found, list):
            if shape.history is not None and any(_at(one, shape.history.records) for one in found):
                return None
            kept = enumerate(found, start=1)
            return [(n, []) for n, one in kept if not any(_at(one, p) is not None for p in shape.skip)]
    return None


def _at(value: Any, path: str) -> Any:
    for name in filter(None, path.split(".")):
        value = value.get(name) if isinstance(value, dict) else None
    return value
