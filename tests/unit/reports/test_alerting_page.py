from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from builders import contract, desk, instant, line, month, ticket
from kpi_agent.domain.facts import AlertFacts, Facts
from kpi_agent.domain.measure import measure
from kpi_agent.jobs.ports import Generator
from kpi_agent_reports.document import build_document
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.view import Topic

DOWN = 'alertname="Down",instance="web01:9100"'
FULL = 'alertname="DiskFull",instance="db01:9100"'
ALL = ("2026-09-20", "2026-11-20", 2)


def known() -> Facts:
    firing = {
        DOWN: line(("2026-10-05 10:00", "2026-10-05 10:10", 60), ("2026-10-07 23:00", "2026-10-08 00:00", 60)),
        FULL: line(("2026-10-09 12:00", "2026-10-09 13:00", 60)),
    }
    rules = {"hosts: Down": line((*ALL[:2], 1)), "hosts: DiskFull": line((*ALL[:2], 0))}
    alerts = AlertFacts(firing, line(ALL), rules, line(ALL), instant("2026-11-20"), 3600)
    return replace(desk(ticket("2026-10-05 10:05", host="web01")), alerts=alerts)


def topic(facts: Facts, language: str = "en") -> Topic | None:
    deal = contract()
    evaluation = measure(deal, month(), facts, now=instant("2026-11-03 07:00"))
    parts: dict[str, Any] = {"state": "preview", "revision": 0, "previous_sha256": None}
    document = build_document(evaluation, contract=deal, generator=Generator("1", "1", "2026a"), **parts)
    return next((t for t in build_view(document, language).topics if t.id == "alerting"), None)


def texts(page: Topic, caption: str) -> list[list[str]]:
    return next([[c.text for c in row] for row in t.rows] for t in page.tables if t.caption == caption)


def test_the_page_shows_figures_and_the_noisiest_rules() -> None:
    page = topic(known())
    assert page is not None

    assert page.lead == "3 alerts fired in the period."
    assert texts(page, "The noisiest rules") == [
        ["Down", "2", "1", "1\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}10\N{NO-BREAK SPACE}min", "1 of 2"],
        ["DiskFull", "1", "0", "1\N{NO-BREAK SPACE}h", "0 of 1"],
    ]
    assert texts(page, "Alerting rules without a runbook") == [["hosts: DiskFull"]]
    assert ["Alerts acted on", "33.3%", "1 of 3 alerts"] in texts(page, "Alerts, and how outages were noticed")


def test_what_was_not_observed_has_no_figure() -> None:
    facts = known()
    half = replace(facts, alerts=replace(facts.alerts, watched=line(("2026-09-20", "2026-10-10", 1))))
    page = topic(half)
    assert page is not None

    assert page.lead == "How many alerts fired was not measured."
    assert texts(page, "Alerts, and how outages were noticed")[0][1] == "–"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_without_any_alert_known_there_is_no_page(language: str) -> None:
    assert topic(desk(ticket("2026-10-05")), language) is None
