"""From a reading to an objective's outcome (indicators.md §3, "Outcomes"). Only exact values are compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, floor

from kpi_agent.domain.contract import Objective, Target
from kpi_agent.domain.evaluation import Outcome, Reserve
from kpi_agent.domain.indicators.request import Indicator
from kpi_agent.domain.reading import Reading

# A running month's availability is at risk from this share of the allowed downtime on.
_DOWNTIME_ALARM = Fraction(3, 4)


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome with its reserve, short codes that say why, and what is left in a running period.

    *left*: for an attainment the further successes needed (under target) or the breaches still allowed (above it);
    for availability the seconds of downtime still allowed, negative when exceeded.
    """

    outcome: Outcome
    reserve: Reserve | None = None
    why: tuple[str, ...] = ()
    left: int | None = None


def decide(
    reading: Reading, objective: Objective, indicator: Indicator, *, is_running: bool, elapsed: int, remaining: int
) -> Decision:
    """Return the outcome of *objective*. *elapsed* and *remaining* are seconds of the period before and after now.

    Only what is met has a reserve.
    """
    target, value = objective.target, reading.value
    if "too_early" in reading.reasons:
        return Decision(Outcome.NO_DATA, why=("too_early",))
    # A promise may accept any coverage (0), but what was never observed is no data even then.
    covered = reading.coverage >= objective.min_coverage and reading.coverage > 0
    covered = covered or "unknown_counts_down" in reading.reasons
    if not covered:
        if _is_missed_at_best(reading, objective, indicator, (elapsed, remaining) if is_running else None):
            return Decision(Outcome.MISSED, why=("missed_at_best",))
        return Decision(Outcome.NO_DATA, why=(*reading.reasons, "coverage_short"))
    if value is None:
        return _without_value(reading)
    if not is_running:
        decision = Decision(Outcome.MET if target.is_kept_by(value) else Outcome.MISSED)
    elif indicator.is_attainment:
        decision = _running_attainment(value, reading.n, target, elapsed, remaining)
    elif indicator.is_availability:
        decision = _running_availability(value, reading, target)
    else:
        decision = Decision(Outcome.MET if target.is_kept_by(value) else Outcome.AT_RISK)
    return replace(decision, reserve=_reserve(reading, target)) if decision.outcome is Outcome.MET else decision


def _without_value(reading: Reading) -> Decision:
    """Return what becomes of a promise without a figure: unknown or untold things are no month without any."""
    if reading.n:
        return Decision(Outcome.NO_DATA, why=reading.reasons)
    bounds = _bounds(reading)
    if bounds is not None and bounds[0] != bounds[1]:
        return Decision(Outcome.NO_DATA, why=(*reading.reasons, "coverage_short"))
    return Decision(Outcome.NOTHING_TO_JUDGE)


def _is_missed_at_best(
    reading: Reading, objective: Objective, indicator: Indicator, running: tuple[int, int] | None
) -> bool:
    """Whether a target is missed even if all that is unknown were good, of a desk that was observed enough.

    *running*: the seconds that have passed and those that remain, None of a finished period. A running one is missed
    only where an attainment is out of reach then.
    """
    target, bounds = objective.target, _bounds(reading)
    if reading.source_coverage < objective.min_coverage or bounds is None:
        return False
    if any(target.is_kept_by(bound) for bound in bounds):
        return False
    if running is None:
        return True
    if not indicator.is_attainment:
        return False
    n = reading.n + reading.undetermined
    return _running_attainment(bounds[1], n, target, *running).outcome is Outcome.MISSED


def _bounds(reading: Reading) -> tuple[Fraction, Fraction] | None:
    """Return the lowest and the highest that the value may be, None where what is unknown cannot be bounded."""
    if reading.lowest is None or reading.highest is None:
        return None
    return reading.lowest, reading.highest


def _reserve(reading: Reading, target: Target) -> Reserve | None:
    bounds = _bounds(reading)
    if bounds is None or all(target.is_kept_by(bound) for bound in bounds):
        return None
    return Reserve(*bounds)


def _running_attainment(value: Fraction, n: int, target: Target, elapsed: int, remaining: int) -> Decision:
    """Missed when the successes still needed exceed n x remaining / elapsed time; at risk when one breach loses it.

    More is better of a share kept: its target is the least that it may be.
    """
    met, wanted = value * n, target.value
    if target.is_kept_by(value):
        spare = floor(met / wanted) - n if wanted else n
        return Decision(Outcome.AT_RISK if value < 1 and spare == 0 else Outcome.MET, left=spare)
    if wanted >= 1:
        return Decision(Outcome.MISSED, why=("cannot_be_reached",))
    needed = ceil((wanted * n - met) / (1 - wanted))  # smallest x with (met + x) / (n + x) >= target
    if needed * elapsed > n * remaining:
        return Decision(Outcome.MISSED, why=("cannot_be_reached",), left=needed)
    return Decision(Outcome.AT_RISK, left=needed)


def _running_availability(value: Fraction, reading: Reading, target: Target) -> Decision:
    """Missed when perfect service until the end cannot reach the target; at risk over 75 % of the allowed downtime.

    More is better here too. It is also at risk while it lies under the target.
    """
    known = reading.denominator or 0
    whole = known + reading.details["remaining"] + reading.details["granted_ahead"]
    lost, allowed = (1 - value) * known, (1 - target.value) * whole
    left = floor(allowed - lost)
    if lost > allowed:
        return Decision(Outcome.MISSED, why=("cannot_be_reached",), left=left)
    is_at_risk = lost > _DOWNTIME_ALARM * allowed or not target.is_kept_by(value)
    return Decision(Outcome.AT_RISK if is_at_risk else Outcome.MET, left=left)
