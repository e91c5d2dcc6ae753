"""Changes that were made once a deadline had passed (indicators.md §4, "Against the desk")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.indicators.case import judge_resolution, judge_response
from kpi_agent.domain.indicators.caseload import Case
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.reconciliation import LateEdit
from kpi_agent.domain.ticket import Edit, Ticket
from kpi_agent.domain.time import Interval
from kpi_agent.domain.verdict import Judgement

_CLOCKS = {
    "opened": ("respond", "resolve"),
    "priority": ("respond", "resolve"),
    "kind": ("respond", "resolve"),
    "responded": ("respond",),
    "resolved": ("resolve",),
    "holds": ("resolve",),
    "hold_total": ("resolve",),
}
"""Which clock a change may save or spoil, by the field that changed."""


def late_edits(cases: Iterable[Case], request: Request, span: Interval, *, as_of: int) -> tuple[LateEdit, ...]:
    """Return the changes made after the deadline, by (instant, ticket), of tickets with a deadline or a change in span.

    The deadline is the earliest of those that the ticket had with the value before the change.
    """
    contract = request.contract
    found = [edit for case in cases if case.ticket.edits for edit in _of(case, contract, span, as_of)]
    return tuple(sorted(found, key=lambda e: (e.at, e.ticket, e.field)))


def _of(case: Case, contract: Contract, span: Interval, as_of: int) -> Iterator[LateEdit]:
    ticket, scope = case.ticket, case.scope
    is_of_span = any(j.is_decided_in(span) for j in (case.response, *case.resolutions))
    for edit in ticket.edits:
        if edit.field not in _CLOCKS or edit.at >= as_of + 1 or not (is_of_span or edit.at in span):
            continue
        before = _before(ticket, edit)
        judged: dict[str, list[Judgement]] = {
            "respond": [judge_response(before, contract, scope, as_of=as_of)],
            "resolve": judge_resolution(before, contract, scope, as_of=as_of),
        }
        deadlines = [j.deadline for clock in _CLOCKS[edit.field] for j in judged[clock] if j.deadline is not None]
        if deadlines and min(deadlines) < edit.at:
            yield LateEdit(ticket.id, edit.field, edit.before, edit.after, edit.at, min(deadlines))


def _before(ticket: Ticket, edit: Edit) -> Ticket:
    """Return the ticket with the value that the change replaced, so that its deadline is the one before the change.

    Held time is known only as a sum, which could lie anywhere: without it, the deadline is the earliest possible.
    """
    if edit.field == "opened" and isinstance(edit.before, int):
        return replace(ticket, opened=edit.before)
    if edit.field == "priority":
        before = edit.before if isinstance(edit.before, str) else ticket.priority
        return replace(ticket, priority=before, priority_changes=(), edits=())
    if edit.field in {"holds", "hold_total"} and not edit.before:
        return replace(ticket, holds=(), hold_total=None)
    return ticket
