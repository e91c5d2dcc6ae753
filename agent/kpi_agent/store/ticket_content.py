"""A ticket as the text that a version stores: JSON with sorted keys, fields at their defaults left out.

Source, id, file and line are not in it: two files that tell the same thing of a ticket give the same text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from json.encoder import encode_basestring_ascii as _text
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

# Every field of the content in the order of the text, with the value at which it is left out; None always is.
_DEFAULTS: Mapping[str, object] = {
    "assigned": None,
    "assignee": None,
    "cannot_tell": frozenset(),
    "category": None,
    "closed": None,
    "desk_met": None,
    "entity": None,
    "group": None,
    "hold_reason": None,
    "hold_total": None,
    "holds": (),
    "host": None,
    "kind": None,
    "merged_into": None,
    "opened": None,
    "priority": None,
    "priority_changes": (),
    "problem": None,
    "reopen_count": None,
    "reopened": None,
    "reopenings": (),
    "replied": None,
    "resolved": None,
    "responded": None,
    "response_duration": None,
    "service": None,
    "started": None,
    "state": None,
    "tells": frozenset(),
    "time_spent": None,
    "title": "",
    "updated": None,
    "url": None,
}

_values_of = attrgetter(*_DEFAULTS)
# ASCII: a lone surrogate or a NUL from a broken export travels as an escape, which every database takes.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
_PARTS: Mapping[type, Callable[[Any], tuple[Any, ...]]] = {
    Hold: attrgetter("start", "end", "reason"),
    HoldTotal: attrgetter("seconds", "basis"),
    PriorityChange: attrgetter("at", "before", "after"),
    Reopening: attrgetter("resolved", "reopened"),
}
_REMEMBERED = 1000  # values of a field: instants hardly repeat


_KINDS = {kind.value: kind for kind in Kind}
_STATES = {state.value: state for state in State}
_REASONS: dict[str | None, HoldReason | None] = {None: None, **{reason.value: reason for reason in HoldReason}}


class _Members(dict[Any, str]):
    """A field's values → what the text holds of each, with a comma behind; each frequent one is written once."""

    def __init__(self, name: str, left_out: object) -> None:
        super().__init__({None: "", left_out: ""})
        self._name = f'"{name}":'

    def __missing__(self, value: object) -> str:
        # Instants and titles are most of what is new, and an encoder is slow to begin.
        text = str(value) if type(value) is int else _text(value) if type(value) is str else _encode(_plain(value))
        member = f"{self._name}{text},"
        if len(self) < _REMEMBERED:
            self[value] = member
        return member


_MEMBERS = tuple(_Members(name, left_out) for name, left_out in _DEFAULTS.items())


def encode(ticket: Ticket) -> str:
    """Return the ticket's content; equal contents give equal texts."""
    members = [known[value] for known, value in zip(_MEMBERS, _values_of(ticket), strict=True)]
    return "{" + "".join(members)[:-1] + "}"


def _plain(value: object) -> object:
    """Return a value as JSON knows it."""
    if isinstance(value, tuple):
        return [_PARTS[type(item)](item) for item in value]
    if isinstance(value, frozenset):
        return sorted(value)
    return _PARTS[type(value)](value) if type(value) in _PARTS else value


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
    if "hold_reason" in fields:
        fields["hold_reason"] = _REASONS[fields["hold_reason"]]
    if "hold_total" in fields:
        seconds, basis = fields["hold_total"]
        fields["hold_total"] = HoldTotal(seconds, Basis(basis))
    if "cannot_tell" in fields:
        fields["cannot_tell"] = frozenset(fields["cannot_tell"])
    if "tells" in fields:
        fields["tells"] = frozenset(fields["tells"])
    return Ticket(source=source, id=id, origin=origin, **fields)
