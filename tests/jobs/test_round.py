"""One round with a worker that notes what it was asked, and fails where the test wants."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import time

import pytest

from builders import contract, paris, version
from kpi_agent.domain.contract import Contract, ReportTerms
from kpi_agent.domain.errors import StoreError
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.records import SourceRun
from kpi_agent.domain.source import PrometheusSource, Source, TicketSource
from kpi_agent.domain.time import HOUR, MINUTE
from kpi_agent.jobs.close import Closed
from kpi_agent.jobs.collect import Collected
from kpi_agent.jobs.import_tickets import Imported
from kpi_agent.jobs.tick import Round, run_round
from unit.tickets.conftest import shipped_profile

NOW = paris("2026-11-20 12:00")
MAIN = PrometheusSource("main", "http://127.0.0.1:9")
SPARE = PrometheusSource("spare", "http://127.0.0.1:9")
DESK = TicketSource("desk", shipped_profile("generic"), "inbox/*.csv", "Europe/Paris")


@dataclass
class NotingWorker:
    failing: frozenset[str] = frozenset()
    error: Exception = field(default_factory=lambda: StoreError("the disk is full"))
    done: list[str] = field(default_factory=list)

    def _note(self, step: str) -> None:
        self.done.append(step)
        if step in self.failing:
            raise self.error

    def collect(self, source: PrometheusSource, *, now: int) -> Collected:
        self._note(f"collect {source.name}")
        return Collected(source.name, 1, 1, 1, (), ())

    def import_inbox(self, source: TicketSource, *, now: int) -> tuple[Imported, ...]:
        self._note(f"import {source.name}")
        return (Imported("bad.csv", None, None, (Problem("bad.csv", "it is empty", line=1),)),)

    def close_due(self, contract: Contract, *, now: int) -> Iterator[Closed]:
        self._note(f"close {contract.id}")
        yield from ()

    def refresh_snapshot(self, contract: Contract, *, now: int) -> None:
        self._note(f"snapshot {contract.id}")


def round_of(
    worker: NotingWorker,
    *,
    runs: dict[str, SourceRun] | None = None,
    now: int = NOW,
    may_close: bool = True,
    sources: tuple[Source, ...] = (MAIN, DESK),
) -> Round:
    contracts = {name: Contract(name, contract().versions) for name in ("acme", "globex")}
    return run_round(
        worker,
        sources={s.name: s for s in sources},
        contracts=contracts,
        runs=runs or {},
        now=now,
        may_close=may_close,
    )


def run_at(source: str, started: int) -> SourceRun:
    return SourceRun(source, started, started, is_ok=True, detail="")


EVERYTHING = [
    "collect main",
    "import desk",
    "close acme",
    "snapshot acme",
    "close globex",
    "snapshot globex",
]


@pytest.mark.parametrize("step", EVERYTHING)
@pytest.mark.parametrize("error", [StoreError("the disk is full"), ZeroDivisionError("a fault of ours")])
def test_a_step_that_fails_stops_no_other_and_is_named(step: str, error: Exception) -> None:
    worker = NotingWorker(frozenset({step}), error)

    ended = round_of(worker)

    assert worker.done == EVERYTHING
    what, name = step.split()
    kind = "source" if what in {"collect", "import"} else "contract"
    assert ended.status == f"2 contracts, 2 sources; failing: {what} {kind}={name}"


def test_a_round_without_failure_says_that_all_is_well() -> None:
    assert round_of(NotingWorker()).status == "2 contracts, 2 sources; all well"


def test_files_that_are_not_in_force_are_named_and_all_is_not_well() -> None:
    ended = run_round(
        NotingWorker(frozenset({"import desk"})),
        sources={"desk": DESK},
        contracts={"acme": contract()},
        runs={},
        now=NOW,
        may_close=True,
        refused=("contracts.d/a;b.yml", "contracts.d/x.yml"),
    )

    assert ended.status == (
        "1 contracts, 1 sources; not in force: contracts.d/a,b.yml, contracts.d/x.yml; failing: import source=desk"
    )


def test_nothing_is_closed_by_a_doubtful_clock_but_all_else_is_done() -> None:
    worker = NotingWorker()

    round_of(worker, may_close=False)

    assert worker.done == ["collect main", "import desk", "snapshot acme", "snapshot globex"]


def test_a_server_is_read_when_its_time_has_come_and_the_inbox_each_time() -> None:
    worker = NotingWorker()

    round_of(
        worker,
        sources=(MAIN, SPARE, DESK),
        runs={"main": run_at("main", NOW - 14 * MINUTE), "spare": run_at("spare", NOW - 15 * MINUTE)},
    )

    assert worker.done[:2] == ["collect spare", "import desk"]


def test_a_run_noted_in_the_future_does_not_silence_a_source() -> None:
    worker = NotingWorker()

    round_of(worker, runs={"main": run_at("main", NOW + 30 * 24 * HOUR)})

    assert "collect main" in worker.done


def test_the_next_round_comes_with_the_next_due_source() -> None:
    assert round_of(NotingWorker(), runs={"main": run_at("main", NOW - 13 * MINUTE)}).next_at == NOW + 2 * MINUTE
    assert round_of(NotingWorker(), runs={"main": run_at("main", NOW - HOUR)}).next_at == NOW + 5 * MINUTE


def test_the_next_round_comes_at_the_closing_instant() -> None:
    terms = ReportTerms(close_after_days=3, close_at=time(7))
    acme = contract(version(report=terms))
    closing = paris("2026-11-03 07:00")

    ended = run_round(NotingWorker(), sources={}, contracts={"acme": acme}, runs={}, now=closing - 42, may_close=True)

    assert ended.next_at == closing


def test_refused_exports_are_logged_with_file_and_line(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "kpi_agent.tick"):
        round_of(NotingWorker())

    assert caplog.messages == ["import source=desk refused: bad.csv:1: it is empty"]
