"""Builds the real objects of an agent and hands them to jobs."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from kpi_agent import __version__
from kpi_agent.bootstrap.closed_contracts import without_rewritten
from kpi_agent.bootstrap.configuration import Configuration
from kpi_agent.bootstrap.renderings import ArchiveFolder, Renderer
from kpi_agent.collectors.inbox import ready_files
from kpi_agent.collectors.notes import note_file, read_notes
from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.collectors.quarantine import QUARANTINE, mark_mended, set_apart
from kpi_agent.collectors.tickets.pseudonyms import Pseudonyms
from kpi_agent.collectors.tickets.read import read_export
from kpi_agent.domain.contract import Contract
from kpi_agent.domain.errors import ExportRefused, KpiAgentError
from kpi_agent.domain.notes import Note
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.source import PrometheusSource, TicketSource
from kpi_agent.domain.time import DAY, Period
from kpi_agent.jobs import snapshot
from kpi_agent.jobs.close import Closed, Closer
from kpi_agent.jobs.collect import Collected, collect, signals_for
from kpi_agent.jobs.dry_run import understood
from kpi_agent.jobs.gather import Gatherer
from kpi_agent.jobs.import_tickets import Imported, import_inbox, import_named
from kpi_agent.jobs.ports import ExportReader, Generator
from kpi_agent.jobs.report import Reporter
from kpi_agent.jobs.tick import Round, run_round
from kpi_agent.store.engine import database_url
from kpi_agent.store.open import Store, open_store
from kpi_agent.store.version import schema_version
from kpi_agent_reports.canonical import canonical_bytes
from kpi_agent_reports.document import build_document
from kpi_agent_reports.document_people import with_people

DEFINITIONS = "1"
"""Version of indicators.md that the figures follow; raised when a definition changes a figure."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An opened agent: every job with its real parts."""

    configuration: Configuration
    store: Store
    gatherer: Gatherer
    reporter: Reporter
    closer: Closer

    def collect(self, source: PrometheusSource, *, now: int, since: int | None = None) -> Collected:
        """Read one Prometheus for all contracts."""
        packs, store = self.configuration.packs, self.store
        return collect(
            source,
            list(signals_for(source, self.configuration.contracts, packs, now=now)),
            reader=metrics_reader(source),
            lines=store.lines,
            runs=store.runs,
            now=now,
            since=since,
        )

    def import_file(self, path: Path, source: TicketSource, *, now: int, as_of: int | None = None) -> Imported:
        """Take one export named by hand."""
        store, reader = self.store, self._reader(source, now=now)
        result = import_named(path, source, reader=reader, tickets=store.tickets, runs=store.runs, now=now, as_of=as_of)
        if result.counts is not None:
            mark_mended(self.quarantine, source.name, path.name, now=now)
        return result

    def import_inbox(self, source: TicketSource, *, now: int) -> tuple[Imported, ...]:
        """Take the complete exports of a source's drop folder."""
        return import_inbox(
            source,
            self.configuration.state_dir,
            lister=ready_files,
            reader=self._reader(source, now=now),
            tickets=self.store.tickets,
            runs=self.store.runs,
            now=now,
            on_taken=partial(self._taken, source, now),
            on_refused=partial(self._refused, source, now),
        )

    def _reader(self, source: TicketSource, *, now: int) -> ExportReader:
        """Return the reader of a source's exports, which keeps pseudonyms where the settings want persons counted."""
        settings = self.configuration.settings
        if settings.key_file is None or not settings.people:
            return read_export
        keys = Pseudonyms(Path(settings.key_file), now=now)
        keys.destroy_past()
        return partial(read_export, pseudonym=keys.of(source.name, source.timezone))

    def _taken(self, source: TicketSource, now: int, path: Path) -> None:
        mark_mended(self.quarantine, source.name, path.name, now=now)
        if source.consumed == "archive":
            _put_into_archive(path)

    def _refused(self, source: TicketSource, now: int, path: Path, problems: tuple[Problem, ...]) -> None:
        set_apart(self.quarantine, source.name, path, problems, now=now)

    @property
    def quarantine(self) -> Path:
        """The folder of files that were refused whole."""
        return self.configuration.state_dir / QUARANTINE

    def close_due(self, contract: Contract, *, now: int) -> Iterator[Closed]:
        """Close a contract's due months."""
        return self.closer.close_due(contract, now=now)

    def refresh_snapshot(self, contract: Contract, *, now: int) -> None:
        """Refresh what status shows of one contract; one that has not begun or has ended has nothing to show."""
        if now not in contract.life:
            return
        snapshot.take_snapshot(
            contract,
            reporter=self.reporter,
            snapshots=self.store.snapshots,
            canonical=canonical_bytes,
            installed=self.store.runs.first(),
            now=now,
        )

    def refresh_snapshots(self, *, now: int) -> None:
        """Refresh what status shows of every contract; one that fails is raised after the others are done."""
        failures = []
        for contract in self.configuration.contracts.values():
            try:
                self.refresh_snapshot(contract, now=now)
            except KpiAgentError as error:
                failures.append(f"{contract.id}: {error}")
        if failures:
            raise KpiAgentError("; ".join(failures))

    def round(self, *, now: int, may_close: bool = True) -> Round:
        """Do everything that is due."""
        return run_round(
            self,
            sources=self.configuration.settings.sources,
            contracts=self.configuration.contracts,
            runs=self.store.runs.latest(),
            now=now,
            may_close=may_close,
            refused=self.configuration.refused_files,
        )

    def render(self, document: Mapping[str, Any], form: str) -> bytes:
        """Return a canonical document in one of ``FORMATS``."""
        return Renderer(self.configuration)(document, form)

    def digest(self, contract: Contract, form: str, *, now: int) -> bytes:
        """Return the weekly digest of a contract as ``txt``, ``html`` or ``eml``: its running month against a week ago.

        Raises NotFound where no version of the contract is in force.
        """
        period = Period.month_of(now, contract.timezone)
        document = self.reporter.preview(contract, period, now=now)
        then = now - 7 * DAY
        has_before = then > max(period.start, contract.life.start)
        before = (
            self.reporter.preview(contract, period, now=then, has_errata=False, has_notes=False) if has_before else None
        )
        return Renderer(self.configuration).digest(document, before, form)

    def report_folder(self, contract: str, period: str, revision: int) -> Path:
        """Return the archive folder of a closed report."""
        return ArchiveFolder(self.configuration, self.store.ledger.documents).folder(contract, period, revision)


def _notes(configuration: Configuration, contract: str, period: str) -> tuple[Note, ...]:
    return read_notes(note_file(Path(configuration.state_dir), contract, period))


def look_at_export(
    path: Path, source: TicketSource, contracts: Iterable[Contract], *, now: int, as_of: int | None = None
) -> dict[str, Any] | ExportRefused:
    """Return what is understood of one export, without opening or making a store; a refusal comes back as a value."""
    try:
        return understood(read_export(path, source, as_of=as_of, now=now), source, contracts)
    except ExportRefused as refused:
        return refused


def _put_into_archive(export: Path) -> None:
    """Move a taken export to ``archive`` beside it; one of the same name that lies there stays."""
    folder = export.parent / "archive"
    folder.mkdir(exist_ok=True)
    target, number = folder / export.name, 1
    while target.exists():
        number += 1
        target = folder / f"{export.stem}.{number}{export.suffix}"
    export.rename(target)


def metrics_reader(source: PrometheusSource) -> Prometheus:
    """Return the reader of one Prometheus."""
    return Prometheus(source)


def has_store(configuration: Configuration) -> bool:
    """Whether the store is there; raises StoreError when it cannot be told."""
    return schema_version(database_url(configuration.settings.store_url, configuration.state_dir)) is not None


@contextmanager
def open_agent(configuration: Configuration) -> Iterator[Agent]:
    """Open the store and yield the agent; raises StoreError when the store cannot be used safely.

    Contracts that were rewritten under closed periods are left out, as broken ones are.
    """
    configuration.state_dir.mkdir(parents=True, exist_ok=True)
    # A close holds a hundred thousand immutable tickets; at its usual pace the cycle collector, which finds nothing in
    # them, takes a third of the time (benchmarks/close.py).
    gc.set_threshold(100_000, 50, 100)
    store = open_store(configuration.settings.store_url, state_dir=configuration.state_dir)
    try:
        configuration = without_rewritten(configuration, store.ledger)
        gatherer = Gatherer(configuration.settings, store.tickets, store.lines, store.runs, configuration.packs)
        reporter = Reporter(
            gatherer, store.ledger, build_document, generator(), with_people, partial(_notes, configuration)
        )
        archive = ArchiveFolder(configuration, store.ledger.documents)
        closer = Closer(reporter, store.ledger, store.tickets, store.runs, archive, canonical_bytes)
        yield Agent(configuration, store, gatherer, reporter, closer)
    finally:
        store.close()


def generator() -> Generator:
    """Return what makes documents here: versions of the program, the definitions and the time zone data."""
    return Generator(__version__, DEFINITIONS, version("tzdata"))


def upgrade_store(configuration: Configuration, *, now: int) -> str:
    """Create or upgrade the store and return a sentence about it."""
    from kpi_agent.store import migrate  # noqa: PLC0415 - Alembic is heavy, and nothing else here needs it

    configuration.state_dir.mkdir(parents=True, exist_ok=True)
    done = migrate.upgrade(configuration.settings.store_url, state_dir=configuration.state_dir, now=now)
    if done.before == done.after:
        return f"the store has schema {done.after} already"
    if done.before == 0:
        return f"made a new store with schema {done.after}"
    kept = f"; the store as it was: {done.backup}" if done.backup is not None else ""
    return f"schema {done.before} became {done.after}{kept}"
