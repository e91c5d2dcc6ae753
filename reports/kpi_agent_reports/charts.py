"""Where each mark of a chart stands, in whole units of its drawing; figures in titles are those of the tables."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpi_agent_reports.facts import Facts
from kpi_agent_reports.figures import Figure
from kpi_agent_reports.names import bare_target_text, verdict_chip
from kpi_agent_reports.view import Bullet, Spark
from kpi_agent_reports.words import Words

BULLET_WIDTH = 124
SPARK_WIDTH, SPARK_HEIGHT, SPARK_EDGE = 400, 104, 14
# The target mark stands at three quarters of the track, so that kept and missed read alike for 90 % and for 99.9 %.
_TARGET_AT = Fraction(3, 4)


def bullet(figure: Figure, words: Words) -> Bullet | None:
    """Return the bar of a commitment, None without a value.

    A ratio's axis ends at 100 % and begins where the target falls at three quarters of it,
    or at zero for a value that lies before; others begin at zero.
    """
    if not figure.is_shown or figure.value is None:
        return None
    target = figure.target
    if figure.is_at_least and figure.reading["unit"] == "ratio" and target < 1:
        low = 1 - (1 - target) / (1 - _TARGET_AT)
        high = Fraction(1)
    else:
        low = Fraction(0)
        high = target if figure.is_at_least else target / _TARGET_AT
    # A value that lies before the axis would be no bar at all: then the axis begins at zero.
    low = low if low > 0 and figure.value > low else Fraction(0)
    span = high - low
    share = min(max((figure.value - low) / span, Fraction(0)), Fraction(1)) if span else Fraction(1)
    mark = (target - low) / span if span else Fraction(1)
    title = words.say(
        "{value} against a target of {target}",
        value=figure.value_text(words),
        target=bare_target_text(figure.objective, words),
    )
    if low:
        title += words.say(", axis from {low}", low=words.percent(low, digits=3))
    tone = verdict_chip(figure.objective["verdict"], words).tone
    return Bullet(title, tone, max(3, _place(share, BULLET_WIDTH)), min(_place(mark, BULLET_WIDTH), BULLET_WIDTH - 2))


def spark(figure: Figure, facts: Facts, words: Words) -> Spark | None:
    """Return the line of the last twelve periods, this one last; None under two values."""
    past = [
        None if h["value"] is None else Fraction(h["value"])
        for h in facts.document["history"]
        if h["objective"] == figure.objective["id"] and h["period"] < facts.period.id
    ][-11:]
    values = [*past, figure.value if figure.is_shown else None]
    known = [v for v in values if v is not None]
    if len(known) < 2:  # noqa: PLR2004 - a line has two ends
        return None
    low, high = min(*known, figure.target), max(*known, figure.target)
    title = words.count(
        "last {n} period: from {low} to {high}, target {target}",
        "last {n} periods: from {low} to {high}, target {target}",
        len(values),
        low=figure.text(min(known), words),
        high=figure.text(max(known), words),
        target=bare_target_text(figure.objective, words),
    )
    points = [None if v is None else (_x(i, len(values)), _y(v, low, high)) for i, v in enumerate(values)]
    last = next(p for p in reversed(points) if p is not None)
    tone = verdict_chip(figure.objective["verdict"], words).tone
    return Spark(title, tone, _paths(points), _y(figure.target, low, high), last[0], last[1])


def _paths(points: Sequence[tuple[int, int] | None]) -> tuple[str, ...]:
    """Return the unbroken stretches: a period without a value is a gap in the line."""
    stretches: list[list[str]] = [[]]
    for point in points:
        if point is None:
            stretches.append([])
        else:
            stretches[-1].append(f"{point[0]},{point[1]}")
    return tuple(" ".join(s) for s in stretches if len(s) > 1)


def _x(index: int, count: int) -> int:
    return SPARK_EDGE + (SPARK_WIDTH - 2 * SPARK_EDGE) * index // max(1, count - 1)


def _y(value: Fraction, low: Fraction, high: Fraction) -> int:
    if high == low:
        return SPARK_HEIGHT // 2
    return SPARK_HEIGHT - SPARK_EDGE - _place((value - low) / (high - low), SPARK_HEIGHT - 2 * SPARK_EDGE)


def _place(share: Fraction, length: int) -> int:
    return int(share * length)
