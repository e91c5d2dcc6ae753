"""Service hours: when a contract's clocks run. Own code because it is the product (architecture.md §6)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from kpi_agent.domain.time import DAY, Interval, to_instant, to_local, union, zone

TimeRange = tuple[time, time]
"""Opening and closing wall time; a closing not after the opening is on the next day (00:00 to 00:00: a whole day)."""

# A deadline is looked for this many years ahead; beyond, the calendar is taken as closed for good.
_HORIZON_YEARS = 30


@dataclass(frozen=True, slots=True)
class ServiceHours:
    """Weekly opening ranges in a zone, with what changes them. Weekdays are 0 (Monday) to 6."""

    timezone: str
    weekly: Mapping[int, tuple[TimeRange, ...]]
    holidays: Mapping[date, str] = field(default_factory=dict)
    closed: frozenset[date] = frozenset()
    extra: Mapping[date, tuple[TimeRange, ...]] = field(default_factory=dict)

    def ranges_on(self, day: date) -> tuple[TimeRange, ...]:
        """Return the wall-time ranges that begin on a local day: extra openings also on holidays and closed days."""
        usual = () if day in self.holidays or day in self.closed else self.weekly.get(day.weekday(), ())
        return usual + self.extra.get(day, ())


class ServiceCalendar:
    """A named time line of open seconds. Answers are exact; the spans of a year are resolved when first asked for."""

    def __init__(self, name: str, hours: ServiceHours | None) -> None:
        """*hours* None is ``24x7``: the whole time line."""
        self.name = name
        self.hours = hours
        self._years: frozenset[int] = frozenset()  # the local years that the spans cover
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._before: list[int] = []  # open seconds before each span

    def __repr__(self) -> str:
        return f"ServiceCalendar({self.name!r})"

    @property
    def is_always_open(self) -> bool:
        """Whether this is 24x7."""
        return self.hours is None

    def open_spans(self, span: Interval) -> tuple[Interval, ...]:
        """Return the open stretches inside *span*, sorted and disjoint."""
        if span.end <= span.start:
            return ()
        if self.hours is None:
            return (span,)
        self._resolve(self.hours, span.start, span.end)
        first = max(0, bisect_right(self._starts, span.start) - 1)
        found = []
        for start, end in zip(self._starts[first:], self._ends[first:], strict=True):
            if start >= span.end:
                break
            if end > span.start:
                found.append(Interval(start, end).clip(span))
        return tuple(found)

    def elapsed(self, start: int, end: int, holds: Iterable[Interval] = ()) -> int:
        """Return the seconds of [start, end) inside service hours and outside *holds* (indicators.md §1)."""
        elapsed = self._open_between(start, end)
        if not holds:  # most tickets: nothing to clip and join
            return elapsed
        span = Interval(start, end)
        return elapsed - sum(self._open_between(h.start, h.end) for h in union(h.clip(span) for h in holds))

    def deadline(self, start: int, limit: int, holds: Iterable[Interval] = ()) -> int | None:
        """Return the last instant d with ``elapsed(start, d, holds) <= limit``; None when no open second follows.

        If the limit is reached as service closes or as a hold begins, that is the next opening, or the hold's end.
        A hold without end is given with an end beyond every horizon (``FOREVER``): then there may be no deadline.
        """
        remaining, cursor = limit, start
        for hold in union(holds):
            if hold.end <= cursor:
                continue
            available = self._open_between(cursor, hold.start)
            if available > remaining:
                break
            remaining -= available
            cursor = hold.end
            if cursor >= FOREVER:
                return None
        return self._nth_open_second(cursor, remaining)

    def weekday_seconds(self) -> frozenset[int]:
        """Return the distinct lengths, in seconds, of the weekly pattern's open days: one when ``wd`` is allowed."""
        if self.hours is None:
            return frozenset({DAY})
        lengths = {sum(_length(r) for r in ranges) for ranges in self.hours.weekly.values() if ranges}
        return frozenset(lengths)

    def _open_between(self, start: int, end: int) -> int:
        if end <= start:
            return 0
        if self.hours is None:
            return end - start
        self._resolve(self.hours, start, end)
        return self._open_before(end) - self._open_before(start)

    def _open_before(self, instant: int) -> int:
        index = bisect_right(self._starts, instant) - 1
        if index < 0:
            return 0
        return self._before[index] + min(instant, self._ends[index]) - self._starts[index]

    def _nth_open_second(self, start: int, count: int) -> int | None:
        """Return the instant of the open second number *count* (from 0) at or after *start*."""
        if self.hours is None:
            return start + count
        year = to_local(start, zone(self.hours.timezone)).year
        for ahead in (1, _HORIZON_YEARS):  # the far years only when the near ones are not enough
            self._resolve_years(self.hours, year, year + ahead)
            target = self._open_before(start) + count
            index = bisect_right(self._before, target) - 1
            if index >= 0:
                instant = self._starts[index] + target - self._before[index]
                if instant < self._ends[index]:
                    return instant
        return None

    def _resolve(self, hours: ServiceHours, start: int, end: int) -> None:
        """Make sure that the spans of every local year that [start, end] touches are known."""
        tz = zone(hours.timezone)
        self._resolve_years(hours, to_local(start, tz).year, to_local(min(end, FOREVER), tz).year)

    def _resolve_years(self, hours: ServiceHours, *asked: int) -> None:
        """Make sure that the spans of these local years, and of all between what was ever asked for, are known."""
        years = self._years.union(asked)
        if years == self._years:
            return
        first, last = min(years), max(years)
        self._years = frozenset(range(first, last + 1))
        # The night before New Year runs into the first year.
        spans = union(_spans(hours, date(first, 1, 1) - timedelta(days=1), date(last, 12, 31)))
        self._starts = [s.start for s in spans]
        self._ends = [s.end for s in spans]
        self._before = []
        count = 0
        for s in spans:
            self._before.append(count)
            count += s.seconds


FOREVER = 13_569_465_600  # 2400-01-01T00:00:00Z: the end of an interval that has no end yet

ALWAYS = ServiceCalendar("24x7", None)


def _spans(hours: ServiceHours, first: date, last: date) -> Iterable[Interval]:
    """Yield the ranges that begin on these days; one that lies in a gap of the clock is empty."""
    tz, day = zone(hours.timezone), first
    while day <= last:
        following = day + timedelta(days=1)
        for opening, closing in hours.ranges_on(day):
            start = to_instant(datetime.combine(day, opening), tz)
            yield Interval(start, to_instant(datetime.combine(day if closing > opening else following, closing), tz))
        day = following


def _length(span: TimeRange) -> int:
    opening, closing = (t.hour * 3600 + t.minute * 60 + t.second for t in span)
    return closing - opening if closing > opening else closing - opening + DAY
