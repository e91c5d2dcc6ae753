"""Cells → values: words of a vocabulary, numbers, durations, names; each different text is understood once."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from kpi_agent.collectors.tickets.faults import BadRow
from kpi_agent.domain.source import Profile
from kpi_agent.domain.words import fold

K = TypeVar("K")
T = TypeVar("T")

_SPACE = re.compile(r"\s+")
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_DECIMAL = re.compile(r"(-?)([0-9]{1,15})(?:[.,]([0-9]{1,9}))?")
_CLOCK = re.compile(r"(-?)([0-9]{1,6}):([0-5][0-9])(?::([0-5][0-9]))?")
_GROUP = 3  # digits after a comma that may be thousands
_SPACED_NUMBER = re.compile(r"[0-9]+(?:\s[0-9]+)*")
_DURATION = re.compile(r"(-?)\s*((?:[0-9]{1,9}\s*[^\W\d_]+\s*)+)")
_DURATION_PART = re.compile(r"([0-9]+)\s*([^\W\d_]+)")
_ID_SUFFIX = re.compile(r"\s*\([0-9 ]+\)")
_BETWEEN_LABELS = re.compile(r"[\r\n,]+")
_LINE_END = re.compile(r"[\r\n]")
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


_REMEMBERED = 20_000  # texts: most columns have few


class CellCleaner(dict[str, str]):
    """Cells → their texts, ``""`` for an empty one: without what exports put around them and their words for nothing.

    Looked up like a mapping, which makes each when it is first asked for; most equal texts are one object then.
    """

    def __init__(self, profile: Profile) -> None:
        super().__init__()
        self._nulls = profile.nulls
        self._longest = max(map(len, profile.nulls), default=0)

    def __missing__(self, cell: str) -> str:
        text = html.unescape(cell) if "&" in cell else cell
        text = text.strip()
        is_ascii = text.isascii()
        if not is_ascii:
            text = text.strip("\ufeff")
        # osTicket and careful spreadsheets keep a formula from running with a leading apostrophe.
        if text[:1] == "'" and text[1:2] in {"=", "+", "-", "@"}:
            text = text[1:]
        # What is longer than each word for nothing, however it is folded, is none of them; numbers need no folding.
        if len(text) <= 2 * self._longest and (text.lower() if is_ascii else fold(text)) in self._nulls:
            text = ""
        if len(self) >= _REMEMBERED:
            self.clear()
        self[cell] = text
        return text


class LabelReader(dict[str, str]):
    """Cells that list labels → what follows the first of *prefixes* (folded) in one of them, ``""`` for none."""

    def __init__(self, prefixes: tuple[str, ...]) -> None:
        super().__init__()
        self._prefixes = prefixes

    def __missing__(self, cell: str) -> str:
        labels = [label.strip() for label in _BETWEEN_LABELS.split(cell)]
        found = ((label, p) for p in self._prefixes for label in labels if fold(label).startswith(p))
        label, prefix = next(found, ("", ""))
        text = self[cell] = fold(label)[len(prefix) :].strip() if prefix else label
        return text


class Once(dict[K, T]):
    """A column's texts → what *read* makes of them, asked once each; one that raises BadRow raises it each time."""

    def __init__(self, read: Callable[[K], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: K) -> T:
        value = self[text] = self._read(text)
        return value


def read_word(text: str, vocabulary: Mapping[str, T], what: str, field: str) -> T:
    """Return the value of a word; raises BadRow ``unknown_<what>`` naming the word and the profile's key."""
    value = vocabulary.get(fold(text))
    if value is None:
        raise BadRow(f"unknown_{what}", f"'{shortened(text)}' is no {what} that the profile knows; add it to `{field}`")
    return value


def read_integer(text: str, header: str) -> int:
    """Return a whole number, its thousands separated by any Unicode space; raises BadRow ``unreadable_number``."""
    bare = _SPACE.sub("", text)
    if not _INTEGER.fullmatch(bare):
        raise BadRow("unreadable_number", f"'{shortened(text)}' in column '{header}' is no whole number")
    return int(bare)


def read_duration(text: str, words: Mapping[str, int], header: str, unit: int = 1000) -> int:
    """Return seconds from ``2 jours 3 heures 5 minutes`` (a day is 24 h), ``26:05``, ``26:05:10`` or a bare number.

    A bare number counts *unit* milliseconds each; what is left below a second is cut off. Raises BadRow:
    ``negative_duration`` for less than nothing, ``unreadable_duration`` otherwise.
    """
    seconds, is_negative = read_signed_duration(text, words, header, unit)
    if is_negative:
        raise BadRow("negative_duration", f"'{shortened(text)}' in column '{header}' is less than nothing")
    return seconds


def read_signed_duration(text: str, words: Mapping[str, int], header: str, unit: int = 1000) -> tuple[int, bool]:
    """Return seconds without sign, and whether they are less than nothing; raises BadRow ``unreadable_duration``."""
    line = _SPACE.sub(" ", text)
    bare = line.replace(" ", "")
    if found := _DECIMAL.fullmatch(bare):
        sign, whole, part = found[1], found[2], found[3] or ""
        # "1,500" hours may be one and a half, or fifteen hundred.
        if not ("," in bare and len(part) == _GROUP):
            milliseconds = int(whole + part) * unit // 10 ** len(part)
            return milliseconds // 1000, bool(sign) and milliseconds > 0
    elif found := _CLOCK.fullmatch(bare):
        seconds = int(found[2]) * 3600 + int(found[3]) * 60 + int(found[4] or 0)
        return seconds, bool(found[1])
    elif (told := _in_words(line, words)) is not None:
        return told
    raise BadRow("unreadable_duration", f"'{shortened(text)}' in column '{header}' is no duration")


def _in_words(text: str, words: Mapping[str, int]) -> tuple[int, bool] | None:
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    total = 0
    for number, unit in _DURATION_PART.findall(found[2]):
        size = words.get(fold(unit))
        if size is None:
            return None
        total += int(number) * size
    return total, bool(found[1]) and total > 0


def read_id(text: str) -> str:
    """Return a ticket's id: digits lose the spaces that group thousands (``52 267``), others stay as written."""
    return _SPACE.sub("", text) if not text.isalnum() and _SPACED_NUMBER.fullmatch(text) else text


def first_value(text: str, joiner: str | None) -> str:
    """Return the first of several values in a cell, joined by the product's literal or by line ends."""
    if joiner is None:
        return text
    if joiner not in text and "\n" not in text and "\r" not in text:
        return text.strip()
    first = text.split(joiner, 1)[0]
    return _LINE_END.split(first.strip(), maxsplit=1)[0].strip()


def read_name(text: str, joiner: str | None) -> str:
    """Return a name (category, group, host) on one line, without HTML left-overs."""
    name = first_value(text, joiner)
    if "<" in name:
        name = _TAG.sub(" ", name)
    return _SPACE.sub(" ", name).strip()


def without_id(name: str) -> str:
    """Return a name without the `` (2970)`` that GLPI's preference "show ids" appends."""
    return _strip_suffix(name)


def has_id(name: str) -> bool:
    """Whether a name ends in `` (2970)``."""
    return _strip_suffix(name) != name


def _strip_suffix(name: str) -> str:
    head, bracket, _ = name.rpartition("(")
    return head.rstrip() if bracket and head.strip() and _ID_SUFFIX.fullmatch(name[len(head) :]) else name


def shape(text: str) -> str:
    """Return letters as x and digits as 9: shows how a line is built without telling what, or whom, it says."""
    masked = "".join("x" if c.isalpha() else "9" if c.isdigit() else c for c in text)
    return shortened(re.sub(r"x{9,}", "xxxxxxxx", masked), 300)


def shortened(text: str, length: int = 60) -> str:
    """Return the text on one line, cut after *length* characters with an ellipsis."""
    line = _SPACE.sub(" ", text)
    return line if len(line) <= length else line[: length - 1] + "…"
