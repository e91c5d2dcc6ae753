"""Looking things up in a document: instants, exact values, readings by indicator and scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from kpi_agent.domain.time import Interval, Period, zone

USUAL_COVERAGE = Fraction(95, 100)
"""What must have been observed for a figure that no objective sets another share for (indicators.md §3)."""

Part = Mapping[str, Any]
"""A JSON object of a document."""


def instant_of(text: str) -> int:
    """Return the epoch second of ``2026-10-31T23:00:00Z``."""
    return int(datetime.fromisoformat(text).timestamp())


def optional_instant(text: str | None) -> int | None:
    """Return :func:`instant_of`, None of None."""
    return None if text is None else instant_of(text)


def day_of(text: str) -> date:
    """Return the date of ``2026-10-31``."""
    return date.fromisoformat(text)


def value_of(reading: Part) -> Fraction | None:
    """Return a reading's exact value: numerator over denominator where a ratio has them, else its decimal."""
    if reading["unit"] == "ratio" and reading["numerator"] is not None and reading["denominator"]:
        return Fraction(reading["numerator"], reading["denominator"])
    return None if reading["value"] is None else Fraction(reading["value"])


class Facts:
    """A document with its period at hand. *edge* is where figures end: at its end, or as of now before it."""

    def __init__(self, document: Part) -> None:
        """*document* is in the form of interface.md §5."""
        self.document = document
        self.period = Period.parse(document["period"]["id"], document["period"]["timezone"])
        self.as_of = instant_of(document["as_of"])
        self.edge = min(self.period.end, self.as_of) if document["is_running"] else self.period.end
        self.span = Interval(self.period.start, self.edge)
        self.tz = zone(document["period"]["timezone"])
        self._readings: dict[tuple[str, tuple[tuple[str, str], ...]], Part] = {}
        for reading in document["readings"]:
            self._readings.setdefault((reading["indicator"], tuple(sorted(reading["scope"].items()))), reading)

        self._required = {
            (o["indicator"], tuple(sorted(o["scope"].items()))): Fraction(o["min_coverage"])
            for o in document["objectives"]
        }

    def told_value(self, reading: Part | None) -> Fraction | None:
        """Return a reading's value, None when less was observed than its objective asks for (95 % without one)."""
        if reading is None or "too_early" in reading["reasons"]:
            return None
        required = self._required.get((reading["indicator"], tuple(sorted(reading["scope"].items()))), USUAL_COVERAGE)
        is_covered = Fraction(reading["coverage"]) >= required or "unknown_counts_down" in reading["reasons"]
        return value_of(reading) if is_covered else None

    @property
    def is_running(self) -> bool:
        """Whether the period has not ended."""
        return bool(self.document["is_running"])

    @property
    def terms(self) -> Part:
        """The terms in force at the period's end."""
        return self.document["terms"][-1]  # type: ignore[no-any-return]  # JSON is Any at the edge

    def reading(self, indicator: str, **scope: str) -> Part | None:
        """Return the first reading of that indicator and exact scope, None when there is none."""
        return self._readings.get((indicator, tuple(sorted(scope.items()))))

    def detail(self, indicator: str, name: str, **scope: str) -> int | None:
        """Return one whole number that a reading carries, None when it does not."""
        reading = self.reading(indicator, **scope)
        return None if reading is None else reading["details"].get(name)

    def incidents(self) -> list[Part]:
        """Return the tickets of kind incident."""
        return [t for t in self.document["incidents"] if t["kind"] == "incident"]

    def in_period(self, text: str | None) -> bool:
        """Whether an instant lies in the observed part of the period."""
        return text is not None and instant_of(text) in self.span

    def calendar_name(self, priority: str) -> str | None:
        """Return the calendar that a priority's limits run on."""
        found = [p["calendar"] for p in self.terms["priorities"] if p["priority"] == priority]
        return found[0] if found else None

    def is_always_open(self, calendar: str | None) -> bool:
        """Whether a calendar is 24x7."""
        return any(c["name"] == calendar and c["is_always_open"] for c in self.terms["calendars"])

    def breaches(self, objective: Part) -> Sequence[Part]:
        """Return the tickets that an attainment objective counts as breached in the period, by opening."""
        clock = {"respond_in_time": "response", "resolve_in_time": "resolution"}.get(objective["indicator"])
        if clock is None:
            return []
        scope = objective["scope"]
        kind = scope.get("kind", "incident")
        fields = {name: value for name, value in scope.items() if name in {"priority", "service", "category"}}
        return [
            t
            for t in self.document["incidents"]
            if t["kind"] == kind
            and all(t[name] == value for name, value in fields.items())
            and t[clock]["verdict"] == "breached"
            and self.in_period(t[clock]["decided"])
        ]
