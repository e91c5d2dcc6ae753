"""What can be wrong with an export: a file that is refused as a whole, and a row that is set aside."""

from __future__ import annotations

from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.problem import Problem


class BadRow(Exception):
    """The row cannot be trusted. *code* counts, *reason* is a sentence for the person who mends the export."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


def refusal(file: str, message: str, line: int | None = None) -> ExportRefused:
    """Return the exception for a file that cannot be used, with its one reason."""
    return ExportRefused([Problem(file, message, line=line)])


def listed(words: list[str], limit: int = 40) -> str:
    """Return words in quotes, joined by commas; beyond *limit* only their number is told."""
    shown = ", ".join(f"'{w}'" for w in words[:limit])
    return shown if len(words) <= limit else f"{shown} and {len(words) - limit} more"
