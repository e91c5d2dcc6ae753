"""``kpi-agent quarantine``: rows that were rejected and files that were refused, with the reason of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import wrap
from typing import Any
from zoneinfo import ZoneInfo

import click

from kpi_agent.bootstrap.agent import Agent
from kpi_agent.cli.command import Command, Group
from kpi_agent.cli.session import opened
from kpi_agent.cli.terminal import say, say_json
from kpi_agent.collectors.quarantine import Refused, refused_files
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.export import ImportRecord
from kpi_agent.domain.problem import visible
from kpi_agent.domain.source import TicketSource
from kpi_agent.domain.time import to_local, zone

LIST_SCHEMA = "kpi-agent/quarantine/1"
FILE_SCHEMA = "kpi-agent/quarantine-file/1"
_WIDTH = 80
_FILES_SHOWN = 50


@click.group("quarantine", cls=Group, short_help="Rejected rows and refused files, with reasons.")
def command() -> None:
    """Show what of the ticket exports was not trusted: rows rejected with their reason, files refused whole.

    Examples:
      kpi-agent quarantine list
      kpi-agent quarantine show glpi.csv
    """


@command.command("list", cls=Command, short_help="Files with rejected rows, and refused files.")
@click.argument("sources", nargs=-1)
@click.option("--json", "is_json", is_flag=True, help=f"Print JSON ({LIST_SCHEMA}).")
@click.pass_obj
def list_command(config: Path, sources: tuple[str, ...], *, is_json: bool) -> int:
    """List files that were refused and files with rejected rows, of all SOURCES or those named, newest first.

    Examples:
      kpi-agent quarantine list
      kpi-agent quarantine list desk --json
    """
    with opened(config) as agent:
        tz = zone(agent.configuration.settings.timezone)
        entries = [_plain(entry) for entry in _entries(agent, sources)]
    if is_json:
        say_json({"schema": LIST_SCHEMA, "files": entries})
    elif entries:
        say("\n".join(_list_lines(entries, tz)))
    else:
        say("nothing is in quarantine: no file was refused, no row rejected")
    return 0


@command.command("show", cls=Command, short_help="Each rejected row of a file, or why it was refused.")
@click.argument("file")
@click.option("--source", "source_name", help="The source of the file, where several have one of that name.")
@click.option("--json", "is_json", is_flag=True, help=f"Print JSON ({FILE_SCHEMA}).")
@click.pass_obj
def show_command(config: Path, file: str, source_name: str | None, *, is_json: bool) -> int:
    """Show each rejected row of FILE with line, reason and text, or why it was refused.

    FILE is a name, or an ID that `quarantine list` gives; of several files with that name, the newest.

    Examples:
      kpi-agent quarantine show glpi.csv
      kpi-agent quarantine show 12 --json
    """
    with opened(config) as agent:
        tz = zone(agent.configuration.settings.timezone)
        entries = _entries(agent, () if source_name is None else (source_name,))
        found = [e for e in entries if file in {e["id"], e["file"]}]
        if not found:
            raise NotFound(f"nothing of '{visible(file)}' is in quarantine; see: kpi-agent quarantine list")
        entry = found[0]
        entry["rejected_rows"] = [
            {"line": row.line, "code": row.code, "reason": row.reason, "raw": row.raw}
            for row in (agent.store.tickets.rejected_in(entry["import"]) if entry["import"] else ())
        ]
    if is_json:
        say_json({"schema": FILE_SCHEMA} | _plain(entry))
        return 0
    say("\n".join(_file_lines(entry, tz)))
    if len(found) > 1:
        others = ", ".join(e["id"] for e in found[1:4])
        say(f"{len(found) - 1} more of that name: kpi-agent quarantine show ID, with {others}", is_error=True)
    return 0


def _entries(agent: Agent, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return what is in quarantine, newest first; raises NotFound for a name that is no ticket source."""
    desks = [n for n, s in agent.configuration.settings.sources.items() if isinstance(s, TicketSource)]
    for name in names:
        if name not in desks:
            raise NotFound(f"no ticket source '{name}'; known: {', '.join(desks) or 'none'}")
    entries: list[dict[str, Any]] = []
    for name in names or desks:
        entries += [_refused(one) for one in refused_files(agent.quarantine, name)]
        entries += [_with_rows(one) for one in agent.store.tickets.imports(name) if one.rejected]
    return sorted(entries, key=lambda e: (e["at"], e["import"]), reverse=True)


def _refused(one: Refused) -> dict[str, Any]:
    return {
        "id": one.key,
        "kind": "refused",
        "source": one.source,
        "file": one.file,
        "at": one.refused_at,
        "path": str(one.path),
        "reasons": list(one.reasons),
        "mended_at": one.mended_at,
        "import": 0,
    }


def _with_rows(one: ImportRecord) -> dict[str, Any]:
    return {
        "id": str(one.id),
        "kind": "rows",
        "source": one.source,
        "file": one.file,
        "at": one.imported_at,
        "as_of": one.as_of,
        "sha256": one.sha256,
        "rows": one.rows,
        "rejected": one.rejected,
        "rejected_by_reason": dict(one.rejected_by_reason),
        "import": one.id,
    }


def _plain(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "import"}


def _list_lines(entries: list[dict[str, Any]], tz: ZoneInfo) -> Iterator[str]:
    for entry in entries[:_FILES_SHOWN]:
        yield from _head(entry, tz)
        if entry["kind"] == "rows":
            reasons = ", ".join(f"{code} {count}" for code, count in sorted(entry["rejected_by_reason"].items()))
            yield from _wrapped(f"  {entry['rejected']} of {entry['rows']} rows rejected: {reasons}")
        else:
            yield from _reasons(entry, tz)
    if len(entries) > _FILES_SHOWN:
        yield f"and {len(entries) - _FILES_SHOWN} older: kpi-agent quarantine list --json"


def _file_lines(entry: Mapping[str, Any], tz: ZoneInfo) -> Iterator[str]:
    yield from _head(entry, tz)
    if entry["kind"] == "refused":
        yield from _reasons(entry, tz)
        return
    yield f"  {entry['rejected']} of {entry['rows']} rows rejected"
    for row in entry["rejected_rows"]:
        yield from _wrapped(f"  line {row['line']}: {row['code']}: {row['reason']}")
        yield from _wrapped(f"      {row['raw']}")


def _head(entry: Mapping[str, Any], tz: ZoneInfo) -> Iterator[str]:
    what = "refused" if entry["kind"] == "refused" else "taken"
    at = f"{to_local(entry['at'], tz):%Y-%m-%d %H:%M %Z}"
    yield from _wrapped(f"{entry['file']} (source {entry['source']}, id {entry['id']}), {what} {at}")


def _reasons(entry: Mapping[str, Any], tz: ZoneInfo) -> Iterator[str]:
    for reason in entry["reasons"]:
        yield from _wrapped(f"  {reason}")
    yield from _wrapped(f"  it lies in {entry['path']}")
    if entry["mended_at"] is not None:
        yield f"  a file of that name was taken {to_local(entry['mended_at'], tz):%Y-%m-%d %H:%M %Z}"


def _wrapped(text: str) -> list[str]:
    indent = " " * (len(text) - len(text.lstrip()))
    shown = visible(text.lstrip())
    return wrap(shown, _WIDTH, initial_indent=indent, subsequent_indent=f"{indent}    ", break_on_hyphens=False)
