"""Raw samples of many series, kept small: 16 bytes a sample, and each distinct value once."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from operator import lt, sub
from statistics import median_low
from typing import Any

from kpi_agent.collectors.answer import printable
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.time import Interval

# What a 64-bit float prints as; a longer exponent would only serve to fill the memory.
_NUMBER = re.compile(r"[+-]?(?:\d{1,400}(?:\.\d{0,400})?|\.\d{1,400})(?:[eE][+-]?\d{1,3})?\Z", re.ASCII)
_LONG = 400  # digits
_INFINITE = re.compile(r"[+-]?Inf(?:inity)?\Z", re.IGNORECASE)


@dataclass(slots=True)
class Series:
    """One series: *milliseconds* of its samples in any order, doubles allowed, and for each the place of its value."""

    labels: Mapping[str, str]
    milliseconds: array[int] = field(default_factory=lambda: array("q"))
    places: array[int] = field(default_factory=lambda: array("q"))

    def settle(self) -> None:
        """Sort by instant and drop what overlapping answers brought twice."""
        if all(map(lt, self.milliseconds, self.milliseconds[1:])):
            return
        once = sorted(dict(zip(self.milliseconds, self.places, strict=True)).items())
        self.milliseconds = array("q", (m for m, _ in once))
        self.places = array("q", (p for _, p in once))

    def gaps(self) -> list[int]:
        """Return the milliseconds between neighbours; the series is settled."""
        return list(map(sub, self.milliseconds[1:], self.milliseconds))

    def median_gap(self) -> int | None:
        """Return the median gap in seconds, rounded, at least 1; None without two samples."""
        gaps = self.gaps()
        return max(1, (median_low(gaps) + 500) // 1000) if gaps else None

    def __str__(self) -> str:
        name = self.labels.get("__name__", "")
        inside = ",".join(f'{k}="{v}"' for k, v in sorted(self.labels.items()) if k != "__name__")
        return printable(f"{name}{{{inside}}}")


class _Values(dict[str, int]):
    """The place of each value text in *parsed*; None stands for NaN and ±Inf."""

    def __init__(self) -> None:
        super().__init__()
        self.parsed: list[Fraction | None] = []

    def __missing__(self, text: str) -> int:
        if text.isdecimal() and text.isascii() and len(text) < _LONG:
            self.parsed.append(Fraction(int(text)))  # instants and counts, most of what there is: a fifth of the time
        elif _NUMBER.match(text):
            self.parsed.append(Fraction(Decimal(text)))
        elif text.lower() == "nan" or _INFINITE.match(text):
            self.parsed.append(None)
        else:
            raise ValueError(text)
        place = self[text] = len(self.parsed) - 1
        return place


class SeriesTable:
    """All series that the answers to one question brought; samples outside *span* are not taken."""

    def __init__(self, span: Interval) -> None:
        self._span = span
        self._values = _Values()
        self._series: dict[tuple[tuple[str, str], ...], Series] = {}

    def __iter__(self) -> Iterator[Series]:
        return iter(self._series.values())

    @property
    def values(self) -> list[Fraction | None]:
        """The distinct values, exact; a series' *places* point into this."""
        return self._values.parsed

    def without_number(self) -> Iterator[Series]:
        """Yield the settled series that have a NaN or an infinite value in the span."""
        none = {place for place, value in enumerate(self.values) if value is None}
        return (s for s in self if none and not none.isdisjoint(s.places))

    def add(self, result: object, *, at: str) -> int:
        """Take a matrix result and return the number of samples in it; raises SourceRejected for any other shape."""
        try:
            return sum(self._add_series(item) for item in _listed(result))
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise SourceRejected(
                f"{at} answered another shape than labels with [time, value] pairs; native histograms cannot be read"
                f" as a signal: {printable(str(error))}"
            ) from error

    def _add_series(self, item: dict[str, Any]) -> int:
        labels: dict[str, str] = item["metric"]
        series = self._series.setdefault(tuple(sorted(labels.items())), Series(labels))
        pairs = item["values"]
        milliseconds = [round(t * 1000) for t, _ in pairs]
        places = [self._values[text] for _, text in pairs]
        first, end = self._span.start * 1000, self._span.end * 1000
        if milliseconds and not (first <= min(milliseconds) and max(milliseconds) < end):
            kept = [n for n, m in enumerate(milliseconds) if first <= m < end]
            milliseconds, places = [milliseconds[n] for n in kept], [places[n] for n in kept]
        series.milliseconds.extend(milliseconds)
        series.places.extend(places)
        return len(pairs)

    def settle(self) -> None:
        """Sort and de-duplicate every series."""
        self._series = {key: series for key, series in self._series.items() if series.milliseconds}
        for series in self:
            series.settle()

    def median_gaps(self) -> int:
        """Return how many gaps between samples a series has, in the median of all."""
        return median_low([len(s.milliseconds) - 1 for s in self] or [0])

    def median_gap(self) -> int | None:
        """Return the median of the series' median gaps in seconds, None when no series has two samples."""
        medians = [gap for s in self if (gap := s.median_gap()) is not None]
        return median_low(medians) if medians else None


def _listed(result: object) -> list[dict[str, Any]]:
    if not isinstance(result, list):
        raise TypeError(f"expected a list, found {type(result).__name__}")
    return result
