"""The worked cases that the definitions promise (indicators.md §1 Example, §11): anyone may recompute them by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from builders import (
    OFFICE,
    Maintenance,
    at_least,
    contract,
    decided,
    desk,
    fleet,
    hold,
    limit,
    line,
    measured,
    month,
    objective,
    paris,
    request,
    span,
    terms,
    ticket,
)
from kpi_agent.domain.calendar import ALWAYS
from kpi_agent.domain.contract import Planned, Scope, ServiceTerms
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.facts import Facts, ServiceFacts
from kpi_agent.domain.indicators.case import judge_resolution, judge_response
from kpi_agent.domain.indicators.patching import host_states
from kpi_agent.domain.reading import Reading, Unit
from kpi_agent.domain.ticket import State, Ticket
from kpi_agent.domain.time import HOUR, MINUTE
from kpi_agent.domain.verdict import Judgement, Verdict

LATER = paris("2027-01-01 00:00")
DESK = contract().latest.tickets
assert DESK is not None


def resolution(one: Ticket, *, resolve: str = "4h", on_call: bool = True, as_of: int = LATER) -> Judgement:
    deal = contract(priorities={"P1": terms("30m", resolve, ALWAYS if on_call else OFFICE)})
    (judgement,) = judge_resolution(one, deal, DESK, as_of=as_of)
    return judgement


def attained(met: int, breached: int) -> Reading:
    kept = [ticket("2026-10-05 10:00", "2026-10-05 11:00", id=f"K{n}") for n in range(met)]
    late = [ticket("2026-10-05 10:00", "2026-10-05 20:00", id=f"L{n}") for n in range(breached)]
    return measured("resolve_in_time", desk(*kept, *late))


def test_example_a_weekend_and_a_hold_leave_ten_and_a_half_hours_and_a_breach_on_monday_at_17() -> None:
    one = ticket(
        "2026-07-03 17:00", "2026-07-07 09:30", holds=(hold("2026-07-06 12:00", "2026-07-06 14:00"),)
    )  # fmt: skip

    found = resolution(one, resolve="8h", on_call=False)

    assert found.elapsed == 10 * HOUR + 30 * MINUTE
    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-07-06 17:00"))
    assert found.deadline == paris("2026-07-06 17:00")


def test_example_october_2026_in_paris_lasts_745_hours() -> None:
    assert month("2026-10").hours == 745


def test_case_1_a_breach_belongs_to_the_month_of_its_deadline_and_its_duration_to_that_of_its_resolution() -> None:
    one = ticket("2026-10-30 23:50", "2026-11-01 02:00")

    found = resolution(one)

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-31 03:50"))
    october, november = (
        [measured(name, desk(one), request(period=period)) for name in ("resolve_in_time", "time_to_resolve")]
        for period in ("2026-10", "2026-11")
    )
    assert [(r.n, r.value) for r in october] == [(1, 0), (0, None)]
    assert [(r.n, r.value) for r in november] == [(0, None), (1, 26 * HOUR + 10 * MINUTE)]


def test_case_2_a_met_belongs_to_the_month_in_which_it_was_done() -> None:
    one = ticket("2026-10-31 22:00", "2026-11-01 00:30")

    found = resolution(one)

    assert (found.verdict, found.decided) == (Verdict.MET, paris("2026-11-01 00:30"))
    assert measured("resolve_in_time", desk(one), request(period="2026-10")).n == 0
    assert measured("resolve_in_time", desk(one), request(period="2026-11")).value == 1


def test_case_3_the_repeated_hour_of_autumn_is_counted() -> None:
    one = ticket("2026-10-25 02:30", "2026-10-25 03:15")

    assert resolution(one).elapsed == HOUR + 45 * MINUTE


def test_case_4_46_met_and_3_breached_miss_95_percent_and_47_of_49_would_have_met_it() -> None:
    promise = objective("resolve_in_time", at_least("95%"))
    reading = attained(46, 3)

    assert reading.value == Fraction(46, 49)
    assert reading.value * 1000 // 1 == 938
    assert decided(reading, promise).outcome is Outcome.MISSED
    assert decided(attained(47, 2), promise).outcome is Outcome.MET
    assert decided(attained(77, 4), promise).outcome is Outcome.MET
    assert Fraction(77, 81) * 1000 // 1 == 950


@pytest.mark.parametrize(
    ("done", "verdict", "when"),
    [
        ("2026-07-06 18:00", Verdict.MET, "2026-07-06 18:00"),
        ("2026-07-07 08:00", Verdict.MET, "2026-07-07 08:00"),
        ("2026-07-07 08:01", Verdict.BREACHED, "2026-07-07 08:00"),
    ],
)
def test_case_5_a_limit_reached_at_closing_time_is_due_at_the_next_opening(
    done: str, verdict: Verdict, when: str
) -> None:
    found = resolution(ticket("2026-07-06 08:00", done), resolve="10h", on_call=False)

    assert (found.verdict, found.decided) == (verdict, paris(when))
    assert found.elapsed == 10 * HOUR + (MINUTE if verdict is Verdict.BREACHED else 0)


def test_case_6_a_host_silent_for_half_a_day_has_one_episode_and_was_observed_733_of_745_hours() -> None:
    pending = line(
        ("2026-10-01 00:00", "2026-10-10 00:00", 3), ("2026-10-10 12:00", "2026-11-01 00:00", 3)
    )  # fmt: skip
    fresh = line(("2026-10-01 00:00", "2026-10-10 00:00", 1), ("2026-10-10 12:00", "2026-11-01 00:00", 1))
    facts = Facts(hosts=fleet({"web1": pending}, {"web1": fresh}, "2026-11-01 00:00"))
    asked = request(limit=limit("14d"))

    (state,) = host_states(asked, facts)

    assert [(e.start, e.end) for e in state.episodes()] == [(paris("2026-10-01 00:00"), None)]
    assert state.coverage(asked.span) == Fraction(733, 745)
    assert Fraction(733, 745) * 1000 // 1 == 983


@pytest.mark.parametrize(
    ("planned", "down", "value"),
    [
        (Planned.EXCLUDED, ("2026-09-20 10:00", "2026-09-20 11:00"), Fraction(711, 712)),
        (Planned.AS_UP, ("2026-09-20 10:00", "2026-09-20 11:00"), Fraction(719, 720)),
        (Planned.COUNTED, ("2026-09-20 10:00", "2026-09-20 11:00"), Fraction(719, 720)),
    ],
)
def test_case_7_an_hour_down_outside_eight_planned_ones(
    planned: Planned, down: tuple[str, str], value: Fraction
) -> None:
    assert availability_of_september(planned, [down]) == value


@pytest.mark.parametrize(
    ("planned", "value"),
    [
        (Planned.EXCLUDED, Fraction(711, 712)),
        (Planned.AS_UP, Fraction(719, 720)),
        (Planned.COUNTED, Fraction(711, 720)),
    ],
)
def test_case_7_an_hour_down_and_the_eight_planned_ones_down_too(planned: Planned, value: Fraction) -> None:
    downs = [("2026-09-20 10:00", "2026-09-20 11:00"), ("2026-09-12 22:00", "2026-09-13 06:00")]

    assert availability_of_september(planned, downs) == value


def availability_of_september(planned: Planned, downs: list[tuple[str, str]]) -> Fraction | None:
    assert month("2026-09").hours == 720
    deal = contract(
        services={"portal": ServiceTerms("portal", "main", "up", ALWAYS, planned=planned)},
        maintenance=(Maintenance((span("2026-09-12 22:00", "2026-09-13 06:00"),)),),
    )
    edges = sorted({"2026-09-01 00:00", "2026-10-01 00:00", *(edge for down in downs for edge in down)})
    observed = line(*((a, b, 0 if (a, b) in downs else 1) for a, b in pairwise(edges)))
    facts = Facts(services={"portal": ServiceFacts(observed, paris("2026-10-01 00:00"), HOUR)})
    reading = measured("availability", facts, request(deal, "2026-09", scope=Scope(service="portal")))
    return reading.value


def test_case_8_without_incident_there_is_nothing_to_judge_and_without_exports_no_data() -> None:
    promise = objective("resolve_in_time", at_least("95%"))
    complete = measured("resolve_in_time", desk())
    stopped = measured("resolve_in_time", desk(observed=[span("2026-01-01 00:00", "2026-10-20 00:00")]))

    assert decided(complete, promise).outcome is Outcome.NOTHING_TO_JUDGE
    assert decided(stopped, promise).outcome is Outcome.NO_DATA
    assert (complete.value, stopped.value) == (None, None)


@pytest.mark.parametrize(
    ("resolved", "verdict", "is_bounded"),
    [("2026-10-05 10:20", Verdict.MET, True), ("2026-10-05 12:00", Verdict.UNDETERMINED, False)],
)
def test_case_9_a_response_never_told_is_bounded_by_the_resolution(
    resolved: str,
    verdict: Verdict,
    is_bounded: bool,  # noqa: FBT001 - a parameter of the table
) -> None:
    one = ticket("2026-10-05 10:00", resolved, cannot_tell=frozenset({"responded"}))

    found = judge_response(one, contract(), DESK, as_of=LATER)

    assert (found.verdict, found.is_bounded) == (verdict, is_bounded)


def test_case_9_in_figures_one_bounded_and_one_undetermined() -> None:
    quickly = ticket("2026-10-05 10:00", "2026-10-05 10:20", id="A")
    slowly = replace(quickly, id="B", resolved=paris("2026-10-05 12:00"))

    reading = measured("respond_in_time", desk(quickly, slowly))

    assert (reading.n, reading.value, reading.bounded, reading.undetermined) == (1, 1, 1, 1)
    assert reading.coverage == Fraction(1, 2)
    assert (reading.lowest, reading.highest) == (Fraction(1, 2), 1)
    assert reading.unit is Unit.RATIO
    assert quickly.state is State.RESOLVED
