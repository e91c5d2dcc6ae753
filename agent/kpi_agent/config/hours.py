"""Opening hours as text: ``mon-fri`` and ``08:00-12:00, 14:00-18:00``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import time
from itertools import pairwise

from kpi_agent.config.scalars import did_you_mean
from kpi_agent.domain.calendar import TimeRange

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_RANGE = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})\Z", re.ASCII)
_DAY_MINUTES = 24 * 60
_WEEK_MINUTES = 7 * _DAY_MINUTES


def read_weekdays(text: str) -> tuple[int, ...]:
    """Return the weekdays (0 is Monday) that ``mon-fri``, ``sat`` or ``mon,wed`` names; raises ValueError otherwise.

    A range may run over the week's end: ``sat-mon`` is Saturday, Sunday and Monday.
    """
    days: list[int] = []
    for part in text.split(","):
        first, dash, last = (p.strip().lower() for p in part.partition("-"))
        start = _weekday(first)
        count = (_weekday(last) - start) % 7 + 1 if dash else 1
        days += [(start + n) % 7 for n in range(count)]
    if len(set(days)) < len(days):
        raise ValueError(f"'{text}' names a day twice")
    return tuple(days)


def _weekday(name: str) -> int:
    if name not in WEEKDAYS:
        raise ValueError(f"'{name}' is no weekday{did_you_mean(name, WEEKDAYS)}; write mon-fri, sat or mon,wed")
    return WEEKDAYS.index(name)


def read_ranges(text: str) -> tuple[TimeRange, ...]:
    """Return the ranges of ``08:00-12:00, 14:00-18:00``, in order; raises ValueError otherwise, also when they overlap.

    A range whose end is not after its start runs past midnight; ``00:00-24:00`` is the whole day.
    """
    found = sorted(_range(part.strip()) for part in text.split(","))
    spans = [(_minutes(a), _length(a, b)) for a, b in found]
    for (start, length), (following, _) in pairwise(spans):
        if start + length > following:
            raise ValueError(f"'{text}' holds ranges that overlap; write each minute once")
    if spans and spans[-1][0] + spans[-1][1] - _DAY_MINUTES > spans[0][0] and len(spans) > 1:
        raise ValueError(f"'{text}' holds a range past midnight that overlaps the day's first one")
    return tuple(found)


def _range(text: str) -> TimeRange:
    found = _RANGE.match(text)
    if found is None:
        raise ValueError(f'\'{text}\' is no range of hours; write "08:00-18:00" or "08:00-12:00, 14:00-18:00"')
    opening = _time(found[1], found[2], text)
    is_end_of_day = (found[3], found[4]) == ("24", "00")
    closing = time() if is_end_of_day else _time(found[3], found[4], text)
    if opening == closing and opening != time():
        raise ValueError(f"'{text}' begins where it ends; write 00:00-24:00 for a whole day")
    return opening, closing


def _time(hour: str, minute: str, text: str) -> time:
    if int(hour) > 23 or int(minute) > 59:  # noqa: PLR2004 - a clock's face
        raise ValueError(f"'{text}' holds no time of day; hours run from 00:00 to 23:59, and 24:00 ends a day")
    return time(int(hour), int(minute))


def read_week(hours: Mapping[str, str]) -> tuple[dict[int, tuple[TimeRange, ...]], list[tuple[str, str]]]:
    """Return the ranges of each weekday, and for each key that cannot be used what is wrong with it."""
    week: dict[int, tuple[TimeRange, ...]] = {}
    wrong: list[tuple[str, str]] = []
    for days, text in hours.items():
        try:
            ranges = read_ranges(text)
            for day in read_weekdays(days):
                if day in week:
                    raise ValueError(f"'{WEEKDAYS[day]}' has hours already; write each day once")  # noqa: TRY301 - one way out
                week[day] = ranges
        except ValueError as error:
            wrong.append((days, str(error)))
    if not wrong and (clash := _overnight_clash(week)) is not None:
        wrong.append((next(iter(hours)), clash))
    return week, wrong


def _overnight_clash(week: Mapping[int, Iterable[TimeRange]]) -> str | None:
    """Say which day's range past midnight overlaps the next day's hours: an open minute must count once."""
    spans = sorted((day * _DAY_MINUTES + _minutes(a), _length(a, b), day) for day, rs in week.items() for a, b in rs)
    if not spans:
        return None
    around = [*spans, (spans[0][0] + _WEEK_MINUTES, *spans[0][1:])]
    for (start, length, day), (following, _, after) in pairwise(around):
        if start + length > following:
            return f"the hours of '{WEEKDAYS[day]}' run past midnight into those of '{WEEKDAYS[after]}'"
    return None


def _minutes(moment: time) -> int:
    return moment.hour * 60 + moment.minute


def _length(opening: time, closing: time) -> int:
    return (_minutes(closing) - _minutes(opening) - 1) % _DAY_MINUTES + 1
