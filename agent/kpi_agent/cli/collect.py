"""``kpi-agent collect``: one collection now."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from kpi_agent.cli.import_export import tell
from kpi_agent.cli.main import EXIT_FAILED
from kpi_agent.cli.session import now, opened
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.source import PrometheusSource


@click.command("collect")
@click.argument("sources", nargs=-1)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]),
    help="Read again from this day or instant (UTC) instead of from the last observation.",
)
@click.pass_obj
def command(config: Path, sources: tuple[str, ...], since: datetime | None) -> int:
    r"""Collect metrics and take the inbox's ticket exports now, from all SOURCES or those named.

    \b
    Examples:
      kpi-agent collect
      kpi-agent collect main --since 2026-10-01
    """
    start = None if since is None else int(since.replace(tzinfo=UTC).timestamp())
    is_whole = True
    with opened(config) as agent:
        known = agent.configuration.settings.sources
        for name in sources or known:
            if name not in known:
                raise NotFound(f"no source '{name}'; known: {', '.join(known)}")
            source = known[name]
            if isinstance(source, PrometheusSource):
                result = agent.collect(source, now=now(), since=start)
                click.echo(f"{name}: {result.signals} signals, {result.lines} lines, {result.samples} samples")
                for text in (*result.warnings, *result.failures):
                    click.echo(f"{name}: {text}", err=True)
                is_whole &= not result.failures
            else:
                for item in agent.import_inbox(source, now=now()):
                    is_whole &= not item.problems
                    tell(name, item)
        agent.refresh_snapshots(now=now())
    return 0 if is_whole else EXIT_FAILED
