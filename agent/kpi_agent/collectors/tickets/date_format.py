"""A date format as strptime writes it, read by our own pattern: no locale, ASCII digits, exactly the whole cell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, lru_cache

from kpi_agent.domain.words import fold

# Years outside are typing errors, and overflow some zones' arithmetic.
_FIRST_YEAR, _LAST_YEAR = 1971, 2199

_NOON = 12

# ASCII digits only: \d also matches Arabic-Indic and other digits. Nobody writes minutes without their zero, so "07:3"
# is a cell cut short, not three minutes past.
_DIRECTIVES = {
    "Y": "(?P<Y>[0-9]{4})",
    "y": "(?P<y>[0-9]{2})",
    "m": "(?P<m>[0-9]{1,2})",
    "d": "(?P<d>[0-9]{1,2})",
    "H": "(?P<H>[0-9]{1,2})",
    "I": "(?P<I>[0-9]{1,2})",
    "M": "(?P<M>[0-9]{2})",
    "S": "(?P<S>[0-9]{2})",
    "f": "(?P<f>[0-9]{1,9})",
    "p": "(?P<p>[AaPp][Mm])",
    "z": "(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})",
    "b": r"(?P<b>[^\W\d_]{3,}\.?)",
    "a": r"(?P<a>[^\W\d_]{2,}\.?)",
    "s": "(?P<s>[0-9]{9,10})",
    "Q": "(?P<Q>[0-9]{12,13})",
    "%": "%",
}
_LETTERS = {"Y": "YYYY", "y": "YY", "m": "MM", "d": "DD", "b": "MMM", "a": "DDD", "s": "epoch seconds", "Q": "epoch ms"}
# A date, what is neither letter nor digit (or ISO's T), and a time: each can be read without the other.
_APART = re.compile(r"(?:%[Yymdba]|[^%\w])+(?:[^%\w]|(?<=%[Ymd])T)%[HI](?:%[MSfpz]|[^%\w])*")
_LANGUAGES = ("en", "fr", "es", "pt", "de")
"""Whose month names ``%b`` reads, short and long: exports are in the language of the one who made them."""


@dataclass(frozen=True, slots=True)
class DateFormat:
    """A strptime format, read by our own pattern: no locale, ASCII digits, exactly the whole cell."""

    text: str
    pattern: re.Pattern[str]

    @property
    def order(self) -> str:
        """The date's part of the format: formats of one order differ in the time's part only."""
        cut = min((i for i in (self.text.find("%H"), self.text.find("%I")) if i >= 0), default=len(self.text))
        return self.text[:cut].rstrip(" T")

    def hour_at(self, text: str) -> int | None:
        """Return where the hour begins in a cell of this format, None where date and time cannot be read apart."""
        found = self.pattern.fullmatch(text) if _APART.fullmatch(self.text) else None
        return None if found is None else found.start("H" if "H" in found.groupdict() else "I")

    def told(self, text: str) -> tuple[datetime, timedelta | None] | None:
        """Return the wall time that a cell says and its offset from UTC if it names one, None for another format."""
        found = self.pattern.fullmatch(text)
        if found is None:
            return None
        part = found.groupdict()
        if "s" in part or "Q" in part:
            seconds = int(part["s"]) if "s" in part else int(part["Q"]) // 1000
            return datetime(1970, 1, 1) + timedelta(seconds=seconds), timedelta()  # noqa: DTZ001 - its offset beside
        year = int(part["Y"]) if part.get("Y") else 2000 + int(part.get("y") or 0)
        hour = int(part.get("H") or part.get("I") or 0)
        if part.get("p"):
            if not 1 <= hour <= _NOON:
                return None
            hour = hour % _NOON + (_NOON if part["p"].lower() == "pm" else 0)
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            return None
        try:
            minute, second = int(part.get("M") or 0), int(part.get("S") or 0)
            local = datetime(year, _month(part), int(part["d"]), hour, minute, second)  # noqa: DTZ001 - a wall time
        except ValueError:
            return None
        return local, None if part.get("z") is None else _offset(part["z"])


def _month(part: Mapping[str, str | None]) -> int:
    """Return the month's number, 0 for a name that is none."""
    return int(part["m"] or 0) if "m" in part else _months().get(fold(part["b"] or "").rstrip("."), 0)


@cache
def _months() -> Mapping[str, int]:
    """Return the months of every language by their folded names; imported when an export first names one."""
    from babel.dates import get_month_names  # noqa: PLC0415 - heavy, and most exports have numbers only

    found: dict[str, int] = {}
    for language in _LANGUAGES:
        for width in ("abbreviated", "wide"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, language).items():
                    found[fold(name).rstrip(".")] = number
    # French desks cut July to four letters, and some to three.
    return found | {"juil": 7, "fev": 2, "aou": 8, "sept": 9, "set": 9}


@lru_cache(maxsize=256)
def date_format(text: str) -> DateFormat:
    """Return the compiled format; raises ValueError for a directive that is not read, or a missing part."""
    pattern, seen, i = "", set(), 0
    while i < len(text):
        if text[i] == "%":
            letter = text[i + 1 : i + 2]
            if letter not in _DIRECTIVES or letter in seen:
                read = " ".join(f"%{d}" for d in _DIRECTIVES if d != "%")
                raise ValueError(f"'%{letter}' in date format '{text}' cannot be read; write once each of {read}")
            pattern += _DIRECTIVES[letter]
            seen.add(letter if letter != "%" else "")
            i += 2
        else:
            pattern += r"\s+" if text[i].isspace() else re.escape(text[i])
            i += 1
    is_epoch = seen in ({"s"}, {"Q"})
    if not is_epoch and not ("d" in seen and seen & {"m", "b"} and seen & {"Y", "y"} and seen & {"H", "I"}):
        raise ValueError(f"date format '{text}' needs a year, a month, a day and an hour")
    return DateFormat(text, re.compile(pattern))


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return -size if text[0] == "-" else size


def shown(text: str) -> str:
    """Return a format as people write it: DD/MM/YYYY HH:MM."""
    head, hour, tail = text.partition("%H")
    for letter, word in _LETTERS.items():
        head = head.replace(f"%{letter}", word)
    return head + hour.replace("%H", "HH") + tail.replace("%M", "MM").replace("%S", "SS").replace("%z", "±HH:MM")
