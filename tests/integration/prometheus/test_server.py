from __future__ import annotations

import time
from pathlib import Path

from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.domain.source import PrometheusSource, Signal
from kpi_agent.domain.time import HOUR, Interval
from lab.prometheus import Past, running_prometheus

START = 1_790_812_800  # 2026-10-01 00:00 UTC
SCRAPE_ITSELF = """
global: {scrape_interval: 1s}
scrape_configs:
  - {job_name: own, static_configs: [{targets: ["127.0.0.1:$PORT"]}]}
"""


def test_a_server_tells_its_version_clock_and_retention(tmp_path: Path) -> None:
    with running_prometheus(tmp_path, [], retention="400d") as url:
        prometheus = Prometheus(PrometheusSource("main", url + "/"))
        facts = prometheus.server(now=int(time.time()))
        late = prometheus.server(now=int(time.time()) - 90)

    assert facts.version.startswith("2.") or facts.version.startswith("3.")
    assert facts.flavour == "prometheus"
    assert abs(facts.clock_difference) <= 1
    assert abs(late.clock_difference - 90) <= 1
    assert facts.retention is not None


def test_the_interval_is_the_targets_scrape_interval_where_the_server_knows_it(tmp_path: Path) -> None:
    with running_prometheus(tmp_path, [], config=SCRAPE_ITSELF) as url:
        prometheus = Prometheus(PrometheusSource("main", url))
        deadline = time.monotonic() + 20
        while True:
            now = int(time.time())
            seen = prometheus.observe(Signal("up", "up", "instance"), "", Interval(now - 60, now))
            if seen.samples or time.monotonic() > deadline:
                break
            time.sleep(0.1)

    assert seen.samples > 0
    assert seen.interval == 1


def test_a_server_that_refuses_many_samples_is_asked_in_shorter_pieces(tmp_path: Path) -> None:
    past = [
        Past("up", {"instance": f"web{n:02}:9100"}, [(START + t, 1) for t in range(0, 6 * HOUR, 60)]) for n in range(30)
    ]
    window = Interval(START, START + 6 * HOUR)
    with running_prometheus(tmp_path, past, flags=["--query.max-samples=700"]) as url:
        seen = Prometheus(PrometheusSource("main", url)).observe(Signal("up", "up", "instance"), "", window)

    assert seen.samples == seen.expected == 30 * 360
    assert all(line.known() == (window,) for line in seen.lines.values())
