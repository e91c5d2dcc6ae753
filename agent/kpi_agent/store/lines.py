"""Timelines as runs, and events: what was observed, kept for longer than any Prometheus keeps it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, desc, select

from kpi_agent.domain.events import RestoreMethod, RestoreTest
from kpi_agent.domain.observation import SignalObservation
from kpi_agent.domain.time import DAY, Interval
from kpi_agent.domain.timeline import Run, Timeline
from kpi_agent.store.digest import Values, storable
from kpi_agent.store.engine import Database
from kpi_agent.store.rows import change, part_rows, stored
from kpi_agent.store.schema import event, observation, run

_RESTORE_TEST = "restore_test"
_FOREVER = 2**62
_ASKED_AGAIN = 7 * DAY  # what a server got late, such as by remote write, is still found

Place = tuple[str, str, str]
"""Source, scope and signal."""


@dataclass(frozen=True, slots=True)
class ObservedDay:
    """How much of one signal was seen on one UTC day (*day* is its first second), by the fullest reading of it."""

    day: int
    samples: int
    expected: int
    interval: int  # seconds
    is_gridded: bool
    query: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Timelines per source, scope (contract), signal and key; and events per source and scope."""

    database: Database

    def record(self, source: str, scope: str, observation: SignalObservation, *, now: int) -> None:
        """Store one window of one signal, in one transaction; recording it again changes nothing.

        Of each key, the new runs replace what was known from the first of them on (``Timeline.followed_by``), up to the
        window's end: what is known after the window stays, so that an older window read late takes nothing away.
        Raises StoreError.
        """
        place = (source, scope, observation.signal)
        with self.database.writing() as connection:
            _record_runs(connection, place, observation)
            _record_days(connection, place, observation)
            _record_events(connection, source, scope, observation.restore_tests, now)

    def lines(self, source: str, scope: str, signal: str) -> Mapping[str, Timeline]:
        """Return the timeline of each key, sorted by key; raises StoreError when a row is damaged or missing."""
        found: dict[str, list[Run]] = {}
        with self.database.reading() as connection:
            order = ["subject", "started"]
            for *_, subject, started, ended, value in part_rows(connection, run, [source, scope, signal], order):
                found.setdefault(subject, []).append(Run(started, ended, _fraction(value)))
        return {subject: Timeline.of(runs) for subject, runs in sorted(found.items())}

    def observed_until(self, source: str, scope: str, signal: str) -> int | None:
        """Return the instant from which on a signal is to be asked, epoch seconds; None when it never was.

        That is the last end of a run of any key; for one that brings nothing any more, a week before the day on which
        it was last asked, and that day for one that never brought anything.
        """
        with self.database.reading() as connection:
            asked = _last_asked(connection, (source, scope, signal))
            end = _last_end(connection, (source, scope, signal))
            if end is None or asked is None:
                return asked if end is None else end
            return max(end, asked - _ASKED_AGAIN)

    def last_told(self, source: str, scope: str, signal: str) -> int | None:
        """Return the last instant at which a signal told anything of any key, epoch seconds; None when it never did."""
        with self.database.reading() as connection:
            return _last_end(connection, (source, scope, signal))

    def restore_tests(self, source: str, scope: str) -> tuple[RestoreTest, ...]:
        """Return the restore tests by instant, backup and method; raises StoreError when one is damaged or missing."""
        with self.database.reading() as connection:
            tests = [_restore_test(row) for row in part_rows(connection, event, [source, scope])]
        return tuple(sorted((t for t in tests if t), key=lambda t: (t.at, t.backup, t.method)))

    def observed_days(self, source: str, scope: str, signal: str) -> tuple[ObservedDay, ...]:
        """Return the days on which a signal was read, in order; raises StoreError when one is damaged or missing."""
        with self.database.reading() as connection:
            rows = list(part_rows(connection, observation, [source, scope, signal], ["day"]))
        return tuple(
            ObservedDay(day, samples, expected, interval, bool(is_gridded), query, tuple(json.loads(warnings)))
            for *_, day, samples, expected, interval, is_gridded, query, warnings in rows
        )


def _record_runs(connection: Connection, place: Place, seen: SignalObservation) -> None:
    new = {storable(key): line for key, line in seen.lines.items() if line.runs}
    if not new:
        return
    # Only the end of the history can change: a run that ended before the first new one is not even read.
    first = min(line.runs[0].start for line in new.values())
    tails: dict[str, dict[Run, Values]] = {key: {} for key in new}
    for row in stored(connection, run, *_at(run, place), run.c.ended >= first):
        *_, subject, started, ended, value = row
        if subject in tails:
            tails[subject][Run(started, ended, _fraction(value))] = row
    remove: list[Values] = []
    add: list[Values] = []
    for key, line in new.items():
        old = tails[key]
        runs = set(_merged(Timeline.of(old), line, seen.window).runs)
        remove.extend(row for known, row in old.items() if known not in runs)
        add.extend((*place, key, r.start, r.end, str(r.value)) for r in runs - old.keys())
    change(connection, run, place, add=add, remove=remove)


def _merged(old: Timeline, new: Timeline, window: Interval) -> Timeline:
    kept_from = max(window.end, new.runs[-1].end)
    after = old.clip(Interval(kept_from, _FOREVER))
    return Timeline.of([*old.followed_by(new).runs, *after.runs])


def _last_end(connection: Connection, place: Place) -> int | None:
    c = run.c
    keys = select(c.subject, c.started).where(*_at(run, place)).order_by(desc(c.ended)).limit(1)
    last = connection.execute(keys).first()
    if last is None:
        return None
    here = [*_at(run, place), c.subject == last.subject, c.started == last.started]
    return max(int(row[5]) for row in stored(connection, run, *here))


def _last_asked(connection: Connection, place: Place) -> int | None:
    days = select(observation.c.day).where(*_at(observation, place)).order_by(desc(observation.c.day)).limit(1)
    found = connection.execute(days).scalar()
    return None if found is None else int(found)


def _record_days(connection: Connection, place: Place, seen: SignalObservation) -> None:
    if not seen.window.seconds:
        return
    # A signal without any series has no day to tell of; that it was asked until then is kept nevertheless.
    last = seen.window.end - 1
    days = seen.samples_by_day or {last - last % DAY: (0, 0)}
    here = [*_at(observation, place), observation.c.day >= min(days), observation.c.day <= max(days)]
    known = {row[3]: row for row in stored(connection, observation, *here)}
    how = (seen.interval, int(seen.is_gridded), seen.query, json.dumps(list(seen.warnings)))
    remove: list[Values] = []
    add: list[Values] = []
    for day, (samples, expected) in days.items():
        before = known.get(day)
        # Windows overlap: of two readings of a day, the one that saw more of it stands, with its own expectation.
        if before is not None and (before[4], before[5]) >= (samples, expected):
            continue
        if before is not None:
            remove.append(before)
        add.append((*place, day, samples, expected, *how))
    change(connection, observation, place, add=add, remove=remove)


def _record_events(connection: Connection, source: str, scope: str, tests: Sequence[RestoreTest], now: int) -> None:
    remove: list[Values] = []
    add: dict[tuple[str, int, str], Values] = {}
    for test in tests:
        key = (storable(test.backup), test.at, test.method.value)
        c = event.c
        same = [c.kind == _RESTORE_TEST, c.subject == key[0], c.at == key[1], c.variant == key[2]]
        known = list(stored(connection, event, c.source == source, c.scope == scope, *same))
        body = _body(test)
        if known and known[0][6] == body:
            continue
        if key not in add:
            remove.extend(known)
        add[key] = (source, scope, _RESTORE_TEST, *key, body, now)
    change(connection, event, [source, scope], add=add.values(), remove=remove)


def _body(test: RestoreTest) -> str:
    fields = {
        "data_age": test.data_age,
        "duration": test.duration,
        "is_passed": test.is_passed,
        "source": test.source,
    }
    return json.dumps(fields, separators=(",", ":"))


def _restore_test(row: tuple[Any, ...]) -> RestoreTest | None:
    _, _, kind, backup, at, method, body, _ = row
    if kind != _RESTORE_TEST:
        return None
    return RestoreTest(backup, at, RestoreMethod(method), **json.loads(body))


def _at(table: Table, place: Place) -> list[ColumnElement[bool]]:
    source, scope, signal = place
    return [table.c.source == source, table.c.scope == scope, table.c.signal == signal]


@lru_cache(maxsize=4096)
def _fraction(text: str) -> Fraction:
    # Fraction(text) parses by a regular expression; runs are mostly 0, 1 and small counts.
    numerator, _, denominator = text.partition("/")
    return Fraction(int(numerator), int(denominator or 1))
