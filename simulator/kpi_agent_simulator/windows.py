"""The planned maintenance windows, found by asking every local date whether it has one."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from kpi_agent_simulator.estate import Contract
from kpi_agent_simulator.hours import DAY, HOUR

_TUESDAY = 1
_SUNDAY = 6
_SECOND_WEEK = range(8, 15)


def maintenance_windows(contract: Contract, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the windows that begin in [start, end), in seconds UTC.

    French contract: the second Tuesday of a month, 22:00 local, 4 h. English one: each Sunday, 04:00 local, 2 h.
    """
    day = datetime.fromtimestamp(start - DAY, contract.zone).date()
    last = datetime.fromtimestamp(end, contract.zone).date()
    while day <= last:
        found = _window_on(day, contract)
        if found is not None:
            opening, lasts = found
            begun = int(datetime.combine(day, opening, contract.zone).timestamp())
            if start <= begun < end:
                yield begun, begun + lasts
        day += timedelta(days=1)


def _window_on(day: date, contract: Contract) -> tuple[time, int] | None:
    if contract.language == "fr":
        is_patch_night = day.weekday() == _TUESDAY and day.day in _SECOND_WEEK
        return (time(22), 4 * HOUR) if is_patch_night else None
    return (time(4), 2 * HOUR) if day.weekday() == _SUNDAY else None
