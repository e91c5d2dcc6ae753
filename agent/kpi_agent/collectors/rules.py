"""Alerting rules, from ``/api/v1/rules`` (inputs.md C3), and the lines of the alerts that they fired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

from kpi_agent.collectors.answer import Answer, printable
from kpi_agent.collectors.signals import Lines, Reading, count_absent
from kpi_agent.domain.alerts import NAME, alert_text
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.observation import SignalObservation
from kpi_agent.domain.promql import Matcher, parse_matchers
from kpi_agent.domain.time import Interval
from kpi_agent.domain.timeline import Run, Sample, Timeline, from_samples

RULES = "alert_rules"  # the line per alerting rule, and under no key how many there are
_ONE = Fraction(1)
PAGE = {"type": "alert", "exclude_alerts": "true", "group_limit": "500"}
"""What is asked for; servers that know no pages or cannot leave out alerts answer with all at once."""


@dataclass(frozen=True, slots=True)
class AlertRule:
    """One alerting rule; *every* is its group's evaluation interval in seconds."""

    group: str
    name: str
    labels: Mapping[str, str]
    has_runbook: bool
    every: int

    @property
    def key(self) -> str:
        """What names it: its group, its alert, and the labels that it adds."""
        added = alert_text(self.labels)
        return f"{self.group}: {self.name}" + (f" {{{added}}}" if added else "")

    def may_concern(self, matchers: Iterable[Matcher]) -> bool:
        """Whether its alerts may be the contract's: it adds no label that a matcher names with another value.

        A label that is a template, and a matcher by regular expression, leave it open.
        """
        for m in matchers:
            own = self.labels.get(m.label)
            if own is not None and "{{" not in own and _contradicts(m, own):
                return False
        return True


def _contradicts(matcher: Matcher, value: str) -> bool:
    if matcher.operator == "=":
        return value != matcher.value
    return matcher.operator == "!=" and value == matcher.value


def read_all(ask: Callable[[Mapping[str, str]], Answer], *, at: str) -> tuple[list[AlertRule], bool]:
    """Return the rules of every page that *ask* brings, and whether the server said that some are missing."""
    rules, seen, token, is_partial = [], set[str](), "", False
    while token not in seen:
        seen.add(token)
        answer = ask(PAGE | ({"group_next_token": token} if token else {}))
        page, token = read_rules(answer.data, at=at)
        rules += page
        is_partial = is_partial or answer.is_partial
        if not token:
            return rules, is_partial
    raise SourceRejected(f"{at} pages through /api/v1/rules without end")


def read_rules(data: Any, *, at: str) -> tuple[list[AlertRule], str]:
    """Return the alerting rules of one page and the token of the next, empty for the last; SourceRejected otherwise."""
    try:
        rules = [
            _rule(group, rule) for group in data["groups"] for rule in group["rules"] if rule["type"] == "alerting"
        ]
        token = data.get("groupNextToken") or ""
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise SourceRejected(
            f"{at} answered /api/v1/rules with another shape than groups of rules: {printable(repr(error))}"
        ) from error
    if not isinstance(token, str):
        raise SourceRejected(f"{at} answered /api/v1/rules with a page token that is no text")
    return rules, token


def _rule(group: Mapping[str, Any], rule: Mapping[str, Any]) -> AlertRule:
    labels, annotations = rule.get("labels") or {}, rule.get("annotations") or {}
    runbook = annotations.get("runbook_url")
    every = ceil(float(group.get("interval") or 0))
    texts = (group["name"], rule["name"], *labels, *labels.values())
    if not all(isinstance(text, str) for text in texts) or every < 0:
        raise TypeError(rule["name"])
    has_runbook = isinstance(runbook, str) and bool(runbook.strip())
    return AlertRule(group["name"], rule["name"], dict(labels), has_runbook=has_runbook, every=every)


def rule_lines(rules: Iterable[AlertRule], matchers: Iterable[Matcher], held: Interval) -> Mapping[str, Timeline]:
    """Return a line per rule that may concern the contract, 1 with a runbook, else 0; under no key how many there are.

    One told twice (by two replicas) has a runbook where both tell it.
    """
    asked = tuple(matchers)
    found: dict[str, bool] = {}
    for rule in rules:
        if rule.may_concern(asked):
            found[rule.key] = rule.has_runbook and found.get(rule.key, True)
    values = {"": len(found)} | {key: int(has_runbook) for key, has_runbook in found.items()}
    return {key: Timeline.of([Run(held.start, held.end, Fraction(value))]) for key, value in values.items()}


def rules_observation(
    name: str, rules: list[AlertRule], matcher: str, held: Interval, *, is_partial: bool
) -> SignalObservation:
    """Return the lines of the rules; none at all (a store without a ruler) leaves a warning."""
    return SignalObservation(
        signal=name,
        window=held,
        query="/api/v1/rules?type=alert",
        interval=held.seconds,
        lines=rule_lines(rules, parse_matchers(matcher), held),
        samples=1,
        expected=1,
        warnings=() if rules else ("the server lists no alerting rule: what runbooks cover is unknown",),
        is_partial=is_partial,
    )


def intervals_of(rules: Iterable[AlertRule]) -> Mapping[str, int]:
    """Return the evaluation interval by alert; where several groups have one of that name, the longest."""
    found: dict[str, int] = {}
    for rule in rules:
        if rule.every:
            found[rule.name] = max(rule.every, found.get(rule.name, 0))
    return found


def alert_lines(reading: Reading) -> Lines:
    """Return when each alert fired; the value of a run is the seconds between two evaluations of its rule."""
    lines: dict[str, Timeline] = {}
    for series in reading.table:
        every = reading.intervals[id(series)]
        samples = [Sample(m // 1000, _ONE) for m in series.milliseconds]
        runs = from_samples(samples, interval=every, until=reading.window.end).runs
        line = Timeline.of(Run(r.start, r.end, Fraction(every)) for r in runs)
        lines[alert_text(series.labels)] = line.clip(Interval(reading.settled, reading.window.end))
    # How many samples a month of alerts should bring, nobody can say: none is expected.
    days = dict.fromkeys(count_absent(reading.window, 60), (0, 0))
    return Lines(dict(sorted(lines.items())), days)


def alert_name(labels: Mapping[str, str]) -> str | None:
    """Return the alert that a series tells of; None for any other series."""
    return labels.get(NAME) if labels.get("__name__") == "ALERTS" else None
