"""What was told, and is told otherwise later (indicators.md §4)."""

from __future__ import annotations

from typing import Any

import pytest

from builders import hold, paris, reopening, ticket
from kpi_agent.domain.edits import Telling, edits
from kpi_agent.domain.ticket import Basis, Edit, HoldTotal, Kind, State, Ticket
from kpi_agent.domain.time import HOUR

MONDAY, TUESDAY = paris("2026-10-05 20:00"), paris("2026-10-06 20:00")
OPENED = "2026-10-05 10:00"


def told(*versions: Ticket) -> list[tuple[str, str | int | None, str | int | None]]:
    """Return the edits of versions exported each evening from Monday on."""
    days = [MONDAY + n * 24 * HOUR for n in range(len(versions))]
    found = edits(Telling(version, day, day) for version, day in zip(versions, days, strict=True))
    return [(edit.field, edit.before, edit.after) for edit in found]


def test_an_edit_bears_the_instant_of_the_version_that_told_it_first() -> None:
    versions = [ticket(OPENED, priority=p) for p in ("P1", "P2", "P2", "P3")]

    found = edits(Telling(v, at=100 * n, seen=100 * n + 7) for n, v in enumerate(versions))

    assert found == (
        Edit(100, "priority", "P1", "P2", known_until=7),
        Edit(300, "priority", "P2", "P3", known_until=207),
    )


def test_one_version_has_no_history() -> None:
    assert told(ticket(OPENED)) == []
    assert edits([]) == ()


def test_life_going_on_is_no_edit() -> None:
    new = ticket(OPENED)
    waiting = ticket(OPENED, state=State.WAITING, responded="2026-10-05 21:00", holds=(hold("2026-10-06 09:00", None),))
    solved = ticket(
        OPENED, "2026-10-07 11:00", responded="2026-10-05 21:00", holds=(hold("2026-10-06 09:00", "2026-10-07 10:00"),)
    )
    cancelled = ticket(OPENED, state=State.CANCELLED, closed="2026-10-07 11:00")

    assert told(new, waiting, solved) == []
    assert told(new, cancelled) == []


@pytest.mark.parametrize(
    ("field", "before", "after"),
    [
        ("priority", "P1", "P3"),
        ("priority", "P1", None),
        ("entity", "ACME > Paris", "Other"),
        ("category", None, "backup"),
        ("service", "portal", "shop"),
        ("host", "web1", "web2"),
        ("group", "run", "dev"),
        ("merged_into", None, "T9"),
    ],
)
def test_a_changed_text_is_an_edit(field: str, before: Any, after: Any) -> None:
    assert told(ticket(OPENED, **{field: before}), ticket(OPENED, **{field: after})) == [(field, before, after)]


def test_another_kind_is_an_edit_in_plain_words() -> None:
    assert told(ticket(OPENED), ticket(OPENED, kind=Kind.REQUEST)) == [("kind", "incident", "request")]


def test_an_opening_that_moved_is_an_edit() -> None:
    assert told(ticket(OPENED), ticket("2026-10-05 12:00")) == [
        ("opened", paris(OPENED), paris("2026-10-05 12:00")),
    ]


@pytest.mark.parametrize("field", ["responded", "resolved"])
def test_an_instant_that_moved_or_vanished_is_an_edit(field: str) -> None:
    early, late = paris("2026-10-05 11:00"), paris("2026-10-05 12:00")

    assert told(ticket(OPENED, **{field: late}), ticket(OPENED, **{field: early})) == [(field, late, early)]
    assert told(ticket(OPENED, **{field: late}), ticket(OPENED)) == [(field, late, None)]


@pytest.mark.parametrize("field", ["responded", "resolved"])
def test_an_instant_entered_for_a_time_told_as_not_done_is_an_edit(field: str) -> None:
    backdated, in_time = paris("2026-10-05 19:59"), paris("2026-10-05 20:00")

    assert told(ticket(OPENED), ticket(OPENED, **{field: backdated})) == [(field, None, backdated)]
    assert told(ticket(OPENED), ticket(OPENED, **{field: in_time})) == []


def test_a_resolution_that_the_history_keeps_as_reopened_is_still_told() -> None:
    solved = ticket(OPENED, "2026-10-05 12:00")
    back = (reopening("2026-10-05 12:00", "2026-10-06 09:00"),)

    assert told(solved, ticket(OPENED, reopenings=back)) == []
    assert told(solved, ticket(OPENED, "2026-10-06 15:00", reopenings=back)) == []
    assert told(solved, ticket(OPENED, "2026-10-06 15:00")) == [
        ("resolved", paris("2026-10-05 12:00"), paris("2026-10-06 15:00"))
    ]


def test_a_hold_entered_for_a_time_already_told_is_an_edit_of_the_seconds_held_until_then() -> None:
    bare = ticket(OPENED)
    held = ticket(OPENED, holds=(hold("2026-10-05 19:00", "2026-10-06 09:00"),))

    assert told(bare, held) == [("holds", 0, HOUR)]
    assert told(held, bare) == [("holds", HOUR, 0)]


def test_overlapping_holds_are_held_once() -> None:
    one = ticket(OPENED, holds=(hold("2026-10-05 12:00", "2026-10-05 14:00"),))
    two = ticket(
        OPENED, holds=(hold("2026-10-05 12:00", "2026-10-05 13:30"), hold("2026-10-05 13:00", "2026-10-05 14:00"))
    )

    assert told(one, two) == []


def test_a_wait_that_a_desk_tells_only_when_it_ends_is_no_edit() -> None:
    waiting = ticket(OPENED, state=State.WAITING)
    back = ticket(OPENED, holds=(hold("2026-10-05 12:00", "2026-10-06 09:00"),))
    more = ticket(
        OPENED, holds=(hold("2026-10-05 11:00", "2026-10-05 11:30"), hold("2026-10-05 12:00", "2026-10-06 09:00"))
    )

    assert told(waiting, back) == []
    assert told(waiting, more) == [("holds", 0, HOUR // 2)]


@pytest.mark.parametrize("end", [None, "2026-10-05 20:00", "2026-10-06 09:00"])
def test_a_wait_whose_beginning_is_told_later_is_no_edit_while_it_lasts(end: str | None) -> None:
    waiting = ticket(OPENED, state=State.WAITING)
    begun = ticket(OPENED, state=State.WAITING, holds=(hold("2026-10-05 12:00", end),))

    assert told(waiting, begun) == []


def test_a_wait_that_had_ended_before_it_was_told_as_waiting_is_an_edit() -> None:
    waiting = ticket(OPENED, state=State.WAITING)
    over = ticket(OPENED, state=State.WAITING, holds=(hold("2026-10-05 12:00", "2026-10-05 19:59"),))

    assert told(waiting, over) == [("holds", 0, 8 * HOUR - 60)]


def test_what_an_export_did_not_tell_yet_at_the_very_instant_of_the_next_change_was_not_done() -> None:
    # Dated by the desk at 12:00 and seen as the next change was made: until then nobody had answered.
    opened, answered = ticket(OPENED), ticket(OPENED, responded="2026-10-05 15:00")
    changed = paris("2026-10-05 18:00")

    found = edits([Telling(opened, paris("2026-10-05 12:00"), changed), Telling(answered, changed, TUESDAY)])

    assert [(edit.field, edit.known_until) for edit in found] == [("responded", changed)]


def test_a_response_that_moved_is_an_edit_also_where_it_was_told_as_the_instant_of_a_resolution() -> None:
    at_once = ticket(OPENED, "2026-10-05 12:00", responded="2026-10-05 12:00")
    back = (reopening("2026-10-05 12:00", "2026-10-06 09:00"),)

    moved = ticket(OPENED, responded="2026-10-05 11:00", reopenings=back)

    assert told(at_once, moved) == [("responded", paris("2026-10-05 12:00"), paris("2026-10-05 11:00"))]


def total(seconds: int | None, **parts: Any) -> Ticket:
    return ticket(OPENED, hold_total=None if seconds is None else HoldTotal(seconds, Basis.WALL), **parts)


def test_a_total_may_grow_by_the_time_that_passed_and_never_shrinks() -> None:
    day = 24 * HOUR

    assert told(total(HOUR), total(HOUR + day)) == []
    assert told(total(HOUR), total(HOUR + day + 1)) == [("hold_total", HOUR, HOUR + day + 1)]
    assert told(total(HOUR), total(HOUR - 1)) == [("hold_total", HOUR, HOUR - 1)]
    assert told(total(HOUR), total(None)) == [("hold_total", HOUR, 0)]


def test_the_total_of_a_resolved_ticket_does_not_grow() -> None:
    solved = "2026-10-05 12:00"

    assert told(total(0, resolved=solved, state=State.RESOLVED), total(1, resolved=solved, state=State.CLOSED)) == [
        ("hold_total", 0, 1)
    ]


def test_a_total_that_is_counted_when_the_wait_ends_may_hold_all_of_it() -> None:
    since_opening = TUESDAY - paris(OPENED)

    assert told(total(0, state=State.WAITING), total(since_opening)) == []
    assert told(total(0, state=State.WAITING), total(since_opening + 1)) == [("hold_total", 0, since_opening + 1)]


def test_what_either_export_cannot_tell_is_no_edit() -> None:
    blind = frozenset({"responded", "holds"})
    clear = ticket(OPENED, responded="2026-10-05 11:00", hold_total=HoldTotal(60, Basis.WALL))

    assert told(ticket(OPENED, cannot_tell=blind), clear) == []
    assert told(clear, ticket(OPENED, cannot_tell=blind)) == []


def test_an_export_dated_after_the_next_change_knew_only_what_it_told() -> None:
    """An as-of taken from an mtime may lie days after the export."""
    opened, answered = ticket(OPENED), ticket(OPENED, responded="2026-10-05 15:00")
    changed = paris("2026-10-05 15:00")

    wrongly_dated = edits([Telling(opened, paris("2026-10-05 10:00"), TUESDAY), Telling(answered, changed, TUESDAY)])

    assert wrongly_dated == ()
