"""``kpi-agent db``: care of the store."""

from __future__ import annotations

from pathlib import Path

import click

from kpi_agent.bootstrap.agent import upgrade_store
from kpi_agent.bootstrap.configuration import load_configuration
from kpi_agent.cli.session import now


@click.group("db")
def command() -> None:
    r"""Care of the store.

    \b
    Examples:
      kpi-agent db upgrade
    """


@command.command("upgrade")
@click.pass_obj
def upgrade(config: Path) -> None:
    r"""Create the store, or bring it to this program's schema; an existing file is backed up first.

    \b
    Examples:
      kpi-agent db upgrade
    """
    click.echo(upgrade_store(load_configuration(config), now=now()))
