"""The one gettext catalogue: English messages are the keys, French ones come from the .po file beside this module."""

from __future__ import annotations

import re
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("en", "fr")
"""What a contract may ask for (interface.md §3)."""

NO_BREAK = "\u00a0"

_BEFORE_HIGH_MARKS = re.compile(r" (?=[:;!?%»€])")
_BEFORE_UNITS = re.compile(r"(?<=[}\d]) (?=(?:h|min|s|j|pt)\b)")
_AFTER_OPENING = re.compile(r"(?<=«) ")


@lru_cache(maxsize=len(LANGUAGES))
def translations_for(language: str) -> NullTranslations:
    """Return the messages of a language, compiled from its .po text once per process; raises KeyError when not shipped.

    The .po file is written with ordinary spaces, which an editor shows; French no-break spaces are put here.
    """
    if language not in LANGUAGES:
        raise KeyError(language)
    if language == "en":
        return NullTranslations()
    catalog = read_catalogue(language)
    for message in catalog:
        strings = message.string
        if isinstance(strings, str):
            message.string = with_no_breaks(strings)
        else:
            message.string = tuple(with_no_breaks(s) for s in strings or ())
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def message(text: str) -> str:
    """Return the text unchanged: it marks a message that is looked up later, for the catalogue must hold it."""
    return text


def messages(one: str, many: str) -> tuple[str, str]:
    """Return both texts unchanged: a singular and plural that are looked up later, as with :func:`message`."""
    return one, many


def read_catalogue(language: str) -> Catalog:
    """Return the catalogue of a shipped language as it is written."""
    source = files("kpi_agent_reports") / "locale" / language / "LC_MESSAGES" / "kpi-agent.po"
    with source.open("rb") as lines:
        return read_po(lines, locale=language)


def with_no_breaks(text: str) -> str:
    """Return French text with no-break spaces before ``: ; ! ? % €`` and units, and inside quotation marks."""
    for place in (_BEFORE_HIGH_MARKS, _BEFORE_UNITS, _AFTER_OPENING):
        text = place.sub(NO_BREAK, text)
    return text
