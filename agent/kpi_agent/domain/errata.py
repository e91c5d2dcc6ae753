"""What two measurements of one closed period differ in: figures as documents tell them, and the incidents behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kpi_agent.domain.contract import Contract, Scope
from kpi_agent.domain.contributions import COUNTED, Contributions, differing
from kpi_agent.domain.evaluation import ChangedTicket, Evaluation, Told
from kpi_agent.domain.facts import TicketFacts
from kpi_agent.domain.measure import asked_by
from kpi_agent.domain.ticket import Ticket

Document = Mapping[str, Any]
FigureKey = tuple[str | None, str, tuple[tuple[str, str], ...], int]
"""Objective id (None: a reading that nothing was promised on), indicator, scope, segment."""

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
    """Whether two tellings of a figure agree; a coverage that alone changed is none of its own.

    What was measured neither time is the same, whatever was missing.
    """
    if one.value is None and other.value is None:
        return one.verdict == other.verdict
    return replace(one, coverage="") == replace(other, coverage="")


def changed_tickets(
    key: FigureKey,
    contract: Contract,
    before: Measurement,
    after: Measurement,
    *,
    was_rejected: Callable[[str], bool],
) -> tuple[ChangedTicket, ...]:
    """Return the incidents that add something else to a figure in one measurement than in the other, by id.

    *was_rejected*: whether one that *before* did not know was there as a row that could not be trusted.
    """
    sides = [_contributions(key, contract, m) for m in (before, after)]
    known = {t.id: t for t in before.tickets.everyone()}
    found = []
    for name in differing(*sides):
        cause, fields = _cause(name, known.get(name), before, after, was_rejected)
        old, new = (_verdict(side, name) for side in sides)
        found.append(ChangedTicket(name, cause, fields, old, new))
    return tuple(found)


def _contributions(key: FigureKey, contract: Contract, measurement: Measurement) -> Contributions:
    objective, indicator, scope, segment = key
    evaluation = measurement.evaluation
    promised = (c for c in evaluation.commitments if (c.objective.id, c.segment) == (objective, segment))
    asked = asked_by(contract, evaluation, next(promised, None))
    return Contributions.find(indicator, replace(asked, scope=Scope(**dict(scope))), measurement.tickets)


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
        details={name: details[name] for name in COUNTED.get(reading["indicator"], ()) if name in details},
    )


def _verdict(side: Contributions, name: str) -> str | None:
    """Return the last verdict of a ticket on the figure's clock."""
    clock, found = _CLOCKS.get(side.indicator), side.cases.get(name)
    if clock is None or not found:
        return None
    return (found[-1].response if clock == "response" else found[-1].resolutions[-1]).verdict.value


def _cause(
    name: str, known: Ticket | None, before: Measurement, after: Measurement, was_rejected: Callable[[str], bool]
) -> tuple[str, tuple[str, ...]]:
    if known is None:
        return ("rejected_row" if was_rejected(name) else "late_row"), ()
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
