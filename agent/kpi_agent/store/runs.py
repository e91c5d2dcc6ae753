"""What happened to each source: every attempt to read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from kpi_agent.domain.records import SourceRun
from kpi_agent.store.digest import storable
from kpi_agent.store.engine import Database
from kpi_agent.store.rows import change, next_id, stored
from kpi_agent.store.schema import source_run


@dataclass(frozen=True, slots=True)
class Runs:
    """The attempts to read the sources."""

    database: Database

    def note(self, run: SourceRun) -> None:
        """Store one attempt; without a *last_ok* of its own it takes its end if it worked, else the last known one."""
        with self.database.writing() as connection:
            last_ok = run.last_ok
            if last_ok is None:
                last_ok = run.finished if run.is_ok else _last_ok(connection, run.source)
            row = (
                next_id(connection, source_run),
                run.source,
                run.started,
                run.finished,
                int(run.is_ok),
                storable(run.detail),
                last_ok,
                run.server,
                run.clock_difference,
            )
            change(connection, source_run, [], add=[row])

    def latest(self, *, until: int | None = None) -> Mapping[str, SourceRun]:
        """Return the last attempt of each source, by source name, of those begun at *until* or before.

        Raises StoreError when one is damaged.
        """
        with self.database.reading() as connection:
            newest = select(func.max(source_run.c.id)).group_by(source_run.c.source)
            if until is not None:
                newest = newest.where(source_run.c.started <= until)
            runs = [_run(row) for row in stored(connection, source_run, source_run.c.id.in_(newest))]
        return {run.source: run for run in sorted(runs, key=lambda r: r.source)}

    def first(self) -> int | None:
        """Return when any source was first tried, None when none ever was."""
        with self.database.reading() as connection:
            oldest = select(func.min(source_run.c.id)).scalar_subquery()
            return next((_run(row).started for row in stored(connection, source_run, source_run.c.id == oldest)), None)


def _last_ok(connection: Connection, source: str) -> int | None:
    newest = select(func.max(source_run.c.id)).where(source_run.c.source == source).scalar_subquery()
    return next((_run(row).last_ok for row in stored(connection, source_run, source_run.c.id == newest)), None)


def _run(row: tuple[Any, ...]) -> SourceRun:
    _, source, started, finished, is_ok, detail, last_ok, server, clock_difference = row
    return SourceRun(source, started, finished, bool(is_ok), detail, last_ok, server, clock_difference)
