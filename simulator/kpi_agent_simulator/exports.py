"""When a desk writes an export, and what the file is called."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kpi_agent_simulator.caseload import happens_twice
from kpi_agent_simulator.hours import DAY, HOUR, MINUTE
from kpi_agent_simulator.months import Month

_MORNING = 6 * HOUR
_EARLIER = 10 * DAY


@dataclass(frozen=True, slots=True)
class Export:
    """One export file: the contract's desk, the instant whose knowledge it holds, and where it was written."""

    source: str
    as_of: int
    path: Path


def export_instants(months: tuple[Month, Month, Month], now: int, zone: ZoneInfo) -> tuple[int, ...]:
    """Return, in order: 06:00 local on the first day after each full month, ten days before now, and now.

    All on whole minutes, none later than *now*.
    """
    last = now - now % MINUTE
    earlier = last - _EARLIER
    # A file named after a local time that is shown twice could mean either.
    earlier -= 2 * HOUR if happens_twice(earlier, zone) else 0
    mornings = {month.start + _MORNING for month in months[1:]}
    return tuple(sorted(instant for instant in {*mornings, earlier, last} if instant <= last))


def export_name(contract_id: str, as_of: int, zone: ZoneInfo) -> str:
    """Return the file name, which carries the as-of instant in the desk's zone: acme-2026-10-01T0600.csv."""
    return f"{contract_id}-{datetime.fromtimestamp(as_of, zone):%Y-%m-%dT%H%M}.csv"
