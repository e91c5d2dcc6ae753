"""Who was in which state from when to when: runs of a value; what no run covers is unknown (architecture.md §3)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise, zip_longest
from typing import NamedTuple

from kpi_agent.domain.time import Interval, difference, intersection, union


class Sample(NamedTuple):
    """One observed value: *instant* in epoch seconds, floored; *value* as the source printed it, None for NaN."""

    instant: int
    value: Fraction | None


@dataclass(frozen=True, slots=True)
class Run:
    """One value held on [start, end)."""

    start: int
    end: int
    value: Fraction

    @property
    def interval(self) -> Interval:
        """The run's stretch."""
        return Interval(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Sorted, disjoint runs, neighbours with the same value joined. Seconds in no run are unknown."""

    runs: tuple[Run, ...] = ()

    @classmethod
    def of(cls, runs: Iterable[Run]) -> Timeline:
        """Return the timeline of disjoint *runs* in any order; empty runs vanish, equal neighbours are joined."""
        joined: list[Run] = []
        for run in sorted((r for r in runs if r.end > r.start), key=lambda r: r.start):
            if joined and joined[-1].end == run.start and joined[-1].value == run.value:
                joined[-1] = Run(joined[-1].start, run.end, run.value)
            else:
                joined.append(run)
        return cls(tuple(joined))

    def __bool__(self) -> bool:
        return bool(self.runs)

    def known(self) -> tuple[Interval, ...]:
        """Return the observed stretches."""
        joined: list[Interval] = []
        for run in self.runs:  # sorted and disjoint already: of ``union`` only the joining is left
            if joined and joined[-1].end == run.start:
                joined[-1] = Interval(joined[-1].start, run.end)
            else:
                joined.append(run.interval)
        return tuple(joined)

    def where(self, test: Callable[[Fraction], bool]) -> tuple[Interval, ...]:
        """Return the stretches whose value passes *test*; unknown never does."""
        return union(r.interval for r in self.runs if test(r.value))

    def at(self, instant: int) -> Fraction | None:
        """Return the value at an instant, None when unknown."""
        index = bisect_right(self.runs, instant, key=lambda r: r.start) - 1
        if index >= 0 and instant < self.runs[index].end:
            return self.runs[index].value
        return None

    def clip(self, span: Interval) -> Timeline:
        """Return the part inside *span*."""
        return Timeline(tuple(r for r in (_clipped(r, span) for r in self.runs) if r.end > r.start))

    def followed_by(self, later: Timeline) -> Timeline:
        """Return this timeline up to the first run of *later*, then *later*: what a newer reading replaces."""
        if not later.runs:
            return self
        start = later.runs[0].start
        kept = (Run(r.start, min(r.end, start), r.value) for r in self.runs if r.start < start)
        return Timeline.of([*kept, *later.runs])


def _clipped(run: Run, span: Interval) -> Run:
    inside = run.interval.clip(span)
    return Run(inside.start, inside.end, run.value)


def from_samples(samples: Sequence[Sample], *, interval: int, until: int) -> Timeline:
    """Return the timeline that samples observe (indicators.md §5).

    A sample at t holds on [t, next) when next - t is at most 2 x *interval* seconds; else its run ends at
    t + interval and unknown follows. The last sample holds to t + interval, and nothing beyond *until* is known.
    Samples are sorted by instant; of several at one instant the last stands. A None value (NaN) is unknown.
    """
    ordered = list({s.instant: s for s in samples}.values())
    runs: list[Run] = []
    start = held_until = 0
    held: Fraction | None = None  # the value of the run being built; millions of samples make thousands of runs
    for sample, following in zip_longest(ordered, ordered[1:]):
        instant, value = sample
        end = instant + interval
        if following is not None and following.instant - instant <= 2 * interval:
            end = following.instant
        end = min(end, until)
        if held is not None and not (instant == held_until and (value is held or value == held)):
            runs.append(Run(start, held_until, held))
            held = None
        if value is not None and end > instant:
            if held is None:
                start, held = instant, value
            held_until = end
    if held is not None:
        runs.append(Run(start, held_until, held))
    return Timeline(tuple(runs))


def combine(lines: Sequence[Timeline], choose: Callable[[Sequence[Fraction]], Fraction]) -> Timeline:
    """Return one timeline: at each second *choose* gets the values known there; unknown only where none is."""
    if len(lines) == 1:
        return lines[0]
    edges = sorted({edge for line in lines for run in line.runs for edge in (run.start, run.end)})
    cursors = [0] * len(lines)
    runs = []
    for start, end in pairwise(edges):
        values = []
        for n, line in enumerate(lines):
            while cursors[n] < len(line.runs) and line.runs[cursors[n]].end <= start:
                cursors[n] += 1
            if cursors[n] < len(line.runs) and line.runs[cursors[n]].start <= start:
                values.append(line.runs[cursors[n]].value)
        if values:
            runs.append(Run(start, end, choose(values)))
    return Timeline.of(runs)


def believed(told: Timeline, fresh: Sequence[Interval], *, is_absence_zero: bool) -> Timeline:
    """Return what is *told* while it is *fresh*, else unknown; *is_absence_zero*: what is fresh and untold is 0."""
    runs = [Run(part.start, part.end, run.value) for run in told.runs for part in intersection([run.interval], fresh)]
    silent = difference(fresh, told.known()) if is_absence_zero else ()
    return Timeline.of([*runs, *(Run(i.start, i.end, Fraction(0)) for i in silent)])


def gaps(known: Iterable[Interval], span: Interval) -> Iterator[Interval]:
    """Yield the stretches of *span* that *known* does not cover."""
    cursor = span.start
    for item in union(k.clip(span) for k in known):
        if item.start > cursor:
            yield Interval(cursor, item.start)
        cursor = item.end
    if cursor < span.end:
        yield Interval(cursor, span.end)
