"""The report as plain text in 80 columns, for a terminal, a mail's text part, or a reader without a browser."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kpi_agent_reports.prose import plain_text
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.view import Block, Cell, CommitmentRow, ReportView, Strip, Table, Topic
from kpi_agent_reports.words import Words

WIDTH = 80
_NAME, _VALUE, _TARGET = 32, 13, 11
"""Columns of the commitments' table; the verdict takes the rest."""

_LABEL = 24
"""Figures that add up stand one above the other where so much is left for what they are."""


def render_plain(document: Mapping[str, Any]) -> str:
    """Return the report in the contract's language, no line over 80 columns, ending with a newline."""
    view = build_view(document)
    words = Words(view.language, document["period"]["timezone"])
    lines = [*_page_one(view, words)]
    for topic in (*view.topics, *view.annexes):
        lines += ["", *_topic(topic, words)]
    lines += ["", *wrapped(f"SHA-256 {view.sha256}")]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def render_first_page(document: Mapping[str, Any]) -> str:
    """Return what the report's first page says as :func:`render_plain` does, with the hash of the document."""
    view = build_view(document)
    lines = [*_page_one(view, Words(view.language, document["period"]["timezone"])), "", f"SHA-256 {view.sha256}"]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def verdict_line(document: Mapping[str, Any]) -> str:
    """Return the verdict in one line: ``acme 2026-10: 5 met · 2 missed · 1 not measured``."""
    view = build_view(document)
    period = f"{document['contract']['id']} {document['period']['id']}"
    return f"{period}: {' · '.join(chip.text for chip in view.tally) or view.verdict[0].text}"


def _page_one(view: ReportView, words: Words) -> Iterator[str]:
    yield from wrapped(view.eyebrow)
    yield view.heading
    yield "=" * min(WIDTH, len(view.heading))
    yield from wrapped(view.subheading)
    if view.banner:
        yield ""
        yield from wrapped(f"! {view.banner}")
    yield ""
    yield from wrapped(f"{view.score} {view.score_note}")
    yield from wrapped(" · ".join(f"{chip.glyph} {chip.text}" for chip in view.tally))
    yield ""
    for phrase in view.verdict:
        yield from wrapped(phrase.lead if phrase.reasons else f"{phrase.lead}{phrase.text}")
        for reason in (*phrase.reasons, *phrase.more):
            yield from wrapped(reason, first="- ", rest="  ")
    asked = (words.say("Decisions asked"), view.decisions)
    for title, lines in (asked, (view.since_title, view.since), (words.say("Keep in view"), view.watch)):
        if lines:
            yield from ("", title)
            for line in lines:
                yield from wrapped(line, first="- ", rest="  ")
    if view.commitments:
        heads = (words.say("Commitment"), view.value_column, words.say("Target"), words.say("Verdict"))
        yield from ("", _columns(*heads), "-" * WIDTH)
        for row in view.commitments:
            yield from _commitment(row)


def _commitment(row: CommitmentRow) -> Iterator[str]:
    names = textwrap.wrap(row.name, _NAME - 1) or [""]
    yield _columns(names[0], row.value or "–", row.target, f"{row.verdict.glyph} {row.verdict.text}")
    yield from names[1:]
    change = " ".join(part for part in (row.change, row.change_word) if part)
    notes = [row.promise, row.value_note, change, row.reserve, row.left, row.missing]
    told = list(dict.fromkeys(note for note in notes if note))
    # "n = 3; n = 3: no trend" says the count twice: a note that another begins with is left out.
    told = [note for note in told if not any(o != note and o.startswith(note) for o in told)]
    yield from wrapped("; ".join(told), first="    ", rest="    ")


def _columns(name: str, value: str, target: str, verdict: str) -> str:
    return f"{name:<{_NAME}}{value:>{_VALUE}}  {target:>{_TARGET}}  {verdict}"


def _topic(topic: Topic, words: Words) -> Iterator[str]:
    yield topic.title
    yield "-" * min(WIDTH, len(topic.title))
    if topic.lead:
        yield from wrapped(topic.lead)
    for block in topic.prose:
        yield from _block(block)
    for chart in topic.charts:
        yield from wrapped(f"{chart.title} ({chart.limit_label.text})", first="  ", rest="  ")
    for strip in topic.strips:
        yield from _strip(strip)
    for table in topic.tables:
        yield ""
        yield from _table(table)
    if topic.definitions:
        yield ""
    for definition in topic.definitions:
        text = words.say("{term}: {text}", term=definition.term, text=definition.text)
        yield from wrapped(text, first="- ", rest="  ")
    for note in topic.notes:
        yield from wrapped(note, first="* ", rest="  ")


def _block(block: Block) -> Iterator[str]:
    if block.kind == "code":
        yield from ("", *(f"    {line}" for line in block.spans[0].text.splitlines()), "")
    elif block.kind == "heading":
        yield from ("", *wrapped(plain_text(block)))
    else:
        first, rest = ("- ", "  ") if block.kind == "item" else ("", "")
        yield from wrapped(plain_text(block), first=first, rest=rest)


def _strip(strip: Strip) -> Iterator[str]:
    """Yield a service with only the days that were not plainly up."""
    yield from ("", *wrapped(f"{strip.title}: {strip.figure}"))
    for cell in strip.cells:
        if cell.kind not in {"up", "ahead", "closed"}:
            yield from wrapped(cell.title, first="  ", rest="    ")
    if strip.raw:
        yield from wrapped(strip.raw, first="  ", rest="  ")


def _table(table: Table) -> Iterator[str]:
    """Yield a table in columns when it fits, else one block per row with each value behind its heading."""
    yield from wrapped(table.caption)
    heads = [column.label for column in table.columns]
    rows = [[" ".join(p for p in (c.glyph, c.text) if p) for c in row] for row in table.rows]
    widths = [max(len(line[i]) for line in (heads, *rows)) for i in range(len(heads))]
    if sum(widths) + 2 * len(widths) <= WIDTH:
        for line in (heads, *rows):
            yield "  " + _aligned(line, widths, [column.is_number for column in table.columns])
        return
    label = WIDTH - 2 - sum(widths[1:]) - 2 * len(widths[1:])
    if table.has_sums and label >= _LABEL:
        yield from _sums((heads, *rows), [label, *widths[1:]])
        return
    for row in table.rows:
        yield from wrapped(" ".join(p for p in (row[0].glyph, row[0].text, row[0].note) if p), first="  ", rest="    ")
        parts = [
            f"{cell.label} {' '.join(p for p in (cell.glyph, cell.text) if p)}"
            + (f" ({cell.note})" if cell.note else "")
            for cell in row[1:]
            if cell.text or cell.glyph
        ]
        yield from wrapped(" · ".join(parts), first="    ", rest="    ")


def _sums(lines: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    """Yield figures that add up one above the other; what they are may take several lines."""
    for name, *figures in lines:
        *begin, last = textwrap.wrap(name, widths[0], subsequent_indent="  ", break_on_hyphens=False)
        yield from (f"  {part}" for part in begin)
        yield "  " + _aligned((last, *figures), widths, [place > 0 for place in range(len(widths))])


def _labelled(cell: Cell) -> str:
    note = f"({cell.note})" if cell.note else ""
    return " ".join(part for part in (cell.label, cell.glyph, cell.text, note) if part)


def _aligned(line: Sequence[str], widths: Sequence[int], are_numbers: Sequence[bool]) -> str:
    cells = zip(line, widths, are_numbers, strict=True)
    return "  ".join(text.rjust(width) if is_number else text.ljust(width) for text, width, is_number in cells)


def wrapped(text: str, *, first: str = "", rest: str = "") -> list[str]:
    """Return the text in lines; a hash longer than a line is broken, a hyphenated word is not."""
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False, break_long_words=True
    )
