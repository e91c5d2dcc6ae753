"""A busy desk's October: large counts under every priority, every kind of exclusion, difference and late change."""

from __future__ import annotations

from dataclasses import replace

from kpi_agent.domain.reconciliation import (
    Balance,
    DeskFlags,
    Difference,
    Exclusion,
    HeldFor,
    HoldFigures,
    LateEdit,
    Lost,
    Overdue,
    Reconciliation,
)
from kpi_agent.domain.ticket import PRIORITIES
from kpi_agent.domain.time import DAY, HOUR
from sample_contract import OCTOBER

_AT = OCTOBER.end - DAY
_LEFT_OUT = ("earlier", "withdrawn", "merged", "moved_out", "lost", "without_priority", "without_limit")


def busy() -> Reconciliation:
    """Return a reconciliation that adds up and fills every table of the pages on incidents."""
    parts = [_balance(clock, priority) for clock in ("resolve", "respond") for priority in PRIORITIES]
    wholes = [_whole([b for b in parts if b.clock == clock]) for clock in ("resolve", "respond")]
    left_out = {reason: _ids(60 * place, 7 if place else 130) for place, reason in enumerate(_LEFT_OUT)}
    exclusions = [Exclusion(c, r, len(ids), ids) for r, ids in left_out.items() for c in ("resolve", "respond")]
    exclusions += [Exclusion(None, "request", 3, ("SCTASK0012345", "RITM0012345", "REQ0012345"))]
    exclusions += [Exclusion(None, "out_of_scope", 12_345)]
    codes = ("unexplained", "holds", "calendar", "holds_and_calendar", "reopening", "closing")
    differences = [
        Difference(name, is_met_for_desk=False, verdict="met", code=codes[place % len(codes)])
        for place, name in enumerate(_ids(900, 60))
    ]
    return Reconciliation(
        balances=(wholes[0], *parts[:5], wholes[1], *parts[5:]),
        exclusions=tuple(exclusions),
        desk=DeskFlags(61_000, 120, tuple(differences)),
        edits=(
            LateEdit("INC0010001", "priority", "P1", "P3", _AT, _AT - HOUR),
            LateEdit("INC0010002", "resolved", _AT, _AT - 2 * HOUR, _AT, _AT - HOUR),
            LateEdit("INC0010003", "hold_total", 0, 1_234 * HOUR, _AT, _AT - HOUR),
        ),
        holds=HoldFigures(
            n=61_000,
            held=200_000 * HOUR,
            whole=600_000 * HOUR,
            saved=_ids(1_500, 300),
            reasons=(
                HeldFor("customer", is_stopping=True, seconds=199_000 * HOUR, n=4_000),
                HeldFor("third_party", is_stopping=False, seconds=9_000 * HOUR, n=700),
                HeldFor("untold", is_stopping=True, seconds=1_000 * HOUR, n=12),
            ),
        ),
        overdue=tuple(Overdue(name, "P3", _AT - n * HOUR) for n, name in enumerate(_ids(2_000, 60))),
        lost=tuple(Lost(name, _AT) for name in _ids(2_500, 3)),
    )


def _ids(first: int, n: int) -> tuple[str, ...]:
    return tuple(f"INC{10_000_000 + first + i}" for i in range(n))


def _balance(clock: str, priority: str) -> Balance:
    excluded = dict.fromkeys(_LEFT_OUT, 7)
    flow = {
        "done": 12_400, "earlier": 7, "undetermined": 60, "without_limit": 14, "bounded": 11, "overdue": 12,
        "withdrawn_late": 3,
    }  # fmt: skip
    return Balance(
        clock, priority, population=12_345 + 60 + 71 + 49, met=11_222, breached=1_123, undetermined=60, running=71,
        excluded=excluded, flow=flow,
    )  # fmt: skip


def _whole(parts: list[Balance]) -> Balance:
    one = parts[0]
    n = len(parts)
    return replace(
        one, priority=None, population=n * one.population, met=n * one.met, breached=n * one.breached,
        undetermined=n * one.undetermined, running=n * one.running,
        excluded={name: n * count for name, count in one.excluded.items()},
        flow={name: n * count for name, count in one.flow.items()},
    )  # fmt: skip
