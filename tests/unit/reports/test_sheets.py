"""Workbook and CSV: who counts again finds the report's figures, and no text becomes a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from kpi_agent_reports.sheets import sheets_of
from kpi_agent_reports.table_csv import render_csv
from kpi_agent_reports.workbook import render_workbook
from sample_edges import hostile, quiet, running
from sample_month import document_of, october

FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://evil.example")')


def opened(document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Return the sheets of a workbook by title, each row by the labels of its head."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(render_workbook(document)))
    found = {}
    for name in book.sheet_names:
        head, *rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        found[name] = [dict(zip(head, row, strict=True)) for row in rows]
    return found


def test_each_sheet_of_the_month_is_there_in_the_readers_language() -> None:
    month = document_of(*october())

    assert list(opened(month)) == [
        "À propos", "Chiffres", "Incidents", "Jours", "Arrêts", "Serveurs", "Jeux de sauvegarde",
        "Tests de restauration", "Certificats",
    ]  # fmt: skip
    assert list(opened(month | {"language": "en"}))[:3] == ["About", "Figures", "Incidents"]


def test_a_month_without_any_incident_has_no_empty_sheets() -> None:
    assert list(opened(document_of(*quiet()))) == ["À propos", "Chiffres"]


def test_the_customer_counts_the_incidents_again_and_finds_the_figure() -> None:
    book = opened(document_of(*october()) | {"language": "en"})
    (figure,) = (r for r in book["Figures"] if r["Commitment"] == "gtr-p2")
    judged = [r["Resolution verdict"] for r in book["Incidents"] if r["Priority"] == "P2"]
    met, breached = judged.count("met"), judged.count("breached")

    assert (met, met + breached) == (figure["Numerator"], figure["Denominator"])


def test_the_customer_adds_the_days_again_and_finds_the_availability() -> None:
    book = opened(document_of(*october()) | {"language": "en"})
    (figure,) = (r for r in book["Figures"] if r["Commitment"] == "portail")
    days = [r for r in book["Days"] if r["Service"] == "portail"]
    open_, planned, unknown, down = (
        sum(r[label] for r in days)
        for label in ("Service hours, T (s)", "Planned, P (s)", "Not observed, U (s)", "Down, D (s)")
    )

    assert open_ - planned - unknown == figure["Denominator"]
    assert open_ - planned - unknown - down == figure["Numerator"]


def test_every_commitment_and_every_other_reading_has_its_row() -> None:
    document = document_of(*october())
    rows = list(csv.DictReader(io.StringIO(render_csv(document))))

    assert [r["objective"] for r in rows if r["objective"]] == [o["id"] for o in document["objectives"]]
    assert len(rows) == len(document["objectives"]) + len(document["readings"]) - len(
        {o["reading"] for o in document["objectives"]}
    )


def test_what_is_not_known_is_an_empty_cell_never_a_zero() -> None:
    rows = {r["objective"]: r for r in csv.DictReader(io.StringIO(render_csv(document_of(*quiet()))))}

    assert (rows["respond-p1"]["value"], rows["respond-p1"]["denominator"]) == ("", "0")


def test_times_stand_in_local_time_with_their_offset() -> None:
    (sheet,) = (s for s in sheets_of(document_of(*running(), state="preview")) if s.title == "Incidents")
    opened_at = [head.key for head in sheet.heads].index("opened")

    assert sheet.rows[0][opened_at] == "2026-11-03 09:00:00+01:00"


def test_the_same_document_gives_the_same_workbook() -> None:
    document = document_of(*october())

    assert render_workbook(document) == render_workbook(document)


@given(st.one_of(st.sampled_from([*FORMULAS, "x" * 40_000, "\x00\x0b", "🔥\u202e"]), st.text(min_size=1, max_size=60)))
@settings(max_examples=100, deadline=None)
def test_no_text_becomes_a_formula_or_is_lost(title: str) -> None:
    evaluation, contract = hostile()
    lines = tuple(replace(line, ticket=replace(line.ticket, title=title, host=title)) for line in evaluation.tickets)
    document = document_of(replace(evaluation, tickets=lines), contract, state="preview")

    with zipfile.ZipFile(io.BytesIO(render_workbook(document))) as book:
        parts = [book.read(name).decode() for name in book.namelist() if "worksheets/" in name]
    assert [part for part in parts if re.search(r"<f[ >]|<hyperlink", part)] == []
    assert len(opened(document)["Incidents"]) == len(lines)


@given(st.one_of(st.sampled_from(FORMULAS), st.text(min_size=1, max_size=60)))
@settings(max_examples=100, deadline=None)
def test_no_cell_of_the_csv_begins_as_a_formula_unless_it_is_a_number(name: str) -> None:
    evaluation, contract = running()
    first = evaluation.commitments[0]
    named = replace(first, objective=replace(first.objective, name={"en": name}))
    document = document_of(replace(evaluation, commitments=(named,)), contract, state="preview")

    rows = list(csv.reader(io.StringIO(render_csv(document), newline="")))

    cells = [cell for row in rows for cell in row]
    assert [c for c in cells if c[:1] in {*"=+-@\t\r"} and not re.fullmatch(r"-?\d+(\.\d+)?", c, re.ASCII) and c] == []
    assert {len(row) for row in rows} == {len(rows[0])}
