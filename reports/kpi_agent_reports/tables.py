"""Building the tables of a view: one description of the columns, then plain rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kpi_agent_reports.view import Cell, Chip, Column, Table
from kpi_agent_reports.words import Words

LISTED_ROWS = 40
"""So many rows of a list are printed: more are read by a program, and the document has them all."""

_FOLDED_ROWS = 8


@dataclass(frozen=True, slots=True)
class Item:
    """One cell before it meets its column: text, a note under it, a chip's tone and glyph."""

    text: str
    note: str = ""
    tone: str = ""
    glyph: str = ""
    is_code: bool = False
    is_sum: bool = False

    @classmethod
    def of_chip(cls, chip: Chip) -> Item:
        """Return a verdict as a cell."""
        return cls(chip.text, tone=chip.tone, glyph=chip.glyph)


def table(
    caption: str, columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[Item | str]], *, is_long: bool = False
) -> Table:
    """Return a table; *columns* are (label, whether it holds numbers), each row has one item per column."""
    heads = tuple(Column(label, is_number) for label, is_number in columns)
    cells = tuple(_row(row, heads) for row in rows)
    return Table(caption, heads, cells, is_long, any(row[0].is_sum for row in cells))


def list_table(
    caption: str, columns: Sequence[tuple[str, bool]], rows: Sequence[Sequence[Item | str]], words: Words
) -> Table:
    """Return a list of any length: folded when it is long, and cut when it is very long, which its caption says."""
    more = len(rows) - LISTED_ROWS
    if more > 0:
        shown = words.number(LISTED_ROWS)
        caption += " " + words.count(
            "(the first {shown}; {n} more is in the report as JSON)",
            "(the first {shown}; {n} more are in the report as JSON)",
            more,
            shown=shown,
        )
    return table(caption, columns, rows[:LISTED_ROWS], is_long=len(rows) > _FOLDED_ROWS)


def _row(row: Sequence[Item | str], heads: Sequence[Column]) -> tuple[Cell, ...]:
    cells = []
    for given, head in zip(row, heads, strict=True):
        item = Item(given) if isinstance(given, str) else given
        cells.append(
            Cell(
                text=item.text,
                label=head.label,
                is_number=head.is_number,
                note=item.note,
                tone=item.tone,
                glyph=item.glyph,
                is_code=item.is_code,
                is_sum=item.is_sum,
            )
        )
    return tuple(cells)
