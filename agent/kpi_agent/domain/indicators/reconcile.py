"""From the desk's tickets to the judged ones, each of them in one place (indicators.md §4, "Against the desk")."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kpi_agent.domain.contract import Scope
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.after_deadline import late_edits
from kpi_agent.domain.indicators.caseload import cases, population, ticket_window
from kpi_agent.domain.indicators.desk_flags import desk_flags
from kpi_agent.domain.indicators.holding import hold_figures
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.indicators.unit import (
    WITHDRAWN,
    Unit,
    awaited,
    class_of,
    counted_span,
    resolution_units,
    response_units,
)
from kpi_agent.domain.reconciliation import FLOW, Balance, Exclusion, Lost, Overdue, Reconciliation
from kpi_agent.domain.ticket import Kind, Ticket
from kpi_agent.domain.time import Interval
from kpi_agent.domain.verdict import Verdict

_JUDGED = frozenset({Verdict.MET.value, Verdict.BREACHED.value})
_LISTED = ("earlier", *WITHDRAWN, "lost", "without_priority", "without_limit", Verdict.UNDETERMINED.value)


def reconcile(request: Request, facts: Facts) -> Reconciliation:
    """Return how the judged incidents of the request's span follow from the desk's tickets, and what to ask about."""
    span = counted_span(ticket_window(request, facts))
    clocks = {"resolve": list(resolution_units(request, facts)), "respond": list(response_units(request, facts))}
    balances = []
    exclusions: list[Exclusion] = []
    for clock, found in clocks.items():
        classed = [(u, _class(u, span)) for u in found]
        for priority in _priorities(request, found):
            mine = [(u, name) for u, name in classed if priority is None or u.ticket.priority == priority]
            balances.append(_balance(clock, priority, mine, span, _counted(clock, priority, request, facts)))
        exclusions += _exclusions(clock, classed)
    resolutions = clocks["resolve"]
    return Reconciliation(
        balances=tuple(balances),
        exclusions=(*exclusions, *_others(request, facts, span)),
        desk=desk_flags(resolutions, request, span, as_of=ticket_window(request, facts).as_of),
        edits=late_edits(cases(request, facts), request, span, as_of=ticket_window(request, facts).as_of),
        holds=hold_figures(resolutions, request, span),
        overdue=tuple(_overdue(resolutions, span)),
        lost=tuple(_lost(request, facts, span)),
    )


def _class(unit: Unit, span: Interval) -> str:
    lost = unit.case.lost
    return class_of(unit, span, is_lost=unit.is_last and lost is not None and lost < span.end)


def _priorities(request: Request, found: Sequence[Unit]) -> list[str | None]:
    """Return all (None) first, then the contract's priorities that occur."""
    seen = {u.ticket.priority for u in found}
    return [None, *(p for p in sorted(request.version.priorities) if p in seen)]


def _counted(clock: str, priority: str | None, request: Request, facts: Facts) -> int:
    """Return how many there must be: pending as the span began, and begun in it, by the figures that say so."""
    asked = replace(request, scope=Scope(priority=priority))
    volume = INDICATORS["volume"].measure(asked, facts).details
    if clock == "resolve":
        return INDICATORS["backlog"].measure(asked, facts).details["start"] + volume["opened"] + volume["reopened"]
    start = request.span.start
    return volume["opened"] + sum(w.start < start <= w.end for w in map(awaited, cases(asked, facts)))


def _balance(
    clock: str, priority: str | None, classed: Sequence[tuple[Unit, str]], span: Interval, counted: int
) -> Balance:
    names = Counter(name for _, name in classed)
    verdicts = {v.value for v in Verdict}
    return Balance(
        clock=clock,
        priority=priority,
        population=counted + sum(not u.is_seen for u, _ in classed),
        met=names[Verdict.MET.value],
        breached=names[Verdict.BREACHED.value],
        undetermined=names[Verdict.UNDETERMINED.value],
        running=names[Verdict.RUNNING.value],
        excluded={name: count for name, count in sorted(names.items()) if name not in verdicts},
        flow=_flow(classed, span),
    )


def _flow(classed: Iterable[tuple[Unit, str]], span: Interval) -> dict[str, int]:
    """Count each unit that was done or judged in the span under every line of ``FLOW`` that it belongs to."""
    found: Counter[str] = Counter()
    for unit, name in classed:
        judgement = unit.judgement
        is_withdrawn = name in WITHDRAWN or "withdrawn" in judgement.notes
        is_done = unit.done is not None and unit.done in span and not is_withdrawn
        if is_done:
            found["done"] += 1
            found["earlier"] += name == "earlier"
            found["undetermined"] += name == Verdict.UNDETERMINED
            found["without_limit"] += name in {"without_limit", "without_priority"}
        elif name in _JUDGED:
            is_bounded = judgement.verdict is Verdict.MET
            found["withdrawn_late" if is_withdrawn else "bounded" if is_bounded else "overdue"] += 1
    return {name: found[name] for name in FLOW}


def _exclusions(clock: str, classed: Iterable[tuple[Unit, str]]) -> Iterator[Exclusion]:
    named: dict[str, list[str]] = defaultdict(list)
    for unit, name in classed:
        named[name].append(unit.judgement.subject)
    for name in _LISTED:
        if named[name]:
            yield Exclusion(clock, name, len(named[name]), tuple(sorted(named[name])))


def _others(request: Request, facts: Facts, span: Interval) -> Iterator[Exclusion]:
    """Yield what the desk tells of the span beside the incidents in scope: other kinds, and tickets out of scope.

    Those out of scope are only counted: on a shared desk they are other customers'.
    """
    inside: set[tuple[str, str]] = set()
    for kind in Kind:
        mine = list(population(replace(request, scope=Scope(kind=kind.value)), facts))
        inside |= {(t.source, t.id) for t in mine}
        told = sorted(t.id for t in mine if _is_of(t, span))
        if told and kind is not Kind.INCIDENT:
            yield Exclusion(None, kind.value, len(told), tuple(told))
    outside = sum(_is_of(t, span) and (t.source, t.id) not in inside for t in facts.tickets.everyone())
    if outside:
        yield Exclusion(None, "out_of_scope", outside)


def _is_of(ticket: Ticket, span: Interval) -> bool:
    """Whether a ticket was open in the span, by its milestones alone."""
    ends = [i for i in (ticket.resolved, ticket.closed, ticket.withdrawn) if i is not None]
    return ticket.opened < span.end and (ticket.is_open or not ends or max(ends) >= span.start)


def _overdue(found: Iterable[Unit], span: Interval) -> Iterator[Overdue]:
    late = [u for u in found if u.judgement.deadline is not None and _is_overdue(u, span)]
    for unit in sorted(late, key=lambda u: (u.judgement.deadline or 0, u.judgement.subject)):
        yield Overdue(unit.judgement.subject, unit.ticket.priority, unit.judgement.deadline or 0)


def _is_overdue(unit: Unit, span: Interval) -> bool:
    judgement = unit.judgement
    if judgement.verdict is not Verdict.BREACHED or judgement.deadline is None or judgement.deadline >= span.end:
        return False
    return all(over is None or over >= span.end for over in (judgement.done, judgement.ended))


def _lost(request: Request, facts: Facts, span: Interval) -> list[Lost]:
    found = [Lost(c.ticket.id, c.lost) for c in cases(request, facts) if c.lost is not None and c.lost < span.end]
    return sorted(found, key=lambda lost: (lost.seen, lost.ticket))
