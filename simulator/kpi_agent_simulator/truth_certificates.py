"""The truth about certificates: what each address showed last, and how long that still lives (indicators.md §6)."""

from collections.abc import Iterable
from itertools import pairwise

from kpi_agent_simulator.certificates import CertificateGauge
from kpi_agent_simulator.estate import SCRAPE_EVERY
from kpi_agent_simulator.figures import Figure
from kpi_agent_simulator.hours import DAY
from kpi_agent_simulator.months import Month

_FORGOTTEN = 92 * DAY


def certificate_figure(gauges: Iterable[CertificateGauge], month: Month, now: int) -> Figure:
    """Return the shortest life left at the end of *month*; what was not seen for a day is unknown, unless expired."""
    end = min(month.end, now)
    lives: list[int] = []
    unknown = expired = 0
    for gauge in gauges:
        shown = [(instant, expiry) for instant, expiry in gauge.samples if instant < end]
        if not shown:
            continue
        last, expiry = shown[-1]
        seen_until = min(_held_until(gauge, last), end)
        if seen_until <= end - _FORGOTTEN:
            continue
        if seen_until > end - DAY or expiry <= end:
            lives.append(max(0, expiry - end))
            expired += expiry <= end
        else:
            unknown += 1
    value = (min(lives), 1) if lives else None
    extra = {"certificates": len(lives) + unknown, "expired": expired, "unknown": unknown}
    return Figure("certificates", {}, n=len(lives), value=value, extra=extra)


def _held_until(gauge: CertificateGauge, last: int) -> int:
    """Return up to when the sample at *last* holds: the next one, or one interval where that is far or never came."""
    following = next((later for (earlier, _), (later, _) in pairwise(gauge.samples) if earlier == last), None)
    is_bridged = following is not None and following - last <= 2 * SCRAPE_EVERY
    return following if is_bridged and following is not None else last + SCRAPE_EVERY
