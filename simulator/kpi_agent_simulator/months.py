"""The three calendar months that are simulated, in a contract's own zone."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Month:
    """A local calendar month, half-open in UTC seconds; *name* is like 2026-10."""

    name: str
    start: int
    end: int


def last_three_months(now: int, zone: ZoneInfo) -> tuple[Month, Month, Month]:
    """Return the two full months before the one that contains *now*, and that one."""
    running = datetime.fromtimestamp(now, zone)
    first, second = (_back(running.year, running.month, steps) for steps in (2, 1))
    return (_month(*first, zone), _month(*second, zone), _month(running.year, running.month, zone))


def _back(year: int, month: int, steps: int) -> tuple[int, int]:
    year_offset, zero_based = divmod(year * _DECEMBER + month - 1 - steps, _DECEMBER)
    return year_offset, zero_based + 1


def _month(year: int, month: int, zone: ZoneInfo) -> Month:
    next_year, next_month = _back(year, month, -1)
    start = int(datetime(year, month, 1, tzinfo=zone).timestamp())
    end = int(datetime(next_year, next_month, 1, tzinfo=zone).timestamp())
    return Month(f"{year:04d}-{month:02d}", start, end)
