"""One round of the agent: read and close what is due, refresh what status shows. One failure stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.due import Stage, closing_instant
from kpi_agent.domain.errors import KpiAgentError
from kpi_agent.domain.records import SourceRun
from kpi_agent.domain.source import PrometheusSource, Source, TicketSource
from kpi_agent.domain.time import Period
from kpi_agent.jobs.close import Closed
from kpi_agent.jobs.collect import Collected
from kpi_agent.jobs.import_tickets import Imported

_log = logging.getLogger("kpi_agent.tick")

# The inbox is looked into at least this often, and a month that waits for a late source is tried again.
_AT_LEAST_EVERY = 300


class Worker(Protocol):
    """The steps of a round on real parts."""

    def collect(self, source: PrometheusSource, *, now: int) -> Collected:
        """Read one Prometheus."""

    def import_inbox(self, source: TicketSource, *, now: int) -> tuple[Imported, ...]:
        """Take one drop folder's exports."""

    def close_due(self, contract: Contract, *, now: int) -> Iterator[Closed]:
        """Close a contract's due months."""

    def refresh_snapshot(self, contract: Contract, *, now: int) -> None:
        """Refresh what status shows of a contract."""


@dataclass(frozen=True, slots=True)
class Round:
    """What a round did: when the next one is due, and one line for ``systemctl status``."""

    next_at: int
    status: str


def run_round(
    worker: Worker,
    *,
    sources: Mapping[str, Source],
    contracts: Mapping[str, Contract],
    runs: Mapping[str, SourceRun],
    now: int,
    may_close: bool,
    refused: Collection[str] = (),
) -> Round:
    """Do everything that is due at *now*.

    *runs* are the latest attempts per source; *may_close* is false under a doubtful clock; *refused* names the files
    whose contracts are left out, for the status to say.
    """
    failures: list[str] = []
    for source in sources.values():
        if isinstance(source, PrometheusSource):
            if _is_due(source, runs.get(source.name), now):
                _guarded(f"collect source={source.name}", failures, partial(_collect, worker, source, now))
        else:
            _guarded(f"import source={source.name}", failures, partial(_import, worker, source, now))
    for contract in contracts.values():
        if may_close:
            _guarded(f"close contract={contract.id}", failures, partial(_close, worker, contract, now))
        _guarded(f"snapshot contract={contract.id}", failures, partial(worker.refresh_snapshot, contract, now=now))
    status = f"{len(contracts)} contracts, {len(sources)} sources"
    status += f"; not in force: {_listed(refused)}" if refused else ""
    status += f"; failing: {', '.join(failures)}" if failures else "" if refused else "; all well"
    return Round(_next_round(sources, contracts, runs, now), status)


def _listed(files: Collection[str]) -> str:
    # A semicolon ends the list for who reads the status.
    return ", ".join(file.replace(";", ",") for file in files)


def _guarded(name: str, failures: list[str], step: Callable[[], None]) -> None:
    try:
        step()
    except KpiAgentError as error:
        failures.append(name)
        _log.error("%s failed: %s", name, error)
    except Exception:  # noqa: BLE001 - a fault of ours in one step must not keep the other contracts from their reports
        failures.append(name)
        _log.exception("%s failed unexpectedly", name)


def _is_due(source: PrometheusSource, run: SourceRun | None, now: int) -> bool:
    return run is None or now >= run.started + source.every or run.started > now


def _collect(worker: Worker, source: PrometheusSource, now: int) -> None:
    result = worker.collect(source, now=now)
    _log.info(
        "collected source=%s signals=%d lines=%d samples=%d failures=%d",
        source.name,
        result.signals,
        result.lines,
        result.samples,
        len(result.failures),
    )
    for failure in result.failures:
        _log.warning("collect source=%s: %s", source.name, failure)


def _import(worker: Worker, source: TicketSource, now: int) -> None:
    for item in worker.import_inbox(source, now=now):
        if item.counts is not None and not item.counts.is_repeat:
            c = item.counts
            _log.info(
                "imported source=%s file=%s read=%d new=%d changed=%d rejected=%d",
                source.name,
                item.file,
                c.read,
                c.new,
                c.changed,
                c.rejected,
            )
        for problem in item.problems:
            _log.warning("import source=%s refused: %s", source.name, problem)


def _close(worker: Worker, contract: Contract, now: int) -> None:
    for closed in worker.close_due(contract, now=now):
        entry = closed.entry
        if entry.stage is Stage.BLOCKED:
            _log.warning("close contract=%s period=%s blocked: %s", closed.contract, closed.period, entry.reason)
        elif entry.stage is Stage.REVIEW:
            _log.warning("close contract=%s period=%s waits for approval", closed.contract, closed.period)
        else:
            _log.info(
                "closed contract=%s period=%s revision=%d stage=%s",
                closed.contract,
                closed.period,
                entry.revision,
                entry.stage.value,
            )


def _next_round(
    sources: Mapping[str, Source], contracts: Mapping[str, Contract], runs: Mapping[str, SourceRun], now: int
) -> int:
    """Return the earliest instant at which something can be due again; never later than the usual look-round."""
    instants = [now + _AT_LEAST_EVERY]
    for source in sources.values():
        if isinstance(source, PrometheusSource):
            run = runs.get(source.name)
            last = now if run is None or _is_due(source, run, now) else run.started
            instants.append(last + source.every)
    for contract in contracts.values():
        closing = closing_instant(contract, Period.month_of(now, contract.timezone).previous())
        if closing > now:
            instants.append(closing)
    return max(now + 1, min(instants))
