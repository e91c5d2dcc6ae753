"""Bad input as a value: where it is, what is wrong, what to write instead."""

from __future__ import annotations

from dataclasses import dataclass


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
        return f"{where}: {path}{self.message}"
