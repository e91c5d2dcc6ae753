"""What was promised: contracts in versions by effective date, resolved so that figures need nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Protocol

from kpi_agent.domain.calendar import FOREVER, ServiceCalendar
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.ticket import HoldReason
from kpi_agent.domain.time import DAY, HOUR, Interval, Period, midnight, zone


@dataclass(frozen=True, slots=True)
class Limit:
    """A duration of a clock, in seconds, with the text that the contract uses (``3wd``)."""

    seconds: int
    text: str


@dataclass(frozen=True, slots=True)
class PriorityTerms:
    """Limits of one priority on its calendar; a None limit is not promised."""

    calendar: ServiceCalendar
    respond: Limit | None = None
    resolve: Limit | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reading is about; all None is the whole contract."""

    priority: str | None = None
    service: str | None = None
    kind: str | None = None
    group: str | None = None
    category: str | None = None
    entity: str | None = None
    backup: str | None = None
    figure: str | None = None  # the objective that states a figure of the contract's own

    def as_dict(self) -> dict[str, str]:
        """Return the parts that are set, by name."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}


class Comparison(StrEnum):
    """How a value must lie to its target."""

    AT_LEAST = ">="
    AT_MOST = "<="


class TargetUnit(StrEnum):
    """What the target's number counts."""

    RATIO = "ratio"
    SECONDS = "seconds"
    COUNT = "count"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Target:
    """``>= 95%`` or ``<= 4h``; *value* is exact: 19/20, or seconds."""

    comparison: Comparison
    value: Fraction
    unit: TargetUnit
    text: str

    def is_kept_by(self, value: Fraction) -> bool:
        """Whether an exact value keeps the promise."""
        return value >= self.value if self.comparison is Comparison.AT_LEAST else value <= self.value


class ObjectiveWindow(StrEnum):
    """The stretch that an objective is judged over; a rolling one ends with the report's period."""

    MONTH = "month"  # the report's own period
    QUARTER = "quarter"
    ROLLING_3 = "rolling 3 months"
    ROLLING_12 = "rolling 12 months"


class Aggregate(StrEnum):
    """How the days of a figure of the contract's own become one value."""

    LAST = "last"
    MEAN = "mean"
    MIN = "min"
    MAX = "max"
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class Objective:
    """One promise: indicator, scope, limit and target. *interval* and *limit* only where the indicator asks for one."""

    id: str
    indicator: str
    target: Target
    scope: Scope = Scope()
    statistic: str | None = None
    limit: Limit | None = None
    interval: int | None = None
    window: ObjectiveWindow = ObjectiveWindow.MONTH
    min_coverage: Fraction = Fraction(95, 100)
    weight: Fraction = Fraction(1)
    name: Mapping[str, str] = field(default_factory=dict)
    query: str = ""  # PromQL of a figure of the contract's own
    aggregate: Aggregate = Aggregate.MEAN

    @property
    def line(self) -> str:
        """The name of the line that keeps the days of the figure that *query* is; another query is another figure."""
        return f"custom/{hashlib.sha256(self.query.encode()).hexdigest()[:16]}"


class Planned(StrEnum):
    """What planned maintenance does to availability (indicators.md §8)."""

    EXCLUDED = "excluded"
    AS_UP = "as_up"
    COUNTED = "counted"


class UnknownPolicy(StrEnum):
    """What unobserved time does to availability (indicators.md §8)."""

    EXCLUDED = "excluded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class ServiceTerms:
    """A service whose availability is promised; *up* is the PromQL selector that observes it, *min_outage* seconds."""

    name: str
    source: str
    up: str
    calendar: ServiceCalendar
    min_outage: int = 0
    planned: Planned = Planned.EXCLUDED
    unknown: UnknownPolicy = UnknownPolicy.EXCLUDED
    match_hosts: tuple[str, ...] = ()
    match_ci: tuple[str, ...] = ()


class MaintenanceWindow(Protocol):
    """A planned stretch, once or recurring."""

    @property
    def name(self) -> str:
        """What the contract calls it."""

    @property
    def services(self) -> tuple[str, ...]:
        """The services it concerns."""

    @property
    def declared(self) -> int | None:
        """The instant at which it was announced; None: agreed with the contract itself."""

    def occurrences(self, span: Interval) -> tuple[Interval, ...]:
        """Return its stretches that meet *span*, whole, in order."""


@dataclass(frozen=True, slots=True)
class Notice:
    """How long before its start a window must be announced: *limit* counts on *calendar*."""

    limit: Limit
    calendar: ServiceCalendar

    def is_kept(self, declared: int, start: int) -> bool:
        """Whether what was announced at *declared* may start at *start*."""
        return self.calendar.elapsed(declared, start) >= self.limit.seconds


class RespondedWhen(StrEnum):
    """What a contract counts as a response (indicators.md §4)."""

    FIRST_HUMAN_ACTION = "first_human_action"
    ASSIGNED_TO_PERSON = "assigned_to_person"
    IN_PROGRESS = "in_progress"
    FIRST_PUBLIC_REPLY = "first_public_reply"


RESPONSE_FIELDS = {
    RespondedWhen.ASSIGNED_TO_PERSON: "assigned",
    RespondedWhen.IN_PROGRESS: "started",
    RespondedWhen.FIRST_PUBLIC_REPLY: "replied",
}
"""The field of a ticket that holds a response; of the first action of a person it is ``responded``."""


@dataclass(frozen=True, slots=True)
class TicketScope:
    """Which tickets of which source the contract covers; durations in seconds."""

    source: str
    where: Mapping[str, str] = field(default_factory=dict)  # normalised field → glob, caseless
    robots: tuple[str, ...] = ()
    responded_when: RespondedWhen = RespondedWhen.FIRST_HUMAN_ACTION
    product_teams: tuple[str, ...] = ()  # globs of groups
    reopen_window: int = 72 * HOUR
    lookback: int = 90 * DAY
    same_occurrence: int = 4 * HOUR
    desk_calendars: tuple[str, ...] = ()  # contract calendars that the desk itself applies


@dataclass(frozen=True, slots=True)
class HostScope:
    """Which hosts of which source; *matcher* is PromQL label matchers, *retired* maps a host to the instant it left."""

    source: str
    matcher: str
    retired: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BackupTerms:
    """A backup set in scope; objectives in seconds, None when not promised.

    *match* are globs of the names by which exporters tell its parts; without any it is told by its own name.
    """

    name: str
    rpo: int | None = None
    rto: int | None = None
    match: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()  # globs of the hosts whose data it holds

    def has_part(self, name: str) -> bool:
        """Whether an exporter's *name* is a part of the set; letters in either case are equal."""
        return any(fnmatchcase(name.casefold(), glob.casefold()) for glob in self.match or (self.name,))


@dataclass(frozen=True, slots=True)
class ReportTerms:
    """Who reads the report, and when a month is closed: *close_at* local, *close_after_days* after its last day."""

    to: tuple[str, ...] = ()
    close_after_days: int = 3
    close_at: time = time(7, 0)
    close_wait: int = 2 * DAY
    weekly: bool = False
    review: bool = False


@dataclass(frozen=True, slots=True)
class ContractVersion:
    """One version of a contract: everything that figures of its time need. *sha256* is that of its file's bytes."""

    id: str
    customer: str
    provider: str
    effective_from: date
    effective_to: date | None
    language: str
    timezone: str
    file: str
    sha256: str
    text: str
    currency: str = "EUR"
    calendars: Mapping[str, ServiceCalendar] = field(default_factory=dict)
    hold_stop: frozenset[HoldReason] = frozenset({HoldReason.CUSTOMER})
    maintenance: tuple[MaintenanceWindow, ...] = ()
    maintenance_cap: int | None = None  # seconds a month
    maintenance_notice: Notice | None = None
    hourly_rate: Fraction | None = None  # internal cost of an hour, in the currency
    tickets: TicketScope | None = None
    hosts: HostScope | None = None
    services: Mapping[str, ServiceTerms] = field(default_factory=dict)
    backups: Mapping[str, BackupTerms] = field(default_factory=dict)
    not_backed_up: Mapping[str, str] = field(default_factory=dict)  # glob of hosts → why
    priorities: Mapping[str, PriorityTerms] = field(default_factory=dict)
    objectives: tuple[Objective, ...] = ()
    report: ReportTerms = ReportTerms()

    @property
    def start(self) -> int:
        """The instant since when it is in force: local midnight."""
        return midnight(self.effective_from, zone(self.timezone))

    @property
    def sources(self) -> frozenset[str]:
        """Names of the sources that feed it."""
        names = {s.source for s in self.services.values()}
        names |= {part.source for part in (self.tickets, self.hosts) if part is not None}
        return frozenset(names)

    @property
    def custom(self) -> Mapping[str, Objective]:
        """The objectives on figures of its own, by the name of the line that keeps their days."""
        return {o.line: o for o in self.objectives if o.query}

    @property
    def custom_source(self) -> str | None:
        """The Prometheus that figures of its own are asked of: that of its hosts, else the only one of its services."""
        if self.hosts is not None:
            return self.hosts.source
        names = {s.source for s in self.services.values()}
        return names.pop() if len(names) == 1 else None

    def is_late(self, window: MaintenanceWindow, start: int) -> bool:
        """Whether the stretch of *window* that begins at *start* was announced after that, or without the notice due.

        A window without the instant of its announcement was agreed with the contract, and is never late.
        """
        if window.declared is None:
            return False
        notice = self.maintenance_notice
        return window.declared > start or (notice is not None and not notice.is_kept(window.declared, start))


@dataclass(frozen=True, slots=True)
class Contract:
    """All versions of one contract, by effective date, without gaps."""

    id: str
    versions: tuple[ContractVersion, ...]

    @property
    def latest(self) -> ContractVersion:
        """The version with the latest effective date."""
        return self.versions[-1]

    @property
    def timezone(self) -> str:
        """The contract's zone."""
        return self.latest.timezone

    @property
    def life(self) -> Interval:
        """From the first version's start to the last one's end; FOREVER when it has none."""
        last = self.latest
        end = FOREVER if last.effective_to is None else midnight(last.effective_to, zone(last.timezone))
        return Interval(self.versions[0].start, end)

    def at(self, instant: int) -> ContractVersion:
        """Return the version in force; the first one for anything earlier (a ticket may be older than its contract)."""
        in_force = self.versions[0]
        for version in self.versions[1:]:
            if version.start <= instant:
                in_force = version
        return in_force

    def segments(self, period: Period) -> tuple[tuple[ContractVersion, Interval], ...]:
        """Return the versions in force during a period with their stretches, clipped to the contract's life."""
        span = period.interval.clip(self.life)
        found = []
        for index, version in enumerate(self.versions):
            end = self.versions[index + 1].start if index + 1 < len(self.versions) else FOREVER
            part = Interval(version.start, end).clip(span)
            if part.seconds:
                found.append((version, part))
        return tuple(found)

    def ticket_scopes(self) -> tuple[tuple[Interval, TicketScope], ...]:
        """Return which tickets the contract covers by when they were opened, as limits go, in order.

        The first reaches back to anything earlier. What was opened before a version that names tickets, under one that
        names none, is its own; under a last one that names none, nobody's.
        """
        found: list[tuple[Interval, TicketScope]] = []
        start = 0
        for index, version in enumerate(self.versions):
            if version.tickets is None:
                continue
            end = self.versions[index + 1].start if index + 1 < len(self.versions) else FOREVER
            if found and found[-1][0].end == start and found[-1][1] == version.tickets:
                start = found.pop()[0].start
            found.append((Interval(start, end), version.tickets))
            start = end
        return tuple(found)

    def desk_end(self, source: str) -> int:
        """Return the instant since when no ticket of desk *source* is the contract's any more; FOREVER for others."""
        ends = [span.end for span, scope in self.ticket_scopes() if scope.source == source]
        return max(ends, default=FOREVER)


def find_contract(contracts: Mapping[str, Contract], name: str) -> Contract:
    """Return the contract of that id; raises NotFound naming the known ones."""
    if name not in contracts:
        raise NotFound(f"no contract '{name}'; known: {', '.join(sorted(contracts)) or 'none'}")
    return contracts[name]
