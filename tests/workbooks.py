"""Small Excel workbooks, written part by part: what a desk's spreadsheet export looks like inside."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from xml.sax.saxutils import escape

Cell = str | int | float | bool | datetime | date | timedelta | None

_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's dates have no zone
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_DATE, _MOMENT, _SPAN = 1, 2, 3  # indexes into the cell formats below

_STYLES = (
    f"{_HEAD}<styleSheet {_MAIN}>"
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="46"/></cellXfs>'
    "</styleSheet>"
)


def workbook(rows: Sequence[Sequence[Cell]], *, name: str = "Tickets", first_row: int = 1) -> bytes:
    """Return an .xlsx with one sheet; None is an empty cell."""
    return parts({name: sheet(rows, first_row=first_row)})


def sheets(named: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """Return an .xlsx with several sheets, in order."""
    return parts({name: sheet(rows) for name, rows in named.items()})


def sheet(rows: Sequence[Sequence[Cell]], *, first_row: int = 1) -> str:
    """Return a worksheet's XML."""
    lines = []
    for number, cells in enumerate(rows, start=first_row):
        body = "".join(_cell(f"{column(i)}{number}", cell) for i, cell in enumerate(cells) if cell is not None)
        lines.append(f'<row r="{number}">{body}</row>')
    return f"{_HEAD}<worksheet {_MAIN}><sheetData>{''.join(lines)}</sheetData></worksheet>"


def parts(worksheets: Mapping[str, str], *, extra: Mapping[str, bytes] | None = None) -> bytes:
    """Return the package around worksheets given as XML, with further members if any."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _content_types(len(worksheets)))
        package.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        entries = "".join(
            f'<sheet name="{escape(name)}" sheetId="{i}" r:id="rId{i}"/>' for i, name in enumerate(worksheets, start=1)
        )
        package.writestr(
            "xl/workbook.xml", f'{_HEAD}<workbook {_MAIN} xmlns:r="{_RELS}"><sheets>{entries}</sheets></workbook>'
        )
        targets = [("worksheet", f"worksheets/sheet{i}.xml") for i in range(1, len(worksheets) + 1)]
        package.writestr("xl/_rels/workbook.xml.rels", _relations([*targets, ("styles", "styles.xml")]))
        package.writestr("xl/styles.xml", _STYLES)
        for i, xml in enumerate(worksheets.values(), start=1):
            package.writestr(f"xl/worksheets/sheet{i}.xml", xml)
        for name, content in (extra or {}).items():
            package.writestr(name, content)
    return stream.getvalue()


def column(index: int) -> str:
    """Return the letters of a column, 0 is A."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _cell(place: str, value: Cell) -> str:
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, datetime):
        return f'<c r="{place}" s="{_MOMENT}"><v>{(value - _EPOCH) / timedelta(days=1)!r}</v></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="{_DATE}"><v>{(value - _EPOCH.date()).days}</v></c>'
    if isinstance(value, timedelta):
        return f'<c r="{place}" s="{_SPAN}"><v>{value / timedelta(days=1)!r}</v></c>'
    if isinstance(value, int | float):
        return f'<c r="{place}"><v>{value!r}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def _content_types(count: int) -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{kind}.worksheet+xml"/>'
        for i in range(1, count + 1)
    )
    return (
        f'{_HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>{overrides}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{i}" Type="{_RELS}/{kind}" Target="{target}"/>'
        for i, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_HEAD}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{entries}</Relationships>'
