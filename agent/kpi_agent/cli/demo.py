"""``kpi-agent demo``: the whole road on a simulated estate, without configuration."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from kpi_agent.cli.session import now as clock
from kpi_agent.demo.estate import run_demo


@click.command("demo")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("kpi-agent-demo"))
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is another estate.")
@click.option("--now", "at", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="Pretend that it is this instant (UTC).")
def command(directory: Path, seed: int, at: datetime | None) -> None:
    r"""Simulate an estate in DIRECTORY, collect, import, close two months and render the reports.

    Needs no configuration. With Debian's prometheus installed, metrics come from a real server on loopback.

    \b
    Examples:
      kpi-agent demo
      kpi-agent demo ./estate --seed 7
    """
    instant = clock() if at is None else int(at.replace(tzinfo=UTC).timestamp())
    pages = run_demo(directory, seed=seed, now=instant, tell=lambda text: click.echo(text, err=True))
    for page in pages:
        click.echo("")
        click.echo(page.verdict)
        click.echo(f"  {page.path}")
    click.echo("")
    click.echo("Go on with:")
    for words in ("status", "report show acme", "report list"):
        click.echo(f"  kpi-agent --config {directory / 'kpi-agent.yml'} {words}")
