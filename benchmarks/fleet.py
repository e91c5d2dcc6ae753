"""10,000 hosts on a real Prometheus: a quarter of an hour collected, against curl of the same queries, and the growth.

Raw samples are counted at 16 bytes, an instant and a value. The store's growth is that of a day like any other: the
first one, which brings every host, is stored before.
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import subprocess
import time
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.measure import NotMeasured, Row, at_most, in_turns, share, timed
from kpi_agent.bootstrap.agent import Agent, open_agent
from kpi_agent.bootstrap.configuration import Configuration, load_configuration
from kpi_agent.collectors.session import HardenedSession
from kpi_agent.demo import local_prometheus
from kpi_agent.domain.source import PrometheusSource
from kpi_agent.domain.time import DAY, HOUR, MINUTE

_HOSTS = 10_000
_EVERY = 15 * MINUTE
_SAMPLE = 16  # bytes of a sample kept raw
_REPETITIONS = 3

_SETTINGS = """\
timezone: UTC
state_dir: state
sources:
  main: {{type: prometheus, url: "{url}", queries: [six]}}
contracts: contracts.d/*.yml
"""
_CONTRACT = """\
contract: fleet
customer: Fleet
provider: Opsline
effective: {{from: "{start}"}}
language: en
timezone: UTC
scope:
  hosts: {{source: main, matcher: 'customer="fleet"'}}
objectives:
  - {{id: patches, indicator: patch_in_time, limit: 14d, target: ">= 95%"}}
"""
_PACK = """\
pack: six
signals:
  host_seen: {query: node_exporter_build_info, key: instance, combine: any}
  security_pending: {query: apt_upgrades_pending, key: instance, combine: sum}
  security_held: {query: apt_upgrades_held, key: instance, combine: sum}
  package_data_fresh: {query: node_textfile_mtime_seconds, key: instance, combine: any, fresh_within: 48h}
  package_cache_fresh: {query: apt_package_cache_timestamp_seconds, key: instance, combine: any, fresh_within: 48h}
  reboot_required: {query: node_reboot_required, key: instance, combine: max}
"""

Question = tuple[str, Mapping[str, Any]]
"""An address and its parameters."""


def rows(folder: Path) -> Iterator[Row]:
    if not local_prometheus.is_installed() or shutil.which("curl") is None:
        raise NotMeasured("there is no prometheus, or no curl; on Debian: apt-get install prometheus curl")
    now = int(time.time()) // _EVERY * _EVERY
    port = local_prometheus.free_port()
    metrics = folder / "fleet.om"
    with metrics.open("w", encoding="utf-8") as out:
        samples = sum(_written(out.write, name, value, now - 2 * DAY, now) for name, value in _SIGNALS.items())
        out.write("# EOF\n")
    configuration = _configured(folder, f"http://127.0.0.1:{port}", now - 2 * DAY)
    with local_prometheus.serving(metrics, folder / "prometheus", port=port):
        with open_agent(configuration) as agent:
            before, after = _grown(agent, configuration, now)
        raw = samples / 2 * _SAMPLE
        yield share(
            "growth",
            f"store growth in a day, {_HOSTS:,} hosts × {len(_SIGNALS)} signals",
            f"{raw / 1e6:.0f} MB, samples at {_SAMPLE} bytes",
            (after - before, raw),
            limit=0.01,
        )
        yield _collection(configuration, now)


def _collection(configuration: Configuration, now: int) -> Row:
    """Return the row of a collection like any other: what came since the last one, a quarter of an hour ago."""
    asked: list[Question] = []
    kept = configuration.state_dir.with_name("kept")
    shutil.copytree(configuration.state_dir, kept)
    with patch.object(HardenedSession, "ask", autospec=True, side_effect=HardenedSession.ask) as heard:
        _later(configuration, kept, now)
    asked = [(url, params[0] if params else {}) for _, url, *params in (call.args for call in heard.mock_calls)]
    pairs = in_turns(
        lambda: _later(configuration, kept, now), lambda: timed(lambda: _ask_all(asked)), repetitions=_REPETITIONS
    )
    what = f"collect: a quarter of an hour of {_HOSTS:,} hosts × {len(_SIGNALS)} signals, stored"
    return at_most("fleet", what, f"curl + json.loads, the same {len(asked)} queries", pairs, times=2)


def _grown(agent: Agent, configuration: Configuration, now: int) -> tuple[int, int]:
    """Return the bytes of the store after the first day and, quarter by quarter of the second, at its end."""
    source = _source(configuration)
    store = configuration.state_dir / "kpi-agent.db"
    agent.collect(source, now=now - DAY)
    before = _bytes(store)
    for instant in range(now - DAY + 6 * HOUR, now - _EVERY + 1, 6 * HOUR):
        agent.collect(source, now=instant)
    agent.collect(source, now=now - _EVERY)
    return before, _bytes(store)


def _bytes(store: Path) -> int:
    """Return the size of the database, what still lies in its log included."""
    with closing(sqlite3.connect(store)) as connection:
        pages, size = (int(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size"))
    return pages * size


def _later(configuration: Configuration, kept: Path, now: int) -> float:
    """Collect up to *now* into a copy of the store as it was a quarter of an hour before; return the seconds."""
    shutil.rmtree(configuration.state_dir)
    shutil.copytree(kept, configuration.state_dir)
    found = []
    with open_agent(configuration) as agent:
        seconds = timed(lambda: found.append(agent.collect(_source(configuration), now=now)))
    if found[0].samples < _HOSTS * len(_SIGNALS):
        raise RuntimeError("; ".join(map(str, found[0].failures)))
    return seconds


def _source(configuration: Configuration) -> PrometheusSource:
    source = configuration.settings.sources["main"]
    if not isinstance(source, PrometheusSource):
        raise TypeError(source)
    return source


def _ask_all(questions: Sequence[Question]) -> None:
    for url, params in questions:
        asked = f"{url}?{urllib.parse.urlencode(params)}"
        answer = subprocess.run(["curl", "--silent", "--compressed", asked], check=True, capture_output=True)
        json.loads(answer.stdout)


def _configured(folder: Path, url: str, start: int) -> Configuration:
    (folder / "kpi-agent.yml").write_text(_SETTINGS.format(url=url))
    for name in ("contracts.d", "queries", "state"):
        (folder / name).mkdir()
    first = time.strftime("%Y-%m-%d", time.gmtime(start))
    (folder / "contracts.d" / "fleet.yml").write_text(_CONTRACT.format(start=first))
    (folder / "queries" / "six.yml").write_text(_PACK)
    return load_configuration(folder / "kpi-agent.yml")


def _written(write: Any, name: str, value: Any, start: int, end: int) -> int:
    """Write one signal of every host over [start, end) as OpenMetrics; return the number of samples."""
    write(f"# TYPE {name} gauge\n")
    count = 0
    for host in range(_HOSTS):
        rng = random.Random(f"{name} {host}")
        head = f'{name}{{customer="fleet",instance="host{host:05}:9100"}}'
        edge = start + rng.randrange(10 * DAY)  # something changes every ten days, about
        instants = range(start + rng.randrange(_EVERY), end, _EVERY)
        write("".join(f"{head} {value(t, edge)} {t}\n" for t in instants))
        count += len(instants)
    return count


_SIGNALS: Mapping[str, Any] = {
    "node_exporter_build_info": lambda _t, _edge: 1,
    "apt_upgrades_pending": lambda t, edge: 7 if t >= edge else 0,
    "apt_upgrades_held": lambda _t, _edge: 0,
    "node_textfile_mtime_seconds": lambda t, _edge: t - 300,
    "apt_package_cache_timestamp_seconds": lambda t, _edge: t - t % DAY,
    "node_reboot_required": lambda t, edge: int(edge <= t < edge + 2 * DAY),
}
"""A metric, and its value at an instant of a host for which something changes at an instant."""
