"""Outages: who noticed them, and how soon (indicators.md §4 and §9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kpi_agent.domain.alerts import Episode, alert_labels
from kpi_agent.domain.calendar import FOREVER
from kpi_agent.domain.contract import Contract, ContractVersion
from kpi_agent.domain.cover import Cover
from kpi_agent.domain.facts import Facts, ServiceFacts, Window
from kpi_agent.domain.indicators.alerting import alert_cover, alert_episodes
from kpi_agent.domain.indicators.attainment import window_reasons
from kpi_agent.domain.indicators.availability import down_runs, shares
from kpi_agent.domain.indicators.caseload import ticket_coverage, ticket_window, told_reasons
from kpi_agent.domain.indicators.maintenance import maintenance_of
from kpi_agent.domain.indicators.places import Openings, openings, place_of
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.reading import Origin, Reading, Unit, statistics_of
from kpi_agent.domain.time import MINUTE, Interval, Period, intersection, to_utc_text, total
from kpi_agent.domain.timeline import Timeline

_BEFORE, _AFTER = 5 * MINUTE, 30 * MINUTE


@dataclass(frozen=True, slots=True)
class Outage:
    """One outage of a service as somebody could notice it.

    It goes on through unobserved time, for nobody saw it end. *earliest* is before *start* where the stretch just
    before was not observed: it began somewhere between the two.
    """

    service: str
    start: int
    end: int
    earliest: int

    @property
    def until(self) -> int:
        """The last instant at which it still counts as noticed."""
        return max(self.end, self.start + _AFTER)


def outages(service: str, line: Timeline, min_outage: int) -> Iterator[Outage]:
    """Yield the outages of a service: those of its availability, joined where only unobserved time lies between."""
    known = Cover(line.known())
    held: Outage | None = None
    for run in down_runs(line, min_outage):
        if held is not None and not known.seconds(Interval(held.end, run.start)):
            held = Outage(service, held.start, run.end, held.earliest)
            continue
        if held is not None:
            yield held
        held = Outage(service, run.start, run.end, known.bare_since(Interval(run.start - 1, run.start)))
    if held is not None:
        yield held


def _services(request: Request) -> list[str]:
    wanted = request.scope.service
    return sorted(name for name in request.version.services if wanted in {None, name})


def _windows(request: Request, facts: Facts) -> dict[str, Window]:
    """Return how far the span of each service in scope is known."""
    none = ServiceFacts(Timeline(), None, 0)
    known = {name: facts.services.get(name, none) for name in _services(request)}
    return {name: request.window(k.newest, k.max_age) for name, k in known.items()}


def _begun(request: Request, facts: Facts) -> list[Outage]:
    """Return the outages that began in the span and that availability counts, by start.

    Left out: what lies outside service hours or in planned maintenance as a whole, by the terms in force at its start.
    """
    found = []
    for name, window in _windows(request, facts).items():
        known = facts.services.get(name)
        for version, part in _versions(request.contract, Interval(window.span.start, window.end)):
            if known is not None and name in version.services:
                own = outages(name, known.line, version.services[name].min_outage)
                found += [o for o in own if o.start in part and _is_counted(version, o, known.line, request)]
    return sorted(found, key=lambda o: (o.start, o.service))


def _versions(contract: Contract, span: Interval) -> Iterator[tuple[ContractVersion, Interval]]:
    """Yield each version of a contract with its part of a span."""
    ends = [*(v.start for v in contract.versions[1:]), FOREVER]
    for version, end in zip(contract.versions, ends, strict=True):
        yield version, Interval(version.start, end).clip(span)


def _is_counted(version: ContractVersion, outage: Outage, line: Timeline, request: Request) -> bool:
    """Whether some of it is downtime of the service's availability."""
    whole = Interval(outage.start, outage.end)
    planned: list[Interval] = []
    month = Period.month_of(outage.start, request.period.timezone)
    while month.start < outage.end:
        planned += maintenance_of(version, outage.service, month, whole).planned
        month = month.following()
    return bool(shares(version.services[outage.service], line, tuple(planned), whole).down)


def _coverage(request: Request, facts: Facts) -> Fraction:
    """Return the observed share of the services in scope; 0 of none."""
    windows = _windows(request, facts)
    whole = sum(w.elapsed.seconds for w in windows.values())
    lines = {name: facts.services[name].line for name in windows if name in facts.services}
    seen = sum(total(intersection(line.known(), [windows[name].elapsed])) for name, line in lines.items())
    return Fraction(seen, whole) if whole else Fraction(0)


def _as_of(request: Request, facts: Facts) -> Window:
    """Return the window of the service that is known least far."""
    windows = list(_windows(request, facts).values()) or [request.window(None, 0)]
    return min(windows, key=lambda w: w.as_of)


def _undetected(request: Request, facts: Facts) -> Reading:
    """Outages without a ticket of their service, opened from 5 min before to 30 min after their start.

    Undetermined: exports do not cover that stretch, the desk tells no services, or its beginning was not observed.
    """
    known, told = openings(request, facts), Cover(facts.tickets.observed_of("incident"))
    begun = _begun(request, facts)
    missed: list[Outage] = []
    undetermined = 0
    is_incomparable = False
    for outage in begun:
        first, last = outage.earliest - _BEFORE, outage.start + _AFTER
        if known.of_service(outage.service, outage.start - _BEFORE, outage.earliest + _AFTER) is not None:
            continue
        is_comparable = known.can_find(request.version.services[outage.service])
        if (
            is_comparable
            and told.holds(Interval(first, last + 1))
            and known.of_service(outage.service, first, last) is None
        ):
            missed.append(outage)
        else:
            undetermined += 1
        is_incomparable = is_incomparable or not is_comparable
    seen = _coverage(request, facts)
    has_desk = request.version.tickets is not None
    desk = ticket_coverage(request, ticket_window(request, facts), facts) if has_desk else Fraction(0)
    judged = len(begun) - undetermined
    coverage = min(seen, desk, Fraction(judged, len(begun)) if undetermined else Fraction(1))
    window = _as_of(request, facts)
    return Reading(
        indicator="undetected_outages",
        scope=request.scope,
        unit=Unit.COUNT,
        value=Fraction(len(missed)) if min(seen, desk) and (judged or not begun) else None,
        n=len(begun),
        coverage=coverage,
        source_coverage=min(seen, desk),
        as_of=window.as_of,
        lowest=Fraction(len(missed)) if begun else None,
        highest=Fraction(len(missed) + undetermined) if begun else None,
        undetermined=undetermined,
        origin=Origin.EXPORTED,
        details={"outages": len(begun)},
        reasons=window_reasons(window)
        + told_reasons(facts)
        + (() if has_desk else ("no_tickets",))
        + (("places_unknown",) if is_incomparable else ()),
        evidence=tuple(f"{o.service} {to_utc_text(o.start)}" for o in missed),
    )


@dataclass(frozen=True, slots=True)
class _Watch:
    """What may notice an outage: the alerts and tickets of each service, and when both kinds would have been seen."""

    alerts: Mapping[str, Sequence[Episode]]
    tickets: Openings
    told: Cover
    lacks: tuple[str, ...]

    def first(self, outage: Outage) -> tuple[int | None, bool]:
        """Return when an outage was first noticed, None when it was not; and whether that was by an alert.

        An alert that fires already, or a ticket opened up to 5 min before, notices it as it begins.
        """
        first, last = outage.start - _BEFORE, outage.until
        own = self.alerts.get(outage.service, ())
        fired = [max(e.start, first) for e in own if e.start <= last and e.end > first]
        ticket = self.tickets.of_service(outage.service, first, last)
        by_alert = min(fired, default=None)
        if by_alert is None or (ticket is not None and ticket < by_alert):
            return ticket, False
        return by_alert, True


def _watch(request: Request, facts: Facts) -> _Watch:
    services = tuple(request.version.services.values())
    found: dict[str, list[Episode]] = defaultdict(list)
    places: dict[str, tuple[str, ...]] = {}
    for episode in alert_episodes(facts.alerts):
        if episode.alert not in places:
            places[episode.alert] = place_of(alert_labels(episode.alert), services).services
        for service in places[episode.alert]:
            found[service].append(episode)
    known: list[tuple[Interval, ...]] = []
    lacks = []
    cover = alert_cover(facts.alerts)
    if cover.spans:
        known.append(cover.spans)
    else:
        lacks.append("no_alerts")
    if request.version.tickets is not None:
        known.append(facts.tickets.observed_of("incident"))
    else:
        lacks.append("no_tickets")
    told = known[0] if known else ()
    for other in known[1:]:
        told = intersection(told, other)
    return _Watch(found, openings(request, facts), Cover(told), tuple(lacks))


def _time_to_detect(request: Request, facts: Facts) -> Reading:
    """From an outage's start to the first alert or ticket of its service, over the outages that began in the span.

    Those that nobody noticed are counted apart; *highest* is the statistic with them, each as long as it went on so.
    Undetermined: something earlier may have gone unobserved, or the beginning itself.
    """
    watch, begun = _watch(request, facts), _begun(request, facts)
    lags: list[int] = []
    unnoticed: list[int] = []
    by_alert = 0
    for outage in begun:
        at, is_alert = watch.first(outage)
        until = outage.until if at is None else at
        if outage.earliest < outage.start or not watch.told.holds(Interval(outage.start - _BEFORE, until)):
            continue
        if at is None:
            unnoticed.append(until - outage.start)
        else:
            lags.append(max(0, at - outage.start))
            by_alert += is_alert
    judged = len(lags) + len(unnoticed)
    undetermined = len(begun) - judged
    seen = _coverage(request, facts) if len(watch.lacks) < 2 else Fraction(0)  # noqa: PLR2004 - alerts and tickets
    statistics, with_unnoticed = statistics_of(lags), statistics_of([*lags, *unnoticed])
    window = _as_of(request, facts)
    value = None if statistics is None else getattr(statistics, request.statistic)
    return Reading(
        indicator="time_to_detect",
        scope=request.scope,
        unit=Unit.SECONDS,
        value=value,
        n=judged,
        statistics=statistics,
        coverage=min(seen, Fraction(judged, len(begun)) if undetermined else Fraction(1)),
        source_coverage=seen,
        as_of=window.as_of,
        lowest=value if unnoticed else None,
        highest=getattr(with_unnoticed, request.statistic) if unnoticed and with_unnoticed is not None else None,
        undetermined=undetermined,
        origin=Origin.MEASURED,
        details={
            "outages": len(begun),
            "unnoticed": len(unnoticed),
            "by_alert": by_alert,
            "by_ticket": len(lags) - by_alert,
        },
        reasons=window_reasons(window) + watch.lacks + (("unnoticed",) if unnoticed else ()),
    )


INDICATORS = (
    Indicator("time_to_detect", Unit.SECONDS, "alerting", is_more_better=False, measure=_time_to_detect),
    Indicator("undetected_outages", Unit.COUNT, "alerting", is_more_better=False, measure=_undetected),
)
