"""``kpi-agent init``: commented settings and contract to start from."""

from __future__ import annotations

from pathlib import Path

import click

from kpi_agent.bootstrap.configuration import write_examples


@click.command("init")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path(), required=False)
def command(directory: Path) -> None:
    r"""Write a commented settings file and contract into DIRECTORY (here when left out); nothing is overwritten.

    \b
    Examples:
      kpi-agent init /etc/kpi-agent
      kpi-agent init ./try && kpi-agent --config ./try/kpi-agent.yml check
    """
    for path in write_examples(directory):
        click.echo(f"written {path}")
    click.echo("edit both, then: kpi-agent check", err=True)
