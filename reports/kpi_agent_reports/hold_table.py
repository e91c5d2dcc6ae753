"""What holds did to the figures on incidents, and which of them deserve a look (indicators.md §1)."""

from __future__ import annotations

from fractions import Fraction

from kpi_agent_reports.annex_terms import HOLDS
from kpi_agent_reports.catalogue import message
from kpi_agent_reports.facts import Facts, Part
from kpi_agent_reports.names import some_tickets
from kpi_agent_reports.tables import Item, table
from kpi_agent_reports.view import Table
from kpi_agent_reports.words import Words, capitalised

_NAMED = {
    "saved": message("In time only thanks to holds"),
    "begun_late": message("A hold began in the last tenth of the limit"),
    "entered_late": message("Held time entered afterwards"),
    "long": message("On hold for more than ten working days"),
}
_WAITS = {
    **HOLDS,
    "untold": message("on hold, no reason told"),
    "sum": message("on hold, told only as a sum"),
}


def hold_table(facts: Facts, words: Words) -> Table | None:
    """Return the table, None where the document does not tell; a source without holds is not measured, never 0."""
    found = (facts.document.get("reconciliation") or {}).get("holds")
    if found is None or facts.terms["tickets"] is None or not facts.incidents():
        return None
    columns = [(words.say("Holds"), False), (words.say("Figure"), True), (words.say("Incidents"), False)]
    rows: list[list[Item | str]] = [[words.say("Share of held time"), _share(found, words), _basis(found, words)]]
    rows += [_reason(one, found, words) for one in found.get("reasons") or ()]
    is_untold = found["n"] > 0 and found["untold"] == found["n"]
    unmeasured = Item(words.say("not measured"), tone="none", glyph="○")
    rows += [
        [
            words.say(label),
            unmeasured if is_untold else words.number(len(found[name])),
            some_tickets(found[name], words) or "–",
        ]
        for name, label in _NAMED.items()
    ]
    return table(words.say("What holds did"), columns, rows)


def _reason(one: Part, found: Part, words: Words) -> list[Item | str]:
    """Return the line of one reason: its share of the same hours, and whether it stops the clock."""
    name = one["reason"]
    label = capitalised(words.say(_WAITS[name]))
    stops = words.say("stops the clock") if one["stops"] else words.say("does not stop the clock")
    share = words.percent(Fraction(one["seconds"], found["whole"]), is_floored=False) if found["whole"] else "–"
    told = words.count("{time} in {n} incident", "{time} in {n} incidents", one["n"],
                       time=words.duration(one["seconds"]))  # fmt: skip
    return [Item(label, stops), share, told]


def _share(found: Part, words: Words) -> Item:
    if not found["whole"] or found["untold"] == found["n"]:
        return Item(words.say("not measured"), tone="none", glyph="○") if found["n"] else Item("–")
    return Item(words.percent(Fraction(found["held"], found["whole"]), is_floored=False))


def _basis(found: Part, words: Words) -> Item:
    """Return what the share is counted over, and for how many the export tells no holds."""
    if not found["n"]:
        return Item("–")
    told = words.say(
        "{held} of {whole} service hours",
        held=words.duration(found["held"]),
        whole=words.duration(found["whole"]),
    )
    untold = ""
    if found["untold"]:
        untold = words.count("{n} of them without told holds", "{n} of them without told holds", found["untold"])
    return Item(f"{told}, {words.sample(found['n'])}", untold)
