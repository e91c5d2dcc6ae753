"""One call that builds the estate: its samples, its exports, its configuration, and the truth about it."""

import json
import random
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi_agent_simulator.backups import BackupGauge, gauge_newest
from kpi_agent_simulator.caseload import Caseload, Stage
from kpi_agent_simulator.casework import Habits
from kpi_agent_simulator.certificates import CertificateGauge, probe_certificates
from kpi_agent_simulator.configuration import contract_text, settings_text
from kpi_agent_simulator.estate import CONTRACTS, Contract
from kpi_agent_simulator.exports import Export, export_instants, export_name
from kpi_agent_simulator.figures import Figure
from kpi_agent_simulator.fleet import Host, scrape_fleet
from kpi_agent_simulator.glpi import write_glpi
from kpi_agent_simulator.hours import DAY, MINUTE, Clock, office_hours, round_the_clock, wall_clock
from kpi_agent_simulator.months import Month, last_three_months
from kpi_agent_simulator.openmetrics import write_openmetrics
from kpi_agent_simulator.probes import Probe, probe_services
from kpi_agent_simulator.restores import RestoreGauge, gauge_backups
from kpi_agent_simulator.servicenow import log_rows, write_servicenow
from kpi_agent_simulator.tickets import Ticket
from kpi_agent_simulator.truth_availability import availability_figures
from kpi_agent_simulator.truth_backups import backup_figures, protection_lines
from kpi_agent_simulator.truth_certificates import certificate_figure
from kpi_agent_simulator.truth_hosts import exposed_seconds, host_figures
from kpi_agent_simulator.truth_incidents import incident_figures
from kpi_agent_simulator.truth_patching import observe, patch_figures
from kpi_agent_simulator.truth_recurrence import recurrence_figure
from kpi_agent_simulator.truth_restores import restore_figures
from kpi_agent_simulator.vocabulary import ENGLISH, FRENCH
from kpi_agent_simulator.windows import maintenance_windows

_TICKETS_BEFORE = 130 * DAY
_METRICS_BEFORE = 3 * DAY
# Deadlines of tickets opened just before now lie in the future, behind holds.
_CLOCKS_AFTER = 75 * DAY

_ACME_HABITS = Habits(MINUTE, 0.03, 0.035, ("customer",), holds_before_limit_only=True)
_GLOBEX_HABITS = Habits(1, 0.02, 0.025, ("customer", "customer", "vendor", "problem"), holds_before_limit_only=False)


@dataclass(frozen=True, slots=True)
class Estate:
    """What was written, and where; *truth* is the content of *truth_file*."""

    directory: Path
    metrics: Path
    settings: Path
    contracts: tuple[Path, ...]
    exports: tuple[Export, ...]
    truth_file: Path
    truth: Mapping[str, Any]
    samples: int


@dataclass(frozen=True, slots=True)
class _World:
    """Everything that happened under one contract."""

    contract: Contract
    months: tuple[Month, Month, Month]
    clocks: Mapping[str, Clock]
    windows: tuple[tuple[int, int], ...]
    tickets: tuple[Ticket, ...]
    exports: tuple[int, ...]
    probes: tuple[Probe, ...]
    hosts: tuple[Host, ...]
    gauges: tuple[RestoreGauge, ...]
    backups: tuple[BackupGauge, ...]
    certificates: tuple[CertificateGauge, ...]


def simulate(
    directory: Path,
    *,
    seed: int,
    now: int,
    prometheus_url: str = "http://127.0.0.1:9090",
    state_dir: str = ".",
) -> Estate:
    """Write the estate below *directory* and return its paths and its truth; the same for the same seed and now.

    *now* is in epoch seconds. The three months are the one that contains it and the two before; figures of all three
    are what was known at *now*. Existing files of the same names are replaced.
    """
    months = {contract.id: last_three_months(now, contract.zone) for contract in CONTRACTS}
    first = min(found[0].start for found in months.values())
    edges = (first - _METRICS_BEFORE, now)
    clocks = _clocks(first - _TICKETS_BEFORE, now + _CLOCKS_AFTER)
    worlds = [_build(contract, months[contract.id], clocks, edges, seed) for contract in CONTRACTS]
    directory.mkdir(parents=True, exist_ok=True)
    metrics = directory / "metrics.om"
    with metrics.open("w", encoding="utf-8", newline="\n") as out:
        samples = write_openmetrics(
            out,
            [probe for world in worlds for probe in world.probes],
            [host for world in worlds for host in world.hosts],
            [gauge for world in worlds for gauge in world.gauges],
            backups=[gauge for world in worlds for gauge in world.backups],
            certificates=[gauge for world in worlds for gauge in world.certificates],
        )
    settings = _written(directory / "kpi-agent.yml", settings_text(prometheus_url, state_dir))
    contracts = tuple(_write_contract(directory, world) for world in worlds)
    exports = tuple(export for world in worlds for export in _write_exports(directory / "exports", world))
    truth = {
        "seed": seed,
        "now": now,
        "contracts": {world.contract.id: _truth(world, edges) for world in worlds},
    }
    truth_file = _written(directory / "truth.json", json.dumps(truth, indent=1, sort_keys=True) + "\n")
    return Estate(directory, metrics, settings, contracts, exports, truth_file, truth, samples)


def _clocks(start: int, end: int) -> dict[str, Clock]:
    return {"24x7": round_the_clock(start, end), "office": wall_clock(start, end, CONTRACTS[0].zone, office_hours)}


def _build(
    contract: Contract,
    months: tuple[Month, Month, Month],
    clocks: Mapping[str, Clock],
    edges: tuple[int, int],
    seed: int,
) -> _World:
    """Return the world of one contract; each part draws from its own stream, so that none disturbs another."""
    start, now = edges
    windows = tuple(maintenance_windows(contract, *edges))
    exports = export_instants(months, now, contract.zone)

    def stream(part: str) -> random.Random:
        return random.Random(f"{seed}:{contract.id}:{part}")

    is_french = contract.language == "fr"
    stage = Stage(
        contract=contract,
        vocabulary=FRENCH if is_french else ENGLISH,
        habits=_ACME_HABITS if is_french else _GLOBEX_HABITS,
        clocks=clocks,
        start=months[0].start - _TICKETS_BEFORE,
        now=now,
        edges=(*(month.start for month in months), now),
        exports=exports,
        has_event_log=not is_french,
        first_number=1947 if is_french else 10001,
    )
    starts = (months[0].start, months[1].start, months[2].start, months[2].end)
    return _World(
        contract=contract,
        months=months,
        clocks=clocks,
        windows=windows,
        tickets=Caseload(stage, stream("tickets")).build(),
        exports=exports,
        probes=tuple(probe_services(contract, months, windows, edges, stream("probes"))),
        hosts=tuple(scrape_fleet(contract, starts, edges, stream("hosts"))),
        gauges=tuple(gauge_backups(contract, months, (start, now), stream("restores"))),
        backups=tuple(gauge_newest(contract, months, edges, stream("backups"))),
        certificates=tuple(probe_certificates(contract, months, edges, stream("certificates"))),
    )


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def _write_contract(directory: Path, world: _World) -> Path:
    retired = next((host.retired for host in world.hosts if host.retired is not None), None)
    text = contract_text(world.contract, world.months[0].start - _TICKETS_BEFORE, retired)
    return _written(directory / "contracts.d" / f"{world.contract.id}.yml", text)


def _write_exports(directory: Path, world: _World) -> list[Export]:
    contract = world.contract
    is_french = contract.language == "fr"
    rows = [] if is_french else log_rows(world.tickets, contract, world.clocks)
    exports: list[Export] = []
    for as_of in world.exports:
        text = write_glpi(world.tickets, contract, world.clocks, as_of) if is_french else write_servicenow(rows, as_of)
        path = _written(directory / export_name(contract.id, as_of, contract.desk_zone), text)
        exports.append(Export(contract.desk, as_of, path))
    return exports


def _truth(world: _World, edges: tuple[int, int]) -> dict[str, Any]:
    """Return as-of and readings of each month; tickets are known up to the last export, samples up to now."""
    now = edges[1]
    as_of = world.exports[-1]
    figures: dict[str, list[Figure]] = defaultdict(list)
    observed = [observe(host, world.months, edges) for host in world.hosts]
    exposed = [exposed_seconds(host, world.months, edges) for host in world.hosts]
    protected = protection_lines(world.backups, edges)
    for month in world.months:
        found = figures[month.name]
        found += incident_figures(world.tickets, world.contract, world.clocks, month, as_of)
        found.append(recurrence_figure(world.tickets, month, as_of))
        found += patch_figures(observed, month, now)
        found += host_figures(world.hosts, exposed, month, now)
        found.append(certificate_figure(world.certificates, month, now))
        found += restore_figures(world.gauges, month, now)
        found += backup_figures(protected, month, edges)
    for probe in world.probes:
        for name, figure in availability_figures(probe, world.clocks, world.windows, world.months, edges).items():
            figures[name].append(figure)
    return {
        name: {"as_of": as_of, "readings": [figure.as_json() for figure in found]} for name, found in figures.items()
    }
