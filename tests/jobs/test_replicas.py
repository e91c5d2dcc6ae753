"""Two servers that watch the same: what either saw is observed, and a month waits for one of them only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from builders import ALWAYS, contract, line, month, paris, version
from jobs.test_close import Book
from kpi_agent.domain.contract import HostScope, ServiceTerms
from kpi_agent.domain.events import RestoreMethod, RestoreTest
from kpi_agent.domain.records import SeenTrouble, SourceRun
from kpi_agent.domain.source import PrometheusSource, QueryPack, Settings, Signal
from kpi_agent.domain.time import HOUR, Interval
from kpi_agent.domain.timeline import Timeline
from kpi_agent.jobs.close import Closer
from kpi_agent.jobs.gather import Gatherer
from kpi_agent.jobs.ports import Generator
from kpi_agent.jobs.report import Reporter
from kpi_agent_reports.canonical import canonical_bytes
from kpi_agent_reports.document import build_document
from kpi_agent_reports.document_people import with_people

MAIN = PrometheusSource("main", "http://127.0.0.1:9", max_age=HOUR, queries=("restore-tests",))
TWIN = PrometheusSource("twin", "http://127.0.0.1:8", max_age=HOUR, queries=("restore-tests",), replica_of="main")
PORTAL = ServiceTerms("portal", "main", 'probe_success{service="portal"}', ALWAYS)
ACME = contract(version(tickets=None, hosts=HostScope("main", 'customer="acme"'), services={"portal": PORTAL}))
PACKS = {"restore-tests": QueryPack("restore-tests", (Signal("restore_test_last_run", "x", "backup"),))}
NOW = paris("2026-11-04 07:00")
WHOLE = ("2026-09-01 00:00", "2026-11-04 06:50", 1)


@dataclass
class Shelf:
    """The stores: the line of the portal and restore tests by server, and what the last runs told of the clocks."""

    up: Mapping[str, Timeline]
    tests: Mapping[str, tuple[RestoreTest, ...]] = field(default_factory=dict)
    clocks: Mapping[str, int] = field(default_factory=dict)

    def lines(self, source: str, scope: str, signal: str) -> Mapping[str, Timeline]:
        return {"": self.up[source]} if signal == "up/portal" and source in self.up else {}

    def restore_tests(self, source: str, scope: str) -> tuple[RestoreTest, ...]:
        return self.tests.get(source, ())

    def troubles(self, source: str, contract: str, span: Interval) -> tuple[SeenTrouble, ...]:
        return ()

    def latest(self, *, until: int | None = None) -> Mapping[str, SourceRun]:
        return {
            name: SourceRun(name, NOW, NOW, is_ok=True, detail="", last_ok=NOW, server="", clock_difference=off)
            for name, off in self.clocks.items()
        }

    def first(self) -> int:
        return paris("2026-09-01 00:00")

    def newest_import(self) -> int:
        return 0


def gatherer(shelf: Shelf) -> Gatherer:
    settings = Settings("kpi-agent.yml", "Europe/Paris", Path("/"), "", {"main": MAIN, "twin": TWIN}, "")
    anything: Any = shelf
    return Gatherer(settings, anything, anything, anything, PACKS)


def closings(shelf: Shelf) -> list[str]:
    anything: Any = shelf
    reporter = Reporter(gatherer(shelf), Book(), build_document, Generator("1", "1", "2026a"), with_people)
    closer = Closer(reporter, Book(), anything, anything, lambda stored: Path(stored.period), canonical_bytes)
    return [f"{c.period} {c.entry.stage.value} {c.entry.reason}" for c in closer.close_due(ACME, now=NOW)]


def test_the_union_of_both_is_observed_and_the_worse_counts_where_they_disagree() -> None:
    main = line(("2026-10-01 00:00", "2026-10-10 00:00", 1), ("2026-10-20 00:00", "2026-11-01 00:00", 1))
    twin = line(("2026-10-09 00:00", "2026-10-09 01:00", 0), ("2026-10-09 01:00", "2026-10-25 00:00", 1))

    found = gatherer(Shelf({"main": main, "twin": twin})).gather(ACME, month("2026-10"), now=NOW)

    assert found.facts.services["portal"].line == line(
        ("2026-10-01 00:00", "2026-10-09 00:00", 1),
        ("2026-10-09 00:00", "2026-10-09 01:00", 0),
        ("2026-10-09 01:00", "2026-11-01 00:00", 1),
    )
    assert [(s.name, float(s.coverage) < 1) for s in found.sources] == [("main", True), ("twin", True)]


def test_a_restore_test_that_both_saw_is_one_and_has_failed_where_one_says_so() -> None:
    def tests(server: str, *, is_passed: bool) -> tuple[RestoreTest, ...]:
        at = paris("2026-10-05 03:00")
        return (RestoreTest("db-main", at, RestoreMethod.FULL, is_passed=is_passed, source=server),)

    shelf = Shelf({}, {"main": tests("main", is_passed=True), "twin": tests("twin", is_passed=False)})

    (found,) = gatherer(shelf).gather(ACME, month("2026-10"), now=NOW).facts.backups.tests

    assert (found.is_passed, found.source) == (False, "twin")


def test_a_month_waits_for_one_of_the_two_only() -> None:
    late = ("2026-09-01 00:00", "2026-10-20 00:00", 1)

    assert closings(Shelf({"main": line(late), "twin": line(WHOLE)}))[-1] == "2026-10 rendered "
    assert "2026-10 blocked" in closings(Shelf({"main": line(late), "twin": line(late)}))[-1]
    assert closings(Shelf({"main": line(late), "twin": line(late)}))[-1].count("main") == 1


def test_a_wrong_clock_of_either_holds_the_month_back() -> None:
    found = closings(Shelf({"main": line(WHOLE), "twin": line(WHOLE)}, clocks={"main": 0, "twin": -90}))[-1]

    assert "2026-10 blocked" in found
    assert "twin (its clock is -90 s off)" in found
