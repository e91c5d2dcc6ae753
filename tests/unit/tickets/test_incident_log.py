"""A public ServiceNow audit log of 24,918 incidents, where it lies beside the checkout, against its known figures."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest

from builders import OFFICE, contract, measured, request, terms
from kpi_agent.domain.export import Export
from kpi_agent.domain.facts import Facts, TicketFacts
from kpi_agent.domain.indicators.reconcile import reconcile
from kpi_agent.domain.indicators.recurrence import families, occurrences
from kpi_agent.domain.source import TicketSource
from kpi_agent.domain.ticket import HoldReason
from kpi_agent.domain.time import DAY, HOUR, Interval
from kpi_agent.jobs.explain.ticket import explain_ticket
from kpi_agent.jobs.explain.ticket_text import ticket_lines
from unit.tickets.conftest import shipped_profile
from whole_export import read_whole

# The log names no titles: what makes its families is the problem that incidents share.
LIMITS = {
    "P1": terms("1h", "8h"),
    "P2": terms("2h", "24h", OFFICE),
    "P3": terms("4h", "50h", OFFICE),
    "P4": terms("8h", "100h", OFFICE),
}

LOG = Path(__file__).parents[4] / "shared" / "data" / "uci-incident-log" / "incident_event_log.csv.gz"
NOW = 1_795_428_000

WAITS = {
    "Awaiting User Info": HoldReason.CUSTOMER,
    "Awaiting Vendor": HoldReason.VENDOR,
    "Awaiting Problem": HoldReason.PROBLEM,
    "Awaiting Evidence": HoldReason.OTHER,
}

pytestmark = pytest.mark.skipif(not LOG.exists(), reason=f"the public incident log is not at {LOG}")


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Export:
    path = tmp_path_factory.mktemp("log") / "incident_event_log.csv"
    with gzip.open(LOG) as packed, path.open("wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    desk = TicketSource("desk", shipped_profile("servicenow"), "*.csv", "UTC")
    return read_whole(path, desk, as_of=None, now=NOW)


def test_the_public_incident_log_gives_its_published_figures(export: Export) -> None:
    assert export.is_event_log
    assert (export.rows, len(export.tickets), export.rejected) == (141_712, 24_918, ())
    assert export.sha256 == "fd184bbfd62329cfe093e99da2ea7071905f2ead91900b448eb2635870821bef"
    assert export.as_of == 1_487_430_000  # its newest instant: 2017-02-18T15:00:00Z
    assert Counter(t.desk_met for t in export.tickets) == {True: 15_803, False: 9_115}
    assert Counter(t.priority for t in export.tickets) == {"P1": 270, "P2": 408, "P3": 23_466, "P4": 774}
    counts = [t.reopen_count or 0 for t in export.tickets]
    assert (sum(c > 0 for c in counts), sum(counts)) == (275, 331)
    elapsed = [t.resolved - t.opened for t in export.tickets if t.resolved is not None]
    assert len(elapsed) == 23_362
    assert int(Fraction(sum(elapsed), len(elapsed)) * 1000 / 3600 + Fraction(1, 2)) == 178_172
    assert Fraction(median(elapsed)) / 3600 == Fraction("22.1")


@pytest.mark.parametrize(("same_occurrence", "storms"), [(0, 118), (4 * HOUR, 119)])
def test_most_of_its_repeats_were_a_storm_of_callers(export: Export, same_occurrence: int, storms: int) -> None:
    kin = families(export.tickets, lookback=90 * DAY, language="en")

    repeats = sum(len(family.tickets) - 1 for family in kin)
    began_again = sum(len(occurrences(f.tickets, same_occurrence=same_occurrence)) - 1 for f in kin)

    assert (repeats, repeats - began_again) == (136, storms)


@pytest.mark.parametrize("period", ["2016-03", "2016-04", "2016-05", "2016-09"])
def test_its_months_add_up_and_hold_their_own_against_the_desks_flag(export: Export, period: str) -> None:
    assert export.as_of is not None
    facts = Facts(tickets=TicketFacts(export.tickets, (Interval(0, export.as_of),), export.as_of, DAY))
    asked = request(contract(priorities=LIMITS, calendars={"office": OFFICE}, start="2016-01-01"), period)

    found = reconcile(asked, facts)

    assert {(b.unexplained, b.flow_difference) for b in found.balances} == {(0, 0)}
    assert found.balances[0].judged == measured("resolve_in_time", facts, asked).n > 0
    assert (found.desk.untold, found.desk.agreed + len(found.desk.differences)) == (0, found.desk.compared)


def rows_by_incident() -> dict[str, list[dict[str, str]]]:
    """The log read by nothing but the csv module: each incident's rows in the order of the file."""
    found = defaultdict(list)
    with gzip.open(LOG, "rt", encoding="utf-8") as log:
        for row in csv.DictReader(log):
            found[row["number"]].append(row)
    return found


def instant(text: str) -> int:
    return int(datetime.strptime(text, "%d/%m/%Y %H:%M").replace(tzinfo=UTC).timestamp())


def waits(rows: list[dict[str, str]]) -> Iterator[tuple[HoldReason, int, int | None]]:
    """A waiting row lasts until the next row; those of one reason that follow each other are one wait."""
    told: list[tuple[HoldReason, int, int | None]] = []
    before = ""
    for row, following in pairwise([*rows, None]):
        assert row is not None
        state, start = row["incident_state"], instant(row["sys_updated_at"])
        end = None if following is None else instant(following["sys_updated_at"])
        if state in WAITS:
            told.append((WAITS[state], told.pop()[1] if state == before else start, end))
        before = state
    return (wait for wait in told if wait[2] is None or wait[2] > wait[1])


def test_its_holds_are_its_waiting_rows_each_until_the_next_row(export: Export) -> None:
    expected = {number: sorted(waits(rows)) for number, rows in rows_by_incident().items()}

    found = {t.id: sorted((h.reason, h.start, h.end) for h in t.holds) for t in export.tickets}

    assert found == expected
    assert Counter(reason for holds in expected.values() for reason, _, _ in holds).keys() == set(WAITS.values())


@pytest.mark.parametrize("which", ["of the most rows", "open for the longest time"])
def test_its_longest_incident_is_explained_on_a_page(export: Export, which: str) -> None:
    assert export.as_of is not None
    rows = rows_by_incident()
    open_for = {t.id: t.resolved - t.opened for t in export.tickets if t.resolved is not None}
    longest = max(rows, key=lambda n: len(rows[n])) if "rows" in which else max(open_for, key=lambda n: open_for[n])
    facts = TicketFacts(export.tickets, (Interval(0, export.as_of),), export.as_of, DAY)
    deal = contract(priorities=LIMITS, calendars={"office": OFFICE}, start="2016-01-01")

    text = "\n".join(ticket_lines(explain_ticket(deal, facts, longest, now=export.as_of)))

    assert max(map(len, text.splitlines())) <= 80
    assert len(text.splitlines()) <= 100
    assert "for customer: stops the clock" in text
    assert text.count("verdict ") >= 2
    assert text.count("reopened  ") == sum(
        (a["incident_state"], b["incident_state"]) in {("Resolved", "Active"), ("Resolved", "New")}
        or (a["incident_state"] == "Resolved" and b["incident_state"] in WAITS)
        for a, b in pairwise(rows[longest])
    )
