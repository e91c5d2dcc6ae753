"""A contract's tickets, each judged once: every reading of a period looks at the same judgements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from kpi_agent.domain.calendar import FOREVER
from kpi_agent.domain.contract import Contract, TicketScope
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.facts import Facts, TicketFacts, Window
from kpi_agent.domain.indicators.case import judge_resolution, judge_response, stretches
from kpi_agent.domain.indicators.promised import Promised, in_contract, promised
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.ticket import Kind, Ticket
from kpi_agent.domain.time import DAY, Interval
from kpi_agent.domain.verdict import Judgement, Verdict

# A response placed from a desk's duration may lie at the next opening after the resolution; no closure is longer.
_LONGEST_CLOSURE = 92 * DAY


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket with its judgements, and the stretches during which it was open (``open_stretches``).

    *scope* is that of the contract version in force when it was opened. *lost* is the instant since when exports that
    should hold it do not: its last stretch ends then.
    """

    ticket: Ticket
    response: Judgement
    resolutions: tuple[Judgement, ...]
    open: tuple[Interval, ...]
    scope: TicketScope
    lost: int | None = None

    def is_open_before(self, instant: int) -> bool:
        """Whether it was open when *instant* began: what happens at an edge belongs to the stretch that it begins."""
        return any(i.start < instant <= i.end for i in self.open)


def ticket_scope(request: Request) -> TicketScope:
    """Return which tickets the contract covers; raises NotFound when it names none."""
    if request.version.tickets is None:
        raise NotFound(f"contract '{request.contract.id}' has no scope.tickets")
    return request.version.tickets


def ticket_window(request: Request, facts: Facts) -> Window:
    """Return how far the request's span is known from the contract's desk."""
    return request.window(facts.tickets.newest_of(kind_of(request)), facts.tickets.max_age)


def kind_of(request: Request) -> str:
    """Return the kind of ticket that is asked about."""
    return request.scope.kind or Kind.INCIDENT


def ticket_coverage(request: Request, window: Window, facts: Facts) -> Fraction:
    """Return the observed share of the elapsed stretch; rejected rows are tickets that nobody has seen.

    The less of the two stands: the share of time that exports cover, and the share of their rows that could be read.
    """
    told = facts.tickets.told_since.get(window.span.start, facts.tickets.told)
    return min(window.coverage(facts.tickets.observed_of(kind_of(request))), told)


def told_reasons(facts: Facts) -> tuple[str, ...]:
    """Return ``rows_rejected`` when some rows of the exports behind a figure could not be trusted."""
    return ("rows_rejected",) if facts.tickets.told < 1 else ()


def population(request: Request, facts: Facts) -> Iterator[Ticket]:
    """Yield the tickets of the request's scope: its kind (incidents unless it says otherwise) and its other parts."""
    wanted, kind = _wanted(request)
    for desk in facts.tickets.desks:
        for scope, tickets in _by_scope(request.contract, desk):
            yield from (t for t in tickets if t.kind == kind and _has(t, wanted) and in_contract(t, scope))


def cases(request: Request, facts: Facts) -> list[Case]:
    """Return the judged tickets of the request's scope that can matter to its period, by the order of the facts."""
    wanted, kind = _wanted(request)
    return [c for c in _judged(request, facts) if c.ticket.kind == kind and _has(c.ticket, wanted)]


def open_stretches(ticket: Ticket, reopen_window: int) -> tuple[Interval, ...]:
    """Return when a ticket was open: from opening or late reopening to resolution, withdrawal or closing.

    A reopening within the window withdraws its resolution, so the ticket never counts as resolved in between.
    The last end is FOREVER while it is open; without any instant for its end it takes no time at all.
    """
    parts = list(stretches(ticket, reopen_window))
    last = FOREVER if ticket.is_open else ticket.withdrawn
    ends = [*(p.done for p in parts[:-1]), parts[-1].done if last is None else last]
    return tuple(Interval(p.start, p.start if e is None else max(p.start, e)) for p, e in zip(parts, ends, strict=True))


def _wanted(request: Request) -> tuple[dict[str, str], str]:
    """Return the fields that the request's scope asks for, and the kind."""
    wanted = request.scope.as_dict()
    return wanted, wanted.pop("kind", Kind.INCIDENT.value)


def _has(ticket: Ticket, wanted: dict[str, str]) -> bool:
    return all(ticket.field(name) == value for name, value in wanted.items())


def _judged(request: Request, facts: Facts) -> tuple[Case, ...]:
    """Return the contract's tickets judged; the facts remember them, for judging is what a period's figures cost."""
    as_of = ticket_window(request, facts).as_of
    # By identity, and the contract is kept beside: another contract of the same name must never get these.
    start = min(request.period.start, request.span.start)
    key = ("cases", id(request.contract), start, as_of)
    if key not in facts.tickets.judged:
        found = (case for desk in facts.tickets.desks for case in _judge(request.contract, desk, start, as_of))
        facts.tickets.judged[key] = (request.contract, tuple(found))
    known: tuple[Case, ...] = facts.tickets.judged[key][1]
    return known


def _judge(contract: Contract, desk: TicketFacts, start: int, as_of: int) -> Iterator[Case]:
    for one, scope in promised_by(contract, desk, as_of=as_of):
        if not _is_over(one.ticket, start):
            yield case_of(one, contract, scope, desk.lost, as_of=as_of)


def promised_by(contract: Contract, desk: TicketFacts, *, as_of: int) -> Iterator[tuple[Promised, TicketScope]]:
    """Yield the tickets of one desk that a contract covers, each with the scope of the version it was opened under.

    So every ticket is the contract's once or never, whatever desk or ``where`` came later (indicators.md §10).
    """
    parts = [(scope, {t.id for t in tickets}) for scope, tickets in _by_scope(contract, desk)]
    known = set().union(*(own for _, own in parts))
    for scope, own in parts:
        # A merge may join tickets from before and after a change: all of the desk are told, its own are taken.
        for one in promised(desk.tickets, scope, as_of=as_of):
            if one.ticket.id in own:
                goes_on = one.survivor is not None and one.survivor.id in known
                yield one if goes_on else replace(one, survivor=None), scope


def _by_scope(contract: Contract, desk: TicketFacts) -> Iterator[tuple[TicketScope, Sequence[Ticket]]]:
    """Yield each scope of a contract with the desk's tickets that were opened while it was in force."""
    for span, scope in contract.ticket_scopes():
        tickets = [t for t in desk.tickets if t.source == scope.source and t.opened in span]
        if tickets:
            yield scope, tickets


def case_of(one: Promised, contract: Contract, scope: TicketScope, lost: Mapping[str, int], *, as_of: int) -> Case:
    """Return a ticket judged at *as_of*; *lost* names what exports no longer hold, with the last that did.

    Notes: ``lost``, ``moved_out`` (retyped or out of scope since), ``merged``.
    """
    seen = lost.get(one.ticket.id)
    if seen is not None and one.ticket.is_open and seen < as_of:
        return _lost(one.ticket, contract, scope, seen)
    case = _case(one.ticket, contract, scope, as_of)
    if one.left is not None:
        case = _noted(case, "moved_out")
    return case if one.survivor is None else _carried(case, one.survivor, contract, scope, as_of)


def _case(ticket: Ticket, contract: Contract, scope: TicketScope, as_of: int) -> Case:
    return Case(
        ticket,
        judge_response(ticket, contract, scope, as_of=as_of),
        tuple(judge_resolution(ticket, contract, scope, as_of=as_of)),
        open_stretches(ticket, scope.reopen_window),
        scope,
    )


def _lost(ticket: Ticket, contract: Contract, scope: TicketScope, seen: int) -> Case:
    """Return a lost ticket, judged as of the last export that held it: what ran then is never decided."""
    case = _case(ticket, contract, scope, seen)
    *earlier, last = case.open
    ended = Interval(last.start, max(last.start, seen))
    is_waited_for = case.response.verdict is Verdict.RUNNING or case.response.done is None
    return Case(
        ticket,
        _ended(case.response, seen) if is_waited_for else case.response,
        (*case.resolutions[:-1], _ended(case.resolutions[-1], seen)),
        (*earlier, ended),
        scope,
        lost=seen,
    )


def _ended(judgement: Judgement, seen: int) -> Judgement:
    return replace(judgement, ended=seen, notes=(*judgement.notes, "lost"))


def _noted(case: Case, note: str) -> Case:
    return replace(
        case,
        response=replace(case.response, notes=(*case.response.notes, note)),
        resolutions=tuple(replace(j, notes=(*j.notes, note)) for j in case.resolutions),
    )


def _carried(case: Case, survivor: Ticket, contract: Contract, scope: TicketScope, as_of: int) -> Case:
    """Return a merged ticket's case without the breaches that the one which goes on carries: one incident, one breach.

    A breach that the survivor does not have by then (another kind, out of scope, a longer limit) stays: merging saves
    nothing.
    """
    case = _noted(case, "merged")
    if survivor.kind != case.ticket.kind or not in_contract(survivor, scope):
        return case
    heir = _case(survivor, contract, scope, as_of)
    return replace(
        case,
        response=_without(case.response, heir.response),
        resolutions=(*case.resolutions[:-1], _without(case.resolutions[-1], heir.resolutions[0])),
    )


def _without(merged: Judgement, heir: Judgement) -> Judgement:
    late, carried = _breach(merged), _breach(heir)
    if late is not None and carried is not None and carried <= late:
        return replace(merged, verdict=Verdict.NOT_JUDGED, decided=None)
    return merged


def _breach(judgement: Judgement) -> int | None:
    """Return when it was breached, None when it was not."""
    return judgement.decided if judgement.verdict is Verdict.BREACHED else None


def _is_over(ticket: Ticket, start: int) -> bool:
    """Whether all about a ticket was decided before *start*: nothing is decided after the last of its milestones."""
    # A resolution older than the last reopening is left over from before it, and ends nothing.
    since = ticket.reopenings[-1].reopened if ticket.reopenings else ticket.opened
    ends = [i for i in (ticket.resolved, ticket.closed, ticket.withdrawn) if i is not None and i >= since]
    if ticket.is_open or not ends:
        return False
    last = max(i for i in (*ends, ticket.responded) if i is not None)
    if ticket.response_duration is not None:
        last = max(last, ticket.opened + ticket.response_duration) + _LONGEST_CLOSURE
    return last < start
