"""The instant an export was taken (indicators.md §3): given, in its name, or its file's time unless an archive."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from kpi_agent.collectors.tickets.faults import refusal
from kpi_agent.collectors.tickets.rows import FUTURE_TOLERANCE
from kpi_agent.domain.source import TicketSource
from kpi_agent.domain.time import DAY, Interval, midnight, to_instant, to_utc_text, zone

ARCHIVE_AGE = 7 * DAY
"""A file this many seconds newer than everything in it was copied, not exported, at its time."""


def export_instant(
    file: str, source: TicketSource, instants: Iterable[int], *, given: int | None, modified: int, now: int
) -> int:
    """Return the as-of instant in epoch seconds of the file named *file*, with *instants* in it.

    In order: *given*; the file's name by the source's ``as_of_pattern``, in the source's zone; its modification time,
    or its newest instant when that is more than 7 days older. Raises ExportRefused for an instant, given or named, that
    is to come.
    """
    if given is not None:
        if given > now + FUTURE_TOLERANCE:
            raise refusal(file, f"given as exported at {to_utc_text(given)}, which is to come; give the true instant")
        return given
    if source.as_of_pattern is not None:
        named = _named(file, source.as_of_pattern, source.timezone, instants)
        if named is not None:
            if named > now + FUTURE_TOLERANCE:
                raise refusal(file, f"the file's name says it was exported at {to_utc_text(named)}, which is to come")
            return named
    taken = min(modified, now)
    # A date typed for next year must not hide that a file is an archive.
    newest = max((i for i in instants if i <= taken + FUTURE_TOLERANCE), default=taken)
    return newest if newest < taken - ARCHIVE_AGE else taken


def _named(file: str, pattern: str, timezone: str, instants: Iterable[int]) -> int | None:
    """Return the instant in a file name, None when the name does not follow the pattern.

    A name with a date only stands for the newest instant of that day in the file, else for the day's beginning: the
    earliest it can mean, so that no hour is claimed as observed that may not be.
    """
    try:
        local = datetime.strptime(file, pattern)  # noqa: DTZ007 - a wall time, zoned below
    except ValueError:
        return None
    tz = zone(timezone)
    if local.tzinfo is not None:
        return int(local.timestamp())
    if any(directive in pattern for directive in ("%H", "%I", "%T", "%X", "%c")):
        # Of a name's time that exists twice, the second when the file holds anything newer than the first.
        second = to_instant(local, tz, not_before=to_instant(local, tz) + 1)
        return to_instant(local, tz, not_before=max((i for i in instants if i <= second), default=None))
    start = midnight(local.date(), tz)
    day = Interval(start, start + DAY)
    return max((i for i in instants if i in day), default=start)
