"""A copy of a SQLite store that is whole or absent. Copying a live file by name missed 435 rows and looked sound."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from kpi_agent.domain.errors import StoreError
from kpi_agent.domain.time import to_utc_text


def back_up(path: Path, directory: Path, *, now: int) -> Path:
    """Copy the store at *path* into *directory* under a name with the instant *now*, and return the copy.

    The copy is of one instant, checked by SQLite, on the disk before it gets its name. Raises StoreError; a copy that
    failed leaves no file.
    """
    stamp = to_utc_text(now).replace("-", "").replace(":", "")
    target = directory / f"{path.stem}-{stamp}{path.suffix}"
    part = directory / f".{target.name}.part"
    try:
        directory.mkdir(mode=0o750, exist_ok=True)
        part.unlink(missing_ok=True)
        part.touch(mode=0o640)
        _copy(path, part)
        _sync(part)
        part.replace(target)
        _sync(directory)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"{path} could not be backed up to {target}: {error}") from error
    return target


def newest_backup(path: Path, directory: Path) -> Path | None:
    """Return the latest copy of the store at *path* in *directory*, None when there is none."""
    # The names carry the instant in an order that sorts; a part file begins with a dot and does not match.
    return max(directory.glob(f"{path.stem}-*{path.suffix}"), default=None)


def _copy(path: Path, part: Path) -> None:
    live = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)
    with closing(live), closing(sqlite3.connect(part)) as copy:
        live.backup(copy)
        # Alone, without a log beside it: what is restored is one file.
        copy.execute("PRAGMA journal_mode=DELETE")
        found = [line for (line,) in copy.execute("PRAGMA integrity_check(3)")]
    if found != ["ok"]:
        raise sqlite3.DatabaseError("; ".join(found))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
