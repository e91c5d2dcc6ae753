"""How the judged incidents follow from the desk's tickets, in a document; families beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kpi_agent.domain.evaluation import Family, OccurrenceLine
from kpi_agent.domain.reconciliation import Balance, HoldFigures, LateEdit, Reconciliation
from kpi_agent.domain.time import to_utc_text
from kpi_agent_reports.canonical import optional_decimal, optional_utc_text

_INSTANTS = frozenset({"opened", "responded", "resolved"})


def reconciliation_of(found: Reconciliation | None) -> dict[str, Any] | None:
    """Return the reconciliation, null where the contract covers no tickets.

    ``unexplained`` and ``flow_difference`` are 0 when everything adds up. In ``edits``, instants are UTC text, held
    time is seconds.
    """
    if found is None:
        return None
    return {
        "balances": [_balance(b) for b in found.balances],
        "exclusions": [
            {"clock": e.clock, "reason": e.reason, "count": e.count, "tickets": list(e.tickets)}
            for e in found.exclusions
        ],
        "desk": {
            "compared": found.desk.compared,
            "agreed": found.desk.agreed,
            "untold": found.desk.untold,
            "differences": [
                {"ticket": d.ticket, "desk_met": d.is_met_for_desk, "verdict": d.verdict, "code": d.code}
                for d in found.desk.differences
            ],
        },
        "edits": [_edit(e) for e in found.edits],
        "holds": _holds(found.holds),
        "overdue": [
            {"ticket": o.ticket, "priority": o.priority, "deadline": to_utc_text(o.deadline)} for o in found.overdue
        ],
        "lost": [{"ticket": t.ticket, "seen": to_utc_text(t.seen)} for t in found.lost],
    }


def _balance(balance: Balance) -> dict[str, Any]:
    return {
        "clock": balance.clock,
        "priority": balance.priority,
        "population": balance.population,
        "judged": balance.judged,
        "met": balance.met,
        "breached": balance.breached,
        "undetermined": balance.undetermined,
        "running": balance.running,
        "excluded": dict(balance.excluded),
        "unexplained": balance.unexplained,
        "flow": dict(balance.flow),
        "flow_difference": balance.flow_difference,
    }


def _edit(edit: LateEdit) -> dict[str, Any]:
    return {
        "ticket": edit.ticket,
        "field": edit.field,
        "before": _told(edit.field, edit.before),
        "after": _told(edit.field, edit.after),
        "at": to_utc_text(edit.at),
        "deadline": to_utc_text(edit.deadline),
    }


def _told(field: str, value: str | int | None) -> str | int | None:
    return to_utc_text(value) if field in _INSTANTS and isinstance(value, int) else value


def _holds(holds: HoldFigures) -> dict[str, Any]:
    return {
        "n": holds.n,
        "held": holds.held,
        "whole": holds.whole,
        "untold": holds.untold,
        "saved": list(holds.saved),
        "begun_late": list(holds.begun_late),
        "entered_late": list(holds.entered_late),
        "long": list(holds.long),
        "reasons": [
            {"reason": h.reason, "stops": h.is_stopping, "seconds": h.seconds, "n": h.n} for h in holds.reasons
        ],
    }


def families_of(families: Sequence[Family]) -> list[dict[str, Any]]:
    """Return the families, most occurrences in the period first."""
    ordered = sorted(
        families,
        key=lambda f: (-f.occurrences_in_period, -f.occurrences, f.words, f.where or "", f.tickets),
    )
    return [_family(f) for f in ordered]


def _family(family: Family) -> dict[str, Any]:
    return {
        "words": list(family.words),
        "tickets": list(family.tickets),
        "occurrences": family.occurrences,
        "occurrences_in_period": family.occurrences_in_period,
        "recurrent_in_period": family.recurrent_in_period,
        "category": family.category,
        "where": family.where,
        "problems": list(family.problems),
        "treatment": family.treatment.value,
        "time_spent": family.time_spent,
        "time_told": family.time_told,
        "cost": optional_decimal(family.cost),
        "told": [_occurrence(o) for o in family.told],
    }


def _occurrence(one: OccurrenceLine) -> dict[str, Any]:
    return {
        "start": to_utc_text(one.start),
        "restored": optional_utc_text(one.restored),
        "tickets": list(one.tickets),
        "is_recurrent": one.is_recurrent,
    }
