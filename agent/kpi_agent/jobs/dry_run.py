"""What an export was understood as, for the person who sets up a desk: columns, dates, unknowns, the first tickets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from itertools import islice
from typing import Any

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.export import Export
from kpi_agent.domain.source import Profile, TicketSource
from kpi_agent.domain.ticket import Ticket

SCHEMA = "kpi-agent/import-dry-run/1"
TICKETS_SHOWN = 3

INSTANTS = ("opened", "assigned", "started", "responded", "replied", "resolved", "closed", "updated", "reopened")
"""Fields of a ticket that are instants."""

_OF_THE_FILE = frozenset({"source", "origin", "cannot_tell", "tells", "edits"})
_FROM = {
    "responded": ("responded", "response_duration"),
    "resolved": ("resolved", "settled"),
    "holds": ("hold_total",),
    "reopened": ("reopened",),
    "reopenings": ("reopen_count",),
    "priority_changes": (),
}
"""What may be unknown → the columns that could tell it in an export of one row a ticket."""


def understood(export: Export, source: TicketSource, contracts: Iterable[Contract]) -> dict[str, Any]:
    """Return what was understood of a file, as a JSON value: instants in epoch seconds, durations in seconds.

    ``rows`` = rows of accepted tickets + rejected rows. Instants are meant to be shown in ``timezone``: that of the
    first contract that reads *source*, else the source's own. Raises ExportRefused for an export of no use.
    """
    tickets = iter(export.tickets)
    first = [_ticket(ticket) for ticket in islice(tickets, TICKETS_SHOWN)]
    count = len(first) + sum(1 for _ in tickets)
    reasons = Counter(row.code for row in export.rejected)
    return {
        "source": source.name,
        "profile": source.profile.name,
        "file": export.file,
        "sha256": export.sha256,
        "encoding": export.encoding,
        "delimiter": export.delimiter,
        "as_of": export.as_of,
        "timezone": _timezone(source, contracts),
        "source_timezone": source.timezone,
        "is_event_log": export.is_event_log,
        "is_truncated": export.is_truncated,
        "columns": [
            {"field": name, "header": header, "date_format": export.date_formats.get(name)}
            for name, header in export.columns.items()
        ],
        "unused": list(export.unused),
        "not_in_file": [
            {"field": name, "expects": list(column.aliases)}
            for name, column in source.profile.columns.items()
            if name not in export.columns
        ],
        "unknown": [{"field": name, "why": _why(name, export, source)} for name in sorted(export.cannot_tell)],
        "rows": export.rows,
        "accepted": export.rows - len(export.rejected),
        "rejected": len(export.rejected),
        "reasons": dict(sorted(reasons.items())),
        "rejected_rows": [
            {"line": row.line, "code": row.code, "reason": row.reason, "raw": row.raw} for row in export.rejected
        ],
        "tickets": count,
        "first_tickets": first,
    }


def _timezone(source: TicketSource, contracts: Iterable[Contract]) -> str:
    for contract in contracts:
        if contract.latest.tickets is not None and contract.latest.tickets.source == source.name:
            return contract.timezone
    return source.timezone


def _why(name: str, export: Export, source: TicketSource) -> str:
    """Return who is to blame for an unknown: the product, the view that was exported, or a setting."""
    profile = source.profile
    if name in profile.cannot_tell:
        return f"exports of {profile.name} never tell it"
    if name == "holds" and "hold_total" in export.columns:
        return f"what '{export.columns['hold_total']}' counts is not set: set `hold_basis` on the source"
    expected = _aliases(profile, _FROM.get(name, ()))
    if expected:
        return f"no such column in the file; expected {' or '.join(repr(a) for a in expected[:3])}"
    return f"profile {profile.name} names no column for it"


def _aliases(profile: Profile, names: Iterable[str]) -> list[str]:
    return [alias for name in names if name in profile.columns for alias in profile.columns[name].aliases]


def _ticket(ticket: Ticket) -> dict[str, Any]:
    """Return every field of a ticket by its name; None for what is not told."""
    found: dict[str, Any] = {"line": ticket.origin.line}
    for one in fields(ticket):
        if one.name not in _OF_THE_FILE:
            found[one.name] = _plain(getattr(ticket, one.name))
    return found | {"unknown": sorted(ticket.cannot_tell)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    return value if value is None or isinstance(value, int) else str(value)
