"""Rows that could not be read, and what happened at the very instant of an export."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from builders import at_least, decided, desk, measured, objective, request, ticket
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.facts import Facts


def test_rejected_rows_are_tickets_that_nobody_has_seen_and_so_no_data() -> None:
    facts = desk(ticket("2026-10-05 08:00", "2026-10-05 09:00"))
    hidden = Facts(tickets=replace(facts.tickets, told=Fraction(29, 47)))

    reading = measured("resolve_in_time", hidden)

    assert (reading.value, reading.coverage) == (1, Fraction(29, 47))
    assert "rows_rejected" in reading.reasons
    assert decided(reading, objective("resolve_in_time", at_least("90%"))).outcome is Outcome.NO_DATA


def test_what_happened_at_the_exports_own_instant_is_known_to_every_figure_alike() -> None:
    asked = request(now="2026-10-20 12:00")
    facts = desk(ticket("2026-10-20 09:00", "2026-10-20 10:00", id="the newest row"), newest="2026-10-20 10:00")

    volume, backlog = measured("volume", facts, asked), measured("backlog", facts, asked)

    assert measured("resolve_in_time", facts, asked).numerator == 1
    assert measured("time_to_resolve", facts, asked).n == 1
    assert (volume.details["opened"], volume.details["resolved"]) == (1, 1)
    assert backlog.details["end"] == 0
