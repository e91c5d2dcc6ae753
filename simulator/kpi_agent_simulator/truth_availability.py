"""The truth about availability, second by second, from what the probes saw (indicators.md §5 and §8)."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from kpi_agent_simulator.estate import PROBE_EVERY
from kpi_agent_simulator.figures import Figure
from kpi_agent_simulator.hours import OPEN, Clock
from kpi_agent_simulator.months import Month
from kpi_agent_simulator.probes import UP, Probe, Span

# What was seen of one second, and what was promised for it; their sum says both in one byte.
_UNKNOWN, _UP, _DOWN = 0, 1, 2
_SERVICE, _PLANNED = 4, 8


def availability_figures(
    probe: Probe, clocks: Mapping[str, Clock], windows: Iterable[Span], months: Iterable[Month], edges: Span
) -> dict[str, Figure]:
    """Return the true figure of each month by its name; *edges* are the first second observed and now."""
    start, now = edges
    seen = observed_line(probe.samples, PROBE_EVERY, edges)
    calendar = clocks[probe.service.calendar]
    hours = calendar.marks[start - calendar.origin : now - calendar.origin]
    promised = hours.replace(bytes([OPEN]), bytes([_SERVICE]))
    if probe.service.is_maintained:
        for begun, ended in windows:
            piece = promised[begun - start : ended - start]
            promised[begun - start : ended - start] = piece.replace(bytes([_SERVICE]), bytes([_PLANNED]))
    counted = _added(without_short_outages(seen, probe.service.min_outage), promised)
    return {
        month.name: _figure(probe, seen, counted, (month.start - start, min(month.end, now) - start))
        for month in months
        if month.start < now
    }


def observed_line(samples: Sequence[tuple[int, int]], every: int, edges: Span) -> bytearray:
    """Return one byte per second of *edges*: 0 unknown, 1 up, 2 down.

    A sample holds until the next one if that follows within two intervals, else for one interval.
    """
    start, now = edges
    line = bytearray(now - start)
    for (instant, value), (following, _) in pairwise((*samples, (now + 3 * every, UP))):
        until = min(following if following - instant <= 2 * every else instant + every, now)
        line[instant - start : until - start] = bytes([_UP if value >= UP else _DOWN]) * (until - instant)
    return line


def without_short_outages(seen: bytearray, shortest: int) -> bytearray:
    """Return the line with every run of down seconds shorter than *shortest* turned into up."""
    line = bytearray(seen)
    at = line.find(_DOWN)
    while at >= 0:
        end = at
        while end < len(line) and line[end] == _DOWN:
            end += 1
        if end - at < shortest:
            line[at:end] = bytes([_UP]) * (end - at)
        at = line.find(_DOWN, end)
    return line


def _added(one: bytearray, other: bytearray) -> bytes:
    """Return the sum of two lines byte by byte; no sum carries, so that adding two long numbers does it."""
    total = int.from_bytes(one, "big") + int.from_bytes(other, "big")
    return total.to_bytes(len(one), "big")


def _figure(probe: Probe, seen: bytearray, counted: bytes, piece: Span) -> Figure:
    first, last = piece

    def seconds(code: int) -> int:
        return counted.count(code, first, last)

    planned = sum(seconds(_PLANNED + state) for state in (_UNKNOWN, _UP, _DOWN))
    total = planned + sum(seconds(_SERVICE + state) for state in (_UNKNOWN, _UP, _DOWN))
    unknown, down = seconds(_SERVICE + _UNKNOWN), seconds(_SERVICE + _DOWN)
    planned_down = seconds(_PLANNED + _DOWN)
    denominator = total - unknown
    coverage = [total - planned - unknown, total - planned]
    if probe.service.planned == "excluded":
        denominator -= planned
    elif probe.service.planned == "counted":
        unknown += seconds(_PLANNED + _UNKNOWN)
        denominator = total - unknown
        down += planned_down
        coverage = [total - unknown, total]
    raw_unknown, raw_down = seen.count(_UNKNOWN, first, last), seen.count(_DOWN, first, last)
    observed = last - first - raw_unknown
    extra = {
        "T": total,
        "P": planned,
        "U": unknown,
        "D": down - planned_down if probe.service.planned == "counted" else down,
        "planned_down": planned_down,
        "coverage": coverage,
        "raw": [observed - raw_down, observed],
        "raw_unknown": raw_unknown,
        "raw_down": raw_down,
    }
    scope = {"service": probe.service.name}
    return Figure("availability", scope, n=None, numerator=denominator - down, denominator=denominator, extra=extra)
