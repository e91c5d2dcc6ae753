"""``kpi-agent db``: care of the store."""

from __future__ import annotations

from pathlib import Path

import click

from kpi_agent.bootstrap.agent import upgrade_store
from kpi_agent.bootstrap.configuration import load_configuration
from kpi_agent.cli.command import Group
from kpi_agent.cli.session import now
from kpi_agent.cli.terminal import say


@click.group("db", cls=Group, short_help="Care of the store.")
def command() -> None:
    """Care of the store.

    Examples:
      kpi-agent db upgrade
    """


@command.command("upgrade")
@click.pass_obj
def upgrade(config: Path) -> None:
    """Create the store, or bring it to this program's schema; an existing file is backed up first.

    Examples:
      kpi-agent db upgrade
    """
    say(upgrade_store(load_configuration(config), now=now()))
