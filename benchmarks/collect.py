"""A first collection from a real Prometheus into a store, against urllib and ``json.loads`` of the same queries."""

from __future__ import annotations

import json
import shutil
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from benchmarks.measure import NotMeasured, Row, at_most, in_turns, timed
from kpi_agent.bootstrap.agent import open_agent
from kpi_agent.bootstrap.configuration import Configuration, load_configuration
from kpi_agent.collectors.session import HardenedSession
from kpi_agent.demo import local_prometheus
from kpi_agent.domain.source import PrometheusSource
from kpi_agent_simulator.simulation import simulate

_REPETITIONS = 3

Question = tuple[str, Mapping[str, Any]]
"""An address and its parameters."""


def rows(folder: Path) -> Iterator[Row]:
    if not local_prometheus.is_installed():
        raise NotMeasured("there is no prometheus; on Debian: apt-get install prometheus")
    now = int(time.time())
    port = local_prometheus.free_port()
    estate = simulate(folder, seed=1, now=now, prometheus_url=f"http://127.0.0.1:{port}")
    configuration = load_configuration(folder / "kpi-agent.yml")
    with local_prometheus.serving(estate.metrics, folder / "prometheus", port=port):
        samples, questions = _listen(configuration)
        pairs = in_turns(
            lambda: _collect(configuration)[0],
            lambda: timed(lambda: _ask_all(questions)),
            repetitions=_REPETITIONS,
        )
    what = f"collect: the demo's {samples:,} samples, stored"
    yield at_most("collect", what, f"urllib + json.loads, the same {len(questions)} queries", pairs, times=2)


def _listen(configuration: Configuration) -> tuple[int, Sequence[Question]]:
    """Return how many samples a collection reads, and every question that it asks."""
    with patch.object(HardenedSession, "ask", autospec=True, side_effect=HardenedSession.ask) as heard:
        _, samples = _collect(configuration)
    return samples, [(url, params[0] if params else {}) for _, url, *params in (call.args for call in heard.mock_calls)]


def _collect(configuration: Configuration) -> tuple[float, int]:
    """Collect into a new store and return the seconds that it took, and how many samples it read."""
    source = configuration.settings.sources["main"]
    if not isinstance(source, PrometheusSource):
        raise TypeError(source)
    with open_agent(configuration) as agent:
        found = []
        seconds = timed(lambda: found.append(agent.collect(source, now=int(time.time()))))
    for file in configuration.state_dir.glob("kpi-agent.db*"):
        file.unlink()
    shutil.rmtree(configuration.state_dir / "backups", ignore_errors=True)
    if found[0].failures:
        raise RuntimeError("; ".join(map(str, found[0].failures)))
    return seconds, found[0].samples


def _ask_all(questions: Sequence[Question]) -> None:
    for url, params in questions:
        with urllib.request.urlopen(f"{url}?{urllib.parse.urlencode(params)}") as answer:
            json.loads(answer.read())
