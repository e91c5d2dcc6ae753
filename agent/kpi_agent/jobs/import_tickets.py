"""Take ticket exports: from a file named by hand, or from a source's inbox."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath

from kpi_agent.domain.errors import ExportRefused, Overtaken
from kpi_agent.domain.export import Export, ImportCounts
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.records import SourceRun
from kpi_agent.domain.source import TicketSource
from kpi_agent.jobs.ports import ExportReader, InboxLister, RunStore, TicketStore


@dataclass(frozen=True, slots=True)
class Imported:
    """One file taken, or refused with its problems; *export* is None when it was refused or taken before.

    *known_as_of*: the as-of instant, in epoch seconds, under which a file that was taken before stands.
    """

    file: str
    counts: ImportCounts | None
    export: Export | None
    problems: tuple[Problem, ...] = ()
    known_as_of: int | None = None


def import_file(
    path: Path,
    source: TicketSource,
    *,
    reader: ExportReader,
    tickets: TicketStore,
    now: int,
    as_of: int | None = None,
) -> Imported:
    """Read and store one export, whole or not at all. A refused file changes nothing and says why."""
    try:
        known = {r.sha256: r.as_of for r in tickets.imports(source.name)}
        if known and _is_plain(path) and (digest := _sha256(path)) in known:
            repeat = ImportCounts(read=0, new=0, changed=0, unchanged=0, rejected=0, is_repeat=True)
            return Imported(path.name, repeat, None, known_as_of=known[digest])
        read = partial(reader, path, source, as_of=as_of, now=now)
        try:
            export, counts = _take(read(known=tickets.known_rows(source.name)), source, tickets, now)
        except Overtaken:
            export, counts = _take(read(), source, tickets, now)
    except ExportRefused as error:
        return Imported(path.name, None, None, error.problems)
    except OSError as error:
        problem = Problem(str(path), f"cannot be read: {error.strerror}; nothing was taken")
        return Imported(path.name, None, None, (problem,))
    return Imported(path.name, counts, export)


def _take(export: Export, source: TicketSource, tickets: TicketStore, now: int) -> tuple[Export, ImportCounts]:
    span = source.contains.seconds
    return export, tickets.take(export, observed_from=None if span is None else export.as_of - span, now=now)


def import_named(
    path: Path,
    source: TicketSource,
    *,
    reader: ExportReader,
    tickets: TicketStore,
    runs: RunStore,
    now: int,
    as_of: int | None = None,
) -> Imported:
    """Import one export that a person named. Only a file that was taken is noted: who named it sees the refusal."""
    result = import_file(path, source, reader=reader, tickets=tickets, now=now, as_of=as_of)
    if result.counts is not None and not result.counts.is_repeat:
        # Without this, a desk whose exports are all imported by hand was never tried, and its months are never due.
        _note(source, runs, tickets, detail=result.file, now=now)
    return result


def import_inbox(  # noqa: PLR0913 - each part is a port
    source: TicketSource,
    directory: Path,
    *,
    lister: InboxLister,
    reader: ExportReader,
    tickets: TicketStore,
    runs: RunStore,
    now: int,
    on_taken: Callable[[Path], None] | None = None,
    on_refused: Callable[[Path, tuple[Problem, ...]], None] | None = None,
) -> tuple[Imported, ...]:
    """Import every complete file of the source's drop folder, oldest first, and note the run for ``status``.

    A refused file comes back with its problems, and so do entries that are no files, or a folder that is not there.
    *on_taken* is called with each file that is in the store, *on_refused* with each refused one and why; an OSError
    of theirs is a problem too.
    """
    folder, pattern = _split(directory, source.path)
    files, problems = lister(folder, pattern, now=now)
    done = [Imported(PurePath(p.file).name, None, None, (p,)) for p in problems]
    for path in files:
        result = import_file(path, source, reader=reader, tickets=tickets, now=now)
        if result.counts is not None and on_taken is not None:
            result = _put_away(result, path, on_taken)
        elif result.counts is None and on_refused is not None:
            result = _set_apart(result, path, on_refused)
        done.append(result)
    refused = [p for d in done for p in d.problems]
    if not refused and all(d.counts is None or d.counts.is_repeat for d in done):
        return tuple(done)  # a folder without news is no run: looked into every few minutes, it would fill the store
    detail = "; ".join(str(p) for p in refused) or f"{len(done)} file{'s' if len(done) > 1 else ''}"
    if refused and all(d.counts is None or d.counts.is_repeat for d in done) and _is_known(runs, source.name, detail):
        return tuple(done)
    _note(source, runs, tickets, detail=detail, now=now, is_ok=not refused)
    return tuple(done)


def _note(
    source: TicketSource, runs: RunStore, tickets: TicketStore, *, detail: str, now: int, is_ok: bool = True
) -> None:
    latest = max((r.as_of for r in tickets.imports(source.name) if not r.is_truncated), default=None)
    runs.note(SourceRun(source.name, started=now, finished=now, is_ok=is_ok, detail=detail, last_ok=latest))


def _is_known(runs: RunStore, source: str, detail: str) -> bool:
    """Whether the source's last run failed for the same reasons: a link that stays is told once, not every minute."""
    last = runs.latest().get(source)
    return last is not None and not last.is_ok and last.detail == detail


def _set_apart(refused: Imported, path: Path, on_refused: Callable[[Path, tuple[Problem, ...]], None]) -> Imported:
    try:
        on_refused(path, refused.problems)
    except FileNotFoundError:
        return refused  # taken away since: nothing is left to keep
    except OSError as error:
        reason = f"it was refused, but could not be kept apart: {error.strerror}; check the quarantine folder"
        return replace(refused, problems=(*refused.problems, Problem(str(path), reason)))
    return refused


def _put_away(taken: Imported, path: Path, on_taken: Callable[[Path], None]) -> Imported:
    try:
        on_taken(path)
    except OSError as error:
        reason = f"it was taken, but could not be put away: {error.strerror}; check the folder's owner and mode"
        return replace(taken, problems=(Problem(str(path), reason),))
    return taken


def _split(directory: Path, pattern: str) -> tuple[Path, str]:
    """Return the folder and the file glob of a source's path below the state directory."""
    folder, _, glob = pattern.rpartition("/")
    return directory / folder, glob


def _is_plain(path: Path) -> bool:
    """Whether it is a readable regular file and no link: anything else is for the reader to refuse, unopened."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and os.access(path, os.R_OK)
    except OSError:
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
