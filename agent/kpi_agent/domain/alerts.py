"""Alerts: what names one, and its firing episodes (indicators.md §9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kpi_agent.domain.cover import Cover
from kpi_agent.domain.promql import Matcher, parse_matchers
from kpi_agent.domain.time import Interval
from kpi_agent.domain.timeline import Timeline

NAME = "alertname"
_NO_PART = ("__name__", "alertstate")


def alert_text(labels: Mapping[str, str]) -> str:
    """Return what names an alert: its labels, sorted, as ``alertname="Down",instance="web01:9100"``."""
    return ",".join(str(Matcher(n, "=", v)) for n, v in sorted(labels.items()) if n not in _NO_PART)


def alert_labels(text: str) -> Mapping[str, str]:
    """Return the labels that ``alert_text`` wrote."""
    return {m.label: m.value for m in parse_matchers(text)}


@dataclass(frozen=True, slots=True)
class Episode:
    """One alert that fired, from its first observation to where it was last seen firing.

    *earliest* is before *start* where the stretch just before was not observed: it began somewhere between the two.
    *latest* is after *end* where the stretch just after was not: it ended in it. FOREVER: nothing is known since.
    """

    alert: str
    start: int
    end: int
    earliest: int
    latest: int


def episodes(alert: str, line: Timeline, observed: Cover) -> Iterator[Episode]:
    """Yield the episodes of one alert; each run's value is the seconds between two evaluations of its rule.

    Observed silence of at most two evaluations is none: the alert flapped. Unobserved time ends no episode.
    """
    start = end = every = earliest = 0
    for run in line.runs:
        if every and observed.seconds(Interval(end, run.start)) <= 2 * every:
            end, every = run.end, int(run.value)
            continue
        if every:
            yield Episode(alert, start, end, earliest, observed.bare_until(end))
        start, end, every = run.start, run.end, int(run.value)
        # An alert that fired when the server came back is seen at the first evaluation of its rule.
        earliest = observed.bare_since(Interval(start - every, start))
    if every:
        yield Episode(alert, start, end, earliest, observed.bare_until(end))
