"""The page on backups: the restores that prove them, and how old the newest one was."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpi_agent.domain.time import to_local
from kpi_agent_reports.facts import Facts, Part, optional_instant
from kpi_agent_reports.tables import Item, list_table, table
from kpi_agent_reports.view import Table, Topic
from kpi_agent_reports.words import Words


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
    protected = [b for b in sets if b.get("protected") is not None]
    if protected:
        tables.append(_protected(protected, facts, words))
    if unsaved is None and facts.document["hosts"]:
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


def _protected(sets: Sequence[Part], facts: Facts, words: Words) -> Table:
    columns = [
        (words.say("Backup set"), False),
        ("RPO", True),
        (words.say("Within its RPO"), True),
        (words.say("Without protection"), True),
        (words.say("Not observed"), True),
        (words.say("Newest good backup"), False),
    ]
    rows = [_protected_row(b, facts, words) for b in sorted(sets, key=lambda b: (_kept(b) or 0, b["name"]))]
    return table(words.say("Age of the newest good backup"), columns, rows)


def _protected_row(backup: Part, facts: Facts, words: Words) -> list[Item | str]:
    kept, newest = _kept(backup), optional_instant(backup["newest"])
    unknown = facts.span.seconds - backup["protected"] - backup["unprotected"]
    return [
        backup["name"],
        words.duration(backup["rpo"]),
        Item(words.say("not observed"), tone="none", glyph="○") if kept is None else words.percent(kept),
        words.duration(backup["unprotected"]) if backup["unprotected"] else "–",
        words.duration(unknown) if unknown > 0 else "–",
        "–" if newest is None else words.short_moment(newest),
    ]


def _kept(backup: Part) -> Fraction | None:
    """Return the share of the known time in which the newest good backup was young enough, None when none is known."""
    known = backup["protected"] + backup["unprotected"]
    return Fraction(backup["protected"], known) if known else None


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
