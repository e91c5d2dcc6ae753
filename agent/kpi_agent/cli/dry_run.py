"""What an export was understood as, as text of at most 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import Any
from zoneinfo import ZoneInfo

from kpi_agent.domain.problem import visible
from kpi_agent.domain.time import to_local, zone
from kpi_agent.jobs.dry_run import INSTANTS

_WIDTH = 80
_ROWS_SHOWN = 20
_HEADERS_SHOWN = 40
_DURATIONS = frozenset({"response_duration", "time_spent"})


def dry_run_lines(value: Mapping[str, Any]) -> Iterator[str]:
    """Yield what ``jobs.dry_run.understood`` found, instants in the contract's zone."""
    tz = zone(value["timezone"])
    kind = "event log, several rows a ticket" if value["is_event_log"] else "one row a ticket"
    yield from _wrapped("", f"{value['file']}: {value['rows']} rows ({kind}), {value['tickets']} tickets")
    yield from _pair("profile", f"{value['profile']}, source {value['source']}")
    between = {"\t": "tab", "": ""}.get(value["delimiter"], value["delimiter"])
    yield from _pair("written in", value["encoding"] + (f", columns separated by {between}" if between else ""))
    yield from _pair("as of", _local(value["as_of"], tz))
    yield from _pair("dates in", f"{value['source_timezone']} where a cell names no offset")
    yield ""
    yield from _columns(value)
    yield ""
    yield from _unknown(value["unknown"])
    for number, ticket in enumerate(value["first_tickets"], 1):
        yield ""
        yield from _ticket(number, ticket, tz, value["timezone"])
    yield ""
    yield from _rows(value)


def _columns(value: Mapping[str, Any]) -> Iterator[str]:
    yield "columns, header → field"
    for column in value["columns"]:
        dates = f", dates {column['date_format']}" if column["date_format"] else ""
        yield from _wrapped("  ", f"'{column['header']}' → {column['field']}{dates}", further="      ")
    yield from _listed("not used", [f"'{name}'" for name in value["unused"]])
    yield from _listed("no column for", [one["field"] for one in value["not_in_file"]])


def _listed(label: str, words: list[str]) -> Iterator[str]:
    if words:
        more = f" and {len(words) - _HEADERS_SHOWN} more" if len(words) > _HEADERS_SHOWN else ""
        yield from _wrapped(f"  {label}: ", ", ".join(words[:_HEADERS_SHOWN]) + more, further="      ")


def _unknown(unknown: Iterable[Mapping[str, str]]) -> Iterator[str]:
    if not unknown:
        yield "unknown: nothing; this export tells all that verdicts need"
        return
    yield "unknown, and never read as zero"
    for one in unknown:
        yield from _wrapped("  ", f"{one['field']}: {one['why']}", further="      ")


def _ticket(number: int, ticket: Mapping[str, Any], tz: ZoneInfo, timezone: str) -> Iterator[str]:
    yield from _wrapped("", f"ticket {number}: {ticket['id']}, line {ticket['line']} (times in {timezone})")
    empty = []
    for name, told in ticket.items():
        if name in {"id", "line", "unknown"}:
            continue
        if name in ticket["unknown"]:
            yield from _pair(name, "unknown")
        elif told in (None, "", []):
            empty.append(name)
        else:
            for item in told if isinstance(told, list) else [told]:
                yield from _pair(name, _shown(name, item, tz))
    yield from _listed("nothing told", empty)


def _shown(name: str, told: Any, tz: ZoneInfo) -> str:
    if isinstance(told, bool):
        return "yes" if told else "no"
    if isinstance(told, int):
        return _local(told, tz) if name in INSTANTS else _duration(told) if name in _DURATIONS else str(told)
    return _block(name, told, tz) if isinstance(told, dict) else str(told)


def _block(name: str, told: Mapping[str, Any], tz: ZoneInfo) -> str:
    match name:
        case "hold_total":
            return f"{_duration(told['seconds'])} ({told['basis']})"
        case "holds":
            end = "still waiting" if told["end"] is None else f"to {_local(told['end'], tz)}"
            return f"{_local(told['start'], tz)} {end}, {told['reason'] or 'no reason told'}"
        case "reopenings":
            return f"{_local(told['reopened'], tz)}, resolved {_local(told['resolved'], tz)}"
        case "priority_changes":
            return f"{told['before'] or 'none'} became {told['after'] or 'none'}, {_local(told['at'], tz)}"
    return ", ".join(f"{key} {word}" for key, word in told.items())


def _rows(value: Mapping[str, Any]) -> Iterator[str]:
    yield f"rows: {value['accepted']} accepted, {value['rejected']} rejected"
    for code, count in value["reasons"].items():
        yield f"  {count} {code}"
    for row in value["rejected_rows"][:_ROWS_SHOWN]:
        yield from _wrapped("  ", f"line {row['line']}: {row['reason']}", further="      ")
        yield from _wrapped("      ", row["raw"], further="      ")
    if value["rejected"] > _ROWS_SHOWN:
        yield f"  and {value['rejected'] - _ROWS_SHOWN} more: --json lists each"
    if value["is_truncated"]:
        yield from _wrapped("", not_all(value["rows"]))
    yield "nothing was stored"


def not_all(rows: int) -> str:
    """Return what to know and do when an export does not hold all that it should."""
    return (
        f"{rows} rows and not all: the desk cuts at exactly so many, or the file says that more pages follow, so this "
        "export observes nothing; export all pages, or smaller pieces"
    )


def _pair(label: str, text: str) -> Iterator[str]:
    yield from _wrapped(f"  {label:<18} ", text, further=" " * 21)


def _wrapped(label: str, text: str, further: str = "  ") -> list[str]:
    return wrap(visible(text), _WIDTH, initial_indent=label, subsequent_indent=further) or [label.rstrip()]


def _local(instant: int, tz: ZoneInfo) -> str:
    return f"{to_local(instant, tz):%a %d %b %Y %H:%M:%S %z}"


def _duration(seconds: int) -> str:
    minutes, left = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (left, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"
