"""What commands print: text as the terminal can show it, JSON and HTML as the very bytes."""

from __future__ import annotations

import json
import os
import sys
import unicodedata
from typing import Any

import click

# One column each, so that tables stay tables.
_ONE_WIDE = {
    "–": "-", "—": "-", "−": "-", "…": "~", "·": "|", "×": "x", "≥": ">", "≤": "<", "●": "+", "■": "!", "▲": "^",
    "○": "o", "’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "→": ">", "€": "E", "œ": "o", "Œ": "O",
}  # fmt: skip
_ASCII = str.maketrans(_ONE_WIDE)


def is_utf8() -> bool:
    """Return whether the terminal, or who reads the pipe, expects UTF-8.

    Python writes UTF-8 in the C locale too; who sets ``LC_ALL=C`` wants ASCII. A C locale from ``LANG`` alone looks
    like UTF-8 here, for Python has changed it before this runs.
    """
    if "PYTHONIOENCODING" not in os.environ and os.environ.get("PYTHONUTF8") != "1":
        locale = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "C")
        if locale in {"C", "POSIX"}:
            return False
    return (sys.stdout.encoding or "ascii").lower().replace("-", "") == "utf8"


def to_ascii(text: str) -> str:
    """Return *text* in ASCII, as many columns wide; letters lose their accents, what has no likeness is ``?``."""
    likeness = unicodedata.normalize("NFKC", text.translate(_ASCII)).translate(_ASCII)
    plain = "".join(c for c in unicodedata.normalize("NFKD", likeness) if not unicodedata.combining(c))
    return plain.encode("ascii", "replace").decode("ascii")


def say(text: str, *, is_error: bool = False) -> None:
    """Print a line or several, to stderr when *is_error*."""
    click.echo(text if is_utf8() else to_ascii(text), err=is_error)


def say_json(value: Any) -> None:
    """Print a value as JSON for a person or a program: indented, keys sorted."""
    click.echo(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=not is_utf8()))


def say_bytes(content: bytes) -> None:
    """Print exactly these bytes: a document whose hash must be that of the stored one, or a page of its own charset."""
    click.echo(content, nl=False)
