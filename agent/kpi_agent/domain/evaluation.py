"""All that a month says about a contract, before it becomes a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from kpi_agent.domain.contract import ContractVersion, Objective
from kpi_agent.domain.events import RestoreTest
from kpi_agent.domain.notes import Carried, Note
from kpi_agent.domain.reading import Reading
from kpi_agent.domain.reconciliation import Reconciliation
from kpi_agent.domain.records import SeenTrouble
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval, Period
from kpi_agent.domain.verdict import Judgement


class Outcome(StrEnum):
    """Of an objective (indicators.md §3)."""

    MET = "met"
    MISSED = "missed"
    AT_RISK = "at_risk"
    NO_DATA = "no_data"
    NOTHING_TO_JUDGE = "nothing_to_judge"


@dataclass(frozen=True, slots=True)
class Reserve:
    """A met that unobserved things could overturn: the value would lie between these."""

    lowest: Fraction
    highest: Fraction


@dataclass(frozen=True, slots=True)
class Commitment:
    """An objective with its reading and outcome; *why* are short codes that words are made of.

    *span* is the stretch that it was asked about, its window or its part of the period; None: the whole period.
    """

    objective: Objective
    reading: Reading
    outcome: Outcome
    reserve: Reserve | None = None
    segment: int = 0
    why: tuple[str, ...] = ()
    left: int | None = None  # running period: how many more successes are needed, or allowed seconds left
    limit_seconds: int | None = None  # the limit that its things were judged by, None when they differ
    span: Interval | None = None


@dataclass(frozen=True, slots=True)
class TicketLine:
    """One incident as the report shows it."""

    ticket: Ticket
    response: Judgement
    resolution: Judgement


@dataclass(frozen=True, slots=True)
class ServiceDay:
    """Seconds of one local day of a service: T, P, U, D of indicators.md §8."""

    day: date
    open: int
    planned: int
    unknown: int
    down: int


@dataclass(frozen=True, slots=True)
class Outage:
    """A maximal down run, whole, as observed."""

    service: str
    span: Interval
    is_planned: bool


@dataclass(frozen=True, slots=True)
class HostLine:
    """A host that deserves a line: its state at the end, its open episode and its observed share.

    *is_since_first_seen*: something was pending already when it was observed for the first time. *held*: security
    updates on hold at the end, *support_end*: when its system leaves support; None when unknown.
    """

    host: str
    state: str  # patched | pending | overdue | unknown | retired
    pending_since: int | None
    coverage: Fraction
    is_since_first_seen: bool = False
    held: int | None = None
    support_end: int | None = None


@dataclass(frozen=True, slots=True)
class CertificateLine:
    """What is known at the end of the certificate that an address showed last.

    *expires* is an instant; *left* its seconds of life, 0 when expired, None when nobody knows any more.
    """

    address: str
    expires: int
    left: int | None


@dataclass(frozen=True, slots=True)
class BackupLine:
    """A backup set: its last passed test and those run in the period.

    *protected* and *unprotected* are seconds of the period with and without a good backup younger than its RPO, None
    without one; *newest* is the instant of the newest good backup known at the end.
    """

    backup: str
    last_passed: int | None
    tests: tuple[RestoreTest, ...]
    protected: int | None = None
    unprotected: int | None = None
    newest: int | None = None


@dataclass(frozen=True, slots=True)
class AlertLine:
    """A rule that fired: episodes begun in the period, the alerts (label sets) behind them, seconds firing in it.

    *acted_on* of *judged*: those with a ticket, of those of which that can be told.
    """

    rule: str
    episodes: int
    alerts: int
    seconds: int
    at_night: int
    acted_on: int
    judged: int


class Treatment(StrEnum):
    """What became of a family's root cause (indicators.md §4, ``root_cause_treated``)."""

    TREATED = "treated"  # its problem is resolved and nothing came back for a while
    CAME_BACK = "came_back"  # its problem is resolved, and it came back lately all the same
    PROBLEM_OPEN = "problem_open"
    NO_PROBLEM = "no_problem"  # nobody looks into it, as far as the desk tells
    UNKNOWN = "unknown"  # its problem is in no export, or the desk tells no problems at all


@dataclass(frozen=True, slots=True)
class OccurrenceLine:
    """Incidents of one family that belong together, by opening; *restored* None: one of them was not resolved."""

    start: int
    restored: int | None
    tickets: tuple[str, ...]
    is_recurrent: bool  # an earlier one was restored within the lookback


@dataclass(frozen=True, slots=True)
class Family:
    """Incidents alike: the words that made it, its tickets, its occurrences in the period and in the lookback.

    *words* are those that all of them share; *category* and *where* what joined them besides, or else *problem*.
    *time_spent* is the sum of seconds over the *time_told* tickets that tell it,
    *cost* the estimated money for it. *told* are the occurrences themselves.
    """

    words: tuple[str, ...]
    tickets: tuple[str, ...]
    occurrences: int
    occurrences_in_period: int
    recurrent_in_period: int
    category: str | None
    where: str | None
    time_spent: int | None
    time_told: int = 0
    problems: tuple[str, ...] = ()
    treatment: Treatment = Treatment.UNKNOWN
    told: tuple[OccurrenceLine, ...] = ()
    cost: Fraction | None = None


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """An export behind the figures."""

    name: str
    sha256: str
    rows: int
    rejected: int
    as_of: int
    is_truncated: bool = False


@dataclass(frozen=True, slots=True)
class SourceLine:
    """How well a source was observed in the period; *as_of* None: never."""

    name: str
    kind: str  # tickets | prometheus
    coverage: Fraction
    as_of: int | None
    files: tuple[ImportedFile, ...] = ()
    server: str | None = None
    troubles: tuple[SeenTrouble, ...] = ()
    rejected_by_reason: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FigureDays:
    """The local days of a figure of the contract's own that have ended; None: no value was observed.

    *segment*: the last one in which the contract asks the same.
    """

    objective: Objective
    days: tuple[tuple[date, Fraction | None], ...]
    segment: int = 0


@dataclass(frozen=True, slots=True)
class PastOutcome:
    """An earlier period's outcome of one objective, for trends; *value* None when not measured."""

    period: str
    objective: str
    outcome: Outcome
    value: Fraction | None


@dataclass(frozen=True, slots=True)
class Segment:
    """The stretch of a period under one contract version."""

    version: ContractVersion
    span: Interval


ScopeKey = tuple[tuple[str, str], ...]
"""A scope as sorted (field, value) pairs."""


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """What the document closed for the period before says: who was open at its end, and how many by scope.

    *known* names every incident that the document lists, open or not.
    """

    period: str
    revision: int
    open: frozenset[str]
    counts: Mapping[ScopeKey, int] = field(default_factory=dict)
    known: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Restated:
    """An incident that was open at the start, against the last report (*change* 1), or was not (-1), and why.

    *cause*: ``late_row`` (no report knew it), ``reopened``, ``edit``, ``withdrawn``, ``lost`` or ``told_later``.
    """

    ticket: str
    change: int
    cause: str


@dataclass(frozen=True, slots=True)
class Balance:
    """The incidents of the whole contract, carried over: *previous* None when the period before was not closed.

    *difference* is what start + restated + opened + reopened exceeds resolved + withdrawn + lost + end by: 0 when the
    figures add up, None when they are not known.
    """

    previous: LeftOpen | None
    restated: tuple[Restated, ...]
    open: tuple[str, ...]
    difference: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """A figure as a document tells it: decimals as its text, *verdict* None where nothing was promised."""

    verdict: str | None
    value: str | None
    numerator: int | None
    denominator: int | None
    n: int
    undetermined: int
    coverage: str
    statistics: Mapping[str, str | int] | None
    details: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ChangedTicket:
    """An incident behind an erratum: why it changed, and its verdict on the figure's clock then and now.

    *fields* names what was edited. A verdict is None where the ticket was not known, or the figure has no clock.
    """

    ticket: str
    cause: str  # late_row | rejected_row | reopened | edit | withdrawn | lost | told_later
    fields: tuple[str, ...]
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Erratum:
    """A figure of a closed period that is known otherwise now; *published* names the period whose report told *old*.

    *objective* is the id of the promise that rests on it, with its *name* by language and *statistic*; None for a
    reading that nothing was promised on. *causes* are those of the tickets, or ``coverage``, ``observed_later``,
    ``definitions``.
    """

    period: str
    revision: int
    objective: str | None
    name: Mapping[str, str]
    statistic: str | None
    indicator: str
    scope: Mapping[str, str]
    unit: str
    segment: int
    old: Told
    new: Told
    published: str
    causes: tuple[str, ...]
    tickets: tuple[ChangedTicket, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a period says, in full: the document is a pure function of it."""

    segments: tuple[Segment, ...]
    period: Period
    now: int
    is_running: bool
    commitments: tuple[Commitment, ...]
    readings: tuple[Reading, ...]  # those of the commitments first, in order, then the standard ones
    tickets: tuple[TicketLine, ...] = ()
    days: Mapping[str, tuple[ServiceDay, ...]] = field(default_factory=dict)
    outages: tuple[Outage, ...] = ()
    hosts: tuple[HostLine, ...] = ()
    backups: tuple[BackupLine, ...] = ()
    certificates: tuple[CertificateLine, ...] = ()  # first to expire first
    families: tuple[Family, ...] = ()
    reconciliation: Reconciliation | None = None  # None: the contract covers no tickets
    sources: tuple[SourceLine, ...] = ()
    history: tuple[PastOutcome, ...] = ()
    balance: Balance | None = None  # None: no desk in scope
    errata: tuple[Erratum, ...] = ()
    alerts: tuple[AlertLine, ...] = ()
    figures: tuple[FigureDays, ...] = ()
    notes: tuple[Note, ...] = ()
    carried: tuple[Carried, ...] = ()
    unsaved: tuple[str, ...] | None = None  # hosts in no backup set; None: no set says which hosts it holds

    @property
    def version(self) -> ContractVersion:
        """The contract version in force at the period's end."""
        return self.segments[-1].version
