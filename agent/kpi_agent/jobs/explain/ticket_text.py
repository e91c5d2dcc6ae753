"""An explanation as text of at most 80 columns, in the contract's zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import wrap
from zoneinfo import ZoneInfo

from kpi_agent.domain.calendar import FOREVER
from kpi_agent.domain.indicators.case import effective_changes
from kpi_agent.domain.indicators.priority_history import histories
from kpi_agent.domain.ticket import Edit, Hold, Ticket
from kpi_agent.domain.time import Interval, Period, offset_text, to_local, zone
from kpi_agent.domain.verdict import Judgement, Verdict
from kpi_agent.jobs.explain.ticket import RESOLUTION, Clock, Explanation, Membership

FIELDS = ("kind", "state", "priority", "category", "service", "host", "problem", "merged_into", "title")
INSTANTS = ("opened", "assigned", "started", "responded", "replied", "resolved", "closed", "reopened", "updated")
# A ticket open for months has hundreds of service days; these at each end tell the story.
_SEGMENTS_SHOWN = 6


def ticket_lines(explanation: Explanation) -> Iterator[str]:
    """Yield how a ticket became its verdicts."""
    ticket, tz = explanation.ticket, zone(explanation.contract.timezone)
    yield f"{ticket.id}  (contract {explanation.contract.id}, times in {explanation.contract.timezone})"
    yield f"  read from   {ticket.origin.file}, line {ticket.origin.line} (source {ticket.source})"
    for name in FIELDS:
        if value := ticket.field(name):
            yield f"  {name:<11} {value}"
    for name in INSTANTS:
        if (instant := getattr(ticket, name)) is not None:
            yield f"  {name:<11} {local(instant, tz)}"
    yield from _history_lines(ticket, tz)
    yield from _standing(explanation, tz)
    for clock in explanation.clocks:
        yield ""
        yield from _clock_lines(explanation, clock, tz)
    if explanation.memberships:
        yield ""
        yield "counts in"
        for one in explanation.memberships:
            yield f"  {_membership(one)}"


def _history_lines(ticket: Ticket, tz: ZoneInfo) -> Iterator[str]:
    """Yield what happened to the ticket's own data, and what its source never tells."""
    for change in ticket.priority_changes:
        yield f"  {'priority':<11} {change.before or 'none'} became {change.after or 'none'}, {local(change.at, tz)}"
    for reopening in ticket.reopenings:
        yield f"  {'reopened':<11} {local(reopening.reopened, tz)}, resolved {local(reopening.resolved, tz)}"
    for edit in ticket.edits:
        yield f"  {'edited':<11} {_edit(edit, tz)}"
        if edit.field == "priority" and edit.known_until is not None:
            yield f"  {'':<11} an export told the earlier one still for {local(edit.known_until, tz)}"
    if ticket.cannot_tell:
        text = f"{', '.join(sorted(ticket.cannot_tell))}: this source does not tell"
        yield from wrap(text, 78, initial_indent=f"  {'unknown':<11} ", subsequent_indent=" " * 14)


def _standing(explanation: Explanation, tz: ZoneInfo) -> Iterator[str]:
    """Yield what keeps the ticket from being judged like any other."""
    if explanation.outside:
        yield f"  not of this contract: {explanation.outside}"
        yield "  its clocks, as they would run:"
    if explanation.left is not None:
        yield f"  retyped or moved out of this contract, {local(explanation.left, tz)}:"
        yield "  withdrawn since then; what was breached before stays breached"
    if explanation.survivor:
        yield f"  merged: {explanation.survivor} goes on, with the earliest opening and response"
    if explanation.parts:
        yield "  goes on after a merge; the earliest opening and response of these rows count:"
        for part in explanation.parts:
            yield f"    {part.id}, opened {local(part.opened, tz)}"
            yield f"      {_response(part, tz)}"
        if "responded" in explanation.ticket.cannot_tell and explanation.ticket.response_duration is None:
            yield "  which response came first is not known"
    if explanation.lost is not None:
        held = local(explanation.lost, tz)
        yield f"  lost: the export of {held} was the last that held it; newer ones do not"
    if not explanation.clocks:
        yield "  not judged: its priority has no terms in this contract"


def _response(ticket: Ticket, tz: ZoneInfo) -> str:
    if ticket.responded is not None:
        return f"responded {local(ticket.responded, tz)}"
    if ticket.response_duration is not None:
        return f"responded after {duration(ticket.response_duration)} of the desk's service time"
    return "its response is not told" if "responded" in ticket.cannot_tell else "not responded"


def _edit(edit: Edit, tz: ZoneInfo) -> str:
    def shown(value: str | int | None) -> str:
        if isinstance(value, int) and edit.field in INSTANTS:
            return local(value, tz)
        return "nothing" if value is None else str(value)

    return f"{edit.field} was {shown(edit.before)}, since {local(edit.at, tz)} {shown(edit.after)}"


def _clock_lines(explanation: Explanation, clock: Clock, tz: ZoneInfo) -> Iterator[str]:
    judgement = clock.judgement
    since = clock.version.effective_from
    yield f"{clock.name} clock, service hours {clock.calendar.name}, contract version of {since}"
    yield from _segment_lines("counts", clock.counted, tz)
    for day, name in clock.closures():
        yield f"  closed    {day:%a %d %b %Y}  {name}"
    if clock.name == RESOLUTION:
        yield from _hold_lines(explanation.ticket, clock, tz)
    yield from _segment_lines("held", clock.held, tz)
    if clock.hold_total:
        yield f"  held      {duration(clock.hold_total)} of service time, as a total from the desk"
    yield f"  elapsed   {_elapsed(explanation, clock, tz)}"
    if judgement.limit is not None:
        yield f"  limit     {duration(judgement.limit)}{_limit_source(explanation.ticket, clock, tz)}"
    if is_unnamed(judgement):
        yield "  deadline  cannot be named"
    elif judgement.deadline is not None:
        yield f"  deadline  {local(judgement.deadline, tz)}"
    verdict = judgement.verdict.value.replace("_", " ")
    if judgement.decided is None:
        yield f"  verdict   {verdict}"
    else:
        period = Period.month_of(judgement.decided, explanation.contract.timezone)
        yield f"  verdict   {verdict}, decided {local(judgement.decided, tz)}:"
        yield f"            it counts in {period.id}"
    for note in judgement.notes:
        yield from wrap(
            NOTES.get(note, note.replace("_", " ")), 78, initial_indent="  note      ", subsequent_indent=" " * 12
        )


def _elapsed(explanation: Explanation, clock: Clock, tz: ZoneInfo) -> str:
    judgement = clock.judgement
    counted = max(0, sum(i.seconds for i in clock.counted) - clock.hold_total)
    shown = duration(judgement.elapsed if judgement.elapsed is not None else counted)
    if judgement.ended is not None and (judgement.done is None or judgement.done >= judgement.ended):
        until = "then withdrawn"
    elif clock.is_bound:
        shown, until = f"at most {shown}", "done by then"
    elif judgement.done is not None:
        until = "done"
    else:
        until = f"so far, as of {local(explanation.as_of, tz)}"
    parts = f", the sum of {len(clock.counted)} stretches" if len(clock.counted) > 1 else ""
    return f"{shown}{parts} ({until})"


def _hold_lines(ticket: Ticket, clock: Clock, tz: ZoneInfo) -> Iterator[str]:
    """Yield each hold with its reason, and whether it stops this clock."""
    for hold in ticket.holds:
        if hold.start >= clock.span.end and clock.judgement.done is not None:
            continue
        yield f"  waits     {local(hold.start, tz)} to {_end(hold, tz)}"
        reason = "no reason told" if hold.reason is None else f"for {hold.reason.value.replace('_', ' ')}"
        yield f"            {reason}: {'stops the clock' if clock.stops(hold) else 'does not stop the clock'}"
    if ticket.hold_reason is not None:
        total = "" if ticket.hold_total is None else f"{duration(ticket.hold_total.seconds)} as a total, "
        stops = "stops" if ticket.hold_reason in clock.version.hold_stop else "does not stop"
        yield f"  waits     {total}for {ticket.hold_reason.value.replace('_', ' ')}: {stops} the clock"


def _end(hold: Hold, tz: ZoneInfo) -> str:
    return "now" if hold.end is None else local(hold.end, tz)


def is_unnamed(judgement: Judgement) -> bool:
    """Whether the deadline computed is not the true one: the clock stands since an unknown instant."""
    return "open_hold_unplaced" in judgement.notes


def _limit_source(ticket: Ticket, clock: Clock, tz: ZoneInfo) -> str:
    """Return whose limit it is, where that is not plain: after a change of priority."""
    *_, known = histories(ticket)
    if not clock.limit_of or not effective_changes(known, clock.judgement.start):
        return ""
    since = "" if clock.limit_since is None else f", counted from {local(clock.limit_since, tz)}"
    return f" of {clock.limit_of}{since}"


def _membership(one: Membership) -> str:
    reading = one.reading
    if one.judgement.verdict is Verdict.MET:
        part = f"one of the {reading.numerator} met"
    elif one.judgement.verdict is Verdict.BREACHED:
        part = f"one of the {(reading.denominator or 0) - (reading.numerator or 0)} breaches"
    else:
        part = f"one of the {reading.undetermined} undetermined"
    share = f"{reading.numerator} of {reading.denominator} in time"
    return f"{one.objective.id} in {one.period}: {share}; this is {part}"


def _segment_lines(word: str, spans: Sequence[Interval], tz: ZoneInfo) -> Iterator[str]:
    shown = tuple(spans)
    if len(spans) > 2 * _SEGMENTS_SHOWN:
        shown = (*spans[:_SEGMENTS_SHOWN], *spans[-_SEGMENTS_SHOWN:])
    for index, span in enumerate(shown):
        if len(shown) < len(spans) and index == _SEGMENTS_SHOWN:
            hidden = spans[_SEGMENTS_SHOWN:-_SEGMENTS_SHOWN]
            yield f"  {word:<9} … {len(hidden)} more, {duration(sum(h.seconds for h in hidden))}"
        yield f"  {word:<9} {local(span.start, tz)} to {_same_day_or_whole(span, tz)}  {duration(span.seconds)}"


def _same_day_or_whole(span: Interval, tz: ZoneInfo) -> str:
    start, end = to_local(span.start, tz), to_local(span.end, tz)
    if start.date() != end.date() or span.end >= FOREVER:
        return local(span.end, tz)
    return f"{end:%H:%M:%S}{offset_text(end)}"


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
    "priority_between": "two exports tell its priority differently: it changed between them, and the desk does not "
    "tell when; only what holds for any instant between them is judged",
    "reopened": "reopened: within the window the resolved stretch is a hold, later it is judged as a new incident",
    "withdrawn": "withdrawn (cancelled, duplicate or merged)",
    "merged": "merged: what the ticket that goes on is breached for too is judged there alone",
    "moved_out": "retyped or moved out of the contract: withdrawn since then",
    "lost": "not judged after the last export that held it",
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


def local(instant: int, tz: ZoneInfo) -> str:
    """Return an instant as people of the contract read it; an end that never comes is *now*.

    A time of the night that has an hour twice bears its offset.
    """
    if instant >= FOREVER:
        return "now"
    moment = to_local(instant, tz)
    return f"{moment:%a %d %b %Y %H:%M:%S}{offset_text(moment)}"
