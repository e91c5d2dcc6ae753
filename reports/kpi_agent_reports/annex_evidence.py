"""Annex B: what the figures rest on, and how to check them: files, hashes, counts, coverage, versions."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from kpi_agent_reports.catalogue import message
from kpi_agent_reports.evidence import outage_spans
from kpi_agent_reports.facts import Facts, Part, instant_of, optional_instant
from kpi_agent_reports.figures import Figure
from kpi_agent_reports.names import commitment_name
from kpi_agent_reports.sentences import WHY
from kpi_agent_reports.tables import Item, table
from kpi_agent_reports.view import Definition, Table, Topic
from kpi_agent_reports.words import Words

KINDS = {
    "tickets": message("ticket exports"),
    "prometheus": message("metrics"),
    "register": message("register"),
}

ORIGINS = {
    "measured": message("measured"),
    "exported": message("exported"),
    "declared": message("declared"),
}

REJECTIONS = {
    "resolved_before_opened": message("resolved before it was opened"),
    "in_future": message("dated in the future"),
    "unknown_state": message("unknown state"),
    "unknown_priority": message("unknown priority"),
    "unknown_kind": message("unknown kind"),
    "unreadable_date": message("unreadable date"),
    "unreadable_duration": message("unreadable duration"),
    "unreadable_number": message("unreadable number"),
    "negative_duration": message("negative duration"),
    "no_state": message("no state"),
    "no_opening": message("no opening date"),
    "no_instant": message("no date"),
    "no_id": message("no ticket number"),
    "field_count": message("wrong number of fields"),
    "empty_row": message("empty row"),
    "repeated_id": message("ticket number repeated"),
    "two_values": message("two columns of one name tell different values"),
    "incomplete_history": message("another row of the ticket was rejected"),
}

UNOBSERVED = "unknown:"
"""What stands before a host that a reading could not see (patched_hosts)."""

REASONS = {
    "holds_unknown": message("holds not told by the export, none deducted"),
    "rows_rejected": message("rows of the exports could not be read"),
    "unknown_counts_down": message("time not observed counted as down"),
    "no_rules": message("no alerting rule is known"),
    "rules_untold": message("the rules were not read at the end of the period"),
    "no_tickets": message("the contract covers no tickets"),
    "no_alerts": message("no alerts are known: by tickets alone"),
    "places_unknown": message("tickets tell no host or service to compare"),
    "unnoticed": message("outages that nobody noticed"),
}


def evidence_annex(facts: Facts, sha256: str, words: Words) -> Topic:
    """Return the annex: sources, files, rejected rows, what each commitment rests on, hashes and versions."""
    tables = [
        _sources(facts, words),
        _troubles(facts, words),
        _files(facts, words),
        _rejected(facts, words),
        _readings(facts, words),
    ]
    return Topic(
        "annex-b",
        words.say("Annex B: evidence"),
        words.say("What the figures rest on."),
        (),
        (),
        tuple(t for t in tables if t is not None),
        _identity(facts, sha256, words),
        (),
    )


def _known(texts: Mapping[str, str], code: str, words: Words) -> str:
    """Return the words of a code, the code itself when it has none."""
    text = texts.get(code)
    return code if text is None else words.say(text)


def _sources(facts: Facts, words: Words) -> Table | None:
    sources = facts.document["sources"]
    if not sources:
        return None
    columns = [
        (words.say("Source"), False),
        (words.say("Kind"), False),
        (words.say("Observed"), True),
        (words.say("Newest observation"), False),
        (words.say("Server"), False),
    ]
    rows: list[list[Item | str]] = []
    for source in sources:
        at = optional_instant(source["as_of"])
        rows.append(
            [
                source["name"],
                _known(KINDS, source["kind"], words),
                words.percent(Fraction(source["coverage"])),
                words.say("never") if at is None else words.moment(at),
                Item(source["server"], is_code=True) if source["server"] else "–",
            ]
        )
    return table(words.say("Sources"), columns, rows)


def _troubles(facts: Facts, words: Words) -> Table | None:
    """Return what reading the servers met, with the first and the last time; None when all went well."""
    rows: list[list[Item | str]] = [
        [
            source["name"],
            Item(trouble["text"], is_code=True),
            words.short_moment(instant_of(trouble["first"])),
            words.short_moment(instant_of(trouble["last"])),
        ]
        for source in facts.document["sources"]
        for trouble in source["troubles"]
    ]
    if not rows:
        return None
    columns = [
        (words.say("Source"), False),
        (words.say("What was wrong"), False),
        (words.say("First met"), False),
        (words.say("Last met"), False),
    ]
    return table(words.say("What reading the sources met"), columns, rows, is_long=len(rows) > 1)


def _files(facts: Facts, words: Words) -> Table | None:
    columns = [
        (words.say("File"), False),
        (words.say("SHA-256"), False),
        (words.say("As of"), False),
        (words.say("Rows"), True),
        (words.say("Rejected"), True),
    ]
    rows: list[list[Item | str]] = []
    for source in facts.document["sources"]:
        for file in source["files"]:
            note = words.say("may be truncated: observes nothing") if file["is_truncated"] else ""
            rows.append(
                [
                    Item(file["name"], note, is_code=True),
                    Item(file["sha256"], is_code=True),
                    words.short_moment(instant_of(file["as_of"])),
                    words.number(file["rows"]),
                    words.number(file["rejected"]),
                ]
            )
    if not rows:
        return None
    return table(words.say("Files"), columns, rows, is_long=len(rows) > 1)


def _rejected(facts: Facts, words: Words) -> Table | None:
    rows: list[list[Item | str]] = [
        [source["name"], _known(REJECTIONS, reason, words), count]
        for source in facts.document["sources"]
        for reason, count in (
            (reason, words.number(n)) for reason, n in sorted(source["rejected_by_reason"].items()) if n
        )
    ]
    if not rows:
        return None
    columns = [(words.say("Source"), False), (words.say("Reason"), False), (words.say("Rows"), True)]
    return table(words.say("Rejected rows, by reason"), columns, rows)


def _readings(facts: Facts, words: Words) -> Table | None:
    objectives = facts.document["objectives"]
    if not objectives:
        return None
    columns = [
        (words.say("Commitment"), False),
        (words.say("Origin"), False),
        (words.say("Observed"), True),
        (words.say("Required"), True),
        (words.say("Counted"), True),
        (words.say("Evidence"), False),
    ]
    rows = [_reading_row(o, facts, words) for o in objectives]
    return table(words.say("What each commitment rests on"), columns, rows)


def _reading_row(objective: Part, facts: Facts, words: Words) -> list[Item | str]:
    reading = Figure.of(objective, facts).reading
    evidence = _evidence(reading, words)
    shown = ", ".join(evidence[:6])
    if len(evidence) > 6:  # noqa: PLR2004 - a line's worth; the document names all
        shown += " " + words.count("and {n} more", "and {n} more", len(evidence) - 6)
    codes = dict.fromkeys((*objective["why"], *reading["reasons"]))
    reasons = [_known(REASONS, code, words) for code in codes if code not in _SAID]
    return [
        Item(commitment_name(objective, facts, words), objective["id"]),
        _known(ORIGINS, reading["origin"], words),
        words.percent(Fraction(reading["coverage"])),
        words.percent(Fraction(objective["min_coverage"])),
        # Of an availability, n is the seconds that were judged.
        words.duration(reading["n"]) if reading["indicator"] == "availability" else words.number(reading["n"]),
        Item(shown or "–", ", ".join(reasons), is_code=bool(shown)),
    ]


def _evidence(reading: Part, words: Words) -> list[str]:
    """Return what a reading names: tickets, hosts, sets as they are, outages by their local start and end."""
    if reading["indicator"] == "availability":
        return [f"{words.short_moment(start)} – {words.short_moment(end)}" for start, end in outage_spans(reading)]
    return [
        words.say("not observed: {host}", host=name.removeprefix(UNOBSERVED)) if name.startswith(UNOBSERVED) else name
        for name in reading["evidence"]
    ]


# Said in words beside the verdict already.
_SAID = frozenset(WHY) - {"rows_rejected"}  # which stands here also where the verdict is not in doubt


def _identity(facts: Facts, sha256: str, words: Words) -> tuple[Definition, ...]:
    document = facts.document
    generator = document["generator"]
    versions = words.say(
        "kpi-agent {version}, definitions {definitions}, time zones {tzdata}",
        version=generator["version"],
        definitions=generator["definitions"],
        tzdata=generator["tzdata"],
    )
    previous = document["previous_sha256"]
    found = [
        Definition(words.say("Document"), sha256, is_code=True),
        Definition(words.say("Previous report"), previous or words.say("none"), is_code=previous is not None),
        Definition(words.say("Versions"), versions, is_code=True),
    ]
    found += [
        Definition(words.say("Contract of {day}", day=v["effective_from"]), v["sha256"], is_code=True)
        for v in document["contract"]["versions"]
    ]
    return tuple(found)
