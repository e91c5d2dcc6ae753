"""A ticket as the text that a version stores: JSON with sorted keys, fields at their defaults left out.

Source, id, file and line are not in it: two files that tell the same thing of a ticket give the same text.
"""

from __future__ import annotations

import json
from operator import attrgetter
from typing import Any

from kpi_agent.domain.ticket import (
    Basis,
    Hold,
    HoldReason,
    HoldTotal,
    Kind,
    Origin,
    PriorityChange,
    Reopening,
    State,
    Ticket,
)

# Fields that are text, whole numbers or truth values, and None by default.
_PLAIN = (
    "priority",
    "category",
    "entity",
    "service",
    "host",
    "group",
    "assignee",
    "responded",
    "assigned",
    "started",
    "replied",
    "response_duration",
    "resolved",
    "closed",
    "updated",
    "reopened",
    "reopen_count",
    "time_spent",
    "problem",
    "merged_into",
    "url",
    "desk_met",
)

_plain_of = attrgetter(*_PLAIN)
# ASCII: a lone surrogate or a NUL from a broken export travels as an escape, which every database takes.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_KINDS = {kind.value: kind for kind in Kind}
_STATES = {state.value: state for state in State}
_REASONS: dict[str | None, HoldReason | None] = {None: None, **{reason.value: reason for reason in HoldReason}}


def encode(ticket: Ticket) -> str:
    """Return the ticket's content; equal contents give equal texts."""
    fields: dict[str, Any] = {
        name: value for name, value in zip(_PLAIN, _plain_of(ticket), strict=True) if value is not None
    }
    fields["opened"] = ticket.opened
    fields["kind"] = ticket.kind.value
    fields["state"] = ticket.state.value
    if ticket.title:
        fields["title"] = ticket.title
    if ticket.reopenings:
        fields["reopenings"] = [[r.resolved, r.reopened] for r in ticket.reopenings]
    if ticket.priority_changes:
        fields["priority_changes"] = [[c.at, c.before, c.after] for c in ticket.priority_changes]
    if ticket.holds:
        fields["holds"] = [[h.start, h.end, None if h.reason is None else h.reason.value] for h in ticket.holds]
    if ticket.hold_total is not None:
        fields["hold_total"] = [ticket.hold_total.seconds, ticket.hold_total.basis.value]
    if ticket.cannot_tell:
        fields["cannot_tell"] = sorted(ticket.cannot_tell)
    return _encode(fields)


def decode(content: str, *, source: str, id: str, origin: Origin) -> Ticket:  # noqa: A002 - the field's own name
    """Return the ticket whose content ``encode`` wrote."""
    fields = json.loads(content)
    fields["kind"] = _KINDS[fields["kind"]]
    fields["state"] = _STATES[fields["state"]]
    if "reopenings" in fields:
        fields["reopenings"] = tuple(Reopening(*pair) for pair in fields["reopenings"])
    if "priority_changes" in fields:
        fields["priority_changes"] = tuple(PriorityChange(*change) for change in fields["priority_changes"])
    if "holds" in fields:
        fields["holds"] = tuple(Hold(start, end, _REASONS[reason]) for start, end, reason in fields["holds"])
    if "hold_total" in fields:
        seconds, basis = fields["hold_total"]
        fields["hold_total"] = HoldTotal(seconds, Basis(basis))
    if "cannot_tell" in fields:
        fields["cannot_tell"] = frozenset(fields["cannot_tell"])
    return Ticket(source=source, id=id, origin=origin, **fields)
