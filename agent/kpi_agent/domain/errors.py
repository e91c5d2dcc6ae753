"""Exceptions that a person reads: a bad world is an exception, bad input is a Problem (problem.py)."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_agent.domain.problem import Problem


class KpiAgentError(Exception):
    """Root of all errors of this program. The message says what is wrong and what to do."""


class InvalidPeriod(KpiAgentError):
    """The text names no period."""

    def __init__(self, text: str) -> None:
        super().__init__(f"'{text}' is no period; write a month 2026-10, a week 2026-W44 or a quarter 2026-Q4")


class InvalidConfiguration(KpiAgentError):
    """Settings, contract, profile or pack cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class SourceError(KpiAgentError):
    """A source did not give a usable answer."""


class SourceUnavailable(SourceError):
    """The source cannot answer now; asking again later may help."""


class SourceRejected(SourceError):
    """The source answered, and asking again will give the same: it must be mended first."""


class ExportRefused(SourceRejected):
    """A whole export file is unusable; nothing of it was taken. Carries the problems found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


class Overtaken(KpiAgentError):
    """Another file of the source was taken since this one was read: read it again."""


class StoreError(KpiAgentError):
    """The store cannot be used safely: damaged, of a newer version, or locked by another daemon."""


class NotFound(KpiAgentError):
    """A contract, ticket, host, objective or source of that name is not known."""
