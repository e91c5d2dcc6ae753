"""What a template may see: one flat ReportView of text, whole numbers and booleans, formatted in the reader's language.

Templates get this value as ``report``, ``say(message)`` for their fixed words, and ``style`` (the sheet). Every field
is declared and described here; a test fails when a template uses another. Text is plain, never markup. A *tone* is
``met``, ``risk``, ``missed``, ``none``, ``idle`` or empty: a colour, beside a glyph or a word that says the same.
Charts hold whole numbers in the units of their own drawing, so that a template computes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Chip:
    """A verdict or a count of verdicts: *glyph* (●, ▲, ■, ○, –) and *text* say it, *tone* colours it."""

    tone: str
    glyph: str
    text: str


@dataclass(frozen=True, slots=True)
class Phrase:
    """A sentence of the verdict: *lead* stands out in *tone* (may be empty), *text* follows.

    *reasons* are what *text* says, one by one, where they are too many for a sentence; else empty. Those of *more* are
    too many for a list too: *more_title* says how many they are.
    """

    lead: str
    tone: str
    text: str
    reasons: tuple[str, ...] = ()
    more_title: str = ""
    more: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """One figure of page 1: what it is, the figure, what to know about it, where to read on."""

    label: str
    figure: str
    note: str
    tone: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Bullet:
    """A bar to a target mark on a track 124 wide: lengths in its units; *title* says all three in words."""

    title: str
    tone: str
    fill: int
    target: int


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line over the last periods, 400 by 104: *paths* are ``x,y x,y`` stretches without a gap."""

    title: str
    tone: str
    paths: tuple[str, ...]
    target: int
    last_x: int
    last_y: int


@dataclass(frozen=True, slots=True)
class DigestSection:
    """A list of a digest: *more* says how many lines are left out, *nothing* stands where there is none."""

    title: str
    lines: tuple[str, ...]
    more: str
    nothing: str


@dataclass(frozen=True, slots=True)
class DigestView:
    """A weekly digest; *sha256* is that of the preview that it was made of."""

    language: str
    title: str
    eyebrow: str
    heading: str
    subheading: str
    sections: tuple[DigestSection, ...]
    sha256: str


@dataclass(frozen=True, slots=True)
class CommitmentRow:
    """One promise of the table: *missing* stands where a bar cannot be drawn, *reserve* and *left* may be empty."""

    name: str
    promise: str
    target: str
    value: str
    value_note: str
    value_tone: str
    bullet: Bullet | None
    missing: str
    spark: Spark | None
    change: str
    change_word: str
    verdict: Chip
    reserve: str
    left: str


@dataclass(frozen=True, slots=True)
class Column:
    """Heading of a table's column."""

    label: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A table's cell; *glyph* stands before a text that *tone* colours, *is_code* for hashes and file names.

    *is_sum* in a row's heading: the row is what the rows above it add up to.
    """

    text: str
    label: str
    is_number: bool
    note: str
    tone: str
    glyph: str
    is_code: bool
    is_sum: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first cell of a row is its heading; *is_long*: folded on a screen, open in print.

    *has_sums*: its rows add up to some of them.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_long: bool
    has_sums: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on an axis, at a place in the chart's units; *anchor* is start, middle or end."""

    at: int
    text: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One incident of a chart (several at one place are drawn once); a breach is a square."""

    x: int
    y: int
    is_breach: bool
    title: str


@dataclass(frozen=True, slots=True)
class DotChart:
    """Incidents in time against their limit, 660 wide and *height* high."""

    title: str
    summary: str
    height: int
    base: int
    limit: int
    limit_label: Tick
    dots: tuple[Dot, ...]
    days: tuple[Tick, ...]
    levels: tuple[Tick, ...]
    caption: str


@dataclass(frozen=True, slots=True)
class DayCell:
    """A local day of a service: *kind* is up, brief, down, planned, unknown, closed or ahead; *mark* says it too."""

    x: int
    middle: int
    kind: str
    mark: str
    label: str
    title: str


@dataclass(frozen=True, slots=True)
class KeyItem:
    """One line of a strip's key: the kind drawn, and its words."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Strip:
    """A service's period, a cell per day: 660 wide, cells *width* wide."""

    title: str
    figure: str
    summary: str
    width: int
    cells: tuple[DayCell, ...]
    key: tuple[KeyItem, ...]
    raw: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A term and what it means; *is_code* for hashes and versions."""

    term: str
    text: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a person's note; *address* is empty but for a link to a web page or a mailbox."""

    text: str
    is_strong: bool = False
    is_emphasis: bool = False
    is_code: bool = False
    address: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a person's note: *kind* is heading, text, item or code; *mark* an item's box, ☐ or ☑, or empty."""

    kind: str
    mark: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """One page after the first: a lead sentence, charts, tables, notes; parts that hold nothing are empty.

    *prose* is what people wrote.
    """

    id: str
    title: str
    lead: str
    charts: tuple[DotChart, ...]
    strips: tuple[Strip, ...]
    tables: tuple[Table, ...]
    definitions: tuple[Definition, ...]
    notes: tuple[str, ...]
    prose: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class MailRow:
    """A promise in a mail: its bar is *bar* wide and leaves *rest*, in pixels; both 0 where there is none."""

    promised: CommitmentRow
    bar: int
    rest: int


@dataclass(frozen=True, slots=True)
class MailView:
    """What a mail has besides the report's first page, as ``mail``: *others* and *attached* may be empty."""

    rows: tuple[MailRow, ...]
    others: str
    attached: str


@dataclass(frozen=True, slots=True)
class Link:
    """A file beside the page: its name, and its address from there."""

    text: str
    address: str


@dataclass(frozen=True, slots=True)
class PortalRow:
    """A closed report: *revision* is empty where there is one only, *files* are its other formats."""

    period: str
    revision: str
    address: str
    score: str
    tally: tuple[Chip, ...]
    closed: str
    files: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class PortalContract:
    """A contract with its newest closed period; *address* is its own page."""

    customer: str
    address: str
    period: str
    score: str
    tally: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class PortalView:
    """A page of the archive, as ``portal``: of one contract (*rows*, *trend*), or of all *contracts*."""

    language: str
    title: str
    eyebrow: str
    heading: str
    note: str
    rows: tuple[PortalRow, ...]
    trend: tuple[Table, ...]
    contracts: tuple[PortalContract, ...]


@dataclass(frozen=True, slots=True)
class ReportView:
    """The whole report. *banner* is empty once closed; *footer* stands on each printed page.

    *has_past*: at least one commitment can be set against earlier periods.
    """

    language: str
    title: str
    footer: str
    eyebrow: str
    heading: str
    subheading: str
    banner: str
    score: str
    score_note: str
    tally: tuple[Chip, ...]
    verdict: tuple[Phrase, ...]
    since_title: str
    since: tuple[str, ...]
    watch: tuple[str, ...]
    decisions: tuple[str, ...]
    cards: tuple[Card, ...]
    value_column: str
    history_column: str
    has_past: bool
    commitments: tuple[CommitmentRow, ...]
    legend: str
    topics: tuple[Topic, ...]
    annexes: tuple[Topic, ...]
    sha256: str
    previous_sha256: str
    versions: str
