"""The desk's own flag beside our verdict, and why they differ (indicators.md §4, "Against the desk")."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kpi_agent.domain.calendar import ALWAYS, ServiceCalendar
from kpi_agent.domain.contract import Contract, ContractVersion
from kpi_agent.domain.indicators.case import judge_resolution
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.indicators.unit import Unit
from kpi_agent.domain.reconciliation import DeskFlags, Difference
from kpi_agent.domain.ticket import Basis, Ticket
from kpi_agent.domain.time import Interval
from kpi_agent.domain.verdict import Judgement, Verdict


@dataclass(frozen=True, slots=True)
class Variant:
    """What the desk may have judged instead: another telling of the ticket, under another telling of the contract."""

    code: str
    ticket: Ticket
    contract: Contract


def desk_flags(units: Sequence[Unit], request: Request, span: Interval, *, as_of: int) -> DeskFlags:
    """Return the comparison over the tickets whose last resolution was done or decided in *span*.

    A flag speaks of the whole ticket as it is now: an earlier taking-up has none of its own.
    """
    compared = untold = 0
    differences = []
    contracts = {c.name: _under(request.contract, c) for c in (ALWAYS, *request.version.calendars.values())}
    for unit in units:
        judgement = unit.judgement
        is_done = unit.done is not None and unit.done in span
        if not unit.is_last or not (is_done or judgement.is_decided_in(span)):
            continue
        is_met = unit.ticket.desk_met
        if is_met is None:
            untold += 1
            continue
        compared += 1
        if judgement.verdict is not (Verdict.MET if is_met else Verdict.BREACHED):
            code = _cause(unit, request, contracts, as_of=as_of)
            differences.append(Difference(judgement.subject, is_met, judgement.verdict.value, code))
    return DeskFlags(compared, untold, tuple(sorted(differences, key=lambda d: (d.code, d.ticket))))


def _cause(unit: Unit, request: Request, contracts: dict[str, Contract], *, as_of: int) -> str:
    """Return the first single thing without which the verdict would be the desk's."""
    judgement, ticket, scope = unit.judgement, unit.ticket, unit.case.scope
    if (code := _unjudged(judgement, ticket)) is not None:
        return code
    wanted = Verdict.MET if ticket.desk_met else Verdict.BREACHED
    for variant in _variants(ticket, request.contract, contracts):
        if judge_resolution(variant.ticket, variant.contract, scope, as_of=as_of)[-1].verdict is wanted:
            return variant.code
    if "holds_unknown" in judgement.notes:
        return "holds_unknown"
    return "other_clock" if unit.case.response.verdict is wanted else "unexplained"


def _unjudged(judgement: Judgement, ticket: Ticket) -> str | None:
    """Return why there is no verdict as a desk means it, None where there is one."""
    if "withdrawn" in judgement.notes:
        return "withdrawn"
    if judgement.verdict is Verdict.NOT_JUDGED:
        return "without_priority" if ticket.priority is None else "without_limit"
    if judgement.verdict in {Verdict.UNDETERMINED, Verdict.RUNNING}:
        return judgement.verdict.value
    return "bounded" if judgement.is_bounded else None


def _variants(ticket: Ticket, contract: Contract, contracts: dict[str, Contract]) -> Iterator[Variant]:
    """Yield what the desk may have judged, the likeliest cause first."""
    for code, told in _told_otherwise(ticket):
        yield Variant(code, told, contract)
    without = replace(ticket, holds=(), hold_total=None)
    yield Variant("holds", without, contract)
    yield Variant("holds", _all_deducted(ticket), contract)
    for other in contracts.values():
        yield Variant("calendar", ticket, other)
    if ticket.closed is not None:
        yield Variant("closing", replace(ticket, resolved=ticket.closed), contract)
    for other in contracts.values():
        yield Variant("holds_and_calendar", without, other)


def _told_otherwise(ticket: Ticket) -> Iterator[tuple[str, Ticket]]:
    """Yield the ticket as if it had not been reopened, had kept an earlier priority, or had not been rewritten."""
    if ticket.reopenings:
        yield "reopening", replace(ticket, reopenings=())
        yield "reopening", replace(ticket, reopenings=(), resolved=ticket.reopenings[0].resolved)
    for priority in _priorities(ticket):
        yield "priority_change", replace(ticket, priority=priority, priority_changes=(), edits=())
    for edit in ticket.edits:
        if edit.field in {"opened", "resolved"}:
            before: dict[str, Any] = {edit.field: edit.before}
            yield "edited", replace(ticket, **before)


def _all_deducted(ticket: Ticket) -> Ticket:
    """Return the ticket with every hold deducted, whatever its reason and wherever it lies."""
    total = None if ticket.hold_total is None else replace(ticket.hold_total, basis=Basis.SERVICE)
    return replace(
        ticket, holds=tuple(replace(h, reason=None) for h in ticket.holds), hold_total=total, hold_reason=None
    )


def _priorities(ticket: Ticket) -> Iterable[Any]:
    """Return the priorities that the ticket had before, as the desk's history or earlier exports tell them."""
    told = [p for c in ticket.priority_changes for p in (c.before, c.after)]
    return dict.fromkeys([*told, *(e.before for e in ticket.edits if e.field == "priority")])


def _under(contract: Contract, calendar: ServiceCalendar) -> Contract:
    """Return the contract with all its limits on one calendar."""
    return Contract(contract.id, tuple(_version_under(v, calendar) for v in contract.versions))


def _version_under(version: ContractVersion, calendar: ServiceCalendar) -> ContractVersion:
    return replace(version, priorities={p: replace(t, calendar=calendar) for p, t in version.priorities.items()})
