"""The figures of a report as CSV, for programs: a row per commitment, then one per other reading."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import Any

from kpi_agent_reports.facts import Facts
from kpi_agent_reports.sheets import Value, figures_sheet
from kpi_agent_reports.words import Words

_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z", re.ASCII)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render_csv(document: Mapping[str, Any]) -> str:
    """Return RFC 4180 text with CRLF line ends and a head of keys; names are in the contract's language.

    A text that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    sheet = figures_sheet(Facts(document), Words(document["language"], document["period"]["timezone"]))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(head.key for head in sheet.heads)
    writer.writerows([_harmless(value) for value in row] for row in sheet.rows)
    return out.getvalue()


def _harmless(value: Value) -> Value:
    if isinstance(value, str) and value.startswith(_FORMULA) and not _NUMBER.match(value):
        return f"'{value}"
    return value
