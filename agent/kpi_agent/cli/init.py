"""``kpi-agent init``: commented settings and contract to start from."""

from __future__ import annotations

from pathlib import Path

import click

from kpi_agent.bootstrap.configuration import write_examples
from kpi_agent.cli.command import Command
from kpi_agent.cli.terminal import say


@click.command("init", cls=Command, short_help="Write commented settings and a contract.")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path(), required=False)
def command(directory: Path) -> None:
    """Write a commented settings file and contract into DIRECTORY (here when left out); nothing is overwritten.

    Examples:
      kpi-agent init /etc/kpi-agent
      kpi-agent init ./try && kpi-agent --config ./try/kpi-agent.yml check
    """
    for path in write_examples(directory):
        say(f"written {path}")
    say("edit both, then: kpi-agent check", is_error=True)
