"""How one ticket became a verdict: file and row, fields, service hours one by one, holds, deadline, month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from kpi_agent.domain.calendar import FOREVER, ServiceCalendar
from kpi_agent.domain.contract import Contract, PriorityTerms
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.facts import TicketFacts
from kpi_agent.domain.indicators.case import holds_of, judge_resolution, judge_response, stretches, terms_of
from kpi_agent.domain.ticket import PriorityChange, Ticket
from kpi_agent.domain.time import Interval, Period, difference, to_local, union, zone
from kpi_agent.domain.verdict import Judgement

_FIELDS = ("kind", "state", "priority", "category", "service", "host", "group", "problem", "title")
_INSTANTS = ("opened", "responded", "resolved", "closed", "updated")
# A ticket open for months has hundreds of service days; these at each end tell the story.
_SEGMENTS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a ticket: the judgement, the stretches counted, those that holds took out, and why.

    *limit_of*: the priority whose limit set the deadline, empty when none did; *limit_since*: the instant from which
    that limit counts, None for the clock's own start.
    """

    name: str
    judgement: Judgement
    calendar: ServiceCalendar
    counted: tuple[Interval, ...]
    held: tuple[Interval, ...]
    hold_total: int
    limit_of: str = ""
    limit_since: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A ticket with each of its clocks, in the contract's zone."""

    contract: Contract
    ticket: Ticket
    as_of: int
    clocks: tuple[Clock, ...]


def explain_ticket(contract: Contract, facts: TicketFacts, name: str, *, now: int) -> Explanation:
    """Return how ticket *name* is judged at *now*; raises NotFound when the contract's desk has none of that id."""
    scope = contract.at(now).tickets
    ticket = next((t for t in facts.tickets if t.id == name), None)
    if scope is None or ticket is None:
        raise NotFound(f"no ticket '{name}' for contract '{contract.id}' among {len(facts.tickets)} in the store")
    as_of = min(now, facts.newest) if facts.newest is not None else now
    clocks: list[Clock] = []
    if (terms := _timing_terms(ticket, contract, ticket.opened)) is not None:
        response = judge_response(ticket, contract, scope, as_of=as_of)
        clock = _clock("response", response, terms, (), 0, as_of)
        clocks.append(_with_limit(clock, ticket, contract, "respond", ()))
    judged = judge_resolution(ticket, contract, scope, as_of=as_of)
    for part, judgement in zip(stretches(ticket, scope.reopen_window), judged, strict=True):
        if (terms := _timing_terms(ticket, contract, part.start)) is None:
            continue
        holds = holds_of(ticket, contract.at(part.start), terms.calendar)
        total = holds.total if part.number == 0 else 0
        placed = (*holds.placed, *part.pauses)
        clock = _clock("resolution", judgement, terms, placed, total, as_of)
        clocks.append(_with_limit(clock, ticket, contract, "resolve", placed))
    return Explanation(contract, ticket, as_of, tuple(clocks))


def _timing_terms(ticket: Ticket, contract: Contract, start: int) -> PriorityTerms | None:
    """Return the terms that time a ticket: a breach survives a downgrade to no promise (indicators.md §2)."""
    if (terms := terms_of(ticket, contract, start)) is not None:
        return terms
    known = contract.at(start).priorities
    earlier = (c.before for c in reversed(_changes(ticket, start)))
    return next((known[p] for p in earlier if p is not None and p in known), None)


def _changes(ticket: Ticket, start: int) -> tuple[PriorityChange, ...]:
    """Return the changes that may move a deadline: a priority first given later holds from the opening.

    As the judgement takes them: one taken away for a while changes nothing.
    """
    return tuple(
        c
        for c in ticket.priority_changes
        if c.at > start
        and c.before is not None
        and (c.after is not None or (ticket.priority is None and c is ticket.priority_changes[-1]))
    )


def _with_limit(clock: Clock, ticket: Ticket, contract: Contract, kind: str, placed: tuple[Interval, ...]) -> Clock:
    """Return the clock with the priority whose limit gives its deadline, from the start or from a change on."""
    judgement, priorities = clock.judgement, contract.at(clock.judgement.start).priorities
    changes = _changes(ticket, judgement.start)
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
    name: str, judgement: Judgement, terms: PriorityTerms, holds: tuple[Interval, ...], total: int, as_of: int
) -> Clock:
    end = judgement.done if judgement.done is not None else as_of
    span = Interval(judgement.start, max(judgement.start, end))
    held = union(h.clip(span) for h in holds)
    counted = difference(terms.calendar.open_spans(span), held)
    return Clock(name, judgement, terms.calendar, counted, held, total)


def as_json(explanation: Explanation) -> dict[str, Any]:
    """Return the explanation as JSON values; instants are epoch seconds, durations seconds."""
    ticket = explanation.ticket
    return {
        "schema": "kpi-agent/explain/1",
        "contract": explanation.contract.id,
        "ticket": ticket.id,
        "origin": {"source": ticket.source, "file": ticket.origin.file, "line": ticket.origin.line},
        "fields": {name: ticket.field(name) for name in _FIELDS} | {name: getattr(ticket, name) for name in _INSTANTS},
        "priority_changes": [{"at": c.at, "before": c.before, "after": c.after} for c in ticket.priority_changes],
        "as_of": explanation.as_of,
        "clocks": [_clock_json(explanation.contract, c) for c in explanation.clocks],
    }


def _clock_json(contract: Contract, clock: Clock) -> dict[str, Any]:
    judgement = clock.judgement
    return {
        "clock": clock.name,
        "calendar": clock.calendar.name,
        "start": judgement.start,
        "done": judgement.done,
        "counted": [[i.start, i.end] for i in clock.counted],
        "held": [[i.start, i.end] for i in clock.held],
        "hold_total": clock.hold_total,
        "elapsed": judgement.elapsed,
        "limit": judgement.limit,
        "limit_of": clock.limit_of or None,
        "limit_since": clock.limit_since,
        "deadline": None if _is_unnamed(judgement) else judgement.deadline,
        "verdict": judgement.verdict.value,
        "decided": judgement.decided,
        "period": None if judgement.decided is None else Period.month_of(judgement.decided, contract.timezone).id,
        "notes": list(judgement.notes),
    }


def _is_unnamed(judgement: Judgement) -> bool:
    """Whether the deadline computed is not the true one: the clock stands since an unknown instant."""
    return "open_hold_unplaced" in judgement.notes


def as_lines(explanation: Explanation) -> Iterator[str]:
    """Yield the explanation as text, in the contract's zone."""
    ticket, tz = explanation.ticket, zone(explanation.contract.timezone)
    yield f"{ticket.id}  (contract {explanation.contract.id}, times in {explanation.contract.timezone})"
    yield f"  read from   {ticket.origin.file}, line {ticket.origin.line} (source {ticket.source})"
    for name in _FIELDS:
        if value := ticket.field(name):
            yield f"  {name:<11} {value}"
    for name in _INSTANTS:
        if (instant := getattr(ticket, name)) is not None:
            yield f"  {name:<11} {_local(instant, tz)}"
    for change in ticket.priority_changes:
        became = f"{change.before or 'none'} became {change.after or 'none'}"
        yield f"  {'priority':<11} {became}, {_local(change.at, tz)}"
    if not explanation.clocks:
        yield "  not judged: its priority has no terms in this contract"
    for clock in explanation.clocks:
        yield ""
        yield from _clock_lines(explanation, clock, tz)


def _clock_lines(explanation: Explanation, clock: Clock, tz: ZoneInfo) -> Iterator[str]:
    judgement = clock.judgement
    yield f"{clock.name} clock, service hours {clock.calendar.name}"
    yield from _segment_lines("counts", clock.counted, tz)
    yield from _segment_lines("on hold", clock.held, tz)
    if clock.hold_total:
        yield f"  on hold   {duration(clock.hold_total)} of service time, as a total from the desk"
    counted = max(0, sum(i.seconds for i in clock.counted) - clock.hold_total)
    until = "done" if judgement.done is not None else f"so far, as of {_local(explanation.as_of, tz)}"
    yield f"  elapsed   {duration(judgement.elapsed if judgement.elapsed is not None else counted)} ({until})"
    if judgement.limit is not None:
        yield f"  limit     {duration(judgement.limit)}{_limit_source(explanation.ticket, clock, tz)}"
    if _is_unnamed(judgement):
        yield "  deadline  cannot be named"
    elif judgement.deadline is not None:
        yield f"  deadline  {_local(judgement.deadline, tz)}"
    yield f"  verdict   {judgement.verdict.value.replace('_', ' ')}{_when(explanation, judgement, tz)}"
    for note in judgement.notes:
        yield f"  note      {NOTES.get(note, note.replace('_', ' '))}"


def _limit_source(ticket: Ticket, clock: Clock, tz: ZoneInfo) -> str:
    """Return whose limit it is, where that is not plain: after a change of priority."""
    if not clock.limit_of or not _changes(ticket, clock.judgement.start):
        return ""
    since = "" if clock.limit_since is None else f", counted from {_local(clock.limit_since, tz)}"
    return f" of {clock.limit_of}{since}"


def _when(explanation: Explanation, judgement: Judgement, tz: ZoneInfo) -> str:
    if judgement.decided is None:
        return ""
    period = Period.month_of(judgement.decided, explanation.contract.timezone)
    return f", decided {_local(judgement.decided, tz)}: it counts in {period.id}"


def _segment_lines(word: str, spans: tuple[Interval, ...], tz: ZoneInfo) -> Iterator[str]:
    shown = spans
    if len(spans) > 2 * _SEGMENTS_SHOWN:
        shown = (*spans[:_SEGMENTS_SHOWN], *spans[-_SEGMENTS_SHOWN:])
    for index, span in enumerate(shown):
        if len(shown) < len(spans) and index == _SEGMENTS_SHOWN:
            hidden = spans[_SEGMENTS_SHOWN:-_SEGMENTS_SHOWN]
            yield f"  {word:<9} … {len(hidden)} more, {duration(sum(h.seconds for h in hidden))}"
        yield f"  {word:<9} {_local(span.start, tz)} to {_local(span.end, tz)}  {duration(span.seconds)}"


NOTES = {
    "bounded": "met by its upper bound: the desk does not tell the instant, but what followed lies within the limit",
    "undetermined": "the desk does not tell the instant, and what it tells does not decide: "
    "in neither part of the share",
    "response_placed": "the desk tells its response as a duration in service time; "
    "it is placed on the contract's calendar",
    "holds_unplaced": "the desk's hold total cannot be placed on these service hours and was not subtracted",
    "holds_unknown": "the export does not tell holds; none was subtracted",
    "hold_without_reason": "the desk gives no reason for the hold; it stops the clock and is flagged",
    "open_hold_unplaced": "it waits now and the desk does not say since when: its deadline cannot be named yet",
    "reopened": "reopened: within the window the resolved stretch is a hold, later it is judged as a new incident",
    "withdrawn": "withdrawn (cancelled, duplicate or merged)",
    "without_limit": "the contract sets no limit for it",
}
"""What the short codes of a judgement mean, for people."""


def duration(seconds: int) -> str:
    """Return ``109 h 31 min``; no days, for a day of service hours is not 24 h long."""
    parts = []
    for size, unit in ((3600, "h"), (60, "min"), (1, "s")):
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts) or "0 s"


def _local(instant: int, tz: ZoneInfo) -> str:
    if instant >= FOREVER:
        return "now"
    return f"{to_local(instant, tz):%a %d %b %Y %H:%M:%S}"
