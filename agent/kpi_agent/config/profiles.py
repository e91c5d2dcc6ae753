"""Ticket profiles: from a YAML file to a domain value, words folded and each with one meaning."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from typing import TypeVar

from kpi_agent.config.findings import Findings
from kpi_agent.config.patterns import check_date_format
from kpi_agent.config.profile_spec import UNITS, JsonSpec, ProfileSpec
from kpi_agent.config.spec import parse_spec
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.source import ColumnSpec, EventLog, JsonHistory, JsonJoin, JsonShape, Profile
from kpi_agent.domain.words import fold

T = TypeVar("T")

_RESPONSES = frozenset({"responded", "assigned", "started", "replied"})
_TOLD_IN = {
    "states": frozenset({"state", "state_category", "state_reason"}),
    "kinds": frozenset({"kind"}),
    "priorities": frozenset({"priority"}),
    "hold_reasons": frozenset({"hold_reason", "state"}),
}
"""Blocks of words → the columns in which they may stand."""


def parse_profile(content: bytes, file: str) -> tuple[Profile | None, tuple[Problem, ...]]:
    """Return the profile that a file holds, None when it is refused, and everything wrong with it."""
    spec, findings = parse_spec(ProfileSpec, content, file)
    profile = None if spec is None else _profile(spec, findings)
    return (None if findings.is_refused else profile), findings.in_order()


def _profile(spec: ProfileSpec, findings: Findings) -> Profile:
    for index, pattern in enumerate(spec.dates):
        try:
            check_date_format(pattern)
        except ValueError as error:
            findings.refuse(("dates", index), str(error))
    if not spec.dates and not findings.is_damaged(("dates",)):
        findings.refuse(("dates",), 'names no date format; write such as ["%Y-%m-%d %H:%M:%S"]')
    _check_headers(spec, findings)
    _check_columns(spec, findings)
    try:
        codecs.lookup(spec.fallback_encoding)
    except LookupError:
        findings.refuse(("fallback_encoding",), f"unknown encoding '{spec.fallback_encoding}'; write such as cp1252")
    event_log = None if spec.event_log is None else EventLog(spec.event_log.at, frozenset(spec.event_log.working))
    booleans = _vocabulary("booleans", spec.booleans, findings)
    return Profile(
        name=spec.profile,
        columns={name: ColumnSpec(aliases) for name, aliases in spec.columns.items()},
        required=spec.required,
        date_formats=spec.dates,
        states=_vocabulary("states", spec.states, findings),
        kinds=_vocabulary("kinds", spec.kinds, findings),
        priorities=_vocabulary("priorities", spec.priorities, findings),
        hold_reasons=_vocabulary("hold_reasons", spec.hold_reasons, findings),
        booleans={word: value == "true" for word, value in booleans.items()},
        default_kind=spec.default_kind,
        fallback_encoding=spec.fallback_encoding,
        delimiters=spec.delimiters,
        nulls=frozenset({"", *(fold(word) for word in spec.nulls)}),
        hold_basis=spec.hold_basis,
        response_basis=spec.response_basis,
        units={name: UNITS[unit] for name, unit in spec.units.items()},
        labels={name: tuple(fold(p) for p in prefixes) for name, prefixes in spec.labels.items()},
        has_quotes=spec.quotes,
        json=_json_shape(spec.json_shape),
        footers=tuple(fold(beginning) for beginning in spec.footers),
        duration_words=_vocabulary("durations", spec.durations, findings),
        multi_value=spec.multi_value,
        event_log=event_log,
        cannot_tell=frozenset(spec.cannot_tell),
        truncation=spec.truncation,
        desk_flag=spec.desk_flag,
        file=findings.file,
    )


def _json_shape(spec: JsonSpec) -> JsonShape:
    join, history = spec.join, spec.history
    return JsonShape(
        records=spec.records,
        join=None if join is None else JsonJoin(join.name, join.records, join.match, join.to),
        history=None
        if history is None
        else JsonHistory(
            records=history.records,
            at=history.at,
            items=history.items,
            name=history.name,
            before=history.before,
            after=history.after,
            actor=history.actor,
            total=history.total,
            fields=dict(history.fields),
        ),
        skip=spec.skip,
        more=spec.more,
        total=spec.total,
    )


def _check_columns(spec: ProfileSpec, findings: Findings) -> None:
    """Refuse required fields without a column, and fields without a header."""
    if findings.is_damaged(("columns",)):
        return
    for index, name in enumerate(spec.required):
        if name not in spec.columns:
            findings.refuse(("required", index), f"'{name}' is required, but columns names no header for it")
    if spec.event_log is not None and spec.event_log.at not in spec.columns:
        findings.refuse(("event_log", "at"), f"columns names no header for '{spec.event_log.at}'")
    for name, aliases in spec.columns.items():
        if not aliases:
            findings.refuse(("columns", name), "names no header; write those that the product uses")
    _check_effects(spec, findings)


def _check_effects(spec: ProfileSpec, findings: Findings) -> None:
    """Remark on what no column asks for, and on a state that no word tells."""
    for block, fields in _TOLD_IN.items():
        if getattr(spec, block) and not fields & spec.columns.keys():
            named = " or ".join(f"'{name}'" for name in sorted(fields))
            findings.advise((block,), f"without effect: columns names no header for {named}; add it, or leave this out")
    for block in ("units", "labels"):
        for name in getattr(spec, block):
            if name not in spec.columns:
                findings.advise((block, name), f"without effect: columns names no header for '{name}'; add it")
    if "state" in spec.columns and not spec.states:
        findings.advise(("columns", "state"), "`states` holds no word, so every row would be rejected; add its words")


def _check_headers(spec: ProfileSpec, findings: Findings) -> None:
    """Refuse a header of two fields, as it is compared: without case, accents and spaces; remark on one written twice.

    Several signs of a response may be read from one column.
    """
    owners: dict[str, str] = {}
    for name, aliases in spec.columns.items():
        for index, alias in enumerate(aliases):
            path = ("columns", name, index)
            owner = owners.setdefault(fold(alias).replace(" ", ""), name)
            if owner != name and not {owner, name} <= _RESPONSES:
                findings.refuse(path, f"'{alias}' would fill '{owner}' and '{name}'; keep it under one")
            elif alias in aliases[:index]:
                findings.advise(path, f"'{alias}' stands twice; keep one")


def _vocabulary(block: str, words: Mapping[T, Sequence[str]], findings: Findings) -> dict[str, T]:
    """Return the value of each folded word; a word with two values is refused."""
    found: dict[str, T] = {}
    for value, spellings in words.items():
        for index, spelling in enumerate(spellings):
            word = fold(spelling)
            if not word:
                findings.refuse((block, str(value), index), "is empty; write a word")
            elif found.setdefault(word, value) != value:
                message = f"'{spelling}' stands under '{found[word]}' and under '{value}'; keep it under one"
                findings.refuse((block, str(value), index), message)
    return found
