"""Tables beside the sums: where the desk's own flag differs, who is left out, what was changed after a deadline."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_agent.domain.ticket import Kind
from kpi_agent_reports.catalogue import message
from kpi_agent_reports.facts import Part, instant_of
from kpi_agent_reports.names import SHOWN_TICKETS, TICKET_FIELDS, some_tickets
from kpi_agent_reports.tables import Item, list_table, table
from kpi_agent_reports.view import Table
from kpi_agent_reports.words import Words

CAUSES = {
    "withdrawn": message("withdrawn: not judged, or late before it was withdrawn"),
    "without_priority": message("without priority: nothing was promised"),
    "without_limit": message("no limit for its priority: nothing was promised"),
    "undetermined": message("not judged: the desk does not say when it was done"),
    "running": message("not judged yet: its limit was not reached"),
    "bounded": message("in time as its closing proves; the desk has no instant"),
    "reopening": message("reopened: the desk counts the first resolution, or the time in between"),
    "priority_change": message("the desk judges by a priority that changed"),
    "edited": message("an instant was changed: the desk judged by the one before"),
    "holds": message("the desk deducts other holds than the contract does"),
    "calendar": message("the desk counts on other service hours"),
    "closing": message("the desk counts until the closing, not the resolution"),
    "holds_and_calendar": message("the desk counts on other service hours and without holds"),
    "holds_unknown": message("the export tells no holds, so that none is deducted here"),
    "other_clock": message("the desk’s flag is that of the response"),
    "unexplained": message("no single cause found: ask the desk which limit it applied"),
}
"""Why the desk says otherwise, by the code of the document; the order is that of the table."""

REASONS = {
    "earlier": message("judged in an earlier period"),
    "withdrawn": message("withdrawn: cancelled or a duplicate"),
    "merged": message("merged: goes on in another ticket"),
    "moved_out": message("retyped or moved out of the contract"),
    "lost": message("lost: no longer in the exports"),
    "without_priority": message("without priority"),
    "without_limit": message("no limit for its priority"),
    "undetermined": message("undetermined: the desk does not say when"),
    Kind.REQUEST.value: message("request, no incident"),
    Kind.CHANGE.value: message("change, no incident"),
    Kind.PROBLEM.value: message("problem, no incident"),
    "out_of_scope": message("outside the contract"),
}

_KINDS = {
    Kind.INCIDENT.value: message("incident"),
    Kind.REQUEST.value: message("request"),
    Kind.CHANGE.value: message("change"),
    Kind.PROBLEM.value: message("problem"),
}
_CLOCKS = {"resolve": message("resolution"), "respond": message("response")}
MOST_NAMED = 100
"""So many tickets of one reason are named; the document names them all."""


def difference_tables(desk: Part, words: Words) -> list[Table]:
    """Return the differences from the desk's flag by cause, and each of them where a cause has many."""
    found: Sequence[Part] = desk["differences"]
    if not found:
        return []
    causes = [(code, [d for d in found if d["code"] == code]) for code in CAUSES]
    columns = [
        (words.say("Why the desk says otherwise"), False),
        (words.say("In time for the desk"), True),
        (words.say("Too late for the desk"), True),
        (words.say("Incidents"), False),
    ]
    rows: list[list[Item | str]] = [
        [
            words.say(CAUSES[code]),
            words.number(sum(d["desk_met"] for d in mine)),
            words.number(sum(not d["desk_met"] for d in mine)),
            some_tickets([d["ticket"] for d in mine], words),
        ]
        for code, mine in causes
        if mine
    ]
    tables = [table(words.say("Where the desk’s own flag differs"), columns, rows)]
    if any(len(mine) > SHOWN_TICKETS for _, mine in causes):
        rarest = sorted((mine for _, mine in causes), key=len)
        tables.append(_each_difference([d for mine in rarest for d in mine], words))
    return tables


def _each_difference(found: Sequence[Part], words: Words) -> Table:
    said = {True: Item(words.say("in time")), False: Item(words.say("too late"))}
    ours = {
        "met": Item(words.say("in time"), tone="met", glyph="●"),
        "breached": Item(words.say("too late"), tone="missed", glyph="■"),
    }
    columns = [
        (words.say("Incident"), False),
        (words.say("The desk"), False),
        (words.say("This report"), False),
        (words.say("Why the desk says otherwise"), False),
    ]
    none = Item(words.say("not judged"), tone="none", glyph="○")
    rows: list[list[Item | str]] = [
        [d["ticket"], said[d["desk_met"]], ours.get(d["verdict"], none), _cause(d, words)] for d in found
    ]
    return list_table(words.say("Each difference from the desk’s own flag"), columns, rows, words)


def _cause(difference: Part, words: Words) -> str:
    code = difference["code"]
    return words.say(CAUSES[code])


def exclusion_tables(exclusions: Sequence[Part], words: Words) -> list[Table]:
    """Return who is left out by reason, and all of their names where a reason has many."""
    merged = _merged(exclusions, words)
    if not merged:
        return []
    columns = [(words.say("Left out"), False), (words.say("Tickets"), True), (words.say("Which"), False)]
    rows: list[list[Item | str]] = [
        [Item(words.say(REASONS[reason]), clock), words.number(count), some_tickets(tickets, words) or "–"]
        for reason, clock, count, tickets in merged
    ]
    tables = [table(words.say("Left out of the incidents judged in this period, and why"), columns, rows)]
    long: list[list[Item | str]] = [
        [Item(words.say(REASONS[reason]), clock), some_tickets(tickets, words, most=MOST_NAMED)]
        for reason, clock, _, tickets in merged
        if len(tickets) > SHOWN_TICKETS
    ]
    if long:
        heads = [(words.say("Left out"), False), (words.say("Which"), False)]
        tables.append(table(words.say("Every ticket that is left out"), heads, long, is_long=True))
    return tables


def _merged(exclusions: Sequence[Part], words: Words) -> list[tuple[str, str, int, list[str]]]:
    """Return (reason, clocks in words, count, tickets): what is left out on both clocks is one line."""
    found: dict[tuple[str, int, tuple[str, ...]], list[str]] = {}
    for part in exclusions:
        clocks = found.setdefault((part["reason"], part["count"], tuple(part["tickets"])), [])
        if (clock := part["clock"]) is not None:
            clocks.append(words.say(_CLOCKS[clock]))
    order = list(REASONS)
    lines = [
        (reason, words.listed(clocks) if clocks else "", count, list(tickets))
        for (reason, count, tickets), clocks in found.items()
    ]
    return sorted(lines, key=lambda line: order.index(line[0]))


def edits_table(edits: Sequence[Part], words: Words) -> Table | None:
    """Return the changes made after a deadline, old and new; None without one."""
    if not edits:
        return None
    columns = [
        (words.say("Incident"), False),
        (words.say("What was changed"), False),
        (words.say("Before"), False),
        (words.say("After"), False),
        (words.say("Changed on"), False),
        (words.say("Deadline then"), False),
    ]
    rows: list[list[Item | str]] = [
        [
            e["ticket"],
            _field(e, words),
            _value(e["field"], e["before"], words),
            _value(e["field"], e["after"], words),
            words.short_moment(instant_of(e["at"])),
            words.short_moment(instant_of(e["deadline"])),
        ]
        for e in edits
    ]
    return list_table(words.say("Changed after the deadline"), columns, rows, words)


def _field(edit: Part, words: Words) -> str:
    name = edit["field"]
    return words.say(TICKET_FIELDS[name])


def _value(field: str, value: str | int | None, words: Words) -> str:
    if value is None:
        return words.say("not told")
    if isinstance(value, int):
        return words.duration(value)
    if field in {"opened", "responded", "resolved"}:
        return words.short_moment(instant_of(value))
    return words.say(_KINDS[value]) if field == "kind" and value in _KINDS else value
