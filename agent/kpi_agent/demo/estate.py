"""The demo: a simulated estate goes the whole road, export and Prometheus in, monthly report out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kpi_agent.bootstrap.agent import Agent, open_agent
from kpi_agent.bootstrap.configuration import load_configuration
from kpi_agent.demo import local_prometheus
from kpi_agent.domain.contract import Contract
from kpi_agent.domain.errors import InvalidConfiguration, KpiAgentError
from kpi_agent.domain.source import PrometheusSource, TicketSource
from kpi_agent.domain.time import Period
from kpi_agent_reports.plain import verdict_line
from kpi_agent_simulator.simulation import Estate, simulate

_MONTHS = 3  # two full ones and the running one


@dataclass(frozen=True, slots=True)
class Page:
    """A report to open: its contract and period, the verdict in one line, and where the HTML lies."""

    contract: str
    period: str
    verdict: str
    path: Path


def run_demo(directory: Path, *, seed: int, now: int, tell: Callable[[str], None]) -> tuple[Page, ...]:
    """Build the estate of *seed* in *directory*, collect, import, close its two full months, and render all three.

    Raises KpiAgentError when *directory* holds anything: a demo never touches what it did not make.
    """
    if directory.exists() and any(directory.iterdir()):
        raise KpiAgentError(f"{directory} is not empty; name another folder, or remove it: rm -r {directory}")
    directory.mkdir(parents=True, exist_ok=True)
    port = local_prometheus.free_port()
    started = time.monotonic()
    estate = simulate(directory, seed=seed, now=now, prometheus_url=f"http://127.0.0.1:{port}")
    tell(f"simulated: 40 hosts, 6 services, 4 backup sets, 2 contracts (seed {seed}), {_since(started)}")
    with _metrics(estate, directory, port, tell):
        configuration = load_configuration(directory / "kpi-agent.yml")
        if problems := configuration.errors:
            raise InvalidConfiguration(problems)
        with open_agent(configuration) as agent:
            _feed(agent, estate, now, tell)
            pages = tuple(
                page for contract in configuration.contracts.values() for page in _render(agent, contract, now)
            )
            agent.refresh_snapshots(now=now)
    return pages


@contextmanager
def _metrics(estate: Estate, directory: Path, port: int, tell: Callable[[str], None]) -> Iterator[None]:
    """Serve the estate's metrics while the context lasts, where Prometheus is installed."""
    if not local_prometheus.is_installed():
        tell("no prometheus here: whatever needs metrics will read 'no data'. To get them: apt-get install prometheus")
        yield
        return
    started = time.monotonic()
    with local_prometheus.serving(estate.metrics, directory / "prometheus", port=port) as url:
        tell(f"prometheus: history loaded, serving on {url}, {_since(started)}")
        yield


def _feed(agent: Agent, estate: Estate, now: int, tell: Callable[[str], None]) -> None:
    """Drop the exports into the inbox and read every source."""
    inbox = agent.configuration.state_dir / "inbox"
    inbox.mkdir(exist_ok=True)
    for export in estate.exports:
        target = inbox / export.path.name
        target.write_bytes(export.path.read_bytes())
        # A file is taken when nobody has written to it for a minute: these are older than that.
        os.utime(target, (now - 3600, now - 3600))
    for source in agent.configuration.settings.sources.values():
        started = time.monotonic()
        if isinstance(source, PrometheusSource):
            if not local_prometheus.is_installed():
                continue
            result = agent.collect(source, now=now)
            # Of another day than today, its history is served by a clock that is right: no fault of the demo's.
            failures = [str(failure) for failure in result.failures if failure.contract]
            if failures:
                raise KpiAgentError("; ".join(failures))
            read = f"{result.signals} signals, {result.lines} lines, {result.samples} samples"
            tell(f"collected: {read}, {_since(started)}")
        elif isinstance(source, TicketSource):
            for item in agent.import_inbox(source, now=now):
                if item.problems:
                    raise KpiAgentError("; ".join(str(p) for p in item.problems))
                counts = item.counts
                if counts is not None:
                    tell(
                        f"imported: {item.file}: {counts.read} rows, {counts.new} new, {counts.changed} changed, "
                        f"{counts.rejected} rejected"
                    )


def _render(agent: Agent, contract: Contract, now: int) -> Iterator[Page]:
    """Close the finished months and render them and the running one."""
    running = Period.month_of(now, contract.timezone)
    months = [running]
    while len(months) < _MONTHS:
        months.insert(0, months[0].previous())
    for month in months[:-1]:
        entry = agent.closer.build(contract, month, now=now)
        folder = agent.report_folder(contract.id, month.id, entry.revision)
        document = agent.reporter.shown(contract, month, now=now)
        yield Page(contract.id, month.id, verdict_line(document), folder / "report.html")
    document = agent.reporter.preview(contract, running, now=now)
    preview = agent.configuration.state_dir / "reports" / contract.id / f"{running.id}-to-date.html"
    preview.write_bytes(agent.render(document, "html"))
    yield Page(contract.id, running.id, verdict_line(document), preview)


def _since(started: float) -> str:
    return f"{time.monotonic() - started:.1f} s"
