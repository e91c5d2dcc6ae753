"""``kpi-agent status``: how the agent is, for people and monitoring. It computes nothing and loads no heavy library."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from kpi_agent.cli.command import Command
from kpi_agent.cli.status_nagios import nagios_lines
from kpi_agent.cli.status_state import read_state
from kpi_agent.cli.status_text import text_lines
from kpi_agent.cli.terminal import say, say_json


@click.command("status", cls=Command, short_help="Health, freshness, the month so far, what to do.")
@click.argument("contract", required=False)
@click.option("--json", "is_json", is_flag=True, help="Print JSON (kpi-agent/status/1).")
@click.option("--nagios", "is_nagios", is_flag=True, help="Print for a monitoring plugin: summary, problems, perfdata.")
@click.option("--problems", "is_brief", is_flag=True, help="Print only what is wrong; one line when all is well.")
@click.option("--watch", type=click.IntRange(1), help="Print again every so many seconds, until interrupted.")
@click.pass_obj
def command(
    config: Path, contract: str | None, *, is_json: bool, is_nagios: bool, is_brief: bool, watch: int | None
) -> int:
    """Say whether the agent is healthy, the sources fresh, where the month stands and what to do next.

    Exit code: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.

    Examples:
      kpi-agent status
      kpi-agent status acme --json
      kpi-agent status --nagios
    """
    while True:
        state = _state(config, contract)
        if is_json:
            say_json(state)
        else:
            say("\n".join(_lines(state, is_nagios=is_nagios, is_brief=is_brief)))
        if watch is None:
            return int(state["exit_code"])
        time.sleep(watch)
        click.clear()


def _state(config: Path, contract: str | None) -> dict[str, Any]:
    """Return the state; whatever goes wrong while reading it is itself a state, never a traceback."""
    try:
        return read_state(config, contract, now=int(time.time()))
    except Exception as error:  # noqa: BLE001 - monitoring needs an answer for every failure: UNKNOWN with its reason
        return {"schema": "kpi-agent/status/1", "state": "unknown", "exit_code": 3, "error": str(error) or repr(error)}


def _lines(state: dict[str, Any], *, is_nagios: bool, is_brief: bool) -> list[str]:
    if "error" in state:
        return [f"kpi-agent UNKNOWN - {state['error']}"]
    if is_nagios:
        return nagios_lines(state)
    return text_lines(state, is_brief=is_brief)
