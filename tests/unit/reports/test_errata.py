"""Corrections of earlier months as a reader sees them: old, new, why, and which incidents."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kpi_agent.domain.evaluation import Balance, ChangedTicket, Erratum, LeftOpen, Restated, Told
from kpi_agent_reports.plain import render_plain
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.view import Topic
from sample_contract import contract_of_acme
from sample_month import document_of, october

OLD = Told("missed", "0.923076923076923076", 12, 13, 13, 0, "1", None, {})
NEW = Told("met", "1", 13, 13, 13, 0, "1", None, {})
MENDED = Erratum(
    period="2026-09",
    revision=1,
    objective="gti-p1",
    name={},
    statistic=None,
    indicator="respond_in_time",
    scope={"priority": "P1"},
    unit="ratio",
    segment=0,
    old=OLD,
    new=NEW,
    published="2026-09",
    causes=("edit",),
    tickets=(ChangedTicket("INC-9", "edit", ("responded", "priority"), "breached", "met"),),
)
MEDIAN = replace(
    MENDED,
    objective=None,
    indicator="time_to_resolve",
    scope={},
    unit="seconds",
    old=replace(OLD, verdict=None, value="19800", numerator=None, denominator=None, n=2),
    new=replace(NEW, verdict=None, value="3601", numerator=None, denominator=None, n=1),
    causes=("late_row",),
    tickets=tuple(ChangedTicket(f"INC-{n}", "late_row", (), None, "met") for n in range(1, 9)),
)


def page(*errata: Erratum, language: str = "en") -> Topic | None:
    view = build_view(document_of(replace(october()[0], errata=errata), contract_of_acme()), language)
    return next((t for t in view.topics if t.id == "errata"), None)


def cells(topic: Topic | None) -> list[list[str]]:
    assert topic is not None
    return [
        [" ".join(p for p in (c.glyph, c.text) if p).replace("\u00a0", " ") for c in r] for r in topic.tables[0].rows
    ]


def test_a_report_without_corrections_has_no_such_page() -> None:
    assert page() is None


def test_a_correction_shows_old_and_new_figure_why_and_the_incidents() -> None:
    topic = page(MENDED)

    assert cells(topic) == [
        [
            "September 2026", "Response P1", "■ 92.3%", "● 100%",
            "changed at the desk (priority and response)", "INC-9",
        ]
    ]  # fmt: skip
    assert topic is not None
    assert topic.title == "Corrections of earlier months"
    assert topic.lead == "1 figure of an earlier report is known otherwise today. 1 verdict changes."
    assert topic.tables[0].rows[0][2].note == "12 of 13"


def test_promises_come_first_and_durations_are_cut_towards_the_worse() -> None:
    (_, rows) = cells(page(MEDIAN, MENDED))

    assert rows[:4] == ["September 2026", "Time to resolve", "5 h 30 min", "1 h 1 min"]
    assert rows[-1] == "INC-1, INC-2, INC-3, INC-4 and 4 more"


def test_readings_by_priority_without_a_promise_are_counted_and_left_to_the_document() -> None:
    topic = page(MENDED, replace(MEDIAN, scope={"priority": "P2"}))

    assert len(cells(topic)) == 1
    assert topic is not None
    assert topic.notes[-1] == "1 more, by priority or service, stands in the JSON document."


def test_what_was_not_measured_is_no_figure() -> None:
    unmeasured = replace(MENDED, old=replace(OLD, verdict="no_data"), causes=("coverage",), tickets=())

    assert cells(page(unmeasured))[0][2:] == ["○ No data", "● 100%", "more was observed", "–"]


def test_a_figure_corrected_before_names_the_report_that_did() -> None:
    topic = page(replace(MENDED, published="2026-11"))

    assert topic is not None
    assert topic.tables[0].rows[0][2].note == "12 of 13, corrected in November 2026"


def test_the_page_is_in_french_too() -> None:
    topic = page(MENDED, language="fr")

    assert topic is not None
    assert topic.title == "Rectificatifs"
    assert cells(topic)[0][2:5] == ["■ 92,3 %", "● 100 %", "modifié dans l’outil (priorité et prise en charge)"]


def test_plain_text_tells_them_too() -> None:
    document = document_of(replace(october()[0], errata=(MENDED,)), contract_of_acme())
    text = render_plain(document | {"language": "en"})

    assert "Corrections of earlier months" in text
    assert "92.3%" in text


def backlog(balance: Balance) -> Any:
    view = build_view(document_of(replace(october()[0], balance=balance), contract_of_acme()), "en")
    return next(t for t in view.topics if t.id == "backlog").notes


def test_a_restated_backlog_names_its_incidents() -> None:
    before = LeftOpen("2026-09", 1, frozenset())
    restated = (Restated("INC-1", 1, "late_row"), Restated("INC-2", -1, "edit"), Restated("INC-3", -1, "edit"))

    (note,) = backlog(Balance(before, restated, (), 0))

    assert note.startswith("Restated since the report of September 2026 (+ open after all, − not open after all): ")
    assert note.endswith(": changed at the desk: −INC-2, −INC-3; a row that came late: +INC-1.")


def test_a_backlog_that_does_not_add_up_says_so() -> None:
    assert backlog(Balance(None, (), (), -2)) == (
        "These figures do not add up: −2 incidents between what came in and what went out.",
    )
    assert backlog(Balance(None, (), (), None)) == backlog(Balance(None, (), (), 0)) == ()


def test_a_count_that_is_the_same_tells_what_beside_it_is_not() -> None:
    opened = replace(
        MEDIAN,
        indicator="volume",
        unit="count",
        old=replace(OLD, verdict=None, value="11", details={"resolved": 11, "withdrawn": 0, "lost": 0}),
        new=replace(NEW, verdict=None, value="11", details={"resolved": 10, "withdrawn": 1, "lost": 0}),
    )
    topic = page(opened)
    assert topic is not None

    notes = [c.note.replace("\u00a0", " ") for c in topic.tables[0].rows[0][2:4]]

    assert notes == ["Resolved 11, Withdrawn 0", "Resolved 10, Withdrawn 1"]
