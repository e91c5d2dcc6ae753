"""Planned maintenance as a contract counts it: announced in time, and up to its monthly cap (indicators.md §8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kpi_agent.domain.contract import ContractVersion
from kpi_agent.domain.time import Interval, Period, difference, intersection, union


@dataclass(frozen=True, slots=True)
class Maintenance:
    """The windows of a service in a span: what counts as planned, what exceeds the cap, what was announced too late.

    No second lies in two of them.
    """

    planned: tuple[Interval, ...] = ()
    over_cap: tuple[Interval, ...] = ()
    late: tuple[Interval, ...] = ()


def maintenance_of(version: ContractVersion, service: str, period: Period, span: Interval) -> Maintenance:
    """Return a service's maintenance in *span*, a part of *period*.

    The cap of a month is used up by what was announced in time, in order; a stretch that lies in two windows counts
    once, as planned where one of them was announced in time.
    """
    concerned = [w for w in version.maintenance if not w.services or service in w.services]
    planned: list[Interval] = []
    over_cap: list[Interval] = []
    late: list[Interval] = []
    month = Period.month_of(period.start, period.timezone)
    while month.start < period.end:
        stretches = [(w, i) for w in concerned for i in w.occurrences(month.interval)]
        in_time = union(i.clip(month.interval) for w, i in stretches if not version.is_late(w, i.start))
        cap = version.maintenance_cap
        granted = in_time if cap is None else tuple(_first_seconds(in_time, cap))
        planned.extend(granted)
        over_cap.extend(difference(in_time, granted))
        late.extend(difference(union(i.clip(month.interval) for _, i in stretches), in_time))
        month = month.following()
    return Maintenance(*(intersection(part, [span]) for part in (planned, over_cap, late)))


def _first_seconds(spans: Iterable[Interval], cap: int) -> Iterator[Interval]:
    left = cap
    for span in spans:
        if left <= 0:
            return
        yield Interval(span.start, min(span.end, span.start + left))
        left -= span.seconds
