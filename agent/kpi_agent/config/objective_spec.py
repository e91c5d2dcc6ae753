"""Objectives and penalties as a contract writes them (interface.md §3)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from kpi_agent.config.fields import (
    LimitText,
    Money,
    Number,
    Percentage,
    Slug,
    Span,
    TargetValue,
    Text,
    member_of,
    one_of,
)
from kpi_agent.config.spec import Spec, key
from kpi_agent.domain.contract import ObjectiveWindow
from kpi_agent.domain.ticket import PRIORITIES, Kind


class ObjectiveScopeSpec(Spec):
    """What an objective is about; nothing is the whole contract."""

    priority: Annotated[str, one_of(*PRIORITIES)] | None = key("a priority of the contract", "P1", None)
    service: Text | None = key("a service of the contract's scope", "portal", None)
    kind: Annotated[str, one_of(*Kind)] | None = key("kind of ticket; without it, incidents", "incident", None)
    group: Text | None = key("tickets of this group, as the desk names it", "Run N2", None)
    category: Text | None = key("tickets of this category, as the desk names it", "Network", None)
    entity: Text | None = key("tickets of this entity, as the desk names it", "ACME", None)
    backup: Text | None = key("a backup set of the contract's scope", "db-main", None)


class TierSpec(Spec):
    """A step of a penalty."""

    below: Percentage = key("the step applies below this value", "95%")
    rate: Percentage = key("share of the basis that is due", "2%")


class PenaltySpec(Spec):
    """What a miss costs, always estimated (indicators.md §10)."""

    basis: Money = key("amount that the rates are shares of, in the contract's currency", "4200.00")
    points: Annotated[str, one_of("whole", "begun", "exact")] | None = key(
        "how missing points are counted", "whole", None
    )
    per_point: Percentage | None = key("share of the basis per missing point", "1%", None)
    tiers: tuple[TierSpec, ...] = key("steps in place of a rate per point", [{"below": "95%", "rate": "2%"}], ())
    per_breach: Money | None = key("amount for each breach", "150.00", None)
    per_hour: Money | None = key("amount for each hour begun", "80.00", None)
    franchise: Number = key("missing points that cost nothing", "0", Decimal(0))
    franchise_kind: Annotated[str, one_of("absolute", "simple")] = key(
        "absolute: taken off; simple: a threshold", "absolute", "absolute"
    )
    floor: Money | None = key("amounts under it are not due", "50.00", None)
    cap: Percentage | None = key("at most this share of the basis a month", "10%", None)
    exclusive: Slug | None = key("group in which one cause costs one penalty, the highest", "portal", None)
    small_sample: Text | None = key("what is agreed for few cases", "10", None)


class NameSpec(Spec):
    """A name in the report's languages."""

    fr: Text | None = key("name in French", "Prise en compte des P1", None)
    en: Text | None = key("name in English", "P1 taken up", None)


class ObjectiveSpec(Spec):
    """One promise: indicator, scope, limit and target."""

    id: Slug = key("short name, unique in the contract", "gti-p1")
    indicator: Text = key("what is measured", "respond_in_time")
    target: TargetValue = key("what is promised", ">= 95%")
    scope: ObjectiveScopeSpec = key("what it is about", {"priority": "P1"}, ObjectiveScopeSpec())
    statistic: Annotated[str, one_of("median", "mean", "p90", "max")] | None = key(
        "which statistic of durations is compared", "median", None
    )
    limit: LimitText | None = key("age above which something is late (patching)", "14d", None)
    interval: Span | None = key("how old the last passed test may be (restore_coverage)", "92d", None)
    min_coverage: Percentage = key("share that must have been observed for a verdict", "95%", Fraction(95, 100))
    weight: Number = key("order of importance in the report; changes no figure", "1", Decimal(1))
    name: NameSpec = key("name in the report", {"fr": "Prise en compte des P1", "en": "P1 taken up"}, NameSpec())
    penalty: PenaltySpec | None = key(
        "what a miss costs", {"basis": "4200.00", "per_point": "1%", "points": "whole"}, None
    )
    period: Annotated[str, one_of("month", "quarter")] = key("period that is judged", "month", "month")
    window: Annotated[ObjectiveWindow, member_of(ObjectiveWindow)] = key(
        "stretch that is judged", "rolling 3 months", ObjectiveWindow.MONTH
    )
    calendar: Text | None = key("calendar that the limit counts on", "office", None)
    responded_when: Text | None = key("what counts as a response", "first_human_action", None)
    unit: Text | None = key("unit of a custom figure", "count", None)
    query: Text | None = key("PromQL expression of a custom figure", "sum(queue_length)", None)
    aggregate: Annotated[str, one_of("last", "mean", "min", "max", "sum")] | None = key(
        "how a custom figure's days become one", "mean", None
    )
