"""The report as a workbook, so that the customer can count again: figures, incidents, days, hosts, backups."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from kpi_agent_reports.canonical import sha256_of
from kpi_agent_reports.facts import instant_of
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.sheets import Sheet, Value, sheets_of
from kpi_agent_reports.words import Words

_LONGEST = 32_767  # characters of a cell, by the format
_WIDEST = 48
"""Characters: a wider column is cut on the screen, not in the file."""


def render_workbook(document: Mapping[str, Any]) -> bytes:
    """Return an .xlsx: a sheet that says what this is, then the tables of ``sheets_of``; the same bytes everywhere.

    Whole numbers are numbers, everything else is text, also what begins with ``=``.
    """
    out = io.BytesIO()
    book = Workbook(out, {"in_memory": True})
    book.set_properties({"created": datetime.fromtimestamp(instant_of(document["as_of"]), UTC).replace(tzinfo=None)})
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    _about(book.add_worksheet(_words(document).say("About")), document, head)
    for sheet in sheets_of(document):
        _fill(book.add_worksheet(sheet.title), sheet, head)
    book.close()
    return out.getvalue()


def _words(document: Mapping[str, Any]) -> Words:
    return Words(document["language"], document["period"]["timezone"])


def _about(page: Worksheet, document: Mapping[str, Any], head: Format) -> None:
    words, view = _words(document), build_view(document)
    lines = [
        (words.say("Report"), view.title),
        (words.say("Period"), view.subheading),
        (words.say("Verdict"), view.verdict[0].text),
        (words.say("Document"), f"SHA-256 {sha256_of(document)}"),
        (words.say("Versions"), view.versions),
        (
            words.say("How to read"),
            words.say(
                "Times are local, with their offset from UTC. Durations are whole seconds. Shares are decimals, cut at"
                " 18 digits: numerator and denominator are exact. An empty cell: not known, or not applicable."
            ),
        ),
    ]
    if view.banner:
        lines.insert(0, (words.say("State"), view.banner))
    for row, (name, text) in enumerate(lines):
        page.write_string(row, 0, name, head)
        page.write_string(row, 1, text[:_LONGEST])
    page.set_column(0, 0, 18)
    page.set_column(1, 1, 110)


def _fill(page: Worksheet, sheet: Sheet, head: Format) -> None:
    for column, title in enumerate(sheet.heads):
        page.write_string(0, column, title.label, head)
        texts = [str(row[column]) for row in sheet.rows if row[column] is not None]
        page.set_column(column, column, min(_WIDEST, max([len(title.label), *map(len, texts)]) + 2))
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            _write(page, number, column, value)
    page.freeze_panes(1, 1)
    page.autofilter(0, 0, len(sheet.rows), len(sheet.heads) - 1)


def _write(page: Worksheet, row: int, column: int, value: Value) -> None:
    if isinstance(value, int):
        page.write_number(row, column, value)
    elif value is not None:
        page.write_string(row, column, value if len(value) <= _LONGEST else value[: _LONGEST - 1] + "…")
