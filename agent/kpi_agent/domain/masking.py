"""Titles without what names a machine, a mailbox or a moment, and their words (indicators.md §4, Families)."""

from __future__ import annotations

import re
from functools import lru_cache

from kpi_agent.domain.stop_words import STOP_WORDS
from kpi_agent.domain.words import fold

MASK = "#"
"""Stands for what was masked: a number, date, hexadecimal, host name, path, address or ticket number."""

_LONGEST = 500  # a title, not a description pasted into one

_PIECE = re.compile(r"[\w.-]+")
_HEX = re.compile(r"[a-f]{8,}|(?=[a-f-]*-)[a-f]{4,}(?:-[a-f]{4,})+")
_DRIVE = re.compile(r"[a-z]:[\\/]")
_TOKEN = re.compile(r"[^\W\d_]{3,}")
_MASKS = re.compile(rf"{MASK}(?:\s*{MASK})+")


def mask(title: str) -> str:
    """Return the title folded (no case, no accents), with every identifying piece replaced by ``#``.

    Masked are addresses and URLs, paths, names with dots between letters, and every piece with a digit (numbers, dates,
    hexadecimal, ``web01``, ``INC0012345``); masking twice changes nothing. Titles count up to 500 characters.
    """
    # Word by word, because words repeat and folding is the expensive part; it never joins two words.
    masked = _MASKS.sub(MASK, " ".join(filter(None, map(_masked, title[:_LONGEST].split()))))
    return masked if len(masked) <= _LONGEST else masked[:_LONGEST].rpartition(" ")[0]


def tokens(masked: str, language: str) -> frozenset[str]:
    """Return the words of a masked title: at least three letters, none of the language's stop list (``fr``, ``en``)."""
    return frozenset(_TOKEN.findall(masked)) - STOP_WORDS.get(language, frozenset())


@lru_cache(maxsize=65536)
def _masked(raw: str) -> str:
    # Folding may make several words of one: a spacing accent becomes a space.
    return " ".join(map(_masked_word, fold(raw).split()))


def _masked_word(word: str) -> str:
    if word.isalpha():
        return MASK if _HEX.fullmatch(word) else word
    core = word.strip("\"'()[]{}<>«»,;:!?=")
    is_path = len(core) > 1 and (core.startswith(("/", "\\\\", "~/", "./", "../")) or _DRIVE.match(core) is not None)
    if is_path or "://" in core or (0 < core.find("@") < len(core) - 1):
        return word.replace(core, MASK, 1)
    return _PIECE.sub(_masked_piece, word)


def _masked_piece(found: re.Match[str]) -> str:
    piece = found[0]
    bare = piece.strip(".-_")
    has_digit = any(c.isdigit() for c in bare)
    has_dots = "." in bare and all(len(label) > 1 for label in bare.split("."))
    if has_digit or has_dots or _HEX.fullmatch(bare):
        return piece.replace(bare, MASK, 1)
    return piece
