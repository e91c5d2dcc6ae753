"""All months of a random estate together: each thing promised is judged once, and each month's flow adds up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from builders import calendar, contract, desk, measured, paris, quick, request, terms, ticket
from kpi_agent.domain.contract import TicketScope
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.ticket import Hold, HoldReason, Reopening, State, Ticket
from kpi_agent.domain.time import DAY, HOUR, MINUTE
from wall_clock import read_wall

FIRST, NOW = paris("2026-08-01"), paris("2027-03-01")
MONTHS = ("2026-08", "2026-09", "2026-10", "2026-11", "2026-12", "2027-01", "2027-02")
SHOP = calendar("08:00-12:00, 14:00-18:00", holidays={"2026-11-11": "Armistice"}, closed=["2026-11-02"])
LIMITS = {"P1": (30, 240), "P2": (120, 960), "P3": (1440, 43_200)}  # minutes to respond and to resolve
DEAL = contract(
    priorities={"P1": terms("30m", "4h"), "P2": terms("120m", "960m", SHOP), "P3": terms("1d", "30d")},
    start="2026-01-01",
)
WINDOW = 72 * HOUR
Told = tuple[int, str]  # decided when, and how


@cache
def open_minutes(priority: str) -> bytes:
    """1 for each minute since ``FIRST`` in which the priority's clock runs, read off the wall in Paris."""
    shown = read_wall("Europe/Paris", FIRST, (NOW - FIRST) // HOUR).shown
    if priority != "P2":
        return b"\1" * len(shown)
    shut = {wall_day("2026-11-11"), wall_day("2026-11-02")}
    return bytes(
        (at // DAY + 3) % 7 < 5 and at // DAY not in shut and at % DAY // HOUR in {8, 9, 10, 11, 14, 15, 16, 17}
        for at in shown
    )


def wall_day(text: str) -> int:
    return (paris(text) + 12 * HOUR) // DAY


def minute(instant: int) -> int:
    return (instant - FIRST) // MINUTE


def last_minute_within(priority: str, start: int, limit: int, stood: Sequence[tuple[int, int]]) -> int | None:
    """The instant at which a clock that stands in some stretches has gone *limit* minutes and would go on."""
    running = bytearray(open_minutes(priority))
    for begin, end in stood:
        running[minute(begin) : minute(end)] = bytes(max(0, minute(end) - minute(begin)))
    at = minute(start)
    for _ in range(limit + 1):
        at = running.find(1, at) + 1
        if at == 0:
            return None
    return FIRST + (at - 1) * MINUTE


def judged(done: int | None, deadline: int | None, *, gone: int | None = None) -> Told | None:
    """Met when done in time, else breached at the deadline; what is *gone* by then only counts as breached."""
    if gone is not None:
        return (deadline, "breached") if deadline is not None and deadline < gone else None
    if done is not None and (deadline is None or done <= deadline):
        return done, "met"
    return (deadline, "breached") if deadline is not None else None


def expected_resolutions(one: Ticket) -> list[Told | None]:
    """One entry for each taking-up of the ticket, None where nothing is decided."""
    assert one.priority is not None
    stops = {HoldReason.CUSTOMER, None}
    holds = [(h.start, NOW if h.end is None else h.end) for h in one.holds if h.reason in stops]
    told, start, pauses = [], one.opened, list[tuple[int, int]]()
    for back in one.reopenings:
        if back.reopened - back.resolved <= WINDOW:
            pauses.append((back.resolved, back.reopened))
            continue
        due = last_minute_within(one.priority, start, LIMITS[one.priority][1], [*holds, *pauses])
        told.append(judged(back.resolved, due))
        start, pauses = back.reopened, []
    due = last_minute_within(one.priority, start, LIMITS[one.priority][1], [*holds, *pauses])
    told.append(judged(one.resolved, due, gone=one.closed if one.state is State.CANCELLED else None))
    return told


def expected_response(one: Ticket) -> Told | None:
    """Holds do not stop this clock; without a response, the first resolution says by when there was one."""
    assert one.priority is not None
    due = last_minute_within(one.priority, one.opened, LIMITS[one.priority][0], [])
    was_taken_up_anew = any(back.reopened - back.resolved > WINDOW for back in one.reopenings)
    if one.state is State.CANCELLED and not was_taken_up_anew:
        assert one.closed is not None
        told = judged(one.responded, due, gone=one.closed)
        is_late = one.responded is None or (due is not None and one.responded > due)
        return told if is_late else None
    first = one.reopenings[0].resolved if one.reopenings else (one.resolved or one.closed)
    if one.responded is None and first is not None:
        in_time = judged(first, due)
        return in_time if in_time is None or in_time[1] == "met" else (in_time[0], "undetermined")
    return judged(one.responded, due)


@st.composite
def lives(draw: st.DrawFn) -> Ticket:
    """A ticket with a life of its own, on whole minutes: worked on, held, resolved, reopened, withdrawn."""
    step = st.sampled_from([0, 10, 30, 31, 120, 121, 240, 241, 960]) | st.integers(0, 12_000)
    at = opened = FIRST + MINUTE * draw(st.integers(0, 150_000))
    responded = at + MINUTE * draw(step) if draw(st.integers(0, 3)) else None
    holds = []
    for reason in draw(st.lists(st.sampled_from([HoldReason.CUSTOMER, HoldReason.VENDOR, None]), max_size=2)):
        begin = opened + MINUTE * draw(step)
        end = None if draw(st.integers(0, 9)) == 0 else begin + MINUTE * draw(step)
        holds.append(Hold(begin, end, reason))
    at = opened if responded is None else responded
    backs = []
    for gap in draw(st.lists(st.sampled_from([60, 72 * 60, 72 * 60 + 1, 14_400]), max_size=2)):
        resolved = at + MINUTE * draw(step)
        backs.append(Reopening(resolved, resolved + MINUTE * gap))
        at = backs[-1].reopened
    state = draw(st.sampled_from([State.IN_PROGRESS, State.RESOLVED, State.RESOLVED, State.CLOSED, State.CANCELLED]))
    last = at + MINUTE * draw(step)
    return ticket(
        opened,
        last if state in {State.RESOLVED, State.CLOSED} else None,
        id="T",
        priority=draw(st.sampled_from(sorted(LIMITS))),
        state=state,
        closed=last + MINUTE * draw(step) if state in {State.CLOSED, State.CANCELLED} else None,
        responded=responded,
        holds=tuple(holds),
        reopenings=tuple(backs),
    )


estates = st.lists(lives(), min_size=1, max_size=6).map(
    lambda told: [replace(one, id=f"T{number}") for number, one in enumerate(told)]
)


def by_month(told: Sequence[Told | None]) -> dict[str, Counter[str]]:
    edges = [*(paris(f"{month}-01") for month in MONTHS), NOW]
    return {
        month: Counter(verdict for at, verdict in filter(None, told) if start <= at < end)
        for month, (start, end) in zip(MONTHS, pairwise(edges), strict=True)
    }


def read_month(indicator: str, facts: Facts, month: str) -> Counter[str]:
    reading = measured(indicator, facts, request(DEAL, month, now=NOW))
    met = reading.numerator or 0
    return Counter(met=met, breached=reading.n - met, undetermined=reading.undetermined)


@settings(quick, max_examples=80)
@given(estates)
def test_each_resolution_is_judged_once_in_the_month_that_a_count_of_minutes_names(estate: list[Ticket]) -> None:
    facts = desk(*estate, newest=NOW)
    told = [verdict for one in estate for verdict in expected_resolutions(one)]

    found = {month: read_month("resolve_in_time", facts, month) for month in MONTHS}

    assert found == by_month(told)
    late = sum(b.reopened - b.resolved > WINDOW for one in estate for b in one.reopenings)
    undecided = sum(one.state is State.CANCELLED or any(h.end is None for h in one.holds) for one in estate)
    total = sum(count.total() for count in found.values())
    assert len(estate) + late - undecided <= total == sum(verdict is not None for verdict in told)


@settings(quick, max_examples=80)
@given(estates)
def test_each_response_is_judged_once_in_the_month_that_a_count_of_minutes_names(estate: list[Ticket]) -> None:
    facts = desk(*estate, newest=NOW)

    found = {month: read_month("respond_in_time", facts, month) for month in MONTHS}

    assert found == by_month([expected_response(one) for one in estate])
    withdrawn = sum(one.state is State.CANCELLED for one in estate)
    assert len(estate) - withdrawn <= sum(count.total() for count in found.values()) <= len(estate)


@settings(quick, max_examples=80)
@given(estates)
def test_every_month_begins_where_the_last_one_ended_and_its_flow_adds_up(estate: list[Ticket]) -> None:
    facts = desk(*estate, newest=NOW)
    before, opened, gone = 0, 0, 0

    for month in MONTHS:
        asked = request(DEAL, month, now=NOW)
        volume, backlog = measured("volume", facts, asked), measured("backlog", facts, asked)
        flow, stock = volume.details, backlog.details
        assert stock["start"] == before
        assert stock["start"] + flow["opened"] + flow["reopened"] == flow["resolved"] + flow["withdrawn"] + stock["end"]
        before, opened = stock["end"], opened + flow["opened"]
        gone += flow["resolved"] + flow["withdrawn"] - flow["reopened"]

    assert opened == len(estate)
    assert before == opened - gone == sum(one.state is State.IN_PROGRESS for one in estate)


CHANGES = ("2026-01-01", "2026-09-14", "2026-11-01", "2026-12-24")
MOVING = contract(
    *(
        replace(DEAL.latest, effective_from=date.fromisoformat(day), tickets=TicketScope(source))
        for day, source in zip(CHANGES, ("old", "desk", "old", "new"), strict=True)
    )
)


def of_their_desks(estate: Sequence[Ticket]) -> Facts:
    """Return the estate with each ticket in the desk that the contract named when it was opened, some with one id."""
    edges = [paris(f"{day} 00:00") for day in CHANGES]
    named = [("old", "desk", "old", "new")[sum(edge <= t.opened for edge in edges) - 1] for t in estate]
    desks = {
        name: desk(
            *(replace(t, source=name, id=f"T{n}") for n, t in enumerate(mine)),
            newest=NOW,
        ).tickets
        for name in ("new", "old", "desk")
        for mine in [[t for t, its in zip(estate, named, strict=True) if its == name]]
    }
    return Facts(replace(desks["new"], former=(desks["old"], desks["desk"])))


@settings(quick, max_examples=80)
@given(estates)
def test_changes_of_desk_change_no_figure_of_any_month(estate: list[Ticket]) -> None:
    one, several = desk(*estate, newest=NOW), of_their_desks(estate)

    for month in MONTHS:
        asked = request(DEAL, month, now=NOW)
        moving = replace(request(MOVING, month, now=NOW), span=asked.span)
        for indicator in ("resolve_in_time", "respond_in_time", "time_to_resolve", "volume", "backlog", "reopen_rate"):
            still, moved = measured(indicator, one, asked), measured(indicator, several, moving)
            assert replace(moved, evidence=still.evidence) == still
