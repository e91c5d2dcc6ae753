"""``kpi-agent check``: is the configuration right, and do the sources answer?"""

from __future__ import annotations

from pathlib import Path

import click

from kpi_agent.bootstrap.agent import has_store, open_agent
from kpi_agent.bootstrap.configuration import Configuration, load_configuration
from kpi_agent.cli.check_online import look_at
from kpi_agent.cli.command import Command
from kpi_agent.cli.main import EXIT_CONFIGURATION, EXIT_FAILED
from kpi_agent.cli.terminal import say
from kpi_agent.domain.errors import StoreError
from kpi_agent.domain.source import PrometheusSource


@click.command("check", cls=Command, short_help="Check settings, contracts and profiles.")
@click.option("--online", is_flag=True, help="Ask each Prometheus too: what every signal finds, which packs fit.")
@click.pass_obj
def command(config: Path, *, online: bool) -> int:
    """Check settings, contracts, profiles and queries; every problem with file, line and what to write.

    Examples:
      kpi-agent check
      kpi-agent --config ./kpi-agent.yml check --online
    """
    configuration = _with_closed_periods(load_configuration(config))
    for problem in configuration.problems:
        say(f"advice: {problem}" if problem.is_advice else str(problem), is_error=True)
    for contract in configuration.contracts.values():
        objectives = len(contract.latest.objectives)
        say(f"contract {contract.id}: {len(contract.versions)} version(s), {objectives} objectives")
    is_reached = True
    if online:
        for source in configuration.settings.sources.values():
            if isinstance(source, PrometheusSource):
                is_reached &= look_at(source, configuration)
    if configuration.errors:
        return EXIT_CONFIGURATION
    if not configuration.contracts:
        return EXIT_CONFIGURATION  # the advice above says that there is none, and where
    return 0 if is_reached else EXIT_FAILED


def _with_closed_periods(configuration: Configuration) -> Configuration:
    """Return the configuration held against what is closed; unchanged before there is a store, or when it is shut."""
    try:
        if not has_store(configuration):
            return configuration
        with open_agent(configuration) as agent:
            return agent.configuration
    except StoreError as error:
        say(f"advice: not held against closed periods: {error}", is_error=True)
        return configuration
