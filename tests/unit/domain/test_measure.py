"""A period measured as a whole: its stretches, its tickets, and every promise with an outcome."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import at_least, contract, desk, month, objective, paris, reopening, span, terms, ticket, version
from kpi_agent.domain.contract import Contract, Scope
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.measure import measure
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import HOUR

NOW = paris("2026-11-03 07:00")
P1 = objective("resolve_in_time", at_least("90%"), scope=Scope(priority="P1"))


def lines(*tickets: Ticket) -> list[tuple[str, int]]:
    found = measure(contract(hosts=None), month(), desk(*tickets), now=NOW)
    return [(line.ticket.id, line.resolution.start) for line in found.tickets]


def test_a_period_before_the_contract_is_refused_with_its_first_day() -> None:
    with pytest.raises(NotFound, match="starts 2026-11-01"):
        measure(contract(version("2026-11-01")), month("2026-10"), Facts(), now=NOW)


def test_a_contract_that_begins_inside_a_month_is_measured_from_its_first_day() -> None:
    found = measure(contract(version("2026-10-15", hosts=None)), month(), desk(), now=NOW)

    assert [s.span for s in found.segments] == [span("2026-10-15 00:00", "2026-11-01 00:00")]


def test_versions_cut_a_month_at_local_midnight_and_lose_no_second() -> None:
    deal = contract(version("2026-01-01"), version("2026-10-15"), version("2026-10-26"))

    assert [part for _, part in deal.segments(month())] == [
        span("2026-10-01 00:00", "2026-10-15 00:00"),
        span("2026-10-15 00:00", "2026-10-26 00:00"),
        span("2026-10-26 00:00", "2026-11-01 00:00"),
    ]


def test_a_contract_that_ends_inside_a_month_is_measured_to_its_end() -> None:
    deal = contract(replace(version("2026-01-01"), effective_to=version("2026-10-11").effective_from))

    assert [part for _, part in deal.segments(month())] == [span("2026-10-01 00:00", "2026-10-11 00:00")]
    assert deal.segments(month("2026-11")) == ()


def test_of_an_instant_before_the_contract_the_first_version_decides() -> None:
    deal = contract(version("2026-01-01"), version("2026-10-15"))

    assert deal.at(paris("2020-01-01 00:00")) is deal.versions[0]
    assert deal.at(paris("2026-10-15 00:00") - 1) is deal.versions[0]
    assert deal.at(paris("2026-10-15 00:00")) is deal.versions[1]


def test_the_tickets_of_a_month_are_those_open_in_it() -> None:
    found = lines(
        ticket("2026-09-01 00:00", "2026-09-30 23:59", id="before"),
        ticket("2026-09-01 00:00", "2026-10-01 00:00", id="until its first second"),
        ticket("2026-09-01 00:00", "2026-12-01 00:00", id="all along"),
        ticket("2026-10-31 23:59", id="from its last minute"),
        ticket("2026-11-01 00:00", id="after"),
    )

    assert [name for name, _ in found] == ["all along", "until its first second", "from its last minute"]


def test_a_ticket_taken_up_again_late_has_a_line_for_each_time() -> None:
    back = (reopening("2026-10-05 12:00", "2026-10-20 12:00"),)

    found = lines(ticket("2026-10-05 10:00", "2026-10-20 13:00", reopenings=back))

    assert found == [("T1", paris("2026-10-05 10:00")), ("T1", paris("2026-10-20 12:00"))]


def evaluated(deal: Contract, *tickets: Ticket, now: str = "2026-11-03 07:00") -> list[tuple[str, Outcome]]:
    found = measure(deal, month(), desk(*tickets, newest=now), now=paris(now))
    return [(c.objective.id, c.outcome) for c in found.commitments]


def test_every_promise_has_an_outcome() -> None:
    deal = contract(hosts=None, objectives=(P1, replace(P1, id="p2", scope=Scope(priority="P2"))))

    found = evaluated(deal, ticket("2026-10-05 10:00", "2026-10-05 11:00"))

    assert found == [("resolve_in_time", Outcome.MET), ("p2", Outcome.NOTHING_TO_JUDGE)]


def test_a_running_month_may_be_at_risk_and_a_closed_one_not() -> None:
    deal = contract(hosts=None, objectives=(P1,))
    kept = [ticket("2026-10-01 10:00", "2026-10-01 11:00", id=f"K{n}") for n in range(8)]
    late = ticket("2026-10-02 10:00", "2026-10-02 16:00", id="L")

    assert evaluated(deal, *kept, late, now="2026-10-03 07:00") == [("resolve_in_time", Outcome.AT_RISK)]
    assert evaluated(deal, *kept, late) == [("resolve_in_time", Outcome.MISSED)]


def test_readings_that_nobody_promised_are_taken_too_and_none_twice() -> None:
    deal = contract(hosts=None, objectives=(P1,), priorities={"P1": terms("30m", "4h")})

    found = measure(deal, month(), desk(ticket("2026-10-05 10:00", "2026-10-05 11:00")), now=NOW)

    asked = [(r.indicator, r.scope) for r in found.readings]
    assert len(asked) == len(set(asked))
    assert ("time_to_resolve", Scope()) in asked
    assert found.readings[0] is found.commitments[0].reading


def test_the_same_facts_give_the_same_evaluation() -> None:
    deal = contract(hosts=None, objectives=(P1,))
    tickets = [ticket("2026-10-05 10:00", "2026-10-05 11:00"), ticket("2026-10-06 10:00", id="T2")]

    first, second = (measure(deal, month(), desk(*tickets), now=NOW) for _ in range(2))

    assert first == second


def test_one_pool_of_facts_answers_two_contracts_each_by_its_own_terms() -> None:
    facts = desk(ticket("2026-10-05 10:00", "2026-10-05 15:00"))
    strict = contract(hosts=None, objectives=(P1,))
    wide = contract(hosts=None, objectives=(P1,), priorities={"P1": terms(None, "8h")})

    outcomes = [measure(deal, month(), facts, now=NOW).commitments[0].outcome for deal in (strict, wide, strict)]

    assert outcomes == [Outcome.MISSED, Outcome.MET, Outcome.MISSED]
    assert wide.latest.priorities["P1"].resolve is not None
    assert wide.latest.priorities["P1"].resolve.seconds == 8 * HOUR
