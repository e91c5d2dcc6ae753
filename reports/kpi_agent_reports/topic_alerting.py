"""The page on alerts: how many, whether somebody acted, how outages were noticed, and the noisiest rules."""

from __future__ import annotations

from fractions import Fraction

from kpi_agent_reports.catalogue import message
from kpi_agent_reports.facts import Facts, Part
from kpi_agent_reports.figures import with_coverage
from kpi_agent_reports.names import indicator_name
from kpi_agent_reports.tables import Item, list_table, table
from kpi_agent_reports.view import Table, Topic
from kpi_agent_reports.words import Words

_SHOWN = (
    "alerts_per_week",
    "night_alerts",
    "alerts_acted_on",
    "runbook_coverage",
    "undetected_outages",
    "time_to_detect",
)
_NOISIEST = 10

_NOTES = {
    "start_unobserved": message("Alerts whose beginning nobody observed count when they were first seen."),
    "placeless": message("Alerts that name neither a host nor a service of the contract are not judged."),
}


def alerting_topic(facts: Facts, words: Words) -> Topic | None:
    """Return the page on alerts, None when nothing was told of any."""
    readings = [r for name in _SHOWN if (r := facts.reading(name)) is not None]
    rules = facts.document.get("alerts", [])
    if not rules and not any(r["n"] for r in readings):
        return None
    tables = [_figures(readings, facts, words)]
    if rules:
        tables.append(_noisiest(rules, words))
    bare = [rule for r in readings if r["indicator"] == "runbook_coverage" for rule in r["evidence"]]
    if bare:
        columns = [(words.say("Rule"), False)]
        tables.append(list_table(words.say("Alerting rules without a runbook"), columns, [[b] for b in bare], words))
    details = {name for r in readings for name, n in r["details"].items() if n}
    notes = tuple(words.say(text) for name, text in _NOTES.items() if name in details)
    return Topic("alerting", words.say("Alerting"), _lead(facts, words), (), (), tuple(tables), (), notes)


def _lead(facts: Facts, words: Words) -> str:
    reading = facts.reading("alerts_per_week")
    if reading is None or facts.told_value(reading) is None:
        return words.say("How many alerts fired was not measured.")
    return words.count("{n} alert fired in the period.", "{n} alerts fired in the period.", reading["n"])


def _figures(readings: list[Part], facts: Facts, words: Words) -> Table:
    columns = [
        (words.say("Figure"), False),
        (words.say("Value"), True),
        (words.say("Counted"), False),
    ]
    rows: list[list[Item | str]] = []
    for reading in readings:
        value = facts.told_value(reading)
        shown = Item("–") if value is None else Item(_text(reading, value, words))
        rows.append([indicator_name(reading["indicator"], words), shown, _counted(reading, facts, words)])
    return table(words.say("Alerts, and how outages were noticed"), columns, rows)


def _text(reading: Part, value: Fraction, words: Words) -> str:
    if reading["unit"] == "ratio":
        return words.percent(value)
    if reading["unit"] == "seconds":
        return words.duration(value)
    return words.decimal(value, 1, is_floored=False)


def _counted(reading: Part, facts: Facts, words: Words) -> str:
    """Return what stands behind a figure, or how much of it was observed."""
    name, details, n = reading["indicator"], reading["details"], reading["n"]
    if name in {"alerts_acted_on", "runbook_coverage"}:
        good = words.number(reading["numerator"] or 0)
        if name == "runbook_coverage":
            text = words.count("{good} of {n} rule", "{good} of {n} rules", n, good=good)
        else:
            text = words.count("{good} of {n} alert", "{good} of {n} alerts", n, good=good)
    elif name in {"undetected_outages", "time_to_detect"}:
        text = words.count("{n} outage", "{n} outages", details["outages"])
        if details.get("unnoticed"):
            text += ", " + words.count("{n} noticed by nobody", "{n} noticed by nobody", details["unnoticed"])
    else:
        text = words.count("{n} alert", "{n} alerts", details["episodes"])
    if reading["undetermined"]:
        text += ", " + words.count("{n} undetermined", "{n} undetermined", reading["undetermined"])
    return with_coverage(text, reading, words, is_short=facts.is_short(reading))


def _noisiest(rules: list[Part], words: Words) -> Table:
    columns = [
        (words.say("Rule"), False),
        (words.say("Fired"), True),
        (words.say("At night"), True),
        (words.say("In all"), True),
        (words.say("With a ticket"), True),
    ]
    rows: list[list[Item | str]] = [
        [
            rule["rule"] or "–",
            words.number(rule["episodes"]),
            words.number(rule["at_night"]),
            words.duration(rule["seconds"], has_days=True),
            words.say("{good} of {of}", good=words.number(rule["acted_on"]), of=words.number(rule["judged"]))
            if rule["judged"]
            else "–",
        ]
        for rule in rules[:_NOISIEST]
    ]
    return table(words.say("The noisiest rules"), columns, rows)
