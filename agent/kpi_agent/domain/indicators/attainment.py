"""met / (met + breached): the reading of things judged by the one rule (indicators.md §2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from kpi_agent.domain.contract import Scope
from kpi_agent.domain.facts import Window
from kpi_agent.domain.reading import Origin, Reading, Unit, share
from kpi_agent.domain.verdict import Judgement, Verdict, count


def attainment(
    indicator: str,
    scope: Scope,
    judgements: Sequence[Judgement],
    window: Window,
    *,
    source_coverage: Fraction,
    origin: Origin,
    reasons: tuple[str, ...] = (),
) -> Reading:
    """Return the share met of those decided in the window's span.

    Undetermined things are in neither part; coverage = min(source coverage, judged / (judged + undetermined)).
    *lowest* and *highest* count them all as breached, or all as met. *overdue* counts breaches of earlier periods
    that are still not done.
    """
    found = count(judgements, window.span)
    met, breached = found[Verdict.MET], found[Verdict.BREACHED]
    undetermined = len(found[Verdict.UNDETERMINED])
    judged = len(met) + len(breached)
    told = Fraction(judged, judged + undetermined) if undetermined else Fraction(1)
    overdue = [j for j in judgements if j.is_overdue_at(window.span)]
    return Reading(
        indicator=indicator,
        scope=scope,
        unit=Unit.RATIO,
        value=share(len(met), judged),
        n=judged,
        numerator=len(met),
        denominator=judged,
        coverage=min(source_coverage, told),
        source_coverage=source_coverage,
        as_of=window.as_of,
        lowest=share(len(met), judged + undetermined) if undetermined else None,
        highest=share(len(met) + undetermined, judged + undetermined) if undetermined else None,
        undetermined=undetermined,
        bounded=sum(j.is_bounded for j in met),
        holds_unplaced=sum("holds_unplaced" in j.notes for j in (*met, *breached)),
        overdue=len(overdue),
        overdue_oldest=max((window.end - j.deadline for j in overdue if j.deadline is not None), default=None),
        origin=origin,
        reasons=reasons + window_reasons(window) + hold_reasons((*met, *breached)),
        evidence=tuple(j.subject for j in breached),
        details=_unjudged(judgements, window),
    )


def _unjudged(judgements: Sequence[Judgement], window: Window) -> dict[str, int]:
    """Count what runs at the end, and apart what exports have lost by then: nobody can judge it.

    A month is closed days after its end: what began since is none of its own, and what was decided since ran then.
    """
    end = min(window.span.end, window.as_of + 1)
    running = [j for j in judgements if j.start < end and _is_undecided_before(j, end)]
    lost = sum("lost" in j.notes and j.ended is not None and j.ended < window.end for j in running)
    return {"running": len(running) - lost} | ({"lost": lost} if lost else {})


def _is_undecided_before(judgement: Judgement, instant: int) -> bool:
    if judgement.decided is None:
        return judgement.verdict is Verdict.RUNNING
    return judgement.decided >= instant


def hold_reasons(judgements: Iterable[Judgement]) -> tuple[str, ...]:
    """Return ``holds_unknown`` when a source tells no holds: none was subtracted, and some elapsed time is too long."""
    return ("holds_unknown",) if any("holds_unknown" in j.notes for j in judgements) else ()


def window_reasons(window: Window) -> tuple[str, ...]:
    """Return the codes that a window itself gives a reading."""
    return ("too_early",) if window.is_too_early else ()
