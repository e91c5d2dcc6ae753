"""Figures of a contract's own: the query, how its days become one value, and what its target makes of the unit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kpi_agent.config.objective_spec import ObjectiveSpec
from kpi_agent.config.offered import OFFERED, Offer
from kpi_agent.config.promql import hides_absence, is_balanced
from kpi_agent.config.targets import TargetText
from kpi_agent.domain.contract import Comparison, TargetUnit

_UNITS = {
    TargetUnit.RATIO: 'a target such as ">= 95%"',
    TargetUnit.SECONDS: 'a target such as "<= 4h"',
    TargetUnit.COUNT: 'a target such as "<= 20"',
    TargetUnit.MONEY: 'a target such as "<= 2000"',
}


def custom_offer(spec: ObjectiveSpec) -> Offer:
    """Return what an objective on a figure of the contract's own may say: its target tells unit and direction."""
    is_more_better = spec.target.comparison is Comparison.AT_LEAST
    return replace(OFFERED["custom"], unit=_unit_of(spec.target, spec.unit), is_more_better=is_more_better)


def _unit_of(target: TargetText, said: str | None) -> TargetUnit:
    if target.share is not None:
        return TargetUnit.RATIO
    if target.duration is not None:
        return TargetUnit.SECONDS
    return TargetUnit.MONEY if said == TargetUnit.MONEY else TargetUnit.COUNT


def custom_faults(spec: ObjectiveSpec) -> Iterator[tuple[str, str]]:
    """Yield the key and what is wrong with it, of an objective on a figure of the contract's own."""
    unit = _unit_of(spec.target, spec.unit)
    if spec.unit is not None and spec.unit not in _UNITS:
        yield "unit", f"unknown unit '{spec.unit}'; write {', '.join(_UNITS)}, or leave it out: the target tells it"
    elif spec.unit is not None and spec.unit != unit:
        wanted = _UNITS[TargetUnit(spec.unit)]
        yield "unit", f"'{spec.unit}' needs {wanted}, and '{spec.target.text}' is {unit}; leave unit out, or mend it"
    if spec.query is None:
        yield "", "needs the figure itself; write query: 'sum(queue_length)'"
    elif not is_balanced(spec.query) or not spec.query.strip():
        yield "query", "its brackets or quotes do not close; write a PromQL expression, such as 'sum(queue_length)'"
    elif hides_absence(spec.query):
        yield "query", "'or vector(…)' turns missing data into a value; leave it out: a day without a value is unknown"
    if spec.aggregate is None:
        yield "", "must say how its days become one value; write aggregate: last, mean, min, max or sum"
