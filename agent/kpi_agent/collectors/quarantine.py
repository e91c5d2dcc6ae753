"""Files of a drop folder that were refused whole: kept apart, each with the reason beside it, until they are mended.

Below ``quarantine/SOURCE/``, ``KEY.json`` says why and ``KEY/`` holds the file under its own name. Only the standard
library is needed, for ``status`` looks here too.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi_agent.domain.problem import Problem

QUARANTINE = "quarantine"
"""Name of the folder in the state directory."""

LEFT_FOR = 15 * 60
"""Seconds without a change for which a refused file is left where it is: a slow writer may still finish it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that was refused whole at *refused_at* (epoch seconds), and where it lies now.

    *mended_at*: when a file of the same name was taken after all, None while it was not.
    """

    key: str
    source: str
    file: str
    path: Path
    size: int
    refused_at: int
    reasons: tuple[str, ...]
    mended_at: int | None = None


def set_apart(folder: Path, source: str, path: Path, problems: Iterable[Problem], *, now: int) -> None:
    """Note why the file at *path* was refused, and move it into *folder* when nobody has written to it for 15 minutes.

    ``NAME.done`` beside it says that it is whole: it is moved at once, and the mark is removed. A file that cannot be
    moved (another file system, no permission) stays and is noted. Raises OSError when nothing can be noted.
    """
    status = path.lstat()
    key = _key(path.name, status)
    home = folder / source
    _drop_stale(home, source)
    home.mkdir(mode=0o750, parents=True, exist_ok=True)  # raw exports name people
    known = _read(home / f"{key}.json")
    noted = known or {"file": path.name, "size": status.st_size, "refused_at": now, "mended_at": None}
    noted |= {"path": str(path), "reasons": [str(p) for p in problems]}
    _write(home, key, noted)  # first, so that a kill in between leaves no file without its reason
    mark = path.with_name(f"{path.name}.done")
    if status.st_mtime > now - LEFT_FOR and not mark.exists():
        return
    with suppress(OSError):
        (home / key).mkdir(mode=0o750, exist_ok=True)
        target = home / key / path.name
        path.rename(target)
        _write(home, key, noted | {"path": str(target)})
        mark.unlink(missing_ok=True)


def _drop_stale(home: Path, source: str) -> None:
    """Forget files that are no longer where they were: somebody took them away, or wrote them anew."""
    for record in home.glob("*.json"):
        noted = _read(record)
        if noted is None or not _is_there(_refused(record.stem, source, noted)):
            record.unlink(missing_ok=True)
            with suppress(OSError):
                (home / record.stem).rmdir()  # only when it is empty


def mark_mended(folder: Path, source: str, name: str, *, now: int) -> None:
    """Note that a file of that *name* was taken: what was refused under it needs nobody any more."""
    for one in refused_files(folder, source):
        if one.file == name and one.mended_at is None:
            record = folder / source / f"{one.key}.json"
            _write(folder / source, one.key, (_read(record) or {}) | {"mended_at": now})


def refused_files(folder: Path, source: str) -> tuple[Refused, ...]:
    """Return a source's files that were refused, oldest first; one that somebody took away or changed is left out."""
    found = []
    for record in sorted((folder / source).glob("*.json")):
        noted = _read(record)
        if noted is None:
            continue
        one = _refused(record.stem, source, noted)
        if _is_there(one):
            found.append(one)
    return tuple(sorted(found, key=lambda one: (one.refused_at, one.key)))


def _refused(key: str, source: str, noted: dict[str, Any]) -> Refused:
    return Refused(
        key=key,
        source=source,
        file=str(noted.get("file", "")),
        path=Path(noted.get("path", "")),
        size=int(noted.get("size", 0)),
        refused_at=int(noted.get("refused_at", 0)),
        reasons=tuple(map(str, noted.get("reasons", ()))),
        mended_at=noted.get("mended_at"),
    )


def _is_there(one: Refused) -> bool:
    """Whether the file lies where it was noted, unchanged."""
    try:
        return _key(one.file, one.path.lstat()) == one.key
    except OSError:
        return False


def _key(name: str, status: os.stat_result) -> str:
    """Return what names one state of a file, without reading it: it may be large."""
    state = f"{name}\0{status.st_size}\0{status.st_mtime_ns}".encode(errors="surrogateescape")
    return hashlib.sha256(state).hexdigest()[:12]


def _read(record: Path) -> dict[str, Any] | None:
    try:
        noted = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return noted if isinstance(noted, dict) else None


def _write(home: Path, key: str, noted: dict[str, Any]) -> None:
    temporary = home / f".{key}.new"
    temporary.write_text(json.dumps(noted, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.replace(home / f"{key}.json")


def unmended(files: Sequence[Refused]) -> tuple[Refused, ...]:
    """Return those that still wait for somebody."""
    return tuple(one for one in files if one.mended_at is None)
