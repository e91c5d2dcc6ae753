"""What a document says of earlier reports: its errata, and how its backlog follows from the report before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from kpi_agent.domain.evaluation import Balance, Erratum


def errata_of(errata: Sequence[Erratum]) -> list[dict[str, Any]]:
    """Return the errata in the order of the evaluation: by period, promises first."""
    return [_erratum(e) for e in errata]


def balance_of(balance: Balance | None) -> dict[str, Any] | None:
    """Return the balance, None without a desk in scope; *adds_up* is null when the figures are not known."""
    if balance is None:
        return None
    previous = balance.previous
    return {
        "previous": None if previous is None else {"period": previous.period, "revision": previous.revision},
        "restated": [{"ticket": r.ticket, "change": r.change, "cause": r.cause} for r in balance.restated],
        "open": list(balance.open),
        "difference": balance.difference,
        "adds_up": None if balance.difference is None else balance.difference == 0,
    }


def _erratum(erratum: Erratum) -> dict[str, Any]:
    return {
        "period": erratum.period,
        "revision": erratum.revision,
        "published": erratum.published,
        "objective": erratum.objective,
        "name": dict(erratum.name),
        "statistic": erratum.statistic,
        "indicator": erratum.indicator,
        "scope": dict(erratum.scope),
        "unit": erratum.unit,
        "segment": erratum.segment,
        "old": asdict(erratum.old),
        "new": asdict(erratum.new),
        "causes": list(erratum.causes),
        "tickets": [
            {"ticket": t.ticket, "cause": t.cause, "fields": list(t.fields), "old": t.old, "new": t.new}
            for t in erratum.tickets
        ],
    }
