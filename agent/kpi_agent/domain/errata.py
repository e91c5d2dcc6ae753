"""What two measurements of one closed period differ in: figures as documents tell them, and the incidents behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kpi_agent.domain.evaluation import ChangedTicket, Evaluation, TicketLine, Told
from kpi_agent.domain.facts import TicketFacts
from kpi_agent.domain.ticket import Ticket

Document = Mapping[str, Any]
FigureKey = tuple[str | None, str, tuple[tuple[str, str], ...], int]
"""Objective id (None: a reading that nothing was promised on), indicator, scope, segment."""

# Counts that the value of a reading does not hold. Where a backlog starts is told by the report before it.
_COUNTED = {
    "volume": ("resolved", "reopened", "withdrawn", "lost"),
    "backlog": ("age_under_1d", "age_under_7d", "age_under_30d", "age_older", "breached"),
}
_CLOCKS = {
    "respond_in_time": "response",
    "time_to_respond": "response",
    "resolve_in_time": "resolution",
    "time_to_resolve": "resolution",
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of a document, with what names it."""

    told: Told
    unit: str
    origin: str
    name: Mapping[str, str]
    statistic: str | None


@dataclass(frozen=True, slots=True)
class Measurement:
    """A period as measured with one knowledge: its document, what it was made from, and who was lost then."""

    document: Document
    evaluation: Evaluation
    tickets: TicketFacts


def figures_of(document: Document) -> dict[FigureKey, Figure]:
    """Return the figures of a document: each promise with its reading, then each reading without a promise."""
    found: dict[FigureKey, Figure] = {}
    readings = document["readings"]
    for objective in document["objectives"]:
        reading = readings[objective["reading"]]
        key = _key(objective["id"], reading, objective["segment"])
        found[key] = Figure(
            _told(reading, objective["verdict"]),
            reading["unit"],
            reading["origin"],
            objective["name"],
            objective["statistic"],
        )
    promised = {o["reading"] for o in document["objectives"]}
    for place, reading in enumerate(readings):
        key = _key(None, reading, reading["segment"])
        if place not in promised and key not in found:
            found[key] = Figure(_told(reading, None), reading["unit"], reading["origin"], {}, None)
    return found


def key_of(erratum: Document) -> FigureKey:
    """Return which figure an erratum of a document is about."""
    scope = tuple(sorted(erratum["scope"].items()))
    return erratum["objective"], erratum["indicator"], scope, erratum["segment"]


def told_of(told: Document) -> Told:
    """Return a figure as an erratum of a document tells it."""
    return Told(**told)


def is_same(one: Told, other: Told) -> bool:
    """Whether two tellings of a figure agree; a coverage that alone changed is none of its own."""
    return replace(one, coverage="") == replace(other, coverage="")


def changed_tickets(
    key: FigureKey, before: Measurement, after: Measurement, *, rejected: frozenset[str]
) -> tuple[ChangedTicket, ...]:
    """Return the incidents of the figure's scope that the two measurements tell differently, by id.

    *rejected*: those that *before* knew only as rows that could not be trusted.
    """
    then, now = _lines(before.evaluation, key), _lines(after.evaluation, key)
    known = {t.id: t for t in before.tickets.everyone()}
    found = []
    for name in sorted(then.keys() | now.keys()):
        if _facts_of(then.get(name, ()), key) == _facts_of(now.get(name, ()), key):
            continue
        cause, fields = _cause(name, known.get(name), before, after, rejected)
        old, new = (_verdict(lines.get(name, ()), key) for lines in (then, now))
        found.append(ChangedTicket(name, cause, fields, old, new))
    return tuple(found)


def _key(objective: str | None, reading: Document, segment: int) -> FigureKey:
    return objective, reading["indicator"], tuple(sorted(reading["scope"].items())), segment


def _told(reading: Document, verdict: str | None) -> Told:
    details = reading["details"]
    return Told(
        verdict=verdict,
        value=reading["value"],
        numerator=reading["numerator"],
        denominator=reading["denominator"],
        n=reading["n"],
        undetermined=reading["undetermined"],
        coverage=reading["coverage"],
        statistics=reading["statistics"],
        details={name: details[name] for name in _COUNTED.get(reading["indicator"], ()) if name in details},
    )


def _lines(evaluation: Evaluation, key: FigureKey) -> dict[str, list[TicketLine]]:
    """Return the incidents of the figure's scope, by id: one line for each resolution that was judged."""
    wanted = dict(key[2])
    kind = wanted.pop("kind", "incident")
    found: dict[str, list[TicketLine]] = {}
    for line in evaluation.tickets:
        if line.ticket.kind == kind and all(line.ticket.field(n) == v for n, v in wanted.items()):
            found.setdefault(line.ticket.id, []).append(line)
    return found


def _facts_of(lines: Sequence[TicketLine], key: FigureKey) -> object:
    """Return what of an incident the figure looks at."""
    clock = _CLOCKS.get(key[1])
    if clock is not None:
        judged = [getattr(line, clock) for line in lines]
        return [(j.verdict, j.decided, j.done, j.elapsed, j.limit) for j in judged]
    return [
        (t.opened, t.resolved, t.withdrawn, t.reopenings, t.title, t.category, t.service, t.host, t.problem)
        for t in (line.ticket for line in lines)
    ]


def _verdict(lines: Sequence[TicketLine], key: FigureKey) -> str | None:
    clock = _CLOCKS.get(key[1])
    return getattr(lines[-1], clock).verdict.value if clock is not None and lines else None


def _cause(
    name: str, known: Ticket | None, before: Measurement, after: Measurement, rejected: frozenset[str]
) -> tuple[str, tuple[str, ...]]:
    if known is None:
        return ("rejected_row" if name in rejected else "late_row"), ()
    ticket = next((t for t in after.tickets.everyone() if t.id == name), known)
    if len(ticket.reopenings) > len(known.reopenings) or (ticket.reopen_count or 0) > (known.reopen_count or 0):
        return "reopened", ()
    if fields := tuple(dict.fromkeys(_edited(known, ticket))):
        return "edit", fields
    if ticket.withdrawn is not None and known.withdrawn is None:
        return "withdrawn", ()
    if after.tickets.has_lost(name) and not before.tickets.has_lost(name):
        return "lost", ()
    return "told_later", ()


def _edited(known: Ticket, ticket: Ticket) -> Iterator[str]:
    yield from (edit.field for edit in ticket.edits if edit not in known.edits)
