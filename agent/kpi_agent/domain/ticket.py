"""A ticket as a desk's export tells it: a start, milestones, holds; what the desk cannot tell stays unknown."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
"""Normalised priorities, most severe first."""


class Kind(StrEnum):
    """What the ticket is about."""

    INCIDENT = "incident"
    REQUEST = "request"
    CHANGE = "change"
    PROBLEM = "problem"


class State(StrEnum):
    """The normalised state at the export's instant."""

    NEW = "new"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    RESOLVED = "resolved"
    CLOSED = "closed"
    CANCELLED = "cancelled"  # withdrawn: cancelled, duplicate or merged


class HoldReason(StrEnum):
    """Why a ticket waits; a contract says which of these stop its clocks."""

    CUSTOMER = "customer"
    THIRD_PARTY = "third_party"
    VENDOR = "vendor"
    PROBLEM = "problem"
    CHANGE = "change"
    OTHER = "other"


class Basis(StrEnum):
    """What a duration counts: seconds of service hours, or of the wall clock."""

    SERVICE = "service"
    WALL = "wall"


@dataclass(frozen=True, slots=True)
class Hold:
    """A stretch in which the ticket waited, [start, end) in epoch seconds; end None while it still waits."""

    start: int
    end: int | None
    reason: HoldReason | None  # None: the desk does not say


@dataclass(frozen=True, slots=True)
class HoldTotal:
    """Time waited that is known only as a sum, in seconds."""

    seconds: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Reopening:
    """Resolved once, then taken up again."""

    resolved: int
    reopened: int


@dataclass(frozen=True, slots=True)
class PriorityChange:
    """The priority went from *before* to *after* at *at*; either may be None (without priority)."""

    at: int
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Edit:
    """A field that two exports tell differently; *at* is the instant of the version that told it so first.

    Instants, counts and seconds are whole numbers; *before* or *after* None: not told then. *known_until* is the latest
    instant for which the value before is proven: the change was made after it, and not after *at*.
    """

    at: int
    field: str
    before: str | int | None
    after: str | int | None
    known_until: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a ticket was read: file name, and the line of its (last) row; *row* stands for its only row's cells."""

    file: str
    line: int
    row: bytes = field(default=b"", compare=False)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One ticket in one version. Instants are epoch seconds; *responded*, *resolved* None: not (known to be) done.

    *response_duration* is the desk's own time to respond, in service seconds, for a desk that exports no instant.
    *assigned*, *started* and *replied* are the first instants at which a person took it, worked on it, and answered the
    requester in public: what a contract may call a response instead of *responded*, the first action of a person.
    *tells* names those of the three that the source tells; of the others, None means unknown, not never.
    *hold_reason* is why it waits, or why it waited as long as *hold_total* says, where the desk tells no stretches.
    *merged_into* is the id of the ticket that goes on in its place. *edits* is what earlier exports told otherwise; it
    is known to the store alone, and no part of what an export tells.
    *cannot_tell* names the fields that this source never tells (``responded``, ``holds``, ``reopened``).
    *title* is stored masked (indicators.md §4); *assignee* is a keyed pseudonym.
    """

    source: str
    id: str
    opened: int
    origin: Origin
    kind: Kind = Kind.INCIDENT
    state: State = State.NEW
    title: str = ""
    priority: str | None = None
    category: str | None = None
    entity: str | None = None
    service: str | None = None
    host: str | None = None
    group: str | None = None
    assignee: str | None = None
    responded: int | None = None
    assigned: int | None = None
    started: int | None = None
    replied: int | None = None
    response_duration: int | None = None
    resolved: int | None = None
    closed: int | None = None
    updated: int | None = None
    reopened: int | None = None  # last, where the desk tells an instant but no history
    reopen_count: int | None = None
    reopenings: tuple[Reopening, ...] = ()
    priority_changes: tuple[PriorityChange, ...] = ()
    holds: tuple[Hold, ...] = ()
    hold_total: HoldTotal | None = None
    hold_reason: HoldReason | None = None
    time_spent: int | None = None
    problem: str | None = None
    merged_into: str | None = None
    url: str | None = None
    desk_met: bool | None = None  # the desk's own SLA flag, for reconciliation only
    cannot_tell: frozenset[str] = frozenset()
    tells: frozenset[str] = frozenset()
    edits: tuple[Edit, ...] = ()

    @property
    def withdrawn(self) -> int | None:
        """The instant since when the ticket is cancelled, None when it is not; its opening when the desk tells none."""
        if self.state is not State.CANCELLED:
            return None
        for instant in (self.closed, self.resolved, self.updated):
            if instant is not None:
                return instant
        return self.opened

    @property
    def is_open(self) -> bool:
        """Whether work is left: neither resolved, nor closed, nor cancelled."""
        return self.state in {State.NEW, State.IN_PROGRESS, State.WAITING}

    def field(self, name: str) -> str | None:
        """Return a normalised text field by its public name (interface.md §3), None when unknown or not text."""
        value = getattr(self, name, None)
        return str(value) if isinstance(value, str) else None
