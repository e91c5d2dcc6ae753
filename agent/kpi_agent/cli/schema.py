"""``kpi-agent schema``: the JSON Schema of a file format."""

from __future__ import annotations

import json

import click

from kpi_agent.bootstrap.configuration import SCHEMAS, json_schema


@click.command("schema")
@click.argument("kind", type=click.Choice(SCHEMAS))
def command(kind: str) -> None:
    r"""Print the JSON Schema of settings, contract, profile, pack, report or status.

    \b
    Examples:
      kpi-agent schema contract > contract.schema.json
    """
    click.echo(json.dumps(json_schema(kind), indent=2, ensure_ascii=False, sort_keys=True))
