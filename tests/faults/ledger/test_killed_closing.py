"""A daemon killed between any two states of the ledger closes each month once, with what it knew when it began."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import time
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from faults.ledger.killed_run import Kill, ended, settle, stages, start
from integration.cli.host import Host, export, host, month_of_tickets, row
from kpi_agent.bootstrap.agent import Agent, open_agent
from kpi_agent.bootstrap.configuration import load_configuration
from kpi_agent.domain.due import DueClose, LedgerEntry
from kpi_agent.domain.source import TicketSource
from kpi_agent.domain.time import DAY, HOUR, Period

KILLS: list[Kill] = [
    (step, number, moment)
    for step, calls in (("begin", 2), ("move", 4), ("close", 2), ("archive", 2), ("write", 6))
    for number in range(1, calls + 1)
    for moment in ("before", "after")
    if (step, moment) != ("write", "after")  # before the next one, or after the archive
]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Host:
    """A host whose agent came during the month before the last: two months are due, and an export waits."""
    made = host(tmp_path_factory.mktemp("prepared") / "home")
    came = made.month(2).start + 5 * DAY
    old = month_of_tickets(made.month(3))
    made.drop("first.csv", export(old), age=made.now - came + HOUR)
    with open_agent(load_configuration(made.config)) as agent:
        agent.import_inbox(desk(agent), now=came)
    new = [*month_of_tickets(made.month(2), first=100, late=2), *month_of_tickets(made.month(1), first=200)]
    made.drop("second.csv", export([*old, *new, row(300, made.now - 2 * HOUR, resolve=None)]), age=HOUR)
    return made


@pytest.fixture
def home(prepared: Host, tmp_path: Path) -> Host:
    return copied(prepared, tmp_path / "home")


def copied(made: Host, to: Path) -> Host:
    shutil.copytree(made.home, to)
    return replace(made, home=to)


def desk(agent: Agent) -> TicketSource:
    source = agent.configuration.settings.sources["desk"]
    assert isinstance(source, TicketSource)
    return source


def check_whole(found: Host, prepared: Host) -> None:
    """One document per month, as an undisturbed agent closes it with the same knowledge; every rendering of it."""
    months = [found.month(2), found.month(1)]
    with open_agent(load_configuration(found.config)) as agent:
        assert agent.store.audit.faults() == ()
        assert [e.action for e in agent.store.audit.entries()].count("close") == len(months)
        entries = agent.store.ledger.entries("acme")
        documents = agent.store.ledger.documents("acme")
        assert [(e.period, e.stage.value, e.revision) for e in entries.values()] == [
            (m.id, "rendered", 1) for m in months
        ]
        assert [(d.period, d.revision) for d in documents] == [(m.id, 1) for m in months]
        for stored in documents:
            content = json.loads(stored.content)
            folder = agent.report_folder("acme", stored.period, 1)
            assert {p.name: p.read_bytes() for p in folder.iterdir()} == {
                "report.json": stored.content,
                **{f"report.{form}": agent.render(content, form) for form in ("html", "txt", "csv", "xlsx")},
            }
    assert {d.period: d.sha256 for d in documents} == undisturbed(found, prepared, months, entries)


def undisturbed(found: Host, prepared: Host, months: list[Period], entries: dict[str, LedgerEntry]) -> dict[str, str]:
    """The hashes of the same months, closed at the same instants by an agent that nothing happened to."""
    # At the same path: a document names the contract's file.
    aside = found.home.rename(found.home.with_name("aside"))
    reference = copied(prepared, found.home)
    with open_agent(load_configuration(reference.config)) as agent:
        contract = agent.configuration.contracts["acme"]
        agent.import_inbox(desk(agent), now=reference.now)
        for month in months:
            at = entries[month.id].as_of
            begun = agent.closer.close(contract, DueClose("acme", month, at, at, None), now=at)
            assert begun.newest_import == entries[month.id].newest_import
        closed = {d.period: d.sha256 for d in agent.store.ledger.documents("acme")}
    shutil.rmtree(reference.home)
    aside.rename(found.home)
    return closed


@pytest.mark.parametrize("kill", KILLS, ids=lambda kill: f"{kill[2]}-{kill[0]}-{kill[1]}")
def test_a_kill_at_any_step_leaves_one_whole_document_a_month(kill: Kill, home: Host, prepared: Host) -> None:
    assert ended(start(home.home, kill)) == -signal.SIGKILL

    settle(home.home, 2)

    check_whole(home, prepared)


def test_a_month_that_was_begun_keeps_its_instant_however_late_it_is_finished(home: Host) -> None:
    ended(start(home.home, ("move", 1, "before")))
    with open_agent(load_configuration(home.config)) as agent:
        begun = agent.store.ledger.entries("acme")[home.month(2).id]
    time.sleep(1.1)  # the clock has whole seconds

    settle(home.home, 2)

    with open_agent(load_configuration(home.config)) as agent:
        closed = agent.store.ledger.entries("acme")[home.month(2).id]
    assert (closed.as_of, closed.newest_import) == (begun.as_of, begun.newest_import)
    assert closed.updated > closed.as_of


def test_kills_at_random_instants_lose_nothing_and_double_nothing(prepared: Host, tmp_path: Path) -> None:
    chance = random.Random(20261123)
    kills = 0
    for number in count():
        victim = copied(prepared, tmp_path / str(number) / "home")
        survived = 0.15  # seconds: grows with each kill, so that a slow machine comes to an end too
        while stages(victim.home) != ["rendered"] * 2:
            pid = start(victim.home)
            time.sleep(chance.uniform(0.01, survived))
            os.kill(pid, signal.SIGKILL)
            assert ended(pid) == -signal.SIGKILL
            kills, survived = kills + 1, survived + 0.03
        settle(victim.home, 2)
        check_whole(victim, prepared)
        if kills >= 30:
            break
