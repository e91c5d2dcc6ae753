"""The page that holds the figures on incidents against the desk: sums, its own flag, who is left out, late changes."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_agent_reports.catalogue import message, messages
from kpi_agent_reports.desk_tables import MOST_NAMED, difference_tables, edits_table, exclusion_tables
from kpi_agent_reports.facts import Facts, Part
from kpi_agent_reports.tables import LISTED_ROWS, Item, table
from kpi_agent_reports.view import Table, Topic
from kpi_agent_reports.words import Words

_HEADS = {"resolve": message("Resolution"), "respond": message("Response")}
_CAPTIONS = {
    "resolve": message("From the resolutions done to those judged"),
    "respond": message("From the responses given to those judged"),
}
_DONE = {"resolve": message("Resolved in the period"), "respond": message("Responded to in the period")}
_FLOW = {
    "earlier": message("− judged in an earlier period"),
    "undetermined": message("− undetermined: done too late, or nobody knows when"),
    "without_limit": message("− without a priority or a limit"),
    "bounded": message("+ in time, as the resolution proves"),
    "overdue": message("+ limit passed, not done where the figures end"),
    "withdrawn_late": message("+ limit passed, then withdrawn"),
}
_EXCLUDED = {
    "earlier": message("+ judged in an earlier period, done since or still open"),
    "withdrawn": message("+ withdrawn in time"),
    "merged": message("+ merged: goes on in another ticket"),
    "moved_out": message("+ retyped or moved out of the contract"),
    "lost": message("+ lost: no longer in the exports"),
    "without_priority": message("+ without priority"),
    "without_limit": message("+ without a limit for their priority"),
}


def reconciliation_topic(facts: Facts, words: Words) -> Topic | None:
    """Return the page, None where the contract covers no tickets or none concern the period."""
    found = facts.document.get("reconciliation")
    if not found or not (any(b["population"] for b in found["balances"]) or found["exclusions"]):
        return None
    tables = [t for clock in _HEADS for t in _balance_tables(clock, found["balances"], words)]
    tables += difference_tables(found["desk"], words)
    tables += exclusion_tables(found["exclusions"], words)
    late = edits_table(found["edits"], words)
    return Topic(
        "reconciliation",
        words.say("Against the desk"),
        _lead(found, words),
        (),
        (),
        (*tables, *((late,) if late else ())),
        (),
        _notes(found, facts, words),
    )


def _lead(found: Part, words: Words) -> str:
    whole = {b["clock"]: b for b in found["balances"] if b["priority"] is None}["resolve"]
    parts = [
        words.count(
            "{n} incident concerns the period; {judged} judged on the resolution.",
            "{n} incidents concern the period; {judged} were judged on their resolution.",
            whole["population"],
            judged=words.number(whole["judged"]),
        )
    ]
    desk = found["desk"]
    if desk["compared"]:
        parts.append(
            words.say(
                "The desk’s own flag agrees on {agreed} of {compared}.",
                agreed=words.number(desk["agreed"]),
                compared=words.number(desk["compared"]),
            )
        )
    elif desk["untold"]:
        parts.append(words.say("The desk tells no verdict of its own to compare with."))
    return " ".join((*_failures(found, words), *parts))


def _failures(found: Part, words: Words) -> list[str]:
    """Return what does not add up, in words: a sum that fails is never hidden."""
    return [
        words.say(
            "These sums do not add up ({clock}: {missing} without a class, {flow} of difference in the flow): "
            "report it, and do not rely on this page.",
            clock=words.say(_HEADS[clock]),
            missing=words.number(b["unexplained"]),
            flow=words.number(b["flow_difference"]),
        )
        for clock, b in ((b["clock"], b) for b in found["balances"])
        if b["unexplained"] or b["flow_difference"]
    ]


def _balance_tables(clock: str, balances: Sequence[Part], words: Words) -> list[Table]:
    """Return the sums of one clock: all incidents, then each priority; lines that are 0 everywhere are left out."""
    mine = [b for b in balances if b["clock"] == clock]
    if not mine or not mine[0]["population"]:
        return []
    columns = [(words.say(_HEADS[clock]), False)]
    columns += [(b["priority"] or words.say("All"), True) for b in mine]
    rows: list[list[Item | str]] = [_row(words.say(_DONE[clock]), [b["flow"]["done"] for b in mine], words)]
    rows += _lines(_FLOW, [b["flow"] for b in mine], words)
    rows.append(_row(words.say("= judged"), [b["judged"] for b in mine], words, is_sum=True))
    rows.append(_row(words.say("of which in time"), [b["met"] for b in mine], words, glyph="●", tone="met"))
    rows.append(_row(words.say("of which too late"), [b["breached"] for b in mine], words, glyph="■", tone="missed"))
    rest = {
        "running": message("+ running, limit not reached"),
        "undetermined": message("+ undetermined: done too late, or nobody knows when"),
    }
    rows += _lines(rest, mine, words)
    rows += _lines(_EXCLUDED, [b["excluded"] for b in mine], words)
    rows.append(_row(words.say("= incidents of the period"), [b["population"] for b in mine], words, is_sum=True))
    return [table(words.say(_CAPTIONS[clock]), columns, rows, is_long=clock == "respond")]


def _lines(labels: dict[str, str], parts: Sequence[Part], words: Words) -> list[list[Item | str]]:
    rows: list[list[Item | str]] = []
    for name, label in labels.items():
        counts = [part.get(name, 0) for part in parts]
        if any(counts):
            rows.append(_row(words.say(label), counts, words))
    return rows


def _row(
    label: str, counts: Sequence[int], words: Words, *, glyph: str = "", tone: str = "", is_sum: bool = False
) -> list[Item | str]:
    return [Item(label, glyph=glyph, tone=tone, is_sum=is_sum), *(words.number(count) for count in counts)]


def _is_cut(found: Part) -> bool:
    """Whether some list of the page does not name everything."""
    lists = (found["desk"]["differences"], found["edits"])
    return any(len(one) > LISTED_ROWS for one in lists) or any(
        len(e["tickets"]) > MOST_NAMED for e in found["exclusions"]
    )


def _notes(found: Part, facts: Facts, words: Words) -> tuple[str, ...]:
    notes = []
    if _is_cut(found):
        notes.append(
            words.say(
                "Long lists are cut here: the report as JSON names every ticket, "
                "and “kpi-agent explain {contract} TICKET” shows how one was judged.",
                contract=facts.document["contract"]["id"],
            )
        )
    if found["desk"]["untold"] and found["desk"]["compared"]:
        one, many = messages(
            "For {n} incident the desk tells no verdict of its own.",
            "For {n} incidents the desk tells no verdict of its own.",
        )
        notes.append(words.count(one, many, found["desk"]["untold"]))
    if not found["edits"]:
        notes.append(
            words.say("No change after a deadline is known; one made and undone between two exports stays unseen.")
        )
    if facts.terms["tickets"] and any(b["flow"].get("bounded") for b in found["balances"]):
        notes.append(
            words.say("Where the desk does not say when it responded, a resolution within the limit proves it.")
        )
    return tuple(notes)
