"""Durations of a contract on its calendars: what ``3wd`` or ``2d`` means in seconds."""

from __future__ import annotations

from kpi_agent.config.scalars import Duration
from kpi_agent.domain.calendar import ServiceCalendar
from kpi_agent.domain.contract import Limit


def limit_on(duration: Duration, calendar: ServiceCalendar) -> Limit:
    """Return the limit in open seconds of *calendar* (indicators.md §1); raises ValueError where it has no such length.

    ``d`` is 24 h and means something only around the clock; ``wd`` is one open weekday, if all are equally long.
    """
    if duration.count == 0:
        raise ValueError(f"'{duration.text}' leaves no time; write a longer limit, or leave it out")
    if duration.unit == "d" and not calendar.is_always_open:
        raise ValueError(
            f"'{duration.text}' counts days of 24 h, possible only under 24x7; "
            f"under '{calendar.name}' write working days ({duration.count}wd) or hours"
        )
    if duration.unit != "wd":
        return Limit(duration.seconds, duration.text)
    lengths = calendar.weekday_seconds()
    if len(lengths) != 1:
        raise ValueError(
            f"'{duration.text}' counts working days, but the open weekdays of '{calendar.name}' "
            "are not equally long; write hours"
        )
    return Limit(duration.count * next(iter(lengths)), duration.text)
