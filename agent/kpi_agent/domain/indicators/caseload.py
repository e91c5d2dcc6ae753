"""A contract's tickets, each judged once: every reading of a period looks at the same judgements."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction

from kpi_agent.domain.calendar import FOREVER
from kpi_agent.domain.contract import TicketScope
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.facts import Facts, Window
from kpi_agent.domain.indicators.case import judge_resolution, judge_response, stretches
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.ticket import Kind, Ticket
from kpi_agent.domain.time import DAY, Interval
from kpi_agent.domain.verdict import Judgement

# A response placed from a desk's duration may lie at the next opening after the resolution; no closure is longer.
_LONGEST_CLOSURE = 92 * DAY


@dataclass(frozen=True, slots=True)
class Case:
    """A ticket with its judgements, and the stretches during which it was open (``open_stretches``)."""

    ticket: Ticket
    response: Judgement
    resolutions: tuple[Judgement, ...]
    open: tuple[Interval, ...]

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
    return request.window(facts.tickets.newest, facts.tickets.max_age)


def ticket_coverage(window: Window, facts: Facts) -> Fraction:
    """Return the observed share of the elapsed stretch; rejected rows are tickets that nobody has seen.

    The less of the two stands: the share of time that exports cover, and the share of their rows that could be read.
    """
    return min(window.coverage(facts.tickets.observed), facts.tickets.told)


def told_reasons(facts: Facts) -> tuple[str, ...]:
    """Return ``rows_rejected`` when some rows of the exports behind a figure could not be trusted."""
    return ("rows_rejected",) if facts.tickets.told < 1 else ()


def population(tickets: Iterable[Ticket], request: Request) -> list[Ticket]:
    """Return the tickets of the request's scope: its kind (incidents unless it says otherwise) and its other parts."""
    scope = ticket_scope(request)
    wanted, kind = _wanted(request)
    return [t for t in tickets if t.kind == kind and _has(t, wanted) and in_contract(t, scope)]


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
    return tuple(Interval(p.start, max(p.start, e or 0)) for p, e in zip(parts, ends, strict=True))


def _wanted(request: Request) -> tuple[dict[str, str], str]:
    """Return the fields that the request's scope asks for, and the kind."""
    wanted = request.scope.as_dict()
    return wanted, wanted.pop("kind", Kind.INCIDENT.value)


def _has(ticket: Ticket, wanted: dict[str, str]) -> bool:
    return all(ticket.field(name) == value for name, value in wanted.items())


def in_contract(ticket: Ticket, scope: TicketScope) -> bool:
    """Whether a ticket passes the contract's ``where`` globs, caseless; a field that is unknown passes none."""
    return all(
        (value := ticket.field(name)) is not None and fnmatchcase(value.casefold(), glob.casefold())
        for name, glob in scope.where.items()
    )


def _judged(request: Request, facts: Facts) -> tuple[Case, ...]:
    """Return the contract's tickets judged; the facts remember them, for judging is what a period's figures cost."""
    as_of = ticket_window(request, facts).as_of
    # By identity, and the contract is kept beside: another contract of the same name must never get these.
    key = ("cases", id(request.contract), request.version.effective_from, request.period.start, as_of)
    if key not in facts.tickets.judged:
        facts.tickets.judged[key] = (request.contract, tuple(_judge(request, facts, as_of)))
    known: tuple[Case, ...] = facts.tickets.judged[key][1]
    return known


def _judge(request: Request, facts: Facts, as_of: int) -> Iterator[Case]:
    scope, contract = ticket_scope(request), request.contract
    for ticket in facts.tickets.tickets:
        if _is_over(ticket, request.period.start) or not in_contract(ticket, scope):
            continue
        yield Case(
            ticket,
            judge_response(ticket, contract, scope, as_of=as_of),
            tuple(judge_resolution(ticket, contract, scope, as_of=as_of)),
            open_stretches(ticket, scope.reopen_window),
        )


def _is_over(ticket: Ticket, start: int) -> bool:
    """Whether all about a ticket was decided before *start*: nothing is decided after the last of its milestones."""
    # A resolution older than the last reopening is left over from before it, and ends nothing.
    since = ticket.reopenings[-1].reopened if ticket.reopenings else ticket.opened
    ends = [i for i in (ticket.resolved, ticket.closed, ticket.withdrawn) if i is not None and i >= since]
    if ticket.is_open or not ends:
        return False
    last = max(*ends, ticket.responded or 0)
    if ticket.response_duration is not None:
        last = max(last, ticket.opened + ticket.response_duration) + _LONGEST_CLOSURE
    return last < start
