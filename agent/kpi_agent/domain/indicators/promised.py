"""A desk's tickets as a contract sees them: what is a response, which goes on after a merge, which left the scope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from itertools import pairwise
from typing import Any

from kpi_agent.domain.contract import RESPONSE_FIELDS, RespondedWhen, TicketScope
from kpi_agent.domain.ticket import Kind, State, Ticket


@dataclass(frozen=True, slots=True)
class Promised:
    """A ticket as the contract counts it; *survivor* is the ticket that goes on in its place, when it was merged.

    *left* is the instant at which it was retyped or moved out of the contract's scope: withdrawn since then.
    """

    ticket: Ticket
    survivor: Ticket | None = None
    left: int | None = None


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
    openings = _openings(told, survivors, scope)
    for ticket in told:
        survivor = survivors.get(ticket.id)
        seen = ticket
        if survivor is not None:
            seen = _merged(ticket)
            survivor = replace(survivor, opened=openings.get(survivor.id, survivor.opened))
        elif ticket.id in openings:
            seen = replace(ticket, opened=openings[ticket.id])
        if in_contract(seen, scope):
            yield Promised(seen, survivor)
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


def _openings(tickets: Sequence[Ticket], survivors: Mapping[str, Ticket], scope: TicketScope) -> Mapping[str, int]:
    """Return the earliest opening of each survivor: of those merged into it, the contract's own ones count."""
    found: dict[str, int] = {}
    if not survivors:
        return found
    for ticket in tickets:
        survivor = survivors.get(ticket.id)
        if survivor is not None and ticket.opened < survivor.opened and in_contract(ticket, scope):
            found[survivor.id] = min(found.get(survivor.id, survivor.opened), ticket.opened)
    return found


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
        if edit.at > as_of or isinstance(edit.before, int):
            continue
        now, _ = found[-1]
        if edit.field == "kind":
            if edit.before is None:
                continue
            before = replace(now, kind=Kind(edit.before))
        elif edit.field in {"entity", "category", "service", "host", "group"}:
            told: dict[str, Any] = {edit.field: edit.before}
            before = replace(now, **told)
        else:
            continue
        found[-1] = (now, edit.at)
        found.append((before, ticket.opened))
    return reversed(found)
