"""``kpi-agent schema``: the JSON Schema of a file format."""

from __future__ import annotations

import click

from kpi_agent.bootstrap.configuration import SCHEMAS, json_schema
from kpi_agent.cli.command import Command
from kpi_agent.cli.terminal import say_json


@click.command("schema", cls=Command, short_help="The JSON Schema of a file format.")
@click.argument("kind", type=click.Choice(SCHEMAS))
def command(kind: str) -> None:
    """Print the JSON Schema of settings, contract, profile, pack, report or status.

    Examples:
      kpi-agent schema contract > contract.schema.json
    """
    say_json(json_schema(kind))
