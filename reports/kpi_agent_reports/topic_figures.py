"""The page on figures of the contract's own: their value, the days behind it, and what was asked."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kpi_agent_reports.catalogue import message
from kpi_agent_reports.facts import Facts, Part
from kpi_agent_reports.figures import Figure, with_coverage
from kpi_agent_reports.names import commitment_name
from kpi_agent_reports.tables import Item, table
from kpi_agent_reports.view import Table, Topic
from kpi_agent_reports.words import Words

_OF_DAYS = {
    "last": message("value of the last day"),
    "mean": message("mean of the days"),
    "min": message("lowest day"),
    "max": message("highest day"),
    "sum": message("sum of the days"),
}


def figures_topic(figures: Sequence[Figure], facts: Facts, words: Words) -> Topic | None:
    """Return the page, None when the contract has no figure of its own."""
    own = [f for f in figures if f.objective["indicator"] == "custom"]
    if not own:
        return None
    lead = words.say("What the contract itself asks of the metrics server, at the end of each day.")
    tables = (_values(own, facts, words), _questions(own, facts, words))
    return Topic("figures", words.say("Figures of the contract"), lead, (), (), tables, (), ())


def _days(figure: Figure, facts: Facts) -> Part:
    """Return what the document tells of the days of a figure."""
    asked = figure.objective["id"], figure.objective["segment"]
    found: Part = next(d for d in facts.document["figures"] if (d["objective"], d["segment"]) == asked)
    return found


def _values(figures: Sequence[Figure], facts: Facts, words: Words) -> Table:
    columns = [
        (words.say("Figure"), False),
        (words.say("Value"), True),
        (words.say("Counted as"), False),
        (words.say("Lowest day"), True),
        (words.say("Highest day"), True),
        (words.say("Days with a value"), True),
    ]
    rows: list[list[Item | str]] = []
    for figure in figures:
        told = _days(figure, facts)
        values = [Fraction(d["value"]) for d in told["days"] if d["value"] is not None]
        note = with_coverage("", figure.reading, words, is_short=facts.is_short(figure.reading))
        rows.append(
            [
                commitment_name(figure.objective, facts, words),
                Item(figure.value_text(words), note) if figure.is_shown else "–",
                words.say(_OF_DAYS[told["aggregate"]]),
                figure.text(min(values), words) if values else "–",
                figure.text(max(values), words) if values else "–",
                words.say("{good} of {of}", good=words.number(len(values)), of=words.number(len(told["days"]))),
            ]
        )
    return table(words.say("What the figures were"), columns, rows)


def _questions(figures: Sequence[Figure], facts: Facts, words: Words) -> Table:
    columns = [(words.say("Figure"), False), (words.say("Question (PromQL)"), False)]
    rows: list[list[Item | str]] = [
        [commitment_name(f.objective, facts, words), Item(_days(f, facts)["query"], is_code=True)] for f in figures
    ]
    return table(words.say("What was asked"), columns, rows)
