"""Figures of a contract's own: what an expression gives at the end of each local day (indicators.md §9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from kpi_agent.domain.contract import Aggregate, Objective
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.evaluation import FigureDays
from kpi_agent.domain.facts import CustomFacts, Facts, Window
from kpi_agent.domain.indicators.attainment import window_reasons
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.reading import Origin, Reading, Unit
from kpi_agent.domain.time import local_days
from kpi_agent.domain.timeline import Timeline

_OF_DAYS: Mapping[Aggregate, Callable[[Sequence[Fraction]], Fraction]] = {
    Aggregate.MEAN: lambda values: sum(values, Fraction(0)) / len(values),
    Aggregate.MIN: min,
    Aggregate.MAX: max,
    Aggregate.SUM: lambda values: sum(values, Fraction(0)),
    Aggregate.LAST: lambda values: values[-1],
}


def figure_days(request: Request, facts: Facts) -> FigureDays:
    """Return the days of a request's figure that have ended, each with its value, None where none was observed."""
    objective, window, line = _known(request, facts)
    ended = [(day, span) for day, span in local_days(window.span, request.period.tz) if span.end <= window.until]
    return FigureDays(objective, tuple((day, line.at(span.end - 1)) for day, span in ended))


def _known(request: Request, facts: Facts) -> tuple[Objective, Window, Timeline]:
    name = request.scope.figure
    objective = next((o for o in request.version.objectives if o.id == name), None)
    if objective is None:
        raise NotFound(f"custom needs the objective whose query it is; '{name}' is none of this contract version")
    known = facts.custom.get(objective.line, CustomFacts(Timeline(), None, 0))
    return objective, request.window(known.newest, known.max_age), known.line


def _measure(request: Request, facts: Facts) -> Reading:
    """The days as one value, in the unit of the target; the value of the last day is unknown when that day's is."""
    objective, window, _ = _known(request, facts)
    days = figure_days(request, facts).days
    values = [value for _, value in days if value is not None]
    is_last_unknown = objective.aggregate is Aggregate.LAST and bool(days) and days[-1][1] is None
    return Reading(
        indicator="custom",
        scope=request.scope,
        unit=Unit(objective.target.unit.value),
        value=_OF_DAYS[objective.aggregate](values) if values and not is_last_unknown else None,
        n=len(values),
        coverage=Fraction(len(values), len(days)) if days else Fraction(0),
        as_of=window.as_of,
        origin=Origin.MEASURED,
        details={"days": len(days)},
        reasons=window_reasons(window) if days else ("too_early",),
    )


INDICATORS = (Indicator("custom", Unit.COUNT, "figures", is_more_better=True, measure=_measure),)
