"""Figures of page 1: cut to the worse side, with their count, their reserve, their change."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from kpi_agent.domain.contract import Objective, Scope, TargetUnit
from kpi_agent.domain.evaluation import Commitment, Evaluation, Outcome, PastOutcome
from kpi_agent.domain.reading import Reading, Unit, statistics_of
from kpi_agent.domain.time import HOUR
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.view import CommitmentRow
from sample_contract import at_least, at_most
from sample_edges import running
from sample_month import document_of, october


def row(
    objective: Objective, reading: Reading, outcome: Outcome, history: tuple[PastOutcome, ...] = ()
) -> CommitmentRow:
    evaluation, contract = october()
    one = replace(
        evaluation, commitments=(Commitment(objective, reading, outcome),), readings=(reading,), history=history
    )
    return build_view(document_of(one, contract), "en").commitments[0]


def ratio(good: int, of: int, coverage: Fraction = Fraction(1)) -> Reading:
    value = Fraction(good, of) if of else None
    return Reading("resolve_in_time", Scope(priority="P2"), Unit.RATIO, value, of, coverage, 0, good, of)


NINETY_FIVE = Objective("x", "resolve_in_time", at_least(">= 95%", Fraction(95, 100)), Scope(priority="P2"))


def test_just_under_the_target_never_looks_met() -> None:
    assert row(NINETY_FIVE, ratio(9496, 10000), Outcome.MISSED).value == "94.9%"


def test_where_less_is_better_the_figure_is_cut_upwards() -> None:
    objective = Objective("r", "recurrence_rate", at_most("<= 15%", Fraction(15, 100)))
    reading = Reading("recurrence_rate", Scope(), Unit.RATIO, Fraction(15001, 100000), 100000, Fraction(1), 0)

    shown = row(objective, reading, Outcome.MISSED)

    assert (shown.target, shown.value) == ("≤\u00a015%", "15.1%")


def test_a_statistic_of_durations_is_shown_against_its_limit() -> None:
    target = at_most("<= 4h", Fraction(4 * HOUR), TargetUnit.SECONDS)
    objective = Objective("mttr", "time_to_resolve", target, Scope(priority="P1"), "median")
    statistics = statistics_of([HOUR, 3 * HOUR, 14 * HOUR])
    reading = Reading(
        "time_to_resolve", Scope(priority="P1"), Unit.SECONDS, None, 3, Fraction(1), 0, statistics=statistics
    )

    shown = row(objective, reading, Outcome.MET)

    assert shown.name == "Time to resolve P1 (median)"
    assert (shown.target, shown.value, shown.value_note) == ("≤\u00a04\u00a0h", "3\u00a0h", "n\u00a0=\u00a03")


def test_no_data_shows_no_value_even_when_the_reading_has_one() -> None:
    shown = row(NINETY_FIVE, ratio(10, 10, coverage=Fraction(61, 100)), Outcome.NO_DATA)

    assert (shown.value, shown.bullet, shown.value_note) == ("", None, "observed: 61%")
    assert shown.verdict.tone == "none"


def test_nothing_to_judge_is_neither_all_nor_nothing() -> None:
    shown = row(NINETY_FIVE, ratio(0, 0), Outcome.NOTHING_TO_JUDGE)

    assert (shown.value, shown.bullet, shown.value_note) == ("", None, "no case in the period")


def past(value: Fraction | None, period: str = "2026-09") -> tuple[PastOutcome, ...]:
    return (PastOutcome(period, "x", Outcome.MET, value),)


def test_a_change_is_said_in_words() -> None:
    better = row(NINETY_FIVE, ratio(96, 100), Outcome.MET, past(Fraction(95, 100)))
    worse = row(NINETY_FIVE, ratio(96, 100), Outcome.MET, past(Fraction(97, 100)))
    same = row(NINETY_FIVE, ratio(96, 100), Outcome.MET, past(Fraction(9601, 10000)))

    assert (better.change, better.change_word) == ("+1 pt", "better")
    assert (worse.change, worse.change_word) == ("−1 pt", "worse")
    assert (same.change, same.change_word) == ("=", "unchanged")


def test_where_less_is_better_a_fall_is_better() -> None:
    objective = Objective("x", "recurrence_rate", at_most("<= 15%", Fraction(15, 100)))
    reading = Reading("recurrence_rate", Scope(), Unit.RATIO, Fraction(12, 100), 100, Fraction(1), 0)

    assert row(objective, reading, Outcome.MET, past(Fraction(14, 100))).change_word == "better"


def test_under_ten_things_there_is_no_trend() -> None:
    shown = row(NINETY_FIVE, ratio(9, 9), Outcome.MET, past(Fraction(1, 2)))

    assert (shown.change, shown.change_word) == ("", "n\u00a0=\u00a09: no trend")


def test_a_gap_before_this_period_is_no_change() -> None:
    assert row(NINETY_FIVE, ratio(96, 100), Outcome.MET, past(Fraction(1, 2), "2026-08")).change == ""
    assert row(NINETY_FIVE, ratio(96, 100), Outcome.MET, past(None)).change == ""


def test_a_month_that_was_not_measured_is_a_gap_in_the_line() -> None:
    values = (Fraction(9, 10), Fraction(8, 10), None, Fraction(7, 10))
    history = tuple(PastOutcome(f"2026-{6 + n:02d}", "x", Outcome.MET, v) for n, v in enumerate(values))

    spark = row(NINETY_FIVE, ratio(96, 100), Outcome.MET, history).spark

    assert spark is not None
    assert len(spark.paths) == 2
    assert spark.title == "last 5 periods: from 70% to 96%, target 95%"


def test_the_target_stands_at_three_quarters_of_the_bar_and_the_axis_says_where_it_begins() -> None:
    bullet = row(NINETY_FIVE, ratio(96, 100), Outcome.MET).bullet

    assert bullet is not None
    assert (bullet.target, bullet.fill) == (93, 99)
    assert bullet.title == "96% against a target of 95%, axis from 80%"


def test_what_is_left_of_a_running_month_is_said() -> None:
    rows = build_view(document_of(*running(), state="preview")).commitments

    assert [r.left.replace("\u00a0", " ") for r in rows] == [
        "the next 16 must all be in time",
        "32 min of downtime left",
    ]


def test_page_one_names_what_is_overdue_declared_and_badly_observed() -> None:
    view = build_view(document_of(*october()), "en")

    assert "1 commitment rests on declarations alone" in view.watch
    assert "Source papers: 29% observed" in view.watch
    assert any(line.startswith("Resolution P3: 1 still overdue") for line in view.watch)


def test_what_changed_since_the_month_before_is_listed() -> None:
    evaluation, contract = october()
    history = tuple(
        replace(h, outcome=Outcome.MISSED) if h.objective == "gti-p1" and h.period == "2026-09" else h
        for h in evaluation.history
    )

    view = build_view(document_of(replace(evaluation, history=history), contract), "en")

    assert view.since == (
        "Response P1: kept again",
        "Resolution P2: missed, after 11 periods kept in a row",
        "Restore tests: missed, after 11 periods kept in a row",
    )


def test_an_unchanged_month_says_that_no_verdict_changed() -> None:
    evaluation: Evaluation
    evaluation, contract = october()
    same = tuple(PastOutcome("2026-09", c.objective.id, c.outcome, c.reading.value) for c in evaluation.commitments)

    assert build_view(document_of(replace(evaluation, history=same), contract), "en").since == ("No verdict changed.",)
