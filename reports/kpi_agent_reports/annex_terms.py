"""Annex A: what every figure means, when the clocks run, which days were taken out."""

from __future__ import annotations

from collections.abc import Iterator

from kpi_agent_reports.catalogue import message
from kpi_agent_reports.definitions import INDICATORS, RULES
from kpi_agent_reports.facts import Facts, Part, day_of, instant_of
from kpi_agent_reports.tables import Item, table
from kpi_agent_reports.view import Definition, Table, Topic
from kpi_agent_reports.words import Words, capitalised

HOLDS = {
    "customer": message("waiting for the customer"),
    "third_party": message("waiting for a third party"),
    "vendor": message("waiting for a vendor"),
    "problem": message("waiting for a problem"),
    "change": message("waiting for a change"),
    "other": message("waiting for another reason"),
}

UNKNOWN = {
    "excluded": message("time not observed excluded"),
    "down": message("time not observed counted as down"),
}

PLANNED = {
    "excluded": message("planned maintenance excluded"),
    "as_up": message("planned maintenance counted as up"),
    "counted": message("planned maintenance counted"),
}


def terms_annex(facts: Facts, words: Words) -> Topic:
    """Return the annex: definitions of the indicators in the report, calendars, limits, exclusions."""
    used = {r["indicator"] for r in facts.document["readings"]}
    definitions = [_split(words.say(text), words) for name, text in INDICATORS.items() if name in used]
    definitions += [Definition(words.say(term), words.say(text), is_code=False) for term, text in RULES]
    tables = []
    for terms in facts.document["terms"]:
        tables += [t for t in (_limits(terms, facts, words), _calendars(terms, facts, words)) if t is not None]
        services = _services(terms, words)
        if services is not None:
            tables.append(services)
        windows = _windows(terms, facts, words)
        if windows is not None:
            tables.append(windows)
    return Topic(
        "annex-a",
        words.say("Annex A: definitions"),
        words.say("What each figure of this report means, so that anyone can recompute it."),
        (),
        (),
        tuple(tables),
        tuple(definitions),
        _notes(facts, words),
    )


def _split(text: str, words: Words) -> Definition:
    """Return a definition written ``Term: text`` in its two parts."""
    mark = "\u00a0: " if words.language == "fr" else ": "
    term, _, meaning = text.partition(mark)
    return Definition(term, capitalised(meaning), is_code=False)


def _suffix(terms: Part, facts: Facts, words: Words) -> str:
    """Return from when the terms hold, where a new version began inside the period; else nothing."""
    if len(facts.document["terms"]) == 1:
        return ""
    return " " + words.say("(version of {day})", day=words.day(day_of(terms["version"]), has_year=True))


def _limits(terms: Part, facts: Facts, words: Words) -> Table | None:
    if not terms["priorities"]:
        return None
    columns = [
        (words.say("Priority"), False),
        (words.say("Response"), True),
        (words.say("Resolution"), True),
        (words.say("Service hours"), False),
    ]
    rows = [
        [
            p["priority"],
            *(
                words.limit(p[clock]["text"], p[clock]["seconds"]) if p[clock] else "–"
                for clock in ("respond", "resolve")
            ),
            p["calendar"],
        ]
        for p in terms["priorities"]
    ]
    return table(words.say("Limits by priority") + _suffix(terms, facts, words), columns, rows)


def _calendars(terms: Part, facts: Facts, words: Words) -> Table | None:
    if not terms["calendars"]:
        return None
    columns = [
        (words.say("Service hours"), False),
        (words.say("Open"), False),
        (words.say("Holidays and closed days in the period"), False),
        (words.say("Extra openings"), False),
    ]
    rows = [
        [c["name"], Item(_weekly(c, words), c.get("timezone", "")), _closed(c, words), _extra(c, words)]
        for c in terms["calendars"]
    ]
    return table(words.say("When the clocks run") + _suffix(terms, facts, words), columns, rows)


def _weekly(calendar: Part, words: Words) -> str:
    """Return ``Monday to Friday 8 h 00 – 18 h 00``: neighbouring days with the same hours are one."""
    if calendar["is_always_open"]:
        return words.say("around the clock, every day")
    groups: list[tuple[int, int, list[str]]] = []
    for day in calendar["weekly"]:
        if groups and groups[-1][2] == day["ranges"] and groups[-1][1] + 1 == day["weekday"]:
            groups[-1] = (groups[-1][0], day["weekday"], day["ranges"])
        else:
            groups.append((day["weekday"], day["weekday"], day["ranges"]))
    texts = []
    for first, last, ranges in groups:
        name = words.weekday(first)
        if last > first:
            name = words.say("{first} to {last}", first=name, last=words.weekday(last))
        texts.append(f"{name} {_hours(ranges, words)}")
    return capitalised("; ".join(texts) if words.language == "en" else "\u00a0; ".join(texts))


def _hours(ranges: list[str], words: Words) -> str:
    texts = []
    for text in ranges:
        opening, closing = (words.wall(part) for part in text.split("-"))
        texts.append(f"{opening}–{closing}" if words.language == "en" else f"{opening} – {closing}")
    return ", ".join(texts)


def _closed(calendar: Part, words: Words) -> str:
    if calendar["is_always_open"]:
        return "–"
    found = [f"{words.short_day(day_of(h['day']))} ({h['name']})" for h in calendar["holidays"]]
    found += [words.short_day(day_of(day)) for day in calendar["closed"]]
    return ", ".join(found) or words.say("none")


def _extra(calendar: Part, words: Words) -> str:
    if calendar["is_always_open"]:
        return "–"
    found = [f"{words.short_day(day_of(e['day']))} {_hours(e['ranges'], words)}" for e in calendar["extra"]]
    return ", ".join(found) or words.say("none")


def _services(terms: Part, words: Words) -> Table | None:
    if not terms["services"]:
        return None
    columns = [
        (words.say("Service"), False),
        (words.say("Service hours"), False),
        (words.say("Shortest outage counted"), True),
        (words.say("Counting"), False),
    ]
    rows = [
        [
            s["name"],
            s["calendar"],
            words.duration(s["min_outage"]) if s["min_outage"] else words.say("every one"),
            ", ".join(words.say(text) for text in (PLANNED[s["planned"]], UNKNOWN[s["unknown"]])),
        ]
        for s in terms["services"]
    ]
    return table(words.say("How availability is counted"), columns, rows)


def _windows(terms: Part, facts: Facts, words: Words) -> Table | None:
    rows = [
        [
            w["name"],
            ", ".join(w["services"]) or words.say("all services"),
            words.moment(instant_of(span["start"])),
            words.duration(instant_of(span["end"]) - instant_of(span["start"])),
            _announced(w.get("declared"), is_late=span.get("is_late", False), words=words),
        ]
        for w in terms["maintenance"]
        for span in w["windows"]
    ]
    if not rows:
        return None
    columns = [
        (words.say("Window"), False),
        (words.say("Services"), False),
        (words.say("Start"), False),
        (words.say("Duration"), True),
        (words.say("Announced"), False),
    ]
    return table(words.say("Planned maintenance in the period") + _suffix(terms, facts, words), columns, rows)


def _announced(declared: str | None, *, is_late: bool, words: Words) -> Item:
    if declared is None:
        return Item(words.say("with the contract"))
    return Item(words.moment(instant_of(declared)), words.say("too late") if is_late else "")


def _notes(facts: Facts, words: Words) -> tuple[str, ...]:
    terms = facts.terms
    notes = []
    if terms["priorities"]:
        reasons = [words.say(HOLDS[name]) for name in terms["hold_stop"] if name in HOLDS]
        if reasons:
            notes.append(words.say("These holds stop the resolution clock: {reasons}.", reasons=words.listed(reasons)))
        else:
            notes.append(words.say("No hold stops the resolution clock."))
    if terms["tickets"]:
        window = words.duration(terms["tickets"]["reopen_window"])
        notes.append(
            words.say("Reopened within {window}, an incident loses its verdict and its clock goes on.", window=window)
        )
    return (*notes, *_maintenance_rules(terms, words))


def _maintenance_rules(terms: Part, words: Words) -> Iterator[str]:
    """Yield what makes maintenance no planned one, where the contract says so."""
    cap, notice = terms.get("maintenance_cap"), terms.get("maintenance_notice")
    if cap is not None:
        yield words.say(
            "Planned maintenance of a service is at most {cap} a month; what exceeds it counts as any other hour.",
            cap=words.duration(cap),
        )
    if notice is not None:
        yield words.say(
            "Maintenance announced less than {notice} ({calendar}) before its start counts as any other hour.",
            notice=words.limit(notice["text"], notice["seconds"]),
            calendar=notice["calendar"],
        )
