"""How exposed the hosts were, and which of them run systems that nobody supports any more (indicators.md §6)."""

from __future__ import annotations

from fractions import Fraction

from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.attainment import window_reasons
from kpi_agent.domain.indicators.patching import states_of
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.reading import Origin, Reading, Unit, share
from kpi_agent.domain.time import Interval, intersection, total, union


def _exposure(request: Request, facts: Facts) -> Reading:
    """Seconds with security updates pending, or installed and awaiting a reboot / seconds observed, of all hosts.

    A host is safe only while both are known: where nothing tells reboots it is unknown, never safe by silence.
    """
    window = request.window(facts.hosts.newest, facts.hosts.max_age)
    reboots = {state.host: state for state in states_of(facts.hosts.reboot, request, facts)}
    by_host: dict[str, int] = {}
    safe = whole = 0
    for state in states_of(facts.hosts.pending, request, facts):
        part, reboot = state.in_scope(window.elapsed), reboots[state.host].line
        bad = intersection(union((*state.line.where(lambda v: v > 0), *reboot.where(lambda v: v >= 1))), [part])
        good = intersection(state.line.where(lambda v: v == 0), reboot.where(lambda v: v < 1))
        by_host[state.host] = total(bad)
        safe += total(intersection(good, [part]))
        whole += part.seconds
    exposed = sum(by_host.values())
    known = exposed + safe
    worst = sorted((host for host, seconds in by_host.items() if seconds), key=lambda h: (-by_host[h], h))
    return Reading(
        indicator="exposure",
        scope=request.scope,
        unit=Unit.RATIO,
        value=share(exposed, known),
        n=len(by_host) if known else 0,
        numerator=exposed,
        denominator=known,
        coverage=share(known, whole) or Fraction(0),
        as_of=window.as_of,
        lowest=share(exposed, whole),
        highest=share(whole - safe, whole),
        origin=Origin.MEASURED,
        details={"hosts": len(by_host), "exposed_hosts": len(worst)},
        reasons=window_reasons(window),
        evidence=tuple(worst),
    )


def _unsupported_hosts(request: Request, facts: Facts) -> Reading:
    """Hosts in scope at the end whose system has left support then; those of unknown support apart."""
    window = request.window(facts.hosts.newest, facts.hosts.max_age)
    unsupported, unknown, hosts = [], [], 0
    for state in states_of(facts.hosts.support_end, request, facts):
        if state.sighted >= window.end or (state.retired is not None and state.retired <= window.end):
            continue
        hosts += 1
        end = state.last_instant(Interval(window.span.start, window.end))
        if end is None:
            unknown.append(state.host)
        elif end <= window.end:
            unsupported.append(state.host)
    known = hosts - len(unknown)
    return Reading(
        indicator="unsupported_hosts",
        scope=request.scope,
        unit=Unit.COUNT,
        value=Fraction(len(unsupported)) if known else None,
        n=known,
        coverage=share(known, hosts) or Fraction(0),
        as_of=window.as_of,
        lowest=Fraction(len(unsupported)) if unknown else None,
        highest=Fraction(len(unsupported) + len(unknown)) if unknown else None,
        origin=Origin.MEASURED,
        details={"hosts": hosts, "unknown": len(unknown)},
        reasons=window_reasons(window),
        evidence=(*unsupported, *(f"unknown:{host}" for host in unknown)),
    )


INDICATORS = (
    Indicator("exposure", Unit.RATIO, "patching", is_more_better=False, measure=_exposure),
    Indicator("unsupported_hosts", Unit.COUNT, "patching", is_more_better=False, measure=_unsupported_hosts),
)
