"""The twelve periods behind the small lines, as a table: what is drawn can also be read."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpi_agent.domain.time import Period
from kpi_agent_reports.facts import Facts
from kpi_agent_reports.figures import Figure
from kpi_agent_reports.names import commitment_name
from kpi_agent_reports.tables import Item, table
from kpi_agent_reports.view import Topic
from kpi_agent_reports.words import Words

SHOWN = 11
"""Periods before this one."""


def history_topic(figures: Sequence[Figure], facts: Facts, words: Words) -> Topic | None:
    """Return the table of values by period, None without a past."""
    periods = sorted({h["period"] for h in facts.document["history"] if h["period"] < facts.period.id})[-SHOWN:]
    if not periods:
        return None
    past = {(h["objective"], h["period"]): h for h in facts.document["history"]}
    columns = [(words.say("Commitment"), False)]
    columns += [(words.column_period(Period.parse(p, facts.period.timezone)), True) for p in periods]
    columns.append((words.column_period(facts.period), True))
    rows = []
    for figure in figures:
        row: list[Item | str] = [commitment_name(figure.objective, facts, words)]
        for period in periods:
            found = past.get((figure.objective["id"], period))
            value = None if found is None or found["value"] is None else Fraction(found["value"])
            verdict = None if found is None else found["verdict"]
            row.append(_cell(figure, value, verdict, words))
        row.append(_cell(figure, figure.value if figure.is_shown else None, figure.objective["verdict"], words))
        rows.append(row)
    caption = words.say("Each commitment, period by period (■ missed, ○ not measured)")
    topic_table = table(caption, columns, rows)
    return Topic("history", words.say("Over the last periods"), "", (), (), (topic_table,), (), ())


def _cell(figure: Figure, value: Fraction | None, verdict: str | None, words: Words) -> Item:
    if verdict is None:
        return Item("–")
    if value is None:
        return Item("–") if verdict == "nothing_to_judge" else Item("", tone="none", glyph="○")
    text = figure.text(value, words)
    return Item(text, tone="missed", glyph="■") if verdict == "missed" else Item(text)
