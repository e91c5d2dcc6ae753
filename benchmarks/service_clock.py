"""Seconds of intervals on an office calendar, against businesstimedelta; both must give the same seconds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time
from importlib import import_module
from pathlib import Path

import holidays

from benchmarks.measure import NotMeasured, Pair, Row, faster, timed
from kpi_agent.domain.calendar import ServiceCalendar, ServiceHours
from kpi_agent.domain.time import DAY, Interval

_INTERVALS = 100_000
_REFERENCE_INTERVALS = 2_000  # it needs a minute for all
_ZONE = "Europe/Paris"
_OPEN, _CLOSE = time(8), time(18)
_FIRST, _LAST = 1_735_689_600, 1_798_761_600  # 2025 and 2026
_HOLIDAYS = dict(holidays.country_holidays("FR", years=range(2024, 2029)))
_LONGEST = 10 * DAY
_REPETITIONS = 3


def rows(_folder: Path) -> Iterator[Row]:
    reference = _businesstimedelta()
    intervals = _intervals()
    few = intervals[:_REFERENCE_INTERVALS]
    if [_office().elapsed(i.start, i.end) for i in few] != [reference(i) for i in few]:
        raise RuntimeError("the two do not count the same seconds: their times cannot be compared")
    scale = _INTERVALS / _REFERENCE_INTERVALS
    pairs = [
        Pair(timed(lambda: _elapse(intervals)), scale * timed(lambda: [reference(i) for i in few]))
        for _ in range(_REPETITIONS)
    ]
    named = f"businesstimedelta, {_REFERENCE_INTERVALS:,} intervals × {scale:g}"
    what = f"service-clock: {_INTERVALS:,} intervals, office hours, holidays"
    yield faster("service-clock", what, named, pairs, times=150)


def _office() -> ServiceCalendar:
    weekly = dict.fromkeys(range(5), ((_OPEN, _CLOSE),))
    return ServiceCalendar("office", ServiceHours(_ZONE, weekly, holidays=_HOLIDAYS))


def _elapse(intervals: Sequence[Interval]) -> None:
    calendar = _office()  # anew: that the years are resolved when first asked for is part of the price
    for interval in intervals:
        calendar.elapsed(interval.start, interval.end)


def _intervals() -> list[Interval]:
    chance = random.Random(1)
    starts = (chance.randrange(_FIRST, _LAST) for _ in range(_INTERVALS))
    return [Interval(start, start + chance.randrange(1, _LONGEST)) for start in starts]


def _businesstimedelta() -> Callable[[Interval], int]:
    """Return the reference's way from an interval to its seconds in office hours."""
    try:
        # Only the extra `bench` brings it, and with it pytz; neither has types.
        businesstimedelta, pytz = import_module("businesstimedelta"), import_module("pytz")
    except ModuleNotFoundError as error:
        raise NotMeasured(f"{error.name} is not installed: pip install 'kpi-agent[bench]'") from error
    tz = pytz.timezone(_ZONE)
    days = businesstimedelta.WorkDayRule(start_time=_OPEN, end_time=_CLOSE, working_days=[0, 1, 2, 3, 4], tz=tz)
    hours = businesstimedelta.Rules([days, businesstimedelta.HolidayRule(_HOLIDAYS, tz=tz)])

    def elapsed(interval: Interval) -> int:
        start, end = (datetime.fromtimestamp(i, UTC) for i in (interval.start, interval.end))
        found = hours.difference(start, end)
        return int(found.hours) * 3600 + int(found.seconds)

    return elapsed
