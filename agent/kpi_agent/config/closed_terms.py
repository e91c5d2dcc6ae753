"""What a contract's files may no longer change: the terms that closed periods were judged by (indicators.md §10)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from kpi_agent.config.findings import path_text
from kpi_agent.domain.contract import Contract, ContractVersion
from kpi_agent.domain.problem import Problem
from kpi_agent.strictyaml import Node, Path, read_yaml


@dataclass(frozen=True, slots=True)
class ClosedTerms:
    """The text of one contract version as the last closed period knew it; *closed_until* is its last day, ISO."""

    effective_from: str
    text: str
    closed_until: str


def rewritten(contract: Contract, closed: Sequence[ClosedTerms]) -> tuple[Problem, ...]:
    """Return where the files of *contract* say otherwise than the terms that closed periods were judged by.

    Comments, layout and the order of keys are free; so are the report's readers and dates, the last day in force, and
    what concerns later days only: one-off maintenance, closed and extra days, hosts that were retired.
    """
    versions = {v.effective_from.isoformat(): v for v in contract.versions}
    return tuple(problem for terms in closed for problem in _compared(versions, terms, contract))


def _compared(versions: Mapping[str, ContractVersion], terms: ClosedTerms, contract: Contract) -> Iterator[Problem]:
    version = versions.get(terms.effective_from)
    if version is None:
        file = contract.versions[0].file
        yield Problem(
            file,
            f"contract '{contract.id}' has closed periods under its version of {terms.effective_from}, and no file"
            " holds that version any more; put it back (the JSON of a closed report has its text)",
        )
        return
    if version.text == terms.text:
        return
    then, _ = read_yaml(terms.text.encode(), version.file)
    now, _ = read_yaml(version.text.encode(), version.file)
    if then is None or now is None:
        yield Problem(version.file, f"differs from what periods up to {terms.closed_until} were judged by; put it back")
        return
    until = terms.closed_until
    if (path := _first_difference(_kept(then.plain(), until), _kept(now.plain(), until))) is not None:
        place = _place(now, path)
        yield Problem(
            version.file,
            f"differs from what periods up to {until} were judged by; put it back, and write what changes"
            " into another file, as a version in force from a later day (`effective: {from: …}`)",
            line=None if place is None else place[0],
            column=None if place is None else place[1],
            path=path_text(path),
        )


def _kept(document: object, until: str) -> object:
    """Return what must stay as it is: without readers, dates of closing, and what begins after the day *until*."""
    if not isinstance(document, dict):
        return document
    kept = {name: value for name, value in document.items() if name != "report"}
    if isinstance(effective := kept.get("effective"), dict):
        last = effective.get("to")
        is_later = last is None or (isinstance(last, str) and last >= until)
        kept["effective"] = {k: v for k, v in effective.items() if k != "to" or not is_later}
    if isinstance(windows := kept.get("maintenance"), list):
        kept["maintenance"] = [w for w in windows if not (isinstance(w, dict) and _is_after(w.get("starts"), until))]
    if isinstance(calendars := kept.get("calendars"), dict):
        kept["calendars"] = {name: _calendar(calendar, until) for name, calendar in calendars.items()}
    if isinstance(scope := kept.get("scope"), dict) and isinstance(hosts := scope.get("hosts"), dict):
        retired = hosts.get("retired")
        if isinstance(retired, dict):
            retired = {host: day for host, day in retired.items() if not _is_after(day, until)}
        kept["scope"] = scope | {"hosts": {**hosts, "retired": retired or {}}}
    return {name: value for name, value in kept.items() if value not in ([], {}, None)}


def _calendar(calendar: object, until: str) -> object:
    if not isinstance(calendar, dict):
        return calendar
    kept = dict(calendar)
    if isinstance(closed := kept.get("closed"), list):
        kept["closed"] = [day for day in closed if not _is_after(day, until)]
    if isinstance(extra := kept.get("open"), list):
        kept["open"] = [one for one in extra if not (isinstance(one, dict) and _is_after(one.get("on"), until))]
    return {name: value for name, value in kept.items() if value not in ([], None)}


def _is_after(moment: object, until: str) -> bool:
    """Whether a local day or time lies after the day *until*; both begin with an ISO date."""
    return isinstance(moment, str) and moment[:10] > until


def _first_difference(then: object, now: object, path: Path = ()) -> Path | None:
    """Return the path of the first difference, in the order of what is written now; None when there is none."""
    if isinstance(then, dict) and isinstance(now, dict):
        for name in [*now, *(n for n in then if n not in now)]:
            if name not in then or name not in now:
                return (*path, name)
            if (found := _first_difference(then[name], now[name], (*path, name))) is not None:
                return found
        return None
    if isinstance(then, list) and isinstance(now, list):
        for index, (before, after) in enumerate(zip(then, now, strict=False)):
            if (found := _first_difference(before, after, (*path, index))) is not None:
                return found
        return None if len(then) == len(now) else path
    return None if then == now else path


def _place(root: Node, path: Path) -> tuple[int, int] | None:
    """Return line and column of a path, or of the nearest block above it that is still written."""
    node, place = root, root.place
    for step in path:
        key = node.keys.get(step) if isinstance(step, str) else None
        child = node.child(step)
        if child is None:
            break
        node, place = child, key or child.place
    return place.line, place.column
