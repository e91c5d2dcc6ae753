"""``kpi-agent import``: ticket exports now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from kpi_agent.bootstrap.agent import look_at_export
from kpi_agent.bootstrap.configuration import Configuration, load_configuration
from kpi_agent.cli.command import Command
from kpi_agent.cli.dry_run import dry_run_lines, not_all
from kpi_agent.cli.main import EXIT_FAILED
from kpi_agent.cli.session import now, opened
from kpi_agent.cli.terminal import say, say_json
from kpi_agent.domain.errors import ExportRefused, NotFound
from kpi_agent.domain.export import Export
from kpi_agent.domain.problem import visible
from kpi_agent.domain.source import TicketSource
from kpi_agent.domain.time import to_utc_text
from kpi_agent.jobs.dry_run import SCHEMA
from kpi_agent.jobs.import_tickets import Imported

_SHOWN = 20
_AS_OF_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%SZ"]


@click.command("import", cls=Command, short_help="Take ticket exports now.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, readable=False))
@click.option("--source", "source_name", required=True, help="The ticket source whose profile reads the files.")
@click.option("--dry-run", is_flag=True, help="Read and explain, store nothing.")
@click.option("--json", "is_json", is_flag=True, help=f"With --dry-run: print JSON ({SCHEMA}).")
@click.option("--as-of", type=click.DateTime(_AS_OF_FORMATS), help="When the export was made (UTC).")
@click.pass_obj
def command(
    config: Path, files: tuple[Path, ...], source_name: str, *, dry_run: bool, is_json: bool, as_of: datetime | None
) -> int:
    """Import ticket exports: read, new, changed, unchanged, rejected, with a reason per rejected row.

    Examples:
      kpi-agent import glpi.csv --source desk
      kpi-agent import glpi.csv --source desk --dry-run
    """
    instant = None if as_of is None else int(as_of.replace(tzinfo=UTC).timestamp())
    is_whole = True
    if dry_run:
        return _look_at(config, files, source_name, as_of=instant, is_json=is_json)
    if is_json:
        raise click.UsageError("--json goes with --dry-run")
    with opened(config) as agent:
        source = _desk(agent.configuration, source_name)
        for path in files:
            item = agent.import_file(path, source, now=now(), as_of=instant)
            tell(path.name, item)
            if instant is not None and item.known_as_of not in {None, instant}:
                _tell_ignored(item)
            is_whole &= not item.problems
        agent.refresh_snapshots(now=now())
    return 0 if is_whole else EXIT_FAILED


def _desk(configuration: Configuration, name: str) -> TicketSource:
    sources = configuration.settings.sources
    source = sources.get(name)
    if not isinstance(source, TicketSource):
        desks = [n for n, s in sources.items() if isinstance(s, TicketSource)]
        raise NotFound(f"no ticket source '{name}'; known: {', '.join(desks) or 'none'}")
    return source


def _look_at(config: Path, files: Sequence[Path], name: str, *, as_of: int | None, is_json: bool) -> int:
    """Say how files would be read; no store is opened or made."""
    configuration = load_configuration(config)
    source = _desk(configuration, name)
    values = []
    is_whole = True
    for path in files:
        value = look_at_export(path, source, configuration.contracts.values(), now=now(), as_of=as_of)
        if isinstance(value, ExportRefused):
            for problem in value.problems:
                say(str(problem), is_error=True)
            is_whole = False
            continue
        values.append(value)
        if not is_json:
            say("\n".join(dry_run_lines(value)))
    if is_json:
        say_json({"schema": SCHEMA, "files": values})
    return 0 if is_whole else EXIT_FAILED


def tell(name: str, item: Imported) -> None:
    """Print what became of one file: counts to stdout, refusal and rejected rows to stderr."""
    for problem in item.problems:
        say(str(problem), is_error=True)
    counts = item.counts
    label = item.file if name == item.file else f"{name}: {item.file}"
    if counts is None:
        say(f"{item.file}: nothing was taken; mend it and try again", is_error=True)
    elif counts.is_repeat:
        say(f"{label}: taken before, nothing to do")
    else:
        say(
            f"{label}: read {counts.read}, new {counts.new}, changed {counts.changed}, "
            f"unchanged {counts.unchanged}, rejected {counts.rejected}"
        )
    if item.export is not None:
        _tell_rejected(item.export)


def _tell_ignored(item: Imported) -> None:
    # The instant is part of what was stored with the file: taking it anew would change closed months.
    say(f"{item.file}: taken before as of {to_utc_text(item.known_as_of or 0)}; --as-of ignored", is_error=True)


def _tell_rejected(export: Export) -> None:
    for row in export.rejected[:_SHOWN]:
        say(visible(f"{export.file}:{row.line}: {row.reason}"), is_error=True)
    if len(export.rejected) > _SHOWN:
        say(f"{export.file}: {len(export.rejected) - _SHOWN} more rows rejected", is_error=True)
    if export.is_truncated:
        say(f"{export.file}: {not_all(export.rows)}", is_error=True)
