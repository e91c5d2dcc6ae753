"""JSON exports: records, lists in records, a second list, histories; and what is no JSON of that shape."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from kpi_agent.config.profiles import parse_profile
from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.export import Export
from kpi_agent.domain.source import Profile
from kpi_agent.domain.ticket import Hold, HoldReason, PriorityChange, Reopening, State, Ticket

Reader = Callable[..., Export]

OWN = b"""
profile: own
columns:
  id: [key]
  state: [fields.status.name]
  state_category: [fields.status.category]
  priority: [fields.labels, labels.name]
  category: [fields.parts.name]
  opened: [fields.created]
  settled: [fields.changed]
  updated: [fields.updated]
  time_spent: [metrics.spent]
  actor: [history.author]
dates: ["%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z"]
states: {new: [To Do], in_progress: [Doing, indeterminate], waiting: [Waiting], closed: [Done]}
priorities: {P1: ["1"], P3: ["3"]}
hold_reasons: {customer: [Waiting]}
labels: {priority: ["severity::"]}
units: {time_spent: minutes}
multi_value: "\\n"
event_log: {at: updated, working: [in_progress]}
json:
  records: [issues, ""]
  join: {name: metrics, records: metrics, key: of, to: key}
  history: {records: changes.histories, at: created, items: items, actor: author.name, fields: {status: state}}
  skip: [pull_request]
"""


def own() -> Profile:
    profile, problems = parse_profile(OWN, "own.yml")
    assert problems == ()
    assert profile is not None
    return profile


def issue(key: str, state: str = "Doing", **fields: Any) -> dict[str, Any]:
    values = {
        "status": {"name": state, "category": "indeterminate"},
        "labels": ["linux", "severity::1"],
        "created": "2026-10-05T08:00:00.500+0200",
        "updated": "2026-10-06T08:00:00Z",
    }
    return {"key": key, "fields": values | fields}


def at(text: str) -> int:
    return int(datetime.fromisoformat(f"2026-10-{text}Z").timestamp())


def test_paths_lists_labels_and_a_second_list_are_read(read: Reader) -> None:
    content = {
        "issues": [
            issue("A-1", parts=[{"name": "db"}, {"name": "web"}]),
            {**issue("A-2"), "pull_request": {}},
            issue("A-3"),
        ],
        "metrics": [{"of": "A-3", "spent": 90}, {"of": "A-1", "spent": 1.5}],
    }

    export = read(json.dumps(content), own())

    first, third = export.tickets
    assert (export.rows, export.is_event_log, export.rejected) == (2, False, ())
    assert (first.id, first.priority, first.category, first.opened) == ("A-1", "P1", "db", at("05T06:00:00"))
    assert (first.time_spent, third.time_spent) == (90, 5400)
    assert (third.id, third.origin.line) == ("A-3", 3)


def test_a_top_level_list_and_an_empty_list_are_exports(read: Reader) -> None:
    assert [t.id for t in read(json.dumps([issue("A-1")]), own()).tickets] == ["A-1"]
    with pytest.raises(ExportRefused, match="has a header and no row"):
        read("[]", own())


def test_a_state_of_ones_own_is_read_by_its_category_and_settles_the_resolution(read: Reader) -> None:
    fields = {"status": {"name": "Shipped", "category": "Done"}, "changed": "2026-10-05T10:00:00Z"}
    settled, odd = issue("A-1", **fields), issue("A-2", status={"name": "Shipped", "category": "?"})

    export = read(json.dumps([settled, odd]), own())

    assert [(t.state, t.resolved) for t in export.tickets] == [(State.CLOSED, at("05T10:00:00"))]
    assert [(r.line, r.code) for r in export.rejected] == [(2, "unknown_state")]


def change(instant: str, before: str, after: str, author: str = "a") -> dict[str, Any]:
    items = [{"field": "status", "fromString": before, "toString": after}, {"field": "Rank", "toString": "up"}]
    return {"created": f"2026-10-{instant}Z", "author": {"name": author}, "items": items}


@pytest.mark.parametrize("is_newest_first", [False, True])
def test_a_history_gives_responses_holds_and_reopenings(read: Reader, *, is_newest_first: bool) -> None:
    changes = [
        change("05T06:10:00", "To Do", "Doing", "zabbix-bot"),
        change("05T06:20:00", "Doing", "Waiting"),
        change("05T06:50:00", "Waiting", "Doing"),
        change("05T07:00:00", "Doing", "Done"),
        change("05T09:00:00", "Done", "Doing"),
    ]
    one = issue("A-1") | {"changes": {"histories": changes[::-1] if is_newest_first else changes}}
    never = issue("A-2", "To Do") | {"changes": {"histories": []}}

    export = read(json.dumps([one, never]), own(), robots=("zabbix*",))

    ticket, other = export.tickets
    assert (export.is_event_log, export.rows) == (True, 9)
    assert (ticket.state, ticket.responded, ticket.started) == (State.IN_PROGRESS, at("05T06:50:00"), at("05T06:50:00"))
    assert ticket.holds == (Hold(at("05T06:20:00"), at("05T06:50:00"), HoldReason.CUSTOMER),)
    assert ticket.reopenings == (Reopening(at("05T07:00:00"), at("05T09:00:00")),)
    assert (other.responded, other.state, other.priority_changes) == (None, State.NEW, ())
    assert ticket.updated == at("06T08:00:00")


def test_records_of_which_some_tell_no_history_are_refused(read: Reader) -> None:
    one = issue("A-1") | {"changes": {"histories": [change("05T06:10:00", "To Do", "Doing")]}}

    with pytest.raises(ExportRefused, match=r"record 2 has no list of changes at `changes\.histories`, others have"):
        read(json.dumps([one, issue("A-2")]), own())


def test_a_history_that_was_cut_is_refused(read: Reader) -> None:
    profile, _ = parse_profile(OWN.replace(b"items: items", b"items: items, total: changes.total"), "own.yml")
    assert profile is not None
    one = issue("A-1") | {"changes": {"total": 2, "histories": [change("05T06:10:00", "To Do", "Doing")]}}

    with pytest.raises(ExportRefused, match="record 1 tells 1 of 2 changes"):
        read(json.dumps([one]), profile)


def test_the_category_of_the_present_state_says_nothing_of_earlier_ones(read: Reader) -> None:
    changes = [change("05T06:10:00", "Triage", "Doing"), change("05T07:00:00", "Doing", "Shipped")]
    now = {"name": "Shipped", "category": "Done"}
    one = issue("A-1", status=now) | {"changes": {"histories": changes}}
    known = issue("A-2", status=now) | {"changes": {"histories": [changes[1]]}}

    export = read(json.dumps([one, known]), own())

    assert {r.line for r in export.rejected} == {1}
    assert "'Triage'" in export.rejected[0].reason
    assert [(t.id, t.state) for t in export.tickets] == [("A-2", State.CLOSED)]


def test_what_a_robot_did_last_is_no_response_of_a_person(read: Reader) -> None:
    changes = [change("05T06:10:00", "To Do", "Doing", "zabbix-bot")]
    moved = issue("A-1") | {"changes": {"histories": changes}}
    later = [change("05T06:30:00", "Doing", "Waiting"), change("05T06:40:00", "Waiting", "Doing")]
    taken = issue("A-2") | {"changes": {"histories": [*changes, *later]}}

    first, second = read(json.dumps([moved, taken]), own(), robots=("zabbix*",)).tickets

    assert (first.responded, first.started, second.responded) == (None, None, at("05T06:40:00"))


@pytest.mark.parametrize(
    ("around", "is_page"),
    [
        ({"total": "2"}, True),
        ({"total": 1}, False),
        ({"paging": {"next": "https://desk.example/?page=2"}}, True),
        ({"paging": {"next": None}}, False),
        ({"paging": {"next": False}}, False),
        ({}, False),
    ],
)
def test_one_page_of_several_is_taken_as_cut(read: Reader, around: dict[str, Any], *, is_page: bool) -> None:
    text = OWN.replace(b"  skip: [pull_request]", b"  skip: [pull_request]\n  more: [paging.next]\n  total: total")
    profile, problems = parse_profile(text, "own.yml")
    assert problems == ()

    export = read(json.dumps({"issues": [issue("A-1")], **around}), profile)

    assert (export.is_truncated, len(export.tickets)) == (is_page, 1)


def test_a_path_in_braces_leads_to_the_object_of_that_name(read: Reader) -> None:
    text = OWN.replace(b"  time_spent: [metrics.spent]", b'  time_spent: ["fields.{Time: all}.sum.minutes"]')
    profile, problems = parse_profile(text, "own.yml")
    assert problems == ()
    named = {
        "field_7": {"name": "Other", "sum": {"minutes": 9}},
        "field_8": {"name": "Time: all", "sum": {"minutes": 2}},
    }

    first, second = read(json.dumps([issue("A-1", **named), issue("A-2", field_8={"name": "Time"})]), profile).tickets

    assert (first.time_spent, second.time_spent) == (120, None)


def test_a_reason_left_from_before_closes_no_open_ticket(read: Reader) -> None:
    text = OWN.replace(b"closed: [Done]", b"closed: [Done], cancelled: [Duplicate]").replace(
        b"  priority:", b"  state_reason: [fields.reason]\n  priority:", 1
    )
    profile, problems = parse_profile(text, "own.yml")
    assert problems == ()
    states = {"A-1": "Doing", "A-2": "Done", "A-3": "Waiting"}

    export = read(json.dumps([issue(key, state, reason="Duplicate") for key, state in states.items()]), profile)

    assert [t.state for t in export.tickets] == [State.IN_PROGRESS, State.CANCELLED, State.WAITING]


def test_priorities_in_a_history_are_changes(read: Reader) -> None:
    text = OWN.replace(b"{status: state}", b"{severity: priority}").replace(
        b'labels: {priority: ["severity::"]}\n', b""
    )
    profile, problems = parse_profile(text, "own.yml")
    assert problems == ()
    item = {"field": "severity", "fromString": "3", "toString": "1"}
    changed = {"created": "2026-10-05T07:00:00Z", "items": [item], "author": None}
    one = issue("A-1", labels="1") | {"changes": {"histories": [changed]}}

    ticket: Ticket = read(json.dumps([one]), profile).tickets[0]

    assert ticket.priority_changes == (PriorityChange(at("05T07:00:00"), "P3", "P1"),)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('{"issues": [', "not whole JSON"),
        ('{"issues": [1]}', "record 1 is no object"),
        ('{"things": []}', "no list of tickets at `issues` or the top level .*'things'"),
        ('{"issues": [], "issues": []}', "the key 'issues' stands twice"),
        ('{"issues": [{"key": NaN}]}', "NaN is no number"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"key": "\x00"}]', "NUL character"),
        ('[{"key": "1"}]', "columns of profile own are missing: `columns.opened`"),
    ],
)
def test_what_is_no_export_of_this_shape_is_refused(read: Reader, content: str, message: str) -> None:
    with pytest.raises(ExportRefused, match=message):
        read(content, own())


def test_json_that_is_not_utf_8_is_refused_with_its_line(read: Reader) -> None:
    with pytest.raises(ExportRefused, match=r"export\.csv:2: JSON that is not UTF-8"):
        read('[\n{"key": "é"}]'.encode("cp1252"), own())
