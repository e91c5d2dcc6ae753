"""The truth about the newest good backups: one byte per second of each part (indicators.md §7)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from kpi_agent_simulator.backups import BackupGauge
from kpi_agent_simulator.estate import BACKUP_WITHIN, SCRAPE_EVERY
from kpi_agent_simulator.figures import Figure
from kpi_agent_simulator.months import Month
from kpi_agent_simulator.seconds import all_of, any_of, marked

_PROTECTED, _BARE = 1, 2  # 0: unknown

Lines = dict[str, list[bytearray]]
"""By set, a line for each of its parts."""


def protection_lines(gauges: Iterable[BackupGauge], edges: tuple[int, int]) -> Lines:
    """Return the lines of every part over *edges*: unknown, protected, or observed without protection."""
    lines: Lines = defaultdict(list)
    for gauge in gauges:
        lines[gauge.backup].append(_line(gauge.samples, edges))
    return lines


def _line(samples: Sequence[tuple[int, int]], edges: tuple[int, int]) -> bytearray:
    """Paint the observed seconds bare, then those that a backup protects, up to where it is seen to be gone."""
    start, now = edges
    line = bytearray(now - start)
    for instant, following in pairwise((*(at for at, _ in samples), now)):
        is_bridged = following - instant <= 2 * SCRAPE_EVERY and following < now
        until = following if is_bridged else instant + SCRAPE_EVERY
        _paint(line, instant - start, min(until, now) - start, _BARE)
    for value in sorted({value for _, value in samples}):
        first = next(instant for instant, seen in samples if seen == value)
        gone = next((instant for instant, seen in samples if instant > first and seen < value), now)
        _paint(line, value - start, min(value + BACKUP_WITHIN, gone, now) - start, _PROTECTED)
    return line


def _paint(line: bytearray, first: int, end: int, state: int) -> None:
    first = max(0, first)
    if end > first:
        line[first:end] = bytes([state]) * (end - first)


def backup_figures(lines: Lines, month: Month, edges: tuple[int, int]) -> Iterator[Figure]:
    """Yield backup_rpo of *month* for each set: its parts must all be protected, and one that is not suffices."""
    start, now = edges
    part = slice(month.start - start, min(month.end, now) - start)
    for backup, parts in lines.items():
        good = all_of([marked(line[part], _PROTECTED) for line in parts]).count(1)
        bad = any_of([marked(line[part], _BARE) for line in parts]).count(1)
        yield Figure("backup_rpo", {"backup": backup}, n=1, numerator=good, denominator=good + bad)
