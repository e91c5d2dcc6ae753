"""The truth about exposure, second by second, and about hosts whose system nobody supports (indicators.md §6)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from kpi_agent_simulator.figures import Figure
from kpi_agent_simulator.fleet import Host
from kpi_agent_simulator.histories import Span
from kpi_agent_simulator.hours import DAY
from kpi_agent_simulator.months import Month
from kpi_agent_simulator.seconds import all_of, any_of, marked
from kpi_agent_simulator.systems import SUPPORTED_UNTIL
from kpi_agent_simulator.truth_patching import CLEAR, PENDING, held, reboot_line, state_line

Exposed = dict[str, tuple[int, int]]
"""By month name: the seconds of a host exposed, and those safe."""


def exposed_seconds(host: Host, months: Sequence[Month], edges: Span) -> Exposed:
    """Return how long a host was exposed and safe, from one byte per second of its patches and of its reboots."""
    start, now = edges
    end = now if host.retired is None else min(host.retired, now)
    span = (start, end)
    updates, reboots = state_line(host.scrapes, span), reboot_line(host.scrapes, span)
    bad = any_of([marked(updates, PENDING), marked(reboots, PENDING)])
    good = all_of([marked(updates, CLEAR), marked(reboots, CLEAR)])
    found = {}
    for month in months:
        part = slice(max(month.start, start) - start, max(0, min(month.end, end) - start))
        found[month.name] = bad[part].count(1), good[part].count(1)
    return found


def host_figures(hosts: Sequence[Host], exposed: Sequence[Exposed], month: Month, now: int) -> list[Figure]:
    """Return exposure and unsupported_hosts of *month*."""
    bad = sum(of[month.name][0] for of in exposed)
    good = sum(of[month.name][1] for of in exposed)
    return [
        Figure("exposure", {}, n=None, numerator=bad, denominator=bad + good),
        _unsupported(hosts, month, min(month.end, now)),
    ]


def _unsupported(hosts: Sequence[Host], month: Month, end: int) -> Figure:
    known = unsupported = unknown = 0
    for host in hosts:
        if host.scrapes[0].instant >= end or (host.retired is not None and host.retired <= end):
            continue
        seen = ((scrape.instant, until) for scrape, until in held(host.scrapes, end))
        told = [instant for instant, until in seen if instant < end and until > month.start]
        last = next((host.system_at(instant) for instant in reversed(told)), None)
        day = None if last is None else SUPPORTED_UNTIL.get(last)
        if day is None:
            unknown += 1
            continue
        known += 1
        over = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=DAY)
        unsupported += over.timestamp() <= end
    return Figure("unsupported_hosts", {}, n=known, value=(unsupported, 1), extra={"unknown": unknown})
