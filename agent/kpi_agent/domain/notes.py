"""What people write beside the figures of a period: sections of a Markdown text, and what they asked and promised.

The words are theirs: a note may name a cause, the program never does (decisions.md §4).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Section(StrEnum):
    """What a part of a note is about; its heading says so in French or English."""

    HIGHLIGHTS = "highlights"
    CAUSES = "causes"
    DECISIONS = "decisions"  # asked of the reader
    ACTIONS = "actions"
    OTHER = "other"  # under a heading of the writer's own


HEADINGS: Mapping[str, Mapping[Section, str]] = {
    "en": {
        Section.HIGHLIGHTS: "Highlights",
        Section.CAUSES: "Causes",
        Section.DECISIONS: "Decisions",
        Section.ACTIONS: "Actions",
    },
    "fr": {
        Section.HIGHLIGHTS: "Faits marquants",
        Section.CAUSES: "Causes",
        Section.DECISIONS: "Décisions",
        Section.ACTIONS: "Actions",
    },
}
"""The headings by language."""

ASKED = (Section.DECISIONS, Section.ACTIONS)
"""Sections whose boxes, ``- [ ] text``, are followed from one period to the next."""

_HEADING = re.compile(r"#{1,3}[ \t]+(.+?)[ \t]*#*\Z")
_FENCE = re.compile(r" {0,3}(```|~~~)")
_BOX = re.compile(r"\s*[-*+][ \t]+\[([ xX])\][ \t]+(\S.*)\Z")
_KNOWN = {text.casefold(): section for texts in HEADINGS.values() for section, text in texts.items()}


@dataclass(frozen=True, slots=True)
class Note:
    """One section: *title* as it was written, empty for what stands before any heading; *text* is Markdown."""

    section: Section
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A decision or an action with a box: *since* the period that named it first."""

    section: Section
    text: str
    is_done: bool
    since: str


@dataclass(frozen=True, slots=True)
class Approval:
    """Who read a report before it was frozen, and when: epoch seconds."""

    by: str
    at: int


class Became(StrEnum):
    """What this period's note says of something that an earlier one left open."""

    DONE = "done"
    OPEN = "open"
    UNTOLD = "untold"  # it does not name it: still open, and nobody says why


@dataclass(frozen=True, slots=True)
class Carried:
    """What an earlier period left open, and what became of it."""

    section: Section
    text: str
    since: str
    became: Became


def notes_of(markdown: str) -> tuple[Note, ...]:
    """Return the sections of a text in order; one that says nothing is left out, lines of code are no headings."""
    found: list[tuple[Section, str, list[str]]] = [(Section.HIGHLIGHTS, "", [])]
    fence = ""
    for line in markdown.splitlines():
        mark = _FENCE.match(line)
        if mark is not None and fence in {"", mark[1]}:
            fence = "" if fence else mark[1]
        heading = None if fence else _HEADING.match(line)
        if heading is None:
            found[-1][2].append(line)
        else:
            found.append((_KNOWN.get(heading[1].casefold(), Section.OTHER), heading[1], []))
    whole = ((section, title, "\n".join(lines).strip("\n")) for section, title, lines in found)
    return tuple(Note(section, title, text) for section, title, text in whole if text.strip())


def asked_in(notes: Iterable[Note], period: str) -> Iterator[Asked]:
    """Yield the boxes of decisions and actions, as named first in *period*."""
    for note in notes:
        if note.section not in ASKED:
            continue
        for line in note.text.splitlines():
            box = _BOX.match(line)
            if box is not None:
                yield Asked(note.section, box[2].strip(), box[1] != " ", period)


def carried_over(earlier: Sequence[Asked], notes: Iterable[Note]) -> tuple[Carried, ...]:
    """Return what *earlier* periods left open, in their order, with what this period's notes say of it.

    The same text, whatever its case and spaces, is the same thing.
    """
    told = {(_key(a.section, a.text)): a for a in asked_in(notes, "")}
    found = []
    for asked in earlier:
        if asked.is_done:
            continue
        now = told.get(_key(asked.section, asked.text))
        became = Became.UNTOLD if now is None else Became.DONE if now.is_done else Became.OPEN
        found.append(Carried(asked.section, asked.text, asked.since, became))
    return tuple(found)


def still_asked(notes: Iterable[Note], carried: Iterable[Carried], period: str) -> tuple[Asked, ...]:
    """Return what a period leaves open for the next: what it carried and did not end, then what it names first."""
    kept = [Asked(c.section, c.text, is_done=False, since=c.since) for c in carried if c.became is not Became.DONE]
    known = {_key(a.section, a.text) for a in kept}
    named = (a for a in asked_in(notes, period) if not a.is_done)
    return (*kept, *(a for a in named if _key(a.section, a.text) not in known))


def _key(section: Section, text: str) -> tuple[str, ...]:
    return section.value, *text.casefold().rstrip(".").split()
