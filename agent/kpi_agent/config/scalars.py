"""How a value is written in our files: durations, percentages, dates, hours. ASCII digits only.

Each ``read_*`` takes the text of a scalar and returns its value; it raises ValueError with a sentence that says what is
wrong and what to write.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from zoneinfo import ZoneInfoNotFoundError

from kpi_agent.domain.time import DAY, HOUR, MINUTE, zone

_SECONDS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY}
_DURATION = re.compile(r"(0|[1-9]\d{0,8})(s|m|h|d|wd)\Z", re.ASCII)
_DECIMAL = re.compile(r"(0|[1-9]\d{0,12})(\.\d{1,12})?\Z", re.ASCII)
_COUNT = re.compile(r"(0|[1-9]\d{0,12})\Z", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})\Z", re.ASCII)
_DATETIME = re.compile(r"(\d{4}-\d{2}-\d{2})[ T](\d{1,2}:\d{2})\Z", re.ASCII)
_SLUG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z", re.ASCII)
_EMAIL = re.compile(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+\Z")
_ENDPOINT = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})\Z", re.ASCII)
_CURRENCY = re.compile(r"[A-Z]{3}\Z", re.ASCII)
_LAST_PORT = 65535
# Outside, time zones have no rules and arithmetic no room; a longer duration is a slip of the finger.
_YEARS = range(1971, 2400)
_LONGEST_DAYS = 3660


@dataclass(frozen=True, slots=True)
class Duration:
    """A number of seconds, minutes, hours, days of 24 h, or (``wd``) open weekdays of a calendar."""

    count: int
    unit: str
    text: str

    @property
    def seconds(self) -> int:
        """Length in seconds; raises ValueError for working days, which have none without a calendar."""
        if self.unit not in _SECONDS:
            raise ValueError(f"'{self.text}' counts working days; write hours or days, such as 24h or 2d")
        return self.count * _SECONDS[self.unit]


def did_you_mean(word: str, known: list[str] | tuple[str, ...]) -> str:
    """Return ``; did you mean 'x'?`` for a near miss, else the known words, at most twelve of them."""
    if near := [k for k in known if k.casefold() == word.casefold()] or get_close_matches(word, known, n=1, cutoff=0.6):
        return f"; did you mean '{near[0]}'?"
    shown = ", ".join(sorted(known)[:12]) + (", …" if len(known) > 12 else "")  # noqa: PLR2004 - a line's worth
    return f"; known: {shown}" if known else "; none is declared"


def read_text(value: object) -> str:
    """Return text that is not empty, without outer spaces."""
    if value is None:
        raise ValueError("has no value; write a text")
    if not isinstance(value, str):
        raise ValueError("must be a single value, not a list or a block")  # noqa: TRY004 - pydantic collects ValueErrors
    if not value.strip():
        raise ValueError("is empty; write a text")
    return value.strip()


def read_slug(value: object) -> str:
    """Return a name fit for file names and command lines."""
    text = read_text(value)
    if not _SLUG.match(text):
        raise ValueError(f"'{text}' is no name; write ASCII letters, digits, '-', '_' and '.' (64 at most)")
    return text


def read_flag(value: object) -> bool:
    """Return a boolean; only ``true`` and ``false`` are."""
    text = read_text(value)
    if text not in {"true", "false"}:
        raise ValueError(f"'{text}' is neither true nor false; write one of these")
    return text == "true"


def read_count(value: object) -> int:
    """Return a whole number, not negative, in plain digits."""
    text = read_text(value)
    if not _COUNT.match(text):
        raise ValueError(f"'{text}' is no whole number; write plain digits without a leading 0, such as 25")
    return int(text)


def read_decimal(value: object) -> Decimal:
    """Return an exact decimal number, not negative, as written."""
    text = read_text(value)
    if not _DECIMAL.match(text):
        raise ValueError(f"'{text}' is no number; write plain digits with a point, such as 4200.00")
    return Decimal(text)


def read_duration(value: object) -> Duration:
    """Return a duration, working days included."""
    text = read_text(value)
    found = _DURATION.match(text)
    if found is None:
        raise ValueError(f"'{text}' is no duration; write a number and s, m, h, d or wd, such as 30s, 15m, 4h, 2d, 1wd")
    return _bounded(Duration(int(found[1]), found[2], text))


def _bounded(duration: Duration) -> Duration:
    if duration.count * _SECONDS.get(duration.unit, DAY) > _LONGEST_DAYS * DAY:
        raise ValueError(f"'{duration.text}' is longer than ten years; write a shorter duration")
    return duration


def read_span(value: object) -> Duration:
    """Return a duration of a fixed number of seconds."""
    text = read_text(value)
    found = _DURATION.match(text)
    if found is None or found[2] == "wd":
        raise ValueError(f"'{text}' is no duration; write a number and s, m, h or d, such as 30s, 15m, 4h, 2d")
    return _bounded(Duration(int(found[1]), found[2], text))


def read_days(value: object) -> Duration:
    """Return a duration of whole days."""
    duration = read_span(value)
    if duration.unit != "d":
        raise ValueError(f"'{duration.text}' counts no days; write whole days, such as 3d")
    return duration


def read_percentage(value: object) -> Fraction:
    """Return the exact share that ``95%`` or ``0.95`` means; at most 1."""
    text = read_text(value)
    number = text.removesuffix("%").rstrip()
    if not _DECIMAL.match(number):
        raise ValueError(f"'{text}' is no percentage; write a number and %, such as 95%")
    share = Fraction(number) / 100 if text.endswith("%") else Fraction(number)
    if share > 1:
        raise ValueError(f"'{text}' is more than everything; write at most 100% (a number without % runs from 0 to 1)")
    return share


def read_date(value: object) -> date:
    """Return a calendar day written ``2026-12-24``."""
    text = read_text(value)
    wrong = f"'{text}' is no date; write year-month-day, such as 2026-12-24"
    if not _DATE.match(text):
        raise ValueError(wrong)
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(wrong) from error
    if day.year not in _YEARS:
        raise ValueError(f"'{text}' is out of reach; write a year from {_YEARS[0]} to {_YEARS[-1]}")
    return day


def read_time(value: object) -> time:
    """Return a time of day written ``07:00``."""
    text = read_text(value)
    found = _TIME.match(text)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:  # noqa: PLR2004 - a clock's face
        raise ValueError(f"'{text}' is no time of day; write hours:minutes, such as \"07:00\"")
    return time(int(found[1]), int(found[2]))


def read_wall_time(value: object) -> datetime:
    """Return a naive local wall time written ``2026-01-13 22:00``."""
    text = read_text(value)
    found = _DATETIME.match(text)
    if found is None:
        raise ValueError(f"'{text}' is no local time; write date and time, such as \"2026-01-13 22:00\"")
    return datetime.combine(read_date(found[1]), read_time(found[2]))


def read_day_or_time(value: object) -> datetime:
    """Return a naive local wall time; a day alone means its first minute."""
    text = read_text(value)
    return datetime.combine(read_date(text), time()) if _DATE.match(text) else read_wall_time(text)


def read_timezone(value: object) -> str:
    """Return the name of a known time zone."""
    text = read_text(value)
    try:
        zone(text)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"unknown time zone '{text}'; write an IANA name, such as Europe/Paris") from error
    return text


def read_address(value: object) -> str:
    """Return a mail address, with or without a display name."""
    text = read_text(value)
    inner = text[text.rindex("<") + 1 : -1] if text.endswith(">") and "<" in text else text
    if not _EMAIL.match(inner) or "\n" in text or not _is_deliverable(inner):
        raise ValueError(f"'{text}' is no mail address; write name@host.example or Name <name@host.example>")
    return text


def _is_deliverable(address: str) -> bool:
    """Whether a mail header can hold it: ASCII (a host with accents has its xn-- name), no empty part."""
    from email.errors import HeaderParseError  # noqa: PLC0415 - only contracts with readers pay for it
    from email.headerregistry import Address  # noqa: PLC0415

    try:
        Address(addr_spec=address)
    except (HeaderParseError, ValueError):
        return False
    return address.isascii()


def read_endpoint(value: object) -> str:
    """Return an address to listen on, ``127.0.0.1:9469``."""
    text = read_text(value)
    found = _ENDPOINT.match(text)
    if found is None or not 0 < int(found[2]) <= _LAST_PORT:
        raise ValueError(f"'{text}' is no address with a port; write one, such as \"127.0.0.1:9469\"")
    return text


def read_currency(value: object) -> str:
    """Return a currency code."""
    text = read_text(value)
    if not _CURRENCY.match(text):
        raise ValueError(f"'{text}' is no currency code; write three capitals, such as EUR")
    return text
