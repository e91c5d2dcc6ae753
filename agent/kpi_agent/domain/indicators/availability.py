"""Availability of a service over its service hours (indicators.md §8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kpi_agent.domain.contract import Planned, ServiceTerms, UnknownPolicy
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.evaluation import Outage, ServiceDay
from kpi_agent.domain.facts import Facts, ServiceFacts, Window
from kpi_agent.domain.indicators.attainment import window_reasons
from kpi_agent.domain.indicators.maintenance import Maintenance, maintenance_of
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.reading import Origin, Reading, Unit, share
from kpi_agent.domain.time import Interval, difference, intersection, local_days, total
from kpi_agent.domain.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Shares:
    """The stretches of a span: service hours T, planned maintenance P in T, unknown U, counted downtime D."""

    open: tuple[Interval, ...]
    planned: tuple[Interval, ...]
    unknown: tuple[Interval, ...]
    down: tuple[Interval, ...]


def down_runs(line: Timeline, min_outage: int) -> tuple[Interval, ...]:
    """Return the outages: maximal down runs of the raw line (unknown ends one), at least *min_outage* seconds long."""
    return tuple(i for i in line.where(lambda v: v < 1) if i.seconds >= min_outage)


def shares(terms: ServiceTerms, line: Timeline, planned: tuple[Interval, ...], span: Interval) -> Shares:
    """Return T, P, U and D of a service over *span*, by its ``planned`` policy."""
    hours = terms.calendar.open_spans(span)
    inside = intersection(planned, hours)
    judged = hours if terms.planned is Planned.COUNTED else difference(hours, inside)
    unknown = difference(judged, line.known())
    down = intersection(down_runs(line, terms.min_outage), judged)
    return Shares(hours, inside, unknown, down)


def _measure(request: Request, facts: Facts) -> Reading:
    name = request.scope.service
    terms = request.version.services.get(name or "")
    if name is None or terms is None:
        raise NotFound(f"availability needs a service of the contract in its scope; '{name}' is none")
    known = facts.services.get(name, ServiceFacts(Timeline(), None, 0))
    window = request.window(known.newest, known.max_age)
    maintenance = maintenance_of(request.version, name, request.period, window.elapsed)
    found = shares(terms, known.line, maintenance.planned, window.elapsed)
    return _reading(request, terms, known.line, window, found, maintenance)


def _reading(
    request: Request, terms: ServiceTerms, line: Timeline, window: Window, found: Shares, maintenance: Maintenance
) -> Reading:
    t, p, u, d = (total(part) for part in (found.open, found.planned, found.unknown, found.down))
    base = t if terms.planned is Planned.COUNTED else t - p
    coverage = share(base - u, base)
    is_down = terms.unknown is UnknownPolicy.DOWN
    lost = d + u if is_down else d
    observed = base if is_down else base - u
    granted = p if terms.planned is Planned.AS_UP else 0  # planned maintenance counted as up
    raw = _raw(line, window)
    coming = Interval(window.until, window.span.end)
    ahead = maintenance_of(request.version, terms.name, request.period, coming).planned
    rest = shares(terms, Timeline(), ahead, coming)
    outages = [i for i in down_runs(line, terms.min_outage) if intersection([i], found.down)]
    return Reading(
        indicator="availability",
        scope=request.scope,
        unit=Unit.RATIO,
        value=share(observed - lost + granted, observed + granted) if observed > 0 else None,
        n=observed + granted if observed > 0 else 0,
        numerator=observed - lost + granted,
        denominator=observed + granted,
        # Nothing to observe (all of it planned, or no service hours) is fully observed: there is nothing to judge.
        coverage=coverage if coverage is not None else window.coverage((window.elapsed,)),
        as_of=window.as_of,
        lowest=share(base - u - d + granted, base + granted),
        highest=share(base - d + granted, base + granted),
        origin=Origin.MEASURED,
        details={
            "T": t, "P": p, "U": u, **raw,
            "D": total(difference(found.down, found.planned)),
            "planned_down": total(intersection(down_runs(line, terms.min_outage), found.planned)),
            "over_cap": total(intersection(maintenance.over_cap, found.open)),
            "late": total(intersection(maintenance.late, found.open)),
            "outages": len(outages),
            "longest": max((i.seconds for i in outages), default=0),
            "remaining": total(rest.unknown),
            "granted_ahead": total(rest.planned) if terms.planned is Planned.AS_UP else 0,
        },
        reasons=window_reasons(window) + (("unknown_counts_down",) if is_down else ()),
        evidence=tuple(f"{i.start}-{i.end}" for i in outages),
    )  # fmt: skip


def added(parts: Sequence[tuple[ServiceTerms, Reading]]) -> Reading:
    """Return one reading of several stretches, each under its own contract version: seconds are added (§10)."""
    (_, last) = parts[-1]
    names = last.details.keys() - {"longest"}
    details = {name: sum(r.details[name] for _, r in parts) for name in names}
    details["longest"] = max(r.details["longest"] for _, r in parts)
    base = sum(_base(t, r) for t, r in parts)
    granted = sum(r.details["P"] for t, r in parts if t.planned is Planned.AS_UP)
    unknown = details["U"]
    numerator = sum(r.numerator or 0 for _, r in parts)
    denominator = sum(r.denominator or 0 for _, r in parts)
    is_measured = any(r.value is not None for _, r in parts)
    coverage = share(base - unknown, base)
    return replace(
        last,
        value=share(numerator, denominator) if is_measured else None,
        n=sum(r.n for _, r in parts),
        numerator=numerator,
        denominator=denominator,
        coverage=max(r.coverage for _, r in parts) if coverage is None else coverage,
        lowest=share(numerator, base + granted),
        highest=share(numerator + unknown, base + granted),
        details=details,
        reasons=tuple(dict.fromkeys(reason for _, r in parts for reason in r.reasons)),
        evidence=tuple(item for _, r in parts for item in r.evidence),
    )


def _base(terms: ServiceTerms, reading: Reading) -> int:
    """Return the seconds that are judged: service hours, without planned maintenance unless that counts."""
    return reading.details["T"] - (0 if terms.planned is Planned.COUNTED else reading.details["P"])


def _raw(line: Timeline, window: Window) -> dict[str, int]:
    """Return the seconds up and known on the whole clock, without any exclusion."""
    known = total(intersection(line.known(), [window.elapsed]))
    down = total(intersection(line.where(lambda v: v < 1), [window.elapsed]))
    return {"raw_up": known - down, "raw_known": known}


def service_days(
    request: Request, terms: ServiceTerms, known: ServiceFacts
) -> tuple[tuple[ServiceDay, ...], tuple[Outage, ...]]:
    """Return the service's days of the span, and the outages that touch it, whole."""
    window = request.window(known.newest, known.max_age)
    planned = maintenance_of(request.version, terms.name, request.period, window.elapsed).planned
    days = []
    for day, span in local_days(window.span, request.period.tz):
        found = shares(terms, known.line, planned, span.clip(window.elapsed))
        days.append(ServiceDay(day, *(total(p) for p in (found.open, found.planned, found.unknown, found.down))))
    outages = tuple(
        Outage(terms.name, run, is_planned=total(intersection([run], planned)) == run.seconds)
        for run in down_runs(known.line, terms.min_outage)
        if run.clip(window.elapsed).seconds
    )
    return tuple(days), outages


INDICATORS = (
    Indicator("availability", Unit.RATIO, "availability", is_more_better=True, measure=_measure, is_availability=True),
)
