"""The one rule of indicators.md §2: something starts and must be done within a limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from kpi_agent.domain.time import Interval


class Verdict(StrEnum):
    """Of one thing: judged once, in the period that contains the instant it was decided."""

    MET = "met"
    BREACHED = "breached"
    RUNNING = "running"
    UNDETERMINED = "undetermined"  # the source cannot tell; counted and listed, in no attainment
    NOT_JUDGED = "not_judged"  # no limit applies, or withdrawn in time


@dataclass(frozen=True, slots=True)
class Judgement:
    """One thing judged: *decided* is the instant that puts it into a period (None while running or not judged).

    *elapsed* and *limit* are seconds of the clock; *elapsed* is None when the done instant is unknown or only bounded.
    *is_bounded*: met although the exact instant is unknown, for an upper bound lies within the limit.
    *ended*: the instant since when it need not be done any more (ticket withdrawn, host retired).
    *notes* are short codes that explain what was done with it (``holds_unplaced``, ``reopened``, ``withdrawn`` …).
    """

    subject: str
    start: int
    verdict: Verdict
    limit: int | None = None
    deadline: int | None = None
    done: int | None = None
    decided: int | None = None
    elapsed: int | None = None
    is_bounded: bool = False
    notes: tuple[str, ...] = ()
    ended: int | None = None

    def is_decided_in(self, span: Interval) -> bool:
        """Whether its verdict belongs to *span*."""
        return self.decided is not None and self.decided in span

    def is_overdue_at(self, span: Interval) -> bool:
        """Whether its deadline passed before *span* and it was still not done when *span* ended."""
        if self.verdict is not Verdict.BREACHED or self.deadline is None or self.deadline >= span.start:
            return False
        return all(over is None or over >= span.end for over in (self.done, self.ended))


def judge(*, done: int | None, deadline: int | None, as_of: int) -> tuple[Verdict, int | None]:
    """Return the verdict and the instant it was decided (indicators.md §2).

    Done at or before the deadline: met, decided when done. The as-of instant after the deadline, and done later or not
    at all: breached, decided at the deadline. Otherwise running. A *deadline* of None never comes.
    """
    if done is not None and done > as_of:
        done = None
    if done is not None and (deadline is None or done <= deadline):
        return Verdict.MET, done
    if deadline is not None and as_of > deadline:
        return Verdict.BREACHED, deadline
    return Verdict.RUNNING, None


def count(judgements: Iterable[Judgement], span: Interval) -> dict[Verdict, list[Judgement]]:
    """Return the judgements decided in *span*, by verdict; running and not judged ones are given whole."""
    found: dict[Verdict, list[Judgement]] = {v: [] for v in Verdict}
    for item in judgements:
        if item.verdict in {Verdict.RUNNING, Verdict.NOT_JUDGED} or item.is_decided_in(span):
            found[item.verdict].append(item)
    return found
