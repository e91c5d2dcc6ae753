"""Volumes and backlog add up (indicators.md §4)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from builders import contract, desk, measured, paris, quick, reopening, request, ticket
from kpi_agent.domain.contract import Scope, TicketScope
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.ticket import Kind, Reopening, State, Ticket
from kpi_agent.domain.time import DAY, HOUR

OCTOBER = request().span

# Instants that meet the edges of the month often.
instants = st.sampled_from([OCTOBER.start, OCTOBER.start - 1, OCTOBER.end, OCTOBER.end - 1]) | st.integers(
    OCTOBER.start - 10 * DAY, OCTOBER.end + 10 * DAY
)


@st.composite
def lives(draw: st.DrawFn) -> Ticket:
    """A ticket that was opened, perhaps resolved and reopened some times, and may be withdrawn in the end."""
    moments = sorted(draw(st.lists(instants, min_size=1, max_size=7)))
    opened, rest = moments[0], moments[1:]
    back = tuple(Reopening(a, b) for a, b in zip(rest[0::2], rest[1::2], strict=False))
    last = rest[-1] if len(rest) % 2 else None
    ended = st.sampled_from([State.RESOLVED, State.CLOSED, State.CANCELLED])
    state = State.IN_PROGRESS if last is None else draw(ended)
    told = draw(st.sampled_from(["resolved", "closed"])) if last is not None else "resolved"
    return ticket(opened, state=state, reopenings=back, id="T", **{told: last})


def flow(facts: Facts, *, now: int | str = "2027-01-01 00:00") -> tuple[Counter[str], Counter[str]]:
    asked = request(now=now)
    volume, backlog = measured("volume", facts, asked), measured("backlog", facts, asked)
    return Counter(volume.details), Counter(backlog.details)


@quick
@given(st.lists(lives(), max_size=8), st.none() | st.integers(-5 * DAY, 40 * DAY))
def test_start_opened_and_reopened_equal_resolved_withdrawn_and_end(told: list[Ticket], ahead: int | None) -> None:
    tickets = [replace(one, id=f"T{n}") for n, one in enumerate(told)]
    newest = paris("2027-01-01 00:00") if ahead is None else OCTOBER.start + ahead

    volume, backlog = flow(desk(*tickets, newest=newest))

    assert (
        backlog["start"] + volume["opened"] + volume["reopened"]
        == volume["resolved"] + volume["withdrawn"] + backlog["end"]
    )


@quick
@given(st.lists(lives(), max_size=8))
def test_each_month_starts_with_what_the_last_one_ended_with(told: list[Ticket]) -> None:
    facts = desk(*(replace(one, id=f"T{n}") for n, one in enumerate(told)))

    october = measured("backlog", facts, request(period="2026-10"))
    november = measured("backlog", facts, request(period="2026-11"))

    assert october.details["end"] == november.details["start"] == october.value


@quick
@given(lives())
def test_flows_are_counted_event_by_event(one: Ticket) -> None:
    last = one.resolved if one.resolved is not None else one.closed
    late = [r for r in one.reopenings if r.reopened - r.resolved > 72 * HOUR]
    resolved = [r.resolved for r in late]
    if last is not None and one.state is not State.CANCELLED:
        resolved.append(last)

    volume, backlog = flow(desk(one))

    assert volume["opened"] == (one.opened in OCTOBER)
    assert volume["resolved"] == sum(at in OCTOBER for at in resolved)
    assert volume["reopened"] == sum(r.reopened in OCTOBER for r in late)
    assert volume["withdrawn"] == (one.state is State.CANCELLED and last is not None and last in OCTOBER)
    assert backlog["end"] == sum(backlog[f"age_{name}"] for name in ("under_1d", "under_7d", "under_30d", "older"))


def test_a_ticket_opened_as_the_month_ends_belongs_to_the_next_one() -> None:
    facts = desk(ticket("2026-11-01 00:00"))

    assert measured("backlog", facts, request(period="2026-10")).value == 0
    assert measured("volume", facts, request(period="2026-10")).value == 0
    assert measured("volume", facts, request(period="2026-11")).value == 1
    assert measured("backlog", facts, request(period="2026-11")).details["start"] == 0


def test_a_ticket_resolved_as_the_month_ends_is_open_at_its_end() -> None:
    facts = desk(ticket("2026-10-20 00:00", "2026-11-01 00:00"))

    assert measured("backlog", facts, request(period="2026-10")).value == 1
    assert measured("volume", facts, request(period="2026-11")).details["resolved"] == 1


def test_open_tickets_stand_in_classes_of_age_at_the_end() -> None:
    end = paris("2026-11-01 00:00")
    ages = {
        "age_under_1d": [1, DAY - 1],
        "age_under_7d": [DAY, 7 * DAY - 1],
        "age_under_30d": [7 * DAY],
        "age_older": [30 * DAY],
    }
    facts = desk(*(ticket(end - age, id=f"T{age}", state=State.NEW) for some in ages.values() for age in some))

    details = measured("backlog", facts).details

    assert {name: details[name] for name in ages} == {name: len(some) for name, some in ages.items()}


def test_the_backlog_tells_how_many_are_breached_already() -> None:
    facts = desk(
        ticket("2026-10-31 19:00", id="late"),
        ticket("2026-10-31 21:00", id="in time"),
        ticket("2026-10-01 19:00", "2026-10-02 19:00", id="done late"),
    )

    assert measured("backlog", facts).details["breached"] == 1


def test_a_ticket_that_was_resolved_nobody_knows_when_is_not_open() -> None:
    volume, backlog = flow(desk(ticket("2026-10-05 10:00", state=State.CLOSED)))

    assert (volume["opened"], volume["resolved"], backlog["end"]) == (1, 1, 0)


def test_a_running_month_counts_up_to_what_is_known() -> None:
    facts = desk(ticket("2026-10-05 10:00", "2026-10-06 10:00"), newest="2026-10-05 20:00")

    volume, backlog = flow(facts, now="2026-10-05 20:10")

    assert (volume["opened"], volume["resolved"], backlog["end"]) == (1, 0, 1)


def test_without_any_observation_a_count_is_not_zero_but_unknown() -> None:
    assert measured("volume", desk(observed=[])).value is None
    assert measured("backlog", desk(observed=[])).value is None


def test_requests_are_no_incidents_and_have_readings_of_their_own() -> None:
    facts = desk(ticket("2026-10-05 10:00", id="A"), ticket("2026-10-05 10:00", id="B", kind=Kind.REQUEST))

    assert measured("volume", facts).value == 1
    assert measured("volume", facts, request(scope=Scope(kind="request"))).value == 1


def test_the_contract_covers_the_tickets_that_its_patterns_match_whatever_their_case() -> None:
    deal = contract(tickets=TicketScope("desk", {"entity": "ACME*", "group": "run"}))
    facts = desk(
        ticket("2026-10-05 10:00", id="A", entity="acme > lyon", group="RUN"),
        ticket("2026-10-05 10:00", id="B", entity="Globex", group="run"),
        ticket("2026-10-05 10:00", id="C", entity="ACME", group=None),
    )

    assert measured("volume", facts, request(deal)).value == 1


def test_a_ticket_reopened_late_is_opened_once_and_resolved_twice() -> None:
    back = (reopening("2026-10-06 10:00", "2026-10-15 10:00"),)

    volume, _ = flow(desk(ticket("2026-10-05 10:00", "2026-10-20 10:00", reopenings=back)))

    assert volume == Counter(opened=1, resolved=2, reopened=1, withdrawn=0)


def test_a_ticket_reopened_within_the_window_was_never_resolved_in_between() -> None:
    back = (reopening("2026-10-30 10:00", "2026-11-01 10:00"),)
    facts = desk(ticket("2026-10-05 10:00", "2026-11-02 10:00", reopenings=back))

    volume, backlog = flow(facts)

    assert volume == Counter(opened=1, resolved=0, reopened=0, withdrawn=0)
    assert backlog["end"] == 1
    assert measured("volume", facts, request(period="2026-11")).details["resolved"] == 1


def test_the_old_resolution_left_on_a_reopened_ticket_does_not_close_it() -> None:
    back = (reopening("2026-10-30 10:00", "2026-10-31 10:00"),)
    one = ticket(
        "2026-10-05 10:00", "2026-10-30 10:00", state=State.CLOSED, closed="2026-11-02 10:00", reopenings=back
    )  # fmt: skip

    assert measured("backlog", desk(one)).value == 1


def test_a_closed_month_has_running_only_what_ran_at_its_end() -> None:
    facts = desk(
        ticket("2026-10-31 23:00", "2026-11-01 01:00", id="MET_SINCE"),
        ticket("2026-10-31 22:00", "2026-11-02 09:00", id="BREACHED_SINCE"),
        ticket("2026-10-31 10:00", "2026-10-31 11:00", id="OVER"),
        ticket("2026-11-01 00:00", id="OF_THE_EDGE"),
        ticket("2026-11-02 08:00", id="OF_NOVEMBER"),
        newest="2026-11-03 07:00",
    )

    found = measured("resolve_in_time", facts, request(now="2026-11-03 07:00"))

    assert (found.n, found.details["running"]) == (1, 2)


def test_what_happened_at_the_last_instant_known_is_counted_and_nothing_after_it() -> None:
    facts = desk(
        ticket("2026-10-05 10:00", id="at it"), ticket(paris("2026-10-05 10:00") + 1, id="after"), newest="2026-10-06"
    )

    volume, backlog = flow(facts, now="2026-10-05 10:00")

    assert (volume["opened"], backlog["end"]) == (1, 1)


def test_a_lost_ticket_leaves_the_backlog_in_the_month_of_the_last_export_that_held_it() -> None:
    back = (reopening("2026-10-06 10:00", "2026-10-20 10:00"),)
    facts = desk(ticket("2026-10-05 10:00", reopenings=back, id="gone"), ticket("2026-10-05 10:00", id="open"))
    gone = Facts(tickets=replace(facts.tickets, lost={"gone": paris("2026-11-05 10:00")}))

    told = {
        month: (
            measured("volume", gone, request(period=month)).details["lost"],
            measured("backlog", gone, request(period=month)).details["end"],
        )
        for month in ("2026-10", "2026-11", "2026-12")
    }

    assert told == {"2026-10": (0, 2), "2026-11": (1, 1), "2026-12": (0, 1)}


def test_a_breach_of_an_earlier_taking_up_is_one_in_the_backlog_too() -> None:
    back = (reopening("2026-10-06 10:00", "2026-10-31 23:30"),)  # the first time too late, the second still in time

    assert measured("backlog", desk(ticket("2026-10-05 10:00", reopenings=back))).details["breached"] == 1
