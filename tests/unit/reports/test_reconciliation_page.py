"""How the figures follow from the desk's own tickets, as a reader sees it."""

from __future__ import annotations

import re
from dataclasses import replace

from kpi_agent.domain.reconciliation import (
    Balance,
    DeskFlags,
    Difference,
    Exclusion,
    HeldFor,
    HoldFigures,
    LateEdit,
    Lost,
    Overdue,
    Reconciliation,
)
from kpi_agent.domain.time import DAY, HOUR, MINUTE
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.view import Table, Topic
from sample_contract import OCTOBER, contract_of_acme
from sample_month import document_of, october
from sample_reconciliation import busy

WHOLE = Balance(
    "resolve",
    None,
    population=12,
    met=7,
    breached=2,
    undetermined=1,
    running=1,
    excluded={"withdrawn": 1},
    flow={"done": 10, "earlier": 1, "undetermined": 1, "overdue": 1},
)
P1 = replace(
    WHOLE, priority="P1", population=1, met=1, breached=0, undetermined=0, running=0, excluded={}, flow={"done": 1}
)
FOUND = Reconciliation((WHOLE, P1))
AT = OCTOBER.end - DAY


def topics(found: Reconciliation, language: str = "en") -> dict[str, Topic]:
    evaluation = replace(october()[0], reconciliation=found)
    return {t.id: t for t in build_view(document_of(evaluation, contract_of_acme()), language).topics}


def page(found: Reconciliation, language: str = "en") -> Topic:
    return topics(found, language)["reconciliation"]


def captioned(topic: Topic, begin: str) -> Table:
    return next(t for t in topic.tables if t.caption.startswith(begin))


def cells(table: Table) -> list[list[str]]:
    return [[" ".join(p for p in (c.glyph, c.text) if p).replace("\u00a0", " ") for c in row] for row in table.rows]


def test_both_sums_are_written_out_by_priority_without_the_lines_that_are_zero() -> None:
    table = captioned(page(FOUND), "From the resolutions done")

    assert [c.label for c in table.columns] == ["Resolution", "All", "P1"]
    assert cells(table) == [
        ["Resolved in the period", "10", "1"],
        ["− judged in an earlier period", "1", "0"],
        ["− undetermined: done too late, or nobody knows when", "1", "0"],
        ["+ limit passed, not done where the figures end", "1", "0"],
        ["= judged", "9", "1"],
        ["● of which in time", "7", "1"],
        ["■ of which too late", "2", "0"],
        ["+ running, limit not reached", "1", "0"],
        ["+ undetermined: done too late, or nobody knows when", "1", "0"],
        ["+ withdrawn in time", "1", "0"],
        ["= incidents of the period", "12", "1"],
    ]
    assert [row[0].is_sum for row in table.rows].count(True) == 2
    assert "add up" not in page(FOUND).lead


def test_a_sum_that_fails_stands_first() -> None:
    wrong = replace(FOUND, balances=(replace(WHOLE, population=14, met=8), P1))

    assert page(wrong).lead.startswith(
        "These sums do not add up (Resolution: 1 without a class, 1 of difference in the flow): "
    )


def test_each_difference_from_the_desks_flag_has_its_cause() -> None:
    many = tuple(Difference(f"INC-{n}", is_met_for_desk=True, verdict="breached", code="holds") for n in range(5))
    one = Difference("INC-9", is_met_for_desk=False, verdict="undetermined", code="unexplained")
    topic = page(replace(FOUND, desk=DeskFlags(9, 2, (*many, one))))

    assert "The desk’s own flag agrees on 3 of 9." in topic.lead
    assert "For 2 incidents the desk tells no verdict of its own." in topic.notes
    assert cells(captioned(topic, "Where the desk’s own flag")) == [
        [
            "the desk deducts other holds than the contract does", "5", "0",
            "INC-0, INC-1, INC-2, INC-3 and 1 more",
        ],
        ["no single cause found: ask the desk which limit it applied", "0", "1", "INC-9"],
    ]  # fmt: skip
    each = cells(captioned(topic, "Each difference"))
    assert len(each) == 6
    assert each[0][:3] == ["INC-9", "too late", "○ not judged"]


def test_what_is_left_out_on_both_clocks_is_one_line_and_long_lists_are_whole_below() -> None:
    ids = tuple(f"INC-{n}" for n in range(6))
    found = replace(
        FOUND,
        exclusions=(
            Exclusion("resolve", "withdrawn", 6, ids),
            Exclusion("respond", "withdrawn", 6, ids),
            Exclusion(None, "out_of_scope", 40),
            Exclusion(None, "request", 1, ("REQ-1",)),
        ),
    )
    topic = page(found)
    table = captioned(topic, "Left out of the incidents")

    assert cells(table) == [
        ["withdrawn: cancelled or a duplicate", "6", "INC-0, INC-1, INC-2, INC-3 and 2 more"],
        ["request, no incident", "1", "REQ-1"],
        ["outside the contract", "40", "–"],
    ]
    assert table.rows[0][0].note == "resolution and response"
    assert cells(captioned(topic, "Every ticket")) == [["withdrawn: cancelled or a duplicate", ", ".join(ids)]]


def test_a_change_after_the_deadline_shows_old_and_new() -> None:
    found = replace(
        FOUND,
        edits=(
            LateEdit("INC-1", "priority", "P1", "P3", AT, AT - HOUR),
            LateEdit("INC-2", "resolved", None, AT - 2 * HOUR, AT, AT - HOUR),
            LateEdit("INC-3", "hold_total", 0, 3 * HOUR, AT, AT - HOUR),
            LateEdit("INC-4", "kind", "incident", "request", AT, AT - HOUR),
        ),
    )
    topic = page(found)

    assert [row[:4] for row in cells(captioned(topic, "Changed after"))] == [
        ["INC-1", "priority", "P1", "P3"],
        ["INC-2", "resolution", "not told", "30 Oct 22:00"],
        ["INC-3", "held time in all", "0 s", "3 h"],
        ["INC-4", "kind", "incident", "request"],
    ]
    assert not any("No change after a deadline" in note for note in topic.notes)
    assert any("No change after a deadline" in note for note in page(FOUND).notes)


def test_holds_say_what_they_saved() -> None:
    holds = HoldFigures(n=4, held=HOUR, whole=4 * HOUR, saved=("INC-1",))
    table = captioned(topics(replace(FOUND, holds=holds))["incidents"], "What holds did")

    assert cells(table)[:2] == [
        ["Share of held time", "25%", "1 h of 4 h service hours, n = 4"],
        ["In time only thanks to holds", "1", "INC-1"],
    ]


def test_holds_that_no_export_tells_are_not_zero() -> None:
    holds = HoldFigures(n=4, held=0, whole=4 * HOUR, untold=4)
    table = captioned(topics(replace(FOUND, holds=holds))["incidents"], "What holds did")

    assert {row[1] for row in cells(table)} == {"○ not measured"}


def test_overdue_and_lost_incidents_are_named_on_the_page_of_what_is_open() -> None:
    overdue = tuple(Overdue(f"INC-{n}", "P2", AT - n * HOUR) for n in range(6))
    topic = topics(replace(FOUND, overdue=overdue, lost=(Lost("INC-77", AT),)))["backlog"]

    assert [row[0] for row in cells(captioned(topic, "Everything past its limit"))] == [o.ticket for o in overdue]
    assert cells(captioned(topic, "Lost: open, but missing"))[0][0] == "INC-77"


def test_the_page_is_in_french_too() -> None:
    topic = page(replace(FOUND, desk=DeskFlags(1, 0, ())), "fr")

    assert topic.title == "Rapprochement avec l’outil de tickets"
    assert cells(topic.tables[0])[0] == ["Rétablis dans la période", "10", "1"]
    assert not any("the desk" in text for row in cells(topic.tables[0]) for text in row)


def test_merged_and_moved_tickets_are_named_under_their_own_reasons() -> None:
    left = {"merged": 1, "moved_out": 2}
    balance = replace(WHOLE, population=14, excluded={"withdrawn": 1, **left})
    found = replace(
        FOUND,
        balances=(balance,),
        exclusions=(
            Exclusion("resolve", "moved_out", 2, ("INC-2", "INC-3")),
            Exclusion("resolve", "merged", 1, ("INC-1",)),
        ),
    )
    topic = page(found)

    sums = {row[0]: row[1] for row in cells(captioned(topic, "From the resolutions done"))}
    assert sums["+ merged: goes on in another ticket"] == "1"
    assert sums["+ retyped or moved out of the contract"] == "2"
    assert cells(captioned(topic, "Left out of the incidents")) == [
        ["merged: goes on in another ticket", "1", "INC-1"],
        ["retyped or moved out of the contract", "2", "INC-2, INC-3"],
    ]


def test_very_long_lists_are_cut_and_say_where_the_rest_is() -> None:
    ids = tuple(f"INC-{n:04}" for n in range(1_250))
    common = tuple(Difference(name, is_met_for_desk=False, verdict="met", code="calendar") for name in ids)
    rare = Difference("RARE", is_met_for_desk=False, verdict="met", code="unexplained")
    desk = DeskFlags(2_000, 0, (*common, rare))
    topic = page(replace(FOUND, desk=desk, exclusions=(Exclusion("resolve", "earlier", len(ids), ids),)))

    each = captioned(topic, "Each difference")
    assert each.caption.endswith("(the first 40; 1,211 more are in the report as JSON)")
    assert len(each.rows) == 40
    assert each.rows[0][0].text == "RARE"
    named = captioned(topic, "Every ticket").rows[0][1].text
    assert named.count("INC-") == 100
    assert named.endswith("INC-0099 and 1,150 more")
    assert any("kpi-agent explain acme TICKET" in note for note in topic.notes)
    assert not any("kpi-agent explain" in note for note in page(FOUND).notes)


def test_holds_are_told_by_reason() -> None:
    reasons = (
        HeldFor("customer", is_stopping=True, seconds=1_500 * HOUR, n=2),
        HeldFor("untold", is_stopping=True, seconds=HOUR, n=1),
        HeldFor("problem", is_stopping=False, seconds=30 * MINUTE, n=1),
    )
    holds = HoldFigures(n=4, held=1_501 * HOUR, whole=3_000 * HOUR, reasons=reasons)
    table = captioned(topics(replace(FOUND, holds=holds))["incidents"], "What holds did")

    assert cells(table)[1:4] == [
        ["Waiting for the customer", "50%", "1,500 h in 2 incidents"],
        ["On hold, no reason told", "0.1%", "1 h in 1 incident"],
        ["Waiting for a problem", "0.1%", "30 min in 1 incident"],
    ]
    assert [row[0].note for row in table.rows[1:4]] == ["stops the clock"] * 2 + ["does not stop the clock"]


def test_an_incident_late_before_it_was_reopened_is_not_said_to_be_past_its_limit() -> None:
    evaluation = replace(october()[0], reconciliation=replace(FOUND, overdue=(Overdue("INC-1", "P2", AT),)))
    document = document_of(evaluation, contract_of_acme())
    for reading in document["readings"]:
        if reading["indicator"] == "backlog":
            reading["details"]["breached"] = 3

    lead = next(t for t in build_view(document, "en").topics if t.id == "backlog").lead

    assert "1 is past its limit." in lead
    assert lead.endswith("2 were resolved too late and have been reopened since.")


def test_a_busy_desk_adds_up_and_every_count_is_written_as_french_does() -> None:
    found = busy()
    assert {(b.unexplained, b.flow_difference) for b in found.balances} == {(0, 0)}

    for topic in (topics(found, "fr")[name] for name in ("incidents", "reconciliation", "backlog")):
        texts = [topic.lead, *topic.notes, *(c.text for t in topic.tables for row in t.rows for c in row)]
        bare = [text for text in texts if re.search(r"(?<![A-Z\d-])\d{4,}|\d[.]\d", text)]
        assert bare == []
    assert "62\u202f625" in topics(found, "fr")["reconciliation"].lead
