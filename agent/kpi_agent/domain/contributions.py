"""What single tickets add to a figure, so that two knowledges of one period can be told apart ticket by ticket."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from kpi_agent.domain.facts import Facts, TicketFacts
from kpi_agent.domain.indicators.caseload import Case, cases, population
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.ticket import Ticket

COUNTED = {
    "volume": ("resolved", "reopened", "withdrawn", "lost"),
    "backlog": ("age_under_1d", "age_under_7d", "age_under_30d", "age_older", "breached"),
}
"""Counts that the value of a reading does not hold. Where a backlog starts is told by the report before it."""

# A ticket adds to these with others only: what they are made of stands for what it adds.
_OF_FAMILIES = frozenset({"recurrence_rate", "root_cause_treated"})
# Whose tickets these are is nobody's business, not even that they changed the figure.
_OF_PERSONS = frozenset({"single_person_share"})


@dataclass(frozen=True, slots=True)
class Contributions:
    """What the tickets of *tickets* add to the figure that *asked* is about."""

    indicator: str
    asked: Request
    tickets: TicketFacts

    def made_of(self) -> Mapping[str, object]:
        """Return by id what each ticket that may add something is judged by: what differs here may differ there."""
        facts = Facts(self.tickets)
        if self.indicator in _OF_PERSONS:
            return {}
        if self.indicator in _OF_FAMILIES:
            end = self.asked.span.end
            return {t.id: _of_family(t) for t in population(self.asked, facts) if t.opened < end}
        found: dict[str, list[Case]] = defaultdict(list)
        for case in cases(self.asked, facts):
            found[case.ticket.id].append(case)
        return found

    def of(self, name: str) -> object:
        """Return what the ticket of that id adds by itself, with those merged into it or it into."""
        if self.indicator in _OF_FAMILIES:
            return self.made_of().get(name)
        desks = [_alone(desk, name) for desk in self.tickets.desks]
        alone = replace(desks[0], former=tuple(desks[1:]))
        reading = INDICATORS[self.indicator].measure(self.asked, Facts(alone))
        counted = tuple(reading.details.get(detail) for detail in COUNTED.get(self.indicator, ()))
        return reading.value, reading.numerator, reading.n, reading.undetermined, reading.statistics, counted


def differing(before: Contributions, after: Contributions) -> Iterator[str]:
    """Yield the ids of the tickets that add something else after than before, in order."""
    then, now = before.made_of(), after.made_of()
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name) and before.of(name) != after.of(name):
            yield name


def _of_family(ticket: Ticket) -> tuple[object, ...]:
    t = ticket
    return t.opened, t.resolved, t.withdrawn, t.reopenings, t.title, t.category, t.service, t.host, t.problem


def _alone(desk: TicketFacts, name: str) -> TicketFacts:
    """Return a desk that tells of one ticket and its merges only."""
    wanted = _merged_with(desk.tickets, name)
    return replace(desk, tickets=tuple(t for t in desk.tickets if t.id in wanted), former=(), judged={})


def _merged_with(tickets: Collection[Ticket], name: str) -> set[str]:
    merges = [{t.id, t.merged_into} for t in tickets if t.merged_into is not None]
    found = {name}
    while more := {n for pair in merges if found & pair for n in pair} - found:
        found |= more
    return found
