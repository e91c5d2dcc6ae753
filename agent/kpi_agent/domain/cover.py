"""Stretches that are asked about many times: how much of another stretch they cover, and where it begins to be bare."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate

from kpi_agent.domain.calendar import FOREVER
from kpi_agent.domain.time import Interval, union


class Cover:
    """The union of intervals, asked in logarithmic time."""

    def __init__(self, intervals: Iterable[Interval]) -> None:
        self.spans = union(intervals)
        self._starts = [i.start for i in self.spans]
        self._before = [0, *accumulate(i.seconds for i in self.spans)]

    def seconds(self, span: Interval) -> int:
        """Return how many seconds of *span* are covered."""
        return max(0, self._until(span.end) - self._until(span.start))

    def holds(self, span: Interval) -> bool:
        """Whether all of *span* is covered."""
        return self.seconds(span) == span.seconds

    def bare_since(self, span: Interval) -> int:
        """Return where the first bare stretch that touches *span* begins, even before it; its end where none does.

        0 when nothing is covered before.
        """
        at = bisect_right(self._starts, span.start) - 1
        if at >= 0 and span.start < self.spans[at].end:
            return min(self.spans[at].end, span.end)
        return self.spans[at].end if at >= 0 else 0

    def bare_until(self, instant: int) -> int:
        """Return where the bare stretch that holds *instant* ends: *instant* where it is covered, FOREVER after all."""
        at = bisect_right(self._starts, instant) - 1
        if at >= 0 and instant < self.spans[at].end:
            return instant
        return self.spans[at + 1].start if at + 1 < len(self.spans) else FOREVER

    def _until(self, instant: int) -> int:
        at = bisect_right(self._starts, instant) - 1
        if at < 0:
            return 0
        return self._before[at] + min(instant, self.spans[at].end) - self.spans[at].start
