"""One rule for every verdict (indicators.md §2): judged once, in one period."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from builders import OFFICE, contract, desk, measured, paris, quick, request, span, terms, ticket, version
from kpi_agent.domain.contract import Scope
from kpi_agent.domain.time import DAY, HOUR, Interval
from kpi_agent.domain.verdict import Judgement, Verdict, count, judge

maybe = st.none() | st.integers(0, 20)


def test_done_at_the_deadline_is_met_when_it_was_done() -> None:
    assert judge(done=10, deadline=10, as_of=50) == (Verdict.MET, 10)


def test_done_a_second_after_the_deadline_is_breached_at_the_deadline() -> None:
    assert judge(done=11, deadline=10, as_of=50) == (Verdict.BREACHED, 10)


def test_what_is_not_done_is_breached_as_soon_as_the_deadline_lies_behind() -> None:
    assert judge(done=None, deadline=10, as_of=10) == (Verdict.RUNNING, None)
    assert judge(done=None, deadline=10, as_of=11) == (Verdict.BREACHED, 10)


def test_what_has_no_deadline_runs_until_it_is_done() -> None:
    assert judge(done=None, deadline=None, as_of=50) == (Verdict.RUNNING, None)
    assert judge(done=40, deadline=None, as_of=50) == (Verdict.MET, 40)


def test_what_is_done_after_the_last_that_is_known_is_not_done_yet() -> None:
    assert judge(done=30, deadline=40, as_of=20) == (Verdict.RUNNING, None)
    assert judge(done=30, deadline=10, as_of=20) == (Verdict.BREACHED, 10)


def test_what_is_done_at_the_last_instant_that_is_known_is_done() -> None:
    assert judge(done=20, deadline=40, as_of=20) == (Verdict.MET, 20)


def test_running_things_belong_to_no_period_and_are_told_in_each() -> None:
    things = [
        Judgement(v, 0, Verdict(v), decided=at) for v, at in (("met", 5), ("running", None), ("not_judged", None))
    ]

    found = count(things, Interval(10, 20))

    assert {v.value: [j.subject for j in some] for v, some in found.items() if some} == {
        "running": ["running"],
        "not_judged": ["not_judged"],
    }
    assert [j.subject for j in count(things, Interval(5, 10))[Verdict.MET]] == ["met"]


@quick
@given(maybe, maybe, st.integers(0, 20), st.integers(0, 20))
def test_a_decided_verdict_does_not_change_as_time_goes_by(
    done: int | None, deadline: int | None, earlier: int, more: int
) -> None:
    first = judge(done=done if done is not None and done <= earlier else None, deadline=deadline, as_of=earlier)
    second = judge(done=done, deadline=deadline, as_of=earlier + more)

    assert first == second or first[0] is Verdict.RUNNING


@quick
@given(maybe, maybe, st.integers(0, 20))
def test_no_verdict_is_decided_after_the_last_that_is_known(done: int | None, deadline: int | None, as_of: int) -> None:
    verdict, decided = judge(done=done, deadline=deadline, as_of=as_of)

    assert (decided is None) == (verdict is Verdict.RUNNING)
    assert decided is None or decided <= as_of


def test_overdue_is_a_breach_of_an_earlier_period_that_is_still_not_done_at_the_end() -> None:
    november = Interval(100, 200)

    def is_overdue(deadline: int, done: int | None = None, ended: int | None = None) -> bool:
        found = Judgement("T1", 0, Verdict.BREACHED, deadline=deadline, done=done, ended=ended)
        return found.is_overdue_at(november)

    assert is_overdue(99)
    assert is_overdue(99, done=200)
    assert not is_overdue(99, done=199)
    assert not is_overdue(100)
    assert not is_overdue(99, ended=150)
    assert is_overdue(99, ended=200)


def test_one_still_open_is_overdue_in_the_next_month_with_its_age() -> None:
    one = ticket("2026-10-05 10:00")

    october = measured("resolve_in_time", desk(one), request(period="2026-10"))
    november = measured("resolve_in_time", desk(one), request(period="2026-11"))

    assert (october.value, october.overdue) == (0, 0)
    assert (november.value, november.overdue) == (None, 1)
    assert november.overdue_oldest == paris("2026-12-01 00:00") - paris("2026-10-05 14:00")


def test_closing_a_breach_next_month_changes_no_closed_month() -> None:
    still_open, closed = ticket("2026-10-05 10:00"), ticket("2026-10-05 10:00", "2026-11-05 10:00")

    before, after = (
        measured("resolve_in_time", desk(t), request(now="2026-11-03 07:00")) for t in (still_open, closed)
    )

    assert before == after
    assert before.numerator == 0
    assert before.n == 1


tickets = st.lists(
    st.tuples(
        st.integers(0, 80 * DAY), st.none() | st.integers(0, 40 * DAY), st.sampled_from(["P1", "P2", "P9", None])
    ),
    max_size=12,
)


@quick
@given(tickets)
def test_each_ticket_is_judged_in_one_month_or_runs_or_has_no_limit(
    told: list[tuple[int, int | None, str | None]],
) -> None:
    start = paris("2026-10-01 00:00")
    deal = contract(priorities={"P1": terms(None, "4h"), "P2": terms(None, "30d")})
    facts = desk(
        *(
            ticket(start + at, None if took is None else start + at + took, id=f"T{n}", priority=priority)
            for n, (at, took, priority) in enumerate(told)
        ),
        newest="2027-01-31 00:00",
    )

    months = [
        measured("resolve_in_time", facts, request(deal, period, now="2027-02-03 07:00"))
        for period in ("2026-10", "2026-11", "2026-12", "2027-01")
    ]

    limited = sum(priority in {"P1", "P2"} for _, _, priority in told)
    assert sum(m.n for m in months) + months[-1].details["running"] == limited


def test_a_reading_of_one_priority_leaves_the_others_out() -> None:
    facts = desk(
        ticket("2026-10-05 10:00", "2026-10-05 11:00", id="A", priority="P1"),
        ticket("2026-10-05 10:00", "2026-10-07 11:00", id="B", priority="P2"),
    )

    assert measured("resolve_in_time", facts, request(scope=Scope(priority="P1"))).value == 1
    assert measured("resolve_in_time", facts, request(scope=Scope(priority="P2"))).value == 0
    assert measured("resolve_in_time", facts).value == Fraction(1, 2)


def test_the_breached_are_the_evidence() -> None:
    facts = desk(
        ticket("2026-10-05 10:00", "2026-10-05 11:00", id="A"), ticket("2026-10-05 10:00", "2026-10-05 15:00", id="B")
    )

    assert measured("resolve_in_time", facts).evidence == ("B",)


def test_the_limit_is_that_of_the_version_in_force_when_the_ticket_was_opened() -> None:
    deal = contract(
        version("2026-01-01", priorities={"P1": terms(None, "8h")}),
        version("2026-10-15", priorities={"P1": terms(None, "4h")}),
    )
    before, after = (
        ticket("2026-10-14 20:00", "2026-10-15 03:00", id="A"),
        ticket("2026-10-15 00:00", "2026-10-15 07:00"),
    )

    reading = measured("resolve_in_time", desk(before, after), request(deal))

    assert reading.evidence == ("T1",)
    assert reading.n == 2


def test_coverage_is_the_observed_share_of_the_period() -> None:
    half = desk(observed=[span("2026-10-01 00:00", "2026-10-16 00:00"), span("2026-10-10 00:00", "2026-10-12 00:00")])

    assert measured("resolve_in_time", half).coverage == Fraction(15 * 24, 745)


def test_seconds_of_the_wall_stand_beside_those_of_the_clock() -> None:
    deal = contract(priorities={"P1": terms(None, "4h", OFFICE)})

    reading = measured("time_to_resolve", desk(ticket("2026-10-05 17:00", "2026-10-06 09:00")), request(deal))

    assert reading.value == 2 * HOUR
    assert reading.details == {"wall_median": 16 * HOUR, "wall_max": 16 * HOUR}
