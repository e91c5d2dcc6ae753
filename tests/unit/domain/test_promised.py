"""What a contract calls a response; merged, retyped, moved and lost tickets (indicators.md §2, §4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import contract, desk, measured, paris, request, terms, ticket
from kpi_agent.domain.contract import Contract, RespondedWhen, Scope, TicketScope
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.caseload import cases
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
    promised = deal(responded_when=RespondedWhen.IN_PROGRESS, desk_calendars=("24x7",))

    assert measured("respond_in_time", desk(one), request(promised)).undetermined == 1


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
    promised = deal(where={"entity": "ACME*"})
    moved = ticket("2026-10-05 10:00", entity="Globex", edits=(edit("2026-10-06 10:00", "entity", "ACME", "Globex"),))
    never = ticket("2026-10-05 10:00", entity="Globex", id="T2")

    found = resolved_in_time(moved, never, promised=promised)

    assert (found.n, found.evidence) == (1, ("T1",))


def test_moved_out_before_its_deadline_it_is_not_judged_and_counts_as_withdrawn() -> None:
    promised = deal(where={"entity": "ACME*"})
    moved = ticket("2026-10-05 10:00", entity="Globex", edits=(edit("2026-10-05 11:00", "entity", "ACME", "Globex"),))

    assert resolved_in_time(moved, promised=promised).n == 0
    volume = measured("volume", desk(moved), request(promised))
    assert (volume.details["opened"], volume.details["withdrawn"], volume.details["resolved"]) == (1, 1, 0)


def test_moved_out_and_back_it_is_judged_as_if_it_had_stayed() -> None:
    promised = deal(where={"entity": "ACME*"})
    edits = (edit("2026-10-05 11:00", "entity", "ACME", "Globex"), edit("2026-10-05 12:00", "entity", "Globex", "ACME"))
    one = ticket("2026-10-05 10:00", "2026-10-05 13:00", entity="ACME", edits=edits)

    found = resolved_in_time(one, promised=promised)

    assert (found.numerator, found.n) == (1, 1)


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
