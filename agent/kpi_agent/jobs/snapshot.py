"""The month to date, kept ready so that ``status`` never computes (architecture.md §6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.due import closing_instant
from kpi_agent.domain.time import Period
from kpi_agent.jobs.ports import SnapshotStore
from kpi_agent.jobs.report import Reporter

# Besides these the summary holds "closing": the due instants of the last and the running month.
_PARTS = ("schema", "contract", "period", "language", "state", "as_of", "summary", "sources", "history")


def take_snapshot(
    contract: Contract,
    *,
    reporter: Reporter,
    snapshots: SnapshotStore,
    canonical: Callable[[Mapping[str, Any]], bytes],
    installed: int | None,
    now: int,
) -> dict[str, Any]:
    """Store and return the running month's summary: those parts of its preview that ``status`` shows, unchanged.

    *installed*: when the agent first tried a source; a month whose closing instant lay before is not awaited.
    """
    period = Period.month_of(now, contract.timezone)
    document = reporter.preview(contract, period, now=now, has_errata=False, has_notes=False)
    readings = [document["readings"][o["reading"]] for o in document["objectives"]]
    summary = {part: document[part] for part in _PARTS} | {
        "objectives": [o | {"reading": index} for index, o in enumerate(document["objectives"])],
        "readings": readings,
        "unknown_hosts": [host["host"] for host in document["hosts"] if host["state"] == "unknown"],
        "closing": [
            closing
            for closing in (_closing(contract, p) for p in (period.previous(), period))
            if closing["due"] >= (now if installed is None else installed)
        ],
    }
    snapshots.put(contract.id, period.id, canonical(summary), now=now)
    return summary


def _closing(contract: Contract, period: Period) -> dict[str, Any]:
    """Return when a period is closed, and from when on a late source is no longer waited for."""
    due = closing_instant(contract, period)
    return {"period": period.id, "due": due, "final": due + contract.at(period.end - 1).report.close_wait}
