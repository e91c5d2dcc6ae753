"""The page on security patches, and on systems that get none any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from kpi_agent.domain.time import DAY, to_local
from kpi_agent_reports.catalogue import message
from kpi_agent_reports.facts import Facts, Part, optional_instant
from kpi_agent_reports.figures import with_coverage
from kpi_agent_reports.tables import Item, list_table, table
from kpi_agent_reports.view import Table, Topic
from kpi_agent_reports.words import Words

_HOST_STATES = {
    "overdue": ("missed", "■", message("overdue")),
    "unknown": ("none", "○", message("not observed")),
    "pending": ("", "", message("pending, within the limit")),
    "patched": ("met", "●", message("patched")),
    "retired": ("idle", "–", message("retired")),
}
_NAMED = 3  # hosts in one sentence
_SOON = 183 * DAY  # half a year: so long before its end, a system that leaves support is announced
FEW = 6
"""Longer host lists are folded on a screen."""


def patching_topic(facts: Facts, words: Words) -> Topic | None:
    """Return the page on security patches, None when no host is known."""
    hosts = facts.document["hosts"]
    if not hosts:
        return None
    states = Counter(h["state"] for h in hosts)
    parts = [
        words.count("{n} host patched", "{n} hosts patched", states["patched"]),
        words.count("{n} pending within the limit", "{n} pending within the limit", states["pending"]),
        words.count("{n} overdue", "{n} overdue", states["overdue"]),
        words.count("{n} not observed", "{n} not observed", states["unknown"]),
    ]
    lead = ", ".join(parts) + "."
    reading = facts.reading("patch_in_time")
    value = facts.told_value(reading)
    if reading is not None and value is not None:
        lead += " " + words.say(
            "In the period, {good} of {of} patch episodes ended in time ({share}).",
            good=words.number(reading["numerator"] or 0),
            of=words.number(reading["denominator"] or 0),
            share=with_coverage(words.percent(value), reading, words, is_short=facts.is_short(reading)),
        )
    exposure = facts.reading("exposure")
    exposed = facts.told_value(exposure)
    if exposure is not None and exposed is not None:
        lead += " " + _exposed(exposure, exposed, facts, words)
    ended = [h for h in hosts if _support_end(h) is not None and (_support_end(h) or 0) <= facts.end]
    if ended:
        lead += " " + words.count(
            "{n} host runs a system that nobody supports any more.",
            "{n} hosts run a system that nobody supports any more.",
            len(ended),
        )
    shown = [h for h in hosts if h["state"] in {"overdue", "unknown", "pending"} or h.get("held")]
    tables = [_hosts(shown, facts, words)] if shown else []
    leaving = sorted(
        (end, h["host"]) for h in hosts if (end := _support_end(h)) is not None and end <= facts.end + _SOON
    )
    if leaving:
        tables.append(_leaving(leaving, facts, words))
    note = words.say("Only the number of pending updates is known: an episode lasts until all of them are applied.")
    return Topic("patching", words.say("Security patches"), lead, (), (), tuple(tables), (), (note,))


def _exposed(reading: Part, value: Fraction, facts: Facts, words: Words) -> str:
    """Return for how long hosts were exposed, and which of them for longest."""
    share = with_coverage(words.percent(value, is_floored=False), reading, words, is_short=facts.is_short(reading))
    worst = words.listed(list(reading["evidence"][:_NAMED]))
    if not worst:
        return words.say("No host was exposed while it was observed.")
    return words.say(
        "Together, the hosts were exposed for {share} of the observed time, {worst} for longest.",
        share=share,
        worst=worst,
    )


def _support_end(host: Part) -> int | None:
    return optional_instant(host.get("support_end"))


def _leaving(hosts: Sequence[tuple[int, str]], facts: Facts, words: Words) -> Table:
    columns = [(words.say("Host"), False), (words.say("End of support"), False), (words.say("State"), False)]
    rows: list[list[Item | str]] = []
    for end, host in hosts:
        if end <= facts.end:
            state = Item(words.say("out of support"), tone="missed", glyph="■")
        else:
            state = Item(words.say("within half a year"))
        rows.append([host, words.day(to_local(end, facts.tz).date(), has_year=True), state])
    return list_table(words.say("Systems out of support, or soon"), columns, rows, words)


def _hosts(hosts: Sequence[Part], facts: Facts, words: Words) -> Table:
    order = list(_HOST_STATES)
    ordered = sorted(
        hosts,
        key=lambda h: (order.index(h["state"]), optional_instant(h["pending_since"]) or 0, h["host"]),
    )
    columns = [
        (words.say("Host"), False),
        (words.say("State"), False),
        (words.say("Pending since"), False),
        (words.say("Age"), True),
        (words.say("Observed"), True),
    ]
    rows: list[list[Item | str]] = []
    for host in ordered:
        tone, glyph, text = _HOST_STATES[host["state"]]
        since = optional_instant(host["pending_since"])
        rows.append(
            [
                host["host"],
                Item(words.say(text), _on_hold(host, words), tone, glyph),
                "–" if since is None else _since(since, host, words),
                "–" if since is None else words.duration(max(0, facts.edge - since), has_days=True),
                words.percent(Fraction(host["coverage"])),
            ]
        )
    return table(words.say("Hosts to look at"), columns, rows, is_long=len(rows) > FEW)


def _on_hold(host: Part, words: Words) -> str:
    """Return how many security updates wait on hold: somebody decided so, and they are not counted as pending."""
    held = host.get("held")
    return words.count("{n} update on hold", "{n} updates on hold", held) if held else ""


def _since(since: int, host: Part, words: Words) -> Item:
    note = words.say("or earlier: so when first observed") if host.get("is_since_first_seen") else ""
    return Item(words.short_moment(since), note)
