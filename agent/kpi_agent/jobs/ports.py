"""What jobs need of the rooms beside them; bootstrap hands in the real ones, tests hand in small fakes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.due import LedgerEntry, Stage
from kpi_agent.domain.evaluation import Evaluation
from kpi_agent.domain.events import RestoreTest
from kpi_agent.domain.export import Export, ImportCounts, ImportRecord, KnownRows, RejectedRow
from kpi_agent.domain.notes import Approval, Carried, Note
from kpi_agent.domain.observation import ServerFacts, SignalObservation
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.records import SeenTrouble, SourceRun, StoredDocument
from kpi_agent.domain.source import Signal, TicketSource
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval
from kpi_agent.domain.timeline import Timeline


class ExportReader(Protocol):
    """Reads one export file; raises ExportRefused with every reason when the file cannot be used as a whole."""

    def __call__(
        self, path: Path, source: TicketSource, *, as_of: int | None, now: int, known: KnownRows | None = None
    ) -> Export: ...


class InboxLister(Protocol):
    """Lists the complete, safe files of a drop folder, by name; what is unsafe comes back as problems."""

    def __call__(self, directory: Path, glob: str, *, now: int) -> tuple[tuple[Path, ...], tuple[Problem, ...]]: ...


class MetricsReader(Protocol):
    """Reads one Prometheus; raises SourceUnavailable or SourceRejected."""

    def server(self, *, now: int) -> ServerFacts: ...
    def observe(self, signal: Signal, matcher: str, window: Interval) -> SignalObservation: ...
    def restore_tests(self, signals: Mapping[str, Signal], matcher: str, window: Interval) -> SignalObservation: ...
    def present(self, signal: Signal, matcher: str, *, now: int) -> Mapping[str, int]: ...
    def rules(self, name: str, matcher: str, held: Interval) -> SignalObservation: ...
    def alerts(self, signal: Signal, matcher: str, window: Interval) -> SignalObservation: ...
    def daily(self, signal: Signal, matcher: str, window: Interval, timezone: str) -> SignalObservation: ...


class TicketStore(Protocol):
    """Ticket versions and the files they came from."""

    def take(self, export: Export, *, observed_from: int | None, now: int) -> ImportCounts: ...
    def known_rows(self, source: str) -> KnownRows | None: ...
    def tickets(
        self, source: str, *, newest_import: int | None = None, as_of: int | None = None
    ) -> tuple[Ticket, ...]: ...
    def lost(
        self,
        source: str,
        opened: Mapping[str, int],
        *,
        by_opening: bool,
        newest_import: int | None = None,
        as_of: int | None = None,
    ) -> Mapping[str, int]: ...
    def last_held(self, source: str, names: Collection[str], *, among: Collection[int]) -> int | None: ...
    def share(self, source: str, one: int, other: int) -> bool: ...
    def imports(self, source: str, *, newest_import: int | None = None) -> tuple[ImportRecord, ...]: ...
    def newest_import(self) -> int: ...
    def changed(self, source: str, *, after: int, newest_import: int) -> frozenset[str]: ...
    def rejected(self, source: str, ticket: str) -> tuple[tuple[str, RejectedRow], ...]: ...


class LineStore(Protocol):
    """Timelines per (source, scope, signal, key); *scope* is the contract id. And events."""

    def record(self, source: str, scope: str, observation: SignalObservation, *, now: int) -> None: ...
    def lines(self, source: str, scope: str, signal: str) -> Mapping[str, Timeline]: ...
    def observed_until(self, source: str, scope: str, signal: str) -> int | None: ...
    def last_told(self, source: str, scope: str, signal: str) -> int | None: ...
    def restore_tests(self, source: str, scope: str) -> tuple[RestoreTest, ...]: ...


class RunStore(Protocol):
    """What happened to each source."""

    def note(self, run: SourceRun) -> None: ...
    def latest(self, *, until: int | None = None) -> Mapping[str, SourceRun]: ...
    def troubles(self, source: str, contract: str, span: Interval) -> tuple[SeenTrouble, ...]: ...
    def first(self) -> int | None: ...


class Ledger(Protocol):
    """The table of periods; *move* is a compare-and-set and returns whether this caller moved it.

    *begin* returns the entry that stands: a blocked one without a document begins anew with what this call knows.
    *put_draft* keeps a computed document until it is approved; *begin_anew* drops it for a fresh entry.
    *documents* are in closing order; each names the sha256 of the one before it, and *close* refuses another.
    """

    def entries(self, contract: str) -> Mapping[str, LedgerEntry]: ...
    def begin(self, entry: LedgerEntry) -> LedgerEntry: ...
    def move(self, entry: LedgerEntry, to: Stage, *, now: int, reason: str = "") -> bool: ...
    def put_draft(self, entry: LedgerEntry, content: bytes, *, now: int) -> bool: ...
    def draft(self, entry: LedgerEntry) -> bytes: ...
    def begin_anew(self, entry: LedgerEntry, fresh: LedgerEntry, *, why: str, now: int) -> bool: ...
    def close(self, entry: LedgerEntry, document: StoredDocument, *, now: int, approved_by: str = "") -> bool: ...
    def document(self, contract: str, period: str, revision: int | None = None) -> StoredDocument | None: ...
    def documents(self, contract: str) -> tuple[StoredDocument, ...]: ...


class SnapshotStore(Protocol):
    """The month to date, refreshed by each collect, import and tick, so that status never computes."""

    def put(self, contract: str, period: str, content: bytes, *, now: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Generator:
    """What made a document: part of it, so that a later reader can judge a difference."""

    version: str
    definitions: str
    tzdata: str


class DocumentBuilder(Protocol):
    """Makes the canonical document of an evaluation: a JSON value without floats."""

    def __call__(
        self,
        evaluation: Evaluation,
        *,
        contract: Contract,
        state: str,
        revision: int,
        previous_sha256: str | None,
        generator: Generator,
        reason: str | None = None,
    ) -> dict[str, Any]: ...


class PeopleLayer(Protocol):
    """Puts what people say now into a document, and who approved it; no figure is touched."""

    def __call__(
        self,
        document: Mapping[str, Any],
        notes: Sequence[Note],
        carried: Sequence[Carried],
        approval: Approval | None = None,
    ) -> dict[str, Any]: ...


NoteReader = Callable[[str, str], tuple[Note, ...]]
"""Reads what people wrote of a contract's period; raises KpiAgentError for a note that is no text."""


class Archive(Protocol):
    """Writes every rendering of a frozen document to its folder; the same document gives the same files."""

    def __call__(self, stored: StoredDocument) -> Path: ...
