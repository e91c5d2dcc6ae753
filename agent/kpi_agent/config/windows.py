"""Planned maintenance: single stretches and recurring ones (RRULE), exact across changes of the clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import rrule, rrulestr

from kpi_agent.config.scalars import did_you_mean, read_date
from kpi_agent.domain.time import Interval, to_instant, to_local, zone

_KEYS = (
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "BYDAY",
    "BYMONTHDAY",
    "BYMONTH",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYSETPOS",
    "WKST",
)
_FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_TIMES = ("BYHOUR", "BYMINUTE", "BYSECOND")
_UNTIL = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?\Z", re.ASCII)
_POSITIVE = re.compile(r"[1-9]\d{0,5}\Z", re.ASCII)
# A local wall time lies within a day of UTC, and a rule's bounds are asked for in wall time.
_MARGIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SingleWindow:
    """One stretch."""

    name: str
    services: tuple[str, ...]
    span: Interval
    declared: int | None = None

    def occurrences(self, span: Interval) -> tuple[Interval, ...]:
        """Return the stretch when it meets *span*."""
        return (self.span,) if self.span.start < span.end and self.span.end > span.start else ()


@dataclass(frozen=True, slots=True)
class RecurringWindow:
    """A stretch that recurs on local wall time; each lasts *seconds* of absolute time."""

    name: str
    services: tuple[str, ...]
    rule: rrule
    timezone: str
    seconds: int
    declared: int | None = None

    def occurrences(self, span: Interval) -> tuple[Interval, ...]:
        """Return the stretches that meet *span*, whole, in order."""
        tz = zone(self.timezone)
        first = _wall(span.start - self.seconds, tz) - _MARGIN
        last = _wall(span.end, tz) + _MARGIN
        starts = (to_instant(local, tz) for local in self.rule.between(first, last, inc=True))
        found = (Interval(start, start + self.seconds) for start in starts)
        return tuple(sorted({i for i in found if i.start < span.end and i.end > span.start}))


def _wall(instant: int, tz: ZoneInfo) -> datetime:
    return to_local(instant, tz).replace(tzinfo=None)


def read_rule(text: str, starts: datetime, timezone: str) -> rrule:
    """Return the recurrence on naive local time; raises ValueError with what to write.

    Frequencies below daily and parts of the clock are refused: *starts* gives the time of day. ``UNTIL`` in UTC is
    converted; a day alone includes that day.
    """
    parts = _parts(text)
    if parts.get("FREQ") not in _FREQUENCIES:
        raise ValueError(f"FREQ={parts.get('FREQ', '')} is not possible; write FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")
    for name in ("INTERVAL", "COUNT"):
        if name in parts and not _POSITIVE.match(parts[name]):
            raise ValueError(f"{name}={parts[name]} is no number from 1; write {name}=1 or more")
    if "UNTIL" in parts:
        if "COUNT" in parts:
            raise ValueError("COUNT and UNTIL exclude each other; keep one")
        parts["UNTIL"] = f"{_until(parts['UNTIL'], timezone):%Y%m%dT%H%M%S}"
    try:
        rule = rrulestr(";".join(f"{k}={v}" for k, v in parts.items()), dtstart=starts)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise ValueError(
            f"'{text}' is no recurrence that can be read ({error}); write FREQ=MONTHLY;BYDAY=2TU"
        ) from error
    if not isinstance(rule, rrule) or next(iter(rule), None) is None:
        raise ValueError(f"'{text}' never happens from {starts:%Y-%m-%d} on; check its days and its UNTIL")
    return rule


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for item in text.removeprefix("RRULE:").strip(";").split(";"):
        name, equals, value = (p.strip().upper() for p in item.partition("="))
        if not equals or not value:
            raise ValueError(f"'{item}' is no part of a recurrence; write KEY=VALUE, such as FREQ=WEEKLY;BYDAY=SU")
        if name in _TIMES:
            raise ValueError(f"{name} is refused: 'starts' gives the time of day; write one window per time")
        if name not in _KEYS:
            raise ValueError(f"'{name}' is unknown in a recurrence{did_you_mean(name, _KEYS)}")
        if name in parts:
            raise ValueError(f"{name} stands twice in the recurrence")
        parts[name] = value
    return parts


def _until(text: str, timezone: str) -> datetime:
    wrong = f"UNTIL={text} is no instant; write UNTIL=20261231 or UNTIL=20261231T225900Z"
    found = _UNTIL.match(text)
    if found is None:
        raise ValueError(wrong)
    try:
        day = read_date(f"{text[:4]}-{text[4:6]}-{text[6:8]}")
        hms = found[2] or "235959"
        clock = time(int(hms[:2]), int(hms[2:4]), int(hms[4:]))
    except ValueError as error:
        raise ValueError(wrong) from error
    local = datetime.combine(day, clock)
    return local.replace(tzinfo=UTC).astimezone(zone(timezone)).replace(tzinfo=None) if found[3] else local
