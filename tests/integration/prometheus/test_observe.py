from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

import pytest

from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.source import Combine, PrometheusSource, Signal
from kpi_agent.domain.time import DAY, HOUR, Interval
from kpi_agent.domain.timeline import Run, Timeline
from lab.prometheus import Past, running_prometheus

START = 1_790_812_800  # 2026-10-01 00:00 UTC
HALF_DAY = Interval(START, START + 12 * HOUR)
QUARTER = 92 * DAY
NASTY = "a\"b}c{d\\e\nf,g=~h'i\tj\rk`é"

Pairs = list[tuple[float, float | str]]


def steady(until: int, *, every: int = 60, offset: float = 0.781, value: float = 1) -> Pairs:
    return [(START + n * every + offset, value) for n in range(until // every)]


def flapping(seed: int, until: int) -> Pairs:
    """A month of life: outages of odd lengths, silences, restarts with doubled and early scrapes."""
    chance = random.Random(seed)
    pairs: Pairs = []
    instant, is_up = START + chance.random() * 60, True
    while instant < START + until:
        pairs.append((round(instant, 3), int(is_up)))
        is_up = not is_up if chance.random() < 0.02 else is_up
        instant += chance.choice([60] * 40 + [0.4, 7, 61, 119.2, 120, 120.9, 121, 180, 900, 4000])
    return pairs


ODD: Pairs = [(t, 0 if 3600 < t - START < 4000 else v) for t, v in steady(12 * HOUR)]
FLAPPING = flapping(7, 3 * DAY)
SECOND_PROBER = flapping(8, 3 * DAY)
PAST = [
    Past("odd_up", {"instance": "web01:9100"}, ODD),
    Past("gap_up", {"instance": "web01:9100"}, [p for p in steady(12 * HOUR) if not 3600 <= p[0] - START < 5000]),
    Past("pause_up", {"instance": "web01:9100"}, [(START + t, 1) for t in (0, 60, 180, 240, 361, 421)]),
    Past("double_up", {"instance": "web01:9100"}, [(START + t, v) for t, v in ((0, 1), (60.1, 1), (60.9, 0), (75, 1))]),
    Past("flapping_up", {"instance": "web01:9100", "prober": "a"}, FLAPPING),
    Past("flapping_up", {"instance": "web01:9100", "prober": "b"}, SECOND_PROBER),
    Past(
        "unknown_up", {"instance": "web01"}, [(START, 1), (START + 60, "NaN"), (START + 120, "+Inf"), (START + 180, 1)]
    ),
    Past("renamed_up", {"service": "portal", "team": "a"}, steady(HOUR)),
    Past("renamed_up", {"service": "portal", "team": "b"}, [p for p in steady(12 * HOUR) if p[0] >= START + HOUR]),
    Past(
        "quarter_up",
        {"service": "portal"},
        [(t, 0 if 40 * DAY < t - START < 40 * DAY + 615 else v) for t, v in steady(QUARTER)],
    ),
    Past("customer_up", {"customer": "acme", "instance": "web01"}, steady(HOUR)),
    Past("customer_up", {"customer": "globex", "instance": "web02"}, steady(HOUR)),
    Past("customer_up", {"customer": NASTY, "instance": "web03"}, steady(HOUR)),
    Past("edge_up", {"instance": "web01"}, steady(12 * HOUR, offset=0)),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), PAST) as url:
        yield url


@pytest.fixture(scope="module")
def prometheus(server: str) -> Prometheus:
    return Prometheus(PrometheusSource("main", server))


def known(*runs: tuple[int, int, int]) -> tuple[Run, ...]:
    return tuple(Run(START + a, START + b, Fraction(value)) for a, b, value in runs)


def by_hand(pairs: Sequence[tuple[float, float | str]], interval: int, until: int) -> dict[int, int]:
    """The rule of indicators.md §5 counted second by second, written a second time on purpose."""
    last = {int(t): v for t, v in sorted(pairs)}
    instants = sorted(last)
    seconds: dict[int, int] = {}
    for n, t in enumerate(instants):
        following = instants[n + 1] if n + 1 < len(instants) else None
        end = following if following is not None and following - t <= 2 * interval else t + interval
        seconds.update(dict.fromkeys(range(t, min(end, until)), int(last[t])))
    return seconds


def spread(line: Timeline) -> dict[int, int]:
    return {second: int(run.value) for run in line.runs for second in range(run.start, run.end)}


def test_an_outage_begins_and_ends_at_the_seconds_of_its_samples(prometheus: Prometheus) -> None:
    seen = prometheus.observe(Signal("up", "odd_up", "instance"), "", HALF_DAY)

    assert seen.lines["web01"].runs == known((0, 3600, 1), (3600, 4020, 0), (4020, 12 * HOUR, 1))
    assert (seen.interval, seen.is_gridded, seen.is_partial, seen.warnings) == (60, False, False, ())
    assert (seen.samples, seen.expected) == (720, 720)
    assert seen.samples_by_day == {START: (720, 720)}


def test_a_silence_is_unknown_from_one_interval_after_its_last_sample(prometheus: Prometheus) -> None:
    seen = prometheus.observe(Signal("up", "gap_up", "instance"), "", HALF_DAY)

    assert seen.lines["web01"].runs == known((0, 3600, 1), (5040, 12 * HOUR, 1))
    assert (seen.samples, seen.expected) == (696, 720)


def test_a_pause_of_two_intervals_is_bridged_and_a_second_more_is_not(prometheus: Prometheus) -> None:
    seen = prometheus.observe(Signal("up", "pause_up", "instance", every=60), "", HALF_DAY)

    assert seen.lines["web01"].runs == known((0, 300, 1), (361, 481, 1))


def test_of_two_samples_in_one_second_the_last_stands(prometheus: Prometheus) -> None:
    seen = prometheus.observe(Signal("up", "double_up", "instance", every=60), "", HALF_DAY)

    assert seen.lines["web01"].runs == known((0, 60, 1), (60, 75, 0), (75, 135, 1))


def test_nan_and_infinite_samples_are_unknown(prometheus: Prometheus) -> None:
    seen = prometheus.observe(Signal("up", "unknown_up", "instance", every=60), "", HALF_DAY)

    assert seen.lines["web01"].runs == known((0, 60, 1), (180, 240, 1))
    assert seen.warnings == ("signal up: NaN or infinite values for web01: unknown while they last",)


@pytest.mark.parametrize("prober", ["a", "b"])
@pytest.mark.parametrize("every", [60, None])
def test_a_month_of_life_equals_a_count_of_its_seconds(prometheus: Prometheus, prober: str, every: int | None) -> None:
    window = Interval(START, START + 3 * DAY)
    signal = Signal("up", f'flapping_up{{prober="{prober}"}}', "instance", every=every)

    line = prometheus.observe(signal, "", window).lines["web01"]

    assert spread(line) == by_hand({"a": FLAPPING, "b": SECOND_PROBER}[prober], 60, window.end)


@pytest.mark.parametrize(
    "signal",
    [
        Signal("up", 'flapping_up{prober="a"}', "instance"),
        Signal("up", 'flapping_up{prober="a"}', "instance", every=60),
        Signal("any", "flapping_up", "instance", combine=Combine.ANY, every=60),
        Signal("sum", "flapping_up", "instance", combine=Combine.SUM),
        Signal("up", "max(flapping_up)", ""),
        Signal("up", "edge_up", "instance"),
    ],
    ids=str,
)
def test_windows_in_pieces_or_collected_twice_equal_one(prometheus: Prometheus, signal: Signal) -> None:
    whole = Interval(START, START + 12 * HOUR)
    chance = random.Random(3)
    edges = sorted({whole.start, whole.end, *(chance.randrange(whole.start, whole.end) for _ in range(25))})
    edges = sorted({*edges, START + 60 * 60, START + 60 * 60 + 1})
    once = prometheus.observe(signal, "", whole)

    (key,) = once.lines
    line, samples = Timeline(), 0
    for start, end in pairwise(edges):
        seen = prometheus.observe(signal, "", Interval(start, end))
        line = line.followed_by(seen.lines.get(key, Timeline()))
        samples += seen.samples
        again = prometheus.observe(signal, "", Interval(start, end))
        line = line.followed_by(again.lines.get(key, Timeline()))

    assert line.clip(whole) == once.lines[key].clip(whole)
    assert samples == once.samples if signal.combine is None else samples >= once.samples


@pytest.mark.parametrize("samples_per_answer", [1, 7, 100])
def test_the_size_of_the_answers_changes_nothing(server: str, samples_per_answer: int) -> None:
    window = Interval(START, START + 4 * HOUR)
    small = Prometheus(PrometheusSource("main", server), samples_per_answer=samples_per_answer)
    large = Prometheus(PrometheusSource("main", server))

    for query in ("edge_up", 'flapping_up{prober="a"}', "max(edge_up)"):
        signal = Signal("up", query, "", every=60)
        assert small.observe(signal, "", window) == large.observe(signal, "", window)


def test_three_months_in_one_go(prometheus: Prometheus) -> None:
    seen = prometheus.observe(Signal("up/portal", "quarter_up", ""), "", Interval(START, START + QUARTER))

    assert seen.lines[""].runs == known(
        (0, 40 * DAY + 0, 1), (40 * DAY, 40 * DAY + 660, 0), (40 * DAY + 660, QUARTER, 1)
    )
    assert seen.samples == seen.expected == QUARTER // 60


def test_three_months_on_a_grid(prometheus: Prometheus) -> None:
    seen = prometheus.observe(
        Signal("up/portal", "min(quarter_up)", "", every=30), "", Interval(START, START + QUARTER)
    )

    assert seen.is_gridded
    assert seen.interval == 30
    assert seen.lines[""].where(lambda v: v < 1) == (Interval(START + 40 * DAY + 30, START + 40 * DAY + 690),)
    assert seen.expected == QUARTER // 30


def test_a_matcher_chooses_the_customer_whatever_its_name(prometheus: Prometheus) -> None:
    signal = Signal("up", "customer_up", "instance")
    written = NASTY.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

    assert set(prometheus.observe(signal, 'customer="acme"', HALF_DAY).lines) == {"web01"}
    assert set(prometheus.observe(signal, f'customer="{written}"', HALF_DAY).lines) == {"web03"}
    assert set(prometheus.observe(signal, 'customer=~"acme|globex"', HALF_DAY).lines) == {"web01", "web02"}


@pytest.mark.parametrize(
    "value", ['acme"} or customer_up{a!="', "acme'} or customer_up{a!='", '"}', '\\"} or up{a="', "acme\n", "{{}}", "}"]
)
def test_a_label_value_never_becomes_promql(prometheus: Prometheus, value: str) -> None:
    written = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    for signal in (
        Signal("up", "customer_up", "instance"),
        Signal("up", "max by (instance) (customer_up{$matchers})", "instance"),
    ):
        seen = prometheus.observe(signal, f'customer="{written}"', HALF_DAY)
        assert seen.lines == {}
        assert seen.samples == 0


def test_a_matcher_that_breaks_out_is_refused(prometheus: Prometheus) -> None:
    with pytest.raises(SourceRejected, match="no list of label matchers"):
        prometheus.observe(Signal("up", "customer_up", "instance"), 'customer="acme"} or customer_up{a=""', HALF_DAY)


def test_an_expression_takes_the_matcher_at_its_place(prometheus: Prometheus) -> None:
    signal = Signal("up", "max by (instance) (customer_up{$matchers})", "instance")

    assert set(prometheus.observe(signal, 'customer="globex"', HALF_DAY).lines) == {"web02"}


def test_two_series_for_one_service_are_refused(prometheus: Prometheus) -> None:
    with pytest.raises(SourceRejected) as refused:
        prometheus.observe(Signal("up/portal", "flapping_up", ""), "", HALF_DAY)

    assert 'flapping_up{instance="web01:9100",prober="a"}' in str(refused.value)
    assert 'flapping_up{instance="web01:9100",prober="b"}' in str(refused.value)


def test_a_service_whose_series_got_another_label_is_one_line(prometheus: Prometheus) -> None:
    seen = prometheus.observe(Signal("up/portal", 'renamed_up{service="portal"}', ""), "", HALF_DAY)

    assert seen.lines[""].runs == known((0, 12 * HOUR, 1))


def test_a_service_that_no_series_stands_for_is_expected_and_unknown(prometheus: Prometheus) -> None:
    seen = prometheus.observe(Signal("up/portal", "no_such_metric", ""), "", HALF_DAY)

    assert seen.lines == {}
    assert (seen.samples, seen.expected) == (0, 720)


def test_an_empty_window_brings_nothing(prometheus: Prometheus) -> None:
    seen = prometheus.observe(Signal("up", "edge_up", "instance"), "", Interval(START, START))

    assert (seen.samples, seen.expected) == (0, 0)
    assert not any(line.clip(Interval(START, START + DAY)) for line in seen.lines.values())


def test_a_query_that_the_server_cannot_parse_is_refused_with_its_reason(prometheus: Prometheus) -> None:
    with pytest.raises(SourceRejected, match=r"bad_data.*parse error"):
        prometheus.observe(Signal("up", "max(up", "instance"), "", HALF_DAY)
