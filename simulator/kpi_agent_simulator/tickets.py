"""A ticket as it really happened: its opening and every later event, before any desk writes it down."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from kpi_agent_simulator.estate import REOPEN_WINDOW
from kpi_agent_simulator.hours import Hold


class Deed(StrEnum):
    """What may happen to a ticket; *detail* of an event holds the reason of a hold or the new priority of a raise."""

    RESPOND = "respond"
    HOLD = "hold"
    RESUME = "resume"
    RAISE = "raise"
    RESOLVE = "resolve"
    REOPEN = "reopen"
    CANCEL = "cancel"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Event:
    """One deed at one instant."""

    instant: int
    deed: Deed
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """A start, its resolution (None while open) and the holds that stopped the clock in between.

    A ticket has one life, or two when it was reopened after the reopening window.
    """

    start: int
    resolved: int | None
    holds: tuple[Hold, ...]
    is_reopening: bool


@dataclass(frozen=True, slots=True)
class Ticket:
    """A ticket of either desk; *priority* is the one it was opened with, *events* are in time order."""

    number: int
    is_incident: bool
    title: str
    category: str
    host: str
    service: str
    family: str
    priority: str
    opened: int
    events: tuple[Event, ...]
    problem: str = ""
    contact: str = ""

    def known(self, as_of: int) -> "Ticket":
        """Return the ticket as anyone could know it just before *as_of*."""
        return replace(self, events=tuple(event for event in self.events if event.instant < as_of))

    def first(self, deed: Deed) -> int | None:
        """Return the instant of the first such deed, or None."""
        return next((event.instant for event in self.events if event.deed is deed), None)

    @property
    def priorities(self) -> tuple[tuple[int, str], ...]:
        """Every priority the ticket had, each with the instant from which it held."""
        raises = ((event.instant, event.detail) for event in self.events if event.deed is Deed.RAISE)
        return ((self.opened, self.priority), *raises)

    @property
    def last_priority(self) -> str:
        """The priority under which the ticket is judged and counted."""
        return self.priorities[-1][1]

    def lives(self) -> Iterator[Life]:
        """Yield the ticket's life, and a second one if it was reopened after the window (indicators.md §2).

        Only holds on the customer stop the clock; a resolution undone within the window becomes a hold.
        """
        start, resolved, is_reopening = self.opened, None, False
        holds: list[Hold] = []
        held_since: int | None = None
        for event in self.events:
            if event.deed is Deed.HOLD and event.detail == "customer":
                held_since = event.instant
            elif held_since is not None:
                # Whatever follows a waiting row ends the wait.
                holds.append((held_since, event.instant))
                held_since = None
            if event.deed is Deed.RESOLVE:
                resolved = event.instant
            elif event.deed is Deed.REOPEN and resolved is not None:
                if event.instant - resolved <= REOPEN_WINDOW:
                    holds.append((resolved, event.instant))
                else:
                    yield Life(start, resolved, tuple(holds), is_reopening)
                    start, is_reopening, holds = event.instant, True, []
                resolved = None
        if held_since is not None:
            holds.append((held_since, None))
        yield Life(start, resolved, tuple(holds), is_reopening)
