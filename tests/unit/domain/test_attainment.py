"""The reading of things judged by the one rule: what is counted, and what is said beside it (indicators.md §2)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from kpi_agent.domain.contract import Scope
from kpi_agent.domain.facts import window
from kpi_agent.domain.indicators.attainment import attainment
from kpi_agent.domain.reading import Origin, Reading
from kpi_agent.domain.time import Interval
from kpi_agent.domain.verdict import Judgement, Verdict

PERIOD = Interval(1000, 2000)


def met(**parts: Any) -> Judgement:
    return Judgement("met", 900, Verdict.MET, decided=1500, done=1500, **parts)


def breached(deadline: int = 1500, done: int | None = None, **parts: Any) -> Judgement:
    return Judgement("late", 0, Verdict.BREACHED, deadline=deadline, decided=deadline, done=done, **parts)


def running(**parts: Any) -> Judgement:
    return Judgement("open", 1900, Verdict.RUNNING, deadline=2500, **parts)


def reading(*judgements: Judgement, now: int = 5000, max_age: int = 100) -> Reading:
    return attainment(
        "resolve_in_time",
        Scope(),
        judgements,
        window(PERIOD, now=now, newest=now, max_age=max_age),
        source_coverage=Fraction(1),
        origin=Origin.EXPORTED,
        reasons=("told",),
    )


def test_the_oldest_thing_overdue_is_as_old_as_its_deadline_at_the_end_of_the_period() -> None:
    found = reading(met(), breached(700), breached(900), breached(1500), breached(800, done=1800))

    assert (found.numerator, found.n, found.overdue, found.overdue_oldest) == (1, 2, 2, 2000 - 700)


def test_nothing_overdue_has_no_age() -> None:
    assert (reading(met()).overdue, reading(met()).overdue_oldest) == (0, None)


def test_in_a_running_period_the_oldest_is_as_old_as_what_is_known() -> None:
    assert reading(breached(700), now=1600).overdue_oldest == 1600 - 700


def test_one_judgement_of_a_source_without_holds_is_enough_to_say_so() -> None:
    untold = ("holds_unknown",)

    assert reading(met(), met(notes=untold)).reasons == reading(breached(notes=untold)).reasons == ("told", *untold)
    assert reading(met(), breached(), running(notes=untold)).reasons == ("told",)


def test_too_early_is_said_with_the_other_reasons() -> None:
    assert reading(now=1099, max_age=100).reasons == ("told", "too_early")
    assert reading(now=1100, max_age=100).reasons == ("told",)


@pytest.mark.parametrize(
    ("ended", "details"),
    [
        (None, {"running": 2}),
        (1999, {"running": 1, "lost": 1}),
        (2000, {"running": 2}),
    ],
)
def test_what_was_lost_before_the_end_does_not_run_at_the_end(ended: int | None, details: dict[str, int]) -> None:
    assert reading(running(), running(notes=("lost",), ended=ended)).details == details


def test_what_ended_in_another_way_is_not_lost() -> None:
    assert reading(running(notes=("withdrawn",), ended=1500)).details == {"running": 1}


def test_undetermined_things_lie_between_all_bad_and_all_good_and_lower_the_coverage() -> None:
    unknown = Judgement("unknown", 900, Verdict.UNDETERMINED, decided=1500)

    found = reading(met(), breached(), unknown, unknown)

    assert (found.value, found.lowest, found.highest) == (Fraction(1, 2), Fraction(1, 4), Fraction(3, 4))
    assert (found.coverage, found.source_coverage, found.undetermined) == (Fraction(1, 2), 1, 2)
    assert (reading(met()).lowest, reading(met()).highest) == (None, None)


def test_what_was_decided_after_the_end_ran_at_the_end_and_what_began_after_it_did_not() -> None:
    decided_later = Judgement("later", 1900, Verdict.MET, decided=2000, done=2000)
    decided_just_in_time = Judgement("in time", 1900, Verdict.MET, decided=1999, done=1999)
    begun_later = Judgement("next", 2000, Verdict.RUNNING, deadline=2500)
    begun_just_before = Judgement("last", 1999, Verdict.RUNNING, deadline=2500)

    both = (decided_just_in_time, decided_just_in_time)
    assert reading(decided_later, *both, begun_later, begun_just_before).details == {"running": 2}


def test_in_a_running_period_what_is_known_last_is_where_things_run() -> None:
    begun = [Judgement("open", at, Verdict.RUNNING, deadline=2500) for at in (1499, 1500, 1500, 1501)]
    done = [Judgement("done", 1400, Verdict.MET, decided=at, done=at) for at in (1499, 1500)]

    assert reading(*begun, *done, now=1500).details == {"running": 3}
