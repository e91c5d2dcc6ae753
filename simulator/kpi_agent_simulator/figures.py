"""The shape of a true figure, and the statistics of durations (indicators.md §3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

_MEDIAN = Fraction(1, 2)
_P90 = Fraction(9, 10)


@dataclass(frozen=True, slots=True)
class Figure:
    """One true reading; *numerator* and *denominator* are None where the indicator is not a ratio.

    *n* is None where nothing is counted but seconds. *durations* are seconds; their statistics are null in the JSON
    when there are none.
    """

    indicator: str
    scope: Mapping[str, str]
    n: int | None
    numerator: int | None = None
    denominator: int | None = None
    undetermined: int = 0
    bounded: int = 0
    durations: Sequence[int] = ()
    value: tuple[int, int] | None = None  # numerator and denominator of what is neither a ratio nor a duration
    extra: Mapping[str, object] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the figure as plain JSON values; fractions are [numerator, denominator]."""
        return {
            "indicator": self.indicator,
            "scope": dict(self.scope),
            "numerator": self.numerator,
            "denominator": self.denominator,
            "n": self.n,
            "undetermined": self.undetermined,
            "bounded": self.bounded,
            "value": None if self.value is None else list(self.value),
            "statistics": statistics(self.durations),
            "extra": dict(self.extra),
        }


def statistics(durations: Sequence[int]) -> dict[str, object] | None:
    """Return n, mean, median, p90 and max of *durations*, or None when there is none."""
    if not durations:
        return None
    return {
        "n": len(durations),
        "mean": _pair(Fraction(sum(durations), len(durations))),
        "median": _pair(quantile(durations, _MEDIAN)),
        "p90": _pair(quantile(durations, _P90)),
        "max": max(durations),
    }


def quantile(durations: Sequence[int], share: Fraction) -> Fraction:
    """Return the value below which *share* of the durations lie, interpolated between two neighbours."""
    ordered = sorted(durations)
    position = (len(ordered) - 1) * share
    below = position.numerator // position.denominator
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def _pair(value: Fraction) -> list[int]:
    return [value.numerator, value.denominator]
