"""Thirty objectives and five hundred tickets: page 1 still says what matters, and nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest

from kpi_agent_reports.mail import render_mail
from kpi_agent_reports.plain import render_plain
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.sentences import MOST_LISTED
from sample_large import large
from sample_month import document_of
from unit.reports.test_notes_page import TEMPLATES


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return document_of(*large())


def test_the_first_reasons_are_listed_and_the_others_folded(document: dict[str, Any]) -> None:
    (phrase,) = [p for p in build_view(document).verdict if p.reasons]

    missed = document["summary"]["missed"]
    assert missed > MOST_LISTED + 1
    assert (len(phrase.reasons), len(phrase.more)) == (MOST_LISTED, missed - MOST_LISTED)
    assert phrase.more_title == f"et {missed - MOST_LISTED} autres"


def test_the_text_names_every_miss_and_the_mail_says_how_many_more(document: dict[str, Any]) -> None:
    names = {o["id"] for o in document["objectives"] if o["verdict"] == "missed"}
    text = render_plain(document)
    verdict = text.partition("Non tenus")[2].partition("Depuis")[0]
    mail = render_mail(document, sender="run@opsline.example", readers=["a@acme.example"], templates=TEMPLATES)

    assert verdict.count("\n- ") == len(names)
    assert len(mail) < 60_000


def test_many_changes_share_a_line_per_verdict(document: dict[str, Any]) -> None:
    since = build_view(document).since
    past = {h["objective"]: h["verdict"] for h in document["history"] if h["period"] == "2026-09"}
    changed = [o for o in document["objectives"] if past[o["id"]] != o["verdict"]]

    assert len(changed) > 8
    assert [line.partition("\u00a0:")[0] for line in since] == ["Non tenus désormais", "Tenus désormais"]
    assert sum(line.count("Rétablissement") for line in since) == len(changed)
