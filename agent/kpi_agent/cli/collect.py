"""``kpi-agent collect``: one collection now."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from kpi_agent.bootstrap.agent import Agent
from kpi_agent.cli.command import Command
from kpi_agent.cli.import_export import tell
from kpi_agent.cli.main import EXIT_FAILED
from kpi_agent.cli.session import now, opened
from kpi_agent.cli.terminal import say
from kpi_agent.domain.errors import NotFound, SourceError
from kpi_agent.domain.source import PrometheusSource, Source


@click.command("collect", cls=Command, short_help="Read the sources now.")
@click.argument("sources", nargs=-1)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    help="Read again from this day or instant (UTC) instead of from the last observation.",
)
@click.pass_obj
def command(config: Path, sources: tuple[str, ...], since: datetime | None) -> int:
    """Collect metrics and take the inbox's ticket exports now, from all SOURCES or those named.

    Examples:
      kpi-agent collect
      kpi-agent collect main --since 2026-10-01
    """
    start = None if since is None else int(since.replace(tzinfo=UTC).timestamp())
    is_whole = True
    with opened(config) as agent:
        known = agent.configuration.settings.sources
        for name in sources:
            if name not in known:
                raise NotFound(f"no source '{name}'; known: {', '.join(known) or 'none'}")
        for name in sources or known:
            try:
                is_whole &= _read(agent, known[name], since=start)
            except SourceError as error:
                say(f"{name}: {error}", is_error=True)
                is_whole = False
        agent.refresh_snapshots(now=now())
    return 0 if is_whole else EXIT_FAILED


def _read(agent: Agent, source: Source, *, since: int | None) -> bool:
    """Read one source, tell what came, and return whether all of it could be used."""
    name = source.name
    if isinstance(source, PrometheusSource):
        result = agent.collect(source, now=now(), since=since)
        say(f"{name}: {result.signals} signals, {result.lines} lines, {result.samples} samples")
        for text in map(str, (*result.warnings, *result.failures)):
            say(text if text.startswith(f"source {name}") else f"{name}: {text}", is_error=True)
        return not result.failures
    taken = agent.import_inbox(source, now=now())
    for item in taken:
        tell(name, item)
    if not taken:
        say(f"{name}: no complete export in {source.path}", is_error=True)
    return not any(item.problems for item in taken)
