"""What is known when a contract is measured: tickets, timelines, tests, and how far each source was observed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from typing import Any

from kpi_agent.domain.calendar import FOREVER
from kpi_agent.domain.events import RestoreTest
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval, difference, intersection, total
from kpi_agent.domain.timeline import Timeline

_NO_LINE = Timeline()


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """The tickets of a contract's desk, all kinds. *observed*: what exports cover; *newest* None: never an export.

    *lost*: open tickets that a newer complete export should hold and does not, with the instant of the last that did.
    *told* is the share of rows that could be trusted; *told_since* the same where a window begins at another instant.
    *people*: whether figures about dependency on persons may be computed.
    *former*: desks that earlier versions of the contract named, each with its tickets and those lost in it. What else
    is told here is told of all desks: each is *observed* while its tickets are the contract's.
    *known_until*: of kinds that the newest exports do not hold, the instant of the last that did.
    """

    tickets: tuple[Ticket, ...] = ()
    observed: tuple[Interval, ...] = ()
    newest: int | None = None
    max_age: int = 0
    told: Fraction = Fraction(1)
    lost: Mapping[str, int] = field(default_factory=dict)
    people: bool = True
    told_since: Mapping[int, Fraction] = field(default_factory=dict)
    former: tuple[TicketFacts, ...] = ()
    known_until: Mapping[str, int] = field(default_factory=dict)
    judged: dict[tuple[object, ...], Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def desks(self) -> tuple[TicketFacts, ...]:
        """Every desk with tickets of the contract, the present one first."""
        return self, *self.former

    def newest_of(self, kind: str) -> int | None:
        """Return how far tickets of a kind are known; None: never an export."""
        return self.known_until.get(kind, self.newest)

    def observed_of(self, kind: str) -> tuple[Interval, ...]:
        """Return what exports cover of the tickets of a kind."""
        until = self.known_until.get(kind)
        return self.observed if until is None else intersection(self.observed, [Interval(0, until)])

    def everyone(self) -> Iterator[Ticket]:
        """Yield the tickets of every desk."""
        return chain.from_iterable(desk.tickets for desk in self.desks)

    def has_lost(self, name: str) -> bool:
        """Whether a desk's newer exports no longer hold the ticket of that id, which they should."""
        return any(name in desk.lost for desk in self.desks)


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """The up line of one service: values of at least 1 are up."""

    line: Timeline
    newest: int | None
    max_age: int


@dataclass(frozen=True, slots=True)
class HostFacts:
    """Per host, unknown where stale: pending security updates, reboots required, the end of its system's support.

    *held*: security updates on hold, which are no part of those pending.

    *sighted*: every host of the contract, with the first instant at which anything of it was observed.
    *support_end*: epoch seconds.
    """

    pending: Mapping[str, Timeline] = field(default_factory=dict)
    reboot: Mapping[str, Timeline] = field(default_factory=dict)
    sighted: Mapping[str, int] = field(default_factory=dict)
    newest: int | None = None
    max_age: int = 0
    support_end: Mapping[str, Timeline] = field(default_factory=dict)
    held: Mapping[str, Timeline] = field(default_factory=dict)
    states: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BackupFacts:
    """Restore tests, and when each set's tests were observable.

    *good* are the lines of each set whose values are the end of its newest good backup, epoch seconds, 0: none yet; a
    set of several parts has several, and is as old as the oldest.
    """

    tests: tuple[RestoreTest, ...] = ()
    observed: Mapping[str, Timeline] = field(default_factory=dict)
    newest: int | None = None
    max_age: int = 0
    good: Mapping[str, tuple[Timeline, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """When the certificate of each probed address expires, epoch seconds."""

    expiry: Mapping[str, Timeline] = field(default_factory=dict)
    newest: int | None = None
    max_age: int = 0


@dataclass(frozen=True, slots=True)
class CustomFacts:
    """The days of each figure of the contract's own; *newest* and *max_age* are those of its source."""

    line: Timeline
    newest: int | None
    max_age: int


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """When alerts fired, and when that could be told.

    *firing*: by label set (``alert_text``), each run's value being the seconds between two evaluations of its rule.
    *watched*: when the server could have stored an alert. *rules*: by alerting rule, 1 where it names a runbook, else
    0; *told*: how many alerting rules the server tells.
    """

    firing: Mapping[str, Timeline] = field(default_factory=dict)
    watched: Timeline = _NO_LINE
    rules: Mapping[str, Timeline] = field(default_factory=dict)
    told: Timeline = _NO_LINE
    newest: int | None = None
    max_age: int = 0
    known: dict[object, Any] = field(default_factory=dict, compare=False, repr=False)

    def observed(self) -> tuple[Interval, ...]:
        """Return when an alert would have been seen.

        That there are rules at all is proven by the first alert or by the server's list: before, silence says nothing.
        Nor does it while a server that listed rules once lists none.
        """
        fired = [line.runs[0].start for line in self.firing.values() if line.runs]
        listed = self.told.where(lambda n: n >= 1)
        if not fired and not listed:
            return ()
        since = min([*fired, *(i.start for i in listed)])
        none = self.told.where(lambda n: n < 1) if listed else ()
        seen = (*self.watched.known(), *(run.interval for line in self.firing.values() for run in line.runs))
        return difference(intersection(seen, [Interval(since, FOREVER)]), none)


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that the indicators of one contract may look at."""

    tickets: TicketFacts = TicketFacts()
    services: Mapping[str, ServiceFacts] = field(default_factory=dict)
    hosts: HostFacts = HostFacts()
    backups: BackupFacts = BackupFacts()
    certificates: CertificateFacts = CertificateFacts()
    custom: Mapping[str, CustomFacts] = field(default_factory=dict)
    alerts: AlertFacts = AlertFacts()


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch that a reading is about, and how far it can be known (indicators.md §3).

    *until* is where coverage is counted to: the end, or in a running period the older of now and the newest
    observation, but at least now - max_age. *as_of*: the instant up to which things are judged.
    """

    span: Interval
    until: int
    as_of: int
    is_too_early: bool

    @property
    def elapsed(self) -> Interval:
        """The part that coverage is counted over."""
        return Interval(self.span.start, self.until)

    @property
    def end(self) -> int:
        """The instant of the closing state: the period's end, or as far as is known."""
        return min(self.span.end, self.as_of)

    def coverage(self, known: tuple[Interval, ...]) -> Fraction:
        """Return the share of the elapsed stretch that *known* covers; 0 of an empty one."""
        whole = self.elapsed.seconds
        return Fraction(total(intersection(known, [self.elapsed])), whole) if whole else Fraction(0)


def window(span: Interval, *, now: int, newest: int | None, max_age: int) -> Window:
    """Return the window of *span* for a source whose newest observation is *newest* (None: never observed)."""
    as_of = min(now, newest) if newest is not None else span.start
    if now >= span.end:
        return Window(span, span.end, as_of, is_too_early=False)
    until = max(min(now, as_of), now - max_age, span.start)
    return Window(span, until, as_of, is_too_early=now - span.start < max_age)
