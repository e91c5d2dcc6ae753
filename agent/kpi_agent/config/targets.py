"""What a target says: a comparison and an exact number with its unit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from kpi_agent.config.scalars import Duration, read_duration, read_text
from kpi_agent.domain.contract import Comparison

_TARGET = re.compile(r"(>=|<=)\s*(\S.*)\Z", re.ASCII)
_NUMBER = re.compile(r"(0|[1-9]\d{0,12})(\.\d{1,12})?\s*(%?)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class TargetText:
    """A target as written: exactly one of *share* (1 is 100 %), *duration* and *count* is set."""

    comparison: Comparison
    text: str
    share: Fraction | None = None
    duration: Duration | None = None
    count: Fraction | None = None


def read_target(value: object) -> TargetText:
    """Return what ``>= 95%``, ``<= 4h`` or ``<= 20`` says; raises ValueError for any other text."""
    text = read_text(value)
    found = _TARGET.match(text)
    if found is None:
        raise ValueError(f'\'{text}\' is no target; write ">= 95%", "<= 4h" or "<= 20"')
    comparison = Comparison(found[1])
    number = _NUMBER.match(found[2])
    if number is None:
        return TargetText(comparison, text, duration=read_duration(found[2]))
    exact = Fraction(number[1] + (number[2] or ""))
    if number[3]:
        return TargetText(comparison, text, share=exact / 100)
    return TargetText(comparison, text, count=exact)
