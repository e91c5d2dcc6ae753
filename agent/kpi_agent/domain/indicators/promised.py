"""A desk's tickets as a contract sees them: what is a response, which goes on after a merge, which left the scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

from kpi_agent.domain.contract import RESPONSE_FIELDS, RespondedWhen, TicketScope
from kpi_agent.domain.ticket import Kind, State, Ticket

_PLACED_BY = frozenset({"kind", "entity", "category", "service", "host", "group"})
"""The fields whose change may take a ticket out of what a contract counts."""


@dataclass(frozen=True, slots=True)
class Promised:
    """A ticket as the contract counts it; *survivor* is the ticket that goes on in its place, when it was merged.

    *left* is the instant at which it was retyped or moved out of the contract's scope: withdrawn since then.
    *parts* are the rows of a ticket that goes on after a merge, its own first: the earliest opening and response count.
    """

    ticket: Ticket
    survivor: Ticket | None = None
    left: int | None = None
    parts: tuple[Ticket, ...] = ()


def in_contract(ticket: Ticket, scope: TicketScope) -> bool:
    """Whether a ticket passes the contract's ``where`` globs, caseless; a field that is unknown passes none."""
    return all(
        (value := ticket.field(name)) is not None and fnmatchcase(value.casefold(), glob.casefold())
        for name, glob in scope.where.items()
    )


def promised(tickets: Sequence[Ticket], scope: TicketScope, *, as_of: int) -> Iterator[Promised]:
    """Yield the tickets that the contract covers, and those that it covered until they were retyped or moved out."""
    told = _with_responses(tickets, scope.responded_when)
    survivors = _survivors(told)
    parts = _parts(told, survivors, scope)
    heirs = {name: _heir(*rows) for name, rows in parts.items()}
    for ticket in told:
        survivor = survivors.get(ticket.id)
        seen = heirs.get(ticket.id, ticket) if survivor is None else _merged(ticket)
        if in_contract(seen, scope):
            heir = None if survivor is None else heirs.get(survivor.id, survivor)
            yield Promised(seen, heir, parts=parts.get(ticket.id, ()))
        if ticket.edits:
            yield from _left(seen, scope, as_of)


def _with_responses(tickets: Sequence[Ticket], when: RespondedWhen) -> Sequence[Ticket]:
    """Return the tickets with what the contract calls a response in the place of the first action of a person."""
    name = RESPONSE_FIELDS.get(when)
    return tickets if name is None else [_with_response(t, name) for t in tickets]


def _with_response(ticket: Ticket, name: str) -> Ticket:
    """Return the ticket with instant *name* as its response: absent where the source tells such instants, else unknown.

    The desk's duration is that to its own response, and no other's.
    """
    instant: int | None = getattr(ticket, name)
    untold = ticket.cannot_tell - {"responded"}
    if instant is None and name not in ticket.tells:
        untold |= {"responded"}
    return replace(ticket, responded=instant, response_duration=None, cannot_tell=untold)


def _survivors(tickets: Sequence[Ticket]) -> Mapping[str, Ticket]:
    """Return, by the id of each merged ticket, the one that goes on at the end of the chain.

    Merged into one that no export holds, or in a circle, a ticket stands for itself: no work may vanish.
    """
    merged = [t for t in tickets if t.merged_into is not None]
    if not merged:
        return {}
    known = {t.id: t for t in tickets}
    found = {}
    for ticket in merged:
        seen = {ticket.id}
        last: Ticket | None = ticket
        while last is not None and last.merged_into is not None:
            last = known.get(last.merged_into) if last.merged_into not in seen else None
            if last is not None:
                seen.add(last.id)
        if last is not None:
            found[ticket.id] = last
    return found


def _parts(
    tickets: Sequence[Ticket], survivors: Mapping[str, Ticket], scope: TicketScope
) -> Mapping[str, tuple[Ticket, ...]]:
    """Return, by the id of each survivor, it and those merged into it; of these the contract's own ones count."""
    found: dict[str, tuple[Ticket, ...]] = {}
    if not survivors:
        return found
    for ticket in tickets:
        survivor = survivors.get(ticket.id)
        if survivor is not None and in_contract(ticket, scope):
            found[survivor.id] = (*found.get(survivor.id, (survivor,)), ticket)
    return found


def _heir(survivor: Ticket, *merged: Ticket) -> Ticket:
    """Return a survivor with the earliest opening and response of all that it goes on for (indicators.md §2).

    A response that is untold, or told as a duration from one of several openings, may have come before any other: then
    nobody knows the earliest. A duration from the earliest opening that is the only response stays one.
    """
    parts = (survivor, *merged)
    opened = min(t.opened for t in parts)
    instants = [t.responded for t in parts if t.responded is not None]
    unplaced = [t for t in parts if t.responded is None and _has_unplaced_response(t)]
    if not unplaced:
        return replace(survivor, opened=opened, responded=min(instants, default=None), response_duration=None)
    untold = survivor.cannot_tell | {"responded"}
    is_alone = not instants and [t.opened for t in unplaced] == [opened]
    duration = unplaced[0].response_duration if is_alone else None
    return replace(survivor, opened=opened, responded=None, response_duration=duration, cannot_tell=untold)


def _has_unplaced_response(ticket: Ticket) -> bool:
    """Whether it may have been answered, at an instant that nobody tells."""
    return ticket.response_duration is not None or "responded" in ticket.cannot_tell


def _merged(ticket: Ticket) -> Ticket:
    """Return a merged ticket as withdrawn, whatever state its desk leaves it in."""
    return ticket if ticket.state is State.CANCELLED else replace(ticket, state=State.CANCELLED)


def _left(ticket: Ticket, scope: TicketScope, as_of: int) -> Iterator[Promised]:
    """Yield the ticket as it was in each kind that it has left, or when it left the scope: withdrawn since then.

    So a breach that was decided before stays, and nothing else does (indicators.md §2).
    """
    versions = list(_versions(ticket, as_of))
    kinds: set[Kind] = {ticket.kind} if in_contract(ticket, scope) else set()
    for (old, _), (_, since) in pairwise(versions):
        if old.kind not in kinds and in_contract(old, scope):
            kinds.add(old.kind)
            yield Promised(replace(old, state=State.CANCELLED, closed=since), left=since)


def _versions(ticket: Ticket, as_of: int) -> Iterator[tuple[Ticket, int]]:
    """Yield the ticket as it was between changes of kind or of scope, with when it became so; the earliest first."""
    found = [(ticket, ticket.opened)]
    for edit in reversed(ticket.edits):
        if edit.at > as_of or edit.field not in _PLACED_BY:
            continue
        now, _ = found[-1]
        told: dict[str, Any] = {edit.field: Kind(str(edit.before)) if edit.field == "kind" else edit.before}
        found[-1] = (now, edit.at)
        found.append((replace(now, **told), ticket.opened))
    return reversed(found)
