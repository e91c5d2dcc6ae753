"""``kpi-agent run``: the daemon, in the foreground."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import click

from kpi_agent.bootstrap.configuration import Configuration, load_configuration
from kpi_agent.cli.command import Command
from kpi_agent.daemon.service import Tick, TickResult, serve
from kpi_agent.domain.errors import InvalidConfiguration, KpiAgentError, StoreError
from kpi_agent.domain.source import TicketSource

_log = logging.getLogger("kpi_agent.run")


@click.command("run", cls=Command, short_help="The daemon, in the foreground.")
@click.option("--tick", "tick_seconds", type=click.IntRange(1, 300), default=30, show_default=True, help="Seconds.")
@click.pass_obj
def command(config: Path, tick_seconds: int) -> int:
    """Run the agent in the foreground, for systemd: collect, import, close, by what is due.

    Examples:
      kpi-agent run
    """
    is_reload = False

    def load() -> Configuration:
        # At the start a broken contract must not stop the others. On a reload it keeps the whole old configuration:
        # else the contract that somebody is editing would silently leave the agent.
        nonlocal is_reload
        configuration = load_configuration(config)
        if is_reload and configuration.errors:
            raise InvalidConfiguration(configuration.errors)
        for problem in configuration.errors:
            _log.error("%s", problem)
        rewritten = _try_store(configuration)
        if is_reload and rewritten:
            raise KpiAgentError("\n".join(rewritten))
        for line in rewritten:
            _log.error("%s", line)
        is_reload = True
        return configuration

    return serve(load=load, work=_work, state_dir_of=lambda c: c.state_dir, tick_seconds=tick_seconds)


def _work(configuration: Configuration, tick: Tick) -> TickResult:
    """Do one round; runs in a child process, which alone pays for the libraries."""
    from kpi_agent.bootstrap.agent import open_agent  # noqa: PLC0415 - the daemon itself stays small

    with open_agent(configuration) as agent:
        result = agent.round(now=tick.now, may_close=not tick.is_clock_suspicious)
    return TickResult(next_at=result.next_at, watch=_inboxes(configuration), status=result.status)


def _try_store(configuration: Configuration) -> list[str]:
    """Open and close the store in a process of its own, for the libraries' sake; raises StoreError with its reason.

    A damaged store, or one of a newer program, keeps the daemon from starting: work would fail for ever. Returns what
    is wrong with contracts that were rewritten under closed periods.
    """
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.write(writer, json.dumps(_faults_of_store(configuration)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        told = pipe.read()
    os.waitpid(pid, 0)
    fault, rewritten = json.loads(told or b'["the store could not be opened", []]')
    if fault:
        raise StoreError(fault)
    return list(rewritten)


def _faults_of_store(configuration: Configuration) -> tuple[str, list[str]]:
    from kpi_agent.bootstrap.agent import open_agent  # noqa: PLC0415 - the daemon itself stays small

    try:
        with open_agent(configuration) as agent:
            known = set(configuration.errors)
            return "", [str(p) for p in agent.configuration.errors if p not in known]
    except (KpiAgentError, OSError) as error:
        return str(error), []


def _inboxes(configuration: Configuration) -> tuple[str, ...]:
    sources = configuration.settings.sources.values()
    folders = {configuration.state_dir / Path(s.path).parent for s in sources if isinstance(s, TicketSource)}
    return tuple(sorted(str(f) for f in folders))
