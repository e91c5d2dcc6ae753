"""One date order per column: declared, or the only one that every row fits; each text becomes an instant once."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

from kpi_agent.collectors.tickets.faults import listed
from kpi_agent.domain.time import DAY, midnight, to_instant
from kpi_agent.domain.words import fold

# Years outside are typing errors, and overflow some zones' arithmetic.
_FIRST_YEAR, _LAST_YEAR = 1971, 2199

_NOON = 12

_SAMPLE = 100  # texts that show which order is likely

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
_LANGUAGES = ("en", "fr", "es", "pt", "de")
"""Whose month names ``%b`` reads, short and long: exports are in the language of the one who made them."""


class AmbiguousDates(Exception):
    """A column whose dates no order, or more than one, reads; the message says what to set."""


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
        if "s" in part or "Q" in part:
            return datetime.fromtimestamp(int(part["s"]) if "s" in part else int(part["Q"]) // 1000, UTC)
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
        return local if part.get("z") is None else local.replace(tzinfo=UTC) - _offset(part["z"])


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


@dataclass(frozen=True, slots=True)
class DateColumn:
    """A column understood: the format that reads it, and the instant of each readable cell; other cells are errors.

    *again* holds the second instant of cells whose local time exists twice.
    """

    format: str
    instants: Mapping[str, int]
    again: Mapping[str, int]

    def instant(self, cell: str, previous: int | None) -> int | None:
        """Return the cell's epoch second, None when it is unreadable.

        Of two, the first, unless it precedes the ticket's *previous* milestone: then the second (indicators.md §1).
        """
        first = self.instants.get(cell)
        if first is not None and previous is not None and first < previous:
            return self.again.get(cell, first)
        return first


def read_columns(
    cells: Mapping[str, Collection[str]], headers: Mapping[str, str], formats: Sequence[str], tz: ZoneInfo
) -> Mapping[str, DateColumn]:
    """Return each date column of a file read in its one order; *cells* holds its different non-empty texts.

    A cell that no format reads decides nothing. An order is out when it cannot read a cell that another reads; where
    several are left and read some cell differently, the order that the file's other columns prove is taken, since a
    product writes all dates of a file alike. Raises AmbiguousDates when that leaves none or more than one.
    """
    known = [date_format(f) for f in formats]
    clock = _Clock(tz)
    columns: dict[str, DateColumn] = {}
    open_columns: dict[str, dict[str, _Readings]] = {}
    proven: set[str] = set()
    for field, texts in cells.items():
        orders = _survivors(headers[field], texts, known) if texts else {}
        if len(orders) > 1:
            open_columns[field] = orders
            continue
        proven.update(orders)
        columns[field] = _column(orders, known, clock)
    for field, orders in open_columns.items():
        agreed = [o for o in orders if o in proven]
        order = agreed[0] if len(agreed) == 1 else _harmless(headers[field], orders)
        columns[field] = _column({order: orders[order]}, known, clock)
    return {field: columns[field] for field in cells}


_Readings = Mapping[str, datetime]


def _survivors(header: str, texts: Collection[str], known: Sequence[DateFormat]) -> dict[str, _Readings]:
    """Return, per order that reads every readable text, what it reads."""
    forms: dict[str, list[DateFormat]] = {}
    for form in known:
        forms.setdefault(form.order, []).append(form)
    likely = max(forms, key=lambda order: len(_readings(forms[order], list(islice(texts, _SAMPLE)))))
    best = _readings(forms[likely], texts)
    if len(best) == len(texts):
        # The usual case: an order is out at its first text that it cannot read.
        whole = {order: best if order == likely else _readings(forms[order], texts, or_nothing=True) for order in forms}
        return {order: readings for order, readings in whole.items() if readings}
    orders = {order: _readings(forms[order], texts) for order in forms}
    readable = set().union(*orders.values())
    if not readable:
        raise AmbiguousDates(
            f"column '{header}': no date format reads its cells, such as '{min(texts)}'; tried "
            f"{listed([_shown(o) for o in orders])}; set `date_format` on the source"
        )
    left = {o: r for o, r in orders.items() if len(r) == len(readable)}
    if not left:
        common = sorted((o for o in orders if orders[o]), key=lambda o: -len(orders[o]))[:2]
        odd = [min(readable - orders[o].keys()) for o in common]
        raise AmbiguousDates(
            f"column '{header}' mixes date orders: '{odd[0]}' is not {_shown(common[0])} and '{odd[1]}' is not "
            f"{_shown(common[1])}; export it again with one order, without passing through a spreadsheet"
        )
    return left


def _readings(forms: Sequence[DateFormat], texts: Collection[str], *, or_nothing: bool = False) -> _Readings:
    """Return what formats of one order read; nothing, if *or_nothing* and there is a text that they cannot read."""
    found: dict[str, datetime] = {}
    for text in texts:
        local = next((moment for form in forms if (moment := form.read(text)) is not None), None)
        if local is not None:
            found[text] = local
        elif or_nothing:
            return {}
    return found


def _column(orders: Mapping[str, _Readings], known: Sequence[DateFormat], clock: _Clock) -> DateColumn:
    """Return the column of the one order, or an empty one for none."""
    for order, readings in orders.items():
        instants, again = {}, {}
        for text, local in readings.items():
            first, second = clock.instants(local)
            instants[text] = first
            if second != first:
                again[text] = second
        form = next(f for f in known if f.order == order and any(f.pattern.fullmatch(t) for t in readings))
        return DateColumn(form.text, instants, again)
    return DateColumn("", {}, {})


def _harmless(header: str, orders: Mapping[str, _Readings]) -> str:
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
    return first


class _Clock:
    """A zone's wall clock, asked once per day: a day of 86,400 s has no doubled or missing local time."""

    def __init__(self, tz: ZoneInfo) -> None:
        self._tz = tz
        self._starts: dict[date, int | None] = {}

    def instants(self, local: datetime) -> tuple[int, int]:
        """Return the two instants of a wall time, equal unless it exists twice; of an aware one, its instant."""
        if local.tzinfo is not None:
            instant = int(local.timestamp())
            return instant, instant
        day = local.date()
        if day not in self._starts:
            start = midnight(day, self._tz)
            self._starts[day] = start if midnight(day + timedelta(days=1), self._tz) - start == DAY else None
        regular = self._starts[day]
        if regular is not None:
            instant = regular + local.hour * 3600 + local.minute * 60 + local.second
            return instant, instant
        first = to_instant(local, self._tz)
        return first, to_instant(local, self._tz, not_before=first + 1)


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
    return head + hour.replace("%H", "HH") + tail.replace("%M", "MM").replace("%S", "SS").replace("%z", "±HH:MM")
