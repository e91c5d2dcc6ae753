"""What people wrote: what happened and why, what they ask and do, and what became of what they had left open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kpi_agent.domain.notes import Became, Section
from kpi_agent.domain.time import Period
from kpi_agent_reports.catalogue import message
from kpi_agent_reports.facts import Facts, Part
from kpi_agent_reports.prose import blocks_of, plain_text
from kpi_agent_reports.tables import Item, table
from kpi_agent_reports.view import Block, Span, Table, Topic
from kpi_agent_reports.words import Words, capitalised

_TITLES = {
    "highlights": message("Highlights"),
    "causes": message("Causes"),
    "decisions": message("Decisions asked"),
    "actions": message("Actions"),
}
_KINDS = {"decisions": message("decision"), "actions": message("action")}
_BECAME = {
    Became.DONE: ("met", "●", message("done")),
    Became.OPEN: ("", "", message("open")),
    Became.UNTOLD: ("none", "○", message("open, not told about")),
}


def happened_topic(facts: Facts, words: Words) -> Topic | None:
    """Return the page of highlights, causes and sections of the writer's own; None where nobody wrote any."""
    notes = [n for n in facts.document["notes"] if n["section"] not in {Section.DECISIONS, Section.ACTIONS}]
    if not notes:
        return None
    return _topic("happened", words.say("What happened"), notes, words)


def follow_up_topic(facts: Facts, words: Words) -> Topic | None:
    """Return the page of decisions and actions, with those of earlier periods; None without any."""
    notes = [n for n in facts.document["notes"] if n["section"] in {Section.DECISIONS, Section.ACTIONS}]
    carried = facts.document.get("carried") or ()
    if not notes and not carried:
        return None
    tables = (_carried(carried, facts, words),) if carried else ()
    return _topic("follow-up", words.say("Follow-up"), notes, words, tables)


def decisions_asked(facts: Facts) -> tuple[str, ...]:
    """Return each decision that this period's note asks for and does not tick, in its own words."""
    found = [b for n in facts.document["notes"] if n["section"] == Section.DECISIONS for b in blocks_of(n["text"])]
    return tuple(plain_text(block).removeprefix("☐ ") for block in found if block.mark != "☑")


def _topic(name: str, title: str, notes: Sequence[Part], words: Words, tables: tuple[Table, ...] = ()) -> Topic:
    prose = tuple(block for note in notes for block in _section(note, words, is_one_of_many=len(notes) > 1))
    said = words.say("These words were written by people; the program adds and changes none.") if prose else ""
    return Topic(name, title, "", (), (), tables, (), (said,) if said else (), prose)


def _section(note: Part, words: Words, *, is_one_of_many: bool) -> Iterator[Block]:
    title = words.say(_TITLES[note["section"]]) if note["section"] in _TITLES else note["title"]
    if title and (note["title"] or is_one_of_many):
        yield Block("heading", "", (Span(title),))
    yield from blocks_of(note["text"])


def _carried(carried: Sequence[Part], facts: Facts, words: Words) -> Table:
    labels = (words.say("Left open before"), words.say("Kind"), words.say("Since"), words.say("State"))
    columns = [(label, False) for label in labels]
    rows: list[list[Item | str]] = []
    for entry in carried:
        tone, glyph, text = _BECAME[Became(entry["became"])]
        kind = words.say(_KINDS[entry["section"]])
        words_of = " ".join(plain_text(block) for block in blocks_of(entry["text"]))
        since = capitalised(words.period(Period.parse(entry["since"], facts.period.timezone)))
        rows.append([words_of, kind, since, Item(words.say(text), tone=tone, glyph=glyph)])
    return table(words.say("What became of earlier decisions and actions"), columns, rows)
