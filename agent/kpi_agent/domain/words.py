"""Words compared as people read them: without case, accents, kinds of apostrophe or kinds of space."""

from __future__ import annotations

import unicodedata

# Word processors and spreadsheets replace the typewriter's apostrophe: "Date d’ouverture".
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u00b4\u2032", "'"))


def fold(text: str) -> str:
    """Return the form in which two spellings of a word are equal; folding twice changes nothing more.

    Case and combining marks are dropped, compatibility forms resolved, every run of Unicode white space becomes one
    space (no-break spaces included), ends are stripped.
    """
    # Case first and last: folding a dotted capital I yields a combining mark, decomposing yields capitals.
    decomposed = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES).casefold())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()
    return " ".join(unicodedata.normalize("NFKD", bare).translate(_APOSTROPHES).split())
