"""Alerts: how many, at night, acted on; and how many rules say what to do (indicators.md §9)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from kpi_agent.domain.alerts import NAME, Episode, alert_labels, episodes
from kpi_agent.domain.cover import Cover
from kpi_agent.domain.evaluation import AlertLine
from kpi_agent.domain.facts import AlertFacts, Facts, Window
from kpi_agent.domain.indicators.attainment import window_reasons
from kpi_agent.domain.indicators.caseload import ticket_coverage, ticket_window, told_reasons
from kpi_agent.domain.indicators.places import Openings, Place, openings, place_of
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.reading import Origin, Reading, Unit, share
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval, intersection, local_days, to_instant, total

_WEEK = 7 * DAY
_BEFORE, _AFTER = 15 * MINUTE, HOUR
_NIGHT_BEGINS, _NIGHT_ENDS = time(22), time(7)


def alert_cover(facts: AlertFacts) -> Cover:
    """Return when an alert would have been seen; the facts remember it."""
    if "cover" not in facts.known:
        facts.known["cover"] = Cover(facts.observed())
    cover: Cover = facts.known["cover"]
    return cover


def alert_episodes(facts: AlertFacts) -> Sequence[Episode]:
    """Return every episode by start; the facts remember them."""
    if "episodes" not in facts.known:
        cover = alert_cover(facts)
        found = (e for alert, line in facts.firing.items() for e in episodes(alert, line, cover))
        facts.known["episodes"] = sorted(found, key=lambda e: (e.start, e.alert))
    known: Sequence[Episode] = facts.known["episodes"]
    return known


def alert_window(request: Request, facts: Facts) -> Window:
    """Return how far the request's span is known from the server that tells alerts."""
    return request.window(facts.alerts.newest, facts.alerts.max_age)


def _begun(request: Request, facts: Facts) -> list[Episode]:
    """Return the episodes that began in the span, by start."""
    window = alert_window(request, facts)
    span = Interval(window.span.start, window.end)
    return [e for e in alert_episodes(facts.alerts) if e.start in span]


def _seen(window: Window, facts: Facts) -> Fraction:
    return window.coverage(alert_cover(facts.alerts).spans)


def _reasons(window: Window, facts: Facts) -> tuple[str, ...]:
    return window_reasons(window) + (() if alert_cover(facts.alerts).spans else ("no_rules",))


def _per_week(request: Request, facts: Facts) -> Reading:
    """Episodes that began in the span x 7 d / observed time of it: what nobody observed is not taken for quiet."""
    window = alert_window(request, facts)
    begun = _begun(request, facts)
    seen = alert_cover(facts.alerts).seconds(window.elapsed)
    coverage = _seen(window, facts)
    return Reading(
        indicator="alerts_per_week",
        scope=request.scope,
        unit=Unit.COUNT,
        value=share(len(begun) * _WEEK, seen),
        n=len(begun),
        coverage=coverage,
        source_coverage=coverage,
        as_of=window.as_of,
        origin=Origin.MEASURED,
        details={
            "episodes": len(begun),
            "observed": seen,
            "rules": len({_rule(e) for e in begun}),
            "start_unobserved": sum(e.earliest < e.start for e in begun),
        },
        reasons=_reasons(window, facts),
    )


def nights(span: Interval, tz: ZoneInfo) -> tuple[Interval, ...]:
    """Return the stretches of *span* between 22:00 and 07:00 local wall time."""
    around = Interval(span.start - DAY, span.end + DAY)
    found = []
    for day, _ in local_days(around, tz):
        evening = to_instant(datetime.combine(day, _NIGHT_BEGINS), tz)
        morning = to_instant(datetime.combine(day + timedelta(days=1), _NIGHT_ENDS), tz)
        found.append(Interval(evening, morning))
    return intersection(found, [span])


def _dark(begun: Sequence[Episode], tz: ZoneInfo) -> Cover:
    """Return the nights in which episodes may have begun."""
    if not begun:
        return Cover(())
    spans = [_beginning(e) for e in begun]
    return Cover(nights(Interval(min(i.start for i in spans), max(i.end for i in spans)), tz))


def _beginning(episode: Episode) -> Interval:
    """Return the seconds in which it may have begun; more than two days hold day and night, whatever came before."""
    return Interval(max(episode.earliest, episode.start - 2 * DAY), episode.start + 1)


def _night_alerts(request: Request, facts: Facts) -> Reading:
    """Episodes that began between 22:00 and 07:00 of the contract's time.

    One that may have begun by night or by day, for nobody observed its beginning, is undetermined.
    """
    window = alert_window(request, facts)
    begun, tz = _begun(request, facts), request.period.tz
    dark = _dark(begun, tz)
    at_night = [e for e in begun if dark.holds(_beginning(e))]
    undetermined = sum(0 < dark.seconds(_beginning(e)) < _beginning(e).seconds for e in begun)
    of_nights = nights(window.elapsed, tz)
    whole = total(of_nights)
    seen = sum(alert_cover(facts.alerts).seconds(i) for i in of_nights)
    # Before the first night of a running period there was nothing to observe.
    coverage = Fraction(seen, whole) if whole else _seen(window, facts)
    return Reading(
        indicator="night_alerts",
        scope=request.scope,
        unit=Unit.COUNT,
        value=Fraction(len(at_night)) if coverage else None,
        n=len(begun),
        coverage=coverage,
        source_coverage=coverage,
        as_of=window.as_of,
        lowest=Fraction(len(at_night)) if undetermined else None,
        highest=Fraction(len(at_night) + undetermined) if undetermined else None,
        undetermined=undetermined,
        origin=Origin.MEASURED,
        details={"episodes": len(begun)},
        reasons=_reasons(window, facts),
    )


@dataclass(frozen=True, slots=True)
class _Acts:
    """What became of the alerts of a span: episodes acted on, those that were not, and those nobody can tell of."""

    acted: Sequence[Episode]
    ignored: Sequence[Episode]
    undetermined: Sequence[Episode]
    placeless: Sequence[Episode]  # nothing in them names a host or a service
    is_incomparable: bool  # the desk tells no hosts, or no services, so that some could not be found


def _acts(request: Request, facts: Facts) -> _Acts:
    known = openings(request, facts)
    told = Cover(facts.tickets.observed_of("incident"))
    services = tuple(request.version.services.values())
    places: dict[str, Place] = {}
    sorted_out: dict[str, list[Episode]] = defaultdict(list)
    is_incomparable = False
    for episode in _begun(request, facts):
        if episode.alert not in places:
            places[episode.alert] = place_of(alert_labels(episode.alert), services)
        place = places[episode.alert]
        first, last = episode.earliest - _BEFORE, episode.latest + _AFTER
        if place.host is None and not place.services:
            sorted_out["placeless"].append(episode)
        elif known.of_place(place, episode.start - _BEFORE, episode.end + _AFTER) is not None:
            sorted_out["acted"].append(episode)
        elif not _is_comparable(place, known, request):
            sorted_out["undetermined"].append(episode)
            is_incomparable = True
        elif known.of_place(place, first, last) is not None or not told.holds(Interval(first, last + 1)):
            sorted_out["undetermined"].append(episode)
        else:
            sorted_out["ignored"].append(episode)
    return _Acts(
        sorted_out["acted"],
        sorted_out["ignored"],
        sorted_out["undetermined"],
        sorted_out["placeless"],
        is_incomparable,
    )


def _is_comparable(place: Place, known: Openings, request: Request) -> bool:
    services = request.version.services
    by_host = place.host is not None and known.tells_host
    return by_host or any(known.can_find(services[name]) for name in place.services)


def _acted_on(request: Request, facts: Facts) -> Reading:
    """Episodes with a ticket of their host or service, from 15 min before to 60 min after / those with a place."""
    window = alert_window(request, facts)
    found = _acts(request, facts)
    acted, undetermined = len(found.acted), len(found.undetermined)
    judged = acted + len(found.ignored)
    told = Fraction(judged, judged + undetermined) if undetermined else Fraction(1)
    seen = _seen(window, facts)
    has_desk = request.version.tickets is not None
    desk = ticket_coverage(request, ticket_window(request, facts), facts) if has_desk else Fraction(0)
    reasons = _reasons(window, facts) + told_reasons(facts) + (() if has_desk else ("no_tickets",))
    return Reading(
        indicator="alerts_acted_on",
        scope=request.scope,
        unit=Unit.RATIO,
        value=share(acted, judged),
        n=judged,
        numerator=acted,
        denominator=judged,
        coverage=min(seen, desk, told),
        source_coverage=min(seen, desk),
        as_of=window.as_of,
        lowest=share(acted, judged + undetermined) if undetermined else None,
        highest=share(acted + undetermined, judged + undetermined) if undetermined else None,
        undetermined=undetermined,
        origin=Origin.EXPORTED,
        details={"placeless": len(found.placeless), "tickets_placeless": _placeless(request, facts, window)},
        reasons=reasons + (("places_unknown",) if found.is_incomparable else ()),
        evidence=tuple(dict.fromkeys(e.alert for e in found.ignored)),
    )


def _placeless(request: Request, facts: Facts, window: Window) -> int:
    """Return how many tickets of the span tell neither a host nor a service: no alert finds them."""
    return sum(i in window.span for i in openings(request, facts).placeless)


def _runbook_coverage(request: Request, facts: Facts) -> Reading:
    """Alerting rules with a runbook at the end of the span / alerting rules."""
    window, alerts = alert_window(request, facts), facts.alerts
    at = window.end - 1
    is_told = (alerts.told.at(at) or 0) >= 1
    told = {rule: line.at(at) for rule, line in alerts.rules.items()} if is_told else {}
    rules = {rule: value for rule, value in told.items() if value is not None}
    with_one = sum(value >= 1 for value in rules.values())
    coverage = Fraction(1) if rules else Fraction(0)
    return Reading(
        indicator="runbook_coverage",
        scope=request.scope,
        unit=Unit.RATIO,
        value=share(with_one, len(rules)),
        n=len(rules),
        numerator=with_one,
        denominator=len(rules),
        coverage=coverage,
        source_coverage=coverage,
        as_of=window.as_of,
        origin=Origin.MEASURED,
        reasons=window_reasons(window) + (() if rules else ("rules_untold",)),
        evidence=tuple(sorted(rule for rule, value in rules.items() if value < 1)),
    )


def _rule(episode: Episode) -> str:
    return alert_labels(episode.alert).get(NAME, "")


def alert_lines(request: Request, facts: Facts) -> tuple[AlertLine, ...]:
    """Return a line per rule with an episode that began in the span, the noisiest first."""
    acts, begun = _acts(request, facts), _begun(request, facts)
    acted, judged = set(acts.acted), {*acts.acted, *acts.ignored}
    by_rule: dict[str, list[Episode]] = defaultdict(list)
    for episode in begun:
        by_rule[_rule(episode)].append(episode)
    window, dark = alert_window(request, facts), _dark(begun, request.period.tz)
    lines = (
        AlertLine(
            rule=rule,
            episodes=len(own),
            alerts=len({e.alert for e in own}),
            seconds=sum(min(e.end, window.end) - e.start for e in own),
            at_night=sum(dark.holds(_beginning(e)) for e in own),
            acted_on=sum(e in acted for e in own),
            judged=sum(e in judged for e in own),
        )
        for rule, own in by_rule.items()
    )
    return tuple(sorted(lines, key=lambda line: (-line.episodes, -line.seconds, line.rule)))


INDICATORS = (
    Indicator("alerts_per_week", Unit.COUNT, "alerting", is_more_better=False, measure=_per_week),
    Indicator("alerts_acted_on", Unit.RATIO, "alerting", is_more_better=True, measure=_acted_on),
    Indicator("night_alerts", Unit.COUNT, "alerting", is_more_better=False, measure=_night_alerts),
    Indicator("runbook_coverage", Unit.RATIO, "alerting", is_more_better=True, measure=_runbook_coverage),
)
