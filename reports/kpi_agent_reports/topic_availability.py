"""The page on availability: a strip of days per service, the four times T, P, U, D, the outages, the raw figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from fractions import Fraction

from kpi_agent.domain.time import midnight
from kpi_agent_reports.catalogue import message, messages
from kpi_agent_reports.evidence import outage_spans
from kpi_agent_reports.facts import Facts, Part, instant_of
from kpi_agent_reports.figures import with_coverage
from kpi_agent_reports.tables import Item, table
from kpi_agent_reports.view import DayCell, KeyItem, Strip, Table, Topic
from kpi_agent_reports.words import Words

WIDTH = 660
BRIEF = 300
"""Under this many seconds a day's downtime is called brief."""
SHOWN_OUTAGES = 6
MARKED_WIDTH = 16
"""Narrower cells hold no text."""

KINDS = {
    "up": message("no downtime"),
    "brief": message("under 5 min down"),
    "down": message("5 min down or more (minutes in the cell)"),
    "planned": message("planned maintenance (–)"),
    "unknown": message("not observed (?)"),
    "closed": message("no service hours"),
    "ahead": message("still to come"),
}


def availability_topic(facts: Facts, words: Words) -> Topic | None:
    """Return the page, None when no service is promised and none was observed."""
    services = facts.document["services"]
    if not services:
        return None
    strips = tuple(_strip(s, facts, words) for s in services if s["days"])
    lead = _lead(services, facts, words)
    tables = [_times(services, facts, words), _outages(services, facts, words), _maintenance(services, facts, words)]
    return Topic(
        "availability",
        words.say("Availability"),
        lead,
        (),
        strips,
        tuple(t for t in tables if t is not None),
        (),
        (),
    )


def _lead(services: Sequence[Part], facts: Facts, words: Words) -> str:
    """Return the time that the figures lose, all services together; a service without a figure is named."""
    found = [(s["name"], facts.reading("availability", service=s["name"])) for s in services]
    told = {name: r for name, r in found if r is not None and facts.told_value(r) is not None}
    unmeasured = [name for name, _ in found if name not in told]
    parts = [_lost(told, facts, words)] if told else []
    if unmeasured:
        parts.append(words.say("Not measured: {names}.", names=words.listed(unmeasured)))
    return " ".join(parts)


def _lost(told: Mapping[str, Part], facts: Facts, words: Words) -> str:
    down = sum(down_of(r) for r in told.values())
    is_counted = any(s["planned"] == "counted" and s["name"] in told for s in facts.terms["services"])
    if down and is_counted:
        one, many = messages("{n} service measured, {duration} down.", "{n} services measured, {duration} down.")
    elif down:
        one, many = messages(
            "{n} service measured, {duration} down outside planned maintenance.",
            "{n} services measured, {duration} down outside planned maintenance.",
        )
    elif is_counted:
        one, many = messages("{n} service measured, no downtime.", "{n} services measured, no downtime.")
    else:
        one, many = messages(
            "{n} service measured, no downtime outside planned maintenance.",
            "{n} services measured, no downtime outside planned maintenance.",
        )
    return words.count(one, many, len(told), duration=words.duration(down))


def down_of(reading: Part) -> int:
    """Return the downtime that an availability loses; time not observed is apart, also where it counts as down."""
    lost: int = reading["denominator"] - reading["numerator"]
    return lost - reading["details"].get("U", 0) if "unknown_counts_down" in reading["reasons"] else lost


def _strip(service: Part, facts: Facts, words: Words) -> Strip:
    days = {d["day"]: d for d in service["days"]}
    first, count = facts.period.first_day, (facts.period.end_day - facts.period.first_day).days
    pitch = WIDTH // count
    cells = []
    for number in range(count):
        day = first + timedelta(days=number)
        cells.append(_cell(days.get(day.isoformat()), number, count, facts, words))
    kinds = [kind for kind in KINDS if any(c.kind == kind for c in cells)]
    reading = facts.reading("availability", service=service["name"])
    value = facts.told_value(reading)
    figure = words.say("not measured")
    if reading is not None and value is not None:
        figure = with_coverage(words.percent(value, digits=3), reading, words, is_short=facts.is_short(reading))
    return Strip(
        title=service["name"],
        figure=figure,
        summary=words.say("{service}, day by day: {figure}", service=service["name"], figure=figure),
        width=pitch - 3 if pitch >= MARKED_WIDTH else max(1, pitch - 1),
        cells=tuple(cells),
        key=tuple(KeyItem(kind, words.say(KINDS[kind])) for kind in kinds),
        raw=_raw(reading, words),
    )


def _raw(reading: Part | None, words: Words) -> str:
    """Return the raw 24x7 figure, where the reading carries the seconds up and the seconds known."""
    if reading is None or not reading["details"].get("raw_known"):
        return ""
    raw = Fraction(reading["details"].get("raw_up", 0), reading["details"]["raw_known"])
    return words.say(
        "Raw availability, around the clock and without exclusion (unobserved time apart): {figure}.",
        figure=words.percent(raw, digits=3),
    )


def _cell(day: Part | None, number: int, count: int, facts: Facts, words: Words) -> DayCell:
    date = facts.period.first_day + timedelta(days=number)
    name = words.short_day(date)
    pitch, start = WIDTH // count, WIDTH * number // count
    is_ahead = midnight(date, facts.tz) >= facts.edge
    if not facts.start <= midnight(date, facts.tz) < facts.end:
        kind, mark, text = "closed", "", words.say("contract not in force")
    elif is_ahead:
        kind, mark, text = "ahead", "", words.say("still to come")
    elif day is None:
        kind, mark, text = "unknown", "?", words.say("not observed")
    else:
        kind, mark, text = _state(day, words)
    is_labelled = number % 7 == 0 or (kind in {"down", "brief", "unknown"} and number % 7 not in {1, 6})
    return DayCell(
        x=start,
        middle=start + (pitch - 3) // 2,
        kind=kind,
        mark=mark if pitch >= MARKED_WIDTH else "",
        label=words.number(date.day) if is_labelled and pitch >= MARKED_WIDTH else "",
        title=f"{name}, {text}",
    )


def _state(day: Part, words: Words) -> tuple[str, str, str]:
    """Return (kind, mark, words) of a day: downtime shows before what is unknown, that before what was planned."""
    if day["down"]:
        minutes = -(-day["down"] // 60)
        kind = "brief" if day["down"] < BRIEF else "down"
        return kind, words.number(minutes), words.say("{duration} down", duration=words.duration(day["down"]))
    if day["unknown"]:
        return "unknown", "?", words.say("{duration} not observed", duration=words.duration(day["unknown"]))
    if day["planned"]:
        return "planned", "–", words.say("{duration} of planned maintenance", duration=words.duration(day["planned"]))
    if not day["open"]:
        return "closed", "", words.say("no service hours")
    return "up", "", words.say("no downtime")


def _times(services: Sequence[Part], facts: Facts, words: Words) -> Table:
    columns = [
        (words.say("Service"), False),
        (words.say("Service hours (T)"), True),
        (words.say("Planned (P)"), True),
        (words.say("Not observed (U)"), True),
        (words.say("Down (D)"), True),
        (words.say("Availability"), True),
        (words.say("Outages"), True),
        (words.say("Longest"), True),
    ]
    rows = []
    for service in services:
        reading = facts.reading("availability", service=service["name"])
        value = facts.told_value(reading)
        times = [service[name] for name in ("open", "planned", "unknown", "down")]
        outages = longest = None
        if reading is not None:
            outages, longest = (reading["details"].get(name) for name in ("outages", "longest"))
            if reading["denominator"]:
                times[-1] = down_of(reading)
        rows.append(
            [
                service["name"],
                *(words.duration(seconds) if seconds else "–" for seconds in times),
                _availability(reading, value, facts, words),
                "–"
                if outages is None
                else Item(words.number(outages), _between(reading, service["name"], facts, words)),
                words.duration(longest) if longest else "–",
            ]
        )
    return table(words.say("What the figures are made of"), columns, rows)


def _between(reading: Part | None, service: str, facts: Facts, words: Words) -> str:
    """Return the time between failures: service time that was observed up, for each outage; empty without any."""
    if reading is None or not reading["details"].get("outages"):
        return ""
    told = reading["details"]
    is_counted = any(s["planned"] == "counted" and s["name"] == service for s in facts.terms["services"])
    left_out = told.get("planned_down", 0) if is_counted else told.get("P", 0)
    up = told["T"] - told.get("U", 0) - told.get("D", 0) - left_out
    return words.say(
        "one in {duration} of service", duration=words.duration(up // told["outages"], is_rounded_up=False)
    )


def _availability(reading: Part | None, value: Fraction | None, facts: Facts, words: Words) -> Item:
    if reading is None or value is None:
        return Item("–")
    note = with_coverage("", reading, words, is_short=facts.is_short(reading))
    return Item(words.percent(value, digits=3), note)


def _maintenance(services: Sequence[Part], facts: Facts, words: Words) -> Table | None:
    """Return what became of the maintenance windows, None where there was none in service hours."""
    columns = [
        (words.say("Service"), False),
        (words.say("Counted as planned (P)"), True),
        (words.say("Down meanwhile"), True),
        (words.say("Over the monthly cap"), True),
        (words.say("Announced too late"), True),
    ]
    rows = []
    for service in services:
        reading = facts.reading("availability", service=service["name"])
        details = {} if reading is None else reading["details"]
        if any(details.get(name) for name in ("P", "over_cap", "late")):
            times = (details.get(name) for name in ("P", "planned_down", "over_cap", "late"))
            rows.append([service["name"], *(words.duration(seconds) if seconds else "–" for seconds in times)])
    if not rows:
        return None
    return table(words.say("Maintenance windows, in service hours"), columns, rows)


_NOT_PLANNED, _PLANNED_COUNTED, _OUTSIDE, _PLANNED = (
    message("not planned"),
    message("planned, counted"),
    message("outside service hours, not counted"),
    message("planned"),
)


def _kind(outage: Part, reading: Part | None) -> tuple[bool, str]:
    """Return (whether a figure leaves an outage out, what it is): its evidence names all that it counts."""
    is_planned = outage["is_planned"]
    spans = [] if reading is None else outage_spans(reading)
    if reading is None or len(spans) != reading["details"].get("outages"):
        return is_planned, _PLANNED if is_planned else _NOT_PLANNED
    if (instant_of(outage["start"]), instant_of(outage["end"])) in spans:
        return False, _PLANNED_COUNTED if is_planned else _NOT_PLANNED
    return True, _PLANNED if is_planned else _OUTSIDE


def _outages(services: Sequence[Part], facts: Facts, words: Words) -> Table | None:
    found = []
    for service in services:
        reading = facts.reading("availability", service=service["name"])
        for outage in service["outages"]:
            start, end = instant_of(outage["start"]), instant_of(outage["end"])
            is_left_out, kind = _kind(outage, reading)
            found.append((is_left_out, start - end, start, service["name"], kind))
    if not found:
        return None
    found.sort()
    columns = [
        (words.say("Service"), False),
        (words.say("Start"), False),
        (words.say("Duration"), True),
        (words.say("Kind"), False),
    ]
    rows: list[list[Item | str]] = [
        [
            service,
            words.short_moment(start),
            words.duration(-negative),
            words.say(kind),
        ]
        for _, negative, start, service, kind in found[:SHOWN_OUTAGES]
    ]
    caption = words.say("Outages, those that count and longest first")
    if len(found) > SHOWN_OUTAGES:
        caption += " " + words.say(
            "({shown} of {all})", shown=words.number(SHOWN_OUTAGES), all=words.number(len(found))
        )
    return table(caption, columns, rows)
