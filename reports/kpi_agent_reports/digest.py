"""The weekly digest: what to do in the week to come, what is threatened, what changed (reports.md §1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import shorten
from typing import Any

from jinja2 import TemplateError

from kpi_agent.domain.notes import Became
from kpi_agent.domain.time import DAY, to_local
from kpi_agent_reports.canonical import sha256_of
from kpi_agent_reports.facts import Facts, Part, day_of, instant_of, optional_instant
from kpi_agent_reports.figures import Figure
from kpi_agent_reports.names import commitment_name, verdict_chip
from kpi_agent_reports.page_one import commitment_rows
from kpi_agent_reports.plain import wrapped
from kpi_agent_reports.prose import blocks_of, plain_text
from kpi_agent_reports.templating import environment_for, fault_of
from kpi_agent_reports.topic_backlog import still_open
from kpi_agent_reports.topic_notes import decisions_asked
from kpi_agent_reports.view import DigestSection, DigestView
from kpi_agent_reports.words import Words

MOST_LINES = 10
"""So many things of one kind are named in a digest; the others are counted."""

_LONGEST_TITLE = 80
_WEEK = 7 * DAY
_TEST_SOON = 30 * DAY
_EXPIRES_SOON = 30 * DAY


def build_digest(document: Part, before: Part | None) -> DigestView:
    """Return the digest of a running period; *before* is its preview of a week earlier, None when it had not begun.

    Raises ValueError for a period that is over: there is nothing left to do in it.
    """
    if not document["is_running"]:
        raise ValueError("a digest is about a running period")
    facts = Facts(document)
    words = Words(document["language"], document["period"]["timezone"])
    figures = [Figure.of(o, facts) for o in document["objectives"]]
    sections = (
        _section(words.say("To do this week"), _to_do(facts, words), words.say("Nothing is due."), words),
        _section(words.say("Threatened commitments"), _threatened(figures, facts, words), words.say("None."), words),
        _section(_since(before, facts, words), _changed(figures, before, facts, words), words.say("Nothing."), words),
        _section(words.say("Planned maintenance"), _maintenance(facts, words), _no_maintenance(facts, words), words),
        _section(words.say("Left open"), _left_open(facts), words.say("Nothing."), words),
        _section(words.say("How fresh the data are"), _freshness(facts, words), words.say("No source."), words),
    )
    at = to_local(facts.as_of, words.tz)
    day = words.day(at.date(), has_year=True)
    return DigestView(
        language=words.language,
        title=words.say("{customer}, week of {day}", customer=document["contract"]["customer"], day=day),
        eyebrow=words.say(
            "{customer} · Run by {provider}",
            customer=document["contract"]["customer"],
            provider=document["contract"]["provider"],
        ),
        heading=words.say("Week of {day}", day=day),
        subheading=words.say(
            "The running month to {moment}, not frozen, without contractual value.", moment=words.moment(facts.as_of)
        ),
        sections=sections,
        sha256=sha256_of(document),
    )


def digest_text(digest: DigestView) -> str:
    """Return the digest as plain text of 80 columns."""
    lines = [*wrapped(digest.eyebrow), digest.heading, "=" * len(digest.heading), *wrapped(digest.subheading)]
    for section in digest.sections:
        lines += ["", section.title]
        for line in (*section.lines, *filter(None, (section.more, section.nothing))):
            lines += wrapped(line, first="- ", rest="  ")
    return "\n".join([*lines, "", *wrapped(f"SHA-256 {digest.sha256}")]) + "\n"


def digest_html(digest: DigestView, *, templates: Sequence[Path]) -> str:
    """Return the digest as one HTML page, which is a mail's too; raises TemplateFault."""
    environment = environment_for(templates)
    try:
        return environment.get_template("mail/digest.html.j2").render(digest=digest)
    except TemplateError as error:
        raise fault_of(error, templates) from error


def _section(title: str, lines: Iterable[str], nothing: str, words: Words) -> DigestSection:
    found = list(lines)
    shown = found if len(found) <= MOST_LINES + 1 else found[:MOST_LINES]
    more = len(found) - len(shown)
    return DigestSection(
        title,
        tuple(shown),
        words.count("and {n} other", "and {n} others", more) if more else "",
        nothing if not found else "",
    )


def _to_do(facts: Facts, words: Words) -> Iterator[str]:
    """Yield what is late or due within a week, tickets first: the soonest deadline comes first."""
    horizon = facts.as_of + _WEEK
    due = [
        (deadline, ticket)
        for ticket in still_open(facts.incidents(), facts)
        if (deadline := optional_instant(ticket["resolution"]["deadline"])) is not None and deadline <= horizon
    ]
    for deadline, ticket in sorted(due, key=lambda pair: (pair[0], pair[1]["id"])):
        fields = {
            "ticket": ticket["id"],
            "priority": ticket["priority"] or "–",
            "title": shorten(ticket["title"] or "–", _LONGEST_TITLE, placeholder="…"),
            "moment": words.short_moment(deadline),
        }
        if deadline < facts.as_of:
            yield words.say("{ticket} ({priority}, {title}): late since {moment}", **fields)
        else:
            yield words.say("{ticket} ({priority}, {title}): to be resolved by {moment}", **fields)
    yield from _hosts(facts, words, horizon)
    yield from _tests(facts, words)
    for certificate in facts.document.get("certificates", ()):
        expires = optional_instant(certificate["expires"])
        if expires is not None and expires <= facts.as_of + _EXPIRES_SOON:
            fields = {"address": certificate["address"], "moment": words.short_moment(expires)}
            if expires <= facts.as_of:
                yield words.say("{address}: its certificate expired on {moment}", **fields)
            else:
                yield words.say("{address}: its certificate expires on {moment}", **fields)


def _hosts(facts: Facts, words: Words, horizon: int) -> Iterator[str]:
    """Yield hosts past the limit of their updates, or that reach it within the week when nothing stops their clock."""
    limits = [
        o["limit_seconds"] for o in facts.document["objectives"] if o["indicator"] in {"patch_in_time", "patched_hosts"}
    ]
    limit = min((n for n in limits if n is not None), default=None)
    waiting = [
        (since, host["host"], host["state"])
        for host in facts.document["hosts"]
        if host["state"] in {"pending", "overdue"} and (since := optional_instant(host["pending_since"])) is not None
    ]
    for since, name, state in sorted(waiting):
        day = words.day(to_local(since, words.tz).date())
        if state == "overdue":
            yield words.say("{host}: updates overdue, pending since {day}", host=name, day=day)
        elif limit is not None and since + limit <= horizon:
            age = words.duration(facts.as_of - since, has_days=True)
            yield words.say("{host}: updates pending since {day} ({age})", host=name, day=day, age=age)


def _tests(facts: Facts, words: Words) -> Iterator[str]:
    intervals = [o["interval"] for o in facts.document["objectives"] if o["indicator"] == "restore_coverage"]
    interval = min((n for n in intervals if n is not None), default=None)
    if interval is None:
        return
    for backup in facts.document["backups"]:
        passed = optional_instant(backup["last_passed"])
        if passed is None:
            yield words.say("{name}: no restore test has passed yet", name=backup["name"])
        elif passed + interval <= facts.as_of + _TEST_SOON:
            day = words.day(to_local(passed + interval, words.tz).date())
            yield words.say("{name}: restore test due by {day}", name=backup["name"], day=day)


def _threatened(figures: Sequence[Figure], facts: Facts, words: Words) -> Iterator[str]:
    threatened = [f for f in figures if f.objective["verdict"] in {"missed", "at_risk", "no_data"}]
    for row in commitment_rows(threatened, facts, words):
        shown = words.say("{value} for a target of {target}", value=row.value, target=row.target) if row.value else ""
        parts = [row.verdict.text.lower(), *(part for part in (shown, row.value_note, row.left) if part)]
        yield words.say("{name}: {state}", name=row.name, state=words.say("; ").join(parts))


def _since(before: Part | None, facts: Facts, words: Words) -> str:
    at = facts.start if before is None else instant_of(before["as_of"])
    return words.say("Since {day}", day=words.day(to_local(at, words.tz).date()))


def _changed(figures: Sequence[Figure], before: Part | None, facts: Facts, words: Words) -> Iterator[str]:
    since = facts.start if before is None else instant_of(before["as_of"])
    incidents = {(t["source"], t["id"]): t for t in facts.incidents()}.values()
    opened = sum(since <= instant_of(t["opened"]) < facts.as_of for t in incidents)
    resolved = sum(since <= at < facts.as_of for t in incidents if (at := optional_instant(t["resolved"])) is not None)
    if facts.incidents():
        yield words.say(
            "{opened}, {resolved}",
            opened=words.count("{n} incident opened", "{n} incidents opened", opened),
            resolved=words.count("{n} resolved", "{n} resolved", resolved),
        )
    past: Mapping[str, Any] = {} if before is None else {o["id"]: o for o in before["objectives"]}
    for figure in figures:
        objective = figure.objective
        old, new = past.get(objective["id"]), objective["verdict"]
        if old is not None and old["verdict"] != new and objective["segment"] == old["segment"]:
            yield words.say(
                "{name}: {new}, was {old}",
                name=commitment_name(objective, facts, words),
                new=verdict_chip(new, words).text.lower(),
                old=verdict_chip(old["verdict"], words).text.lower(),
            )


def _maintenance(facts: Facts, words: Words) -> Iterator[str]:
    """Yield the windows of the week to come; those of the next period are not in the document of this one."""
    windows = [
        (instant_of(window["start"]), instant_of(window["end"]), part)
        for part in facts.terms["maintenance"]
        for window in part["windows"]
    ]
    for start, end, part in sorted(windows, key=lambda w: (w[0], w[1], w[2]["name"])):
        if end > facts.as_of and start < facts.as_of + _WEEK:
            yield words.say(
                "{start} to {end}: {name} ({services})",
                start=words.short_moment(start),
                end=words.short_moment(end),
                name=part["name"],
                services=words.listed(part["services"]) or "–",
            )


def _no_maintenance(facts: Facts, words: Words) -> str:
    if facts.as_of + _WEEK <= facts.end:
        return words.say("None in the week to come.")
    last = day_of(facts.document["period"]["end_day"])
    return words.say("None before {day}, when the next month begins.", day=words.day(last))


def _left_open(facts: Facts) -> Iterator[str]:
    """Yield decisions asked, and what earlier periods left open, in people's own words."""
    yield from decisions_asked(facts)
    for entry in facts.document.get("carried") or ():
        if entry["became"] != Became.DONE:
            yield " ".join(plain_text(block) for block in blocks_of(entry["text"]))


def _freshness(facts: Facts, words: Words) -> Iterator[str]:
    for source in facts.document["sources"]:
        at = optional_instant(source["as_of"])
        if at is None:
            yield words.say("{source}: never read", source=source["name"])
        else:
            yield words.say("{source}: read up to {moment}", source=source["name"], moment=words.short_moment(at))
