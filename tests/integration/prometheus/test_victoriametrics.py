"""The same samples in a real Prometheus and a real VictoriaMetrics give the same timelines, but for what is told here.

What differs: a NaN is not stored, so the number before it goes on for one interval, or to the next number within two; a
grid (any expression) shows silences that Prometheus hides for five minutes; and beside a value 18 digits longer, small
ones of the same series are stored as zero.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.domain.source import Combine, PrometheusSource, Signal
from kpi_agent.domain.time import DAY, HOUR, Interval
from kpi_agent.domain.timeline import Run, Timeline
from lab.prometheus import Past, running_prometheus
from lab.victoriametrics import load, running_victoriametrics

START = 1_748_736_000  # 2025-06-01 00:00 UTC
WINDOW = Interval(START, START + 3 * DAY)
MONTH = Interval(START, START + 30 * DAY)
Pairs = list[tuple[float, float | str]]


def flapping(seed: int, until: int) -> Pairs:
    """Outages of odd lengths, silences, restarts with doubled and early scrapes."""
    chance = random.Random(seed)
    pairs: Pairs = []
    instant, is_up = START + chance.random() * 60, True
    while instant < START + until:
        pairs.append((round(instant, 3), int(is_up)))
        is_up = not is_up if chance.random() < 0.02 else is_up
        instant += chance.choice([60] * 40 + [0.4, 7, 61, 119.2, 120, 120.9, 121, 180, 900, 4000])
    return pairs


PAST = [
    *(Past("flapping_up", {"instance": f"web{n:02}:9100", "job": "node"}, flapping(n, 3 * DAY)) for n in range(5)),
    Past("edge_up", {"instance": "web01"}, [(START + t, int(t // 60 % 7 != 0)) for t in range(0, DAY, 60)]),
    Past("pending", {"instance": "db01"}, [(START + t, t // 900 % 40) for t in range(0, 3 * DAY, 900)]),
    Past("written", {"instance": "db01"}, [(START + t, START + t - t % 7200 - 0.25) for t in range(0, 3 * DAY, 900)]),
    Past("infinite", {"instance": "db01"}, [(START + 60 * t, "+Inf" if t % 5 == 3 else 1) for t in range(60)]),
    Past("month_up", {}, [(START + t + 0.781, int(not 10 * DAY < t < 10 * DAY + 615)) for t in range(0, 30 * DAY, 60)]),
    Past("late_up", {"instance": "a", "prober": "1"}, flapping(31, DAY)),
    Past("late_up", {"instance": "a", "prober": "2"}, flapping(32, DAY)),
    Past("told_nan", {"instance": "a"}, [(START + t, "NaN" if t == 120 else 1) for t in range(0, 600, 60)]),
    Past("silent_up", {"instance": "a"}, [(START + t, 1) for t in range(0, 3600, 60) if not 1200 <= t < 1500]),
]


@pytest.fixture(scope="module")
def victoria(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_victoriametrics(tmp_path_factory.mktemp("victoriametrics"), PAST) as url:
        yield url


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), PAST) as url:
        yield url


def at(url: str) -> Prometheus:
    return Prometheus(PrometheusSource("main", url))


SIGNALS = [
    (Signal("up", "flapping_up", "instance", every=60), WINDOW),
    (Signal("up", 'flapping_up{job="node"}', "instance"), WINDOW),
    (Signal("up", "edge_up", "instance"), Interval(START, START + DAY)),
    (Signal("pending", "pending", "instance"), WINDOW),
    (Signal("fresh", "written", "instance", fresh_within=HOUR), WINDOW),
    (Signal("infinite", "infinite", "instance"), Interval(START, START + HOUR)),
    (Signal("up/portal", "month_up", ""), MONTH),
    (Signal("any", "late_up", "instance", combine=Combine.ANY, every=60), Interval(START, START + DAY)),
]


@pytest.mark.parametrize(("signal", "window"), SIGNALS, ids=lambda x: x.name if isinstance(x, Signal) else "")
def test_timelines_equal_those_of_a_prometheus(
    victoria: str, prometheus: str, signal: Signal, window: Interval
) -> None:
    seen = at(victoria).observe(signal, "", window)

    assert seen == at(prometheus).observe(signal, "", window)
    assert seen.samples > 30
    assert not seen.is_partial


def test_windows_in_pieces_equal_one_though_ranges_are_open_on_the_left(victoria: str) -> None:
    signal, whole = Signal("up", "edge_up", "instance"), Interval(START, START + 6 * HOUR)
    edges = [START, START + 60, START + 61, START + HOUR, START + 2 * HOUR + 59, whole.end]
    once = at(victoria).observe(signal, "", whole)

    line = Timeline()
    for start, end in pairwise(edges):
        line = line.followed_by(at(victoria).observe(signal, "", Interval(start, end)).lines["web01"])

    assert line.clip(whole) == once.lines["web01"].clip(whole)


def test_the_newest_seconds_are_not_hidden_nor_is_the_clock_set_back(victoria: str) -> None:
    now = int(time.time())
    load(victoria, [Past("fresh_up", {"instance": "a"}, [(now - t, 1) for t in range(0, 120, 10)])])

    seen = at(victoria).observe(Signal("up", "fresh_up", "instance", every=10), "", Interval(now - 100, now))
    facts = at(victoria).server(now=int(time.time()))

    assert seen.lines["a"].clip(Interval(now - 100, now)).runs == (Run(now - 100, now, Fraction(1)),)
    assert abs(facts.clock_difference) <= 1


def test_the_server_is_known_for_what_it_is(victoria: str, prometheus: str) -> None:
    now = int(time.time())

    assert at(victoria).server(now=now).flavour == "victoriametrics"
    assert at(prometheus).server(now=now).flavour == "prometheus"
    told = replace(PrometheusSource("main", prometheus), flavour="mimir")
    assert Prometheus(told).server(now=now).flavour == "mimir"


def test_a_nan_is_no_sample_there(victoria: str, prometheus: str) -> None:
    signal, window = Signal("up", "told_nan", "instance", every=60), Interval(START, START + 600)

    there, here = at(victoria).observe(signal, "", window), at(prometheus).observe(signal, "", window)

    assert here.lines["a"].runs == (Run(START, START + 120, Fraction(1)), Run(START + 180, START + 600, Fraction(1)))
    assert there.lines["a"].runs == (Run(START, START + 600, Fraction(1)),)
    assert (there.samples, here.samples) == (9, 10)


def test_a_grid_shows_silences_that_prometheus_bridges(victoria: str, prometheus: str) -> None:
    signal, window = Signal("up", "max by (instance) (silent_up)", "instance", every=60), Interval(START, START + HOUR)

    there, here = at(victoria).observe(signal, "", window), at(prometheus).observe(signal, "", window)

    silence = Interval(START + 1200, START + 1500)
    assert here.lines["a"].clip(silence).known() == (silence,)
    assert there.lines["a"].clip(silence).known() == (Interval(START + 1200, START + 1260),)
    assert there.is_gridded
