"""The page on what earlier reports would say otherwise today, and the sentences on a backlog that was restated."""

from __future__ import annotations

from fractions import Fraction

from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.time import Period
from kpi_agent_reports.catalogue import NO_BREAK, message
from kpi_agent_reports.facts import Facts, Part
from kpi_agent_reports.names import TICKET_FIELDS, digits_of, objective_name, some_tickets, verdict_chip, windowed_name
from kpi_agent_reports.tables import Item, table
from kpi_agent_reports.view import Topic
from kpi_agent_reports.words import Words, capitalised

_CAUSES = {
    "late_row": message("a row that came late"),
    "rejected_row": message("a rejected row that was mended"),
    "reopened": message("reopened"),
    "edit": message("changed at the desk"),
    "withdrawn": message("withdrawn"),
    "lost": message("no longer in the exports"),
    "told_later": message("told later"),
    "coverage": message("more was observed"),
    "observed_later": message("observed later"),
    "definitions": message("measured otherwise by this version of the program"),
}

_COUNTS = {
    "resolved": message("Resolved"),
    "reopened": message("Reopened"),
    "withdrawn": message("Withdrawn"),
    "lost": message("Lost"),
}


def errata_topic(facts: Facts, words: Words) -> Topic | None:
    """Return the corrections of earlier reports, promises first; None when there are none."""
    errata = facts.document["errata"]
    if not errata:
        return None
    # By priority, service and so on there may be dozens; all of them stand in the document.
    shown = [e for e in errata if e["objective"] is not None or not e["scope"]]
    shown.sort(key=lambda e: (e["period"], e["objective"] is None))
    verdicts = sum(e["old"]["verdict"] != e["new"]["verdict"] for e in errata)
    lead = words.count(
        "{n} figure of an earlier report is known otherwise today.",
        "{n} figures of earlier reports are known otherwise today.",
        len(errata),
    )
    lead += " " + (
        words.count("{n} verdict changes.", "{n} verdicts change.", verdicts)
        if verdicts
        else words.say("No verdict changes.")
    )
    columns = [
        (words.say("Period"), False),
        (words.say("Figure"), False),
        (words.say("As published"), True),
        (words.say("As known today"), True),
        (words.say("Why"), False),
        (words.say("Incidents"), False),
    ]
    rows = [_row(e, facts, words) for e in shown]
    caption = words.say("Old and new figures")
    notes = [
        words.say("Those reports stay as they were sent. A correction is told once, unless the figure changes again.")
    ]
    if len(shown) < len(errata):
        left = len(errata) - len(shown)
        notes.append(
            words.count(
                "{n} more, by priority or service, stands in the JSON document.",
                "{n} more, by priority or service, stand in the JSON document.",
                left,
            )
        )
    return Topic(
        "errata",
        words.say("Corrections of earlier months"),
        lead,
        (),
        (),
        (table(caption, columns, rows, is_long=len(rows) > 12),),  # noqa: PLR2004 - about half a page
        (),
        tuple(notes),
    )


def balance_notes(facts: Facts, words: Words) -> tuple[str, ...]:
    """Return why a backlog does not begin where the report before ended, and whether its sum holds."""
    balance = facts.document.get("balance")  # what an older program closed has none
    if balance is None:
        return ()
    notes = []
    if balance["restated"]:
        by_cause: dict[str, list[str]] = {}
        for item in balance["restated"]:
            sign = "+" if item["change"] > 0 else "−"
            by_cause.setdefault(item["cause"], []).append(f"{sign}{item['ticket']}")
        told = "; ".join(
            words.say("{cause}: {tickets}", cause=words.say(_CAUSES[cause]), tickets=some_tickets(names, words))
            for cause, names in sorted(by_cause.items())
        )
        period = Period.parse(balance["previous"]["period"], facts.period.timezone)
        notes.append(
            words.say(
                "Restated since the report of {period} (+ open after all, − not open after all): {told}.",
                period=words.period(period),
                told=told,
            )
        )
    if balance["adds_up"] is False:
        notes.append(
            words.say(
                "These figures do not add up: {n} incidents between what came in and what went out.",
                n=words.number(balance["difference"]),
            )
        )
    return tuple(notes)


def _row(erratum: Part, facts: Facts, words: Words) -> list[Item | str]:
    period = Period.parse(erratum["period"], facts.period.timezone)
    told_by = Period.parse(erratum["published"], facts.period.timezone)
    source = "" if told_by == period else words.say("corrected in {period}", period=words.period(told_by))
    return [
        capitalised(words.period(period)),
        _name(erratum, facts, words),
        _figure(erratum, erratum["old"], words, note=source),
        _figure(erratum, erratum["new"], words),
        _why(erratum, words),
        some_tickets([t["ticket"] for t in erratum["tickets"]], words) or "–",
    ]


def _name(erratum: Part, facts: Facts, words: Words) -> str:
    """Return its objective's name as this report has it, else its own."""
    known = (o for o in facts.document["objectives"] if o["id"] == erratum["objective"])
    return next((windowed_name(o, facts, words) for o in known), objective_name(erratum, words))


def _figure(erratum: Part, told: Part, words: Words, *, note: str = "") -> Item:
    parts = [note]
    if told["verdict"] not in {"no_data", "nothing_to_judge"}:
        if told["denominator"] and erratum["unit"] == "ratio":
            counts = {"good": words.number(told["numerator"]), "of": words.number(told["denominator"])}
            parts.insert(0, words.say("{good} of {of}", **counts))
        elif erratum["unit"] == "seconds":
            parts.insert(0, words.sample(told["n"]))
        parts[:0] = _counts(erratum, told, words)
    text = _value(erratum, told, words)
    note = ", ".join(p for p in parts if p)
    if told["verdict"] is None:
        return Item(text, note)
    chip = verdict_chip(told["verdict"], words)
    return Item(text if text != "–" else chip.text, note, chip.tone, chip.glyph)


def _counts(erratum: Part, told: Part, words: Words) -> list[str]:
    """Return the counts beside a count that are otherwise now: what was opened may be the same, and less resolved."""
    details = [dict(side["details"] or {}) for side in (erratum["old"], erratum["new"])]
    differing = (name for name in _COUNTS if len({side.get(name) for side in details}) > 1)
    known = told["details"] or {}
    return [f"{words.say(_COUNTS[n])}{NO_BREAK}{words.number(known[n])}" for n in differing if n in known]


def _value(erratum: Part, told: Part, words: Words) -> str:
    if told["value"] is None or told["verdict"] in {"no_data", "nothing_to_judge"}:
        return "–"
    indicator = INDICATORS.get(erratum["indicator"])
    is_more_better = indicator is not None and indicator.is_more_better
    value = Fraction(told["value"])
    if erratum["unit"] == "ratio":
        if told["denominator"]:
            value = Fraction(told["numerator"], told["denominator"])
        return words.percent(value, digits=digits_of(erratum["indicator"]), is_floored=is_more_better)
    if erratum["unit"] == "seconds":
        return words.duration(value, is_rounded_up=not is_more_better)
    return words.decimal(value, 1, is_floored=is_more_better)


def _why(erratum: Part, words: Words) -> str:
    fields = sorted({TICKET_FIELDS[f] for t in erratum["tickets"] for f in t["fields"] if f in TICKET_FIELDS})
    named = []
    for cause in erratum["causes"]:
        text = words.say(_CAUSES[cause])
        if cause == "edit" and fields:
            text = words.say("{cause} ({fields})", cause=text, fields=words.listed([words.say(f) for f in fields]))
        named.append(text)
    return "; ".join(named)
