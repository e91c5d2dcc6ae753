"""Which changes are listed as made after a deadline, and against which one (indicators.md §4, "Against the desk")."""

from __future__ import annotations

from typing import Any

import pytest

from builders import change, contract, desk, hold, paris, reopening, request, terms, ticket
from kpi_agent.domain.contract import Contract
from kpi_agent.domain.indicators.reconcile import reconcile
from kpi_agent.domain.ticket import Basis, Edit, HoldTotal, State, Ticket
from kpi_agent.domain.time import HOUR

RESOLVE_ONLY = contract(priorities={"P1": terms(None, "4h"), "P2": terms(None, "8h"), "P3": terms(None, "24h")})


def at(clock: str, day: str = "2026-10-05") -> int:
    return paris(f"{day} {clock}")


def edit(clock: str, field: str, before: str | int | None, after: str | int | None, **told: Any) -> Edit:
    return Edit(at(clock), field, before, after, **told)


def late(*tickets: Ticket, promised: Contract | None = None, period: str = "2026-10", **asked: Any) -> list[Any]:
    """Return (field, instant, deadline) of each change listed."""
    found = reconcile(request(promised, period, **asked), desk(*tickets)).edits
    return [(e.field, e.at, e.deadline) for e in found]


VALUES: dict[str, Any] = {
    "opened": paris("2026-10-05 08:00"), "priority": "P1", "kind": "incident", "responded": None, "resolved": None,
    "holds": 0, "hold_total": 0, "entity": "ACME", "group": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "clock", "deadline"),
    [
        *((name, "08:30:01", "08:30") for name in ("opened", "priority", "kind", "responded")),
        *((name, "12:00:01", "08:30") for name in ("opened", "priority", "kind", "responded")),
        *((name, "12:00:01", "12:00") for name in ("resolved", "holds", "hold_total")),
        # At its deadline it is not after it.
        *((name, "08:30", None) for name in ("opened", "priority", "kind", "responded")),
        *((name, "12:00", None) for name in ("resolved", "holds", "hold_total")),
        # These change no clock.
        *((name, "23:00", None) for name in ("entity", "group")),
    ],
)
def test_a_change_is_held_against_the_deadlines_that_it_could_have_saved(
    field: str, clock: str, deadline: str | None
) -> None:
    one = ticket("2026-10-05 08:00", edits=(edit(clock, field, VALUES[field], None),))

    assert late(one) == ([] if deadline is None else [(field, at(clock), at(deadline))])


def test_without_a_response_limit_the_resolutions_deadline_counts_and_without_any_limit_none() -> None:
    told = {"edits": (edit("12:30", "kind", "request", "incident"),)}

    assert late(ticket("2026-10-05 08:00", **told), promised=RESOLVE_ONLY) == [("kind", at("12:30"), at("12:00"))]
    assert late(ticket("2026-10-05 08:00", priority="P5", **told), promised=RESOLVE_ONLY) == []


def test_the_deadline_is_that_of_the_ticket_as_it_was_told_before() -> None:
    # Told as opened at 08:00, so it was late at 12:00 when a hold was entered at 13:00; the new opening came later.
    one = ticket(
        "2026-10-05 11:00",
        edits=(edit("13:00", "holds", 0, HOUR), edit("14:00", "opened", paris("2026-10-05 08:00"), at("11:00"))),
    )

    assert late(one, promised=RESOLVE_ONLY) == [
        ("holds", at("13:00"), at("12:00")), ("opened", at("14:00"), at("12:00")),
    ]  # fmt: skip


def test_changes_of_one_version_are_all_held_against_the_version_before() -> None:
    edits = (edit("13:00", "opened", at("08:00"), at("11:00")), edit("13:00", "resolved", None, at("12:30")))

    assert late(ticket("2026-10-05 11:00", "2026-10-05 12:30", edits=edits), promised=RESOLVE_ONLY) == [
        ("opened", at("13:00"), at("12:00")), ("resolved", at("13:00"), at("12:00")),
    ]  # fmt: skip


def test_a_lowering_that_was_told_after_the_deadline_hides_nothing_else_that_was() -> None:
    edits = (edit("13:00", "priority", "P1", "P3", known_until=at("11:00")), edit("13:00", "holds", 0, HOUR))

    assert late(ticket("2026-10-05 08:00", priority="P3", edits=edits), promised=RESOLVE_ONLY) == [
        ("holds", at("13:00"), at("12:00")), ("priority", at("13:00"), at("12:00")),
    ]  # fmt: skip


def test_a_second_lowering_is_late_by_the_deadline_that_the_first_did_not_move() -> None:
    edits = (
        edit("13:00", "priority", "P1", "P2", known_until=at("12:30")),
        edit("15:00", "priority", "P2", "P3", known_until=at("14:30")),
    )

    assert late(ticket("2026-10-05 08:00", priority="P3", edits=edits), promised=RESOLVE_ONLY) == [
        ("priority", at("13:00"), at("12:00")), ("priority", at("15:00"), at("12:00")),
    ]  # fmt: skip


def test_a_change_of_priority_that_the_desk_dates_was_made_then_and_not_when_an_export_told_it() -> None:
    told = edit("18:00", "priority", "P1", "P3")
    in_time = ticket("2026-10-05 08:00", priority="P3", priority_changes=(change("2026-10-05 11:00", "P1", "P3"),))
    too_late = ticket(
        "2026-10-05 08:00", id="T2", priority="P3", edits=(told, edit("18:00", "holds", 0, HOUR)),
        priority_changes=(change("2026-10-05 13:00", "P1", "P2"), change("2026-10-05 15:00", "P2", "P3")),
    )  # fmt: skip

    assert late(in_time, promised=RESOLVE_ONLY) == []
    assert late(too_late, promised=RESOLVE_ONLY) == [
        ("priority", at("13:00"), at("12:00")), ("priority", at("15:00"), at("12:00")),
        ("holds", at("18:00"), at("12:00")),
    ]  # fmt: skip


def test_a_priority_first_given_after_the_deadline_holds_from_the_opening_and_one_taken_away_did_until_then() -> None:
    given = ticket("2026-10-05 08:00", edits=(edit("13:00", "priority", None, "P1"),))
    taken = ticket("2026-10-05 08:00", priority=None, edits=(edit("13:00", "priority", "P1", None),))

    assert late(given, promised=RESOLVE_ONLY) == [("priority", at("13:00"), at("12:00"))]
    assert late(taken, promised=RESOLVE_ONLY) == [("priority", at("13:00"), at("12:00"))]


def test_a_hold_that_grew_after_the_earliest_possible_deadline_is_listed() -> None:
    # It had been held for an hour, nobody knows which: 12:00 is the earliest that its deadline can have been.
    one = ticket(
        "2026-10-05 08:00", "2026-10-05 17:00", holds=(hold("2026-10-05 09:00", "2026-10-05 16:00"),),
        edits=(edit("18:00", "holds", HOUR, 7 * HOUR),),
    )  # fmt: skip

    assert late(one) == [("holds", at("18:00"), at("12:00"))]


@pytest.mark.parametrize(
    ("before", "clock", "deadline"),
    [(HOUR, "13:00:01", "13:00"), (HOUR, "13:00", None), (None, "12:00:01", "12:00"), (None, "12:00", None)],
)
def test_a_sum_of_held_time_that_grew_is_held_against_the_deadline_with_the_old_sum(
    before: int | None, clock: str, deadline: str | None
) -> None:
    total = HoldTotal(7 * HOUR, Basis.SERVICE)
    one = ticket("2026-10-05 08:00", hold_total=total, edits=(edit(clock, "hold_total", before, total.seconds),))

    assert late(one) == ([] if deadline is None else [("hold_total", at(clock), at(deadline))])


def test_a_sum_that_is_told_no_more_is_left_out() -> None:
    one = ticket("2026-10-05 08:00", edits=(edit("12:30", "hold_total", HOUR, None),))

    assert late(one) == [("hold_total", at("12:30"), at("12:00"))]


@pytest.mark.parametrize(
    ("period", "opened", "changed", "is_listed"),
    [
        ("2026-10", "2026-10-05 08:00", "2026-10-31 23:59", True),
        ("2026-10", "2026-10-05 08:00", "2026-11-02 08:00", True),  # decided in October, changed later
        ("2026-11", "2026-10-05 08:00", "2026-11-02 08:00", True),  # changed in November
        ("2026-12", "2026-10-05 08:00", "2026-11-02 08:00", False),
        ("2026-10", "2026-09-05 08:00", "2026-11-02 08:00", False),
        ("2026-10", "2026-09-05 08:00", "2026-10-01 00:00", True),
        ("2026-10", "2026-09-05 08:00", "2026-09-30 23:59", False),
    ],
)
def test_a_change_is_told_in_the_month_of_the_verdict_and_in_its_own(
    period: str, opened: str, changed: str, *, is_listed: bool
) -> None:
    # What else changed takes nothing away.
    far = Edit(paris("2027-02-01 00:00"), "holds", 0, 1)
    first = Edit(paris(opened), "holds", 0, 1)
    one = ticket(opened, edits=(first, Edit(paris(changed), "holds", 0, 1), far))

    assert [found for _, found, _ in late(one, period=period)] == ([paris(changed)] if is_listed else [])


@pytest.mark.parametrize(
    "told",
    [
        {"opened": "2026-09-30 23:45", "resolved": "2026-11-05 00:00", "state": State.RESOLVED},
        # Met in September, taken up again in October and late there.
        {"opened": "2026-09-05 08:00", "responded": "2026-09-05 08:10",
         "reopenings": (reopening("2026-09-05 09:00", "2026-10-05 08:00"),)},
    ],
)  # fmt: skip
def test_the_month_of_any_of_its_verdicts_is_meant(told: dict[str, Any]) -> None:
    one = ticket(**told, edits=(Edit(paris("2026-11-20 00:00"), "resolved", None, None),))

    assert [field for field, _, _ in late(one)] == ["resolved"]


def test_what_is_changed_after_the_instant_asked_for_is_not_known_then() -> None:
    known, unknown = edit("18:00", "holds", 0, 1), edit("18:00:01", "resolved", None, None)
    one = ticket("2026-10-05 08:00", edits=(known, unknown))

    assert [field for field, _, _ in late(one, now=at("18:00"))] == ["holds"]


def test_changes_stand_by_instant_then_ticket_then_field() -> None:
    def changed(name: str, *fields: str, clock: str = "13:00") -> Ticket:
        return ticket("2026-10-05 08:00", id=name, edits=tuple(edit(clock, f, VALUES[f], None) for f in fields))

    found = reconcile(
        request(), desk(changed("C", "holds"), changed("B", "resolved", "kind"), changed("Z", "holds", clock="12:30"))
    ).edits

    assert [(e.ticket, e.field) for e in found] == [("Z", "holds"), ("B", "kind"), ("B", "resolved"), ("C", "holds")]
