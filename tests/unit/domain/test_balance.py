"""The flow of incidents adds up, or a report says that it does not (indicators.md §4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from builders import desk, measured, paris, reopening, request, ticket
from kpi_agent.domain.balance import balance_of, carry_over
from kpi_agent.domain.contract import Scope
from kpi_agent.domain.evaluation import LeftOpen
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.reading import Reading
from kpi_agent.domain.ticket import Edit, State

FACTS = desk(ticket("2026-09-20 10:00", id="OLD"), ticket("2026-10-05 10:00", "2026-10-06 10:00", id="NEW"))


def left(count: int | None, *names: str) -> LeftOpen:
    return LeftOpen("2026-09", 1, frozenset(names), {} if count is None else {(): count})


def restated(facts: Facts, previous: LeftOpen) -> list[tuple[str, int, str]]:
    found = balance_of(request(), facts, previous, readings(facts, previous)).restated
    return [(r.ticket, r.change, r.cause) for r in found]


def readings(facts: Facts, previous: LeftOpen | None) -> list[Reading]:
    return [carry_over(measured(name, facts), previous) for name in ("volume", "backlog")]


def test_a_report_that_fails_the_sum_says_by_how_much() -> None:
    volume, backlog = readings(FACTS, None)
    wrong = replace(volume, details={**volume.details, "resolved": 3})

    assert balance_of(request(), FACTS, None, [volume, backlog]).difference == 0
    assert balance_of(request(), FACTS, None, [wrong, backlog]).difference == -2


def test_what_is_not_counted_is_no_sum() -> None:
    volume, backlog = readings(FACTS, None)

    assert balance_of(request(), FACTS, None, [volume, replace(backlog, value=None)]).difference is None
    assert balance_of(request(), FACTS, None, [volume]).difference is None


def test_a_start_that_the_report_before_did_not_count_stays_as_it_is() -> None:
    assert readings(FACTS, left(None))[1] == measured("backlog", FACTS)


def test_a_lost_incident_that_was_open_then_is_restated_as_lost() -> None:
    gone = desk(ticket("2026-09-20 10:00", "2026-09-21 10:00", id="GONE"))
    lost = Facts(replace(gone.tickets, lost={"GONE": 5}))

    balance = balance_of(request(), lost, left(1, "GONE"), readings(lost, left(1, "GONE")))

    assert [(r.ticket, r.change, r.cause) for r in balance.restated] == [("GONE", -1, "lost")]
    assert balance.difference == 0


def test_what_is_known_otherwise_since_is_added_to_the_start_that_the_report_before_left() -> None:
    found = readings(FACTS, left(3, "OLD", "A", "B"))[1]

    assert (found.details["start"], found.details["restated"], found.details["end"]) == (3, -2, 1)
    assert (found.value, found.n) == (1, 1)


def test_only_a_backlog_that_was_counted_is_carried_over() -> None:
    previous = left(3, "OLD", "A", "B")
    uncounted = replace(measured("backlog", FACTS), value=None)

    assert readings(FACTS, previous)[0] == measured("volume", FACTS)
    assert carry_over(uncounted, previous) == uncounted
    assert carry_over(measured("backlog", FACTS), None) == measured("backlog", FACTS)


def test_the_start_of_each_scope_is_that_of_the_same_scope() -> None:
    previous = LeftOpen("2026-09", 1, frozenset({"OLD"}), {(("priority", "P2"),): 5})
    asked = {name: request(scope=Scope(priority=name)) for name in ("P1", "P2")}

    found = {name: carry_over(measured("backlog", FACTS, one), previous).details for name, one in asked.items()}

    assert (found["P1"]["start"], "restated" in found["P1"]) == (1, False)
    assert (found["P2"]["start"], found["P2"]["restated"]) == (5, -5)


CLOSED = {"state": State.CANCELLED, "closed": "2026-09-25 10:00"}
EDITED = {"edits": (Edit(paris("2026-10-02 10:00"), "opened", paris("2026-10-01 10:00"), paris("2026-09-20 10:00")),)}
KNOWN = frozenset({"X"})


@pytest.mark.parametrize(
    ("told", "known", "cause"),
    [
        ({}, frozenset(), "late_row"),
        (EDITED, frozenset(), "late_row"),
        ({"reopenings": (reopening("2026-09-30 23:59", "2026-10-01 09:00"),), **EDITED}, KNOWN, "reopened"),
        ({"reopenings": (reopening("2026-09-29 10:00", "2026-10-01 09:00"),
                         reopening("2026-10-05 10:00", "2026-10-06 09:00"))}, KNOWN, "reopened"),
        # Resolved as the month began: it was open until then, whatever came later.
        ({"reopenings": (reopening("2026-10-01 00:00", "2026-10-01 09:00"),)}, KNOWN, "told_later"),
        (EDITED, KNOWN, "edit"),
        ({}, KNOWN, "told_later"),
    ],
)  # fmt: skip
def test_an_incident_that_was_open_although_the_last_report_did_not_say_so_tells_why(
    told: dict[str, Any], known: frozenset[str], cause: str
) -> None:
    previous = replace(left(0), known=known)

    assert restated(desk(ticket("2026-09-20 10:00", id="X", **told)), previous) == [("X", 1, cause)]


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ({"state": State.CANCELLED, "closed": "2026-09-25 10:00"}, "withdrawn"),
        ({"resolved": "2026-09-25 10:00", **EDITED}, "edit"),
        ({"resolved": "2026-09-25 10:00"}, "told_later"),
    ],
)
def test_an_incident_that_was_not_open_although_the_last_report_said_so_tells_why(
    told: dict[str, Any], cause: str
) -> None:
    facts = desk(ticket("2026-09-20 10:00", id="A", **CLOSED), ticket("2026-09-20 10:00", id="X", **told))

    assert restated(facts, left(1, "X")) == [("X", -1, cause)]


def test_what_a_former_desk_lost_is_lost_and_what_is_open_there_is_not() -> None:
    away = desk(ticket("2026-09-20 10:00", id="X"), ticket("2026-09-20 10:00", "2026-09-25 10:00", id="Y")).tickets
    former = replace(away, lost={"X": paris("2026-09-24 10:00")})
    present = desk(ticket("2026-10-05 10:00", id="A")).tickets

    found = restated(Facts(replace(present, former=(former,))), left(2, "X", "Y"))

    assert found == [("X", -1, "lost"), ("Y", -1, "told_later")]


def test_an_incident_that_no_export_tells_any_more_was_told_then() -> None:
    assert restated(desk(ticket("2026-09-20 10:00", id="A", **CLOSED)), left(1, "X")) == [("X", -1, "told_later")]


def test_restated_incidents_are_named_those_that_came_first_and_others_not() -> None:
    same = ticket("2026-09-20 10:00", id="SAME")
    came = [ticket("2026-09-20 10:00", "2026-10-02 10:00", id=name) for name in ("D", "C")]
    new = ticket("2026-10-05 10:00", id="NEW")

    found = restated(desk(same, *came, new), left(3, "SAME", "B", "A"))

    assert found == [("C", 1, "late_row"), ("D", 1, "late_row"), ("A", -1, "told_later"), ("B", -1, "told_later")]


@pytest.mark.parametrize(
    ("newest", "names"),
    [("2026-11-05 00:00", ("A", "B")), ("2026-10-20 09:59:59", ("A", "C")), ("2026-10-20 10:00", ("A", "B"))],
)
def test_open_at_the_end_is_what_was_open_as_far_as_is_known(newest: str, names: tuple[str, ...]) -> None:
    # What happened at the last instant known has happened.
    one, other = ticket("2026-09-20 10:00", id="A"), ticket("2026-10-20 10:00", id="B")
    gone = ticket("2026-10-02 10:00", "2026-10-20 10:00", id="C")
    facts = desk(one, other, gone, ticket("2026-11-01 00:00", id="NEXT"), newest=newest)

    assert balance_of(request(now=newest), facts, None, []).open == names


def test_before_a_desk_tells_of_the_month_the_end_is_its_beginning() -> None:
    facts = desk(ticket("2026-09-20 10:00", id="A"), ticket("2026-10-02 10:00", id="B"), newest="2026-09-25 00:00")

    assert balance_of(request(now="2026-10-05 10:00"), facts, None, []).open == ("A",)


def test_what_was_withdrawn_reopened_or_lost_is_in_the_sum() -> None:
    again = ticket("2026-09-20 10:00", id="AGAIN", reopenings=(reopening("2026-09-21 10:00", "2026-10-05 10:00"),))
    facts = desk(
        again,
        ticket("2026-10-05 10:00", id="CANCELLED", state=State.CANCELLED, closed="2026-10-06 10:00"),
        ticket("2026-10-05 10:00", id="GONE"),
    )
    facts = Facts(replace(facts.tickets, lost={"GONE": paris("2026-10-07 10:00")}))
    volume, backlog = readings(facts, None)

    assert (volume.details["reopened"], volume.details["withdrawn"], volume.details["lost"]) == (1, 1, 1)
    assert balance_of(request(), facts, None, [volume, backlog]).difference == 0


def test_the_sum_is_that_of_all_incidents_and_no_scope_or_other_figure_is_in_it() -> None:
    volume, backlog = readings(FACTS, None)
    part = [measured(name, FACTS, request(scope=Scope(priority="P2"))) for name in ("volume", "backlog")]
    other = measured("reopen_rate", FACTS)

    assert balance_of(request(), FACTS, None, [volume, backlog, *part, other]).difference == 0
    assert balance_of(request(), FACTS, None, [volume, *part, other]).difference is None


def test_a_month_follows_the_last_one_whatever_was_told_since() -> None:
    facts = desk(ticket("2026-09-20 10:00", "2026-09-25 10:00", id="X"))
    previous = left(1, "X")

    assert balance_of(request(), facts, previous, readings(facts, previous)).difference == 0
    assert balance_of(request(), facts, previous, readings(facts, previous)).previous is previous
