"""How the people of a desk deal with one ticket: the course from its opening to its end."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from kpi_agent_simulator.estate import Limit
from kpi_agent_simulator.hours import DAY, HOUR, MINUTE, Clock
from kpi_agent_simulator.tickets import Deed, Event

AUTO_CLOSE = 5 * DAY

_EXACTLY_ON_THE_LIMIT = 0.01
_JUST_BEYOND = 0.015


@dataclass(frozen=True, slots=True)
class Habits:
    """What a desk does, and how well; *grain* is the second resolution of its clock."""

    grain: int
    late_response: float
    late_resolution: float
    hold_reasons: tuple[str, ...]
    # GLPI keeps only the total of its holds: one that began after the limit could not be told from one before.
    holds_before_limit_only: bool


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be done about one ticket: its opening, the limit it runs under, the clock of its priority."""

    opened: int
    limit: Limit
    clock: Clock
    habits: Habits

    def grained(self, seconds: float) -> int:
        """Return a duration on the desk's own resolution, at least one step of it."""
        return max(int(seconds) // self.habits.grain, 1) * self.habits.grain


def usual_course(work: Work, rng: random.Random, slowness: float | None = None) -> list[Event]:
    """Return response, holds and resolution; *slowness* fixes the resolution as a multiple of its limit."""
    habits = work.habits
    respond = work.grained(_pace(work.limit.respond_seconds, habits.late_response, habits.grain, rng))
    resolve = work.grained(_pace(work.limit.resolve_seconds, habits.late_resolution, habits.grain, rng))
    if slowness is not None:
        resolve = work.grained(work.limit.resolve_seconds * slowness)
    resolve = max(resolve, respond + 5 * MINUTE)
    events = [Event(work.clock.after(work.opened, respond), Deed.RESPOND)]
    return events + finish(work, work.opened, (respond, resolve), rng)


def finish(work: Work, start: int, spent_and_needed: tuple[int, int], rng: random.Random) -> list[Event]:
    """Return the holds and the resolution of work that began at *start*.

    Of the service seconds that it needs some are spent already: no hold begins during those.
    """
    spent, needed = spent_and_needed
    last = min(needed, work.limit.resolve_seconds * 8 // 10) if work.habits.holds_before_limit_only else needed
    events: list[Event] = []
    since, done = start, 0
    for point in _hold_points(spent + 2 * MINUTE, last - 2 * MINUTE, rng):
        step = work.grained(point - done)
        at = work.clock.after(since, step)
        reason = rng.choice(work.habits.hold_reasons)
        since, done = at + work.grained(_hold_length(work.limit, reason, rng)), done + step
        events += [Event(at, Deed.HOLD, reason), Event(since, Deed.RESUME)]
    resolved = work.clock.after(since, work.grained(needed - done))
    return [*events, Event(_perhaps_in_the_evening(work, resolved, rng), Deed.RESOLVE)]


def direct_course(work: Work, rng: random.Random) -> list[Event]:
    """Return a resolution without any response before it: half of them too late to tell whether one was in time."""
    share = rng.uniform(0.2, 0.9) if rng.random() < 1 / 2 else rng.uniform(1.3, 2.5)
    return [Event(work.clock.after(work.opened, work.grained(work.limit.respond_seconds * share)), Deed.RESOLVE)]


def waiting_course(work: Work, until: int, rng: random.Random) -> list[Event]:
    """Return a response and a hold on the customer that ends at *until*."""
    half_a_response = work.clock.after(work.opened, work.grained(work.limit.respond_seconds / 2))
    held = work.clock.after(half_a_response, work.grained(rng.uniform(HOUR, 2 * HOUR)))
    resolved = work.clock.after(until, work.grained(HOUR))
    return [
        Event(half_a_response, Deed.RESPOND),
        Event(held, Deed.HOLD, "customer"),
        Event(until, Deed.RESUME),
        Event(resolved, Deed.RESOLVE),
    ]


def reopened_course(work: Work, pause: int, rng: random.Random) -> list[Event]:
    """Return a course whose resolution did not last: it is reopened *pause* seconds later and resolved again."""
    events = usual_course(work, rng)
    reopened = events[-1].instant + pause
    again = work.grained(work.limit.resolve_seconds * rng.triangular(0.1, 1.3, 0.3))
    return [*events, Event(reopened, Deed.REOPEN), *finish(work, reopened, (0, again), rng)]


def raised_course(work: Work, priority: str, rng: random.Random) -> list[Event]:
    """Return a course during which the ticket became more urgent, before or after the response."""
    events = [event for event in usual_course(work, rng) if event.deed in {Deed.RESPOND, Deed.RESOLVE}]
    first, last = work.opened, events[-1].instant
    raised = first + work.grained((last - first) * rng.uniform(0.05, 0.7))
    if any(event.instant == raised for event in events):
        raised += 1
    return sorted([*events, Event(raised, Deed.RAISE, priority)], key=lambda event: event.instant)


def closing(events: Sequence[Event]) -> Event:
    """Return the automatic closing that follows the last resolution."""
    return Event(events[-1].instant + AUTO_CLOSE, Deed.CLOSE)


def _pace(limit: int, late: float, grain: int, rng: random.Random) -> float:
    """Return how long a step takes: mostly well inside its limit, sometimes on it, sometimes beyond."""
    draw = rng.random()
    if draw < _EXACTLY_ON_THE_LIMIT:
        return limit
    if draw < _JUST_BEYOND:
        return limit + grain
    if rng.random() < late:
        return limit * rng.uniform(1.1, 2.2)
    return limit * rng.triangular(0.04, 0.95, 0.25)


def _hold_points(first: int, last: int, rng: random.Random) -> list[int]:
    """Return after how many service seconds the work is put on hold: never, once or twice."""
    count = rng.choices((0, 1, 2), weights=(80, 16, 4))[0]
    if last - first < HOUR // 2:
        return []
    third = (last - first) // 3
    return [first + third * step + rng.randrange(third) for step in range(count)]


def _hold_length(limit: Limit, reason: str, rng: random.Random) -> float:
    if reason != "customer":
        return limit.resolve_seconds * rng.uniform(0.05, 0.25)
    return rng.uniform(10 * MINUTE, 2 * HOUR) if limit.resolve_seconds <= 4 * HOUR else rng.uniform(2 * HOUR, 40 * HOUR)


def _perhaps_in_the_evening(work: Work, resolved: int, rng: random.Random) -> int:
    """Return the same instant or, now and then, one after hours: an engineer who finished late."""
    if rng.random() < 1 / 16:
        late = work.clock.closes_after(resolved) + work.grained(rng.uniform(10 * MINUTE, 2 * HOUR))
        return late if late - resolved < DAY else resolved
    return resolved
