"""Durations as people say them: ``2 h 41``, ``3 j 4 h`` in French, ``2 h 41 min``, ``3 d 4 h`` in English."""

from __future__ import annotations

import re
from fractions import Fraction
from math import ceil, floor

from kpi_agent.domain.time import DAY, HOUR, MINUTE
from kpi_agent_reports.catalogue import NO_BREAK

_LIMIT_PART = re.compile(r"(\d+)\s*(wd|[smhd])", re.ASCII)
_DAY_UNIT = {"fr": "j", "en": "d"}
_THOUSANDS = {"fr": "\u202f", "en": ","}


def duration_text(seconds: int | Fraction, language: str, *, is_rounded_up: bool = True, has_days: bool = False) -> str:
    """Return a duration to the minute; under ten minutes to the second; *has_days* where 24 h make a day.

    What is cut away makes the duration longer by default, for longer is worse (indicators.md). Service hours never
    become days: ten of them would be one.
    """
    cut = ceil if is_rounded_up else floor
    if seconds < 10 * MINUTE:
        minutes, rest = divmod(cut(seconds), MINUTE)
        parts = [f"{minutes} min"] if minutes else []
        return _joined([*parts, f"{rest} s"] if rest or not parts else parts)
    whole = cut(Fraction(seconds) / MINUTE)
    hours, minutes = divmod(whole, 60)
    if has_days and hours >= 48:  # noqa: PLR2004 - 26 h 10 reads better than 1 d 2 h
        days, hours = divmod(cut(Fraction(seconds) / HOUR), 24)
        return _joined([f"{_count(days, language)} {_DAY_UNIT[language]}", *([f"{hours} h"] if hours else [])])
    if not hours:
        return _joined([f"{minutes} min"])
    told = f"{_count(hours, language)} h"
    if not minutes:
        return _joined([told])
    return _joined([f"{told} {minutes:02d}" if language == "fr" else f"{told} {minutes} min"])


def _count(n: int, language: str) -> str:
    """Return a count with its thousands apart, as the language does (as ``Words.number``, which needs Babel)."""
    return f"{n:,}".replace(",", _THOUSANDS[language])


def limit_parts(text: str) -> tuple[tuple[int, str], ...] | None:
    """Return a contract's duration (``1h30m``, ``3wd``) as (count, unit) pairs; None when it is written otherwise."""
    found = _LIMIT_PART.findall(text)
    if not found or "".join(f"{n}{unit}" for n, unit in found) != text.replace(" ", ""):
        return None
    return tuple((int(n), unit) for n, unit in found)


def whole_days(seconds: int) -> int:
    """Return the whole days of an age."""
    return seconds // DAY


def _joined(parts: list[str]) -> str:
    return " ".join(parts).replace(" ", NO_BREAK)
