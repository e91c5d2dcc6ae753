"""What ServiceNow's event logs may hold besides what tests/desks/servicenow.py exports (inputs.md A3)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_agent.domain.export import Export
from kpi_agent.domain.ticket import Hold, HoldReason, PriorityChange, Reopening, State

Reader = Callable[..., Export]
FIRST_OCTOBER = 1_790_812_800  # 2026-10-01T00:00:00Z


def at(hour: int, minute: int = 0, *, day: int = 1) -> int:
    return FIRST_OCTOBER + (day - 1) * 86400 + hour * 3600 + minute * 60


def test_a_log_is_reduced_to_its_last_rows(read: Reader, exports: Path) -> None:
    export = read((exports / "servicenow-log.csv").read_bytes(), "servicenow", timezone="UTC")

    assert export.is_event_log
    assert export.cannot_tell == frozenset()
    assert (export.rows, len(export.tickets)) == (13, 2)
    first = export.tickets[0]
    assert (first.state, first.priority, first.desk_met, first.reopen_count) == (State.CLOSED, "P2", False, 1)
    assert first.opened == at(8)
    assert first.resolved == at(10, day=2)
    assert first.closed == first.updated == at(10, day=13)
    assert first.origin.line == 12


def test_the_response_is_the_first_row_in_a_working_state(read: Reader, exports: Path) -> None:
    worked, held = read((exports / "servicenow-log.csv").read_bytes(), "servicenow", timezone="UTC").tickets

    assert worked.responded == at(8, 20)
    assert held.responded == at(9, day=3)


def test_waiting_rows_with_one_reason_are_one_hold_up_to_the_next_row(read: Reader, exports: Path) -> None:
    worked, held = read((exports / "servicenow-log.csv").read_bytes(), "servicenow", timezone="UTC").tickets

    assert worked.holds == (Hold(at(9), at(10), HoldReason.CUSTOMER), Hold(at(10), at(12), HoldReason.VENDOR))
    assert held.holds == (Hold(at(9, day=3), None, HoldReason.CHANGE),)


def test_a_reopening_begins_at_the_first_resolved_row_and_a_row_without_a_state_is_none(
    read: Reader, exports: Path
) -> None:
    worked = read((exports / "servicenow-log.csv").read_bytes(), "servicenow", timezone="UTC").tickets[0]

    assert worked.reopenings == (Reopening(at(13), at(9, day=2)),)


def test_priority_changes_are_dated_by_their_row(read: Reader, exports: Path) -> None:
    worked = read((exports / "servicenow-log.csv").read_bytes(), "servicenow", timezone="UTC").tickets[0]

    assert worked.priority_changes == (PriorityChange(at(9), "P3", "P2"),)


def test_rows_out_of_order_are_put_in_order_of_time(read: Reader, exports: Path) -> None:
    lines = (exports / "servicenow-log.csv").read_text().splitlines(keepends=True)
    shuffled = "".join([lines[0], *reversed(lines[1:12]), *lines[12:]])

    straight = read("".join(lines), "servicenow", timezone="UTC").tickets[0]
    crooked = read(shuffled, "servicenow", timezone="UTC").tickets[0]

    assert crooked.holds == straight.holds
    assert crooked.reopenings == straight.reopenings
    assert crooked.state is State.CLOSED


LOG = "number,state,opened_at,sys_updated_on,resolved_at\n"


def test_among_rows_of_one_instant_the_later_line_is_later(read: Reader) -> None:
    rows = (
        "INC1,New,2026-10-01 08:00:00,2026-10-01 08:00:00,\n"
        "INC1,Resolved,2026-10-01 08:00:00,2026-10-01 09:00:00,2026-10-01 09:00:00\n"
        "INC1,Closed,2026-10-01 08:00:00,2026-10-01 09:00:00,2026-10-01 09:00:00\n"
    )

    assert read(LOG + rows, "servicenow", timezone="UTC").tickets[0].state is State.CLOSED


def test_a_ticket_with_one_bad_row_is_rejected_whole(read: Reader) -> None:
    rows = (
        "INC1,New,2026-10-01 08:00:00,2026-10-01 08:00:00,\n"
        "INC1,Dreaming,2026-10-01 08:00:00,2026-10-01 09:00:00,\n"
        "INC1,Closed,2026-10-01 08:00:00,2026-10-01 10:00:00,\n"
        "INC2,New,2026-10-01 08:00:00,2026-10-01 08:00:00,\n"
    )

    export = read(LOG + rows, "servicenow", timezone="UTC")

    assert [t.id for t in export.tickets] == ["INC2"]
    assert export.rows == 4
    assert [(r.line, r.code) for r in export.rejected] == [
        (2, "incomplete_history"),
        (3, "unknown_state"),
        (4, "incomplete_history"),
    ]


def test_a_ticket_with_a_row_of_a_wrong_width_is_rejected_whole(read: Reader) -> None:
    rows = (
        "INC1,New,2026-10-01 08:00:00,2026-10-01 08:00:00,\n"
        "INC1,Active,2026-10-01 08:00:00\n"
        "INC2,New,2026-10-01 08:00:00,2026-10-01 08:00:00,\n"
        "INC2,Active,2026-10-01 08:00:00,2026-10-01 09:00:00,\n"
    )

    export = read(LOG + rows, "servicenow", timezone="UTC")

    assert [t.id for t in export.tickets] == ["INC2"]
    assert [(r.line, r.code) for r in export.rejected] == [(2, "incomplete_history"), (3, "field_count")]


def test_the_same_row_twice_makes_no_event_log(read: Reader) -> None:
    row = "INC1,Active,2026-10-01 08:00:00,2026-10-01 09:00:00,\n"

    export = read(LOG + row + row, "servicenow", timezone="UTC")

    assert not export.is_event_log
    assert [t.responded for t in export.tickets] == [None]
    assert [r.code for r in export.rejected] == ["repeated_id"]


def test_an_empty_wait_is_no_hold(read: Reader) -> None:
    rows = (
        "INC1,Awaiting Vendor,2026-10-01 08:00:00,2026-10-01 09:00:00,\n"
        "INC1,Active,2026-10-01 08:00:00,2026-10-01 09:00:00,\n"
        "INC1,Active,2026-10-01 08:00:00,2026-10-01 10:00:00,\n"
    )

    assert read(LOG + rows, "servicenow", timezone="UTC").tickets[0].holds == ()


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        ("Awaiting User Info", "", HoldReason.CUSTOMER),
        ("Awaiting Evidence", "", HoldReason.OTHER),
        ("Awaiting Problem", "", HoldReason.PROBLEM),
        ("On Hold", "4", HoldReason.VENDOR),
        ("3", "", None),  # a raw state: which wait it is differs between releases
        ("3", "1", HoldReason.CUSTOMER),
    ],
)
def test_why_a_ticket_waits(read: Reader, state: str, reason: str, expected: HoldReason | None) -> None:
    content = (
        "number,state,opened_at,sys_updated_on,hold_reason\n"
        "INC1,New,2026-10-01 08:00:00,2026-10-01 08:00:00,\n"
        f"INC1,{state},2026-10-01 08:00:00,2026-10-01 09:00:00,{reason}\n"
    )

    assert [h.reason for h in read(content, "servicenow", timezone="UTC").tickets[0].holds] == [expected]


LIST = "number,state,opened_at,sys_updated_on\n" + "".join(
    f"INC{n},Closed,2026-10-01 08:00:00,2026-10-02 08:{n:02}:00\n" for n in range(10, 50)
)


def test_a_list_whose_pages_overlap_is_no_event_log(read: Reader) -> None:
    """One ticket changed between two pages: as a log, all forty would count as answered when they were closed."""
    export = read(LIST + "INC10,Closed,2026-10-01 08:00:00,2026-10-03 09:00:00\n", "servicenow", timezone="UTC")

    assert not export.is_event_log
    assert "responded" in export.cannot_tell
    assert [(r.line, r.code) for r in export.rejected] == [(2, "repeated_id")]
    assert {t.responded for t in export.tickets} == {None}


def test_a_log_is_one_although_some_tickets_have_one_row_only(read: Reader) -> None:
    rows = "".join(f"INC{n},On Hold,2026-10-01 08:00:00,2026-10-02 09:{n:02}:00\n" for n in range(10, 31))
    export = read(LIST + rows, "servicenow", timezone="UTC")

    assert export.is_event_log
    assert len(export.tickets) == 40
