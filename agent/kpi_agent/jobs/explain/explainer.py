"""Answer ``explain``: find what a name means, with what was known when the period in question was closed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.evaluation import Evaluation
from kpi_agent.domain.export import RejectedRow
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.measure import measure
from kpi_agent.domain.records import StoredDocument
from kpi_agent.domain.time import Period
from kpi_agent.jobs.explain.objective import ObjectiveExplanation, explain_objective
from kpi_agent.jobs.explain.ticket import Explanation, explain_ticket, memberships
from kpi_agent.jobs.report import Reporter

Rejected = Callable[[str, str], tuple[tuple[str, RejectedRow], ...]]
"""Source and ticket id → the rejected rows that name it, with their files."""


@dataclass(frozen=True, slots=True)
class Known:
    """A period as it is explained: evaluated with what its closing knew, or with what is known now."""

    evaluation: Evaluation
    facts: Facts
    frozen: StoredDocument | None


@dataclass(frozen=True, slots=True)
class ObjectiveAnswer:
    """An objective in one period; *frozen* is the closed document of that period, None while it is a preview."""

    contract: Contract
    parts: tuple[ObjectiveExplanation, ...]
    frozen: StoredDocument | None
    is_ticket_too: bool = False


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains tickets and objectives of one configuration."""

    reporter: Reporter
    rejected: Rejected

    def explain(
        self, contract: Contract, name: str, period: Period, *, now: int, as_of: int | None = None
    ) -> Explanation | ObjectiveAnswer:
        """Return how ticket or objective *name* came about; an objective is looked at in *period*.

        *as_of* asks what was known at an instant that has passed. A name that is both is the objective. Raises NotFound
        with what is alike, or with the rejected rows that name the ticket.
        """
        at = now if as_of is None else as_of
        ids = {o.id for v in contract.versions for o in v.objectives}
        if name in ids:
            known = self._known(contract, period, now=at)
            parts = explain_objective(contract, known.evaluation, known.facts, name)
            if not parts:
                raise NotFound(f"objective '{name}' was not promised in {period.id}; name another --period")
            is_ticket_too = any(t.id == name for t in known.facts.tickets.everyone())
            return ObjectiveAnswer(contract, parts, known.frozen, is_ticket_too)
        facts = self.reporter.gatherer.gather(contract, Period.month_of(at, contract.timezone), now=at).facts
        try:
            explanation = explain_ticket(contract, facts.tickets, name, now=at)
        except NotFound as error:
            raise NotFound(f"{error}{self._hint(contract, name, ids)}") from error
        return replace(explanation, memberships=memberships(explanation, self._decided_in(contract, explanation, at)))

    def _hint(self, contract: Contract, name: str, ids: set[str]) -> str:
        alike = get_close_matches(name, sorted(ids), n=2)
        hint = f"; objectives: {', '.join(alike or sorted(ids))}" if ids else ""
        desks = dict.fromkeys(scope.source for _, scope in reversed(contract.ticket_scopes()))
        rows = [row for desk in desks for row in self.rejected(desk, name)]
        return hint + "".join(f"\nrejected: {file}:{row.line}: {row.reason}" for file, row in rows)

    def _decided_in(self, contract: Contract, explanation: Explanation, now: int) -> list[Evaluation]:
        instants = {c.judgement.decided for c in explanation.clocks if c.judgement.decided is not None}
        periods = {Period.month_of(i, contract.timezone).id for i in instants if i in contract.life}
        found = sorted(periods)
        return [self._known(contract, Period.parse(p, contract.timezone), now=now).evaluation for p in found]

    def _known(self, contract: Contract, period: Period, *, now: int) -> Known:
        """Return a period with what its closing knew, when it was closed by *now*: the figures that were published."""
        closed = self._frozen(contract.id, now).get(period.id)
        entry = None if closed is None else self.reporter.ledger.entries(contract.id).get(period.id)
        at, newest = (now, None) if entry is None else (entry.as_of, entry.newest_import)
        gathered = self.reporter.gatherer.gather(contract, period, now=at, newest_import=newest)
        evaluation = measure(contract, period, gathered.facts, now=at, sources=gathered.sources)
        return Known(evaluation, gathered.facts, closed)

    def _frozen(self, contract: str, now: int) -> Mapping[str, StoredDocument]:
        documents = (d for d in self.reporter.ledger.documents(contract) if d.closed_at <= now)
        return {d.period: d for d in sorted(documents, key=lambda d: d.revision)}
