"""Which closing steps are due: a pure function of contract, ledger and now, never of cron (operations.md §1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.time import Period, to_instant, zone


class Stage(StrEnum):
    """Where a period stands in the ledger; it only moves forward, ``blocked`` and a draft that is made anew aside."""

    COLLECTING = "collecting"
    COMPUTED = "computed"
    REVIEW = "review"
    CLOSED = "closed"
    RENDERED = "rendered"
    QUEUED = "queued"
    SENT = "sent"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One period of one contract in one revision. *as_of* and *newest_import* fix what the close may know."""

    contract: str
    period: str
    revision: int
    stage: Stage
    as_of: int
    newest_import: int
    reason: str = ""
    updated: int = 0


@dataclass(frozen=True, slots=True)
class DueClose:
    """A period whose closing instant has come; *final_at*: from then on late sources are no longer waited for."""

    contract: str
    period: Period
    due_at: int
    final_at: int
    entry: LedgerEntry | None  # None: not begun


def closing_instant(contract: Contract, period: Period) -> int:
    """Return when a period is closed: ``close.at`` local time, ``close.after`` days after the period's last day."""
    terms = contract.at(period.end - 1).report
    day = period.end_day - timedelta(days=1) + timedelta(days=terms.close_after_days)
    return to_instant(datetime.combine(day, terms.close_at), zone(contract.timezone))


def due_closes(
    contract: Contract,
    ledger: Mapping[str, LedgerEntry],
    *,
    now: int,
    installed: int,
    settled: Iterable[Stage] = (Stage.SENT,),
) -> tuple[DueClose, ...]:
    """Return the months to close or to go on closing, oldest first.

    *ledger* holds the latest entry per period id; *settled* are the stages that need no more work. Months run from the
    contract's first one to the last one whose closing instant is not after *now*: none is ever skipped by a downtime,
    and none waits for an earlier one that is closed later.
    Months whose closing instant lay before *installed* are not due: an agent installed in the third year of a contract
    does not send two years of reports by itself (``report build`` closes those that are wanted).
    """
    done = frozenset(settled)
    found = []
    life = contract.life
    period = Period.month_of(life.start, contract.timezone)
    while closing_instant(contract, period) < min(installed, now):
        period = period.following()
    while period.start < min(now, life.end):
        due_at = closing_instant(contract, period)
        entry = ledger.get(period.id)
        # A month that its version closes later than the next version does must not hold that one's months back.
        if due_at <= now and (entry is None or entry.stage not in done):
            wait = contract.at(period.end - 1).report.close_wait
            found.append(DueClose(contract.id, period, due_at, due_at + wait, entry))
        period = period.following()
    return tuple(found)
