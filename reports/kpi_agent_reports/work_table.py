"""What incidents cost those who work on them: reopened, out of hours, product teams, one resolver, money."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kpi_agent_reports.facts import Facts, Part
from kpi_agent_reports.names import indicator_name
from kpi_agent_reports.tables import Item, table
from kpi_agent_reports.view import Table
from kpi_agent_reports.words import Words

Cells = tuple[Item, Item]
"""A figure and what it rests on."""


def work_table(facts: Facts, words: Words) -> Table | None:
    """Return the table of those figures that the document has, None without any incident or any of them."""
    found = {name: facts.reading(name) for name in _CELLS}
    rows: list[list[Item | str]] = [
        [indicator_name(name, words), *_CELLS[name](reading, facts, words)]
        for name, reading in found.items()
        if reading is not None
    ]
    if not rows or not facts.incidents():
        return None
    columns = [(words.say("Work on incidents"), False), (words.say("Figure"), True), (words.say("Of"), False)]
    return table(words.say("What incidents cost those who work on them"), columns, rows)


def _unmeasured(words: Words) -> Item:
    return Item(words.say("not measured"), tone="none", glyph="○")


def _rate(reading: Part, facts: Facts, words: Words) -> Cells:
    """Return a share of incidents with its count, and how many could not be told apart."""
    n = reading["n"] + reading["undetermined"]
    if not n:
        return Item("–"), Item("–")
    value = facts.told_value(reading)
    note = (
        words.count("not known of {n}", "not known of {n}", reading["undetermined"]) if reading["undetermined"] else ""
    )
    if not reading["n"]:
        return _unmeasured(words), Item(note)
    counts = words.say("{good} of {of}", good=words.number(reading["numerator"]), of=words.number(reading["n"]))
    figure = _unmeasured(words) if value is None else Item(words.percent(value, is_floored=False))
    return figure, Item(counts, note)


def _teams(reading: Part, facts: Facts, words: Words) -> Cells:
    figure, counts = _rate(reading, facts, words)
    details = reading["details"]
    if not details["is_timed"] or counts.text == "–":
        return figure, counts
    hours = words.say(
        "{part} of {whole}",
        part=words.duration(details["seconds_of_teams"]),
        whole=words.duration(details["seconds"]),
    )
    return figure, Item(hours)


def _person(reading: Part, facts: Facts, words: Words) -> Cells:
    """Return the share of the busiest resolver; of few resolvers, only whether it is high: no figure about one."""
    if "few_resolvers" in reading["reasons"]:
        if facts.is_short(reading):
            return _unmeasured(words), Item(words.say("fewer than 4 resolvers"))
        is_high = reading["details"]["high"]
        return Item(words.say("high") if is_high else words.say("not high")), Item(words.say("fewer than 4 resolvers"))
    if not reading["n"] and not reading["undetermined"]:
        return Item("–"), Item("–")
    value = facts.told_value(reading)
    if value is None:
        return _unmeasured(words), Item(words.say("the exports do not tell enough"))
    carried = words.count("{n} of {of} resolvers carries 80 %", "{n} of {of} resolvers carry 80 %",
                          reading["details"]["carry_80"], of=words.number(reading["details"]["resolvers"]))  # fmt: skip
    return Item(words.percent(value, is_floored=False)), Item(carried)


def _cost(reading: Part, facts: Facts, words: Words) -> Cells:
    """Return the estimated money, and always the hours beside it, with how many incidents tell theirs."""
    told, of = reading["n"], reading["details"]["incidents"]
    if not of:
        return Item("–"), Item("–")
    hours = words.say(
        "{duration} told for {n} of {of}",
        duration=words.duration(reading["details"]["seconds"]),
        n=words.number(told),
        of=words.number(of),
    )
    value = facts.told_value(reading)
    if value is None:
        note = words.say("the contract names no hourly rate") if "no_rate" in reading["reasons"] else ""
        return _unmeasured(words), Item(hours, note)
    return Item(words.money(value, facts.document["currency"]), words.say("estimated")), Item(hours)


_CELLS: Mapping[str, Callable[[Part, Facts, Words], Cells]] = {
    "reopen_rate": _rate,
    "out_of_hours_share": _rate,
    "product_team_share": _teams,
    "single_person_share": _person,
    "interruption_cost": _cost,
}
