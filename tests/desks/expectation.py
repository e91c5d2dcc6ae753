"""What an export must read as, written by hand: one JSON file per export, compared field by field."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from kpi_agent.config.profiles import parse_profile
from kpi_agent.domain.export import Export
from kpi_agent.domain.source import Profile, TicketSource
from kpi_agent.domain.ticket import Basis, Ticket
from kpi_agent.domain.time import to_utc_text
from whole_export import read_whole

ROOT = Path(__file__).parents[2]
PROFILES = ROOT / "config" / "profiles"
EXPECTED = Path(__file__).parent / "expected"

NOW = 1_795_428_000  # 2026-11-23T10:00:00Z: when every export was taken

KEYS = frozenset({
    "profile", "file", "settings", "refused", "encoding", "delimiter", "columns", "date_formats",
    "rows", "cannot_tell", "tells", "is_event_log", "is_truncated", "tickets", "rejected",
})  # fmt: skip

_INSTANTS = frozenset({
    "opened", "responded", "assigned", "started", "replied", "resolved", "closed", "updated", "reopened",
    "start", "end", "at",
})  # fmt: skip
_DEFAULTS = {
    f.name: f.default for f in dataclasses.fields(Ticket) if f.default is not dataclasses.MISSING
}  # what a field is that an expectation does not name


def read_expectation(product: str, name: str) -> dict[str, Any]:
    """Return the hand-written expectation of an export; a missing file or a misspelt key fails the test."""
    path = EXPECTED / f"{product}.{name}.json"
    assert path.is_file(), f"write by hand what {product}'s export '{name}' means: {path.relative_to(ROOT)}"
    expected: dict[str, Any] = json.loads(path.read_bytes())
    assert set(expected) <= KEYS, f"{path.name}: no such key: {sorted(set(expected) - KEYS)}"
    return expected


def shipped_profile(name: str) -> Profile:
    path = PROFILES / f"{name}.yml"
    profile, problems = parse_profile(path.read_bytes(), str(path))
    assert problems == ()
    assert profile is not None
    return profile


def pseudonym(name: str, at: int) -> str:
    """Return a stand-in that shows whose name, and of when, the reader asked to hide."""
    return f"<{name} {to_utc_text(at)}>"


def import_export(content: bytes, folder: Path, profile: str, file: str, settings: Mapping[str, Any]) -> Export:
    """Return what the reader makes of bytes put into *folder*, with settings as a source's block writes them."""
    path = folder / file
    path.write_bytes(content)
    given = dict(settings)
    if "hold_basis" in given:
        given["hold_basis"] = Basis(given["hold_basis"])
    given["robots"] = tuple(given.get("robots", ()))
    source = TicketSource(
        **{"name": "desk", "profile": shipped_profile(profile), "path": "*", "timezone": "UTC", **given}
    )
    return read_whole(path, source, as_of=NOW, now=NOW, pseudonym=pseudonym)


def as_told(tickets: Iterable[Ticket], cannot_tell: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return tickets by id, every field as an expectation writes it; what all share is not repeated."""
    shared = sorted(cannot_tell)
    told = {}
    for ticket in tickets:
        fields = _plain(ticket)
        assert isinstance(fields, dict)
        assert fields.pop("source") == "desk"
        fields["line"] = fields.pop("origin")["line"]
        if fields["cannot_tell"] == shared:
            del fields["cannot_tell"]
        told[ticket.id] = fields
    return told


def as_expected(tickets: Iterable[Mapping[str, Any]], tells: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return expected tickets by id with every field: one that is not written has its default.

    *tells* holds for each ticket of the file that does not say otherwise.
    """
    known = {f.name for f in dataclasses.fields(Ticket)} - {"source", "origin"} | {"line"}
    full = {}
    for ticket in tickets:
        assert set(ticket) <= known, f"ticket {ticket['id']}: no such field: {sorted(set(ticket) - known)}"
        assert ticket["id"] not in full, f"ticket {ticket['id']} is expected twice"
        defaults = {name: _plain(value) for name, value in _DEFAULTS.items() if name != "cannot_tell"}
        full[ticket["id"]] = {**defaults, "tells": sorted(tells), **ticket}
    return full


def _plain(value: object, name: str = "") -> object:
    """Return a value as JSON writes it: instants as UTC text, words for members, lists for tuples, sorted sets."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name), f.name) for f in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_plain(item, name) for item in value]
    if name in _INSTANTS and isinstance(value, int):
        return to_utc_text(value)
    return value
