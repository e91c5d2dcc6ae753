"""Objectives: from what a contract writes to what is judged, with every check that needs the rest of the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from kpi_agent.config.contract_spec import ContractSpec
from kpi_agent.config.custom import custom_faults, custom_offer
from kpi_agent.config.findings import Findings
from kpi_agent.config.limits import limit_on
from kpi_agent.config.objective_spec import ObjectiveSpec, PenaltySpec
from kpi_agent.config.offered import OFFERED, Needs, Offer
from kpi_agent.config.scalars import Duration, did_you_mean
from kpi_agent.config.targets import TargetText
from kpi_agent.domain.calendar import ALWAYS, ServiceCalendar
from kpi_agent.domain.contract import (
    Aggregate,
    Comparison,
    Limit,
    Objective,
    ObjectiveWindow,
    PriorityTerms,
    Scope,
    Target,
    TargetUnit,
)
from kpi_agent.domain.time import DAY
from kpi_agent.strictyaml import Path

_CUSTOM = "custom"
_DEFAULT_INTERVAL = 92 * DAY
# What changes a figure and is not computed yet is refused, never ignored: key, the value that is computed.
_LATER = (
    ("period", "month"),
    ("responded_when", "first_human_action"),
    ("calendar", None),
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """One objective with the place where its problems are reported."""

    spec: ObjectiveSpec
    path: Path
    contract: ContractSpec
    findings: Findings

    def refuse(self, key: str, message: str) -> None:
        self.findings.refuse((*self.path, *key.split(".")), message)


def build_objectives(
    spec: ContractSpec, priorities: Mapping[str, PriorityTerms], findings: Findings
) -> tuple[Objective, ...]:
    """Return the objectives that can be judged; what is wrong with the others goes to *findings*."""
    seen: set[str] = set()
    built = []
    for index, objective in findings.kept(("objectives",), spec.objectives):
        entry = _Entry(objective, ("objectives", index), spec, findings)
        if objective.id in seen:
            entry.refuse("id", f"'{objective.id}' is the id of an earlier objective; write another one")
        seen.add(objective.id)
        built.append(_build(entry, priorities))
    return tuple(objective for objective in built if objective is not None)


def _build(entry: _Entry, priorities: Mapping[str, PriorityTerms]) -> Objective | None:
    spec = entry.spec
    offer = custom_offer(spec) if spec.indicator == _CUSTOM else OFFERED.get(spec.indicator)
    if offer is None:
        available = ", ".join(OFFERED)
        entry.refuse(
            "indicator", f"indicator '{spec.indicator}' is not available in this version; available: {available}"
        )
        return None
    _check_later(entry)
    _check_custom(entry)
    _check_penalty(entry)
    _check_scope(entry, offer)
    _check_source(entry, offer)
    _check_declared(entry)
    if offer.form.limit_name is not None:
        _check_promised(entry, offer.form.limit_name, priorities)
    target = _target(entry, offer, priorities)
    if target is None:
        return None
    _advise_on_coverage(entry, target)
    return Objective(
        id=spec.id,
        indicator=spec.indicator,
        target=target,
        scope=Scope(**spec.scope.model_dump(), figure=spec.id if spec.indicator == _CUSTOM else None),
        statistic=_statistic(entry, offer),
        limit=_limit(entry, offer),
        interval=_interval(entry, offer),
        window=spec.window,
        min_coverage=spec.min_coverage,
        weight=Fraction(spec.weight),
        name={language: name for language, name in spec.name.model_dump().items() if name is not None},
        query=spec.query or "",
        aggregate=Aggregate(spec.aggregate or Aggregate.MEAN),
    )


def _check_later(entry: _Entry) -> None:
    for name, computed in _LATER:
        value = getattr(entry.spec, name)
        if value not in {None, computed}:
            instead = f"write {computed} or leave it out" if computed else "leave it out"
            entry.refuse(name, f"'{name}: {value}' is not supported yet; {instead}")


def _check_custom(entry: _Entry) -> None:
    """Refuse what only a figure of the contract's own has, elsewhere; and there, what makes it none."""
    spec = entry.spec
    if spec.indicator != _CUSTOM:
        for name in ("unit", "query", "aggregate"):
            if getattr(spec, name) is not None:
                entry.refuse(name, f"belongs to the indicator custom; {spec.indicator} has its own: leave it out")
        return
    for name, message in custom_faults(spec):
        entry.findings.refuse((*entry.path, name) if name else entry.path, message)
    scope = entry.contract.scope
    if scope.hosts is None and len({service.source for service in scope.services.values()}) > 1:
        entry.refuse("indicator", "the services have several sources; declare scope.hosts, whose source is asked")
    if spec.aggregate == Aggregate.SUM and spec.min_coverage < 1:
        message = "a sum lacks what days without a value would have brought; write min_coverage: 100%"
        entry.findings.advise((*entry.path, "min_coverage"), message)


def _check_penalty(entry: _Entry) -> None:
    penalty: PenaltySpec | None = entry.spec.penalty
    if penalty is None:
        return
    if (penalty.per_point is not None or penalty.tiers) and penalty.points is None:
        entry.refuse("penalty", "a penalty by points must say how they count; write points: whole, begun or exact")
    entry.findings.advise((*entry.path, "penalty"), "penalties are not estimated by this version")


def _check_scope(entry: _Entry, offer: Offer) -> None:
    parts = entry.spec.scope.model_dump(exclude_none=True)
    for name in parts:
        if name not in offer.form.scope:
            possible = f"possible: {', '.join(sorted(offer.form.scope))}" if offer.form.scope else "leave the scope out"
            entry.refuse(f"scope.{name}", f"{entry.spec.indicator} cannot be measured by {name}; {possible}")
    declared = {
        "priority": ("priorities",),
        "service": ("scope", "services"),
        "backup": ("scope", "backups"),
    }
    for name, block in declared.items():
        if name not in parts or name not in offer.form.scope:
            continue
        known = entry.findings.names(block)
        if parts[name] not in known:
            where = ".".join(block)
            entry.refuse(f"scope.{name}", f"no '{parts[name]}' in {where}{did_you_mean(parts[name], known)}")
    if offer.form.names_service and "service" not in parts:
        entry.refuse("scope", "must say which service; write scope: {service: NAME}")


def _check_source(entry: _Entry, offer: Offer) -> None:
    """Refuse an objective that nothing in the contract's scope can feed."""
    if ("scope", offer.form.needs.value) in entry.findings.damaged or ("scope",) in entry.findings.damaged:
        return
    scope = entry.contract.scope
    lacking = [n for n in (offer.form.needs, offer.form.also) if n is not None and not _declares(entry, n)]
    if offer.form.instead is not None and _declares(entry, offer.form.instead):
        lacking = []
    if lacking:
        wanted = (
            lacking[0].value
            if offer.form.instead is None
            else f"{lacking[0].value} or scope.{offer.form.instead.value}"
        )
        entry.refuse("indicator", f"{entry.spec.indicator} needs scope.{wanted}; declare it in the contract")
    elif (
        offer.form.needs is Needs.BACKUPS and scope.hosts is None and not entry.findings.is_damaged(("scope", "hosts"))
    ):
        entry.refuse("indicator", f"{entry.spec.indicator} is read with the matcher of scope.hosts; declare it")


def _declares(entry: _Entry, part: Needs) -> bool:
    return bool(getattr(entry.contract.scope, part.value) or entry.findings.names(("scope", part.value)))


def _check_declared(entry: _Entry) -> None:
    """Refuse what the contract must name something for: office hours, product teams, the rate of an hour."""
    indicator, tickets = entry.spec.indicator, entry.contract.scope.tickets
    if indicator == "out_of_hours_share" and "office" not in entry.findings.names(("calendars",)):
        entry.refuse("indicator", f"{indicator} needs a calendar named office; write it under calendars")
    if indicator == "product_team_share" and tickets is not None and not tickets.product_teams:
        entry.refuse("indicator", f"{indicator} needs the groups; write scope.tickets.product_teams: [dev-*]")
    if indicator == "single_person_share" and entry.spec.window is not ObjectiveWindow.MONTH:
        entry.refuse("window", "pseudonyms change with the year, so persons are counted month by month; leave it out")
    if indicator == "backup_rpo" and not _has_rpo(entry):
        entry.refuse("indicator", f"{indicator} needs the promise; write scope.backups.NAME: {{rpo: 26h}}")
    if indicator == "interruption_cost" and entry.contract.cost is None and not entry.findings.names(("cost",)):
        entry.refuse("indicator", f"{indicator} needs a rate; write cost: {{hourly_rate: 85.00}}")


def _has_rpo(entry: _Entry) -> bool:
    """Whether a backup set in scope has one, as far as the sets could be read."""
    wanted, sets = entry.spec.scope.backup, entry.contract.scope.backups
    return not sets or any(s.rpo is not None for name, s in sets.items() if wanted in {None, name})


def _check_promised(entry: _Entry, limit_name: str, priorities: Mapping[str, PriorityTerms]) -> None:
    """Refuse a share in time where no limit says what in time is."""
    if entry.findings.is_damaged(("priorities",)):
        return
    wanted = entry.spec.scope.priority
    concerned = {name: terms for name, terms in priorities.items() if wanted in {None, name}}
    if (concerned or wanted is None) and all(getattr(terms, limit_name) is None for terms in concerned.values()):
        name = wanted or "any priority"
        entry.refuse("indicator", f"nothing promises a limit to {limit_name} for {name}; write it under priorities")


def _target(entry: _Entry, offer: Offer, priorities: Mapping[str, PriorityTerms]) -> Target | None:
    text = entry.spec.target
    value = _value(entry, offer, text, priorities)
    if value is None:
        return None
    if offer.is_more_better is not (text.comparison is Comparison.AT_LEAST):
        worse = "less" if offer.is_more_better else "more"
        entry.refuse(
            "target", f"'{text.text}' would reward {worse} of {entry.spec.indicator}; write {offer.form.example}"
        )
    return Target(text.comparison, value, offer.unit, text.text)


def _value(entry: _Entry, offer: Offer, text: TargetText, priorities: Mapping[str, PriorityTerms]) -> Fraction | None:
    """Return the exact number that a target compares with, None when it does not fit the indicator."""
    if offer.unit is TargetUnit.RATIO and text.share is not None:
        if text.share > 1:
            entry.refuse("target", f"'{text.text}' is more than 100 %; write at most 100%")
            return None
        return text.share
    if offer.unit is TargetUnit.SECONDS and text.duration is not None:
        return _seconds(entry, offer, text.duration, priorities)
    if offer.unit in {TargetUnit.COUNT, TargetUnit.MONEY} and text.count is not None:
        return text.count
    kinds = {
        TargetUnit.RATIO: "percentage",
        TargetUnit.SECONDS: "duration",
        TargetUnit.COUNT: "number",
        TargetUnit.MONEY: "number",
    }
    entry.refuse(
        "target", f"{entry.spec.indicator} is a {kinds[offer.unit]}, '{text.text}' is none; write {offer.form.example}"
    )
    return None


def _seconds(
    entry: _Entry, offer: Offer, duration: Duration, priorities: Mapping[str, PriorityTerms]
) -> Fraction | None:
    """Return a target's duration in seconds of the calendars that the measured durations count on."""
    calendars: list[ServiceCalendar] = [ALWAYS]
    if offer.form.needs is Needs.TICKETS:
        wanted = entry.spec.scope.priority
        calendars = [terms.calendar for name, terms in priorities.items() if wanted in {None, name}]
    try:
        lengths = {limit_on(duration, calendar).seconds for calendar in calendars or [ALWAYS]}
    except ValueError as error:
        entry.refuse("target", str(error))
        return None
    if len(lengths) > 1:
        entry.refuse(
            "target", f"'{duration.text}' is not equally long under each priority; name a priority in the scope"
        )
        return None
    return Fraction(lengths.pop())


def _statistic(entry: _Entry, offer: Offer) -> str | None:
    given = entry.spec.statistic
    has_statistic = offer.unit is TargetUnit.SECONDS and offer.form.has_statistic
    if has_statistic and given is None:
        entry.findings.refuse(entry.path, "a duration needs a statistic; write statistic: median, mean, p90 or max")
    if not has_statistic and given is not None:
        what = "one duration" if offer.unit is TargetUnit.SECONDS else "no duration"
        entry.refuse("statistic", f"{entry.spec.indicator} is {what} and has no statistic; leave it out")
    return given


def _limit(entry: _Entry, offer: Offer) -> Limit | None:
    given = entry.spec.limit
    if given is None:
        if offer.form.has_limit:
            entry.findings.refuse(entry.path, f"{entry.spec.indicator} needs a limit; write limit: 14d")
        return None
    if not offer.form.has_limit:
        where = "its limits are those of priorities" if offer.form.limit_name else "leave it out"
        entry.refuse("limit", f"{entry.spec.indicator} takes no limit here; {where}")
        return None
    if given.unit == "wd":
        entry.refuse("limit", f"'{given.text}' counts working days, but patching counts around the clock; write days")
        return None
    try:
        return limit_on(given, ALWAYS)
    except ValueError as error:
        entry.refuse("limit", str(error))
        return None


def _interval(entry: _Entry, offer: Offer) -> int | None:
    given = entry.spec.interval
    if given is not None and not offer.form.has_interval:
        entry.refuse("interval", f"{entry.spec.indicator} takes no interval; leave it out")
        return None
    if given is not None and given.seconds == 0:
        entry.refuse("interval", f"'{given.text}' leaves no time; write a longer interval, such as 92d")
    if given is None:
        return _DEFAULT_INTERVAL if offer.form.has_interval else None
    return given.seconds


def _advise_on_coverage(entry: _Entry, target: Target) -> None:
    """Say when more may stay unseen than the objective may lose (indicators.md §3)."""
    unseen, budget = 1 - entry.spec.min_coverage, 1 - target.value
    if entry.spec.indicator == "availability" and unseen > budget:
        message = (
            f"up to {_percent(unseen)} of the period may stay unobserved, but the target bears only {_percent(budget)} "
            f"of downtime; write min_coverage: {_percent(target.value)}"
        )
        entry.findings.advise((*entry.path, "min_coverage"), message)


def _percent(share: Fraction) -> str:
    """Return a share as exact percent, without trailing zeros."""
    points = share * 100
    digits = f"{points.numerator * 10**12 // points.denominator:013d}"
    return f"{digits[:-12]}.{digits[-12:]}".rstrip("0").rstrip(".") + "%"
