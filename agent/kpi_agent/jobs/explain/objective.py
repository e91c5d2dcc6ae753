"""What stands behind one objective's figure in a period: the things judged, by what became of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.evaluation import Commitment, Evaluation
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.caseload import Case, cases, ticket_window
from kpi_agent.domain.indicators.incidents import flow, open_at_end
from kpi_agent.domain.indicators.recurrence import begun
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.indicators.unit import counted_span
from kpi_agent.domain.measure import asked_by
from kpi_agent.domain.time import Interval
from kpi_agent.domain.verdict import Judgement, Verdict, count
from kpi_agent.jobs.explain.ticket import CLOCK_OF, RESPONSE


@dataclass(frozen=True, slots=True)
class ObjectiveExplanation:
    """One promise over one stretch, with its reading, and what the reading was counted from.

    *judged*: tickets by verdict, of a share in time; running ones are those that can still be decided. *timed*: those
    whose durations make the statistics. *outages*: of a service, whole, as observed. *counted*: ids of what else
    stands behind it, by what it is.
    """

    evaluation: Evaluation
    commitment: Commitment
    span: Interval
    judged: Mapping[Verdict, Sequence[Judgement]] = field(default_factory=dict)
    timed: tuple[Judgement, ...] = ()
    counted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outages: tuple[Interval, ...] = ()


def explain_objective(
    contract: Contract, evaluation: Evaluation, facts: Facts, name: str
) -> tuple[ObjectiveExplanation, ...]:
    """Return what stands behind objective *name* in an evaluated period, empty when the contract has none of that id.

    One for each stretch of the period with a promise of its own: a contract version that changed it gives several.
    """
    found = (c for c in evaluation.commitments if c.objective.id == name)
    return tuple(_explained(contract, evaluation, facts, one) for one in found)


def _explained(contract: Contract, evaluation: Evaluation, facts: Facts, one: Commitment) -> ObjectiveExplanation:
    indicator = one.objective.indicator
    request = asked_by(contract, evaluation, one)
    span = request.span
    if indicator in CLOCK_OF:
        if one.reading.span is not None:
            span = counted_span(ticket_window(request, facts))
        found = _judgements(cases(request, facts), CLOCK_OF[indicator])
        if indicator.endswith("_in_time"):
            # What began later cannot have been decided in the period, nor left open by it.
            begun = [j for j in found if j.start < span.end]
            return ObjectiveExplanation(evaluation, one, span, judged=count(begun, span))
        window = ticket_window(request, facts)
        done = (j for j in found if j.done is not None and j.done in span and j.done <= window.as_of)
        timed = tuple(j for j in done if j.elapsed is not None and "withdrawn" not in j.notes)
        return ObjectiveExplanation(evaluation, one, span, timed=timed)
    outages = tuple(o.span for o in evaluation.outages if o.service == one.objective.scope.service)
    return ObjectiveExplanation(
        evaluation, one, span, counted=_counted(request, facts, evaluation, one), outages=outages
    )


def _judgements(found: Sequence[Case], clock: str) -> list[Judgement]:
    if clock == RESPONSE:
        return [case.response for case in found]
    return [j for case in found for j in case.resolutions]


def _counted(request: Request, facts: Facts, evaluation: Evaluation, one: Commitment) -> dict[str, tuple[str, ...]]:
    """Return what a figure that is no ticket's clock was counted from, by name."""
    if one.objective.indicator == "volume":
        return flow(request, facts)
    if one.objective.indicator == "backlog":
        return {"open at the end": tuple(c.ticket.id for c in open_at_end(request, facts))}
    if one.objective.indicator == "recurrence_rate":
        found = begun(request, facts)
        return {
            f"{name} occurrences, each by its first incident": tuple(
                o.tickets[0] for o, again in found if again is kind
            )
            for name, kind in (("recurrent", True), ("other", False))
        }
    if one.objective.indicator in {"patch_lag", "patch_in_time", "patched_hosts"}:
        states = sorted({h.state for h in evaluation.hosts})
        return {f"hosts {s}": tuple(h.host for h in evaluation.hosts if h.state == s) for s in states}
    if one.objective.indicator.startswith("restore_"):
        passed = {b.backup: b.last_passed for b in evaluation.backups}
        return {
            "backup sets with a passed test": tuple(b for b, at in passed.items() if at is not None),
            "backup sets never proved": tuple(b for b, at in passed.items() if at is None),
        }
    is_told = one.reading.evidence and one.objective.scope.service is None
    return {"evidence": one.reading.evidence} if is_told else {}
