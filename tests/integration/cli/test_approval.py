"""``report: {review: true}``: figures are fixed at closing, the report is frozen when somebody approved it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from integration.cli.conftest import tickets
from integration.cli.host import CONTRACT, Host, export, month_of_tickets, row
from kpi_agent.domain.time import HOUR


@pytest.fixture
def reviewed(bare: Host) -> Host:
    """A host whose reports are read before they are frozen, with three months of tickets."""
    bare.contract(text=CONTRACT.replace("report:\n", "report:\n  review: true\n"))
    bare.drop("desk.csv", tickets(bare))
    assert bare.run("collect").code == 0
    return bare


def built(host: Host, back: int = 1) -> str:
    period = host.month(back).id
    answer = host.run("report", "build", "acme", "--period", period)
    assert answer.code == 0, answer.err
    assert "waits for approval" in answer.out
    return period


def approved(host: Host, period: str) -> dict[str, Any]:
    answer = host.run("report", "approve", "acme", "--period", period, "--by", "C. Martin")
    assert answer.code == 0, answer.err
    return shown(host, period)


def shown(host: Host, period: str, *more: str) -> dict[str, Any]:
    document: dict[str, Any] = host.run("report", "show", "acme", "--period", period, "--format", "json", *more).value
    return document


def audit(host: Host) -> list[tuple[str, dict[str, Any]]]:
    with closing(sqlite3.connect(host.store)) as store:
        rows = store.execute("SELECT action, detail FROM audit ORDER BY id").fetchall()
    return [(action, json.loads(detail)) for action, detail in rows if action in {"draft", "drop draft", "close"}]


def test_figures_are_those_of_the_closing_and_notes_those_of_the_approval(reviewed: Host) -> None:
    period = built(reviewed)
    draft = shown(reviewed, period)
    rows = [*month_of_tickets(reviewed.month(1), first=200, late=9), row(300, reviewed.now - HOUR, resolve=None)]
    reviewed.drop("later.csv", export(rows), age=60)
    assert reviewed.run("collect").code == 0
    reviewed.run("record", "note", "acme", "--period", period, "--section", "causes", "--text", "The SAN.")

    frozen = approved(reviewed, period)

    assert (draft["state"], draft["revision"], draft["notes"]) == ("preview", 1, [])
    assert (frozen["state"], frozen["revision"], frozen["approved"]["by"]) == ("closed", 1, "C. Martin")
    assert [n["text"].strip() for n in frozen["notes"]] == ["- The SAN."]
    same = draft.keys() - {"state", "notes"}
    assert {name: frozen[name] for name in same} == {name: draft[name] for name in same}
    assert (reviewed.state / "reports" / "acme" / period / "r1" / "report.html").exists()


def test_the_audit_says_who_read_which_figures(reviewed: Host) -> None:
    period = built(reviewed)
    approved(reviewed, period)

    (first, draft), (second, closed) = audit(reviewed)

    assert (first, second) == ("draft", "close")
    assert draft["revision"] == closed["revision"] == 1
    assert len(draft["sha256"]) == 64
    assert draft["sha256"] != closed["sha256"]
    assert closed["approved_by"] == "C. Martin"


def test_status_asks_for_the_approval_and_stops_asking(reviewed: Host) -> None:
    period = built(reviewed)
    waiting, text = reviewed.run("status", "--json").value, reviewed.run("status").out
    approved(reviewed, period)
    after = reviewed.run("status", "--json").value

    assert [t["command"] for t in waiting["todo"] if "approval" in t["text"]] == [
        f"kpi-agent report approve acme --period {period} --by NAME"
    ]
    assert f"{period} WAITS FOR APPROVAL since" in text
    assert "WAITS FOR APPROVAL" not in reviewed.run("status").out
    assert not [t for t in after["todo"] if "approval" in t["text"]]


def test_later_months_wait_for_the_approval_of_earlier_ones(reviewed: Host) -> None:
    earlier = built(reviewed, 2)

    refused = reviewed.run("report", "build", "acme", "--period", reviewed.month(1).id)
    approved(reviewed, earlier)

    assert refused.code != 0
    assert f"acme {earlier} waits for approval: kpi-agent report approve acme --period {earlier}" in refused.err
    later = approved(reviewed, built(reviewed, 1))
    assert {h["period"] for h in later["history"]} == {earlier}


def test_a_draft_is_computed_again_for_a_reason_and_no_revision_is_lost(reviewed: Host) -> None:
    period = built(reviewed)
    before = shown(reviewed, period)
    rows = month_of_tickets(reviewed.month(1), first=200, late=9)
    reviewed.drop("later.csv", export([*rows, row(300, reviewed.now - HOUR, resolve=None)]), age=60)
    assert reviewed.run("collect").code == 0

    again = reviewed.run("report", "build", "acme", "--period", period, "--revise", "--reason", "late export")
    after = approved(reviewed, period)

    assert again.code == 0, again.err
    assert after["revision"] == 1
    assert after["summary"] != before["summary"]
    assert [action for action, _ in audit(reviewed)] == ["draft", "drop draft", "draft", "close"]
    assert audit(reviewed)[1][1]["reason"] == "late export"


def test_a_revision_waits_too_while_its_readers_keep_the_one_before(reviewed: Host) -> None:
    period = built(reviewed)
    first = approved(reviewed, period)

    reviewed.run("report", "build", "acme", "--period", period, "--revise", "--reason", "typo")
    waiting = shown(reviewed, period, "--draft")

    assert shown(reviewed, period) == first
    assert (waiting["revision"], waiting["state"], waiting["reason"]) == (2, "preview", "typo")
    assert approved(reviewed, period)["revision"] == 2


@pytest.mark.parametrize("words", [["approve", "--by", "C. Martin"], ["show", "--draft"]])
def test_what_does_not_wait_cannot_be_approved(reviewed: Host, words: list[str]) -> None:
    command, *options = words

    answer = reviewed.run("report", command, "acme", "--period", reviewed.month(1).id, *options)

    assert answer.code != 0
    assert f"acme {reviewed.month(1).id}: nothing waits for approval" in answer.err


@pytest.mark.parametrize("name", ["", " \n ", "x" * 101])
def test_a_name_is_one_line_of_some_letters(reviewed: Host, name: str) -> None:
    answer = reviewed.run("report", "approve", "acme", "--period", reviewed.month(1).id, "--by", name)

    assert answer.code == 2
    assert "--by takes the name of who read the report" in answer.err


def test_a_hostile_name_is_text_in_every_format(reviewed: Host) -> None:
    period = built(reviewed)
    name = "<script>x</script>\r\nBcc: a@example.com {{ 7*7 }}"

    answer = reviewed.run("report", "approve", "acme", "--period", period, "--by", name)

    assert answer.code == 0, answer.err
    folder = reviewed.state / "reports" / "acme" / period / "r1"
    page = (folder / "report.html").read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;x&lt;/script&gt; Bcc: a@example.com {{ 7*7 }}" in page
