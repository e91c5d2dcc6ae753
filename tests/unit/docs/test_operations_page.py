"""docs/operations.md names each file of the daemon, each stage of the ledger, and the numbers that it promises."""

from __future__ import annotations

import pytest

from kpi_agent.bootstrap.configuration import json_schema
from kpi_agent.collectors.inbox import SETTLED_AFTER
from kpi_agent.daemon.agenda import BACK_OFF_MAX_SECONDS, BACK_OFF_SECONDS
from kpi_agent.daemon.clockmark import AHEAD_SECONDS, BACK_SECONDS, MARK_NAME
from kpi_agent.daemon.heartbeat import HEARTBEAT_NAME
from kpi_agent.daemon.lock import LOCK_NAME
from kpi_agent.domain.due import Stage
from unit.docs.key_tables import Reader

PAGE = "docs/operations.md"
MINUTE, DAY = 60, 86_400


@pytest.mark.parametrize("name", [HEARTBEAT_NAME, MARK_NAME, LOCK_NAME, "kpi-agent.db", "kpi-agent.db-wal"])
def test_each_file_of_the_state_directory_is_named(name: str, page: Reader) -> None:
    assert f"`/var/lib/kpi-agent/{name}`" in page(PAGE)


@pytest.mark.parametrize("folder", ["inbox", "reports", "backups", "quarantine", "register"])
def test_each_folder_made_at_installation_is_named(folder: str, page: Reader) -> None:
    made = page("systemd/tmpfiles.d/kpi-agent.conf")

    assert f" /var/lib/kpi-agent/{folder} " in made
    assert folder in page(PAGE).partition("\n## Where things are\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("stage", list(Stage))
def test_each_stage_of_the_ledger_is_explained(stage: str, page: Reader) -> None:
    rows = [line for line in page(PAGE).splitlines() if line.startswith("| `")]

    assert any(f"`{stage}`" in row.split("|")[1] for row in rows)


def daemon_states() -> list[str]:
    states: list[str] = json_schema("status")["properties"]["daemon"]["properties"]["state"]["enum"]
    return [s for s in states if s != "running"]


@pytest.mark.parametrize("state", daemon_states())
def test_what_to_do_is_said_for_each_state_of_a_daemon_that_does_not_run(state: str, page: Reader) -> None:
    word = "never started" if state == "never" else state

    assert f"\n| `daemon {word}` |" in page(PAGE)


@pytest.mark.parametrize("state", ["late", "failed", "never"])
def test_what_to_do_is_said_for_each_state_of_a_source(state: str, page: Reader) -> None:
    assert state in json_schema("status")["properties"]["sources"]["items"]["properties"]["state"]["enum"]
    assert f"\n| source `{state}` |" in page(PAGE)


def test_the_numbers_are_those_of_the_program(page: Reader) -> None:
    text = " ".join(page(PAGE).split())

    assert f"after 1, 2, 4 … at most {BACK_OFF_MAX_SECONDS // MINUTE} min" in text
    assert BACK_OFF_SECONDS == MINUTE
    assert f"more than {BACK_SECONDS // MINUTE} min behind" in text
    assert f"more than {AHEAD_SECONDS // DAY} days ahead" in text
    assert f"not modified for {SETTLED_AFTER} s" in page("docs/configuration.md")
