"""An explanation as JSON values: instants are epoch seconds, durations seconds, shares whole numbers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from kpi_agent.domain.reading import Reading
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Period
from kpi_agent.domain.verdict import Judgement
from kpi_agent.jobs.explain.explainer import ObjectiveAnswer
from kpi_agent.jobs.explain.objective import ObjectiveExplanation
from kpi_agent.jobs.explain.ticket import Clock, Explanation
from kpi_agent.jobs.explain.ticket_text import FIELDS, INSTANTS, is_unnamed

TICKET_SCHEMA = "kpi-agent/explain/2"
OBJECTIVE_SCHEMA = "kpi-agent/explain-objective/1"


def ticket_json(explanation: Explanation) -> dict[str, Any]:
    """Return a ticket's explanation."""
    ticket = explanation.ticket
    return {
        "schema": TICKET_SCHEMA,
        "contract": explanation.contract.id,
        "ticket": ticket.id,
        "origin": {"source": ticket.source, "file": ticket.origin.file, "line": ticket.origin.line},
        "fields": {name: ticket.field(name) for name in FIELDS} | {name: getattr(ticket, name) for name in INSTANTS},
        "unknown": sorted(ticket.cannot_tell),
        "outside": explanation.outside or None,
        "lost": explanation.lost,
        "left": explanation.left,
        "survivor": explanation.survivor or None,
        "parts": [{"ticket": p.id, "opened": p.opened, "responded": p.responded} for p in explanation.parts],
        **_history(ticket),
        "as_of": explanation.as_of,
        "clocks": [_clock(explanation, clock) for clock in explanation.clocks],
        "objectives": [
            {
                "objective": m.objective.id,
                "period": m.period,
                "clock": m.clock,
                "verdict": m.judgement.verdict.value,
                "numerator": m.reading.numerator,
                "denominator": m.reading.denominator,
                "undetermined": m.reading.undetermined,
            }
            for m in explanation.memberships
        ],
    }


def _history(ticket: Ticket) -> dict[str, Any]:
    return {
        "priority_changes": [{"at": c.at, "before": c.before, "after": c.after} for c in ticket.priority_changes],
        "reopenings": [{"resolved": r.resolved, "reopened": r.reopened} for r in ticket.reopenings],
        "edits": [asdict(e) for e in ticket.edits],
    }


def _clock(explanation: Explanation, clock: Clock) -> dict[str, Any]:
    judgement = clock.judgement
    return {
        "clock": clock.name,
        "contract_version": clock.version.effective_from.isoformat(),
        "calendar": clock.calendar.name,
        "start": judgement.start,
        "done": judgement.done,
        "counted": [[i.start, i.end] for i in clock.counted],
        "closed_days": [{"day": day.isoformat(), "name": name} for day, name in clock.closures()],
        "holds": [
            {
                "start": h.start,
                "end": h.end,
                "reason": None if h.reason is None else h.reason.value,
                "stops": clock.stops(h),
            }
            for h in explanation.ticket.holds
        ],
        "held": [[i.start, i.end] for i in clock.held],
        "hold_total": clock.hold_total,
        "hold_reason": None if explanation.ticket.hold_reason is None else explanation.ticket.hold_reason.value,
        "elapsed": judgement.elapsed,
        "is_bound": clock.is_bound,
        "limit": judgement.limit,
        "limit_of": clock.limit_of or None,
        "limit_since": clock.limit_since,
        "deadline": None if is_unnamed(judgement) else judgement.deadline,
        "verdict": judgement.verdict.value,
        "decided": judgement.decided,
        "period": _period(judgement, explanation.contract.timezone),
        "notes": list(judgement.notes),
    }


def _period(judgement: Judgement, timezone: str) -> str | None:
    return None if judgement.decided is None else Period.month_of(judgement.decided, timezone).id


def objective_json(answer: ObjectiveAnswer) -> dict[str, Any]:
    """Return an objective's explanation; one entry of ``parts`` for each stretch with a promise of its own."""
    first = answer.parts[0]
    frozen = answer.frozen
    return {
        "schema": OBJECTIVE_SCHEMA,
        "contract": answer.contract.id,
        "objective": first.commitment.objective.id,
        "period": first.evaluation.period.id,
        "as_of": first.evaluation.now,
        "closed": None if frozen is None else {"revision": frozen.revision, "sha256": frozen.sha256},
        "is_ticket_too": answer.is_ticket_too,
        "parts": [_part(part) for part in answer.parts],
    }


def _part(part: ObjectiveExplanation) -> dict[str, Any]:
    one = part.commitment
    return {
        "indicator": one.objective.indicator,
        "scope": one.objective.scope.as_dict(),
        "target": one.objective.target.text,
        "limit": one.limit_seconds,
        "min_coverage": str(one.objective.min_coverage),
        "contract_version": part.evaluation.segments[one.segment].version.effective_from.isoformat(),
        "span": [part.span.start, part.span.end],
        "outcome": one.outcome.value,
        "why": list(one.why),
        "reading": _reading(one.reading),
        "judged": {verdict.value: [_judged(j) for j in found] for verdict, found in part.judged.items() if found},
        "timed": [_judged(j) for j in part.timed],
        "outages": [[o.start, o.end] for o in part.outages],
        "counted": {name: list(ids) for name, ids in part.counted.items()},
    }


def _judged(judgement: Judgement) -> dict[str, Any]:
    return {
        "ticket": judgement.subject,
        "deadline": judgement.deadline,
        "done": judgement.done,
        "decided": judgement.decided,
        "elapsed": judgement.elapsed,
        "limit": judgement.limit,
        "notes": list(judgement.notes),
    }


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "value": None if reading.value is None else str(reading.value),
        "unit": reading.unit.value,
        "n": reading.n,
        "numerator": reading.numerator,
        "denominator": reading.denominator,
        "coverage": str(reading.coverage),
        "undetermined": reading.undetermined,
        "bounded": reading.bounded,
        "overdue": reading.overdue,
        "details": dict(reading.details),
        "reasons": list(reading.reasons),
    }
