"""What happened to each source: every attempt to read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from kpi_agent.domain.records import SeenTrouble, SourceRun
from kpi_agent.domain.time import Interval
from kpi_agent.store.digest import storable
from kpi_agent.store.engine import Database
from kpi_agent.store.rows import change, next_id, stored
from kpi_agent.store.run_detail import joined_detail, split_detail
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
                storable(joined_detail(run.detail, run.troubles)),
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

    def troubles(self, source: str, contract: str, span: Interval) -> tuple[SeenTrouble, ...]:
        """Return what attempts begun in *span* met that concerns a contract or the whole source, each once, by instant.

        Raises StoreError when one is damaged.
        """
        c = source_run.c
        here = [c.source == source, c.started >= span.start, c.started < span.end]
        found: dict[str, SeenTrouble] = {}
        with self.database.reading() as connection:
            for row in stored(connection, source_run, *here, (c.is_ok == 0) | c.detail.contains("\n")):
                run = _run(row)
                own = [t.text for t in run.troubles if t.contract in {"", contract}]
                for text in own or ([run.detail] if not run.troubles else []):
                    known = found.get(text)
                    first, last = (run.started, run.started) if known is None else (known.first, known.last)
                    found[text] = SeenTrouble(text, min(first, run.started), max(last, run.started))
        return tuple(sorted(found.values(), key=lambda t: (t.first, t.text)))

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
    said, troubles = split_detail(detail)
    return SourceRun(source, started, finished, bool(is_ok), said, last_ok, server, clock_difference, troubles)
