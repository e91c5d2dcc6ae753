"""A wall clock read second by second: the slow truth that calendars are held against."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import accumulate
from zoneinfo import ZoneInfo

from kpi_agent.domain.calendar import TimeRange
from kpi_agent.domain.time import Interval

# Zone, first UTC instant and length of a horizon that holds a change of the clock, or a skipped day.
HORIZONS = (
    ("Europe/Paris", "2026-03-28T12:00", 36),
    ("Europe/Paris", "2026-10-24T12:00", 36),
    ("America/New_York", "2026-03-07T18:00", 36),
    ("America/New_York", "2026-10-31T18:00", 36),
    ("Australia/Lord_Howe", "2026-04-04T03:00", 30),
    ("Australia/Lord_Howe", "2026-10-03T03:00", 30),
    ("Pacific/Apia", "2011-12-29T20:00", 40),
)


@dataclass(frozen=True)
class WallClock:
    """What the clock on the wall shows at each second of a horizon, as seconds since 1970 of that wall."""

    zone: str
    start: int
    shown: tuple[int, ...]
    furthest: tuple[int, ...]  # the latest wall time shown so far

    @property
    def horizon(self) -> Interval:
        return Interval(self.start, self.start + len(self.shown))

    @property
    def days(self) -> list[date]:
        """Every date shown or skipped, and the one before: its night may run into the horizon."""
        first = datetime.fromtimestamp(self.shown[0], UTC).date() - timedelta(days=1)
        last = datetime.fromtimestamp(self.furthest[-1], UTC).date()
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def first_second_at(self, wall: datetime) -> int:
        """The first second of the horizon at which the wall shows *wall* or has passed it (its end if never)."""
        return bisect_left(self.furthest, int(wall.replace(tzinfo=UTC).timestamp()))

    def open_seconds(self, opened: dict[date, tuple[TimeRange, ...]]) -> bytearray:
        """One byte per second of the horizon: 1 when a range is open."""
        seconds = bytearray(len(self.shown))
        for day in self.days:
            for opening, closing in opened.get(day, ()):
                last_day = day if closing > opening else day + timedelta(days=1)
                first = self.first_second_at(datetime.combine(day, opening))
                last = self.first_second_at(datetime.combine(last_day, closing))
                seconds[first:last] = b"\x01" * (last - first)
        return seconds


@cache
def wall_clock(index: int) -> WallClock:
    """Read the horizon of that number; offsets change on whole minutes, so that one look a minute is enough."""
    name, text, hours = HORIZONS[index]
    zone = ZoneInfo(name)
    start = int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
    shown: list[int] = []
    for minute in range(start, start + hours * 3600, 60):
        offset = datetime.fromtimestamp(minute, zone).utcoffset()
        assert offset is not None
        shown.extend(range(minute + int(offset.total_seconds()), minute + int(offset.total_seconds()) + 60))
    return WallClock(name, start, tuple(shown), tuple(accumulate(shown, max)))
