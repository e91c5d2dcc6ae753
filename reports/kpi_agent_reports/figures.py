"""A commitment's figure in words: value, count behind it, reserve, change against the period before, what is left."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kpi_agent.domain.indicators.certificates import host_of_address
from kpi_agent_reports.catalogue import NO_BREAK, messages
from kpi_agent_reports.facts import Facts, Part, value_of
from kpi_agent_reports.names import digits_of
from kpi_agent_reports.words import Words

SMALL = 10
"""Under this many things behind a figure, no trend is read into it (indicators.md §3)."""


_COUNTED = {
    "restore_coverage": messages("{n} of {of} sets", "{n} of {of} sets"),
    "patched_hosts": messages("{n} of {of} hosts", "{n} of {of} hosts"),
}

_LED = {"certificates", "restore_age"}  # the value is that of the first thing of its evidence


@dataclass(frozen=True, slots=True)
class Figure:
    """An objective beside its reading, with the exact value that is compared; *value* None when not measured."""

    objective: Part
    reading: Part
    value: Fraction | None

    @classmethod
    def of(cls, objective: Part, facts: Facts) -> Figure:
        """Return the figure of an objective: its statistic where the contract names one."""
        reading = facts.document["readings"][objective["reading"]]
        statistics, statistic = reading["statistics"], objective["statistic"]
        if statistic and statistics:
            return cls(objective, reading, Fraction(statistics[statistic]))
        return cls(objective, reading, value_of(reading))

    @property
    def is_at_least(self) -> bool:
        """Whether more is better."""
        return bool(self.objective["target_comparison"] == ">=")

    @property
    def target(self) -> Fraction:
        """The target, exact."""
        return Fraction(self.objective["target_value"])

    @property
    def min_coverage(self) -> Fraction:
        """What must have been observed for a verdict."""
        return Fraction(self.objective["min_coverage"])

    @property
    def is_shown(self) -> bool:
        """Whether there is a value that may stand for the period: none without enough data, and none of nothing."""
        return self.value is not None and self.objective["verdict"] not in {"no_data", "nothing_to_judge"}

    def text(self, value: Fraction, words: Words) -> str:
        """Return a value of this kind, cut towards the side that is worse."""
        unit = self.reading["unit"]
        if unit == "ratio":
            return words.percent(value, digits=digits_of(self.objective["indicator"]), is_floored=self.is_at_least)
        if self.objective["indicator"] == "certificates" and value == 0:
            return words.say("expired")
        if unit == "seconds":
            is_of_days = self.objective["target"].endswith("d") and not self.objective["target"].endswith("wd")
            return words.duration(value, is_rounded_up=not self.is_at_least, has_days=is_of_days)
        if unit == "money":
            return words.decimal(value, 2, is_floored=self.is_at_least)
        return words.decimal(value, 1, is_floored=self.is_at_least)

    def value_text(self, words: Words) -> str:
        """Return the value, empty when not shown."""
        return self.text(self.value, words) if self.is_shown and self.value is not None else ""


def value_note(figure: Figure, words: Words) -> str:
    """Return what stands behind a value: its count, its downtime, or why there is none."""
    reading, verdict = figure.reading, figure.objective["verdict"]
    if verdict == "nothing_to_judge":
        return words.say("no case in the period")
    if not figure.is_shown:
        return words.say("observed: {share}", share=words.percent(Fraction(reading["coverage"])))
    good, of = reading["numerator"], reading["denominator"]
    if reading["indicator"] == "availability" and good is not None:
        text = lost_text(reading, words)
    elif reading["indicator"] == "backup_rpo" and good is not None:
        text = words.say("{duration} without protection", duration=words.duration(of - good))
    elif reading["indicator"] == "exposure":
        exposed = reading["details"]["exposed_hosts"]
        text = words.count("{n} host exposed for a while", "{n} hosts exposed for a while", exposed)
    elif reading["indicator"] in _LED and reading["evidence"]:
        text = host_of_address(reading["evidence"][0])
    elif reading["unit"] != "ratio" or good is None:
        text = words.sample(reading["n"])
    else:
        one, many = _COUNTED.get(reading["indicator"], messages("{n} of {of}", "{n} of {of}"))
        text = words.count(one, many, good, of=words.number(of))
        if reading["indicator"] not in _COUNTED:
            text = text.replace(" ", NO_BREAK)  # in a narrow column "15 of / 19" would be two figures
    return with_coverage(text, reading, words, is_short=Fraction(reading["coverage"]) < figure.min_coverage)


def lost_text(reading: Part, words: Words) -> str:
    """Return the time that an availability loses: its denominator less its numerator."""
    lost = reading["denominator"] - reading["numerator"]
    # Where time not observed counts as down, calling all of it an outage would claim what nobody saw.
    if "unknown_counts_down" in reading["reasons"] and reading["details"].get("U"):
        return words.say("{duration} down or not observed", duration=words.duration(lost))
    return words.say("{duration} down", duration=words.duration(lost))


def with_coverage(text: str, reading: Part, words: Words, *, is_short: bool) -> str:
    """Return a note, with the observed share beside it where that is less than what was asked for."""
    if not is_short or "unknown_counts_down" in reading["reasons"]:
        return text
    observed = words.say("observed: {share}", share=words.percent(Fraction(reading["coverage"])))
    return ", ".join(part for part in (text, observed) if part)


def reserve_text(figure: Figure, words: Words) -> str:
    """Return the reserve under which a promise is kept, empty without one: it qualifies a kept promise only."""
    reserve = figure.objective["reserve"]
    if reserve is None or figure.objective["verdict"] != "met":
        return ""
    low, high = (figure.text(Fraction(reserve[name]), words) for name in ("lowest", "highest"))
    unknown = figure.reading["details"].get("U")
    if unknown:
        return words.say(
            "with a reserve: {duration} not observed, between {low} and {high}",
            duration=words.duration(unknown),
            low=low,
            high=high,
        )
    return words.say("with a reserve: between {low} and {high}", low=low, high=high)


def change_texts(figure: Figure, facts: Facts, words: Words) -> tuple[str, str]:
    """Return the change against the period before and its word (better, worse); empty where none can be told."""
    before = previous_value(figure.objective, facts)
    if before is None or not figure.is_shown or figure.value is None:
        return "", ""
    if figure.reading["n"] < SMALL and figure.reading["indicator"] != "availability":
        return "", words.say("{sample}: no trend", sample=words.sample(figure.reading["n"]))
    difference = figure.value - before
    if figure.reading["unit"] == "ratio":
        points = words.points(difference, digits=2 if digits_of(figure.reading["indicator"]) > 1 else 1)
        is_nothing = not any(c in "123456789" for c in points)
        text = words.say("{points} pt", points=points)
    else:
        sign = "−" if difference < 0 else "+"
        text = f"{sign}{figure.text(abs(difference), words)}"
        is_nothing = difference == 0
    if is_nothing:
        return "=", words.say("unchanged")
    return text, words.say("better") if (difference > 0) == figure.is_at_least else words.say("worse")


def previous_value(objective: Part, facts: Facts) -> Fraction | None:
    """Return the value of the period just before, None when it was not measured or is not known."""
    before = facts.period.previous().id
    for past in facts.document["history"]:
        if past["objective"] == objective["id"] and past["period"] == before and past["value"] is not None:
            return Fraction(past["value"])
    return None


def left_text(figure: Figure, words: Words) -> str:
    """Return what a running period still allows or needs, empty when nothing is known."""
    left, verdict = figure.objective["left"], figure.objective["verdict"]
    if left is None or verdict not in {"met", "at_risk", "missed"}:
        return ""
    if verdict == "missed":
        return words.say("out of reach before the end")
    if figure.reading["indicator"] == "availability":
        if left <= 0:
            return words.say("no downtime left")
        return words.say("{duration} of downtime left", duration=words.duration(left, is_rounded_up=False))
    return _breaches_left(left, words, is_kept=verdict == "met")


def _breaches_left(left: int, words: Words, *, is_kept: bool) -> str:
    """Return the breaches still allowed above the target, or the successes needed under it."""
    if left <= 0:
        return words.say("no breach allowed any more") if is_kept else words.say("one more breach loses it")
    if is_kept:
        return words.count("{n} more breach allowed", "{n} more breaches allowed", left)
    return words.count("the next {n} must be in time", "the next {n} must all be in time", left)
