"""Words compared as people read them: without case, accents, kinds of apostrophe or kinds of space."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# Word processors and spreadsheets replace the typewriter's apostrophe: "Date d’ouverture".
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u00b4\u2032", "'"))


def fold(text: str) -> str:
    """Return the form in which two spellings of a word are equal; folding twice changes nothing more.

    Case and combining marks are dropped, compatibility forms resolved, every run of Unicode white space becomes one
    space (no-break spaces included), ends are stripped.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join("".join(map(_folded, text)).split())


@lru_cache(maxsize=4096)
def _folded(character: str) -> str:
    """Return what one character folds to: without the marks, whose order alone depends on neighbours, none matters."""
    # Case first and last: folding a dotted capital I yields a combining mark, decomposing yields capitals.
    decomposed = unicodedata.normalize("NFKD", character.translate(_APOSTROPHES).casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    return unicodedata.normalize("NFKD", bare).translate(_APOSTROPHES)
