"""All tickets of one contract: who called when, about what, and what became of it."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kpi_agent_simulator.arrivals import Arrival, arrive
from kpi_agent_simulator.casework import (
    Habits,
    Work,
    closing,
    direct_course,
    raised_course,
    reopened_course,
    usual_course,
    waiting_course,
)
from kpi_agent_simulator.estate import PRIORITIES, SAME_OCCURRENCE, Contract
from kpi_agent_simulator.hours import DAY, HOUR, MINUTE, Clock
from kpi_agent_simulator.tickets import Deed, Event, Ticket
from kpi_agent_simulator.titles import Titles
from kpi_agent_simulator.vocabulary import Family, Vocabulary

_REQUESTS_PER_MONTH = 12
_STRANGER_PRIORITIES = (8, 22, 46, 24)
_CONTACTS = ("Phone", "Email", "Self service", "Monitoring")
_INTERNAL = "internal tools"

# Every how many strangers something out of the ordinary happens, and with which of them it begins.
_DIRECT = (23, 5)
_RAISED = (19, 3)
_REOPENED = (25, 7)
_REOPENED_LATE = (28, 11)
_CANCELLED = (26, 13)
_CANCELLED_LATE = (53, 17)

# Two incidents of a family follow each other well within the look-back of 90 days or not at all: in between, it would
# matter whether one counts from an opening or from a resolution.
_SURELY_RECURRENT = 80 * DAY


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and when a desk works: *edges* are the month starts and now, *exports* when files are written."""

    contract: Contract
    vocabulary: Vocabulary
    habits: Habits
    clocks: Mapping[str, Clock]
    start: int
    now: int
    edges: tuple[int, ...]
    exports: tuple[int, ...]
    has_event_log: bool
    first_number: int


class Caseload:
    """Builds the tickets of one contract, in the order of their opening."""

    def __init__(self, stage: Stage, rng: random.Random) -> None:
        self._stage = stage
        self._rng = rng
        self._titles = Titles(stage.vocabulary, rng)
        self._family_opened: dict[str, int] = {}
        self._family_restored: dict[str, list[int]] = {}
        self._strangers = 0
        self._slow_edges: set[int] = set()
        self._is_one_waiting = False
        self._number = stage.first_number - 1

    def build(self) -> tuple[Ticket, ...]:
        """Return every ticket opened in [start, now), numbered in that order.

        Nobody calls during the doubled hour, nor in the hour before it: an urgent call would be answered within it.
        """
        stage = self._stage
        zone = stage.contract.zone
        families = stage.vocabulary.families
        incidents = arrive(stage.start, stage.now, stage.contract.incidents_per_month, zone, families, self._rng)
        requests = arrive(stage.start, stage.now, _REQUESTS_PER_MONTH, zone, (), self._rng)
        grain = stage.habits.grain
        opened = [(arrival.opened // grain * grain, True, arrival) for arrival in incidents]
        if stage.vocabulary.requests:
            opened += [(arrival.opened // grain * grain, False, arrival) for arrival in requests]
        opened.sort(key=lambda entry: entry[0])
        tickets = [
            self._incident(instant, arrival) if is_incident else self._request(instant)
            for instant, is_incident, arrival in opened
            if self._can_be_written(instant) and self._can_be_written(instant + HOUR)
        ]
        return tuple(tickets)

    def _incident(self, opened: int, arrival: Arrival) -> Ticket:
        family = arrival.family
        if family is not None and self._can_come_back(family, opened):
            return self._of_family(family, opened)
        return self._stranger(opened)

    def _can_come_back(self, family: Family, opened: int) -> bool:
        """Tell whether it is beyond doubt which occurrence of the family this would belong to."""
        margin = 10 * MINUTE
        restored = self._family_restored.get(family.key, [])
        return opened - self._family_opened.get(family.key, opened) < _SURELY_RECURRENT and all(
            abs(opened - instant) > margin and abs(opened - instant - SAME_OCCURRENCE) > margin for instant in restored
        )

    def _of_family(self, family: Family, opened: int) -> Ticket:
        work = self._work(opened, family.priority)
        events = self._written(lambda: usual_course(work, self._rng))
        self._family_opened[family.key] = opened
        self._family_restored.setdefault(family.key, []).append(events[-1].instant)
        return Ticket(
            number=self._next_number(),
            is_incident=True,
            title=self._titles.of_family(family),
            category=family.category,
            host=family.host,
            service=family.service,
            family=family.key,
            priority=family.priority,
            opened=opened,
            events=(*events, closing(events)),
            problem=family.problem,
            contact=self._rng.choice(_CONTACTS),
        )

    def _stranger(self, opened: int) -> Ticket:
        rng, contract = self._rng, self._stage.contract
        self._strangers += 1
        priority = rng.choices(PRIORITIES, weights=_STRANGER_PRIORITIES)[0]
        category = rng.choice(self._stage.vocabulary.categories)
        services = (*(service.name for service in contract.services), _INTERNAL, "")
        events = self._course(opened, priority)
        number = self._next_number()
        return Ticket(
            number=number,
            is_incident=True,
            title=self._titles.of_stranger(category),
            category=category,
            host=rng.choice((*contract.hosts, "", "")),
            service=rng.choice(services) if self._stage.has_event_log else "",
            family=f"once-{number}",
            priority=priority,
            opened=opened,
            events=tuple(events) if events[-1].deed is Deed.CANCEL else (*events, closing(events)),
            contact=rng.choice(_CONTACTS),
        )

    def _request(self, opened: int) -> Ticket:
        work = self._work(opened, "P4")
        events = self._written(lambda: usual_course(work, self._rng))
        number = self._next_number()
        return Ticket(
            number=number,
            is_incident=False,
            title=self._rng.choice(self._stage.vocabulary.requests),
            category=self._rng.choice(self._stage.vocabulary.categories),
            host="",
            service="",
            family=f"request-{number}",
            priority="P4",
            opened=opened,
            events=(*events, closing(events)),
        )

    def _course(self, opened: int, priority: str) -> list[Event]:
        """Return what becomes of a stranger: every so many of them meet with something out of the ordinary."""
        work = self._work(opened, priority)
        rng, number = self._rng, self._strangers
        if priority == "P3" and (special := self._at_an_edge(work)) is not None:
            return special
        if _is_turn(number, _DIRECT):
            events = self._written(lambda: direct_course(work, rng))
            # An export in between would prove a breach that the last one cannot tell any more.
            if not any(opened <= export <= events[-1].instant for export in self._stage.exports):
                return events
        if self._stage.has_event_log and (special := self._with_history(work, priority)) is not None:
            return special
        return self._written(lambda: usual_course(work, rng))

    def _at_an_edge(self, work: Work) -> list[Event] | None:
        """Return a course for the tickets that must be late, or on hold, at the end of a month or now."""
        rng, now = self._rng, self._stage.now
        if not self._is_one_waiting and 4 * DAY < now - work.opened < 7 * DAY:
            self._is_one_waiting = True
            until = now - now % MINUTE + 2 * DAY
            return self._written(lambda: waiting_course(work, until + rng.randrange(600) * MINUTE, rng))
        for edge in self._stage.edges:
            if edge not in self._slow_edges and 6 * DAY < edge - work.opened < 9 * DAY:
                self._slow_edges.add(edge)
                return self._written(lambda: usual_course(work, rng, slowness=rng.uniform(4.6, 5)))
        return None

    def _with_history(self, work: Work, priority: str) -> list[Event] | None:
        """Return a course that only an event log can tell: reopened, raised or cancelled."""
        rng, number, limit = self._rng, self._strangers, work.limit
        events: list[Event] = []
        if _is_turn(number, _RAISED) and priority != "P1":
            higher = rng.choice([other for other in PRIORITIES if other < priority])
            return raised_course(work, higher, rng)
        if _is_turn(number, _REOPENED):
            events = reopened_course(work, rng.randrange(2 * HOUR, 60 * HOUR), rng)
        elif _is_turn(number, _REOPENED_LATE):
            events = reopened_course(work, rng.randrange(75 * HOUR, 115 * HOUR), rng)
        elif _is_turn(number, _CANCELLED):
            events = [Event(work.opened + int(limit.respond_seconds * rng.uniform(0.1, 0.8)), Deed.CANCEL)]
        elif _is_turn(number, _CANCELLED_LATE):
            events = [Event(work.opened + int(limit.resolve_seconds * rng.uniform(1.2, 1.6)), Deed.CANCEL)]
        return events if events and not self._is_undone_across_an_edge(work.opened, events) else None

    def _is_undone_across_an_edge(self, opened: int, events: Sequence[Event]) -> bool:
        """Tell whether a month ends between a resolution and its undoing, or between an opening and its cancellation.

        Whether such a ticket was open at that midnight depends on who asks, and when.
        """
        before = opened
        for event in events:
            if event.deed in {Deed.REOPEN, Deed.CANCEL} and any(
                before < edge <= event.instant for edge in self._stage.edges
            ):
                return True
            before = event.instant
        return False

    def _work(self, opened: int, priority: str) -> Work:
        limit = self._stage.contract.limits[priority]
        return Work(opened, limit, self._stage.clocks[limit.calendar], self._stage.habits)

    def _written(self, course: Callable[[], list[Event]]) -> list[Event]:
        """Return the first course drawn whose every instant the desk can write down without ambiguity."""
        while True:
            events = course()
            if all(self._can_be_written(event.instant) for event in (*events, closing(events))):
                return events

    def _can_be_written(self, instant: int) -> bool:
        return self._stage.has_event_log or not happens_twice(instant, self._stage.contract.desk_zone)

    def _next_number(self) -> int:
        self._number += 1
        return self._number


def _is_turn(number: int, turn: tuple[int, int]) -> bool:
    every, first = turn
    return number % every == first


def happens_twice(instant: int, zone: ZoneInfo) -> bool:
    """Tell whether the local time of *instant* is shown twice by the clocks of *zone*, in the night they go back."""
    local = datetime.fromtimestamp(instant, zone)
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
