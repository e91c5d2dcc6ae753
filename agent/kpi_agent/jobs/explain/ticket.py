"""How one ticket became verdicts: row, fields, service hours one by one, holds, deadline, month, objectives."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches

from kpi_agent.domain.calendar import ServiceCalendar
from kpi_agent.domain.contract import Contract, ContractVersion, Objective, PriorityTerms, TicketScope
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.evaluation import Evaluation
from kpi_agent.domain.facts import TicketFacts
from kpi_agent.domain.indicators.case import (
    clock_terms,
    effective_changes,
    holds_of,
    response_bound,
    stretches,
)
from kpi_agent.domain.indicators.caseload import Case, case_of, promised_by
from kpi_agent.domain.indicators.priority_history import histories
from kpi_agent.domain.indicators.promised import Promised
from kpi_agent.domain.reading import Reading
from kpi_agent.domain.ticket import Hold, Ticket
from kpi_agent.domain.time import Interval, difference, local_days, union, zone
from kpi_agent.domain.verdict import Judgement

RESPONSE, RESOLUTION = "response", "resolution"
CLOCK_OF = {"time_to_respond": RESPONSE, "respond_in_time": RESPONSE} | {
    "time_to_resolve": RESOLUTION,
    "resolve_in_time": RESOLUTION,
}
"""Which of a ticket's clocks an indicator looks at."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a ticket: the judgement, the stretches counted, those that holds took out, and why.

    *is_bound*: it ran no longer than that; what stopped it came earlier, and the desk does not tell when. *limit_of*:
    the priority whose limit set the deadline, empty when none did; *limit_since*: the instant from which that limit
    counts, None for the clock's own start. *version*: the contract version in force at the start.
    """

    name: str
    judgement: Judgement
    version: ContractVersion
    calendar: ServiceCalendar
    counted: tuple[Interval, ...]
    held: tuple[Interval, ...]
    hold_total: int
    is_bound: bool
    limit_of: str = ""
    limit_since: int | None = None

    @property
    def span(self) -> Interval:
        """From the clock's start to what it was stopped by; the stretch that was looked at."""
        ends = [i.end for i in (*self.counted, *self.held)]
        return Interval(self.judgement.start, max([self.judgement.start, *ends]))

    def stops(self, hold: Hold) -> bool:
        """Whether a hold takes time off this clock under the contract."""
        return self.name == RESOLUTION and (hold.reason is None or hold.reason in self.version.hold_stop)

    def closures(self) -> tuple[tuple[date, str], ...]:
        """Return the days in its span on which the calendar was closed out of turn, with the holiday's name."""
        hours = self.calendar.hours
        if hours is None:
            return ()
        days = (day for day, _ in local_days(self.span, zone(hours.timezone)) if hours.weekly.get(day.weekday()))
        named = ((day, hours.holidays.get(day, "closed day" if day in hours.closed else "")) for day in days)
        return tuple((day, name) for day, name in named if name)


@dataclass(frozen=True, slots=True)
class Membership:
    """An objective that a judgement of the ticket counts in, with its reading of that period."""

    period: str
    clock: str
    objective: Objective
    reading: Reading
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class Explanation:
    """A ticket as the contract counts it, with each of its clocks, in the contract's zone.

    *outside*: why it is not the contract's, if so. *left*: since when it is so no more, retyped or moved out; its
    clocks are those until then. *survivor*: the ticket that goes on after a merge, empty when there is none. *parts*:
    of one that goes on, its own row and those merged into it, with their openings and responses.
    """

    contract: Contract
    ticket: Ticket
    as_of: int
    clocks: tuple[Clock, ...]
    outside: str = ""
    lost: int | None = None  # as-of of the last export that held it, when newer ones do not
    left: int | None = None
    survivor: str = ""
    parts: tuple[Ticket, ...] = ()
    memberships: tuple[Membership, ...] = ()


def explain_ticket(contract: Contract, facts: TicketFacts, name: str, *, now: int) -> Explanation:
    """Return how ticket *name* is judged at *now*; raises NotFound, with ids alike, when the desk has none of that id.

    Of a ticket out of the contract's scope the clocks are shown as they would run, and *outside* says why it is out.
    """
    named = [(t, desk.lost) for desk in facts.desks for t in desk.tickets if t.id == name]
    scopes = contract.ticket_scopes()
    if not scopes or not named:
        known = [t.id for t in facts.everyone()]
        alike = get_close_matches(name, known, n=3)
        hint = f"; did you mean {' or '.join(alike)}?" if alike else ""
        raise NotFound(f"no ticket '{name}' for contract '{contract.id}' among {len(known)} in the store{hint}")
    newest = facts.newest_of(named[0][0].kind)
    as_of = now if newest is None else min(now, newest)
    found = [
        (one, scope, desk.lost)
        for desk in facts.desks
        for one, scope in promised_by(contract, desk, as_of=as_of)
        if one.ticket.id == name
    ]
    ticket, held = named[0]
    own = next((s for span, s in scopes if ticket.opened in span), None)
    one, scope, lost = found[0] if found else (Promised(ticket), own or scopes[-1][1], held)
    case = case_of(one, contract, scope, lost, as_of=as_of)
    seen = as_of if case.lost is None else case.lost
    return Explanation(
        contract=contract,
        ticket=one.ticket,
        as_of=seen,
        clocks=tuple(_clocks(case, contract, scope, seen)),
        outside="" if found else _why_outside(ticket, own),
        lost=case.lost,
        left=one.left,
        survivor="" if one.survivor is None else one.survivor.id,
        parts=one.parts,
    )


def _clocks(case: Case, contract: Contract, scope: TicketScope, as_of: int) -> Iterator[Clock]:
    *_, ticket = histories(case.ticket)
    if (terms := clock_terms(ticket, contract, ticket.opened)) is not None:
        bound = None if case.response.done is not None else response_bound(ticket, as_of)
        clock = _clock(RESPONSE, case.response, contract, terms, (), 0, as_of if bound is None else bound)
        clock = replace(clock, is_bound=bound is not None)
        yield _with_limit(clock, ticket, "respond", ())
    for part, judgement in zip(stretches(ticket, scope.reopen_window), case.resolutions, strict=True):
        if (terms := clock_terms(ticket, contract, part.start)) is None:
            continue
        holds = holds_of(ticket, contract.at(part.start), terms.calendar)
        total = holds.total if part.number == 0 else 0
        placed = (*holds.placed, *part.pauses)
        clock = _clock(RESOLUTION, judgement, contract, terms, placed, total, as_of)
        yield _with_limit(clock, ticket, "resolve", placed)


def _why_outside(ticket: Ticket, scope: TicketScope | None) -> str:
    if scope is None:
        return "when it was opened, the contract covered no tickets"
    if ticket.source != scope.source:
        return (
            f"it stands in '{ticket.source}'; when it was opened, the contract's tickets were those of '{scope.source}'"
        )
    where = scope.where.items()
    told = [f"{name} is {ticket.field(name) or 'unknown'}, the contract covers {glob}" for name, glob in where]
    return "; ".join(told)


def memberships(explanation: Explanation, evaluations: Sequence[Evaluation]) -> tuple[Membership, ...]:
    """Return the objectives that the ticket's verdicts count in; *evaluations* are those of the periods decided in."""
    if explanation.outside:
        return ()
    found: list[Membership] = []
    for clock in explanation.clocks:
        decided = clock.judgement.decided
        for evaluation in evaluations:
            if decided is not None and decided in evaluation.period.interval:
                found += _in_period(explanation.ticket, clock, evaluation)
    return tuple(found)


def _in_period(ticket: Ticket, clock: Clock, evaluation: Evaluation) -> Iterator[Membership]:
    for one in evaluation.commitments:
        wanted = one.objective.scope.as_dict()
        kind = wanted.pop("kind", "incident")
        is_of_scope = ticket.kind == kind and all(ticket.field(n) == value for n, value in wanted.items())
        if (
            is_of_scope
            and one.objective.indicator.endswith("_in_time")
            and CLOCK_OF.get(one.objective.indicator) == clock.name
        ):
            yield Membership(evaluation.period.id, clock.name, one.objective, one.reading, clock.judgement)


def _with_limit(clock: Clock, ticket: Ticket, kind: str, placed: tuple[Interval, ...]) -> Clock:
    """Return the clock with the priority whose limit gives its deadline, from the start or from a change on."""
    judgement, priorities = clock.judgement, clock.version.priorities
    changes = effective_changes(ticket, judgement.start)
    first = changes[0].before if changes else ticket.priority
    origins = [(first, None), *((c.after, since) for c in changes for since in (c.at, None))]
    for name, since in origins:
        limit = getattr(priorities.get(name or ""), kind, None)
        if name is None or limit is None or limit.seconds != judgement.limit:
            continue
        begin, total = (judgement.start, clock.hold_total) if since is None else (since, 0)
        if priorities[name].calendar.deadline(begin, limit.seconds + total, placed) == judgement.deadline:
            return replace(clock, limit_of=name, limit_since=since)
    return clock


def _clock(
    name: str,
    judgement: Judgement,
    contract: Contract,
    terms: PriorityTerms,
    holds: tuple[Interval, ...],
    total: int,
    until: int,
) -> Clock:
    """Return the clock as it ran: to what was done, else to the withdrawal, else *until*."""
    end = next((i for i in (judgement.done, judgement.ended) if i is not None), until)
    span = Interval(judgement.start, max(judgement.start, end))
    held = union(h.clip(span) for h in holds)
    counted = difference(terms.calendar.open_spans(span), held)
    is_bound = judgement.done is not None and judgement.elapsed is None and judgement.ended is None
    return Clock(name, judgement, contract.at(judgement.start), terms.calendar, counted, held, total, is_bound)
