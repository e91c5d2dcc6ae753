"""Bad input as a value: where it is, what is wrong, what to write instead."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of what a terminal or a log obeys instead of showing: controls, marks of direction, line ends."""


def visible(text: str) -> str:
    r"""Return *text* in one line that acts on no terminal and no log: a line end as ``\n``, ESC as ``\x1b``."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if unicodedata.category(c) in _HIDDEN else c for c in text)


def _escaped(character: str) -> str:
    return ascii(character)[1:-1]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file. Prints as ``file:line:column: path: message``, unknown parts left out."""

    file: str
    message: str
    line: int | None = None
    column: int | None = None
    path: str = ""
    is_advice: bool = False

    def __str__(self) -> str:
        where = self.file
        if self.line is not None:
            where += f":{self.line}"
            if self.column is not None:
                where += f":{self.column}"
        path = f"{self.path}: " if self.path else ""
        return visible(f"{where}: {path}{self.message}")
