"""A wall clock read second by second: the slow truth that calendars are held against."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
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
    """What the clock on the wall shows from *start* on, read at each minute, as seconds since 1970 of that wall.

    Offsets change on whole minutes, so that one look a minute is enough to know every second.
    """

    zone: str
    start: int
    shown: tuple[int, ...]
    furthest: tuple[int, ...]  # the latest wall time shown by the end of each minute

    @property
    def horizon(self) -> Interval:
        return Interval(self.start, self.start + 60 * len(self.shown))

    @property
    def days(self) -> list[date]:
        """Every date shown or skipped, and the one before: its night may run into the horizon."""
        first = datetime.fromtimestamp(self.shown[0], UTC).date() - timedelta(days=1)
        last = datetime.fromtimestamp(self.furthest[-1], UTC).date()
        return [first + timedelta(days=n) for n in range((last - first).days + 1)]

    def shown_at(self, offset: int) -> int:
        """What the wall shows so many seconds after the start."""
        return self.shown[offset // 60] + offset % 60

    def first_second_at(self, wall: datetime) -> int:
        """The first second of the horizon at which the wall shows *wall* or has passed it (its end if never)."""
        sought = int(wall.replace(tzinfo=UTC).timestamp())
        minute = bisect_left(self.furthest, sought)
        return 60 * minute + (max(0, sought - self.shown[minute]) if minute < len(self.shown) else 0)

    def open_seconds(self, opened: Mapping[date, tuple[TimeRange, ...]]) -> bytearray:
        """One byte per second of the horizon: 1 when a range is open."""
        seconds = bytearray(self.horizon.seconds)
        for day in self.days:
            for opening, closing in opened.get(day, ()):
                last_day = day if closing > opening else day + timedelta(days=1)
                first = self.first_second_at(datetime.combine(day, opening))
                last = self.first_second_at(datetime.combine(last_day, closing))
                seconds[first:last] = b"\x01" * (last - first)
        return seconds


@cache
def wall_clock(index: int) -> WallClock:
    """Read the horizon of that number."""
    name, text, hours = HORIZONS[index]
    return read_wall(name, int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()), hours)


def read_wall(name: str, start: int, hours: int) -> WallClock:
    """Read the wall of a zone for so many hours from an instant on a whole minute."""
    zone = ZoneInfo(name)
    shown = [minute + _offset(minute, zone) for minute in range(start, start + hours * 3600, 60)]
    return WallClock(name, start, tuple(shown), tuple(accumulate((at + 59 for at in shown), max)))


def _offset(instant: int, zone: ZoneInfo) -> int:
    offset = datetime.fromtimestamp(instant, zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def turns(name: str, first: int, last: int) -> list[tuple[int, int]]:
    """Return each (instant, seconds by which the wall jumps then) of a zone between two instants, found day by day."""
    zone = ZoneInfo(name)
    found, before = [], _offset(first, zone)
    for day in range(first, last, 86_400):
        if _offset(day + 86_400, zone) == before:
            continue
        for minute in range(day, day + 86_400, 60):
            if (after := _offset(minute + 60, zone)) != before:
                found.append((minute + 60, after - before))
                before = after
    return found
