from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_agent.collectors.restore_tests import DATA_AGE, DURATION, LAST_RUN, SUCCESS, read_restore_tests
from kpi_agent.collectors.series import SeriesTable
from kpi_agent.collectors.signals import Lines, Reading, count_absent, read_lines
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.events import RestoreMethod, RestoreTest
from kpi_agent.domain.hosts import host_of
from kpi_agent.domain.source import Combine, Signal
from kpi_agent.domain.time import DAY, HOUR, Interval
from kpi_agent.domain.timeline import Run, Sample, Timeline, from_samples

START = 1_790_812_800  # 2026-10-01 00:00 UTC
HALF_HOUR = Interval(START, START + 1800)
UP = Signal("up", "up", "instance")

Pairs = Sequence[tuple[float, str]]


def table_of(*series: tuple[Mapping[str, str], Pairs], span: Interval = HALF_HOUR) -> SeriesTable:
    table = SeriesTable(span)
    for labels, pairs in series:
        table.add([{"metric": labels, "values": [[START + t, v] for t, v in pairs]}], at="source lab")
    table.settle()
    return table


def read(signal: Signal, table: SeriesTable, *, interval: int = 60, window: Interval = HALF_HOUR) -> Lines:
    return read_lines(signal, Reading(table, window, {id(s): interval for s in table}, window.start))


@pytest.mark.parametrize(
    ("label", "host"),
    [
        ("web01:9100", "web01"),
        ("web01", "web01"),
        ("web01.acme.example:9100", "web01.acme.example"),
        ("192.0.2.7:9100", "192.0.2.7"),
        ("[2001:db8::1]:9100", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("https://portal.acme.example:8443/health", "https://portal.acme.example:8443/health"),
        ("web01:metrics", "web01:metrics"),
    ],
)
def test_a_port_is_cut_off_a_host(label: str, host: str) -> None:
    assert host_of(label) == host


def test_instants_are_floored_and_values_exact() -> None:
    lines = read(UP, table_of(({"instance": "web01:9100"}, [(0.999, "1"), (60.001, "0.1"), (120.5, "1e+00")])))

    assert lines.by_key["web01"].runs == (
        Run(START, START + 60, Fraction(1)),
        Run(START + 60, START + 120, Fraction(1, 10)),
        Run(START + 120, START + 180, Fraction(1)),
    )


def test_nan_and_infinite_values_are_unknown() -> None:
    table = table_of(({"instance": "web01"}, [(0, "1"), (60, "NaN"), (120, "+Inf"), (180, "-Inf"), (240, "1")]))

    assert read(UP, table).by_key["web01"].known() == (
        Interval(START, START + 60),
        Interval(START + 240, START + 300),
    )
    assert [s.labels["instance"] for s in table.without_number()] == ["web01"]


@pytest.mark.parametrize("value", ["", "1_000", "٣", "0x10", "1e9999999", "nan(1)", " 1"])
def test_a_value_that_no_float_prints_is_refused(value: str) -> None:
    with pytest.raises(SourceRejected, match="another shape"):
        table_of(({"instance": "web01"}, [(0, value)]))


@pytest.mark.parametrize(
    "result",
    [
        None,
        {},
        "x",
        [[]],
        [{"metric": {}}],
        [{"metric": {"a": 1}, "values": [[0, 1]]}],
        [{"metric": {}, "values": [["0", "1"]]}],
        [{"metric": {}, "values": [[float("nan"), "1"]]}],
        [{"metric": {}, "histograms": []}],
        [{"metric": None, "values": []}],
    ],
)
def test_another_shape_of_result_is_refused(result: object) -> None:
    with pytest.raises(SourceRejected, match="source lab answered another shape"):
        SeriesTable(HALF_HOUR).add(result, at="source lab")


def test_samples_that_overlapping_answers_bring_twice_count_once() -> None:
    table = SeriesTable(HALF_HOUR)
    for offsets in ((120, 180), (0, 60, 120)):
        table.add([{"metric": {}, "values": [[START + t, "1"] for t in offsets]}], at="lab")
    table.settle()

    assert [s.milliseconds.tolist() for s in table] == [[(START + t) * 1000 for t in (0, 60, 120, 180)]]


def test_two_series_for_one_host_are_refused_by_name() -> None:
    table = table_of(
        ({"__name__": "up", "instance": "web01:9100", "job": "node"}, [(0, "1"), (60, "1")]),
        ({"__name__": "up", "instance": "web01:9187", "job": "postgres"}, [(30, "0")]),
    )

    with pytest.raises(SourceRejected) as refused:
        read(UP, table)

    assert 'up{instance="web01:9100",job="node"}' in str(refused.value)
    assert 'up{instance="web01:9187",job="postgres"}' in str(refused.value)
    assert "'web01'" in str(refused.value)


def test_a_series_that_a_new_label_renamed_is_one_line() -> None:
    table = table_of(
        ({"instance": "web01", "rack": "b"}, [(120, "0"), (180, "1")]),
        ({"instance": "web01", "rack": "a"}, [(0, "1"), (60, "1")]),
    )

    assert read(UP, table).by_key["web01"] == from_samples(
        [Sample(START + t, Fraction(v)) for t, v in ((0, 1), (60, 1), (120, 0), (180, 1))],
        interval=60,
        until=HALF_HOUR.end,
    )


@pytest.mark.parametrize(
    ("combine", "middle"),
    [(Combine.ANY, 1), (Combine.ALL, 0), (Combine.SUM, 3), (Combine.MAX, 3)],
)
def test_several_series_of_one_host_become_one_value(combine: Combine, middle: int) -> None:
    table = table_of(
        ({"instance": "web01", "origin": "a"}, [(0, "3"), (60, "3")]),
        ({"instance": "web01", "origin": "b"}, [(60, "0"), (120, "0")]),
    )

    assert read(replace(UP, combine=combine), table).by_key["web01"].at(START + 90) == middle


def test_a_timestamp_becomes_fresh_or_not() -> None:
    signal = replace(UP, fresh_within=100)
    table = table_of(({"instance": "web01"}, [(60, str(START)), (120, str(START)), (180, f"{START + 170}.5")]))

    assert read(signal, table).by_key["web01"].runs == (
        Run(START + 60, START + 120, Fraction(1)),
        Run(START + 120, START + 180, Fraction(0)),
        Run(START + 180, START + 240, Fraction(1)),
    )


def test_a_series_without_the_key_label_is_refused() -> None:
    with pytest.raises(SourceRejected, match="has no label 'instance'"):
        read(UP, table_of(({"job": "node"}, [(0, "1")])))


def test_nothing_beyond_the_window_is_known() -> None:
    window = Interval(START, START + 90)
    table = table_of(({"instance": "web01"}, [(0, "1"), (60, "1")]))

    assert read(UP, table, window=window).by_key["web01"].known() == (window,)


def test_samples_are_counted_against_expectation_by_day() -> None:
    window = Interval(START - 120, START + 180)
    pairs = [(-120, "1"), (-60, "1"), (0, "1"), (120, "1")]
    lines = read(UP, table_of(({"instance": "web01"}, pairs), span=window), window=window)

    assert lines.samples_by_day == {START - DAY: (2, 2), START: (2, 3)}
    assert (lines.samples, lines.expected) == (4, 5)


@given(
    cuts=st.lists(st.integers(START, START + 3 * DAY), max_size=6),
    interval=st.integers(1, 2 * HOUR),
)
def test_expectations_of_adjoining_windows_add_up(cuts: list[int], interval: int) -> None:
    edges = sorted({START, START + 3 * DAY, *cuts})
    pieces = [count_absent(Interval(a, b), interval) for a, b in pairwise(edges)]
    whole = count_absent(Interval(START, START + 3 * DAY), interval)

    assert sum(e for piece in pieces for _, e in piece.values()) == sum(e for _, e in whole.values())


@given(
    gaps=st.lists(st.integers(100, 200_000), min_size=1, max_size=12),
    values=st.lists(st.sampled_from(["1", "1.0", "0", "NaN"]), min_size=12, max_size=12),
    interval=st.integers(1, 100),
)
def test_each_line_is_what_the_rule_makes_of_its_samples(gaps: list[int], values: list[str], interval: int) -> None:
    milliseconds = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    pairs = [(m / 1000, value) for m, value in zip(milliseconds, values, strict=False)]
    samples = [Sample(START + int(t), None if v == "NaN" else Fraction(v)) for t, v in pairs]

    lines = read(UP, table_of(({"instance": "web01"}, pairs)), interval=interval)

    expected = from_samples(samples, interval=interval, until=HALF_HOUR.end) if milliseconds[0] < 1_800_000 else None
    assert lines.by_key.get("web01", Timeline()) == (expected or Timeline())


RUN = START - 3 * HOUR


def restore_tables(**signals: Mapping[str, Pairs]) -> dict[str, SeriesTable]:
    names = {"last_run": LAST_RUN, "success": SUCCESS, "duration": DURATION, "data_age": DATA_AGE}
    tables = {name: SeriesTable(HALF_HOUR) for name in names.values()}
    for short, by_method in signals.items():
        for method, pairs in by_method.items():
            labels = {"__name__": short, "backup": "db-main", "method": method}
            tables[names[short]].add([{"metric": labels, "values": [[START + t, v] for t, v in pairs]}], at="lab")
    for table in tables.values():
        table.settle()
    return tables


def test_an_age_is_kept_as_the_instant_that_it_means_as_it_was_first_seen() -> None:
    """The exporter counts the age every ten minutes and is asked each minute; at the end there is a newer backup."""
    signal = replace(UP, is_age=True)
    ages = [(0, "7200"), (60, "7200"), (120, "7200"), (180, "7380"), (240, "7380"), (300, "30.5"), (360, "90")]

    line = read(signal, table_of(({"instance": "web01"}, ages))).by_key["web01"]

    assert line.runs == (
        Run(START, START + 300, Fraction(START - 7200)),
        Run(START + 300, START + 420, Fraction(START + 269)),
    )


def test_an_age_that_grows_beyond_the_known_instant_means_that_the_backup_is_gone() -> None:
    signal = replace(UP, is_age=True)

    line = read(signal, table_of(({"instance": "web01"}, [(0, "60"), (60, "90000")]))).by_key["web01"]

    assert [r.value - START for r in line.runs] == [-60, 60 - 90000]


def test_an_age_beyond_all_time_means_never() -> None:
    signal = replace(UP, is_age=True)

    line = read(signal, table_of(({"instance": "web01"}, [(0, "9.223372036854776e+09")]))).by_key["web01"]

    assert [r.value for r in line.runs] == [0]


def test_a_value_is_looked_up_by_the_labels_and_what_is_not_listed_is_unknown_and_named() -> None:
    signal = replace(UP, labels=("id", "version_id"), values={"debian 1?": Fraction(1_846_022_400)})
    table = table_of(
        ({"instance": "web01:9100", "id": "debian", "version_id": "12"}, [(0, "1"), (60, "1"), (120, "NaN")]),
        ({"instance": "web02:9100", "id": "plan9", "version_id": "4"}, [(0, "1"), (60, "1")]),
        ({"instance": "web03:9100", "id": "arch"}, [(0, "1")]),
    )

    lines = read(signal, table)

    assert dict(lines.by_key) == {"web01": Timeline((Run(START, START + 120, Fraction(1_846_022_400)),))}
    assert lines.warnings == (
        "no value is listed for 'plan9 4'; add it in a pack of your own",
        "no value is listed for 'arch'; add it in a pack of your own",
    )


def test_a_run_seen_in_many_scrapes_is_one_event() -> None:
    tables = restore_tables(
        last_run={"full": [(0, str(RUN)), (60, f"{RUN}.4"), (120, str(RUN + 9000))]},
        success={"full": [(0, "1"), (60, "1"), (120, "0")]},
        duration={"full": [(0, "5400.9"), (60, "1"), (120, "7")]},
        data_age={"full": [(120, "72000")]},
    )

    tests, warnings = read_restore_tests(tables, "backup", "main")

    assert tests == (
        RestoreTest("db-main", RUN, RestoreMethod.FULL, is_passed=True, duration=5400, source="main"),
        RestoreTest(
            "db-main", RUN + 9000, RestoreMethod.FULL, is_passed=False, duration=7, data_age=72000, source="main"
        ),
    )
    assert warnings == ()


def test_success_is_read_in_the_next_scrape_that_shows_the_same_run() -> None:
    tables = restore_tables(
        last_run={"full": [(0, str(RUN)), (60, str(RUN))]}, success={"full": [(30, "0"), (60, "1")]}
    )

    tests, warnings = read_restore_tests(tables, "backup", "main")

    assert [t.is_passed for t in tests] == [True]
    assert warnings == ()


def test_a_run_without_a_known_outcome_is_no_event() -> None:
    tables = restore_tables(last_run={"full": [(0, str(RUN))]}, success={"partial": [(0, "1")]})

    tests, warnings = read_restore_tests(tables, "backup", "main")

    assert tests == ()
    assert warnings == (
        "restore test of db-main at 2026-09-30T21:00:00Z: no scrape shows whether it passed; not counted yet",
    )


def test_an_unknown_method_is_listed_and_does_not_count() -> None:
    tables = restore_tables(last_run={"dry-run": [(0, str(RUN))]}, success={"dry-run": [(0, "1")]})

    tests, warnings = read_restore_tests(tables, "backup", "main")

    assert [(t.method, t.counts) for t in tests] == [(RestoreMethod.VERIFY, False)]
    assert "method 'dry-run' is none of full, partial, verify" in warnings[0]


def test_a_run_that_never_was_or_lies_in_the_future_is_no_event() -> None:
    milliseconds = str(RUN * 1000)
    tables = restore_tables(
        last_run={"full": [(0, "0"), (60, milliseconds), (120, "NaN")]},
        success={"full": [(0, "1"), (60, "1"), (120, "1")]},
    )

    tests, warnings = read_restore_tests(tables, "backup", "main")

    assert tests == ()
    assert len(warnings) == 1
    assert "in the future" in warnings[0]


def test_series_that_disagree_on_a_run_count_as_failed() -> None:
    tables = restore_tables(last_run={"full": [(0, str(RUN))]}, success={"full": [(0, "1")]})
    for name, value in ((LAST_RUN, str(RUN)), (SUCCESS, "0")):
        labels = {"__name__": name, "backup": "db-main", "method": "full", "instance": "other"}
        tables[name].add([{"metric": labels, "values": [[START, value]]}], at="lab")

    tests, warnings = read_restore_tests(tables, "backup", "main")

    assert [t.is_passed for t in tests] == [False]
    assert "disagree" in warnings[0]
