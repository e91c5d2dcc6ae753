"""Service hours as one byte per second.

Slow and plain on purpose: elapsed time is counted byte by byte and a deadline is walked to, so that the truth
shares no algorithm with a program that computes on intervals.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

MINUTE = 60
HOUR = 3600
DAY = 86400

OPEN = 1

# Every zone used here is a multiple of a quarter of an hour from UTC, and every service hour begins on one.
_QUARTER = 900

# Nothing in this estate takes more than a month of wall time once its holds are over.
_REACH = 40 * DAY

Hold = tuple[int, int | None]
"""A stretch during which a clock stands still; None as its end: it has not ended."""


@dataclass(frozen=True, slots=True)
class Clock:
    """Service hours from *origin* on: byte i is 1 when second origin + i is inside them."""

    origin: int
    marks: bytearray

    def elapsed(self, start: int, end: int, holds: Sequence[Hold] = ()) -> int:
        """Return the seconds of [start, end) inside service hours and outside every hold (indicators.md §1)."""
        if not holds:
            return self.marks.count(OPEN, start - self.origin, end - self.origin)
        return self._piece(start, end, holds).count(OPEN)

    def deadline(self, start: int, limit: int, holds: Sequence[Hold] = ()) -> int | None:
        """Return the last instant d with elapsed(start, d) ≤ limit, or None when no open second follows."""
        reach = max([start, *(end for _, end in holds if end is not None)]) + _REACH
        piece = self._piece(start, reach, holds)
        left = limit
        at = 0
        while (open_seconds := piece.count(OPEN, at, at + HOUR)) <= left:
            left -= open_seconds
            at += HOUR
            if at >= len(piece):
                return None
        while not piece[at] or left:
            left -= piece[at]
            at += 1
        return start + at

    def after(self, start: int, seconds: int) -> int:
        """Return the open second before which exactly *seconds* of service have passed since *start*."""
        instant = self.deadline(start, seconds)
        if instant is None:
            raise ValueError(f"no service second {seconds} s after {start}")
        return instant

    def closes_after(self, instant: int) -> int:
        """Return the first second from *instant* on that is outside service hours, or the end of the line."""
        shut = self.marks.find(0, instant - self.origin)
        return self.origin + (len(self.marks) if shut < 0 else shut)

    def is_open(self, instant: int) -> bool:
        """Tell whether the second that begins at *instant* is inside service hours."""
        return self.marks[instant - self.origin] == OPEN

    def _piece(self, start: int, end: int, holds: Sequence[Hold]) -> bytearray:
        piece = self.marks[start - self.origin : end - self.origin]
        for hold_start, hold_end in holds:
            first = max(hold_start - start, 0)
            last = len(piece) if hold_end is None else min(hold_end - start, len(piece))
            if first < last:
                piece[first:last] = bytes(last - first)
        return piece


def round_the_clock(origin: int, end: int) -> Clock:
    """Return the clock that never stops, over [origin, end)."""
    return Clock(origin, bytearray([OPEN]) * (end - origin))


def wall_clock(origin: int, end: int, zone: ZoneInfo, is_open: Callable[[datetime], bool]) -> Clock:
    """Return the clock that is open when *is_open* says so of the local time, asked for each quarter of an hour."""
    marks = bytearray(end - origin)
    for quarter in range(origin - origin % _QUARTER, end, _QUARTER):
        if is_open(datetime.fromtimestamp(quarter, zone)):
            first = max(quarter, origin)
            last = min(quarter + _QUARTER, end)
            marks[first - origin : last - origin] = bytes([OPEN]) * (last - first)
    return Clock(origin, marks)


def office_hours(local: datetime) -> bool:
    """Tell whether a French office is open: Monday to Friday, 08:00 to 18:00, not on a public holiday."""
    saturday, opening, closing = 5, 8, 18
    return (
        local.weekday() < saturday
        and opening <= local.hour < closing
        and local.date() not in french_holidays(local.year)
    )


def french_holidays(year: int) -> frozenset[date]:
    """Return the eleven public holidays of metropolitan France (Alsace and Moselle have two more)."""
    easter = easter_sunday(year)
    fixed = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
    moving = (1, 39, 50)  # days after Easter Sunday: Easter Monday, Ascension, Whit Monday
    return frozenset(
        [date(year, month, day) for month, day in fixed] + [easter + timedelta(days=days) for days in moving]
    )


def easter_sunday(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar: the Sunday after the paschal full moon (computus)."""
    golden = year % 19
    century = year // 100
    correction = century - century // 4 - (8 * century + 13) // 25
    epact = (19 * golden + correction + 15) % 30
    # The two exceptions keep the full moon inside the 29 days that the tables allow.
    moon = epact - (epact // 28) * (1 - (29 // (epact + 1)) * ((21 - golden) // 11))
    weekday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    days_after_21_march = moon - weekday + 7
    return date(year, 3, 21) + timedelta(days=days_after_21_march)
