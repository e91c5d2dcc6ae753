"""How one ticket became a verdict: file and row, fields, service hours one by one, holds, deadline, month."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from kpi_agent.domain.calendar import FOREVER, ServiceCalendar
from kpi_agent.domain.contract import Contract, PriorityTerms
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.facts import TicketFacts
from kpi_agent.domain.indicators.case import holds_of, judge_resolution, judge_response, stretches, terms_of
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval, Period, difference, to_local, union, zone
from kpi_agent.domain.verdict import Judgement

_FIELDS = ("kind", "state", "priority", "category", "service", "host", "group", "problem", "title")
_INSTANTS = ("opened", "responded", "resolved", "closed", "updated")
# A ticket open for months has hundreds of service days; these at each end tell the story.
_SEGMENTS_SHOWN = 6


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a ticket: the judgement, the stretches counted, those that holds took out, and why."""

    name: str
    judgement: Judgement
    calendar: ServiceCalendar
    counted: tuple[Interval, ...]
    held: tuple[Interval, ...]
    hold_total: int


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
    terms = terms_of(ticket, contract, ticket.opened)
    clocks: list[Clock] = []
    if terms is not None:
        response = judge_response(ticket, contract, scope, as_of=as_of)
        clocks.append(_clock("response", response, terms, (), 0, as_of))
        judged = judge_resolution(ticket, contract, scope, as_of=as_of)
        for part, judgement in zip(stretches(ticket, scope.reopen_window), judged, strict=True):
            own = terms_of(ticket, contract, part.start) or terms
            holds = holds_of(ticket, contract.at(part.start), own.calendar)
            total = holds.total if part.number == 0 else 0
            clocks.append(_clock("resolution", judgement, own, (*holds.placed, *part.pauses), total, as_of))
    return Explanation(contract, ticket, as_of, tuple(clocks))


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
        "deadline": judgement.deadline,
        "verdict": judgement.verdict.value,
        "decided": judgement.decided,
        "period": None if judgement.decided is None else Period.month_of(judgement.decided, contract.timezone).id,
        "notes": list(judgement.notes),
    }


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
        yield f"  limit     {duration(judgement.limit)}"
    if judgement.deadline is not None:
        yield f"  deadline  {_local(judgement.deadline, tz)}"
    yield f"  verdict   {judgement.verdict.value.replace('_', ' ')}{_when(explanation, judgement, tz)}"
    for note in judgement.notes:
        yield f"  note      {NOTES.get(note, note.replace('_', ' '))}"


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
