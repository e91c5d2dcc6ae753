"""Service clocks in every zone that turns its clocks, over each kind of turn, counted second by second."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from zoneinfo import available_timezones

import pytest

from builders import local
from kpi_agent.domain.calendar import FOREVER, ServiceCalendar, ServiceHours, TimeRange
from kpi_agent.domain.time import DAY, HOUR, Interval
from wall_clock import WallClock, read_wall, turns

FIRST, LAST = local("2026-01-01", "UTC"), local("2028-01-01", "UTC")
DAYS = 4  # of a horizon, with the turn on its second day or at the beginning of its third
GROUPS = 10
ZONES = sorted(available_timezones())


@cache
def turning() -> Mapping[str, Mapping[int, int]]:
    """Each zone that turns its clocks, with an instant for each jump (in seconds) that its clocks make."""
    found = {name: {jump: at for at, jump in turns(name, FIRST, LAST)} for name in ZONES}
    return {name: jumps for name, jumps in found.items() if jumps}


@dataclass(frozen=True)
class Count:
    """The seconds of a horizon in which a clock runs: open, and not held. 1 where it does."""

    start: int
    running: bytearray

    def elapsed(self, start: int, end: int) -> int:
        return self.running.count(1, start - self.start, end - self.start)

    def running_second(self, start: int, number: int) -> int | None:
        """The instant of the running second of that number, from 0, at or after *start*; None beyond the horizon."""
        at = start - self.start
        while (ahead := self.running.count(1, at, at + 600)) <= number:
            number, at = number - ahead, at + 600
            if at >= len(self.running):
                return None
        for _ in range(number + 1):
            at = self.running.index(1, at) + 1
        return self.start + at - 1


def a_time(rng: random.Random) -> time:
    """Mostly within the hours in which clocks are turned, often on the minute, sometimes on an odd second."""
    hour = rng.choice((0, 1, 2, 3, 4, rng.randrange(24)))
    return time(hour, rng.choice((0, 15, 29, 30, 31, 59)), rng.choice((0, 0, 0, 1, 59)))


def some_ranges(rng: random.Random) -> tuple[TimeRange, ...]:
    return tuple((a_time(rng), a_time(rng)) for _ in range(rng.choice((0, 1, 1, 2, 3))))


def a_calendar(clock: WallClock, rng: random.Random) -> tuple[ServiceCalendar, bytearray]:
    """A calendar with several ranges a day, a holiday, a closed and an extra day; and its open seconds."""
    weekly = {weekday: some_ranges(rng) for weekday in range(7)}
    holiday, closed, opened = (rng.choice(clock.days) for _ in range(3))
    has_holiday, has_closed = rng.random() < 0.4, rng.random() < 0.4
    extra = {opened: some_ranges(rng)} if rng.random() < 0.4 else {}
    hours = ServiceHours(
        clock.zone,
        weekly,
        {holiday: "holiday"} if has_holiday else {},
        frozenset({closed}) if has_closed else frozenset(),
        extra,
    )
    shut = {day for day, is_shut in ((holiday, has_holiday), (closed, has_closed)) if is_shut}
    by_day: dict[date, tuple[TimeRange, ...]] = {}
    for day in clock.days:
        by_day[day] = (() if day in shut else weekly[day.weekday()]) + extra.get(day, ())
    return ServiceCalendar("drawn", hours), clock.open_seconds(by_day)


def some_holds(clock: WallClock, rng: random.Random) -> tuple[Interval, ...]:
    """Holds that overlap, touch, lie apart, begin before the horizon, or never end."""
    found = []
    for _ in range(rng.choice((0, 1, 2, 4))):
        start = rng.randrange(clock.start - HOUR, clock.horizon.end)
        found.append(Interval(start, rng.choice((start + rng.randrange(1, 10 * HOUR),) * 5 + (FOREVER,))))
    return tuple(found)


def the_horizons(group: int) -> list[tuple[WallClock, random.Random]]:
    """A tenth of all zones: one horizon for each kind of turn that the zone makes."""
    found = []
    for name in sorted(turning())[group::GROUPS]:
        for jump, at in turning()[name].items():
            rng = random.Random(f"{name} {jump}")
            found.append((read_wall(name, at - rng.choice((1, 2)) * DAY + 60 * rng.randrange(60), 24 * DAYS), rng))
    return found


def test_all_zones_that_turn_their_clocks_are_looked_at() -> None:
    jumps = {jump for jumps in turning().values() for jump in jumps}

    assert {"Europe/Paris", "America/New_York", "Africa/Casablanca", "Antarctica/Troll"} <= set(turning())
    assert set(turning()["Australia/Lord_Howe"]) == {1800, -1800}
    assert {HOUR, -HOUR, 2 * HOUR, -2 * HOUR} <= jumps
    assert len(turning()) > 150


@pytest.mark.parametrize("group", range(GROUPS))
def test_elapsed_and_deadline_are_what_the_seconds_counted_one_by_one_say(group: int) -> None:
    for clock, rng in the_horizons(group):
        calendar, open_seconds = a_calendar(clock, rng)
        assert open_seconds == seconds_of(calendar.open_spans(clock.horizon), clock), f"{clock.zone} at {clock.start}"
        for _ in range(3):
            holds, running = some_holds(clock, rng), bytearray(open_seconds)
            for hold in holds:
                part = hold.clip(clock.horizon)
                running[part.start - clock.start : part.end - clock.start] = bytes(part.seconds)
            compare(calendar, holds, Count(clock.start, running), rng, clock)


def seconds_of(spans: tuple[Interval, ...], clock: WallClock) -> bytearray:
    seconds = bytearray(clock.horizon.seconds)
    for span in spans:
        seconds[span.start - clock.start : span.end - clock.start] = b"\x01" * span.seconds
    return seconds


def compare(
    calendar: ServiceCalendar, holds: tuple[Interval, ...], count: Count, rng: random.Random, clock: WallClock
) -> None:
    where = f"{clock.zone} at {clock.start}"
    for _ in range(4):
        start, end = sorted(rng.randrange(clock.start, clock.horizon.end + 1) for _ in range(2))
        assert calendar.elapsed(start, end, holds) == count.elapsed(start, end), where
        limit = rng.choice((0, 1, 60, HOUR, rng.randrange(20 * HOUR)))
        expected, found = count.running_second(start, limit), calendar.deadline(start, limit, holds)
        if expected is None:
            assert found is None or found >= clock.horizon.end, where
            continue
        assert found == expected, where
        # The deadline undoes elapsed: no later instant is within the limit, and a running second is its own deadline.
        assert calendar.elapsed(start, expected, holds) == limit < calendar.elapsed(start, expected + 1, holds), where
