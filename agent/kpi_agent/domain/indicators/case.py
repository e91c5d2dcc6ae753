"""A ticket as things to judge: one response and one or more resolutions, each on its clock (indicators.md §2, §4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce

from kpi_agent.domain.calendar import FOREVER, ServiceCalendar
from kpi_agent.domain.contract import Contract, ContractVersion, Limit, PriorityTerms, TicketScope
from kpi_agent.domain.indicators.priority_history import common, histories
from kpi_agent.domain.ticket import PRIORITIES, Basis, PriorityChange, Ticket
from kpi_agent.domain.time import Interval
from kpi_agent.domain.verdict import Judgement, Verdict, judge


@dataclass(frozen=True, slots=True)
class Holds:
    """What stops a ticket's resolution clock: placed stretches, and a total of service seconds without places."""

    placed: tuple[Interval, ...]
    total: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One taking-up of a ticket: from its opening, or from a late reopening, to its resolution."""

    start: int
    done: int | None
    is_bound: bool  # *done* is only an upper bound; None: it was done, nobody knows when
    pauses: tuple[Interval, ...]  # resolved stretches of reopenings within the window
    number: int
    is_last: bool = True


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline after all changes of priority, and the limit that set it; both None when nothing was promised."""

    deadline: int | None
    limit: Limit | None


def stretches(ticket: Ticket, reopen_window: int) -> Iterator[Stretch]:
    """Yield what is judged: a reopening within the window withdraws a resolution, a later one is a new incident."""
    start, number = ticket.opened, 0
    pauses: list[Interval] = []
    for reopening in ticket.reopenings:
        if reopening.reopened - reopening.resolved <= reopen_window:
            pauses.append(Interval(reopening.resolved, reopening.reopened))
            continue
        yield Stretch(start, reopening.resolved, is_bound=False, pauses=tuple(pauses), number=number, is_last=False)
        start, number, pauses = reopening.reopened, number + 1, []
    done, is_bound = _finish(ticket)
    yield Stretch(start, done, is_bound=is_bound, pauses=tuple(pauses), number=number)


def _finish(ticket: Ticket) -> tuple[int | None, bool]:
    """Return when the last taking-up was finished, and whether that is only an upper bound.

    Desks leave the old resolution in place when a ticket is reopened: what precedes the last reopening does not count.
    """
    if ticket.is_open:
        return None, False
    since = ticket.reopenings[-1].reopened if ticket.reopenings else ticket.opened
    if ticket.resolved is not None and ticket.resolved >= since:
        return ticket.resolved, False
    bounds = (i for i in (ticket.closed, ticket.updated) if i is not None and i >= since)
    return next(bounds, None), True


def holds_of(ticket: Ticket, version: ContractVersion, calendar: ServiceCalendar) -> Holds:
    """Return what stops the clock under a contract (``holds.stop``); a hold without a reason does, and is noted."""
    placed, notes = [], []
    for hold in ticket.holds:
        if hold.reason is None:
            notes.append("hold_without_reason")
        elif hold.reason not in version.hold_stop:
            continue
        placed.append(Interval(hold.start, FOREVER if hold.end is None else hold.end))
    total = 0
    if ticket.hold_total is not None and ticket.hold_total.seconds and _may_stop(ticket, version):
        if ticket.hold_reason is None:
            notes.append("hold_without_reason")
        if ticket.hold_total.basis is Basis.SERVICE or calendar.is_always_open:
            total = ticket.hold_total.seconds
        else:
            notes.append("holds_unplaced")
    return Holds(tuple(placed), total, tuple(dict.fromkeys(notes)))


def terms_of(ticket: Ticket, contract: Contract, start: int) -> PriorityTerms | None:
    """Return the terms of the ticket's last priority in the version in force at *start*; None when it has none."""
    if ticket.priority is None:
        return None
    return contract.at(start).priorities.get(ticket.priority)


def clock_terms(ticket: Ticket, contract: Contract, start: int) -> PriorityTerms | None:
    """Return the terms that time a ticket: of its last priority, else of the latest one before that has any.

    A breach survives a downgrade, also one to a priority that promises nothing (indicators.md §2).
    """
    if (terms := terms_of(ticket, contract, start)) is not None:
        return terms
    priorities = contract.at(start).priorities
    earlier = (c.before for c in reversed(effective_changes(ticket, start)) if c.before is not None)
    return next((priorities[p] for p in earlier if p in priorities), None)


def judge_resolution(ticket: Ticket, contract: Contract, scope: TicketScope, *, as_of: int) -> list[Judgement]:
    """Return the judgement of each resolution promised; its notes say what was done with holds and reopenings."""
    parts = list(stretches(ticket, scope.reopen_window))
    judged = ([_judge_stretch(t, contract, part, as_of) for part in parts] for t in histories(ticket))
    return [reduce(common, each) for each in zip(*judged, strict=True)]


def _judge_stretch(ticket: Ticket, contract: Contract, part: Stretch, as_of: int) -> Judgement:
    terms = clock_terms(ticket, contract, part.start)
    subject = ticket.id if part.number == 0 else f"{ticket.id}#{part.number + 1}"
    if terms is None:
        return Judgement(subject, part.start, Verdict.NOT_JUDGED, notes=("without_limit",))
    version = contract.at(part.start)
    holds = holds_of(ticket, version, terms.calendar)
    notes = holds.notes + (("reopened",) if part.pauses or part.number else ())
    if "holds" in ticket.cannot_tell:
        notes = (*notes, "holds_unknown")
    placed = (*holds.placed, *part.pauses)
    total = holds.total if part.number == 0 else 0
    elapsed = None
    if part.done is not None and not part.is_bound:
        elapsed = max(0, terms.calendar.elapsed(part.start, part.done, placed) - total)
    done = Judgement(subject, part.start, Verdict.NOT_JUDGED, done=part.done, elapsed=elapsed, notes=notes)
    due = _due(ticket, version, part.start, "resolve", placed, total)
    if due.limit is None:
        return replace(done, notes=(*notes, "without_limit"))
    done = replace(done, limit=due.limit.seconds, deadline=due.deadline)
    if part.is_last and (withdrawn := ticket.withdrawn) is not None:
        return _judge_withdrawn(done, withdrawn, as_of)
    if part.is_bound and (part.done is None or part.done <= as_of):
        return _judge_bound(done, as_of)
    if part.done is None and _waits_unplaced(ticket, version) and due.deadline is not None and due.deadline < as_of:
        return replace(done, verdict=Verdict.RUNNING, notes=(*notes, "open_hold_unplaced"))
    verdict, decided = judge(done=part.done, deadline=due.deadline, as_of=as_of)
    return replace(done, verdict=verdict, decided=decided)


def _waits_unplaced(ticket: Ticket, version: ContractVersion) -> bool:
    """Whether it waits now and nobody can say since when: its clock stands, so its deadline cannot be named."""
    is_untold = ticket.state == "waiting" and not any(h.end is None for h in ticket.holds)
    return is_untold and _may_stop(ticket, version)


def _may_stop(ticket: Ticket, version: ContractVersion) -> bool:
    """Whether what it waits for, or waited for without places, stops the clock, as far as anyone knows."""
    return ticket.hold_reason is None or ticket.hold_reason in version.hold_stop


def _judge_withdrawn(done: Judgement, withdrawn: int, as_of: int) -> Judgement:
    """Return a breach that was decided before the withdrawal, else *not judged*: a breach survives cancellation."""
    done = replace(done, ended=withdrawn)
    verdict, decided = judge(done=done.done, deadline=done.deadline, as_of=min(as_of, withdrawn))
    if verdict is Verdict.BREACHED:
        return replace(done, verdict=verdict, decided=decided, notes=(*done.notes, "withdrawn"))
    return replace(done, verdict=Verdict.NOT_JUDGED, elapsed=None, notes=(*done.notes, "withdrawn"))


def _judge_bound(done: Judgement, as_of: int) -> Judgement:
    """Judge a thing known only to be done by ``done.done`` (None: no bound): met within the limit, else unknown.

    It is decided at the deadline then, so that it is counted in the period where a breach would be.
    """
    if done.done is not None and (done.deadline is None or done.done <= done.deadline):
        return replace(done, verdict=Verdict.MET, decided=done.done, is_bounded=True, notes=(*done.notes, "bounded"))
    if done.deadline is not None and as_of > done.deadline:
        return replace(done, verdict=Verdict.UNDETERMINED, decided=done.deadline, notes=(*done.notes, "undetermined"))
    return replace(done, verdict=Verdict.RUNNING)


def judge_response(ticket: Ticket, contract: Contract, scope: TicketScope, *, as_of: int) -> Judgement:
    """Return the judgement of the response. Holds do not stop this clock; the resolution bounds one never told."""
    return reduce(common, (_judge_response(t, contract, scope, as_of) for t in histories(ticket)))


def _judge_response(ticket: Ticket, contract: Contract, scope: TicketScope, as_of: int) -> Judgement:
    terms = clock_terms(ticket, contract, ticket.opened)
    if terms is None:
        return Judgement(ticket.id, ticket.opened, Verdict.NOT_JUDGED, notes=("without_limit",))
    responded, elapsed, notes = _response_of(ticket, terms, scope)
    base = Judgement(ticket.id, ticket.opened, Verdict.NOT_JUDGED, done=responded, elapsed=elapsed, notes=notes)
    due = _due(ticket, contract.at(ticket.opened), ticket.opened, "respond", (), 0)
    if due.limit is None:
        return replace(base, notes=(*notes, "without_limit"))
    base = replace(base, limit=due.limit.seconds, deadline=due.deadline)
    is_untold = responded is None and ("responded" in ticket.cannot_tell or ticket.response_duration is not None)
    is_kept = any(r.reopened - r.resolved > scope.reopen_window for r in ticket.reopenings)
    if (withdrawn := ticket.withdrawn) is not None and not is_kept:
        judged = _judge_withdrawn(base, withdrawn, as_of)
        return _undetermined(judged) if is_untold and judged.verdict is Verdict.BREACHED else judged
    if responded is None:
        if (bound := response_bound(ticket, as_of)) is not None:
            return replace(_judge_bound(replace(base, done=bound), as_of), done=None)
        if is_untold and due.deadline is not None and as_of > due.deadline:
            return _undetermined(replace(base, decided=due.deadline))
    verdict, decided = judge(done=responded, deadline=due.deadline, as_of=as_of)
    return replace(base, verdict=verdict, decided=decided)


def _undetermined(judgement: Judgement) -> Judgement:
    return replace(judgement, verdict=Verdict.UNDETERMINED, notes=(*judgement.notes, "undetermined"))


def response_bound(ticket: Ticket, as_of: int) -> int | None:
    """Return the instant at which the response cannot but have happened: the first resolution, or the closing."""
    first = ticket.reopenings[0].resolved if ticket.reopenings else ticket.resolved
    return min((i for i in (first, ticket.closed) if i is not None and i <= as_of), default=None)


def _response_of(
    ticket: Ticket, terms: PriorityTerms, scope: TicketScope
) -> tuple[int | None, int | None, tuple[str, ...]]:
    """Return the instant of the response, its seconds on the clock, notes; a desk's duration is placed if it may be."""
    if ticket.responded is not None:
        return ticket.responded, terms.calendar.elapsed(ticket.opened, ticket.responded), ()
    if ticket.response_duration is not None and terms.calendar.name in scope.desk_calendars:
        placed = terms.calendar.deadline(ticket.opened, ticket.response_duration)
        return placed, ticket.response_duration, ("response_placed",)
    return None, None, ()


def effective_changes(ticket: Ticket, start: int) -> list[PriorityChange]:
    """Return the changes after *start* from one priority to another, and the removal that left the ticket without.

    A priority first given later holds from the opening; one taken away for a while held on until the next was given.
    """
    found: list[PriorityChange] = []
    held: str | None = None
    for change in ticket.priority_changes:
        held = change.before or held
        if change.after is None:
            continue
        if held is not None and held != change.after:
            found.append(PriorityChange(change.at, held, change.after))
        held = change.after
    if held is not None and ticket.priority is None:
        found.append(PriorityChange(ticket.priority_changes[-1].at, held, None))
    return [change for change in found if change.at > start]


def _due(
    ticket: Ticket, version: ContractVersion, start: int, clock: str, placed: tuple[Interval, ...], total: int
) -> Due:
    """Return the deadline after all changes of priority (indicators.md §2, "What may change a decided verdict").

    Raised: the earlier of the old deadline and change + new limit. Lowered: counts only before the response, and
    never revives a deadline that has passed. Without history the last priority holds throughout, as far as no earlier
    export tells another (``histories``).
    """
    changes = effective_changes(ticket, start)
    first = changes[0].before if changes else ticket.priority
    due = _from(version, first, clock, start, placed, total)
    for change in changes:
        if due.deadline is not None and due.deadline < change.at:
            break
        if _rank(change.after) < _rank(change.before):
            due = _earlier(due, _from(version, change.after, clock, change.at, placed, 0))
        elif ticket.responded is None or change.at <= ticket.responded:
            due = _from(version, change.after, clock, start, placed, total)
    return due


def _earlier(old: Due, raised: Due) -> Due:
    if raised.deadline is None:
        return old if raised.limit is None or old.deadline is not None else raised
    return raised if old.deadline is None or raised.deadline < old.deadline else old


def _rank(priority: str | None) -> int:
    return PRIORITIES.index(priority) if priority in PRIORITIES else len(PRIORITIES)


def _from(
    version: ContractVersion, priority: str | None, clock: str, start: int, placed: tuple[Interval, ...], total: int
) -> Due:
    terms = version.priorities.get(priority) if priority is not None else None
    limit: Limit | None = getattr(terms, clock, None)
    if terms is None or limit is None:
        return Due(None, None)
    return Due(terms.calendar.deadline(start, limit.seconds + total, placed), limit)
