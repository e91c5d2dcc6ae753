"""Why a promise was missed, from the evidence alone: counts, days, places; never a cause (decisions.md §4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kpi_agent.domain.indicators.certificates import host_of_address
from kpi_agent.domain.time import to_local
from kpi_agent_reports.facts import Facts, Part, instant_of, optional_instant
from kpi_agent_reports.figures import Figure
from kpi_agent_reports.names import bare_target_text, joined_by
from kpi_agent_reports.words import Words

_WORST_FIRST = frozenset({"exposure", "unsupported_hosts", "backup_rpo"})

NAMED = 3
"""At most this many hosts or backup sets are named in a sentence."""


def miss_text(figure: Figure, facts: Facts, words: Words) -> str:
    """Return what the evidence says of a promise under its target: value against target, then facts."""
    parts = [_against_target(figure, words)]
    indicator = figure.objective["indicator"]
    if indicator in {"respond_in_time", "resolve_in_time"}:
        parts += _breaches(facts.breaches(figure.objective), facts, words)
    elif indicator == "availability":
        parts += _outages(figure.reading, facts, words)
    elif indicator == "restore_coverage":
        parts += _unproven(facts, figure.objective["interval"], words)
    elif indicator in {"patch_in_time", "patched_hosts"}:
        parts += _overdue_hosts(facts, words)
    elif indicator == "recurrence_rate":
        parts += _families(facts, words)
    elif indicator == "certificates":
        parts += _first_of_all(_short_lived(figure, facts), words)
    elif indicator == "restore_age":
        parts += _first_of_all(_long_unproven(figure, facts), words)
    elif indicator in _WORST_FIRST:
        known = [name for name in figure.reading["evidence"] if not name.startswith("unknown:")]
        parts += _first_of_all(known, words)
    return words.say("; ").join(part for part in parts if part)


def _short_lived(figure: Figure, facts: Facts) -> list[str]:
    """Return the addresses whose certificates live shorter than promised, the first to expire first."""
    found = [c for c in facts.document.get("certificates", ()) if c["left"] is not None and c["left"] < figure.target]
    within = set(figure.reading["evidence"])
    return [host_of_address(c["address"]) for c in found if c["address"] in within]


def _long_unproven(figure: Figure, facts: Facts) -> list[str]:
    """Return the sets in scope that were never proved, or longer ago than promised, in the order of the evidence."""
    proved = {b["name"]: optional_instant(b["last_passed"]) for b in facts.document["backups"]}
    since = facts.edge - figure.target
    return [n for n in figure.reading["evidence"] if (at := proved.get(n)) is None or at < since]


def _first_of_all(names: Sequence[str], words: Words) -> list[str]:
    """Return the first hosts, sets or addresses, the worst first, and how many others there are."""
    if not names:
        return []
    return [words.say("first of all {names}", names=words.listed(names[:NAMED])), *_and_more(len(names) - NAMED, words)]


def _against_target(figure: Figure, words: Words) -> str:
    value = figure.value_text(words)
    if not value:
        return ""
    return words.say(
        "{value} against a target of {target}", value=value, target=bare_target_text(figure.objective, words)
    )


def _breaches(late: Sequence[Part], facts: Facts, words: Words) -> list[str]:
    """Return the count, with the day and the place that gathers half of them or more (and at least two)."""
    if not late:
        return []
    found = words.count("{n} breach", "{n} breaches", len(late))
    gathered = []
    (day, on_day), *_ = Counter(to_local(instant_of(t["opened"]), facts.tz).date() for t in late).most_common(1)
    if on_day > 1 and 2 * on_day >= len(late):
        gathered.append(
            words.say("{part} opened on {day}", part=_part_of(on_day, len(late), words), day=words.day(day))
        )
    places = Counter(t["service"] or t["host"] for t in late if t["service"] or t["host"])
    for place, at_place in sorted(places.items(), key=lambda item: (-item[1], item[0]))[:1]:
        if at_place > 1 and 2 * at_place >= len(late):
            gathered.append(words.say("{part} on {place}", part=_part_of(at_place, len(late), words), place=place))
    return [", ".join([found, *gathered])]


def _part_of(part: int, whole: int, words: Words) -> str:
    return words.say("all of them") if part == whole else words.say("{n} of them", n=words.number(part))


def outage_spans(reading: Part) -> list[tuple[int, int]]:
    """Return the outages that an availability counts, as (start, end) instants: its evidence."""
    found = []
    for text in reading["evidence"]:
        start, mark, end = text.partition("-")
        if mark and start.isdecimal() and end.isdecimal():
            found.append((int(start), int(end)))
    return found


def _outages(reading: Part, facts: Facts, words: Words) -> list[str]:
    """Return the outages that the figure counts, those outside service hours or under the shortest left out."""
    number, longest = (reading["details"].get(name) for name in ("outages", "longest"))
    if not number or longest is None:
        return []
    duration = words.duration(longest)
    start = next((start for start, end in outage_spans(reading) if end - start == longest), None)
    if start is None:
        return [words.count("{n} outage, {duration}", "{n} outages, the longest {duration}", number, duration=duration)]
    day = words.day(to_local(start, facts.tz).date())
    if number == 1:
        return [words.say("one outage, {duration} on {day}", duration=duration, day=day)]
    return [
        words.say("{n} outages, the longest {duration} on {day}", n=words.number(number), duration=duration, day=day)
    ]


def _unproven(facts: Facts, interval: int | None, words: Words) -> list[str]:
    """Return the sets without a passed test inside the interval: never tested first, then the oldest."""
    limit = facts.edge - (interval or 0)
    old = sorted(
        (
            (-1 if b["last_passed"] is None else instant_of(b["last_passed"]), b["name"])
            for b in facts.document["backups"]
            if b["last_passed"] is None or instant_of(b["last_passed"]) < limit
        ),
    )
    found = []
    for at, name in old[:NAMED]:
        if at < 0:
            found.append(words.say("set “{name}” never tested", name=name))
        else:
            days = (facts.edge - at) // 86400
            found.append(
                words.count(
                    "last passed test of set “{name}” {n} day ago",
                    "last passed test of set “{name}” {n} days ago",
                    days,
                    name=name,
                )
            )
    return [*found, *_and_more(len(old) - NAMED, words)]


def _overdue_hosts(facts: Facts, words: Words) -> list[str]:
    hosts = [h for h in facts.document["hosts"] if h["state"] == "overdue"]
    hosts.sort(key=lambda h: (optional_instant(h["pending_since"]) or 0, h["host"]))
    if not hosts:
        return []
    named = words.listed([h["host"] for h in hosts[:NAMED]])
    text = words.count("{n} host overdue: {names}", "{n} hosts overdue: {names}", len(hosts), names=named)
    return [text, *_and_more(len(hosts) - NAMED, words)]


def _families(facts: Facts, words: Words) -> list[str]:
    for family in facts.document["families"][:1]:
        if family["occurrences_in_period"] > 1:
            return [
                words.count(
                    "most often “{words}”: {n} occurrence",
                    "most often “{words}”: {n} occurrences",
                    family["occurrences_in_period"],
                    words=" ".join(family["words"]) or joined_by(family, words),
                )
            ]
    return []


def _and_more(count: int, words: Words) -> list[str]:
    return [words.count("and {n} more", "and {n} more", count)] if count > 0 else []
