"""One date order per column: declared, or the only one that every row fits; each text becomes an instant once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from kpi_agent.collectors.tickets.faults import listed
from kpi_agent.domain.time import to_instant

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
    "%": "%",
}
_LETTERS = {"Y": "YYYY", "y": "YY", "m": "MM", "d": "DD"}


class AmbiguousDates(Exception):
    """A column whose dates no order, or more than one, reads; the message says what to set."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The instants that a cell may mean, in epoch seconds: two when its local time exists twice, else equal ones."""

    first: int
    second: int

    def after(self, previous: int | None) -> int:
        """Return the first, unless it precedes the ticket's *previous* milestone: the second (indicators.md §1)."""
        return self.second if previous is not None and self.first < previous else self.first


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

    def read(self, text: str) -> datetime | None:
        """Return the wall time (aware when the cell names an offset), None when the cell is not of this format."""
        found = self.pattern.fullmatch(text)
        if found is None:
            return None
        part = found.groupdict()
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
            local = datetime(year, int(part["m"]), int(part["d"]), hour, minute, second)  # noqa: DTZ001 - a wall time
        except ValueError:
            return None
        return local if part.get("z") is None else local.replace(tzinfo=UTC) - _offset(part["z"])


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
    if not ({"m", "d"} <= seen and seen & {"Y", "y"} and seen & {"H", "I"}):
        raise ValueError(f"date format '{text}' needs a year, a month, a day and an hour")
    return DateFormat(text, re.compile(pattern))


@dataclass(frozen=True, slots=True)
class DateColumn:
    """A column understood: the format that reads it, and each readable cell's moment; other cells are errors."""

    format: str
    moments: Mapping[str, Moment]


def read_columns(
    cells: Mapping[str, Collection[str]], headers: Mapping[str, str], formats: Sequence[str], tz: ZoneInfo
) -> Mapping[str, DateColumn]:
    """Return each date column of a file read in its one order; *cells* holds its different non-empty texts.

    A cell that no format reads decides nothing. An order is out when it cannot read a cell that another reads; where
    several are left and read some cell differently, the order that the file's other columns prove is taken, since a
    product writes all dates of a file alike. Raises AmbiguousDates when that leaves none or more than one.
    """
    known = [date_format(f) for f in formats]
    left = {field: _survivors(headers[field], texts, known) for field, texts in cells.items()}
    proven = {next(iter(orders)) for orders in left.values() if len(orders) == 1}
    columns: dict[str, DateColumn] = {}
    for field, orders in left.items():
        agreed = [o for o in orders if o in proven] if len(orders) > 1 else list(orders)
        if len(agreed) != 1 and len(orders) > 1:
            agreed = _harmless(headers[field], orders)
        readings = orders[agreed[0]] if agreed else {}
        text = next((f.text for f in known if agreed and f.order == agreed[0] and _reads_any(f, readings)), "")
        columns[field] = DateColumn(text, {cell: _moment(local, tz) for cell, local in readings.items()})
    return columns


_Readings = Mapping[str, datetime]


def _survivors(header: str, texts: Collection[str], known: Sequence[DateFormat]) -> dict[str, _Readings]:
    """Return, per order that reads every readable text, what it reads; empty for a column without texts."""
    orders: dict[str, dict[str, datetime]] = {}
    for form in known:
        readings = orders.setdefault(form.order, {})
        for text in texts:
            if text not in readings and (local := form.read(text)) is not None:
                readings[text] = local
    readable = set().union(*orders.values()) if orders else set()
    if not texts:
        return {}
    if not readable:
        raise AmbiguousDates(
            f"column '{header}': no date format reads its cells, such as '{min(texts)}'; tried "
            f"{listed([_shown(f.text) for f in known])}; set `date_format` on the source"
        )
    left: dict[str, _Readings] = {o: r for o, r in orders.items() if len(r) == len(readable)}
    if not left:
        best = sorted((o for o in orders if orders[o]), key=lambda o: -len(orders[o]))[:2]
        odd = [min(readable - orders[o].keys()) for o in best]
        raise AmbiguousDates(
            f"column '{header}' mixes date orders: '{odd[0]}' is not {_shown(best[0])} and '{odd[1]}' is not "
            f"{_shown(best[1])}; export it again with one order, without passing through a spreadsheet"
        )
    return left


def _harmless(header: str, orders: Mapping[str, _Readings]) -> list[str]:
    """Return one order when all read every cell alike; else refuse with two candidates and a cell they read apart."""
    names = list(orders)
    first, second = names[0], names[1]
    for other in names[1:]:
        apart = [t for t in orders[first] if orders[first][t] != orders[other][t]]
        if apart:
            second, cell = other, min(apart)
            raise AmbiguousDates(
                f"column '{header}': every date reads as {_shown(first)} and as {_shown(second)}: '{cell}' is "
                f"{orders[first][cell]:%Y-%m-%d} or {orders[second][cell]:%Y-%m-%d}; set `date_format` on the source, "
                f'for example "{first} %H:%M" or "{second} %H:%M"'
            )
    return [first]


def _reads_any(form: DateFormat, texts: Collection[str]) -> bool:
    return any(form.pattern.fullmatch(t) for t in texts)


def _moment(local: datetime, tz: ZoneInfo) -> Moment:
    if local.tzinfo is not None:
        instant = int(local.timestamp())
        return Moment(instant, instant)
    first = to_instant(local, tz)
    return Moment(first, to_instant(local, tz, not_before=first + 1))


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta()
    size = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return -size if text[0] == "-" else size


def _shown(text: str) -> str:
    """Return a format as people write it: DD/MM/YYYY HH:MM."""
    head, hour, tail = text.partition("%H")
    for letter, word in _LETTERS.items():
        head = head.replace(f"%{letter}", word)
    return head + hour.replace("%H", "HH") + tail.replace("%M", "MM").replace("%S", "SS")
