"""A file that comes after a month was closed: the next report corrects that month, the closed one stays as it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integration.cli.host import CONTRACT, Host, export, month_of_tickets, row
from kpi_agent.domain.time import DAY, HOUR, to_utc_text


def take_late_file(own: Host) -> None:
    """Import the closed month again: INC101 (P1) was in time after all, and INC150 (P1) had been forgotten."""
    closed = own.month(2)
    rows = [r for r in month_of_tickets(closed, first=100, late=2) if r["id"] != "INC101"]
    (mended,) = [r for r in month_of_tickets(closed, first=100, late=1) if r["id"] == "INC101"]
    forgotten = row(150, closed.start + 3 * DAY, resolve=HOUR)
    path = own.home / "late.csv"
    path.write_text(export([*rows, mended | {"updated": to_utc_text(own.now - 2 * DAY)}, forgotten]))
    done = own.run("import", path, "--source", "desk", "--as-of", to_utc_text(own.now))
    assert done.code == 0, done.err


def shown(own: Host, back: int, form: str = "json") -> str:
    answer = own.run("report", "show", "acme", "--period", own.month(back).id, "--format", form)
    assert (answer.code, answer.err) == (0, "")
    return answer.out


def test_the_next_report_corrects_the_closed_month_and_the_closed_one_stays(own: Host) -> None:
    before = shown(own, 2)
    take_late_file(own)
    assert own.run("report", "build", "acme", "--period", own.month(1).id).code == 0

    answer = own.run("report", "show", "acme", "--period", own.month(1).id, "--format", "json")
    (erratum,) = [e for e in answer.value["errata"] if e["objective"] == "gtr-p1"]

    assert (erratum["period"], erratum["published"]) == (own.month(2).id, own.month(2).id)
    assert (erratum["old"]["numerator"], erratum["old"]["denominator"]) == (5, 6)
    assert (erratum["new"]["numerator"], erratum["new"]["denominator"]) == (7, 7)
    assert (erratum["old"]["verdict"], erratum["new"]["verdict"]) == ("missed", "met")
    assert [(t["ticket"], t["cause"]) for t in erratum["tickets"]] == [("INC101", "edit"), ("INC150", "late_row")]
    assert shown(own, 2) == before


@pytest.mark.parametrize(("language", "title"), [("en", "Corrections of earlier months"), ("fr", "Rectificatifs")])
def test_the_page_says_so_in_the_contracts_language(own: Host, language: str, title: str) -> None:
    first_day = own.month(1).first_day
    own.contract(text=CONTRACT.replace("from: 2020-01-01", f"from: 2020-01-01, to: {first_day - timedelta(days=1)}"))
    amended = CONTRACT.replace("language: en", f"language: {language}").replace("2020-01-01", f"{first_day}")
    (own.home / "contracts.d" / "acme-2.yml").write_text(amended)
    take_late_file(own)
    assert own.run("report", "build", "acme", "--period", own.month(1).id).code == 0

    page = shown(own, 1, "html")

    assert title in page
    assert "INC101, INC150" in page
