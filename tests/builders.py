"""Small builders of domain values for tests. Texts are Paris wall times unless a function says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import settings

from kpi_agent.domain.calendar import ALWAYS, ServiceCalendar, ServiceHours, TimeRange
from kpi_agent.domain.contract import (
    Comparison,
    Contract,
    ContractVersion,
    HostScope,
    Limit,
    Objective,
    PriorityTerms,
    Target,
    TargetUnit,
    TicketScope,
)
from kpi_agent.domain.facts import Facts, HostFacts, TicketFacts
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.outcome import Decision, decide
from kpi_agent.domain.reading import Reading
from kpi_agent.domain.ticket import Hold, HoldReason, Origin, PriorityChange, Reopening, State, Ticket
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval, Period, to_instant
from kpi_agent.domain.timeline import Run, Timeline, believed

PARIS = "Europe/Paris"
WORKDAYS = range(5)
_UNITS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY}

quick = settings(max_examples=100, deadline=None, database=None)
"""For properties: examples enough to meet every edge, and no timing that depends on the machine."""


def local(text: str, zone: str) -> int:
    """Return the instant of a wall time in a zone."""
    return to_instant(datetime.fromisoformat(text), ZoneInfo(zone))


def paris(text: str) -> int:
    """Return the instant of a wall time in Paris."""
    return local(text, PARIS)


def instant(moment: str | int | None) -> Any:
    """Return epoch seconds of a Paris wall time; numbers and None pass."""
    return paris(moment) if isinstance(moment, str) else moment


def span(start: str | int, end: str | int) -> Interval:
    """Return the interval between two Paris wall times."""
    return Interval(instant(start), instant(end))


def seconds(text: str) -> int:
    """Return the seconds of ``90s``, ``30m``, ``4h`` or ``14d``."""
    return int(text[:-1]) * _UNITS[text[-1]]


def limit(text: str) -> Limit:
    """Return a limit on the clock."""
    return Limit(seconds(text), text)


def ranges(text: str) -> tuple[TimeRange, ...]:
    """Return wall-time ranges of ``08:00-12:00, 14:00-18:00``."""
    parts = (part.strip().split("-") for part in text.split(","))
    return tuple((time.fromisoformat(opening), time.fromisoformat(closing)) for opening, closing in parts)


def calendar(
    hours: str = "08:00-18:00",
    *,
    days: Iterable[int] = WORKDAYS,
    zone: str = PARIS,
    holidays: Mapping[str, str] | None = None,
    closed: Iterable[str] = (),
    extra: Mapping[str, str] | None = None,
    name: str = "office",
) -> ServiceCalendar:
    """Return a calendar with the same hours on each of *days* (0 is Monday)."""
    return ServiceCalendar(
        name,
        ServiceHours(
            zone,
            {day: ranges(hours) for day in days},
            holidays={date.fromisoformat(day): why for day, why in (holidays or {}).items()},
            closed=frozenset(date.fromisoformat(day) for day in closed),
            extra={date.fromisoformat(day): ranges(text) for day, text in (extra or {}).items()},
        ),
    )


OFFICE = calendar()


def terms(respond: str | None = None, resolve: str | None = None, calendar: ServiceCalendar = ALWAYS) -> PriorityTerms:
    """Return the limits of a priority."""
    return PriorityTerms(calendar, *(None if text is None else limit(text) for text in (respond, resolve)))


def version(start: str = "2025-01-01", **parts: Any) -> ContractVersion:
    """Return a contract version: a desk in scope, P1 to P3 around the clock, no objective."""
    given: dict[str, Any] = {
        "effective_to": None,
        "timezone": PARIS,
        "language": "fr",
        "tickets": TicketScope("desk"),
        "hosts": HostScope("main", ""),
        "priorities": {"P1": terms("30m", "4h"), "P2": terms("1h", "8h"), "P3": terms("4h", "24h")},
    }
    return ContractVersion(
        id="acme",
        customer="ACME SAS",
        provider="Opsline",
        effective_from=date.fromisoformat(start),
        file=f"acme-{start}.yml",
        sha256="0" * 64,
        text="",
        **given | parts,
    )


def contract(*versions: ContractVersion, **parts: Any) -> Contract:
    """Return a contract of these versions, or of one with these parts."""
    return Contract("acme", versions or (version(**parts),))


def hold(start: str | int, end: str | int | None, reason: HoldReason | None = HoldReason.CUSTOMER) -> Hold:
    """Return a hold between two Paris wall times; end None: it still waits."""
    return Hold(instant(start), instant(end), reason)


def reopening(resolved: str | int, reopened: str | int) -> Reopening:
    """Return a reopening."""
    return Reopening(instant(resolved), instant(reopened))


def change(at: str | int, before: str | None, after: str | None) -> PriorityChange:
    """Return a change of priority."""
    return PriorityChange(instant(at), before, after)


def ticket(opened: str | int, resolved: str | int | None = None, *, id: str = "T1", **parts: Any) -> Ticket:  # noqa: A002
    """Return an incident of priority P1, resolved when *resolved* is given; instants may be Paris wall times."""
    given: dict[str, Any] = {
        "priority": "P1",
        "state": State.NEW if resolved is None else State.RESOLVED,
        "resolved": resolved,
    } | parts
    for name in ("responded", "resolved", "closed", "updated"):
        given[name] = instant(given.get(name))
    return Ticket("desk", id, instant(opened), Origin("desk.csv", 2), **given)


def at_least(text: str) -> Target:
    """Return the target ``>= 95%``."""
    return Target(Comparison.AT_LEAST, Fraction(text.rstrip("%")) / 100, TargetUnit.RATIO, f">= {text}")


def at_most(text: str) -> Target:
    """Return the target ``<= 15%`` or ``<= 4h``."""
    if text.endswith("%"):
        return Target(Comparison.AT_MOST, Fraction(text.rstrip("%")) / 100, TargetUnit.RATIO, f"<= {text}")
    return Target(Comparison.AT_MOST, Fraction(seconds(text)), TargetUnit.SECONDS, f"<= {text}")


def objective(indicator: str, target: Target, **parts: Any) -> Objective:
    """Return an objective named after its indicator."""
    return Objective(indicator, indicator, target, **parts)


def desk(
    *tickets: Ticket,
    observed: Sequence[Interval] | None = None,
    newest: str | int = "2027-01-01 00:00",
    max_age: int = 26 * HOUR,
) -> Facts:
    """Return facts of a desk whose exports are complete since 2024, unless *observed* says otherwise."""
    seen = (span("2024-01-01", newest),) if observed is None else tuple(observed)
    return Facts(tickets=TicketFacts(tuple(tickets), seen, instant(newest), max_age))


def month(name: str = "2026-10") -> Period:
    """Return a month in Paris."""
    return Period.parse(name, PARIS)


def request(
    promised: Contract | None = None, period: str = "2026-10", *, now: str | int = "2027-01-01 00:00", **parts: Any
) -> Request:
    """Return a request for a whole period, made long after it unless *now* says otherwise."""
    deal = contract() if promised is None else promised
    asked = month(period)
    part, inside = deal.segments(asked)[-1]
    return Request(deal, part, asked, inside, instant(now), **parts)


def measured(indicator: str, facts: Facts, asked: Request | None = None) -> Reading:
    """Return an indicator's reading."""
    return INDICATORS[indicator].measure(request() if asked is None else asked, facts)


def decided(reading: Reading, promise: Objective, *, elapsed: int = 0, remaining: int = 0) -> Decision:
    """Return what becomes of a promise; in a running period when time remains."""
    return decide(
        reading,
        promise,
        INDICATORS[promise.indicator],
        is_running=remaining > 0,
        elapsed=elapsed,
        remaining=remaining,
    )


def line(*runs: tuple[str | int, str | int, int]) -> Timeline:
    """Return a timeline of (start, end, value)."""
    return Timeline.of(Run(instant(start), instant(end), Fraction(value)) for start, end, value in runs)


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Planned stretches, listed one by one."""

    spans: tuple[Interval, ...]
    services: tuple[str, ...] = ()
    name: str = "patch night"
    declared: int | None = None

    def occurrences(self, span: Interval) -> tuple[Interval, ...]:
        """Return those that meet *span*, whole."""
        return tuple(i for i in self.spans if i.clip(span).seconds)


def fleet(
    pending: Mapping[str, Timeline],
    fresh: Mapping[str, Timeline],
    newest: str | int = "2026-11-03 00:00",
    reboot: Mapping[str, Timeline] | None = None,
) -> HostFacts:
    """Return hosts whose script tells pending updates and reboots; what it says counts while its data are fresh."""
    told, none = {} if reboot is None else reboot, Timeline()
    alive = {name: line.where(lambda v: v >= 1) for name, line in fresh.items()}
    everything = [*pending.items(), *fresh.items(), *told.items()]
    return HostFacts(
        pending={
            name: believed(pending.get(name, none), alive.get(name, ()), is_absence_zero=True)
            for name in pending.keys() | fresh.keys()
        },
        reboot={name: believed(line, alive.get(name, ()), is_absence_zero=False) for name, line in told.items()},
        sighted={
            name: min(line.runs[0].start for other, line in everything if other == name and line.runs)
            for name in {name for name, line in everything if line.runs}
        },
        newest=instant(newest),
        max_age=HOUR,
    )
