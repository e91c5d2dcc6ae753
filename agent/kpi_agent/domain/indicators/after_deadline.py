"""Changes that were made once a deadline had passed (indicators.md §4, "Against the desk")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.indicators.case import judge_resolution, judge_response
from kpi_agent.domain.indicators.caseload import Case
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.reconciliation import LateEdit
from kpi_agent.domain.ticket import Edit, HoldTotal, Ticket
from kpi_agent.domain.time import Interval
from kpi_agent.domain.verdict import Judgement

# Which clock a change may save or spoil, by the field that changed.
_OF_RESPONSES = frozenset({"opened", "priority", "kind", "responded"})
_OF_RESOLUTIONS = frozenset({"opened", "priority", "kind", "resolved", "holds", "hold_total"})


def late_edits(cases: Iterable[Case], request: Request, span: Interval, *, as_of: int) -> tuple[LateEdit, ...]:
    """Return the changes made after the deadline, by (instant, ticket), of tickets decided or changed in *span*.

    The deadline is the earliest of those that the ticket had as it was told before the change.
    """
    found = [edit for case in cases for edit in _of(case, request, span, as_of)]
    return tuple(sorted(found, key=lambda e: (e.at, e.ticket, e.field)))


def _of(case: Case, request: Request, span: Interval, as_of: int) -> Iterator[LateEdit]:
    ticket, changes = case.ticket, _changes(case.ticket)
    is_of_span = any(j.is_decided_in(span) for j in (case.response, *case.resolutions))
    for edit in changes:
        if edit.at <= as_of and (is_of_span or edit.at in span):
            before = replace(case, ticket=_told_before(ticket, changes, edit.at))
            judged = _judged(before, edit.field, request.contract, as_of)
            deadline = min((j.deadline for j in judged if j.deadline is not None), default=edit.at)
            if deadline < edit.at:
                yield LateEdit(ticket.id, edit.field, edit.before, edit.after, edit.at, deadline)


def _changes(ticket: Ticket) -> Sequence[Edit]:
    """Return what exports tell differently, in their order; a desk that dates its changes of priority knows better."""
    if not ticket.priority_changes:
        return ticket.edits
    dated = [Edit(c.at, "priority", c.before, c.after) for c in ticket.priority_changes]
    return sorted([*(e for e in ticket.edits if e.field != "priority"), *dated], key=lambda e: e.at)


def _told_before(ticket: Ticket, changes: Sequence[Edit], instant: int) -> Ticket:
    """Return the ticket as it was told before *instant*."""
    for change in reversed(changes):
        if change.at >= instant:
            ticket = _undone(ticket, change)
    return replace(ticket, edits=tuple(c for c in changes if c.at < instant))


def _undone(ticket: Ticket, edit: Edit) -> Ticket:
    """Return the ticket with the value that a change replaced; a priority first given later holds from the opening.

    Where it was held is not told for then: without holds the deadline is the earliest possible. Changes of priority
    that the desk dates may stay: one after a deadline never moved it.
    """
    if edit.field == "priority" and edit.before is None:
        return ticket
    before: dict[str, Any] = {edit.field: edit.before}
    if edit.field == "holds":
        before = {"holds": ()}
    elif edit.field == "hold_total":
        known = ticket.hold_total
        before = {"hold_total": None if known is None else HoldTotal(int(edit.before or 0), known.basis)}
    return replace(ticket, **before)


def _judged(case: Case, field: str, contract: Contract, as_of: int) -> Iterator[Judgement]:
    if field in _OF_RESPONSES:
        yield judge_response(case.ticket, contract, case.scope, as_of=as_of)
    if field in _OF_RESOLUTIONS:
        yield from judge_resolution(case.ticket, contract, case.scope, as_of=as_of)
