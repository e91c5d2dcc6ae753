"""The archive's pages: every closed report is listed, the newest first, and no name leaves its place."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kpi_agent_reports.portal import Archived, contract_page, index_page, summary_of
from kpi_agent_reports.templating import TemplateFault
from sample_edges import hostile, quiet
from sample_month import document_of, october

TEMPLATES = [Path(__file__).parents[3] / "templates"]
FORMS = ("txt", "html", "json", "csv", "xlsx")


def month(period: str = "2026-10", revision: int = 1, as_of: str = "2026-11-03T06:00:00Z", **more: Any) -> Archived:
    document = document_of(*october())
    about = document["period"] | {"id": period}
    return Archived(document | {"period": about, "revision": revision, "as_of": as_of, "history": []} | more, FORMS)


def links(page: str) -> list[str]:
    return re.findall(r'href="([^"]+)"', page)


def plain(page: str) -> str:
    text = re.sub(r"<[^>]+>", " ", page.split("</style>")[1]).replace("&nbsp;", " ").replace("\u00a0", " ")
    return re.sub(r"\s+", " ", text)


def test_the_newest_period_comes_first_and_of_each_the_last_revision() -> None:
    page = contract_page([month("2026-09"), month("2026-10"), month("2026-10", 2)], templates=TEMPLATES)

    assert [link for link in links(page) if link.endswith(".html")] == [
        "2026-10/r2/report.html", "2026-10/r1/report.html", "2026-09/r1/report.html",
    ]  # fmt: skip
    assert plain(page).count("version 2") == plain(page).count("version 1") == 1


def test_only_formats_that_are_there_are_linked() -> None:
    with_pdf = Archived(month().document, (*FORMS, "pdf", "eml"))

    assert not [a for a in links(contract_page([month()], templates=TEMPLATES)) if a.endswith((".pdf", ".eml"))]
    found = set(links(contract_page([with_pdf], templates=TEMPLATES)))
    assert {"2026-10/r1/report.pdf", "2026-10/r1/report.eml"} <= found


def test_the_trend_is_that_of_the_newest_month_not_of_a_week() -> None:
    weekly = month("2026-W44", as_of="2026-11-04T06:00:00Z")

    page = contract_page([Archived(document_of(*october()), FORMS), weekly], templates=TEMPLATES)

    assert "Sur les dernières périodes" in page
    assert "Sur les dernières périodes" not in contract_page([weekly], templates=TEMPLATES)


def test_the_page_tells_the_verdict_as_the_report_does() -> None:
    text = plain(contract_page([month()], templates=TEMPLATES))

    assert "5 / 8 ● 5 tenus ■ 2 non tenus ○ 1 non mesuré" in text


def test_a_period_with_nothing_to_judge_is_no_score() -> None:
    text = plain(contract_page([Archived(document_of(*quiet()), FORMS)], templates=TEMPLATES))

    assert "Novembre 2026 – – 1 sans objet" in text


def test_all_contracts_stand_on_one_page_by_customer_in_the_language_of_most() -> None:
    acme = summary_of([month("2026-09"), month("2026-10")])
    other = acme | {"contract": {"id": "zed", "customer": "Zed", "provider": "Opsline"}, "language": "en"}
    third = acme | {"contract": {"id": "beta", "customer": "beta", "provider": "Opsline"}}

    page = index_page([other, third, acme], templates=TEMPLATES)

    assert links(page) == ["acme/index.html", "beta/index.html", "zed/index.html"]
    assert '<html lang="fr">' in page
    assert "3 contrats" in plain(page)
    assert "Octobre 2026" in plain(page)


def test_no_name_leaves_its_place() -> None:
    archived = Archived(document_of(*hostile()), FORMS)
    index = index_page([summary_of([archived])], templates=TEMPLATES)

    for page in (contract_page([archived], templates=TEMPLATES), index):
        assert re.findall(r"<(?:script|img|b)\b", page) == []
        assert page.count("</style>") == 1
        assert "{{ 7*7 }}" in page


def test_a_broken_template_is_told_with_its_place(tmp_path: Path) -> None:
    own = tmp_path / "portal" / "contract.html.j2"
    own.parent.mkdir()
    own.write_text("{{ portal.nothing }}", encoding="utf-8")

    with pytest.raises(TemplateFault, match=r"contract\.html\.j2:1: "):
        contract_page([month()], templates=[tmp_path, *TEMPLATES])
