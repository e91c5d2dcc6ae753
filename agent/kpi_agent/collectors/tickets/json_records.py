"""A JSON export → a table: its records flattened to dotted paths, a second list joined, a history laid out in rows."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from kpi_agent.collectors.tickets.faults import listed, refusal
from kpi_agent.collectors.tickets.profile import alias_keys, find_columns, header_key
from kpi_agent.collectors.tickets.table import Table
from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.source import JsonHistory, JsonJoin, JsonShape, Profile

_MAX_BYTES = 200 * 1024 * 1024
_MAX_DEPTH = 60
_UNKNOWN_SHOWN = 100  # paths that the profile does not name, for the person who looks for one

# What a record tells of its present state holds for its last row only.
_OF_THE_END = ("resolved", "settled", "closed", "responded", "state_reason")

Flat = dict[str, str]


def looks_like_json(head: bytes) -> bool:
    """Whether a file's first bytes begin a JSON document."""
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"{", b"["}


def open_records(stream: BinaryIO, file: str, profile: Profile) -> Table:
    """Return the table of a JSON export; records are numbered from 1, in the order of the list.

    The header holds the paths that the profile names and a record has (``fields.status.name``; through lists, all
    values, one a line), then some that it does not name. Raises ExportRefused for what is no JSON of this shape.
    """
    document = _loaded(stream, file)
    records = _records(document, file, profile)
    flats = [_flat(record) for _, record in records]
    _find_named(records, flats, profile)
    numbers = [number for number, _ in records]
    if profile.json.join is not None:
        _join(flats, document, profile.json.join)
    wanted = alias_keys(profile)
    known: dict[str, None] = {}
    others: dict[str, None] = {}
    for flat in flats:
        for path in flat:
            (known if header_key(path) in wanted else others)[path] = None
    history = profile.json.history
    if history is not None and history.actor and "actor" in profile.columns:
        known[profile.columns["actor"].aliases[0]] = None
    header = (*known, *list(others)[:_UNKNOWN_SHOWN])
    if not flats:  # an export without a record still has the columns that it would have
        header = tuple(alias for column in profile.columns.values() for alias in column.aliases[:1])
    rows, is_history = _plain(numbers, flats, header), False
    if history is not None and _have_histories(records, history, file):
        places = _places(header, profile, file)
        dated = places.get("updated" if profile.event_log is None else profile.event_log.at)
        if dated is not None:
            rows, is_history = _histories(records, flats, header, history, places, dated), True
    is_page = _is_page(document, profile.json, len(records))
    return Table("utf-8", "", header, rows, is_sparse=True, is_partial=is_page, is_history=is_history)


def _is_page(document: Any, shape: JsonShape, count: int) -> bool:
    """Whether the document says that it is one page of several."""
    total = _said(document, shape.total) if shape.total else ""
    has_more = any(_at(document, path) not in (None, "", False) for path in shape.more)
    return has_more or (total.isascii() and total.isdecimal() and int(total) > count)


def _have_histories(records: Sequence[tuple[int, Mapping[str, Any]]], history: JsonHistory, file: str) -> bool:
    """Whether the records tell their changes; raises when some do not, or not all: what is left out is not known."""
    with_list = [(n, _at(r, history.records), r) for n, r in records]
    if not any(isinstance(changes, list) for _, changes, _ in with_list):
        return False
    for number, changes, record in with_list:
        if not isinstance(changes, list):
            raise refusal(file, f"record {number} has no list of changes at `{history.records}`, others have; add it")
        told = _said(record, history.total) if history.total else ""
        if told.isascii() and told.isdecimal() and int(told) > len(changes):
            lack = f"record {number} tells {len(changes)} of {told} changes at `{history.records}`"
            raise refusal(file, f"{lack}; export all of them, or none")
    return True


def _plain(numbers: Sequence[int], flats: Sequence[Flat], header: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    for number, flat in zip(numbers, flats, strict=True):
        yield number, [flat.get(path, "") for path in header]


def _loaded(stream: BinaryIO, file: str) -> Any:
    content = stream.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        raise refusal(file, f"more than {_MAX_BYTES} bytes of JSON; export a shorter span")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise refusal(file, "JSON that is not UTF-8; export it again", line) from error
    if "\0" in text:
        raise refusal(file, "NUL character: the file is damaged", text[: text.index("\0")].count("\n") + 1)
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_float=str, parse_int=str, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise refusal(
            file, f"not whole JSON ({error.msg}): cut short or damaged; export it again", error.lineno
        ) from error
    except RecursionError as error:
        raise refusal(file, "JSON nested too deeply: not a ticket export") from error
    except _Doubtful as error:
        raise refusal(file, str(error)) from error


class _Doubtful(Exception):
    """JSON that two readers may understand differently."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for name in found if sum(name == other for other, _ in pairs) > 1)
        raise _Doubtful(f"the key '{twice[:60]}' stands twice in one object; export it again")
    return found


def _refuse_constant(name: str) -> Any:
    raise _Doubtful(f"{name} is no number that JSON knows; export it again")


def _records(document: Any, file: str, profile: Profile) -> list[tuple[int, dict[str, Any]]]:
    """Return the records that are tickets with their numbers, from the first of the profile's paths to a list."""
    shape = profile.json
    for path in shape.records:
        found = _at(document, path)
        if isinstance(found, list):
            odd = next((i for i, one in enumerate(found, start=1) if not isinstance(one, dict)), None)
            if odd is not None:
                raise refusal(file, f"record {odd} is no object; export it again")
            numbered = enumerate(found, start=1)
            return [(n, one) for n, one in numbered if all(_at(one, path) is None for path in shape.skip)]
    names = [f"`{path}`" if path else "the top level" for path in shape.records]
    has = f"; the file has {listed(list(document))}" if isinstance(document, dict) else ""
    raise refusal(file, f"no list of tickets at {' or '.join(names)} (`json.records` of the profile){has}")


def _at(value: Any, path: str) -> Any:
    """Return what stands at a dotted path, None for nothing; the empty path is the value itself."""
    for name in path.split(".") if path else ():
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _flat(record: Mapping[str, Any]) -> Flat:
    found: dict[str, list[str]] = {}
    _walk(record, "", found, 0)
    return {path: "\n".join(values) for path, values in found.items()}


def _walk(value: Any, path: str, found: dict[str, list[str]], depth: int) -> None:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            _walk(inner, f"{path}.{name}" if path else name, found, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _walk(inner, path, found, depth + 1)
    elif value is not None:
        found.setdefault(path, []).append(str(value).lower() if isinstance(value, bool) else str(value))


def _find_named(records: Sequence[tuple[int, dict[str, Any]]], flats: Sequence[Flat], profile: Profile) -> None:
    """Add to each record what stands at the paths that name a member in braces: ``fields.{Time to resolve}.left``.

    Such a segment is the object whose ``name`` it is, whatever its key: each site numbers its own fields.
    """
    paths = [alias for column in profile.columns.values() for alias in column.aliases if "{" in alias]
    for path in paths:
        above, _, rest = path.partition("{")
        name, _, below = rest.partition("}")
        for (_, record), flat in zip(records, flats, strict=True):
            inside = _at(record, above.rstrip("."))
            members = inside.values() if isinstance(inside, dict) else ()
            named = next((m for m in members if isinstance(m, dict) and m.get("name") == name), None)
            if named is not None and (text := _flat(named).get(below.lstrip("."))) is not None:
                flat[path] = text


def _join(flats: Sequence[Flat], document: Any, join: JsonJoin) -> None:
    more = _at(document, join.records)
    if not isinstance(more, list):
        return
    by_key = {flat.get(join.key, ""): flat for flat in map(_flat, (m for m in more if isinstance(m, dict)))}
    for flat in flats:
        for path, text in by_key.get(flat.get(join.to, ""), {}).items():
            flat[f"{join.name}.{path}"] = text


def _histories(
    records: Sequence[tuple[int, Mapping[str, Any]]],
    flats: Sequence[Flat],
    header: Sequence[str],
    history: JsonHistory,
    places: Mapping[str, int],
    dated: int,
) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of an event log: a record as it was opened, after each change, and as it is now."""
    actor = places.get("actor")
    for (number, record), flat in zip(records, flats, strict=True):
        now = [flat.get(path, "") for path in header]
        changes = list(_changes(record, history))
        cells = _as_opened(now, changes, places, dated)
        yield number, _with_category(cells, now, places)
        for change in changes:
            if (place := places.get(change.field)) is not None:
                cells[place] = change.after
            cells[dated] = change.at
            if actor is not None:
                cells[actor] = change.actor
            yield number, _with_category(cells, now, places)
        if actor is not None and changes:  # who made it what it is: a robot's act is not done again by a person
            now[actor] = changes[-1].actor
        yield number, now


def _as_opened(now: Sequence[str], changes: Sequence[_Change], places: Mapping[str, int], dated: int) -> list[str]:
    """Return the row as it was before all *changes*, dated by its opening."""
    cells = list(now)
    for change in reversed(changes):
        if (place := places.get(change.field)) is not None:
            cells[place] = change.before
    if "opened" in places:
        cells[dated] = now[places["opened"]] or now[dated]
    for name in _OF_THE_END:
        if name in places and places[name] != dated:
            cells[places[name]] = ""
    return cells


def _with_category(cells: Sequence[str], now: Sequence[str], places: Mapping[str, int]) -> list[str]:
    """Return a row of the past: the category told is that of the present state, and of no other."""
    row = list(cells)
    if "state_category" in places and "state" in places and row[places["state"]] != now[places["state"]]:
        row[places["state_category"]] = ""
    return row


class _Change:
    """One change of one field, in the product's own words."""

    __slots__ = ("actor", "after", "at", "before", "field")

    def __init__(self, at: str, actor: str, field: str, before: str, after: str) -> None:
        self.at, self.actor, self.field, self.before, self.after = at, actor, field, before, after


def _changes(record: Mapping[str, Any], history: JsonHistory) -> Iterator[_Change]:
    """Yield the changes of fields that the profile follows, oldest first; products list them either way round."""
    several = _at(record, history.records)
    changes = [c for c in several if isinstance(c, dict)] if isinstance(several, list) else []
    instants = [_said(c, history.at) for c in changes]
    if len(instants) > 1 and instants[0] > instants[-1]:
        changes.reverse()
    for change in changes:
        inside = _at(change, history.items) if history.items else [change]
        for item in inside if isinstance(inside, list) else []:
            name = history.fields.get(_said(item, history.name)) if isinstance(item, dict) else None
            if name is not None:
                yield _Change(
                    _said(change, history.at),
                    _said(change, history.actor) if history.actor else "",
                    name,
                    _said(item, history.before),
                    _said(item, history.after),
                )


def _said(value: Any, path: str) -> str:
    found = _at(value, path)
    return "" if found is None or isinstance(found, dict | list) else str(found)


def _places(header: Sequence[str], profile: Profile, file: str) -> Mapping[str, int]:
    try:
        return find_columns(tuple(header), profile, file)
    except ExportRefused:
        return {}  # a required column is missing: said where every format's columns are found
