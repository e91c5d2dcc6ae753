"""What a cell of a damaged or hostile export may hold."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

TEXTS = (
    "", " ", "\u00a0", "-", "?", "null", "0", "-1", "+1", "1e309", "NaN", "Infinity", "9" * 25, "9" * 5000, "-" + "9" * 25,
    "0000-00-00 00:00:00", "9999-12-31 23:59:59", "10000-01-01 00:00:00", "0001-01-01 00:00:00", "2026-02-30 10:00:00",
    "31/12/2026 24:00", "29/02/2025 10:00", "01/02/2026 10:00", "13/13/2026 10:00", "02/31/2026 10:00 PM",
    "1969-12-31 23:59:59", "1900-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-01T10:00:00+99:99",
    "2026-11-01T10:00:00.123456789Z", "2026-10-25T02:30:00", "2026-03-29 02:30:00", "1795428000", "1795428000000",
    "9223372036854775808", "99999999999999999999 days", "10 days 30 hours", "1:99:99", "-0:00:01", "99999999:00:00",
    "1 year", "P1Y2M", "1.5", "1,5", "1e5", "0x10", "½", "²", "١٢٣", "１２", "३:००", "1_000", "=1+1", "=cmd|' /C calc'!A0",
    "@SUM(1)", "<script>alert(1)</script>", "<br>", "&#0;", "\u202egnp", "\u0000", "\x1b[31m", "\x07", "\ufeff", "\ufffd",
    "\u2028", "\x85", "\x0b", "\x0c", "\x1c", "a\nb", "a\r\nb", "a\rb", 'a"b', '"', '""', "'", ";", ",", "\t", "|", "\\", "\\n",
    "é" * 60, "e\u0301" * 30, "😀" * 30, "x" * 5000, "x" * 40_000, "x" * 140_000, "İ", "ß", "ﬁ", "true", "Yes", "nope",
)  # fmt: skip

_SURROGATES = ("\ud800", "a\udfffb")

NUMBERS = (0, -1, 1, 0.5, -0.5, 1e300, -1e300, 10**20, 2**63, 1.7e308, 2_958_466, 2_958_465.999999, -1_000_000)

MOMENTS = tuple(
    datetime.fromisoformat(text)
    for text in ("1899-12-31", "1900-02-28T12:00", "9999-12-31T23:59:59", "9999-12-31T23:59:59.999", "2026-10-25T02:30")
)


def text(rng: random.Random) -> str:
    """Return a hostile text, now and then two joined."""
    chosen = rng.choice(TEXTS)
    return chosen + rng.choice(TEXTS) if rng.random() < 0.1 else chosen


def spreadsheet_cell(rng: random.Random) -> object:
    """Return what a workbook's cell may hold: text without what XML forbids, numbers, dates, durations, nothing."""
    kind = rng.randrange(6)
    if kind == 0:
        return rng.choice(NUMBERS)
    if kind == 1:
        return rng.choice(MOMENTS)
    if kind == 2:
        return timedelta(seconds=rng.choice((0, -1, 1, 86_400, 10**9)))
    if kind == 3:
        return rng.choice((True, False, None))
    return "".join(c for c in text(rng) if c in "\t\n\r" or c >= " ")


def json_value(rng: random.Random) -> object:
    """Return what a JSON value may be."""
    kind = rng.randrange(8)
    if kind == 0:
        return rng.choice(NUMBERS)
    if kind == 1:
        return rng.choice((True, False, None))
    if kind == 2:
        return rng.choice(([], {}, [[]], [None], {"": ""}, {"name": None}, [1, "a"], {"a": {"b": {"c": [{}]}}}))
    if kind == 3:
        return rng.choice(_SURROGATES)
    return text(rng)
