"""What is asked of an indicator: the same shape for every topic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from kpi_agent.domain.contract import Contract, ContractVersion, Limit, Scope
from kpi_agent.domain.facts import Facts, Window, window
from kpi_agent.domain.reading import Reading, Unit
from kpi_agent.domain.time import DAY, Interval, Period

_WHOLE_CONTRACT = Scope()


@dataclass(frozen=True, slots=True)
class Request:
    """One reading to take over *span*, a stretch of *period*, knowing what is known at *now*."""

    contract: Contract
    version: ContractVersion
    period: Period
    span: Interval
    now: int
    scope: Scope = _WHOLE_CONTRACT
    statistic: str = "median"
    limit: Limit | None = None
    interval: int = 92 * DAY
    min_coverage: Fraction = Fraction(95, 100)

    def window(self, newest: int | None, max_age: int) -> Window:
        """Return how far the span can be known from a source."""
        return window(self.span, now=self.now, newest=newest, max_age=max_age)


@dataclass(frozen=True, slots=True)
class Indicator:
    """A definition: its public id, its unit, whether more is better, and how it is measured.

    *is_attainment*: a share of things judged by the one rule. *topic* is the report's page.
    """

    id: str
    unit: Unit
    topic: str
    is_more_better: bool
    measure: Callable[[Request, Facts], Reading]
    is_attainment: bool = False
    is_availability: bool = False
