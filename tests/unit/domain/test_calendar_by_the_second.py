"""Calendars held against a clock read second by second, over days on which clocks are turned or skipped."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import quick
from kpi_agent.domain.calendar import ALWAYS, FOREVER, ServiceCalendar, ServiceHours, TimeRange
from kpi_agent.domain.time import Interval
from wall_clock import HORIZONS, WallClock, wall_clock

edges = st.sampled_from([time(h, m) for h in range(24) for m in (0, 30)] + [time(1, 59, 59), time(23, 59, 59)])
day_ranges = st.lists(st.tuples(edges, edges), max_size=3).map(tuple)


@dataclass(frozen=True)
class Case:
    """A calendar over a horizon, its open seconds counted one by one, and some instants and holds."""

    clock: WallClock
    calendar: ServiceCalendar
    seconds: bytearray  # 1 where open
    start: int
    end: int
    holds: tuple[Interval, ...]

    def running(self) -> bytearray:
        """1 where the clock runs: open, and not held."""
        seconds = bytearray(self.seconds)
        for hold in self.holds:
            part = hold.clip(self.clock.horizon)
            seconds[part.start - self.clock.start : part.end - self.clock.start] = bytes(part.seconds)
        return seconds

    def elapsed(self) -> int:
        return sum(self.running()[self.start - self.clock.start : self.end - self.clock.start])

    def last_second_within(self, limit: int) -> int | None:
        """The last instant of the horizon with at most *limit* seconds gone; None when the limit is never passed."""
        gone = 0
        running = self.running()
        for offset in range(self.start - self.clock.start, len(running)):
            if gone + running[offset] > limit:
                return self.clock.start + offset
            gone += running[offset]
        return None


@st.composite
def cases(draw: st.DrawFn) -> Case:
    clock = wall_clock(draw(st.integers(0, len(HORIZONS) - 1)))
    weekly: dict[int, tuple[TimeRange, ...]] = {day: draw(day_ranges) for day in range(7)}
    rested = draw(st.lists(st.sampled_from(clock.days), max_size=2))
    holidays: dict[date, str] = dict.fromkeys(rested[:1], "holiday")
    extra = {day: draw(day_ranges) for day in draw(st.lists(st.sampled_from(clock.days), max_size=2))}
    hours = ServiceHours(clock.zone, weekly, holidays, frozenset(rested[1:]), extra)
    opened = {day: (() if day in rested else weekly[day.weekday()]) + extra.get(day, ()) for day in clock.days}
    inside = st.integers(clock.start, clock.horizon.end)
    start, end = sorted((draw(inside), draw(inside)))
    holds = draw(st.lists(st.tuples(inside, inside | st.just(FOREVER)), max_size=3))
    return Case(
        clock,
        ServiceCalendar("drawn", hours),
        clock.open_seconds(opened),
        start,
        end,
        tuple(Interval(*hold) for hold in holds),
    )


@quick
@given(cases())
def test_open_spans_are_the_open_seconds(case: Case) -> None:
    found = case.calendar.open_spans(case.clock.horizon)

    counted = bytearray(len(case.seconds))
    for item in found:
        counted[item.start - case.clock.start : item.end - case.clock.start] = b"\x01" * item.seconds
    assert counted == case.seconds


@quick
@given(cases())
def test_elapsed_is_the_count_of_open_seconds_that_are_not_held(case: Case) -> None:
    assert case.calendar.elapsed(case.start, case.end, case.holds) == case.elapsed()


@settings(quick, max_examples=60)
@given(cases(), st.integers(0, 20 * 3600))
def test_the_deadline_is_the_last_second_within_the_limit(case: Case, limit: int) -> None:
    expected = case.last_second_within(limit)

    found = case.calendar.deadline(case.start, limit, case.holds)

    if expected is None:
        assert found is None or found >= case.clock.horizon.end
    else:
        assert found == expected


@quick
@given(cases(), st.integers(0, 20 * 3600))
def test_done_by_the_deadline_and_elapsed_within_the_limit_say_the_same(case: Case, limit: int) -> None:
    deadline = case.calendar.deadline(case.start, limit, case.holds)
    elapsed = case.calendar.elapsed(case.start, case.end, case.holds)

    assert (deadline is None or case.end <= deadline) == (elapsed <= limit)


@quick
@given(cases(), st.integers(0, 20 * 3600))
def test_around_the_clock_only_holds_stop_the_clock(case: Case, limit: int) -> None:
    always = Case(
        case.clock, ALWAYS, bytearray(b"\x01" * len(case.seconds)), case.start, case.end, case.holds
    )  # fmt: skip

    assert ALWAYS.elapsed(case.start, case.end, case.holds) == always.elapsed()
    expected = always.last_second_within(limit)
    if expected is not None:
        assert ALWAYS.deadline(case.start, limit, case.holds) == expected
