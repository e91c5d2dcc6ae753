"""What was measured: a value with its count, its coverage and its evidence (indicators.md §3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from kpi_agent.domain.contract import Scope
from kpi_agent.domain.time import HOUR, Interval


class Unit(StrEnum):
    """What a reading's value counts."""

    RATIO = "ratio"
    SECONDS = "seconds"
    COUNT = "count"
    MONEY = "money"  # in the contract's currency


class Origin(StrEnum):
    """Who says so: we measured, a tool exported it, or a person declared it."""

    MEASURED = "measured"
    EXPORTED = "exported"
    DECLARED = "declared"


@dataclass(frozen=True, slots=True)
class Statistics:
    """Of durations in seconds; exact."""

    n: int
    mean: Fraction
    median: Fraction
    p90: Fraction
    max: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured for one indicator, scope and stretch; *value* is None exactly when there is nothing to show.

    *n* counts the things behind it; *coverage* is the observed share, 0 to 1; *source_coverage* the source's own part.
    *lowest* and *highest* bound a ratio with unknown parts (None: the unknown part cannot be bounded).
    *as_of* is the instant the figure knows up to. *details* are whole numbers by name, *reasons* are short codes,
    *evidence* names tickets, hosts or series. *span* is set where the window is not the report's own period.
    """

    indicator: str
    scope: Scope
    unit: Unit
    value: Fraction | None
    n: int
    coverage: Fraction
    as_of: int
    numerator: int | None = None
    denominator: int | None = None
    statistics: Statistics | None = None
    source_coverage: Fraction = Fraction(1)
    lowest: Fraction | None = None
    highest: Fraction | None = None
    undetermined: int = 0
    bounded: int = 0
    holds_unplaced: int = 0
    overdue: int = 0
    overdue_oldest: int | None = None  # seconds since the oldest passed deadline
    origin: Origin = Origin.EXPORTED
    details: Mapping[str, int] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    span: Interval | None = None


def quantile(ordered: Sequence[int], q: Fraction) -> Fraction:
    """Return the quantile of a sorted, non-empty sequence: h = (n-1)q, linear between neighbours (indicators.md §3)."""
    h = (len(ordered) - 1) * q
    low = h.numerator // h.denominator
    if low + 1 >= len(ordered):
        return Fraction(ordered[low])
    return ordered[low] + (h - low) * (ordered[low + 1] - ordered[low])


def statistics_of(durations: Sequence[int]) -> Statistics | None:
    """Return the statistics of durations in seconds, None of none."""
    if not durations:
        return None
    ordered = sorted(durations)
    return Statistics(
        n=len(ordered),
        mean=Fraction(sum(ordered), len(ordered)),
        median=quantile(ordered, Fraction(1, 2)),
        p90=quantile(ordered, Fraction(9, 10)),
        max=ordered[-1],
    )


def share(part: int, whole: int) -> Fraction | None:
    """Return part / whole, None when there is no whole."""
    return Fraction(part, whole) if whole else None


def money(worked: int, hourly_rate: Fraction | None) -> Fraction | None:
    """Return what *worked* seconds cost, rounded half up to the cent (indicators.md §10), None without a rate."""
    if hourly_rate is None:
        return None
    return Fraction(int(hourly_rate * worked / HOUR * 100 + Fraction(1, 2)), 100)
