"""Problem records behind families of incidents: which root causes are treated (indicators.md §4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kpi_agent.domain.evaluation import Treatment
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.ticket import Kind, Ticket
from kpi_agent.domain.time import DAY, Interval

_QUIET = 30 * DAY


class Began(Protocol):
    """An occurrence, as far as is needed here."""

    @property
    def start(self) -> int:
        """The instant at which it began."""


@dataclass(frozen=True, slots=True)
class Problems:
    """The problem tickets by desk and id. *are_told*: some desk tells which incidents belong to one, or has any."""

    by_id: Mapping[tuple[str, str], Ticket]
    are_told: bool

    @classmethod
    def of(cls, facts: Facts) -> Problems:
        """Return the problems that the exports tell, of whatever scope: an incident names its own."""
        by_id = {(t.source, t.id): t for t in facts.tickets.everyone() if t.kind is Kind.PROBLEM}
        return cls(by_id, bool(by_id) or any(t.problem is not None for t in facts.tickets.everyone()))

    def treatment(self, tickets: Iterable[Ticket], began: Sequence[Began], span: Interval) -> Treatment:
        """Return what became of a family's root cause at the end of *span*, from its members opened in it.

        *began* are its occurrences. A resolved problem and 30 days without a new one: treated.
        """
        linked = {(t.source, t.problem) for t in tickets if t.problem is not None and t.opened in span}
        if not linked:
            return Treatment.NO_PROBLEM if self.are_told else Treatment.UNKNOWN
        found = [self.by_id[name] for name in linked if name in self.by_id]
        if any(_is_resolved(problem, span.end) for problem in found):
            is_quiet = all(o.start < span.end - _QUIET for o in began)
            return Treatment.TREATED if is_quiet else Treatment.CAME_BACK
        return Treatment.PROBLEM_OPEN if len(found) == len(linked) else Treatment.UNKNOWN


def _is_resolved(problem: Ticket, instant: int) -> bool:
    """Whether a problem was resolved before *instant*; a cancelled one never was."""
    if problem.is_open or problem.withdrawn is not None:
        return False
    done = problem.resolved if problem.resolved is not None else problem.closed
    return done is not None and done < instant
