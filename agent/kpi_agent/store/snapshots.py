"""The month to date as last computed, for ``status``; one per contract, period and UTC day."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_agent.domain.time import DAY
from kpi_agent.store.engine import Database
from kpi_agent.store.rows import change, stored
from kpi_agent.store.schema import snapshot


@dataclass(frozen=True, slots=True)
class Snapshots:
    """The readings of running periods; ``peek`` gives them out."""

    database: Database

    def put(self, contract: str, period: str, content: bytes, *, now: int) -> None:
        """Store what was computed at *now*; it replaces the one of the same UTC day."""
        day = now - now % DAY
        c = snapshot.c
        with self.database.writing() as connection:
            known = list(stored(connection, snapshot, c.contract == contract, c.period == period, c.day == day))
            change(connection, snapshot, [], add=[(contract, period, day, now, content)], remove=known)
