"""The page on incidents: what was opened and resolved, by priority, against the limits, and the worst of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from kpi_agent_reports.catalogue import messages
from kpi_agent_reports.dots import dot_chart
from kpi_agent_reports.facts import USUAL_COVERAGE, Facts, Part, instant_of, optional_instant
from kpi_agent_reports.figures import with_coverage
from kpi_agent_reports.hold_table import hold_table
from kpi_agent_reports.names import calendar_words, priority_limit
from kpi_agent_reports.tables import Item, table
from kpi_agent_reports.view import Table, Topic
from kpi_agent_reports.words import Words
from kpi_agent_reports.work_table import work_table

WORST = 3


def incident_topic(facts: Facts, words: Words) -> Topic | None:
    """Return the page, None when the contract covers no tickets and none are known."""
    incidents = facts.incidents()
    if not incidents and facts.terms["tickets"] is None:
        return None
    names = priorities_of(incidents, facts)
    charts = [dot_chart(name, incidents, facts, words) for name in names]
    tables = [_by_priority(names, incidents, facts, words)] if names else []
    worst = _worst(incidents, facts, words)
    tables += [t for t in (worst, hold_table(facts, words), work_table(facts, words)) if t is not None]
    return Topic(
        "incidents",
        words.say("Incidents"),
        _lead(incidents, facts, words),
        tuple(chart for chart in charts if chart is not None),
        (),
        tuple(tables),
        (),
        _notes(incidents, facts, words),
    )


def priorities_of(incidents: Sequence[Part], facts: Facts) -> list[str]:
    """Return the priorities that occur, most severe first; incidents without one come last under an empty name."""
    counted = {
        r["scope"]["priority"]
        for r in facts.document["readings"]
        if r["indicator"] == "volume" and "priority" in r["scope"] and any(r["details"].values())
    }
    return sorted({t["priority"] or "" for t in incidents} | counted, key=lambda name: (not name, name))


def _lead(incidents: Sequence[Part], facts: Facts, words: Words) -> str:
    opened, resolved = (_of_all(name, incidents, facts) for name in _COUNTS)
    if opened is None or resolved is None:
        return words.say("How many incidents were opened and resolved was not measured.")
    if not opened and not resolved:
        return words.say("No incident was opened or resolved in the period.")
    return " ".join(
        (
            words.count("{n} incident was opened,", "{n} incidents were opened,", opened),
            words.count("{n} was resolved.", "{n} were resolved.", resolved),
        )
    )


def _by_priority(names: Sequence[str], incidents: Sequence[Part], facts: Facts, words: Words) -> Table:
    columns = [
        (words.say("Priority"), False),
        (words.say("Opened"), True),
        (words.say("Resolved"), True),
        (words.say("Response in time"), True),
        (words.say("Resolution in time"), True),
        (words.say("Median"), True),
        (words.say("Nine in ten under"), True),
        (words.say("Longest"), True),
        (words.say("On hold"), True),
    ]
    told = [name for name in names if facts.reading("volume", priority=name) is not None]
    if facts.reading("volume") is None:
        told = list(names)
    rows = [_priority_row(name, incidents, facts, words) for name in told]
    rest = [name for name in names if name not in told]
    if rest:
        rows.append(_rest_row(told, rest, incidents, facts, words))
    return table(words.say("Incidents by priority"), columns, rows)


_COUNTS = ("opened", "resolved")


def _of_all(name: str, incidents: Sequence[Part], facts: Facts) -> int | None:
    """Return how many were opened or resolved, None when not measured; without a reading, as the document lists."""
    if facts.reading("volume") is None:
        return sum(facts.in_period(t[name]) for t in incidents)
    return facts.detail("volume", name)


def _of_priority(name: str, priority: str, incidents: Sequence[Part], facts: Facts) -> int | None:
    if facts.reading("volume", priority=priority) is None:
        return sum(facts.in_period(t[name]) for t in incidents if (t["priority"] or "") == priority)
    return facts.detail("volume", name, priority=priority)


def _count(count: int | None, words: Words) -> Item:
    if count is None:
        return Item(words.say("not measured"), tone="none", glyph="○")
    return Item(words.number(count))


def _rest_row(
    told: Sequence[str], rest: Sequence[str], incidents: Sequence[Part], facts: Facts, words: Words
) -> list[Item | str]:
    """Return the row of the incidents whose priority the contract does not name: what is left of all of them."""
    counts: list[Item | str] = []
    for name in _COUNTS:
        whole = _of_all(name, incidents, facts)
        parts = [_of_priority(name, priority, incidents, facts) or 0 for priority in told]
        counts.append(_count(None if whole is None else whole - sum(parts), words))
    label = words.say("without priority") if list(rest) == [""] else words.say("other priorities")
    return [label, *counts, *(Item("–", words.say("no limit")) for _ in range(2)), *["–"] * 4]


def _priority_row(name: str, incidents: Sequence[Part], facts: Facts, words: Words) -> list[Item | str]:
    mine = [t for t in incidents if (t["priority"] or "") == name]
    held = [t["held"] for t in mine if t["held"] is not None and facts.in_period(t["resolution"]["done"])]
    calendar = calendar_words(facts.calendar_name(name), facts, words)
    durations = facts.reading("time_to_resolve", priority=name)
    statistics = None if durations is None or facts.is_short(durations) else durations["statistics"]
    spans = ["–", "–", "–"]
    if statistics is not None:
        spans = [words.duration(Fraction(statistics[key])) for key in ("median", "p90", "max")]
    return [
        Item(name or words.say("without priority"), calendar),
        *(_count(_of_priority(count, name, incidents, facts), words) for count in _COUNTS),
        _attainment("respond_in_time", "respond", name, facts, words),
        _attainment("resolve_in_time", "resolve", name, facts, words),
        Item(spans[0], words.sample(statistics["n"]) if statistics else ""),
        spans[1],
        spans[2],
        words.duration(sum(held)) if sum(held) else "–",
    ]


def _attainment(indicator: str, clock: str, name: str, facts: Facts, words: Words) -> Item:
    """Return the share in time with its count; a priority without a limit says so."""
    limit = priority_limit(name, clock, facts, words)
    if not limit:
        return Item("–", words.say("no limit"))
    reading = facts.reading(indicator, priority=name)
    value = facts.told_value(reading)
    if reading is None or value is None:
        return Item("–", f"≤ {limit}")
    counts = words.say(
        "{good} of {of}", good=words.number(reading["numerator"] or 0), of=words.number(reading["denominator"] or 0)
    )
    note = with_coverage(f"{counts}, ≤ {limit}", reading, words, is_short=facts.is_short(reading))
    return Item(words.percent(value), note)


def _worst(incidents: Sequence[Part], facts: Facts, words: Words) -> Table | None:
    """Return the incidents furthest over their resolution limit, in parts of it; None without a breach."""
    late = [
        (_overrun(t["resolution"], facts), t)
        for t in incidents
        if t["resolution"]["verdict"] == "breached" and facts.in_period(t["resolution"]["decided"])
    ]
    if not late:
        return None
    late.sort(key=lambda item: (-item[0], item[1]["id"]))
    columns = [
        (words.say("Incident"), False),
        (words.say("Priority"), False),
        (words.say("Service or host"), False),
        (words.say("Opened on"), False),
        (words.say("Limit"), True),
        (words.say("Duration"), True),
    ]
    rows: list[list[Item | str]] = [
        [
            Item(t["id"], t["title"]),
            t["priority"] or "–",
            t["service"] or t["host"] or "–",
            words.short_moment(instant_of(t["opened"])),
            words.duration(t["resolution"]["limit"]) if t["resolution"]["limit"] is not None else "–",
            _duration(t["resolution"], facts, words),
        ]
        for _, t in late[:WORST]
    ]
    caption = words.count(
        "The breach of a resolution limit", "The {n} breaches furthest over their limit, in parts of it", len(rows)
    )
    return table(caption, columns, rows)


def _overrun(judgement: Part, facts: Facts) -> Fraction:
    """Return how often the limit was used up; one that is still open counts the wall clock up to where figures end."""
    elapsed = None if is_open_at_edge(judgement, facts) else judgement["elapsed"]
    if elapsed is None:
        elapsed = max(0, facts.edge - instant_of(judgement["start"]))
    return Fraction(elapsed, max(1, judgement["limit"] or 1))


def is_open_at_edge(judgement: Part, facts: Facts) -> bool:
    """Whether it was not done where figures end; what was learnt later changes nothing in a past period."""
    done = optional_instant(judgement["done"])
    return done is None or done >= facts.edge


def _duration(judgement: Part, facts: Facts, words: Words) -> Item:
    if is_open_at_edge(judgement, facts):
        return Item(words.say("still open"))
    if judgement["elapsed"] is None:
        return Item(words.say("not known"))
    return Item(words.duration(judgement["elapsed"]))


def _notes(incidents: Sequence[Part], facts: Facts, words: Words) -> tuple[str, ...]:
    """Return what a reader must know beside the figures: clocks, bounded and undetermined ones, holds."""
    notes = []
    volume = facts.reading("volume")
    if volume is not None and Fraction(volume["coverage"]) < USUAL_COVERAGE:
        share = words.percent(Fraction(volume["coverage"]))
        notes.append(words.say("The ticket exports cover {share} of the period: there may be more.", share=share))
    totals = _untold(incidents, facts)
    if totals["bounded"]:
        one, many = messages(
            "{n} incident is judged by an upper bound: the exact instant is not known, but it lies within the limit.",
            "{n} incidents are judged by an upper bound: the exact instant is not known, but within the limit.",
        )
        notes.append(words.count(one, many, totals["bounded"]))
    if totals["undetermined"]:
        one, many = messages(
            "{n} incident could not be judged: the desk does not say when it was done.",
            "{n} incidents could not be judged: the desk does not say when they were done.",
        )
        notes.append(words.count(one, many, totals["undetermined"]))
    if totals["holds_unplaced"]:
        one, many = messages(
            "{n} incident was on hold at times that the desk does not place: its holds are not deducted.",
            "{n} incidents were on hold at times that the desk does not place: their holds are not deducted.",
        )
        notes.append(words.count(one, many, totals["holds_unplaced"]))
    if totals["holds_unknown"]:
        one, many = messages(
            "{n} incident over its limit comes from an export that tells no holds: none was deducted.",
            "{n} incidents over their limit come from an export that tells no holds: none was deducted.",
        )
        notes.append(words.count(one, many, totals["holds_unknown"]))
    return tuple(notes)


def _untold(incidents: Sequence[Part], facts: Facts) -> Counter[str]:
    """Count the incidents, each once, for which the desk does not tell something that their verdict needed."""
    found: dict[str, set[str]] = {}
    for incident in incidents:
        for judgement in (incident["response"], incident["resolution"]):
            if not facts.in_period(judgement["decided"]):
                continue
            names = {name for name in ("bounded", "undetermined", "holds_unplaced") if name in judgement["marks"]}
            if judgement["verdict"] == "breached" and "holds_unknown" in judgement["marks"]:
                names.add("holds_unknown")
            found.setdefault(incident["id"], set()).update(names)
    return Counter(name for names in found.values() for name in names)
