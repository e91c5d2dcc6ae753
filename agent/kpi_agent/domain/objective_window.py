"""Objectives that are judged over more than the report's own period: counts are added, percentages never (§10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from kpi_agent.domain.contract import Contract, ContractVersion, Objective, ObjectiveWindow
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.availability import added
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.reading import Reading
from kpi_agent.domain.time import Interval, Period, midnight

_QUARTER = 3
_ROLLING = {ObjectiveWindow.ROLLING_3: 3, ObjectiveWindow.ROLLING_12: 12}


def is_same_promise(one: Objective, other: Objective) -> bool:
    """Whether numbers under both may be added: tickets carry their version's limits, a patch limit must be equal."""
    return replace(one, name={}, weight=other.weight, target=other.target) == replace(
        other, name={}, weight=other.weight
    ) and (one.target.comparison, one.target.value) == (other.target.comparison, other.target.value)


def windowed(base: Request, objective: Objective) -> Request:
    """Return the request over the objective's window; *base*, over the report's own span, where that is the window.

    A rolling window ends where *base* ends and begins with the first of its months. A quarter that goes on after *base*
    is asked for as it stood at the end of *base*: it is running then. No window reaches into months in which the
    contract promised something else.
    """
    if objective.window is ObjectiveWindow.MONTH:
        return base
    span = _months(base, objective.window)
    span = span.clip(base.contract.life).clip(_promised(base.contract, base.version, objective))
    now = base.now if span.end <= base.span.end else min(base.now, base.span.end)
    # A week may begin in the quarter before.
    return replace(base, span=Interval(min(span.start, base.span.start), span.end), now=now)


def _months(base: Request, window: ObjectiveWindow) -> Interval:
    last = base.period.end_day - timedelta(days=1)
    number = last.year * 12 + last.month - 1
    tz = base.period.tz
    if window is ObjectiveWindow.QUARTER:
        first = number - number % _QUARTER
        return Interval(midnight(_first_of(first), tz), midnight(_first_of(first + _QUARTER), tz))
    return Interval(midnight(_first_of(number + 1 - _ROLLING[window]), tz), base.span.end)


def _first_of(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _promised(contract: Contract, version: ContractVersion, objective: Objective) -> Interval:
    """Return the stretch around *version* in which every version promises the same."""
    place = contract.versions.index(version)
    first = last = place
    while first > 0 and _promises(contract.versions[first - 1], objective):
        first -= 1
    while last + 1 < len(contract.versions) and _promises(contract.versions[last + 1], objective):
        last += 1
    after = contract.versions[last + 1].start if last + 1 < len(contract.versions) else contract.life.end
    return Interval(contract.versions[first].start, after)


def _promises(version: ContractVersion, objective: Objective) -> bool:
    return any(is_same_promise(o, objective) for o in version.objectives)


def window_starts(contract: Contract, version: ContractVersion, period: Period) -> frozenset[int]:
    """Return where the windows of a version's objectives begin, those of the period's own left out."""
    span = period.interval.clip(contract.life)
    base = Request(contract, version, period, span, span.end)
    starts = {windowed(base, o).span.start for o in version.objectives}
    return frozenset(starts - {span.start})


def versions_in(asked: Request) -> tuple[ContractVersion, ...]:
    """Return the contract versions that a request's span lies under."""
    return tuple({v.effective_from: v for v, _, _ in _parts(asked)}.values())


def measure_window(asked: Request, indicator: Indicator, facts: Facts) -> Reading:
    """Return the reading of a windowed request, with its span.

    Availability is added up month by month: each has its own service hours, maintenance cap and contract version.
    """
    if not indicator.is_availability:
        return replace(indicator.measure(asked, facts), span=asked.span)
    parts = [
        (version.services[asked.scope.service or ""], indicator.measure(part, facts))
        for version, part in ((v, replace(asked, version=v, period=m, span=s)) for v, m, s in _parts(asked))
    ]
    reading = added(parts)
    if "too_early" not in parts[0][1].reasons:
        # Of a month that has hardly begun, or is to come, little is known; of the window, enough.
        reading = replace(reading, reasons=tuple(r for r in reading.reasons if r != "too_early"))
    return replace(reading, span=asked.span)


def _parts(asked: Request) -> Iterator[tuple[ContractVersion, Period, Interval]]:
    """Yield each month of a request's span by contract version."""
    month = Period.month_of(asked.span.start, asked.period.timezone)
    while month.start < asked.span.end:
        for version, part in asked.contract.segments(month):
            if (inside := part.clip(asked.span)).seconds:
                yield version, month, inside
        month = month.following()
