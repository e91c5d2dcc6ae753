"""Which tickets the desk's own flag is compared for, and what explains a difference (indicators.md §4)."""

from __future__ import annotations

from typing import Any

import pytest

from builders import OFFICE, contract, desk, hold, paris, reopening, request, terms, ticket
from kpi_agent.domain.calendar import ALWAYS
from kpi_agent.domain.contract import Contract
from kpi_agent.domain.indicators.reconcile import reconcile
from kpi_agent.domain.reconciliation import DeskFlags, Difference
from kpi_agent.domain.ticket import Edit, HoldReason, Ticket

MONDAY = "2026-10-05 08:00"
IN_OFFICE = contract(
    priorities={"P1": terms("30m", "4h", OFFICE), "P3": terms("4h", "24h", OFFICE)},
    calendars={"office": OFFICE, "24x7": ALWAYS},
)


def flags(*tickets: Ticket, promised: Contract | None = None, period: str = "2026-10") -> DeskFlags:
    return reconcile(request(promised, period), desk(*tickets)).desk


def code(*, desk_met: bool, promised: Contract = IN_OFFICE, **told: Any) -> str:
    one = ticket(**{"opened": MONDAY} | told, desk_met=desk_met)
    (found,) = flags(one, promised=promised).differences
    return found.code


def test_a_flag_is_compared_in_the_month_of_the_resolution_and_in_that_of_the_verdict() -> None:
    # Late in October, resolved in November: a flag that says so agrees in both months.
    late = ticket("2026-10-31 08:00", "2026-11-02 08:00", desk_met=False)
    met = ticket("2026-10-31 22:00", "2026-11-01 01:00", desk_met=True)

    assert [flags(late, period=month).compared for month in ("2026-10", "2026-11", "2026-12")] == [1, 1, 0]
    assert [flags(met, period=month).compared for month in ("2026-10", "2026-11")] == [0, 1]


def test_of_a_ticket_taken_up_again_only_the_last_resolution_is_compared() -> None:
    again = (reopening("2026-10-05 09:00", "2026-10-20 08:00"),)

    in_time = ticket(MONDAY, "2026-10-20 09:00", desk_met=True, reopenings=again)
    late = ticket(MONDAY, "2026-10-20 18:00", desk_met=False, reopenings=again)

    assert flags(in_time) == flags(late) == DeskFlags(1, 0, ())


def test_the_desk_may_have_judged_the_whole_as_one() -> None:
    again = (reopening("2026-10-05 09:00", "2026-10-20 08:00"),)

    assert code(desk_met=False, resolved="2026-10-20 09:00", reopenings=again) == "reopening"


def test_it_is_the_last_resolution_that_must_come_out_as_the_desk_says() -> None:
    # Late both times; without the vendor's five hours the second would have been in time.
    again = (reopening("2026-10-05 17:00", "2026-10-20 08:00"),)
    waits = (hold("2026-10-20 09:00", "2026-10-20 14:00", HoldReason.VENDOR),)

    assert code(desk_met=True, resolved="2026-10-20 15:00", reopenings=again, holds=waits) == "holds"


def test_each_ticket_is_looked_at_whatever_came_before_it() -> None:
    found = flags(
        ticket("2026-10-31 23:00", id="A", desk_met=True),  # still running
        ticket(MONDAY, "2026-10-05 09:00", id="B"),  # no flag
        ticket(MONDAY, "2026-10-05 09:00", id="C"),
        ticket(MONDAY, "2026-10-05 20:00", id="D", desk_met=True),
        ticket(MONDAY, "2026-10-05 20:00", id="E", desk_met=False),
    )

    assert (found.compared, found.agreed, found.untold) == (2, 1, 2)
    assert found.differences == (Difference("D", is_met_for_desk=True, verdict="breached", code="unexplained"),)


def test_differences_stand_by_cause_then_ticket() -> None:
    def late(name: str, **told: Any) -> Ticket:
        return ticket(MONDAY, "2026-10-05 20:00", id=name, desk_met=True, **told)

    waits = {"holds": (hold("2026-10-05 09:00", "2026-10-05 19:00", HoldReason.VENDOR),)}

    found = flags(late("C", **waits), late("B"), late("A"), late("D", **waits)).differences

    assert [(d.code, d.ticket) for d in found] == [
        ("holds", "C"), ("holds", "D"), ("unexplained", "A"), ("unexplained", "B"),
    ]  # fmt: skip


EDITED = paris("2026-10-09 08:00")


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        # The desk flagged what it told then: opened three hours earlier, resolved seven hours later.
        (Edit(EDITED, "opened", paris("2026-10-02 08:00"), paris(MONDAY)), "edited"),
        (Edit(EDITED, "resolved", paris("2026-10-05 17:00"), paris("2026-10-05 10:00")), "edited"),
        # Instants that no resolution clock looks at, and words of other fields.
        (Edit(EDITED, "responded", paris("2026-10-05 17:00"), None), "other_clock"),
        (Edit(EDITED, "closed", paris("2026-10-05 17:00"), None), "other_clock"),
    ],
)
def test_an_instant_that_was_rewritten_explains_a_difference_if_the_clock_looks_at_it(
    edit: Edit, expected: str
) -> None:
    assert code(desk_met=False, resolved="2026-10-05 10:00", responded="2026-10-05 09:00", edits=(edit,)) == expected


@pytest.mark.parametrize(("field", "expected"), [("priority", "priority_change"), ("service", "unexplained")])
def test_a_priority_that_an_earlier_export_told_explains_a_difference_and_no_other_word_does(
    field: str, expected: str
) -> None:
    # Lowered within the four hours of P1, resolved after them.
    edit = Edit(paris("2026-10-05 11:00"), field, "P1", "P3", paris("2026-10-05 10:00"))

    assert code(desk_met=False, resolved="2026-10-05 13:00", priority="P3", edits=(edit,)) == expected


def test_holds_and_other_hours_together_explain_what_neither_does_alone() -> None:
    # Two office hours; three around the clock without the night's hold, sixteen with it.
    told = {"opened": "2026-10-05 17:00", "holds": (hold("2026-10-05 18:00", "2026-10-06 07:00"),)}

    assert code(desk_met=False, resolved="2026-10-06 09:00", **told) == "holds_and_calendar"
