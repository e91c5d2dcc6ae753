"""What a contract calls a response; merged, retyped, moved and lost tickets (indicators.md §2, §4)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from builders import contract, desk, measured, paris, request, terms, ticket
from kpi_agent.domain.contract import Contract, RespondedWhen, Scope, TicketScope
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.caseload import cases
from kpi_agent.domain.indicators.promised import Promised, promised
from kpi_agent.domain.reading import Reading
from kpi_agent.domain.ticket import Edit, Kind, State, Ticket
from kpi_agent.domain.verdict import Verdict

DEAL = contract(priorities={"P1": terms("30m", "4h"), "P4": terms("8h", "48h")})


def deal(**scope: object) -> Contract:
    return contract(tickets=TicketScope("desk", **scope), priorities=DEAL.latest.priorities)  # type: ignore[arg-type]


def edit(at: str, field: str, before: str | None, after: str | None) -> Edit:
    return Edit(paris(at), field, before, after)


def lost(facts: Facts, **since: str) -> Facts:
    return replace(facts, tickets=replace(facts.tickets, lost={name: paris(at) for name, at in since.items()}))


def seen(*tickets: Ticket, scope: Contract = DEAL, as_of: str = "2027-01-01 00:00") -> list[Promised]:
    assert scope.latest.tickets is not None
    return list(promised(tickets, scope.latest.tickets, as_of=paris(as_of)))


def resolved_in_time(*tickets: Ticket, promised: Contract = DEAL, scope: Scope | None = None) -> Reading:
    return measured("resolve_in_time", desk(*tickets), request(promised, scope=scope or Scope()))


# --- what a response is ---


@pytest.mark.parametrize(
    ("when", "field"),
    [
        (RespondedWhen.ASSIGNED_TO_PERSON, "assigned"),
        (RespondedWhen.IN_PROGRESS, "started"),
        (RespondedWhen.FIRST_PUBLIC_REPLY, "replied"),
    ],
)
def test_the_contract_says_which_instant_is_the_response(when: RespondedWhen, field: str) -> None:
    one = ticket("2026-10-05 10:00", responded="2026-10-05 10:05", **{field: paris("2026-10-05 11:00")})

    found = measured("time_to_respond", desk(one), request(deal(responded_when=when)))

    assert found.value == 3600


def test_by_default_the_first_action_of_a_person_is_the_response() -> None:
    one = ticket("2026-10-05 10:00", responded="2026-10-05 10:05", replied=paris("2026-10-05 11:00"))

    assert measured("time_to_respond", desk(one), request(DEAL)).value == 300


def test_a_desk_that_never_tells_what_the_contract_asks_gives_unknown_and_never_a_breach() -> None:
    one = ticket("2026-10-05 10:00", responded="2026-10-05 10:05")

    found = measured("respond_in_time", desk(one), request(deal(responded_when=RespondedWhen.FIRST_PUBLIC_REPLY)))

    assert (found.n, found.undetermined) == (0, 1)


def test_where_the_desk_tells_such_instants_none_means_never() -> None:
    told = ticket("2026-10-05 10:00", id="B", tells=frozenset({"replied"}), replied=paris("2026-10-05 10:10"))
    never = ticket("2026-10-06 10:00", id="C", tells=frozenset({"replied"}))

    found = measured(
        "respond_in_time", desk(told, never), request(deal(responded_when=RespondedWhen.FIRST_PUBLIC_REPLY))
    )

    assert (found.numerator, found.n, found.undetermined) == (1, 2, 0)
    assert found.evidence == ("C",)


def test_a_duration_that_the_desk_counts_to_its_own_response_is_no_other_response() -> None:
    one = ticket("2026-10-05 10:00", response_duration=60)
    ours = deal(responded_when=RespondedWhen.IN_PROGRESS, desk_calendars=("24x7",))

    assert measured("respond_in_time", desk(one), request(ours)).undetermined == 1


def test_what_a_desk_cannot_tell_of_its_own_responses_says_nothing_of_those_that_the_contract_counts() -> None:
    never = ticket("2026-10-06 10:00", cannot_tell=frozenset({"responded", "holds"}), tells=frozenset({"replied"}))
    told = ticket("2026-10-06 10:00", id="T2", replied=paris("2026-10-06 10:10"))
    promised_by = deal(responded_when=RespondedWhen.FIRST_PUBLIC_REPLY)

    found = [(p.ticket.responded, p.ticket.cannot_tell) for p in seen(never, told, scope=promised_by)]

    assert found == [(None, frozenset({"holds"})), (paris("2026-10-06 10:10"), frozenset())]
    assert measured("respond_in_time", desk(never), request(promised_by)).evidence == ("T1",)


# --- retyped, moved out ---


def test_a_breach_survives_retyping_after_the_deadline() -> None:
    one = ticket(
        "2026-10-05 10:00", kind=Kind.REQUEST, edits=(edit("2026-10-05 15:00", "kind", "incident", "request"),)
    )

    found = resolved_in_time(one)

    assert (found.numerator, found.n, found.evidence) == (0, 1, ("T1",))


def test_retyped_before_its_deadline_it_is_no_incident_any_more() -> None:
    one = ticket(
        "2026-10-05 10:00", kind=Kind.REQUEST, edits=(edit("2026-10-05 13:00", "kind", "incident", "request"),)
    )

    assert resolved_in_time(one).n == 0
    assert resolved_in_time(one, scope=Scope(kind="request")).n == 1


def test_a_breach_survives_a_move_out_of_scope_after_the_deadline() -> None:
    ours = deal(where={"entity": "ACME*"})
    moved = ticket("2026-10-05 10:00", entity="Globex", edits=(edit("2026-10-06 10:00", "entity", "ACME", "Globex"),))
    never = ticket("2026-10-05 10:00", entity="Globex", id="T2")

    found = resolved_in_time(moved, never, promised=ours)

    assert (found.n, found.evidence) == (1, ("T1",))


def test_moved_out_before_its_deadline_it_is_not_judged_and_counts_as_withdrawn() -> None:
    ours = deal(where={"entity": "ACME*"})
    moved = ticket("2026-10-05 10:00", entity="Globex", edits=(edit("2026-10-05 11:00", "entity", "ACME", "Globex"),))

    assert resolved_in_time(moved, promised=ours).n == 0
    volume = measured("volume", desk(moved), request(ours))
    assert (volume.details["opened"], volume.details["withdrawn"], volume.details["resolved"]) == (1, 1, 0)


def test_moved_out_and_back_it_is_judged_as_if_it_had_stayed() -> None:
    ours = deal(where={"entity": "ACME*"})
    edits = (edit("2026-10-05 11:00", "entity", "ACME", "Globex"), edit("2026-10-05 12:00", "entity", "Globex", "ACME"))
    one = ticket("2026-10-05 10:00", "2026-10-05 13:00", entity="ACME", edits=edits)

    found = resolved_in_time(one, promised=ours)

    assert (found.numerator, found.n) == (1, 1)


@pytest.mark.parametrize("field", ["entity", "category", "service", "host", "group"])
def test_whatever_places_a_ticket_in_the_contract_may_take_it_out(field: str) -> None:
    moved = ticket("2026-10-05 10:00", edits=(edit("2026-10-06 10:00", field, "ours", "theirs"),), **{field: "theirs"})

    (found,) = seen(moved, scope=deal(where={field: "ours"}))

    assert (found.left, found.ticket.state, found.ticket.closed) == (
        paris("2026-10-06 10:00"), State.CANCELLED, paris("2026-10-06 10:00"),
    )  # fmt: skip
    assert found.ticket.field(field) == "ours"


def test_a_ticket_is_counted_once_in_each_kind_and_scope_that_it_was_in() -> None:
    scope = deal(where={"entity": "ACME"})
    away_and_back = (
        edit("2026-10-05 11:00", "entity", "ACME", "Globex"),
        edit("2026-10-05 11:30", "title", "a", "b"),
        edit("2026-10-05 12:00", "entity", "Globex", "ACME"),
    )
    back = ticket("2026-10-05 10:00", entity="ACME", edits=away_and_back)
    gone = replace(back, entity="Globex", edits=(*away_and_back, edit("2026-10-05 13:00", "entity", "ACME", "Globex")))
    theirs = ticket("2026-10-05 10:00", entity="Globex", kind=Kind.REQUEST,
                    edits=(edit("2026-10-05 11:00", "kind", "incident", "request"),))  # fmt: skip

    assert [p.left for p in seen(back, scope=scope)] == [None]
    assert [p.left for p in seen(gone, scope=scope)] == [paris("2026-10-05 11:00")]
    assert [p.left for p in seen(theirs, scope=scope)] == []


def test_retyped_and_moved_it_is_told_as_it_was_before_both() -> None:
    scope = deal(where={"entity": "ACME"})
    one = ticket(
        "2026-10-05 10:00", entity="Globex", kind=Kind.CHANGE,
        edits=(
            edit("2026-10-05 11:00", "kind", "incident", "request"),
            edit("2026-10-05 12:00", "entity", "ACME", "Globex"),
            edit("2026-10-05 13:00", "kind", "request", "change"),
        ),
    )  # fmt: skip

    found = [(p.ticket.kind, p.ticket.entity, p.left) for p in seen(one, scope=scope)]

    assert found == [
        (Kind.INCIDENT, "ACME", paris("2026-10-05 11:00")),
        (Kind.REQUEST, "ACME", paris("2026-10-05 12:00")),
    ]
    assert all(isinstance(p.ticket.kind, Kind) for p in seen(one, scope=scope))


def test_what_else_was_edited_stays_as_it_is_told_now() -> None:
    # Its opening was told as 10:30 at first; that it was always 10:00 is what the desk says.
    edits = (
        Edit(paris("2026-10-05 11:00"), "opened", paris("2026-10-05 10:30"), paris("2026-10-05 10:00")),
        edit("2026-10-05 12:00", "kind", "incident", "request"),
    )
    (found,) = (p for p in seen(ticket("2026-10-05 10:00", kind=Kind.REQUEST, edits=edits)) if p.left is not None)

    assert (found.left, found.ticket.opened) == (paris("2026-10-05 12:00"), paris("2026-10-05 10:00"))


def test_an_edit_of_the_very_instant_is_known_and_later_ones_hide_no_earlier_one() -> None:
    edits = (
        edit("2026-10-05 11:00", "kind", "incident", "request"),
        edit("2026-10-05 12:00", "kind", "request", "change"),
    )
    one = ticket("2026-10-05 10:00", kind=Kind.CHANGE, edits=edits)

    early, at_once, before = (
        [(p.ticket.kind, p.left) for p in seen(one, as_of=at)]
        for at in ("2026-10-05 11:30", "2026-10-05 11:00", "2026-10-05 10:59")
    )

    assert early == at_once == [(Kind.CHANGE, None), (Kind.INCIDENT, paris("2026-10-05 11:00"))]
    assert before == [(Kind.CHANGE, None)]


def test_an_edit_that_is_not_known_yet_changes_nothing() -> None:
    one = ticket(
        "2026-10-05 10:00", kind=Kind.REQUEST, edits=(edit("2027-01-02 10:00", "kind", "incident", "request"),)
    )

    assert resolved_in_time(one).n == 0


# --- merged ---


def test_the_survivor_of_a_merge_takes_the_earliest_opening() -> None:
    merged = ticket("2026-10-05 10:00", id="A", state=State.CANCELLED, closed="2026-10-05 12:00", merged_into="B")
    survivor = ticket("2026-10-05 11:00", "2026-10-05 14:30", id="B")

    found = resolved_in_time(merged, survivor)

    assert (found.numerator, found.n, found.evidence) == (0, 1, ("B",))


def test_an_opening_of_another_customers_ticket_is_not_the_survivors() -> None:
    theirs = ticket("2026-10-05 08:00", id="A", entity="Globex", merged_into="C")
    ours = ticket("2026-10-05 09:00", id="B", entity="ACME", merged_into="C")
    later = ticket("2026-10-05 11:00", id="D", entity="ACME", merged_into="C")
    survivor = ticket("2026-10-05 10:00", id="C", entity="ACME")

    found = seen(theirs, ours, later, survivor, scope=deal(where={"entity": "ACME"}))

    assert [(p.ticket.id, p.ticket.opened) for p in found] == [
        ("B", paris("2026-10-05 09:00")), ("D", paris("2026-10-05 11:00")), ("C", paris("2026-10-05 09:00")),
    ]  # fmt: skip
    assert [None if p.survivor is None else p.survivor.opened for p in found] == [
        paris("2026-10-05 09:00"), paris("2026-10-05 09:00"), None,
    ]  # fmt: skip


ALWAYS_DESK = deal(desk_calendars=("24x7",))
UNTOLD = frozenset({"responded"})


def merge(at: str, *, into: str = "B", **told: Any) -> Ticket:
    return ticket(at, id="A", state=State.CANCELLED, closed="2026-10-05 10:05", merged_into=into, **told)


def response(*tickets: Ticket, scope: Contract = DEAL) -> tuple[int | None, Verdict]:
    (found,) = (c.response for c in cases(request(scope), desk(*tickets)) if c.ticket.id == "B")
    return found.done, found.verdict


def test_a_response_given_before_the_merge_is_that_of_the_ticket_that_goes_on() -> None:
    answered = merge("2026-10-05 09:00", responded="2026-10-05 09:25")
    survivor = ticket("2026-10-05 10:00", "2026-10-05 11:30", id="B", responded="2026-10-05 12:30")
    at = paris("2026-10-05 09:25")

    assert response(answered, survivor) == (at, Verdict.MET)
    assert response(answered, replace(survivor, responded=None)) == (at, Verdict.MET)


def test_the_response_of_the_ticket_that_goes_on_counts_from_the_earliest_opening() -> None:
    survivor = ticket("2026-10-05 10:00", id="B", responded="2026-10-05 10:05")
    at = paris("2026-10-05 10:05")

    assert response(merge("2026-10-05 09:00"), survivor) == (at, Verdict.BREACHED)
    assert response(merge("2026-10-05 09:50"), survivor) == (at, Verdict.MET)
    assert response(merge("2026-10-05 09:50", responded="2026-10-05 11:00"), survivor) == (at, Verdict.MET)
    assert response(merge("2026-10-05 09:50"), replace(survivor, responded=None)) == (None, Verdict.BREACHED)


def test_another_customers_response_is_not_the_survivors() -> None:
    scope = deal(where={"entity": "ACME"})
    theirs = merge("2026-10-05 09:00", entity="Globex", responded="2026-10-05 09:10")
    survivor = ticket("2026-10-05 10:00", id="B", entity="ACME", responded="2026-10-05 10:45")

    assert response(theirs, survivor, scope=scope) == (paris("2026-10-05 10:45"), Verdict.BREACHED)


def test_the_only_response_as_a_duration_counts_from_its_own_opening() -> None:
    survivor = ticket("2026-10-05 10:00", id="B")
    answered = replace(survivor, response_duration=600)

    assert response(merge("2026-10-05 09:00", response_duration=1500), survivor, scope=ALWAYS_DESK) == (
        paris("2026-10-05 09:25"), Verdict.MET,
    )  # fmt: skip
    assert response(merge("2026-10-05 10:01"), answered, scope=ALWAYS_DESK) == (
        paris("2026-10-05 10:10"), Verdict.MET,
    )  # fmt: skip
    # 10 minutes from 10:00 are not 10 minutes from 09:00, and on service hours nobody knows when they ended.
    assert response(merge("2026-10-05 09:00"), answered, scope=ALWAYS_DESK) == (None, Verdict.UNDETERMINED)


@pytest.mark.parametrize(
    ("merged", "survivor"),
    [
        ({"response_duration": 7200}, {"response_duration": 60}),
        ({"response_duration": 7200}, {"responded": "2026-10-05 10:10"}),
        ({"responded": "2026-10-05 11:00"}, {"response_duration": 60}),
        ({"cannot_tell": UNTOLD}, {"responded": "2026-10-05 10:10"}),
        ({"cannot_tell": UNTOLD}, {"cannot_tell": UNTOLD}),
        ({}, {"cannot_tell": UNTOLD}),
    ],
)
def test_which_of_merged_rows_was_answered_first_is_unknown_where_one_does_not_tell_when(
    merged: dict[str, Any], survivor: dict[str, Any]
) -> None:
    goes_on = ticket("2026-10-05 10:00", id="B", **survivor)

    assert response(merge("2026-10-05 09:00", **merged), goes_on, scope=ALWAYS_DESK) == (None, Verdict.UNDETERMINED)


def test_an_instant_that_is_told_needs_no_duration() -> None:
    told = ticket("2026-10-05 10:00", id="B", responded="2026-10-05 10:10", response_duration=7200)

    found = response(merge("2026-10-05 09:50", responded="2026-10-05 10:05", response_duration=1), told)

    assert found == (paris("2026-10-05 10:05"), Verdict.MET)


def test_merged_late_into_a_survivor_that_is_late_too_it_is_one_breach() -> None:
    merged = ticket("2026-10-05 10:00", id="A", state=State.CANCELLED, closed="2026-10-06 12:00", merged_into="B")
    survivor = ticket("2026-10-05 11:00", "2026-10-06 14:30", id="B")

    assert resolved_in_time(merged, survivor).evidence == ("B",)


def test_a_breach_is_not_escaped_by_a_merge_into_a_ticket_with_a_longer_limit() -> None:
    merged = ticket("2026-10-05 10:00", id="A", state=State.CANCELLED, closed="2026-10-06 09:00", merged_into="B")
    survivor = ticket("2026-10-05 11:00", "2026-10-06 10:00", id="B", priority="P4")

    found = resolved_in_time(merged, survivor)

    assert (found.numerator, found.n, found.evidence) == (1, 2, ("A",))


def test_a_breach_is_not_escaped_by_a_merge_into_another_kind() -> None:
    merged = ticket("2026-10-05 10:00", id="A", state=State.CANCELLED, closed="2026-10-06 09:00", merged_into="B")
    survivor = ticket("2026-10-05 11:00", id="B", kind=Kind.PROBLEM)

    assert resolved_in_time(merged, survivor).evidence == ("A",)


def test_a_chain_of_merges_ends_at_the_last_one() -> None:
    first = ticket("2026-10-05 08:00", id="A", state=State.CANCELLED, closed="2026-10-05 09:00", merged_into="B")
    second = ticket("2026-10-05 10:00", id="B", state=State.CANCELLED, closed="2026-10-05 11:00", merged_into="C")
    last = ticket("2026-10-05 10:30", "2026-10-05 12:30", id="C")

    assert resolved_in_time(first, second, last).evidence == ("C",)


def test_merged_in_a_circle_or_into_nothing_known_a_ticket_stands_for_itself() -> None:
    one = ticket("2026-10-05 10:00", id="A", merged_into="B")
    other = ticket("2026-10-05 10:00", id="B", merged_into="A")
    orphan = ticket("2026-10-05 10:00", id="C", merged_into="Z")

    assert resolved_in_time(one, other, orphan).evidence == ("A", "B", "C")


def test_a_merged_ticket_that_its_desk_leaves_open_is_withdrawn() -> None:
    merged = ticket("2026-10-05 10:00", id="A", updated="2026-10-05 10:10", merged_into="B")
    survivor = ticket("2026-10-05 10:05", "2026-10-05 11:00", id="B")

    assert [c.ticket.id for c in cases(request(DEAL), desk(merged, survivor)) if c.ticket.is_open] == []
    assert measured("backlog", desk(merged, survivor), request(DEAL)).value == 0


# --- lost ---


def test_a_lost_ticket_is_not_judged_after_the_last_export_that_held_it() -> None:
    facts = lost(desk(ticket("2026-10-05 10:00")), T1="2026-10-05 13:00")

    found = measured("resolve_in_time", facts, request(DEAL))

    assert (found.n, found.details["running"], found.details["lost"]) == (0, 0, 1)


def test_what_was_decided_while_exports_held_it_stands() -> None:
    facts = lost(desk(ticket("2026-10-05 10:00")), T1="2026-10-05 15:00")

    assert measured("resolve_in_time", facts, request(DEAL)).evidence == ("T1",)
    assert measured("resolve_in_time", facts, request(DEAL, "2026-11")).overdue == 0


def test_lost_tickets_leave_the_backlog_by_a_line_of_their_own() -> None:
    facts = lost(desk(ticket("2026-10-05 10:00"), ticket("2026-10-05 10:00", id="T2")), T1="2026-10-20 12:00")

    volume, backlog = (measured(name, facts, request(DEAL)) for name in ("volume", "backlog"))

    assert (volume.details["lost"], volume.details["resolved"], backlog.details["end"]) == (1, 0, 1)


def test_a_ticket_lost_later_still_runs_where_the_month_ended() -> None:
    one = ticket("2026-10-31 23:00")

    found = measured("resolve_in_time", lost(desk(one), T1="2026-11-01 00:30"), request(DEAL))

    assert found.details["running"] == 1
    case = cases(request(DEAL), lost(desk(one), T1="2026-11-01 00:30"))[0]
    assert case.resolutions[0].verdict is Verdict.RUNNING
