"""The page on availability: a strip of days per service, the four times T, P, U, D, the outages, the raw figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction

from kpi_agent.domain.time import midnight
from kpi_agent_reports.catalogue import message
from kpi_agent_reports.facts import Facts, Part, instant_of
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
    down = sum(s["down"] for s in services)
    if down:
        lead = words.count(
            "{n} service observed, {duration} down outside planned maintenance.",
            "{n} services observed, {duration} down outside planned maintenance.",
            len(services),
            duration=words.duration(down),
        )
    else:
        lead = words.count(
            "{n} service observed, no downtime outside planned maintenance.",
            "{n} services observed, no downtime outside planned maintenance.",
            len(services),
        )
    tables = [_times(services, facts, words), _outages(services, words)]
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
    figure = words.percent(value, digits=3) if value is not None else words.say("not measured")
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
    if is_ahead:
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
        spans = [instant_of(o["end"]) - instant_of(o["start"]) for o in service["outages"] if not o["is_planned"]]
        rows.append(
            [
                service["name"],
                *(words.duration(service[name]) if service[name] else "–" for name in ("open", "planned", "unknown")),
                words.duration(service["down"]) if service["down"] else "–",
                "–" if value is None else words.percent(value, digits=3),
                words.number(len(spans)),
                words.duration(max(spans)) if spans else "–",
            ]
        )
    return table(words.say("What the figures are made of"), columns, rows)


def _outages(services: Sequence[Part], words: Words) -> Table | None:
    found = [
        (instant_of(o["end"]) - instant_of(o["start"]), instant_of(o["start"]), s["name"], o["is_planned"])
        for s in services
        for o in s["outages"]
    ]
    if not found:
        return None
    found.sort(key=lambda item: (item[3], -item[0], item[1], item[2]))
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
            words.duration(seconds),
            words.say("planned") if is_planned else words.say("not planned"),
        ]
        for seconds, start, service, is_planned in found[:SHOWN_OUTAGES]
    ]
    caption = words.say("Outages, unplanned and longest first")
    if len(found) > SHOWN_OUTAGES:
        caption += " " + words.say(
            "({shown} of {all})", shown=words.number(SHOWN_OUTAGES), all=words.number(len(found))
        )
    return table(caption, columns, rows)
