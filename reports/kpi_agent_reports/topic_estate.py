"""The pages on patching and on backups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from kpi_agent.domain.time import to_local
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
    shown = [h for h in hosts if h["state"] in {"overdue", "unknown", "pending"} or h.get("held")]
    tables = [_hosts(shown, facts, words)] if shown else []
    note = words.say("Only the number of pending updates is known: an episode lasts until all of them are applied.")
    return Topic("patching", words.say("Security patches"), lead, (), (), tuple(tables), (), (note,))


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


def backup_topic(facts: Facts, words: Words) -> Topic | None:
    """Return the page on restore tests, None when no backup set is declared."""
    sets = facts.document["backups"]
    if not sets:
        return None
    tests = [t for b in sets for t in b["tests"] if t["is_counted"]]
    passed = sum(t["is_passed"] for t in tests)
    if tests:
        lead = words.count(
            "{n} restore test was run in the period, {passed} passed.",
            "{n} restore tests were run in the period, {passed} passed.",
            len(tests),
            passed=words.number(passed),
        )
    else:
        lead = words.say("No restore test was run in the period.")
    never = [b["name"] for b in sets if b["last_passed"] is None]
    if never:
        lead += " " + words.say("Never tested: {names}.", names=words.listed(never))
    verified = sum(not t["is_counted"] for b in sets for t in b["tests"])
    notes = [words.say("A backup that succeeded proves nothing yet: only a restore that was checked counts.")]
    if verified:
        notes.append(
            words.count(
                "{n} verification restored nothing: it is not counted.",
                "{n} verifications restored nothing: they are not counted.",
                verified,
            )
        )
    unsaved = facts.document.get("unsaved_hosts")
    tables = [_sets(sets, facts, words)]
    if unsaved:
        lead += " " + words.count("{n} host is in no backup set.", "{n} hosts are in no backup set.", len(unsaved))
        columns = [(words.say("Host"), False)]
        caption = words.say("Hosts in no backup set, without a reason in the contract")
        tables.insert(0, list_table(caption, columns, [[host] for host in unsaved], words))
    elif unsaved is None and facts.document["hosts"]:
        notes.append(words.say("The contract does not say which hosts its backup sets hold."))
    return Topic("backups", words.say("Backups"), lead, (), (), tuple(tables), (), tuple(notes))


def _sets(sets: Sequence[Part], facts: Facts, words: Words) -> Table:
    columns = [
        (words.say("Backup set"), False),
        (words.say("Proof"), False),
        (words.say("Last passed test"), False),
        (words.say("Age"), True),
        (words.say("Tests in the period"), False),
        (words.say("Restored in"), True),
    ]
    # Never tested first, then the oldest proof.
    ordered = sorted(sets, key=lambda b: (optional_instant(b["last_passed"]) or 0, b["name"]))
    rows = [_set_row(b, facts, words) for b in ordered]
    return table(words.say("Backup sets, oldest proof first"), columns, rows)


def _set_row(backup: Part, facts: Facts, words: Words) -> list[Item | str]:
    last = optional_instant(backup["last_passed"])
    counted = [t for t in backup["tests"] if t["is_counted"]]
    failed = sum(not t["is_passed"] for t in counted)
    done = [t for t in counted if t["is_passed"] and t["duration"] is not None]
    if counted:
        tests = words.count("{n} passed", "{n} passed", len(counted) - failed)
        if failed:
            tests += ", " + words.count("{n} failed", "{n} failed", failed)
    else:
        tests = words.say("none")
    return [
        backup["name"],
        _proof(last, facts, words),
        words.say("never") if last is None else words.day(to_local(last, facts.tz).date(), has_year=True),
        "–" if last is None else words.duration(max(0, facts.edge - last), has_days=True),
        tests,
        _restored(max((t["duration"] for t in done), default=None), backup["rto"], words),
    ]


def _restored(longest: int | None, rto: int | None, words: Words) -> Item:
    """Return the longest restore beside what is promised, marked where it took longer."""
    text = "–" if longest is None else words.duration(longest)
    if rto is None:
        return Item(text)
    limit = words.duration(rto)
    if longest is not None and longest > rto:
        return Item(text, words.say("over its RTO of {limit}", limit=limit), "missed", "■")
    return Item(text, words.say("RTO {limit}", limit=limit))


def _proof(last: int | None, facts: Facts, words: Words) -> Item:
    interval = _interval(facts)
    if last is None:
        return Item(words.say("never tested"), tone="missed", glyph="■")
    if interval is not None and last < facts.edge - interval:
        return Item(words.say("too old"), tone="missed", glyph="■")
    return Item(words.say("proven"), tone="met", glyph="●")


def _interval(facts: Facts) -> int | None:
    """Return the interval that the contract promises between proofs, None when it promises none."""
    found = [o["interval"] for o in facts.document["objectives"] if o["indicator"] == "restore_coverage"]
    return found[0] if found else None
