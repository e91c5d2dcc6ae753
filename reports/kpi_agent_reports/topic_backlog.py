"""The page on what is still open: the balance, what is past its limit, and what the exports lost."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_agent_reports.facts import Facts, Part, instant_of, optional_instant
from kpi_agent_reports.tables import Item, list_table, table
from kpi_agent_reports.topic_errata import balance_notes
from kpi_agent_reports.topic_incidents import is_open_at_edge, priorities_of
from kpi_agent_reports.view import Table, Topic
from kpi_agent_reports.words import Words

SHOWN_OPEN = 5


def backlog_topic(facts: Facts, words: Words) -> Topic | None:
    """Return the page on incidents open where the figures end, None when no ticket is known."""
    incidents = facts.incidents()
    reading = facts.reading("backlog")
    if not incidents and reading is None:
        return None
    still = still_open(incidents, facts)
    lead = _open_lead(reading, still, facts, words)
    against = facts.document.get("reconciliation") or {"overdue": [], "lost": []}
    made = (
        _balance(reading, facts, words),
        _oldest(still, facts, words),
        _overdue(against["overdue"], facts, words),
        _lost(against["lost"], words),
    )
    tables = [t for t in made if t is not None]
    return Topic("backlog", words.say("Still open"), lead, (), (), tuple(tables), (), balance_notes(facts, words))


def _open_lead(reading: Part | None, still: Sequence[Part], facts: Facts, words: Words) -> str:
    if reading is not None and not facts.is_counted(reading):
        return words.say("How many incidents are open was not measured.")
    counts = {} if reading is None else reading["details"]
    count = counts.get("end", len(still))
    if not count:
        return words.say("No incident is open.")
    lead = words.count("{n} incident is still open.", "{n} incidents are still open.", count)
    return " ".join((lead, *_late(counts, still, facts, words)))


def _late(counts: Part, still: Sequence[Part], facts: Facts, words: Words) -> list[str]:
    """Return how many are past their limit and since when; one that was late before it was reopened is no such."""
    against = facts.document.get("reconciliation")
    told = counts.get("breached", sum(_is_late(t["resolution"], facts) for t in still))
    late = told if against is None else len(against["overdue"])
    found = []
    if late:
        found.append(words.count("{n} is past its limit.", "{n} are past their limit.", late))
    if against and against["overdue"]:
        age = words.duration(facts.edge - instant_of(against["overdue"][0]["deadline"]), has_days=True)
        found.append(words.say("The oldest has been so for {age}.", age=age))
    if (before := told - late) > 0:
        found.append(
            words.count(
                "{n} was resolved too late and has been reopened since.",
                "{n} were resolved too late and have been reopened since.",
                before,
            )
        )
    return found


def still_open(incidents: Sequence[Part], facts: Facts) -> list[Part]:
    """Return the incidents open where the figures end, each once.

    One that was reopened late has several resolutions: the last one begun tells whether it is open, and until when.
    """
    found: dict[tuple[str, str], list[Part]] = {}
    for ticket in incidents:
        if max(instant_of(ticket["opened"]), instant_of(ticket["resolution"]["start"])) < facts.edge:
            found.setdefault((ticket["source"], ticket["id"]), []).append(ticket)
    still = []
    for lines in found.values():
        lines.sort(key=lambda t: str(t["resolution"]["start"]))
        if _is_open(lines[-1], facts):
            still.append(lines[-1])
    return still


def _is_late(judgement: Part, facts: Facts) -> bool:
    """Whether its limit had passed where the figures end; a deadline that lies later had not, whatever came of it."""
    deadline = optional_instant(judgement["deadline"])
    return judgement["verdict"] == "breached" and deadline is not None and deadline < facts.edge


def _is_open(ticket: Part, facts: Facts) -> bool:
    """Whether what was taken up last was neither resolved, closed nor withdrawn where the figures end."""
    if ticket["resolution"]["done"] is not None:
        return is_open_at_edge(ticket["resolution"], facts)
    ends = [optional_instant(ticket[name]) for name in ("resolved", "closed", "withdrawn")]
    return all(at is None or at >= facts.edge for at in ends)


def _balance(reading: Part | None, facts: Facts, words: Words) -> Table | None:
    """Return start + opened = resolved + withdrawn + end, where the readings tell all of it."""
    volume = facts.reading("volume")
    if reading is None or volume is None or not (facts.is_counted(reading) and facts.is_counted(volume)):
        return None
    counts = {**volume["details"], **reading["details"]}
    names = {
        "start": words.say("Open at the start"),
        "restated": words.say("Restated"),
        "opened": words.say("Opened"),
        "reopened": words.say("Reopened"),
        "resolved": words.say("Resolved"),
        "withdrawn": words.say("Withdrawn"),
        "lost": words.say("Lost"),
        "end": words.say("Open at the end"),
    }
    if not {"start", "opened", "resolved", "end"} <= set(counts):
        return None
    known = [(name, label) for name, label in names.items() if name in counts]
    columns = [(words.say("Balance"), False), *((label, True) for _, label in known)]
    row = [words.say("Incidents"), *(words.number(counts[name]) for name, _ in known)]
    return table(words.say("From the start to the end of the period"), columns, [row])


def _oldest(still: Sequence[Part], facts: Facts, words: Words) -> Table | None:
    if not still:
        return None
    columns = [
        (words.say("Incident"), False),
        (words.say("Priority"), False),
        (words.say("Service or host"), False),
        (words.say("Opened on"), False),
        (words.say("Age"), True),
        (words.say("Deadline"), False),
    ]
    order = {name: place for place, name in enumerate(priorities_of(still, facts))}
    rows = [
        [
            Item(t["id"], t["title"]),
            t["priority"] or "–",
            t["service"] or t["host"] or "–",
            words.short_moment(instant_of(t["opened"])),
            words.duration(facts.edge - instant_of(t["opened"]), has_days=True),
            _deadline(t["resolution"], facts, words),
        ]
        for t in sorted(still, key=lambda t: (order[t["priority"] or ""], t["opened"], t["id"]))[:SHOWN_OPEN]
    ]
    caption = words.say("Open incidents, most severe and oldest first")
    if len(still) > SHOWN_OPEN:
        caption += " " + words.say("({shown} of {all})", shown=words.number(SHOWN_OPEN), all=words.number(len(still)))
    return table(caption, columns, rows)


def _deadline(judgement: Part, facts: Facts, words: Words) -> Item:
    if judgement["deadline"] is None:
        return Item("–")
    text = words.short_moment(instant_of(judgement["deadline"]))
    if _is_late(judgement, facts):
        return Item(text, words.say("passed"), "missed", "■")
    return Item(text)


def _overdue(overdue: Sequence[Part], facts: Facts, words: Words) -> Table | None:
    """Return everything that is past its limit, the oldest first; None when the table above shows all of it."""
    if len(overdue) <= SHOWN_OPEN:
        return None
    columns = [
        (words.say("Incident"), False),
        (words.say("Priority"), False),
        (words.say("Deadline"), False),
        (words.say("Past it for"), True),
    ]
    rows = [
        [
            o["ticket"],
            o["priority"] or "–",
            words.short_moment(instant_of(o["deadline"])),
            words.duration(facts.edge - instant_of(o["deadline"]), has_days=True),
        ]
        for o in overdue
    ]
    return list_table(words.say("Everything past its limit"), columns, rows, words)


def _lost(lost: Sequence[Part], words: Words) -> Table | None:
    if not lost:
        return None
    columns = [(words.say("Incident"), False), (words.say("Last seen in the export of"), False)]
    rows = [[t["ticket"], words.short_moment(instant_of(t["seen"]))] for t in lost]
    caption = words.say("Lost: open, but missing from a newer complete export")
    return list_table(caption, columns, rows, words)
