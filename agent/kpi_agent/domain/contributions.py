"""What single tickets add to a figure, so that two knowledges of one period can be told apart ticket by ticket."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kpi_agent.domain.facts import Facts, TicketFacts
from kpi_agent.domain.indicators.caseload import Case, cases, population
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.indicators.workload import finished
from kpi_agent.domain.ticket import Ticket

COUNTED = {
    "volume": ("resolved", "reopened", "withdrawn", "lost"),
    "backlog": ("age_under_1d", "age_under_7d", "age_under_30d", "age_older", "breached"),
}
"""Counts that the value of a reading does not hold. Where a backlog starts is told by the report before it."""

# A ticket adds to these with others only: what they are made of stands for what it adds.
_OF_FAMILIES = frozenset({"recurrence_rate", "root_cause_treated"})
OF_PERSONS = frozenset({"single_person_share"})
"""Figures whose tickets are named to nobody: it would tell whose they are."""


@dataclass(frozen=True, slots=True)
class Contributions:
    """What the tickets of *tickets* add to the figure that *asked* is about.

    *cases* are those of its scope by ticket; *made_of* is what each ticket that may add something is judged by: only
    what differs there can differ in what it adds.
    """

    indicator: str
    asked: Request
    tickets: TicketFacts
    cases: Mapping[str, Sequence[Case]]
    made_of: Mapping[str, object]

    @classmethod
    def find(cls, indicator: str, asked: Request, tickets: TicketFacts) -> Contributions:
        """Return them for one figure."""
        facts = Facts(tickets)
        found: dict[str, list[Case]] = defaultdict(list)
        for case in cases(asked, facts):
            found[case.ticket.id].append(case)
        made_of: Mapping[str, object] = found
        if indicator in OF_PERSONS:
            made_of = {c.ticket.id: (c.ticket.assignee,) for c in finished(asked, facts)}
        elif indicator in _OF_FAMILIES:
            made_of = {t.id: _of_family(t) for t in population(asked, facts) if t.opened < asked.span.end}
        return cls(indicator, asked, tickets, found, made_of)

    def of(self, name: str) -> object:
        """Return what the ticket of that id adds by itself, with those merged into it or it into."""
        if self.indicator in _OF_FAMILIES | OF_PERSONS:
            return self.made_of.get(name)
        present, *former = (_alone(desk, name) for desk in self.tickets.desks)
        reading = INDICATORS[self.indicator].measure(self.asked, Facts(replace(present, former=tuple(former))))
        counted = tuple(reading.details.get(detail) for detail in COUNTED.get(self.indicator, ()))
        return reading.value, reading.numerator, reading.n, reading.undetermined, reading.statistics, counted


def differing(before: Contributions, after: Contributions) -> Iterator[str]:
    """Yield the ids of the tickets that add something else after than before, in order."""
    then, now = before.made_of, after.made_of
    for name in sorted(then.keys() | now.keys()):
        if then.get(name) != now.get(name) and before.of(name) != after.of(name):
            yield name


def _of_family(ticket: Ticket) -> tuple[object, ...]:
    t = ticket
    return t.opened, t.resolved, t.withdrawn, t.reopenings, t.title, t.category, t.service, t.host, t.problem


def _alone(desk: TicketFacts, name: str) -> TicketFacts:
    """Return a desk that tells of one ticket and its merges only."""
    key = ("by incident",)
    if key not in desk.judged:
        desk.judged[key] = _by_incident(desk.tickets)
    return replace(desk, tickets=desk.judged[key].get(name, ()), former=(), judged={})


def _by_incident(tickets: Sequence[Ticket]) -> Mapping[str, tuple[Ticket, ...]]:
    """Return by the id of each ticket all that make one incident with it by merges, in their order."""
    groups = {t.id: [t] for t in tickets}
    order = {name: place for place, name in enumerate(groups)}
    for ticket in [t for t in tickets if t.merged_into in groups]:
        one, other = groups[ticket.id], groups[ticket.merged_into or ""]
        if one is not other:
            one += other
            groups |= dict.fromkeys((t.id for t in other), one)
    return {name: tuple(sorted(group, key=lambda t: order[t.id])) for name, group in groups.items()}
