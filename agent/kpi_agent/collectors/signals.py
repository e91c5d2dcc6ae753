"""From samples to one timeline per host, service or backup set (indicators.md §5)."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from itertools import compress, pairwise
from math import floor
from operator import ne

from kpi_agent.collectors.answer import printable
from kpi_agent.collectors.series import Series, SeriesTable
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.hosts import host_of
from kpi_agent.domain.source import Combine, Signal
from kpi_agent.domain.time import DAY, HOUR, Interval
from kpi_agent.domain.timeline import Run, Sample, Timeline, combine, from_samples

_ZERO, _ONE = Fraction(0), Fraction(1)

_CHOICES: Mapping[Combine, Callable[[Sequence[Fraction]], Fraction]] = {
    Combine.ANY: lambda values: _ONE if any(v >= 1 for v in values) else _ZERO,
    Combine.ALL: lambda values: _ONE if all(v >= 1 for v in values) else _ZERO,
    Combine.SUM: lambda values: sum(values, _ZERO),
    Combine.MAX: max,
}


@dataclass(frozen=True, slots=True)
class Lines:
    """The timelines of one signal per key, and how many samples of how many expected each UTC day brought."""

    by_key: Mapping[str, Timeline]
    samples_by_day: Mapping[int, tuple[int, int]]
    warnings: tuple[str, ...] = ()

    @property
    def samples(self) -> int:
        """Samples inside the window."""
        return sum(samples for samples, _ in self.samples_by_day.values())

    @property
    def expected(self) -> int:
        """Samples that full observation of the window would have brought."""
        return sum(expected for _, expected in self.samples_by_day.values())


@dataclass(frozen=True, slots=True)
class Reading:
    """A settled table of samples around *window*.

    *intervals* gives the sampling interval in seconds by ``id(series)``. From *settled* on, at or before the window's
    start, every second is decided by samples that were read.
    """

    table: SeriesTable
    window: Interval
    intervals: Mapping[int, int]
    settled: int


def read_lines(signal: Signal, reading: Reading, *, name_of: Callable[[str], str] = host_of) -> Lines:
    """Return the lines of a reading; *name_of* makes the key of a label value.

    The lines begin at *settled*, before the window: what the end of the previous window could not know yet, whether
    the next sample would come in time, is stated anew. Nothing at or beyond the window's end is known. Raises
    SourceRejected where two series stand for one key at the same time and the signal does not say how to combine them.
    """
    table, window, intervals = reading.table, reading.window, reading.intervals
    by_key: dict[str, list[Series]] = defaultdict(list)
    warnings: dict[str, None] = {}
    for series in table:
        if signal.values and _listed(signal, series) is None:
            warnings[f"no value is listed for '{printable(_labels(signal, series))}'; add it in a pack of your own"] = (
                None
            )
        else:
            by_key[_key(signal, series, name_of)].append(series)
    lines = {}
    counts: dict[int, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for key, several in sorted(by_key.items()):
        parts = [several] if signal.combine is None else [[s] for s in several]
        if signal.combine is None:
            _refuse_rivals(signal, key, several)
        drawn = [_timeline(signal, table, part, max(intervals[id(s)] for s in part), window.end) for part in parts]
        line = drawn[0] if signal.combine is None else combine(drawn, _CHOICES[signal.combine])
        lines[key] = line.clip(Interval(reading.settled, window.end))
        for day, (samples, expected) in _count(parts, window, max(intervals[id(s)] for s in several)).items():
            counts[day] = (counts[day][0] + samples, counts[day][1] + expected)
    return Lines(lines, dict(sorted(counts.items())), tuple(warnings))


def count_absent(window: Interval, interval: int) -> Mapping[int, tuple[int, int]]:
    """Return the counts by UTC day of one line that is wanted and brought nothing."""
    return _count([], window, interval)


def _key(signal: Signal, series: Series, name_of: Callable[[str], str]) -> str:
    if not signal.key:
        return ""
    value = series.labels.get(signal.key, "")
    if not value:
        raise SourceRejected(
            f"signal {signal.name}: series {series} has no label '{signal.key}' to name its host or backup set;"
            " narrow the query, or change the signal's key"
        )
    return name_of(value)


def _labels(signal: Signal, series: Series) -> str:
    return " ".join(series.labels.get(name, "") for name in signal.labels)


def _listed(signal: Signal, series: Series) -> Fraction | None:
    """Return the value that is listed for the labels, of several the first; None where none is."""
    text = _labels(signal, series)
    return next((value for glob, value in signal.values.items() if fnmatchcase(text, glob)), None)


def _refuse_rivals(signal: Signal, key: str, several: list[Series]) -> None:
    """Raise SourceRejected unless the series follow one another: one that a new label renamed is still one."""
    several.sort(key=lambda s: s.milliseconds[0])
    for earlier, later in pairwise(several):
        if later.milliseconds[0] <= earlier.milliseconds[-1]:
            name = f"'{key}'" if key else "the query"
            raise SourceRejected(
                f"signal {signal.name}: two series stand for {name} at the same time: {earlier} and {later};"
                " narrow the query by a label, or combine them (combine: any, all, sum or max in a pack;"
                " max(…) or min(…) around a service's query)"
            )


def _timeline(signal: Signal, table: SeriesTable, several: Sequence[Series], interval: int, until: int) -> Timeline:
    """Return the line of series that follow one another."""
    if len(several) == 1 and signal.fresh_within is None and not signal.is_age:
        return _line_of_one(signal, table, several[0], interval, until)
    samples = [
        Sample(m // 1000, _value(signal, series, table.values[place], m // 1000))
        for series in several
        for m, place in zip(series.milliseconds, series.places, strict=True)
    ]
    return from_samples(_anchored(samples) if signal.is_age else samples, interval=interval, until=until)


def _line_of_one(signal: Signal, table: SeriesTable, series: Series, interval: int, until: int) -> Timeline:
    """Return what ``from_samples`` makes of one series whose values mean the same at any instant, run by run.

    Thousands of samples say the same: only those after which something else comes, or nothing for long, are looked at.
    """
    milliseconds, places = series.milliseconds, series.places
    count, longest = len(milliseconds), 2 * interval
    changed = compress(range(1, count), map(ne, places, places[1:]))
    # Between floored seconds a gap may be almost a second shorter or longer.
    paused = compress(range(1, count), map((1000 * longest - 1000).__lt__, series.gaps()))
    runs = []
    for first, after in pairwise((0, *sorted({*changed, *paused}), count)):
        value = _value(signal, series, table.values[places[first]], 0)
        start, last = milliseconds[first] // 1000, milliseconds[after - 1] // 1000
        following = milliseconds[after] // 1000 if after < count else None
        is_bridged = following is not None and following - last <= longest
        end = min(following if is_bridged and following is not None else last + interval, until)
        if value is not None and end > start:
            runs.append(Run(start, end, value))
    return Timeline.of(runs)


def _value(signal: Signal, series: Series, value: Fraction | None, instant: int) -> Fraction | None:
    if value is None:
        return None
    if signal.values:
        return _listed(signal, series)
    if signal.is_age:
        return max(_ZERO, Fraction(floor(instant - value)))
    if signal.fresh_within is None:
        return value
    # instant - value <= fresh_within, in whole numbers: a stamp changes with every sample.
    is_fresh = (instant - signal.fresh_within) * value.denominator <= value.numerator
    return _ONE if is_fresh else _ZERO


def _anchored(samples: Sequence[Sample]) -> list[Sample]:
    """Return the instants that ages mean, each as it was first seen.

    An exporter may count the age when it looks, and be asked later: the instant seems to move on, by up to its rhythm.
    What moves by more than an hour is another instant. The first one seen is never too late.
    """
    found: list[Sample] = []
    anchor: Fraction | None = None
    for instant, value in samples:
        if value is not None and (anchor is None or not anchor <= value <= anchor + HOUR):
            anchor = value
        found.append(Sample(instant, None if value is None else anchor))
    return found


def _count(parts: Iterable[Sequence[Series]], window: Interval, interval: int) -> dict[int, tuple[int, int]]:
    """Return (samples, expected) by UTC day for one key; of several combined series the most complete one counts.

    Expected are the multiples of *interval* in the stretch: adjoining windows add up to the whole.
    """
    counts = {}
    for day, start, end in _days(window):
        samples = max((sum(_between(s.milliseconds, start, end) for s in part) for part in parts), default=0)
        counts[day] = (samples, -(-end // interval) + (-start // interval))
    return counts


def _days(window: Interval) -> list[tuple[int, int, int]]:
    first = window.start - window.start % DAY
    return [(day, max(day, window.start), min(day + DAY, window.end)) for day in range(first, window.end, DAY)]


def _between(milliseconds: Sequence[int], start: int, end: int) -> int:
    return bisect_left(milliseconds, end * 1000) - bisect_left(milliseconds, start * 1000)
