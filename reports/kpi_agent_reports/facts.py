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
        spans = [(instant_of(s["start"]), instant_of(s["end"])) for s in document["segments"]]
        self.start = max([self.period.start, *(start for start, _ in spans[:1])])
        self.end = min([self.period.end, *(end for _, end in spans[-1:])])
        self.edge = min(self.end, self.as_of) if document["is_running"] else self.end
        self.span = Interval(self.start, max(self.start, self.edge))
        self.tz = zone(document["period"]["timezone"])
        self._readings: dict[tuple[str, tuple[tuple[str, str], ...]], Part] = {}
        for reading in document["readings"]:
            if reading.get("window"):
                continue  # of another stretch than the period's own
            # Those of the whole period stand behind those of the segments that commitments are about: the last wins.
            self._readings[reading["indicator"], tuple(sorted(reading["scope"].items()))] = reading
        self._required = {
            (o["indicator"], tuple(sorted(o["scope"].items()))): Fraction(o["min_coverage"])
            for o in document["objectives"]
            if o.get("window", "month") == "month"
        }
        self._missed = {o["reading"] for o in document["objectives"] if o["verdict"] == "missed"}

    def told_value(self, reading: Part | None) -> Fraction | None:
        """Return a reading's value, None when less was observed than its objective asks for (95 % without one).

        A value that a commitment is missed by, whatever was not observed, is told: page 1 shows it too.
        """
        if reading is None or "too_early" in reading["reasons"]:
            return None
        is_judged = any(self.document["readings"][place] is reading for place in self._missed)
        is_covered = not self.is_short(reading) or "unknown_counts_down" in reading["reasons"]
        return value_of(reading) if is_covered or is_judged else None

    def is_short(self, reading: Part) -> bool:
        """Whether less was observed than the reading's objective asks for (95 % without one)."""
        required = self._required.get((reading["indicator"], tuple(sorted(reading["scope"].items()))), USUAL_COVERAGE)
        return Fraction(reading["coverage"]) < required

    def is_counted(self, reading: Part) -> bool:
        """Whether a count was measured: it has a value and enough was observed; a count to date is never too early."""
        return reading["value"] is not None and not self.is_short(reading)

    @property
    def is_running(self) -> bool:
        """Whether the period has not ended."""
        return bool(self.document["is_running"])

    @property
    def terms(self) -> Part:
        """The terms in force at the period's end."""
        return self.document["terms"][-1]  # type: ignore[no-any-return]  # JSON is Any at the edge

    def reading(self, indicator: str, **scope: str) -> Part | None:
        """Return the whole period's reading of that indicator and exact scope, None when there is none."""
        return self._readings.get((indicator, tuple(sorted(scope.items()))))

    def detail(self, indicator: str, name: str, **scope: str) -> int | None:
        """Return one whole number that a count carries, None when it does not or was not measured."""
        reading = self.reading(indicator, **scope)
        return None if reading is None or not self.is_counted(reading) else reading["details"].get(name)

    def opened(self, priority: str | None = None) -> int:
        """Return the incidents opened in the period, of one priority or of all: as read, else as the document lists."""
        read = self.detail("volume", "opened", **({} if priority is None else {"priority": priority}))
        if read is not None:
            return read
        mine = (t for t in self.incidents() if priority is None or t["priority"] == priority)
        return sum(self.in_period(t["opened"]) for t in mine)

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
        """Return the tickets of the period that an attainment objective counts as breached, by opening."""
        clock = {"respond_in_time": "response", "resolve_in_time": "resolution"}.get(objective["indicator"])
        if clock is None:
            return []
        # Its reading names what it counted, whatever stretch of the period it is about; "#2" is a later taking-up.
        evidence = self.document["readings"][objective["reading"]]["evidence"]
        counted = {*evidence, *(subject.rpartition("#")[0] for subject in evidence)}
        return [
            t
            for t in self.document["incidents"]
            if t["id"] in counted and t[clock]["verdict"] == "breached" and self.in_period(t[clock]["decided"])
        ]
