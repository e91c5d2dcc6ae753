"""The one YAML reader: every key and value keeps its place and its text, and nothing means more than it says.

YAML 1.1 reads ``NO`` as false, ``12:30`` as 750, ``010`` as 8 and resolves references that can grow without end. Here a
scalar is the text that was written; those who know what a key means decide what its text means. Anchors, aliases, merge
keys, tags, directives, duplicate keys and further documents are refused.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import yaml
from yaml.reader import ReaderError

from kpi_agent.domain.problem import Problem

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 20

_QUOTED: Final = 60  # characters of a text shown in a message

_NULLS = frozenset({"", "~", "null"})
_FOREIGN_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
# YAML counts these as line ends, editors do not: lines would be numbered differently, and a value split unseen.
_HIDDEN_BREAKS = {"\x85": "NEXT LINE", "\u2028": "LINE SEPARATOR", "\u2029": "PARAGRAPH SEPARATOR"}

Path = tuple[str | int, ...]


class _Mark(Protocol):
    line: int
    column: int


class Plain(str):
    """The text of a scalar written without quotes; a quoted one is an ordinary ``str``."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: line and column, both from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar (text, None for an empty or null one), a list, or a block of keys, and where it begins.

    *keys* holds the place of each key of a block.
    """

    value: str | tuple[Node, ...] | Mapping[str, Node] | None
    place: Place
    keys: Mapping[str, Place] = field(default_factory=dict)

    def plain(self) -> object:
        """Return the same as dicts, lists, text (``Plain`` when unquoted) and None."""
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        if isinstance(self.value, Mapping):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value

    def child(self, step: str | int) -> Node | None:
        """Return what stands under a key or at a position, None when nothing does."""
        if isinstance(self.value, tuple) and isinstance(step, int) and step < len(self.value):
            return self.value[step]
        if isinstance(self.value, Mapping) and isinstance(step, str):
            return self.value.get(step)
        return None


def read_yaml(content: bytes, file: str) -> tuple[Node | None, tuple[Problem, ...]]:
    """Return the document and no problem, or None and every problem found; *file* is only named in them."""
    text, problem = _decode(content, file)
    if problem is not None:
        return None, (problem,)
    builder = _Builder(file)
    try:
        root = builder.build(text)
    except ReaderError as error:
        builder.refuse(_place_at(text, error.position), f"character U+{error.character:04X} is not allowed; remove it")
        root = None
    except yaml.MarkedYAMLError as error:
        builder.refuse(_place(error.problem_mark or error.context_mark), _words_of_error(error))
        root = None
    except (ValueError, OverflowError):
        # The library passes the number of an escape such as "\UFFFFFFFF" to chr() unchecked.
        builder.refuse(None, "an escape in double quotes names no character; use single quotes")
        root = None
    except _TooDeep as error:
        builder.refuse(error.place, f"is nested deeper than {MAX_DEPTH} levels")
        root = None
    return (None, tuple(builder.problems)) if builder.problems else (root, ())


def _decode(content: bytes, file: str) -> tuple[str, Problem | None]:
    """Return the text without byte order mark, or the problem that makes the bytes no text."""
    if len(content) > MAX_BYTES:
        return "", Problem(file, f"is larger than {MAX_BYTES:,} bytes; split it")
    for mark, name in _FOREIGN_MARKS:
        if content.startswith(mark):
            return "", Problem(file, f"is written in {name}; save it as UTF-8", 1, 1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place_at(content[: error.start].decode("utf-8-sig"), None)
        bad = content[error.start]
        return "", Problem(file, f"byte 0x{bad:02X} is no UTF-8; save the file as UTF-8", place.line, place.column)
    if "\0" in text:
        place = _place_at(text, text.index("\0"))
        return "", Problem(file, "holds a NUL byte: this is no text file", place.line, place.column)
    for char, name in _HIDDEN_BREAKS.items():
        if char in text:
            place = _place_at(text, text.index(char))
            message = f"holds an invisible line end (U+{ord(char):04X} {name}); write an ordinary one"
            return "", Problem(file, message, place.line, place.column)
    return text, None


class _TooDeep(Exception):
    """Ends the walk; nothing below is read."""

    def __init__(self, place: Place | None) -> None:
        self.place = place


class _Builder:
    """Turns the parser's events into nodes, keeping every problem on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._events: Iterator[yaml.Event] = iter(())

    def refuse(self, place: Place | None, message: str) -> None:
        line, column = (place.line, place.column) if place else (None, None)
        self.problems.append(Problem(self.file, message, line, column))

    def build(self, text: str) -> Node | None:
        self._events = yaml.parse(text, Loader=yaml.SafeLoader)
        root: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse(
                        _place(event.start_mark), "a second document begins here ('---'); write one document per file"
                    )
                    return None
                if event.version or event.tags:
                    self.refuse(_place(event.start_mark), "directives ('%…') are refused; remove the line")
            elif isinstance(event, yaml.NodeEvent):
                root = self._node(event, 1)
        if root is None and not self.problems:
            self.refuse(Place(1, 1), "is empty")
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        place = _place(event.start_mark)
        if depth > MAX_DEPTH:
            raise _TooDeep(place)
        self._refuse_references(event, place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(place, depth)
        if isinstance(event, yaml.MappingStartEvent):
            return self._block(place, depth)
        if isinstance(event, yaml.ScalarEvent):
            return Node(self._scalar(event, place), place)
        return Node(None, place)

    def _scalar(self, event: yaml.ScalarEvent, place: Place) -> str | None:
        text: str = event.value
        if odd := next((c for c in text if unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t"), None):
            self.refuse(place, f"holds the control character U+{ord(odd):04X}; remove it")
        if event.style is not None:
            return text
        return None if text in _NULLS else Plain(text)

    def _refuse_references(self, event: yaml.Event, place: Place) -> None:
        if isinstance(event, yaml.AliasEvent):
            self.refuse(place, f"alias '*{_short(event.anchor)}' is refused; write the value out")
            return
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            self.refuse(place, f"anchor '&{_short(event.anchor)}' is refused; write each value out")
        tag = getattr(event, "tag", None)
        if tag is not None:
            self.refuse(place, f"tag '{_short(tag)}' is refused; write the plain value")

    def _list(self, place: Place, depth: int) -> Node:
        items: list[Node] = []
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                break
            items.append(self._node(event, depth + 1))
        return Node(tuple(items), place)

    def _block(self, place: Place, depth: int) -> Node:
        items: dict[str, Node] = {}
        keys: dict[str, Place] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._key(event, depth)
            at = _place(event.start_mark)
            value = self._node(next(self._events), depth + 1)
            if key is None:
                continue
            if key in keys:
                self.refuse(
                    at, f"key '{_short(key)}' stands here a second time (first on line {keys[key].line}); keep one"
                )
                continue
            items[key], keys[key] = value, at
        return Node(items, place, keys)

    def _key(self, event: yaml.Event, depth: int) -> str | None:
        place = _place(event.start_mark)
        node = self._node(event, depth + 1)
        if not isinstance(node.value, str):
            if not isinstance(event, yaml.AliasEvent):
                self.refuse(place, "a key must be a word")
            return None
        if node.value == "<<":
            self.refuse(place, "merge key '<<' is refused; write the keys out")
            return None
        return str(node.value)


def _place(mark: _Mark | None) -> Place:
    return Place(1, 1) if mark is None else Place(mark.line + 1, mark.column + 1)


def _short(text: str | None) -> str:
    """Return text that fits into a message."""
    text = text or ""
    return text if len(text) <= _QUOTED else text[: _QUOTED - 1] + "…"


def _place_at(text: str, position: int | None) -> Place:
    """Return the place of a character by its number, None: just after the text."""
    before = text if position is None else text[:position]
    return Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def _words_of_error(error: yaml.MarkedYAMLError) -> str:
    """Return the parser's complaint as one sentence."""
    parts = [part for part in (error.context, error.problem) if part]
    what = ", ".join(parts) or "cannot be read"
    if "'\\t'" in what:
        return "a tab stands where spaces are needed; indent with spaces"
    return f"is no valid YAML: {what}"
