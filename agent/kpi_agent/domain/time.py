"""Instants, intervals and periods. An instant is whole seconds since the epoch, UTC; a duration is whole seconds.

Local time exists only here and in ``calendar``: never subtract two local times (indicators.md §1).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from kpi_agent.domain.errors import InvalidPeriod

MINUTE = 60
HOUR = 3600
DAY = 86400


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The half-open stretch [start, end), in epoch seconds; empty when end is not after start."""

    start: int
    end: int

    @property
    def seconds(self) -> int:
        """Length in seconds, never negative."""
        return max(0, self.end - self.start)

    def __contains__(self, instant: int) -> bool:
        return self.start <= instant < self.end

    def clip(self, other: Interval) -> Interval:
        """Return the part inside *other*; empty (start = end) when they do not meet."""
        start = max(self.start, other.start)
        return Interval(start, max(start, min(self.end, other.end)))


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the same seconds as disjoint, sorted, non-empty intervals; touching ones are joined."""
    joined: list[Interval] = []
    for item in sorted(i for i in intervals if i.end > i.start):
        if joined and item.start <= joined[-1].end:
            joined[-1] = Interval(joined[-1].start, max(joined[-1].end, item.end))
        else:
            joined.append(item)
    return tuple(joined)


def total(intervals: Iterable[Interval]) -> int:
    """Return the seconds covered, overlaps counted once."""
    return sum(i.seconds for i in union(intervals))


def intersection(left: Iterable[Interval], right: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the seconds that lie in both, as disjoint sorted intervals."""
    a, b = union(left), union(right)
    found: list[Interval] = []
    i = j = 0
    while i < len(a) and j < len(b):
        start, end = max(a[i].start, b[j].start), min(a[i].end, b[j].end)
        if start < end:
            found.append(Interval(start, end))
        if a[i].end < b[j].end:
            i += 1
        else:
            j += 1
    return tuple(found)


def difference(left: Iterable[Interval], right: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the seconds of *left* that are not in *right*, as disjoint sorted intervals."""
    holes = union(right)
    kept: list[Interval] = []
    for item in union(left):
        cursor = item.start
        for hole in holes:
            if hole.end <= cursor:
                continue
            if hole.start >= item.end:
                break
            if hole.start > cursor:
                kept.append(Interval(cursor, hole.start))
            cursor = hole.end
        if cursor < item.end:
            kept.append(Interval(cursor, item.end))
    return tuple(kept)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo:
    """Return the IANA zone; raises ZoneInfoNotFoundError for an unknown name."""
    return ZoneInfo(name)


def to_instant(local: datetime, tz: ZoneInfo, *, not_before: int | None = None) -> int:
    """Return the epoch second of a naive local wall time (indicators.md §1).

    A local time that does not exist means the first instant after the gap; one that exists twice means the first,
    unless that precedes *not_before* (the ticket's previous milestone): then the second.
    """
    first = int(local.replace(tzinfo=tz, fold=0).timestamp())
    second = int(local.replace(tzinfo=tz, fold=1).timestamp())
    if first == second:
        return first
    if first > second:  # a gap: fold=0 reads the clock before it, fold=1 the clock after it
        return _end_of_gap(second, first, tz)
    return second if not_before is not None and first < not_before else first


def _end_of_gap(before: int, after: int, tz: ZoneInfo) -> int:
    """Return the second in (before, after] at which the zone's offset changes."""
    offset = _offset(before, tz)
    low, high = before, after
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(middle, tz) == offset:
            low = middle
        else:
            high = middle
    return high


def _offset(instant: int, tz: ZoneInfo) -> timedelta | None:
    return datetime.fromtimestamp(instant, tz).utcoffset()


def to_local(instant: int, tz: ZoneInfo) -> datetime:
    """Return the aware local time of an instant."""
    return datetime.fromtimestamp(instant, tz)


def offset_text(moment: datetime) -> str:
    """Return ``+02:00`` where an aware local time exists twice, for then it says nothing alone; else nothing."""
    is_twice = moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset()
    return moment.isoformat()[-6:] if is_twice else ""


@lru_cache(maxsize=4096)
def midnight(day: date, tz: ZoneInfo) -> int:
    """Return the first instant of a local day."""
    return to_instant(datetime(day.year, day.month, day.day), tz)  # noqa: DTZ001 - a wall time, zoned at once


LAST_INSTANT = 253_402_300_799
"""The end of the year 9999: what a source tells beyond is a wrong unit, and no calendar has it."""


def to_utc_text(instant: int) -> str:
    """Return ``2026-10-31T23:00:00Z``."""
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local_days(span: Interval, tz: ZoneInfo) -> Iterator[tuple[date, Interval]]:
    """Yield each local day that meets *span* with its clipped interval; a day may last 23, 24 or 25 h.

    A day that the zone skipped (Apia, 30 December 2011) is not yielded.
    """
    if span.end <= span.start:
        return
    day = to_local(span.start, tz).date()
    start = midnight(day, tz)
    while start < span.end:
        following = day + timedelta(days=1)
        end = midnight(following, tz)
        if (part := Interval(start, end).clip(span)).seconds:
            yield day, part
        day, start = following, end


_MONTH = re.compile(r"(\d{4})-(\d{2})\Z", re.ASCII)
_QUARTER = re.compile(r"(\d{4})-Q([1-4])\Z", re.ASCII)
_WEEK = re.compile(r"(\d{4})-W(\d{2})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar week (from Monday), month or quarter in a zone, half-open, with its edges in epoch seconds."""

    id: str
    timezone: str
    first_day: date
    end_day: date  # the first day after it
    start: int
    end: int

    @property
    def interval(self) -> Interval:
        """The period as an interval."""
        return Interval(self.start, self.end)

    @property
    def tz(self) -> ZoneInfo:
        """The period's zone."""
        return zone(self.timezone)

    @property
    def hours(self) -> int:
        """Length in whole hours: October 2026 in Paris has 745."""
        return (self.end - self.start) // HOUR

    @classmethod
    def parse(cls, text: str, timezone: str) -> Period:
        """Return the period named ``2026-10``, ``2026-W44`` or ``2026-Q4``; raises InvalidPeriod otherwise."""
        try:
            first, end = _edges(text)
        except ValueError as error:
            raise InvalidPeriod(text) from error
        tz = zone(timezone)
        return cls(text, timezone, first, end, midnight(first, tz), midnight(end, tz))

    @classmethod
    def month_of(cls, instant: int, timezone: str) -> Period:
        """Return the calendar month that contains *instant*."""
        return cls.parse(to_local(instant, zone(timezone)).strftime("%Y-%m"), timezone)

    def previous(self) -> Period:
        """Return the period of the same kind that ends where this one starts."""
        return self.parse(_name_of(self.first_day - timedelta(days=1), self.id), self.timezone)

    def following(self) -> Period:
        """Return the period of the same kind that starts where this one ends."""
        return self.parse(_name_of(self.end_day, self.id), self.timezone)


def _edges(text: str) -> tuple[date, date]:
    if found := _MONTH.match(text):
        first = date(int(found[1]), int(found[2]), 1)
        return first, _first_of_month_after(first, 1)
    if found := _QUARTER.match(text):
        first = date(int(found[1]), 3 * int(found[2]) - 2, 1)
        return first, _first_of_month_after(first, 3)
    if found := _WEEK.match(text):
        first = date.fromisocalendar(int(found[1]), int(found[2]), 1)
        return first, first + timedelta(days=7)
    raise ValueError(text)


def _first_of_month_after(first: date, months: int) -> date:
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _name_of(day: date, like: str) -> str:
    if "Q" in like:
        return f"{day.year}-Q{(day.month + 2) // 3}"
    if "W" in like:
        year, week, _ = day.isocalendar()
        return f"{year}-W{week:02d}"
    return f"{day:%Y-%m}"
