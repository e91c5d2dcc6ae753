"""What ``explain`` says of a ticket whose priority changed, and of one that waits since nobody knows when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from builders import calendar, change, contract, desk, hold, paris, terms, ticket
from kpi_agent.domain.contract import TicketScope
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.ticket import Edit, HoldReason, State, Ticket
from kpi_agent.domain.verdict import Verdict
from kpi_agent.jobs.explain.answers_json import ticket_json
from kpi_agent.jobs.explain.ticket import Explanation, explain_ticket
from kpi_agent.jobs.explain.ticket_text import ticket_lines

DEAL = contract(priorities={"P1": terms("30m", "4h"), "P3": terms("4h", "24h"), "P4": terms()})
NOW = paris("2026-11-01 00:00")


def explained(one: Ticket) -> Explanation:
    return explain_ticket(DEAL, desk(one).tickets, one.id, now=NOW)


def lines(one: Ticket) -> list[str]:
    return [" ".join(line.split()) for line in ticket_lines(explained(one))]


def raised(at: str) -> Ticket:
    return ticket(
        "2026-10-05 10:00",
        "2026-10-06 12:00",
        responded="2026-10-05 10:10",
        priority="P1",
        priority_changes=(change(at, "P3", "P1"),),
    )


def test_a_change_of_priority_is_shown_with_its_instant() -> None:
    one = raised("2026-10-05 20:00")

    assert "priority P3 became P1, Mon 05 Oct 2026 20:00:00" in lines(one)
    assert ticket_json(explained(one))["priority_changes"] == [
        {"at": paris("2026-10-05 20:00"), "before": "P3", "after": "P1"}
    ]


def test_the_limit_of_the_new_priority_counts_from_the_change() -> None:
    one = raised("2026-10-05 20:00")

    assert "limit 4 h of P1, counted from Mon 05 Oct 2026 20:00:00" in lines(one)
    assert "deadline Tue 06 Oct 2026 00:00:00" in lines(one)


def test_the_limit_that_set_the_deadline_is_named_when_it_is_not_the_last_prioritys() -> None:
    one = raised("2026-10-06 09:00")
    _, resolution = ticket_json(explained(one))["clocks"]

    assert "limit 24 h of P3" in lines(one)
    assert (resolution["limit_of"], resolution["limit_since"]) == ("P3", None)


def test_a_priority_that_changed_between_two_exports_names_the_export_that_told_the_earlier_one() -> None:
    lowered = Edit(paris("2026-10-07 09:00"), "priority", "P1", "P3", known_until=paris("2026-10-05 16:00"))
    one = ticket("2026-10-05 10:00", "2026-10-06 09:00", responded="2026-10-05 10:10", priority="P3", edits=(lowered,))

    assert "an export told the earlier one still for Mon 05 Oct 2026 16:00:00" in lines(one)
    assert "limit 4 h of P1" in lines(one)
    assert ticket_json(explained(one))["edits"] == [
        {
            "at": lowered.at,
            "field": "priority",
            "before": "P1",
            "after": "P3",
            "known_until": lowered.known_until,
        }
    ]


def test_a_clock_that_something_later_stopped_ran_at_most_as_long() -> None:
    one = ticket("2026-10-05 10:00", "2026-10-05 10:20", cannot_tell=frozenset({"responded"}))
    response, resolution = ticket_json(explained(one))["clocks"]

    assert "elapsed at most 20 min (done by then)" in lines(one)
    assert (response["is_bound"], resolution["is_bound"]) == (True, False)

    closed = ticket("2026-10-05 10:00", closed="2026-10-05 12:00", state=State.CLOSED, responded="2026-10-05 10:10")

    assert "elapsed at most 2 h (done by then)" in lines(closed)


def test_the_clock_of_a_withdrawn_ticket_ends_when_it_was_withdrawn() -> None:
    one = ticket("2026-10-05 10:00", closed="2026-10-05 11:00", state=State.CANCELLED, responded="2026-10-05 10:10")

    assert [line for line in lines(one) if line.startswith("elapsed")] == [
        "elapsed 10 min (done)",
        "elapsed 1 h (then withdrawn)",
    ]


def test_times_of_the_hour_that_exists_twice_bear_their_offset() -> None:
    answered = ticket("2026-10-25 02:30", responded="2026-10-25 02:40", state=State.RESOLVED)
    one = replace(answered, resolved=answered.opened + 2700)

    assert "opened Sun 25 Oct 2026 02:30:00+02:00" in lines(one)
    assert "resolved Sun 25 Oct 2026 02:15:00+01:00" in lines(one)
    assert "counts Sun 25 Oct 2026 02:30:00+02:00 to 02:15:00+01:00 45 min" in lines(one)


def test_without_a_change_a_limit_needs_no_owner() -> None:
    assert "limit 4 h" in lines(ticket("2026-10-05 10:00", "2026-10-05 12:00"))


def test_a_breach_that_a_downgrade_to_no_promise_does_not_mend_is_shown() -> None:
    one = ticket(
        "2026-10-05 10:00",
        "2026-10-06 12:00",
        responded="2026-10-05 10:10",
        priority="P4",
        priority_changes=(change("2026-10-06 09:00", "P1", "P4"),),
    )

    assert "limit 4 h of P1" in lines(one)
    assert any(line.startswith("verdict breached") for line in lines(one))

    unranked = ticket(
        "2026-10-05 10:00",
        "2026-10-06 12:00",
        priority=None,
        priority_changes=(change("2026-10-06 09:00", "P1", None),),
    )

    assert any(line.startswith("verdict breached") for line in lines(unranked))


def test_a_deadline_that_cannot_be_named_is_not_printed() -> None:
    one = ticket("2026-10-05 10:00", state=State.WAITING, responded="2026-10-05 10:10")
    _, resolution = ticket_json(explained(one))["clocks"]

    assert "deadline cannot be named" in lines(one)
    assert "deadline Mon 05 Oct 2026 14:00:00" not in lines(one)
    assert resolution["deadline"] is None


def test_a_holiday_and_each_hold_are_told_with_what_they_do_to_the_clock() -> None:
    hours = calendar("08:00-18:00", holidays={"2026-10-06": "Fête"})
    deal = contract(priorities={"P1": terms("30m", "8h", hours)})
    waits = (
        hold("2026-10-05 12:00", "2026-10-05 13:00", HoldReason.CUSTOMER),
        hold("2026-10-05 14:00", None, HoldReason.VENDOR),
    )
    one = ticket("2026-10-05 10:00", state=State.WAITING, holds=waits)

    told = [" ".join(line.split()) for line in ticket_lines(explain_ticket(deal, desk(one).tickets, one.id, now=NOW))]

    assert "closed Tue 06 Oct 2026 Fête" in told
    assert "for customer: stops the clock" in told
    assert "for vendor: does not stop the clock" in told


def test_a_ticket_of_another_contract_says_why_it_is_out() -> None:
    deal = contract(tickets=TicketScope("desk", where={"entity": "ACME*"}))
    one = ticket("2026-10-05 10:00", "2026-10-05 12:00", entity="Globex")

    explanation = explain_ticket(deal, desk(one).tickets, one.id, now=NOW)

    assert explanation.outside == "entity is Globex, the contract covers ACME*"


def test_a_ticket_that_was_moved_out_is_explained_as_it_is_judged() -> None:
    deal = contract(tickets=TicketScope("desk", where={"entity": "ACME*"}), priorities=DEAL.latest.priorities)
    moved = Edit(paris("2026-10-06 10:00"), "entity", "ACME", "Globex")
    one = ticket("2026-10-05 10:00", "2026-10-07 12:00", priority="P1", entity="Globex", edits=(moved,))

    explanation = explain_ticket(deal, desk(one).tickets, one.id, now=NOW)

    assert (explanation.left, explanation.outside) == (moved.at, "")
    assert explanation.clocks[-1].judgement.decided == paris("2026-10-05 14:00")
    assert "  retyped or moved out of this contract, Tue 06 Oct 2026 10:00:00:" in list(ticket_lines(explanation))


def test_a_merge_names_the_ticket_that_goes_on_with_its_opening() -> None:
    merged = ticket("2026-10-05 10:00", id="A", priority="P1", merged_into="B")
    goes_on = ticket("2026-10-05 11:00", "2026-10-05 14:30", id="B", priority="P1")
    facts = desk(merged, goes_on).tickets

    gone, stays = (explain_ticket(DEAL, facts, name, now=NOW) for name in ("A", "B"))

    assert gone.survivor == "B"
    assert "  merged: B goes on, with the earliest opening and response" in list(ticket_lines(gone))
    assert stays.clocks[-1].judgement.start == merged.opened
    assert stays.clocks[-1].judgement.verdict is Verdict.BREACHED


def test_a_ticket_that_goes_on_after_a_merge_shows_the_rows_whose_opening_and_response_it_has() -> None:
    merged = ticket("2026-10-05 09:00", id="A", responded="2026-10-05 09:30", priority="P1", merged_into="B")
    goes_on = ticket("2026-10-05 10:00", "2026-10-05 17:30", id="B", responded="2026-10-05 12:30", priority="P1")

    found = explain_ticket(DEAL, desk(merged, goes_on).tickets, "B", now=NOW)
    told = [" ".join(line.split()) for line in ticket_lines(found)]

    at = told.index("goes on after a merge; the earliest opening and response of these rows count:")
    assert told[at + 1 : at + 5] == [
        "B, opened Mon 05 Oct 2026 10:00:00", "responded Mon 05 Oct 2026 12:30:00",
        "A, opened Mon 05 Oct 2026 09:00:00", "responded Mon 05 Oct 2026 09:30:00",
    ]  # fmt: skip
    assert ticket_json(found)["parts"] == [
        {"ticket": "B", "opened": goes_on.opened, "responded": goes_on.responded},
        {"ticket": "A", "opened": merged.opened, "responded": merged.responded},
    ]
    assert (found.clocks[0].judgement.done, found.clocks[0].judgement.verdict) == (merged.responded, Verdict.MET)


def test_of_merged_rows_with_durations_it_is_said_that_nobody_knows_the_first_response() -> None:
    merged = ticket("2026-10-05 09:00", id="A", response_duration=7200, merged_into="B")
    goes_on = ticket("2026-10-05 10:00", id="B", response_duration=60)

    told = lines_of(merged, goes_on)

    assert "responded after 2 h of the desk's service time" in told
    assert "which response came first is not known" in told
    assert "which response came first is not known" not in lines_of(merged, replace(goes_on, response_duration=None))


def lines_of(*tickets: Ticket) -> list[str]:
    found = explain_ticket(DEAL, desk(*tickets).tickets, "B", now=NOW)
    return [" ".join(line.split()) for line in ticket_lines(found)]


def test_a_lost_ticket_is_explained_as_of_the_last_export_that_held_it() -> None:
    one = ticket("2026-10-05 10:00", priority="P1")
    facts = replace(desk(one).tickets, lost={one.id: paris("2026-10-05 13:00")})

    explanation = explain_ticket(DEAL, facts, one.id, now=NOW)

    assert explanation.clocks[-1].judgement.verdict is Verdict.RUNNING
    assert "  note      not judged after the last export that held it" in list(ticket_lines(explanation))


def test_an_id_that_is_almost_known_names_the_ones_alike() -> None:
    with pytest.raises(NotFound, match=r"no ticket 'INC-10' .* did you mean INC-1\?"):
        explain_ticket(DEAL, desk(ticket("2026-10-05 10:00", id="INC-1")).tickets, "INC-10", now=NOW)
