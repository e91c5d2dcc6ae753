"""The flow of incidents adds up, or a report says that it does not (indicators.md §4)."""

from __future__ import annotations

from dataclasses import replace

from builders import desk, measured, request, ticket
from kpi_agent.domain.balance import balance_of, carry_over
from kpi_agent.domain.evaluation import LeftOpen
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.reading import Reading

FACTS = desk(ticket("2026-09-20 10:00", id="OLD"), ticket("2026-10-05 10:00", "2026-10-06 10:00", id="NEW"))


def left(count: int | None, *names: str) -> LeftOpen:
    return LeftOpen("2026-09", 1, frozenset(names), {} if count is None else {(): count})


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
