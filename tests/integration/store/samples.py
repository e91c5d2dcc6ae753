"""Data for the store's tests: small tickets, exports, observations and documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from hashlib import sha256
from typing import Any

from kpi_agent.domain.due import LedgerEntry, Stage
from kpi_agent.domain.events import RestoreTest
from kpi_agent.domain.export import Export
from kpi_agent.domain.observation import SignalObservation
from kpi_agent.domain.records import StoredDocument
from kpi_agent.domain.ticket import Origin, Ticket
from kpi_agent.domain.time import Interval
from kpi_agent.domain.timeline import Run, Timeline

NOW = 1_790_000_000


def ticket(name: str, **fields: Any) -> Ticket:
    return Ticket(**{"source": "desk", "id": name, "opened": 1000, "origin": Origin("-", 0), **fields})


def export(file: str, tickets: Sequence[Ticket], *, as_of: int, **fields: Any) -> Export:
    placed = tuple(
        Ticket(**{**{name: getattr(t, name) for name in Ticket.__slots__}, "origin": Origin(file, line, t.origin.row)})
        for line, t in enumerate(tickets, start=2)
    )
    values = {
        "source": "desk",
        "sha256": sha256(file.encode("utf-8", "surrogatepass")).hexdigest(),
        "rows": len(placed),
        **fields,
    }
    return Export(file=file, as_of=as_of, tickets=placed, **values)


def line(*runs: tuple[int, int, int | Fraction]) -> Timeline:
    return Timeline.of(Run(start, end, Fraction(value)) for start, end, value in runs)


def observation(
    window: tuple[int, int],
    lines: Mapping[str, Timeline],
    *,
    signal: str = "up",
    days: Mapping[int, tuple[int, int]] | None = None,
    tests: Sequence[RestoreTest] = (),
) -> SignalObservation:
    return SignalObservation(
        signal=signal,
        window=Interval(*window),
        query="up",
        interval=60,
        lines=lines,
        samples=1,
        expected=1,
        samples_by_day=days or {},
        restore_tests=tuple(tests),
    )


def entry(
    period: str = "2026-10", *, revision: int = 1, stage: Stage = Stage.COLLECTING, as_of: int = NOW
) -> LedgerEntry:
    return LedgerEntry("acme", period, revision, stage, as_of, newest_import=1, updated=as_of)


def document(
    content: bytes, period: str = "2026-10", *, revision: int = 1, previous: StoredDocument | None = None
) -> StoredDocument:
    return StoredDocument(
        contract="acme",
        period=period,
        revision=revision,
        content=content,
        sha256=sha256(content).hexdigest(),
        previous_sha256=None if previous is None else previous.sha256,
        closed_at=NOW,
    )
