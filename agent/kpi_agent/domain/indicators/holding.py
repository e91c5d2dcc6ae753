"""What holds did to a period's resolutions, and which of them deserve a look (indicators.md §1)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from kpi_agent.domain.calendar import FOREVER, ServiceCalendar
from kpi_agent.domain.indicators.case import clock_terms, holds_of, judge_resolution, stretches
from kpi_agent.domain.indicators.priority_history import histories
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.indicators.unit import Unit
from kpi_agent.domain.reconciliation import HeldFor, HoldFigures
from kpi_agent.domain.ticket import Edit, HoldReason
from kpi_agent.domain.time import DAY, Interval
from kpi_agent.domain.verdict import Judgement, Verdict

_LONG_DAYS = 10
_HOLD_FIELDS = frozenset({"holds", "hold_total"})


@dataclass(frozen=True, slots=True)
class Held:
    """A resolution with its clock: *pauses* are resolved stretches, *placed* and *total* what the contract deducts.

    *summed*: the seconds that the desk tells as a total, whether the contract deducts them or not.
    """

    unit: Unit
    calendar: ServiceCalendar
    end: int  # done, else where the figures end
    pauses: tuple[Interval, ...]
    placed: tuple[Interval, ...]
    total: int
    summed: int

    @property
    def whole(self) -> int:
        """Service seconds from its start to its end, as if nothing had been deducted but the resolved stretches."""
        return self.calendar.elapsed(self.unit.judgement.start, self.end, self.pauses)

    @property
    def held(self) -> int:
        """Service seconds of them that did not count."""
        left = self.calendar.elapsed(self.unit.judgement.start, self.end, (*self.placed, *self.pauses))
        return self.whole - max(0, left - self.total)


def hold_figures(units: Sequence[Unit], request: Request, span: Interval) -> HoldFigures:
    """Return the hold figures of the resolutions of *span*: shares of those done in it, and names to look at."""
    done = held = whole = untold = 0
    waits: list[dict[tuple[str, bool], int]] = []
    saved, begun_late, long = [], [], []
    for unit in units:
        judgement, clock = unit.judgement, _held(unit, request, span)
        if clock is None:
            continue
        subject, waited = judgement.subject, clock.held
        if judgement.done is not None and judgement.done in span and _is_timed(judgement):
            done, held, whole = done + 1, held + waited, whole + clock.whole
            untold += "holds_unknown" in judgement.notes
            waits.append(_waits(clock, request))
        if judgement.is_decided_in(span) and _is_saved(unit, request):
            saved.append(subject)
        if _has_begun_late(clock, span):
            begun_late.append(subject)
        if waited > _LONG_DAYS * max(clock.calendar.weekday_seconds(), default=DAY):
            long.append(subject)
    return HoldFigures(
        n=done,
        held=held,
        whole=whole,
        untold=untold,
        saved=tuple(sorted(saved)),
        begun_late=tuple(sorted(begun_late)),
        entered_late=tuple(sorted(_entered_late(units))),
        long=tuple(sorted(long)),
        reasons=_reasons(waits),
    )


def _waits(clock: Held, request: Request) -> dict[tuple[str, bool], int]:
    """Return the service seconds waited until the resolution, by (reason, whether it stops the clock)."""
    found: dict[tuple[str, bool], list[Interval]] = defaultdict(list)
    stopping = request.contract.at(clock.unit.judgement.start).hold_stop
    for hold in clock.unit.ticket.holds:
        reason = "untold" if hold.reason is None else hold.reason.value
        is_stopping = hold.reason is None or hold.reason in stopping
        found[reason, is_stopping].append(Interval(hold.start, FOREVER if hold.end is None else hold.end))
    start = clock.unit.judgement.start
    waits = {
        key: clock.whole - clock.calendar.elapsed(start, clock.end, (*spans, *clock.pauses))
        for key, spans in found.items()
    }
    if clock.summed:
        why = clock.unit.ticket.hold_reason
        key = "sum" if why is None else why.value, bool(clock.total)
        waits[key] = waits.get(key, 0) + min(clock.summed, clock.whole)
    return {key: seconds for key, seconds in waits.items() if seconds}


def _reasons(waits: Iterable[dict[tuple[str, bool], int]]) -> tuple[HeldFor, ...]:
    seconds: Counter[tuple[str, bool]] = Counter()
    n: Counter[tuple[str, bool]] = Counter()
    for one in waits:
        seconds.update(one)
        n.update(one.keys())
    told = [HeldFor(reason, is_stopping, seconds[reason, is_stopping], n[reason, is_stopping])
            for reason, is_stopping in seconds]  # fmt: skip
    return tuple(sorted(told, key=lambda h: (-h.seconds, h.reason, h.is_stopping)))


def _is_timed(judgement: Judgement) -> bool:
    """Whether its time is in the statistics: done at a known instant, and not withdrawn."""
    return judgement.elapsed is not None and "withdrawn" not in judgement.notes


def _is_saved(unit: Unit, request: Request) -> bool:
    """Whether it is met, and would be breached if nothing had been deducted."""
    ticket = unit.ticket
    if unit.judgement.verdict is not Verdict.MET or not (ticket.holds or ticket.hold_total):
        return False  # most of them: nothing is judged twice
    bare = replace(ticket, holds=(), hold_total=None)
    judged = judge_resolution(bare, request.contract, unit.case.scope, as_of=request.now)
    return judged[unit.place].verdict is Verdict.BREACHED


def _held(unit: Unit, request: Request, span: Interval) -> Held | None:
    """Return the clock of a resolution, None where nothing is promised for it."""
    judgement, ticket = unit.judgement, unit.ticket
    *_, known = histories(ticket)
    terms = clock_terms(known, request.contract, judgement.start)
    if terms is None:
        return None
    version = request.contract.at(judgement.start)
    part = list(stretches(ticket, unit.case.scope.reopen_window))[unit.place]
    ended = judgement.done if judgement.done is not None else judgement.ended
    end = span.end if ended is None else min(ended, span.end)
    holds = holds_of(ticket, version, terms.calendar)
    told = holds_of(ticket, replace(version, hold_stop=frozenset(HoldReason)), terms.calendar)
    is_first = unit.place == 0
    return Held(
        unit=unit,
        calendar=terms.calendar,
        end=max(judgement.start, end),
        pauses=part.pauses,
        placed=holds.placed,
        total=holds.total if is_first else 0,
        summed=told.total if is_first else 0,
    )


def _has_begun_late(clock: Held, span: Interval) -> bool:
    """Whether a hold began in the span when at least nine tenths of the limit were used up, and not all of it."""
    judgement, deducted = clock.unit.judgement, (*clock.placed, *clock.pauses)
    if judgement.limit is None:
        return False
    begun = [hold.start for hold in clock.placed if span.start <= hold.start < clock.end]
    used = [clock.calendar.elapsed(judgement.start, start, deducted) for start in begun]
    return any(judgement.limit * 9 <= seconds * 10 <= judgement.limit * 10 for seconds in used)


def _entered_late(units: Iterable[Unit]) -> set[str]:
    """Return the tickets whose held time grew for a time that an earlier export had told with less of it."""
    return {u.ticket.id for u in units for e in u.ticket.edits if _has_grown(e)}


def _has_grown(edit: Edit) -> bool:
    return edit.field in _HOLD_FIELDS and int(edit.after or 0) > int(edit.before or 0)
