"""Times to respond and to resolve: which tickets are in them, on the clock and on the wall (indicators.md §4)."""

from __future__ import annotations

import pytest

from builders import OFFICE, contract, desk, hold, measured, reopening, request, terms, ticket
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.ticket import State, Ticket
from kpi_agent.domain.time import DAY, HOUR, MINUTE

DEAL = contract(priorities={"P1": terms("4h", "50h", OFFICE)})


def test_the_wall_clock_stands_beside_service_hours() -> None:
    facts = desk(
        ticket("2026-10-05 17:00", "2026-10-06 09:00", id="A"),  # 2 h of service, 16 h on the wall
        ticket("2026-10-05 09:00", "2026-10-05 10:00", id="B"),
        ticket("2026-10-09 17:00", "2026-10-12 11:00", id="C"),  # over a weekend: 4 h of service, 66 h
        ticket("2026-10-07 09:00", "2026-10-07 12:00", id="D"),
    )

    found = measured("time_to_resolve", facts, request(DEAL))

    assert found.statistics is not None
    assert (found.n, found.statistics.median, found.statistics.max) == (4, 5 * HOUR // 2, 4 * HOUR)
    assert found.details == {"wall_median": 19 * HOUR // 2, "wall_max": 66 * HOUR}


def test_without_a_resolution_there_is_no_wall_clock_either() -> None:
    found = measured("time_to_resolve", desk(ticket("2026-10-05 09:00")), request(DEAL))

    assert (found.n, found.value, found.statistics, found.details) == (0, None, None, {})


def test_what_was_done_at_the_last_instant_known_is_in_and_what_came_later_is_not() -> None:
    one = ticket("2026-10-05 09:00", "2026-10-05 10:00")

    at_it, before = (desk(one, newest=newest) for newest in ("2026-10-05 10:00", "2026-10-05 09:59"))

    assert measured("time_to_resolve", at_it, request(DEAL, now="2026-10-05 10:00")).n == 1
    assert measured("time_to_resolve", before, request(DEAL, now="2026-10-05 10:00")).n == 0


def test_each_duration_belongs_to_the_period_in_which_it_ended() -> None:
    facts = desk(
        ticket("2026-09-30 09:00", "2026-10-01 00:00", id="A"), ticket("2026-10-30 09:00", "2026-11-01 00:00", id="B")
    )

    assert measured("time_to_resolve", facts, request(DEAL)).n == 1
    assert measured("time_to_resolve", facts, request(DEAL, "2026-11")).n == 1


def test_what_is_only_bounded_or_withdrawn_is_in_no_statistic() -> None:
    facts = desk(
        ticket("2026-10-05 09:00", closed="2026-10-05 11:00", state=State.CLOSED, id="bounded"),
        ticket("2026-10-05 09:00", closed="2026-10-05 11:00", state=State.CANCELLED, id="withdrawn"),
        ticket("2026-10-05 09:00", "2026-10-05 10:00", id="done"),
    )

    found = measured("time_to_resolve", facts, request(DEAL))

    assert (found.n, found.bounded, found.value) == (1, 1, HOUR)


def test_holds_shorten_the_resolution_and_not_the_response() -> None:
    one = ticket(
        "2026-10-05 09:00",
        "2026-10-05 12:00",
        responded="2026-10-05 11:30",
        holds=(hold("2026-10-05 10:00", "2026-10-05 11:00"),),
    )

    assert measured("time_to_resolve", desk(one), request(DEAL)).value == 2 * HOUR
    assert measured("time_to_respond", desk(one), request(DEAL)).value == 2 * HOUR + 30 * MINUTE


def test_sources_that_tell_no_holds_are_named_where_they_matter() -> None:
    told = ticket("2026-10-05 09:00", "2026-10-05 10:00", id="A")
    untold = ticket("2026-10-05 09:00", "2026-10-05 10:00", id="B", cannot_tell=frozenset({"holds"}))

    assert measured("time_to_resolve", desk(told, untold), request(DEAL)).reasons == ("holds_unknown",)
    assert measured("time_to_resolve", desk(told), request(DEAL)).reasons == ()


@pytest.mark.parametrize(
    ("age", "name"),
    [
        (DAY - 1, "age_under_1d"),
        (DAY, "age_under_7d"),
        (7 * DAY - 1, "age_under_7d"),
        (7 * DAY, "age_under_30d"),
        (30 * DAY - 1, "age_under_30d"),
        (30 * DAY, "age_older"),
    ],
)
def test_the_backlog_has_classes_of_age_that_begin_at_whole_days(age: int, name: str) -> None:
    details = measured("backlog", desk(ticket(request().span.end - age)), request(DEAL)).details

    assert {key: n for key, n in details.items() if key.startswith("age") and n} == {name: 1}


@pytest.mark.parametrize(
    ("name", "is_more_better", "is_attainment"),
    [
        ("time_to_respond", False, False),
        ("respond_in_time", True, True),
        ("time_to_resolve", False, False),
        ("resolve_in_time", True, True),
        ("volume", False, False),
        ("backlog", False, False),
    ],
)
def test_a_reading_bears_its_indicators_name_and_the_indicator_says_which_way_is_good(
    name: str, *, is_more_better: bool, is_attainment: bool
) -> None:
    indicator = INDICATORS[name]

    assert measured(name, desk(), request(DEAL)).indicator == indicator.id == name
    assert (indicator.topic, indicator.is_more_better, indicator.is_attainment) == (
        "incidents",
        is_more_better,
        is_attainment,
    )


def test_the_backlog_is_breached_once_a_deadline_lies_before_its_end() -> None:
    deal = contract(priorities={"P1": terms("1h", "4h")})
    met_once = ticket("2026-10-05 09:00", id="M", reopenings=(reopening("2026-10-05 10:00", "2026-10-31 23:00"),))
    at_the_end, before = ticket("2026-10-31 20:00", id="E"), ticket("2026-10-31 19:59", id="B")

    def breached(one: Ticket) -> int:
        return measured("backlog", desk(one), request(deal)).details["breached"]

    assert [breached(one) for one in (met_once, at_the_end, before)] == [0, 0, 1]
