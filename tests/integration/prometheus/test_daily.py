"""An expression at the end of each local day, on a real Prometheus: ends of days, gaps, numbers that are none."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.source import PrometheusSource, Signal
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval
from kpi_agent.domain.timeline import Run
from lab.prometheus import Past, running_prometheus

PARIS = "Europe/Paris"
START = 1_792_620_000  # 2026-10-22 00:00 in Paris
SPRUNG = START + 4 * DAY + HOUR  # 26 October: the day before lasted 25 h
END = SPRUNG + 3 * DAY
ACME = {"customer": "acme", "host": "a"}


def samples(value: int, start: int, end: int) -> list[tuple[float, float]]:
    """A value that grows by one each minute."""
    return [(t, value + (t - start) // MINUTE) for t in range(start, end, MINUTE)]


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    gap = Interval(START + DAY - HOUR, START + DAY + HOUR)  # around the midnight of the 23rd
    whole = samples(0, START - DAY, END)
    past = [
        Past("queue", ACME, [s for s in whole if not gap.start <= s[0] < gap.end]),
        Past("queue", {"customer": "globex", "host": "b"}, samples(7, START - DAY, END)),
        Past("odd", ACME, [(t, "NaN" if t < START + DAY else "+Inf") for t in range(START, START + 2 * DAY, MINUTE)]),
    ]
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), past) as url:
        yield Prometheus(PrometheusSource("main", url))


def ask(server: Prometheus, query: str, window: Interval, matcher: str = "") -> tuple[Run, ...]:
    seen = server.daily(Signal("custom/1", query, key="", every=DAY), matcher, window, PARIS)
    return seen.lines[""].runs


def test_each_day_has_the_value_of_its_last_instant_and_one_without_is_unknown(prometheus: Prometheus) -> None:
    """At a day's end the sample of that very instant is the newest; 25 October lasts 25 h."""
    runs = ask(prometheus, 'sum(queue{customer="acme"})', Interval(START, END))

    value = (DAY + 0) // MINUTE
    ends = [START + 2 * DAY, START + 3 * DAY, SPRUNG, SPRUNG + DAY, SPRUNG + 2 * DAY]
    starts = [START + DAY, START + 2 * DAY, START + 3 * DAY, SPRUNG, SPRUNG + DAY]
    assert [(r.start, r.end) for r in runs[: len(ends)]] == list(zip(starts, ends, strict=True))
    assert [r.value for r in runs[: len(ends)]] == [Fraction(value + (end - START) // MINUTE) for end in ends]


def test_today_is_told_only_when_it_is_over(prometheus: Prometheus) -> None:
    before = ask(prometheus, "max(queue)", Interval(START, SPRUNG - 1))
    after = ask(prometheus, "max(queue)", Interval(START, SPRUNG))

    assert (before[-1].end, after[-1].end) == (START + 3 * DAY, SPRUNG)


def test_days_asked_again_or_in_pieces_are_the_same(prometheus: Prometheus) -> None:
    whole = ask(prometheus, "max(queue)", Interval(START, END))
    pieces = [
        run
        for n in range(START, END, 5 * HOUR)
        for run in ask(prometheus, "max(queue)", Interval(n, min(n + 5 * HOUR, END)))
    ]

    assert set(pieces) == set(whole)


def test_the_matcher_goes_where_the_expression_says_so(prometheus: Prometheus) -> None:
    day = Interval(SPRUNG, SPRUNG + DAY)

    (own,) = ask(prometheus, "sum(queue{$matchers})", day, 'customer="acme"')
    (both,) = ask(prometheus, "sum(queue)", day)

    assert own.value is not None
    assert both.value == 2 * own.value + 7


def test_numbers_that_are_none_are_unknown_and_an_expression_without_series_too(prometheus: Prometheus) -> None:
    assert ask(prometheus, "sum(odd)", Interval(START, START + 2 * DAY)) == ()
    assert ask(prometheus, "sum(nothing_of_the_kind)", Interval(START, START + 2 * DAY)) == ()


def test_a_scalar_is_a_value(prometheus: Prometheus) -> None:
    assert [r.value for r in ask(prometheus, "scalar(vector(2.5))", Interval(START, START + DAY))] == [Fraction(5, 2)]


def test_several_series_are_refused_with_what_to_write(prometheus: Prometheus) -> None:
    with pytest.raises(SourceRejected, match=r"gives 2 series where one value is wanted; aggregate them"):
        ask(prometheus, "queue", Interval(SPRUNG, SPRUNG + DAY))


def test_the_days_are_counted(prometheus: Prometheus) -> None:
    signal = Signal("custom/1", 'sum(queue{customer="acme"})', key="", every=DAY)

    seen = prometheus.daily(signal, "", Interval(START, SPRUNG + DAY), PARIS)

    assert (seen.samples, seen.expected) == (4, 5)
