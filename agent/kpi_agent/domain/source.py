"""Where figures come from: sources, profiles and query packs as values; config builds them, collectors use them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import PurePath

from kpi_agent.domain.ticket import Basis, HoldReason, Kind, State
from kpi_agent.domain.time import HOUR


@dataclass(frozen=True, slots=True)
class Tls:
    """Files for a verified connection."""

    ca_file: PurePath | None = None
    cert_file: PurePath | None = None
    key_file: PurePath | None = None


class Flavour(StrEnum):
    """What answers the Prometheus HTTP API."""

    PROMETHEUS = "prometheus"
    THANOS = "thanos"
    MIMIR = "mimir"
    VICTORIAMETRICS = "victoriametrics"


DEFAULT_PACKS = ("node", "yum", "os", "certificates", "backups", "restore-tests")
"""What a source is asked for unless it says otherwise: what many hosts export, and conventions that name one tool."""


@dataclass(frozen=True, slots=True)
class PrometheusSource:
    """A Prometheus-compatible server. *every* and *max_age* in seconds; secrets are files, read when used.

    *replica_of* names the source that this one watches the same as: it is asked the same, and what either saw counts.
    *flavour*: which product it is, None: as it tells itself.
    """

    name: str
    url: str
    every: int = 15 * 60
    max_age: int = HOUR
    username: str | None = None
    password_file: PurePath | None = None
    token_file: PurePath | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    tls: Tls = Tls()
    queries: tuple[str, ...] = DEFAULT_PACKS
    replica_of: str | None = None
    flavour: Flavour | None = None

    @property
    def stands_for(self) -> str:
        """The name that contracts call it by: that of the source it replicates, else its own."""
        return self.replica_of or self.name


@dataclass(frozen=True, slots=True)
class Contains:
    """What each export claims to contain: all (*seconds* None), or what was updated or opened in the last *seconds*."""

    what: str = "all"  # all | updated | opened
    seconds: int | None = None


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """Where a normalised field is read: header aliases in order of preference."""

    aliases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventLog:
    """How an export with several rows per ticket is reduced: the instant column, the states that prove a response."""

    at: str  # normalised field that dates a row, e.g. ``updated``
    working: frozenset[State] = frozenset({State.IN_PROGRESS, State.WAITING})


class DeskFlag(StrEnum):
    """What the desk's own column about its service level says."""

    MET = "met"  # true: kept
    BREACHED = "breached"  # true: exceeded
    REMAINING = "remaining"  # a duration that was left, negative when exceeded


@dataclass(frozen=True, slots=True)
class JsonJoin:
    """A second list of a JSON export that tells more of each record; its fields stand below *name*."""

    name: str
    records: str  # path to the list
    key: str  # path in its records that names the ticket
    to: str = "id"  # path in the ticket's record that it equals


@dataclass(frozen=True, slots=True)
class JsonHistory:
    """Changes inside a JSON record that make an event log of it: when, which field, from and to which value."""

    records: str  # path to the list of changes
    at: str
    items: str = ""  # path to a list inside each change; empty: the change is one itself
    name: str = "field"  # path to the name of the field that changed
    before: str = "fromString"
    after: str = "toString"
    actor: str = ""
    total: str = ""  # path in the record to how many changes there are; fewer in the list: it was cut
    fields: Mapping[str, str] = field(default_factory=dict)  # product's field name → normalised field


@dataclass(frozen=True, slots=True)
class JsonShape:
    """Where a JSON export keeps its tickets. Paths are dotted; the empty one is the document itself."""

    records: tuple[str, ...] = ("",)  # the first path that leads to a list is taken
    join: JsonJoin | None = None
    history: JsonHistory | None = None
    skip: tuple[str, ...] = ()  # records that have one of these are no tickets
    more: tuple[str, ...] = ()  # paths that hold something while there are further pages
    total: str = ""  # path to how many tickets there are; fewer in the list: there are further pages


@dataclass(frozen=True, slots=True)
class Profile:
    """How one product's export becomes tickets: data, no code. Vocabularies map a folded word to a normalised value.

    *units* is what one of a bare number counts, in milliseconds, by duration field (seconds where it is not named).
    *labels*: fields whose cell is a list of labels; of those that begin with one of the prefixes, the rest is the word.
    """

    name: str
    columns: Mapping[str, ColumnSpec]
    required: tuple[str, ...]
    date_formats: tuple[str, ...]  # strptime formats; a column takes the only one that fits every row
    states: Mapping[str, State]
    kinds: Mapping[str, Kind]
    priorities: Mapping[str, str]
    hold_reasons: Mapping[str, HoldReason]
    booleans: Mapping[str, bool]
    default_kind: Kind = Kind.INCIDENT
    fallback_encoding: str = "cp1252"
    delimiters: str = ";,\t¤|"
    nulls: frozenset[str] = frozenset({"", "null", "?", "-", "--", "\\n"})
    hold_basis: Basis | None = None  # None: the source's settings must say
    response_basis: Basis = Basis.SERVICE  # of response_duration; on the wall clock it names an instant
    units: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    has_quotes: bool = True  # whether a delimited export quotes cells at all
    json: JsonShape = JsonShape()
    footers: tuple[str, ...] = ()  # beginnings, folded, of lines below a table that are no rows of it
    duration_words: Mapping[str, int] = field(default_factory=dict)
    multi_value: str | None = None  # literal that joins several values in a cell; the first is taken
    event_log: EventLog | None = None  # taken when ids repeat
    cannot_tell: frozenset[str] = frozenset()
    truncation: tuple[int, ...] = ()  # row counts at which the product cuts silently
    desk_flag: DeskFlag = DeskFlag.MET
    file: str = ""


@dataclass(frozen=True, slots=True)
class TicketSource:
    """A desk's exports in a drop folder. *max_age* in seconds; *since* in epoch seconds, None: the oldest opening."""

    name: str
    profile: Profile
    path: str  # glob below state_dir
    timezone: str
    max_age: int = 26 * HOUR
    contains: Contains = Contains()
    since: int | None = None
    hold_basis: Basis | None = None
    date_format: str | None = None
    as_of_pattern: str | None = None  # strptime pattern of a whole file name
    consumed: str = "keep"  # keep | archive
    robots: tuple[str, ...] = ()  # globs of accounts that are no persons, from all contracts that read it


class Combine(StrEnum):
    """How several series of one key become one value."""

    ANY = "any"
    ALL = "all"
    SUM = "sum"
    MAX = "max"


@dataclass(frozen=True, slots=True)
class Signal:
    """One line of values per key, from one PromQL selector (read raw) or expression (read on a grid).

    *key* is the label that names the host or backup set (a port is cut off). *fresh_within* makes the values ages:
    1 while sample time minus value is at most so many seconds, else 0. *every* is the interval in seconds, None: found.
    *is_age*: the values are ages in seconds, kept as the instants that they mean (0: before 1970, so never). *values*:
    the value is that of the first glob that the *labels*, joined by a space, match; what is not listed is unknown.
    *fresh* names signals of the same pack: this one is believed while the first is 1 and no other is 0. Meanwhile a key
    that is not exported has 0 when *is_absence_zero*, else it is unknown.
    """

    name: str
    query: str
    key: str
    combine: Combine | None = None
    every: int | None = None
    fresh_within: int | None = None
    labels: tuple[str, ...] = ()  # further labels kept: for events, or to look the value up
    description: str = ""
    is_age: bool = False
    values: Mapping[str, Fraction] = field(default_factory=dict)
    fresh: tuple[str, ...] = ()
    is_absence_zero: bool = False


@dataclass(frozen=True, slots=True)
class QueryPack:
    """Signals that belong together: one exporter, or one convention.

    Packs may have signals of one name: they tell the same of different hosts, or tell it twice. *fault*: what is wrong
    with its file; such a pack has no signals, and nobody asks another one in its place.
    """

    name: str
    signals: tuple[Signal, ...]
    file: str = ""
    fault: str = ""

    def line_of(self, signal: Signal) -> str:
        """Return the name under which the lines of a signal are kept: ``node/security_pending``."""
        return f"{self.name}/{signal.name}"


Source = PrometheusSource | TicketSource


@dataclass(frozen=True, slots=True)
class Settings:
    """The agent's settings, resolved. Paths are absolute; *store_url* too."""

    file: str
    timezone: str
    state_dir: PurePath
    store_url: str
    sources: Mapping[str, Source]
    contracts_glob: str
    templates_dir: PurePath | None = None
    web_listen: str | None = None
    store_password_file: PurePath | None = None
    people: bool = True  # whether figures about dependency on persons are computed
    mail_from: str | None = None  # sender of mails; None: there are none
    key_file: PurePath | None = None  # keys of the pseudonyms; None: no person is kept
