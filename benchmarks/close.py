"""The close of one month, renderings left out, against reading the very rows that it reads and doing nothing else."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from benchmarks.measure import Pair, Row, at_most, timed
from kpi_agent.bootstrap.agent import Agent, open_agent
from kpi_agent.bootstrap.configuration import load_configuration
from kpi_agent.domain.export import Export
from kpi_agent.domain.observation import SignalObservation
from kpi_agent.domain.records import StoredDocument
from kpi_agent.domain.ticket import Basis, HoldTotal, Kind, Origin, State, Ticket
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval, Period
from kpi_agent.domain.timeline import Run, Timeline

_TICKETS = 100_000
_IN_MONTH = 8_000
_HOSTS = 1_000
_RUNS = 60  # of each host
_REPETITIONS = 3
_MONTH = Period.parse("2026-10", "Europe/Paris")
_NOW = _MONTH.end + 3 * DAY
_READ = ("ticket_version", "import_file", "run", "event", "source_run", "period", "document")

_SETTINGS = """\
timezone: Europe/Paris
state_dir: "{state_dir}"
store: {{url: "sqlite:///kpi-agent.db"}}
sources:
  main: {{type: prometheus, url: "http://127.0.0.1:9090"}}
  desk: {{type: tickets, profile: glpi, path: "inbox/*.csv", timezone: Europe/Paris, hold_basis: service}}
contracts: contracts.d/*.yml
"""

_CONTRACT = """\
contract: acme
customer: ACME SAS
provider: Opsline
effective: {from: 2025-01-01}
language: en
timezone: Europe/Paris
calendars:
  office: {hours: {mon-fri: "08:00-18:00"}, holidays: FR}
holds: {stop: [customer]}
scope:
  tickets: {source: desk, reopen_window: 72h, lookback: 90d, desk_calendars: [office, 24x7]}
  hosts: {source: main, matcher: 'customer="acme"'}
priorities:
  P1: {respond: 30m, resolve: 4h, calendar: 24x7}
  P2: {respond: 2h, resolve: 8h, calendar: office}
  P3: {respond: 4h, resolve: 3wd, calendar: office}
objectives:
  - {id: respond-p1, indicator: respond_in_time, scope: {priority: P1}, target: ">= 95%"}
  - {id: respond-p2, indicator: respond_in_time, scope: {priority: P2}, target: ">= 90%"}
  - {id: resolve-p1, indicator: resolve_in_time, scope: {priority: P1}, target: ">= 95%"}
  - {id: resolve-p2, indicator: resolve_in_time, scope: {priority: P2}, target: ">= 90%"}
  - {id: resolve-p3, indicator: resolve_in_time, scope: {priority: P3}, target: ">= 90%"}
  - {id: recurrence, indicator: recurrence_rate, target: "<= 15%"}
  - {id: patches, indicator: patch_in_time, limit: 14d, min_coverage: 0.9, target: ">= 95%"}
  - {id: hosts, indicator: patched_hosts, limit: 14d, min_coverage: 0.9, target: ">= 95%"}
report:
  to: [direction@acme.example]
"""


def rows(folder: Path) -> Iterator[Row]:
    filled = folder / "filled.db"
    _fill(folder / "first", filled)
    pairs = []
    for number in range(_REPETITIONS):
        ours = _close(folder / f"state-{number}", filled)
        pairs.append(Pair(ours, timed(lambda: _read(filled))))
    what = f"close: {_TICKETS:,} tickets stored, {_IN_MONTH:,} in the month, {_HOSTS:,} hosts"
    yield at_most("close", what, "sqlite3, the same rows read once", pairs, times=6)


def _close(folder: Path, filled: Path) -> float:
    with _agent(folder, filled) as agent:
        contract = agent.configuration.contracts["acme"]
        closer = replace(agent.closer, archive=_without_renderings)
        seconds = timed(lambda: closer.build(contract, _MONTH, now=_NOW))
    shutil.rmtree(folder)
    return seconds


def _without_renderings(stored: StoredDocument) -> Path:
    return Path(stored.period)


def _read(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        for table in _READ:
            connection.execute(f"SELECT * FROM {table}").fetchall()


def _agent(folder: Path, store: Path | None = None) -> AbstractContextManager[Agent]:
    """Return the context of an agent in a new folder, on a copy of *store* if there is one."""
    (folder / "contracts.d").mkdir(parents=True)
    (folder / "contracts.d" / "acme.yml").write_text(_CONTRACT, encoding="utf-8")
    (folder / "kpi-agent.yml").write_text(_SETTINGS.format(state_dir=folder / "state"), encoding="utf-8")
    if store is not None:
        (folder / "state").mkdir()
        shutil.copyfile(store, folder / "state" / "kpi-agent.db")
    return open_agent(load_configuration(folder / "kpi-agent.yml"))


def _fill(folder: Path, filled: Path) -> None:
    """Fill a store with one export and the hosts' lines, and put the file at *filled*."""
    chance = random.Random(1)
    with _agent(folder) as agent:
        export = Export("desk", "desk.csv", "0" * 64, _NOW - HOUR, _TICKETS, tuple(_tickets(chance)))
        agent.store.tickets.take(export, observed_from=None, now=_NOW)
        for signal, lines in (("node/security_pending", _pending(chance)), ("node/package_data_fresh", _fresh())):
            seen = SignalObservation(signal, _SEEN, signal, 15 * MINUTE, lines, samples=0, expected=0)
            agent.store.lines.record("main", "acme", seen, now=_NOW)
    # The last to close folded the log in: the file is whole.
    (folder / "state" / "kpi-agent.db").rename(filled)


_SEEN = Interval(_MONTH.start - 90 * DAY, _NOW - MINUTE)


def _tickets(chance: random.Random) -> Iterator[Ticket]:
    """Yield tickets at an even pace, so that the month has its number and its end is the end of all."""
    pace = _MONTH.interval.seconds // _IN_MONTH
    for number in range(_TICKETS):
        opened = _MONTH.end - (number + 1) * pace
        resolved = min(opened + chance.randrange(10, 4000) * MINUTE, _NOW - 2 * HOUR)
        yield Ticket(
            source="desk",
            id=str(_TICKETS - number),
            opened=opened,
            origin=Origin("desk.csv", number + 2),
            kind=Kind.REQUEST if number % 4 == 0 else Kind.INCIDENT,
            state=State.RESOLVED,
            title=f"{chance.choice(_TITLES)} #",
            priority=f"P{chance.choice((1, 2, 2, 3, 3, 3))}",
            category=f"family {chance.randrange(40)}",
            host=f"host{chance.randrange(_HOSTS):04d}",
            group="operations",
            response_duration=chance.randrange(1, 200) * MINUTE,
            resolved=resolved,
            updated=resolved,
            hold_total=HoldTotal(0, Basis.SERVICE),
            cannot_tell=frozenset({"responded", "reopenings"}),
        )


_TITLES = (
    "disk full on",
    "backup failed on",
    "service stopped on",
    "certificate expires soon on",
    "access refused to",
    "slow answers of",
    "queue grows on",
    "replication lags on",
)


def _pending(chance: random.Random) -> dict[str, Timeline]:
    step = _SEEN.seconds // _RUNS
    edges = [(_SEEN.start + n * step, _SEEN.start + (n + 1) * step) for n in range(_RUNS)]
    return {
        f"host{host:04d}": Timeline.of(
            Run(start, end, Fraction(2 * chance.randrange(3) + n % 2)) for n, (start, end) in enumerate(edges)
        )
        for host in range(_HOSTS)
    }


def _fresh() -> dict[str, Timeline]:
    return {f"host{host:04d}": Timeline((Run(_SEEN.start, _SEEN.end, Fraction(1)),)) for host in range(_HOSTS)}
