"""The page on what came back: families with what joined them, their occurrences, and what became of their causes."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpi_agent_reports.catalogue import message, messages
from kpi_agent_reports.facts import Facts, Part, instant_of
from kpi_agent_reports.figures import with_coverage
from kpi_agent_reports.names import joined_by, some_tickets
from kpi_agent_reports.tables import Item, list_table, table
from kpi_agent_reports.view import Table, Topic
from kpi_agent_reports.words import Words, capitalised

SHOWN_FAMILIES = 8

_TREATMENTS = {
    "treated": ("met", "●", message("treated"), message("problem resolved, quiet for 30 days")),
    "came_back": ("missed", "■", message("came back"), message("within 30 days, although its problem is resolved")),
    "problem_open": ("risk", "▲", message("being looked into"), message("its problem is not resolved")),
    "no_problem": ("missed", "■", message("not treated"), message("no problem record")),
    "unknown": ("none", "○", message("not known"), message("the exports do not tell its problem")),
}


def recurrence_topic(facts: Facts, words: Words) -> Topic | None:
    """Return the page on families, None when recurrence was not looked at."""
    families = [f for f in facts.document["families"] if f["occurrences"] > 1]
    reading = facts.reading("recurrence_rate")
    if reading is None and not families:
        return None
    lead = " ".join((_rate(reading, facts, words), *_treated(facts, words)))
    tables = []
    if families:
        tables.append(_families(families, facts, words))
        tables += _occurrences(families[:SHOWN_FAMILIES], words)
    return Topic("recurrence", words.say("What came back"), lead, (), (), tuple(tables), (), _notes(reading, words))


def _rate(reading: Part | None, facts: Facts, words: Words) -> str:
    value = facts.told_value(reading)
    if reading is None or value is None:
        return words.say("The share of recurring incidents could not be measured.")
    lead = words.count(
        "{share} of the incidents came back: {good} occurrence of {of} had an earlier one.",
        "{share} of the incidents came back: {good} occurrences of {of} had an earlier one.",
        reading["numerator"] or 0,
        share=words.percent(value, is_floored=False),
        good=words.number(reading["numerator"] or 0),
        of=words.number(reading["denominator"] or 0),
    )
    return " ".join((lead, *_observed(reading, facts, words)))


def _observed(reading: Part, facts: Facts, words: Words) -> list[str]:
    """Return the observed share as a sentence, nothing where it is all that was asked for."""
    text = with_coverage("", reading, words, is_short=facts.is_short(reading))
    return [f"{capitalised(text)}."] if text else []


def _treated(facts: Facts, words: Words) -> list[str]:
    """Return how many root causes are treated, in a sentence; nothing where no family came back."""
    reading = facts.reading("root_cause_treated")
    if reading is None or not (reading["n"] or reading["undetermined"]):
        return []
    if facts.told_value(reading) is None:
        return [words.say("How many of their root causes are treated was not measured.")]
    return [
        words.count(
            "The root cause of {n} family of {of} is treated.",
            "The root causes of {n} families of {of} are treated.",
            reading["numerator"] or 0,
            of=words.number(reading["denominator"] or 0),
        )
    ]


def _families(families: Sequence[Part], facts: Facts, words: Words) -> Table:
    tickets = facts.terms["tickets"]
    lookback = words.duration(tickets["lookback"], has_days=True) if tickets else ""
    columns = [
        (words.say("Shared words"), False),
        (words.say("Where"), False),
        (words.say("In the period"), True),
        (words.say("Within {lookback}", lookback=lookback) if lookback else words.say("In all"), True),
        (words.say("Time spent"), True),
        (words.say("Root cause"), False),
        (words.say("Incidents"), False),
    ]
    rows = [
        [
            Item(joined_by(f, words), f["category"] or ""),
            f["where"] or "–",
            words.number(f["occurrences_in_period"]),
            words.number(f["occurrences"]),
            _time_spent(f, facts.document["currency"], words),
            _cause(f, words),
            some_tickets(f["tickets"][::-1], words),
        ]
        for f in families[:SHOWN_FAMILIES]
    ]
    caption = words.say("Families of incidents")
    if len(families) > SHOWN_FAMILIES:
        shown, of = words.number(SHOWN_FAMILIES), words.number(len(families))
        caption += " " + words.say("({shown} of {all})", shown=shown, all=of)
    return table(caption, columns, rows)


def _time_spent(family: Part, currency: str, words: Words) -> Item:
    if family["time_spent"] is None:
        return Item("–", words.say("not told"))
    told, of = family["time_told"], len(family["tickets"])
    note = "" if told == of else words.say("told for {n} of {of}", n=words.number(told), of=words.number(of))
    if family.get("cost") is not None:
        amount = words.money(Fraction(family["cost"]), currency)
        note = ", ".join(part for part in (words.say("{amount} estimated", amount=amount), note) if part)
    return Item(words.duration(family["time_spent"]), note)


def _cause(family: Part, words: Words) -> Item:
    tone, glyph, text, note = _TREATMENTS[family["treatment"]]
    problems = ", ".join(family["problems"])
    return Item(words.say(text), " ".join(p for p in (words.say(note), f"({problems})" if problems else "") if p),
                tone, glyph)  # fmt: skip


def _occurrences(families: Sequence[Part], words: Words) -> list[Table]:
    """Return every occurrence of the families with its incidents, a storm of callers is one line; none untold."""
    columns = [
        (words.say("Family"), False),
        (words.say("Began"), False),
        (words.say("Restored"), False),
        (words.say("Incidents"), True),
        (words.say("Which"), False),
    ]
    rows: list[list[Item | str]] = [
        [
            Item(joined_by(f, words), f["where"] or ""),
            words.short_moment(instant_of(o["start"])),
            words.say("still open") if o["restored"] is None else words.short_moment(instant_of(o["restored"])),
            words.number(len(o["tickets"])),
            some_tickets(o["tickets"], words),
        ]
        for f in families
        for o in f["told"]
    ]
    return [list_table(words.say("Every occurrence of these families"), columns, rows, words)] if rows else []


def _notes(reading: Part | None, words: Words) -> tuple[str, ...]:
    if reading is None or not reading["n"] or "tickets" not in reading["details"]:
        return ()
    one, many = messages(
        "{n} incident makes {occurrences} in the period: a storm of callers is one occurrence.",
        "{n} incidents make {occurrences} in the period: a storm of callers is one occurrence.",
    )
    occurrences = words.count("{n} occurrence", "{n} occurrences", reading["n"])
    return (words.count(one, many, reading["details"]["tickets"], occurrences=occurrences),)
