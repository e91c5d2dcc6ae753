"""Whether a watched folder changed, told from names, sizes and times; nothing is read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable

ABSENT = "absent"


def look_at(paths: Iterable[str]) -> dict[str, str]:
    """Return one print per path; it differs when the file, or the folder or one of its own entries, changed."""
    return {path: _print_of(path) for path in paths}


def _print_of(path: str) -> str:
    try:
        marks = [_mark("", os.stat(path))]  # noqa: PTH116  # scandir's entries speak os, and there may be thousands
    except OSError as error:
        return ABSENT if isinstance(error, FileNotFoundError) else f"unreadable {error.errno}"
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                try:
                    marks.append(_mark(entry.name, entry.stat()))
                except OSError:
                    marks.append(f"{entry.name}\0gone")
    except NotADirectoryError:
        pass
    except OSError as error:
        return f"unreadable {error.errno}"
    return hashlib.blake2b("\n".join(sorted(marks)).encode(errors="surrogateescape"), digest_size=16).hexdigest()


def _mark(name: str, stat: os.stat_result) -> str:
    return f"{name}\0{stat.st_ino}\0{stat.st_size}\0{stat.st_mtime_ns}"
