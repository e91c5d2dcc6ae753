"""``kpi-agent demo``: the whole road on a simulated estate, without configuration."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click

from kpi_agent.cli.command import Command
from kpi_agent.cli.session import now as clock
from kpi_agent.cli.terminal import say
from kpi_agent.demo.estate import run_demo


@click.command("demo", cls=Command, short_help="A simulated estate, from exports to reports.")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False), default=Path("kpi-agent-demo"))
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is another estate.")
@click.option("--now", "at", type=click.DateTime(["%Y-%m-%dT%H:%M:%SZ"]), help="Pretend that it is this instant (UTC).")
def command(directory: Path, seed: int, at: datetime | None) -> None:
    """Simulate an estate in DIRECTORY, collect, import, close two months and render the reports.

    Needs no configuration. With Debian's prometheus installed, metrics come from a real server on loopback.

    Examples:
      kpi-agent demo
      kpi-agent demo ./estate --seed 7
    """
    instant = clock() if at is None else int(at.replace(tzinfo=UTC).timestamp())
    pages = run_demo(directory, seed=seed, now=instant, tell=partial(say, is_error=True))
    for page in pages:
        say("")
        say(page.verdict)
        say(f"  {page.path}")
    say("")
    # As it was called: from a virtual environment that is not on the PATH, the bare name would not be found.
    program = "kpi-agent" if shutil.which("kpi-agent") is not None else sys.argv[0]
    say("Go on with:")
    for words in ("status", "report show acme", "report list"):
        say(f"  {program} --config {directory / 'kpi-agent.yml'} {words}")
