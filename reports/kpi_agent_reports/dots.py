"""One dot per incident, at the instant it was judged, against the limit of its priority."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from kpi_agent.domain.time import HOUR, midnight
from kpi_agent_reports.facts import Facts, Part, instant_of, optional_instant
from kpi_agent_reports.names import calendar_words, priority_limit
from kpi_agent_reports.view import Dot, DotChart, Tick
from kpi_agent_reports.words import Words

WIDTH, LEFT, TOP = 660, 54, 14
"""The drawing's width, where the horizontal axis begins, and where the longest duration stands."""
TALL, LOW = 150, 100
"""Where the base line lies with breaches to show, and without."""
UNDER = 26
"""Room under the base line for the days."""
_LABEL_WIDE, _LABEL_HIGH = 240, 26
"""Room that the words over the limit take."""
_DAY_WIDE = 90
"""Room that a day takes on a phone: one too near the edge stands left of its place."""
# Dots closer than this stand on each other; drawing them once keeps a month of thousands of incidents light.
GRID = 3


@dataclass(frozen=True, slots=True)
class Scale:
    """Seconds of the clock to a height, with the limit in the upper half once anything exceeds it, else near the top.

    *longest* is a whole number of hours that holds every duration, for the axis to say it in little room.
    """

    limit: int
    longest: int

    @classmethod
    def of(cls, limit: int, durations: Sequence[int]) -> Scale:
        """Return the scale that holds all durations, in seconds."""
        longest = max(durations, default=0)
        return cls(limit, -(-longest // HOUR) * HOUR)

    @property
    def is_exceeded(self) -> bool:
        """Whether something lies beyond the limit."""
        return self.longest > self.limit

    @property
    def base(self) -> int:
        """Where nothing elapsed."""
        return TALL if self.is_exceeded else LOW

    @property
    def limit_y(self) -> int:
        """Where the limit is drawn."""
        return TOP + 56 if self.is_exceeded else TOP + 12

    def y(self, elapsed: int) -> int:
        """Return the height of a duration; the scale changes at the limit so that one long incident hides nothing."""
        if elapsed <= self.limit:
            return self.base - (self.base - self.limit_y) * elapsed // max(1, self.limit)
        return self.limit_y - (self.limit_y - TOP) * (elapsed - self.limit) // (self.longest - self.limit)


def dot_chart(priority: str, incidents: Sequence[Part], facts: Facts, words: Words) -> DotChart | None:
    """Return the chart of one priority's resolutions; None when none with a limit was judged in the period."""
    judged = [t for t in incidents if (t["priority"] or "") == priority and _is_judged(t["resolution"], facts)]
    if not judged:
        return None
    # The usual limit draws the line; under two contract versions a few dots may have had another.
    limits = sorted(t["resolution"]["limit"] for t in judged)
    limit = limits[len(limits) // 2]
    known = [elapsed for t in judged if (elapsed := _elapsed(t["resolution"], facts)) is not None]
    scale = Scale.of(limit, known)
    kept = sum(t["resolution"]["verdict"] == "met" for t in judged)
    text = priority_limit(priority, "resolve", facts, words) or words.duration(limit)
    calendar = calendar_words(facts.calendar_name(priority), facts, words)
    dots = _dots(judged, scale, facts, words)
    counts = {"kept": words.number(kept), "priority": priority}
    return DotChart(
        title=words.count(
            "Resolution {priority}: {kept} of {n} in time", "Resolution {priority}: {kept} of {n} in time",
            len(judged), **counts,
        ),
        summary=words.count(
            "{n} incident against its limit", "{n} incidents against their limit of {limit}", len(judged), limit=text
        ),
        height=scale.base + UNDER,
        base=scale.base,
        limit=scale.limit_y,
        limit_label=_label(words.say("limit {limit}, {calendar}", limit=text, calendar=calendar), dots, scale),
        dots=dots,
        days=_days(facts, words),
        levels=_levels(scale, words),
        caption=_caption(judged, scale, facts, words),
    )  # fmt: skip


def _label(text: str, dots: Sequence[Dot], scale: Scale) -> Tick:
    """Return the words over the limit's line, at its right end, or at its left where breaches stand in their way."""
    above = [dot.x for dot in dots if 0 < scale.limit_y - dot.y <= _LABEL_HIGH]
    right = sum(x > WIDTH - _LABEL_WIDE for x in above)
    left = sum(x < LEFT + _LABEL_WIDE for x in above)
    return Tick(LEFT + 4, text, "start") if left < right else Tick(WIDTH - 4, text, "end")


def _is_judged(judgement: Part, facts: Facts) -> bool:
    return (
        judgement["verdict"] in {"met", "breached"}
        and judgement["limit"] is not None
        and facts.in_period(judgement["decided"])
    )


def _elapsed(judgement: Part, facts: Facts) -> int | None:
    """Return the time on the clock, None while it runs on where figures end: a later end is not of this period."""
    done = optional_instant(judgement["done"])
    elapsed: int | None = judgement["elapsed"]
    return elapsed if done is not None and done < facts.edge else None


def _x(instant: int, facts: Facts) -> int:
    span = facts.period.interval
    return LEFT + (WIDTH - LEFT - 8) * (instant - span.start) // span.seconds


def _dots(judged: Sequence[Part], scale: Scale, facts: Facts, words: Words) -> tuple[Dot, ...]:
    found: dict[tuple[int, int, bool], Dot] = {}
    for ticket in judged:
        judgement = ticket["resolution"]
        is_breach = judgement["verdict"] == "breached"
        # What is still open has no duration: it stands at the top. What is met by an upper bound stands on the limit.
        elapsed = _elapsed(judgement, facts)
        y = scale.y(elapsed) if elapsed is not None else (TOP - 8 if is_breach else scale.limit_y)
        x = _x(instant_of(judgement["decided"]), facts)
        duration = words.say("still open") if elapsed is None else words.duration(elapsed)
        place = (x // GRID, y // GRID, is_breach)
        found.setdefault(place, Dot(x, y, is_breach, f"{ticket['id']}, {duration}"))
    return tuple(sorted(found.values(), key=lambda d: (d.is_breach, d.x, d.y)))


def _days(facts: Facts, words: Words) -> tuple[Tick, ...]:
    """Return a label a week, from the first day on."""
    found = []
    period = facts.period
    day = period.first_day
    step = timedelta(days=7 if (period.end_day - period.first_day).days > 7 else 1)  # noqa: PLR2004 - a week
    while day < period.end_day:
        x = _x(midnight(day, facts.tz), facts)
        found.append(Tick(x, words.short_day(day), "start" if x < WIDTH - _DAY_WIDE else "end"))
        day += step
    return tuple(found)


def _levels(scale: Scale, words: Words) -> tuple[Tick, ...]:
    def ticks() -> Iterator[Tick]:
        yield Tick(scale.base, "0", "end")
        yield Tick(scale.limit_y, words.duration(scale.limit), "end")
        if scale.is_exceeded:
            yield Tick(TOP, words.duration(scale.longest), "end")

    return tuple(ticks())


def _caption(judged: Sequence[Part], scale: Scale, facts: Facts, words: Words) -> str:
    parts = [words.say("A dot per incident at the instant it was judged; squares are breaches.")]
    if any(t["held"] for t in judged):
        parts.append(words.say("Holds are deducted."))
    if scale.is_exceeded:
        parts.append(words.say("The vertical scale changes at the limit."))
    if any(_elapsed(t["resolution"], facts) is None and t["resolution"]["verdict"] == "breached" for t in judged):
        parts.append(words.say("Squares above the chart are still open."))
    return " ".join(parts)
