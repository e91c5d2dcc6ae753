"""What commands share: the configuration named on the command line, opened."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from kpi_agent.bootstrap.agent import Agent, open_agent
from kpi_agent.bootstrap.configuration import load_configuration
from kpi_agent.cli.terminal import say
from kpi_agent.domain.contract import Contract, find_contract
from kpi_agent.domain.errors import InvalidPeriod
from kpi_agent.domain.time import Period

INSTANT = click.DateTime(("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"))
"""An option's instant, in UTC."""


def instant_of(given: datetime | None) -> int | None:
    """Return epoch seconds of an option of type INSTANT."""
    return None if given is None else int(given.replace(tzinfo=UTC).timestamp())


def now() -> int:
    """Return the current instant: the one clock of the command line."""
    return int(time.time())


@contextmanager
def opened(config: Path) -> Iterator[Agent]:
    """Open the agent that *config* describes; broken contracts are told on stderr and the others go on."""
    with open_agent(load_configuration(config)) as agent:
        for problem in agent.configuration.errors:
            say(str(problem), is_error=True)
        yield agent


def period_of(contract: Contract, text: str | None, *, at: int) -> Period:
    """Return the period named, or the running month; a name that is none is a usage error."""
    if text is None:
        return Period.month_of(at, contract.timezone)
    try:
        return Period.parse(text, contract.timezone)
    except InvalidPeriod as error:
        raise click.BadParameter(str(error), param_hint="--period") from error


def contract_of(agent: Agent, name: str) -> Contract:
    """Return the contract of that id; raises NotFound naming those that are known."""
    return find_contract(agent.configuration.contracts, name)
