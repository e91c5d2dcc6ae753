"""The generic profile: normalised names, ISO dates, and what a row must have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.export import Export
from kpi_agent.domain.source import Contains, Profile
from kpi_agent.domain.ticket import Basis, HoldTotal, Kind, State
from kpi_agent.domain.time import to_utc_text

Reader = Callable[..., Export]
Profiles = Callable[[str], Profile]
HEAD = "id,state,opened\n"
GOOD = "1,closed,2026-10-01 08:00\n"


def test_dates_with_an_offset_need_no_zone(read: Reader) -> None:
    rows = "1,new,2026-10-01T08:00:00+02:00\n2,new,2026-10-01T06:00Z\n3,new,2026-10-01T01:00:00.250-0500\n"

    export = read(HEAD + rows, timezone="Asia/Tokyo")

    assert {to_utc_text(t.opened) for t in export.tickets} == {"2026-10-01T06:00:00Z"}


def test_dates_without_one_are_in_the_sources_zone(read: Reader) -> None:
    export = read(HEAD + "1,new,2026-10-01 08:00\n2,new,2026-10-01 08:00:30\n", timezone="Asia/Tokyo")

    assert [to_utc_text(t.opened) for t in export.tickets] == ["2026-09-30T23:00:00Z", "2026-09-30T23:00:30Z"]


def test_a_local_time_that_never_was_is_the_end_of_the_gap(read: Reader) -> None:
    export = read(HEAD + "1,new,2026-03-29 02:30\n")

    assert to_utc_text(export.tickets[0].opened) == "2026-03-29T01:00:00Z"


def test_every_field_that_a_desk_may_tell(read: Reader) -> None:
    content = (
        "id;kind;title;state;priority;category;entity;service;host;group;opened;responded;resolved;closed;updated;"
        "reopen_count;hold_total;time_spent;problem;url;desk_met\n"
        "A-1;request;Slow;closed;P3;Mail;ACME;mail;mail01;Run;2026-10-01 08:00;2026-10-01 08:10;2026-10-01 09:00;"
        "2026-10-02 09:00;2026-10-02 09:00;2;600;1 h 30 min;PRB1;https://desk.example/A-1;yes\n"
    )
    export = read(content, timezone="UTC", hold_basis=Basis.WALL)

    ticket = export.tickets[0]
    assert (ticket.id, ticket.kind, ticket.title, ticket.state) == ("A-1", Kind.REQUEST, "slow", State.CLOSED)
    assert (ticket.priority, ticket.category, ticket.entity, ticket.service) == ("P3", "Mail", "ACME", "mail")
    assert (ticket.host, ticket.group, ticket.problem) == ("mail01", "Run", "PRB1")
    assert ticket.responded == ticket.opened + 600
    assert ticket.reopen_count == 2
    assert ticket.hold_total == HoldTotal(600, Basis.WALL)
    assert ticket.time_spent == 5400
    assert ticket.url == "https://desk.example/A-1"
    assert ticket.desk_met is True
    assert export.cannot_tell == frozenset()


def test_a_column_that_is_not_there_cannot_be_told(read: Reader) -> None:
    assert read(HEAD + GOOD).cannot_tell == {"responded", "resolved", "holds", "reopenings"}


@pytest.mark.parametrize(
    ("header", "row", "code"),
    [
        ("id,state,opened", ",closed,2026-10-01 08:00", "no_id"),
        ("id,state,opened", "2,closed,", "no_opening"),
        ("id,state,opened", "2,,2026-10-01 08:00", "no_state"),
        ("id,state,opened", "2,dreaming,2026-10-01 08:00", "unknown_state"),
        ("id,state,opened", "2,closed,2026-02-30 08:00", "unreadable_date"),
        ("id,state,opened", "2,closed,٢٠٢٦-10-01 08:00", "unreadable_date"),
        ("id,state,opened", "2,closed,2026-10-01 08:0", "unreadable_date"),
        ("id,state,opened", "2,closed,2026-10-01", "unreadable_date"),
        ("id,state,opened", "2,closed,0026-10-01 08:00", "unreadable_date"),
        ("id,state,opened", "2,closed,2027-10-01 08:00", "in_future"),
        ("id,state,opened", "2,closed,2026-10-01 08:00,x", "field_count"),
        ("id,state,opened", "2,closed", "field_count"),
        ("id,state,opened", ",,", "empty_row"),
        ("id,state,opened,priority", "2,closed,2026-10-01 08:00,P9", "unknown_priority"),
        ("id,state,opened,kind", "2,closed,2026-10-01 08:00,wish", "unknown_kind"),
        ("id,state,opened,desk_met", "2,closed,2026-10-01 08:00,maybe", "unknown_flag"),
        ("id,state,opened,reopen_count", "2,closed,2026-10-01 08:00,1_000", "unreadable_number"),
        ("id,state,opened,reopen_count", "2,closed,2026-10-01 08:00,nan", "unreadable_number"),
        ("id,state,opened,reopen_count", "2,closed,2026-10-01 08:00,٣", "unreadable_number"),
        ("id,state,opened,time_spent", "2,closed,2026-10-01 08:00,1e9", "unreadable_duration"),
        ("id,state,opened,time_spent", "2,closed,2026-10-01 08:00,-60", "negative_duration"),
        ("id,state,opened,resolved", "2,closed,2026-10-01 08:00,2026-10-01 07:59", "resolved_before_opened"),
        ("id,state,opened,responded", "2,closed,2026-10-01 08:00,2026-10-01 07:59", "responded_before_opened"),
        ("id,state,opened,closed", "2,closed,2026-10-01 08:00,2026-10-01 07:59", "closed_before_opened"),
        ("id,state,opened,resolved", "2,closed,2026-10-01 08:00,2027-10-01 07:59", "in_future"),
    ],
)
def test_a_row_that_cannot_be_trusted_is_set_aside_with_its_line_and_reason(
    read: Reader, header: str, row: str, code: str
) -> None:
    good = GOOD.strip() + "," * (header.count(",") - 2)

    export = read(f"{header}\n{good}\n{row}\n")

    assert [t.id for t in export.tickets] == ["1"]
    assert [(r.line, r.code) for r in export.rejected] == [(3, code)]
    assert export.rejected[0].reason
    assert export.rows == 2


def test_an_empty_priority_is_none_and_an_empty_kind_an_incident(read: Reader) -> None:
    ticket = read("id,state,opened,priority,kind\n1,closed,2026-10-01 08:00,,-\n").tickets[0]

    assert ticket.priority is None
    assert ticket.kind is Kind.INCIDENT


def test_five_minutes_ahead_of_the_export_is_a_clock_and_six_a_mistake(read: Reader) -> None:
    rows = "1,new,2026-10-01 10:05:00\n2,new,2026-10-01 10:05:01\n"

    export = read(HEAD + rows, as_of=1_790_848_800, timezone="UTC")

    assert [t.id for t in export.tickets] == ["1"]
    assert [r.code for r in export.rejected] == ["in_future"]


def test_of_an_id_that_repeats_the_newest_row_is_kept(read: Reader) -> None:
    rows = "1,closed,2026-10-01 08:00,2026-10-03 08:00\n1,new,2026-10-01 08:00,2026-10-02 08:00\n"

    export = read("id,state,opened,updated\n" + rows)

    assert [t.state for t in export.tickets] == [State.CLOSED]
    assert [(r.line, r.code) for r in export.rejected] == [(3, "repeated_id")]


def test_a_rejected_row_shows_no_person(read: Reader) -> None:
    header = "id,requester,assignee,state,opened,title\n"
    good = "1,Alice Durand,Bob Martin,new,2026-10-01 08:00,x\n"
    bad = "2,Alice Durand,Bob Martin,dreaming,2026-10-01 08:00,reset for alice@acme.example\n"
    short = "3,Alice Durand,Bob Martin,new\n"

    export = read(header + good + bad + short)

    shown = " ".join(r.raw + r.reason for r in export.rejected)
    assert "dreaming" in shown
    assert not [name for name in ("Alice", "Durand", "Bob", "Martin", "alice", "acme") if name in shown]
    assert export.rejected[1].raw == "9 | xxxxx xxxxxx | xxx xxxxxx | xxx"


def test_a_formula_guard_is_taken_off(read: Reader) -> None:
    ticket = read("id,state,opened,category\n1,new,2026-10-01 08:00,'-mail\n").tickets[0]

    assert ticket.category == "-mail"


def test_a_header_alone_is_no_ticket_in_a_partial_export_and_a_mistake_in_a_complete_one(read: Reader) -> None:
    week = read(HEAD, contains=Contains("updated", 8 * 86400))

    assert (week.rows, week.tickets) == (0, ())
    with pytest.raises(ExportRefused, match="a header and no row"):
        read(HEAD)


def test_a_file_without_a_state_column_is_understood_by_its_dates(read: Reader, profile: Profiles) -> None:
    bent = replace(profile("generic"), required=("id", "opened"))
    rows = "1,2026-10-01 08:00,,\n2,2026-10-01 08:00,2026-10-01 09:00,\n3,2026-10-01 08:00,,2026-10-01 09:00\n"

    export = read("id,opened,resolved,closed\n" + rows, bent)

    assert [t.state for t in export.tickets] == [State.NEW, State.RESOLVED, State.CLOSED]
