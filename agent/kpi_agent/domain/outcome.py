"""From a reading to an objective's outcome (indicators.md §3, "Outcomes"). Only exact values are compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from kpi_agent.domain.contract import Comparison, Objective, Target
from kpi_agent.domain.evaluation import Outcome, Reserve
from kpi_agent.domain.facts import Window
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
    """Return the outcome of *objective*. *elapsed* and *remaining* are seconds of the period before and after now."""
    target = objective.target
    if is_running and "too_early" in reading.reasons:
        return Decision(Outcome.NO_DATA, why=("too_early",))
    # A promise may accept any coverage (0), but what was never observed is no data even then.
    covered = reading.coverage >= objective.min_coverage and reading.coverage > 0
    covered = covered or "unknown_counts_down" in reading.reasons
    if not covered:
        if _is_missed_at_best(reading, objective, indicator, (elapsed, remaining) if is_running else None):
            return Decision(Outcome.MISSED, why=("missed_at_best",))
        return Decision(Outcome.NO_DATA, why=reading.reasons or ("coverage_short",))
    if reading.value is None:
        # Things there are, and no figure may or can be told of them: that is no month without any.
        return Decision(Outcome.NO_DATA, why=reading.reasons) if reading.n else Decision(Outcome.NOTHING_TO_JUDGE)
    if is_running:
        return _running(reading, target, indicator, elapsed, remaining)
    return _final(reading, target)


def _is_missed_at_best(
    reading: Reading, objective: Objective, indicator: Indicator, running: tuple[int, int] | None
) -> bool:
    """Whether a target is missed even if all that is unknown were good, of a desk that was observed enough.

    *running*: the seconds that have passed and those that remain, None of a finished period. A running one is missed
    only where an attainment is out of reach then.
    """
    target = objective.target
    best = _bounds(reading, target)[1]
    if reading.source_coverage < objective.min_coverage or best is None:
        return False
    if running is None or target.is_kept_by(best):
        return not target.is_kept_by(best)
    if not indicator.is_attainment or target.comparison is not Comparison.AT_LEAST:
        return False
    unknown = reading.undetermined
    kept = replace(reading, value=best, n=reading.n + unknown, numerator=(reading.numerator or 0) + unknown)
    return _running_attainment(kept, target, *running).outcome is Outcome.MISSED


def _bounds(reading: Reading, target: Target) -> tuple[Fraction | None, Fraction | None]:
    """Return the value if all that is unknown were bad, and if it were good: where less is better, high is bad."""
    if target.comparison is Comparison.AT_LEAST:
        return reading.lowest, reading.highest
    return reading.highest, reading.lowest


def _final(reading: Reading, target: Target) -> Decision:
    if reading.value is None or not target.is_kept_by(reading.value):
        return Decision(Outcome.MISSED)
    return Decision(Outcome.MET, _reserve(reading, target))


def _reserve(reading: Reading, target: Target) -> Reserve | None:
    worst = _bounds(reading, target)[0]
    if reading.lowest is None or reading.highest is None or worst is None or target.is_kept_by(worst):
        return None
    return Reserve(reading.lowest, reading.highest)


def _running(reading: Reading, target: Target, indicator: Indicator, elapsed: int, remaining: int) -> Decision:
    if indicator.is_attainment and target.comparison is Comparison.AT_LEAST:
        return _running_attainment(reading, target, elapsed, remaining)
    if indicator.is_availability and target.comparison is Comparison.AT_LEAST:
        return _running_availability(reading, target)
    if reading.value is not None and target.is_kept_by(reading.value):
        return Decision(Outcome.MET, _reserve(reading, target))
    return Decision(Outcome.AT_RISK)


def _running_attainment(reading: Reading, target: Target, elapsed: int, remaining: int) -> Decision:
    """Missed when the successes still needed exceed n x remaining / elapsed time; at risk when one breach loses it."""
    met, n, wanted = reading.numerator or 0, reading.n, target.value
    if reading.value is not None and target.is_kept_by(reading.value):
        spare = int(met // wanted) - n if wanted else n
        is_thin = n > met and spare == 0
        return Decision(Outcome.AT_RISK if is_thin else Outcome.MET, _reserve(reading, target), left=spare)
    if wanted >= 1:
        return Decision(Outcome.MISSED, why=("cannot_be_reached",))
    needed = -((met - wanted * n) // (1 - wanted))  # smallest x with (met + x) / (n + x) >= target
    if needed * elapsed > n * remaining:
        return Decision(Outcome.MISSED, why=("cannot_be_reached",), left=int(needed))
    return Decision(Outcome.AT_RISK, left=int(needed))


def _running_availability(reading: Reading, target: Target) -> Decision:
    """Missed when perfect service until the end cannot reach the target; at risk over 75 % of the allowed downtime."""
    ahead = reading.details.get("remaining", 0) + reading.details.get("granted_ahead", 0)
    whole = (reading.denominator or 0) + ahead
    lost = (reading.denominator or 0) - (reading.numerator or 0)
    allowed = (1 - target.value) * whole
    left = int((allowed - lost) // 1)
    if lost > allowed:
        return Decision(Outcome.MISSED, why=("cannot_be_reached",), left=left)
    if lost and lost > _DOWNTIME_ALARM * allowed:
        return Decision(Outcome.AT_RISK, _reserve(reading, target), left=left)
    if reading.value is not None and not target.is_kept_by(reading.value):
        return Decision(Outcome.AT_RISK, left=left)
    return Decision(Outcome.MET, _reserve(reading, target), left=left)


def times_of(window: Window, now: int) -> tuple[int, int]:
    """Return the seconds of a period that have passed at *now*, and those that remain."""
    passed = max(0, min(now, window.span.end) - window.span.start)
    return passed, window.span.seconds - passed
