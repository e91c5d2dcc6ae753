"""The drop folder: which files in it may be read, and are whole (inputs.md D)."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatchcase
from pathlib import Path

from kpi_agent.domain.problem import Problem, visible

SETTLED_AFTER = 60
"""Seconds without a change after which a file counts as whole."""

_UNFINISHED = (".part", ".partial", ".filepart", ".crdownload", ".tmp", ".done")


def ready_files(directory: Path, glob: str, *, now: int) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    """Return the whole files of a drop folder that match *glob*, oldest first, and a problem per entry that is unsafe.

    *glob* is relative to *directory*; only its last part may hold ``*``, ``?`` or ``[``. A file is whole when it was
    not modified for 60 s before *now* (epoch seconds) and, where the system can tell, nobody has it open for writing;
    or a ``NAME.done`` stands beside it. Hidden names, ``.part``, ``.tmp`` and their like are being written: neither
    files nor problems. Links, pipes, devices, folders, files with a second name and names that no terminal shows are
    problems and never opened for reading. A missing folder is a problem too.
    """
    *folders, pattern = glob.split("/")
    shown = str(Path(directory, *folders))
    if ".." in folders or "" in folders or any(c in part for part in folders for c in "*?["):
        return (), (Problem(glob, "only the last part of a glob may vary, and no part may lead out of its folder"),)
    try:
        with _folder(directory, folders) as handle:
            return _sorted_out(handle, Path(directory, *folders), pattern, now)
    except FileNotFoundError:
        return (), (Problem(shown, "the drop folder does not exist; create it, writable for the one who drops files"),)
    except NotADirectoryError:
        return (), (Problem(shown, "the drop folder is a file or a link; name the folder itself"),)
    except OSError as error:
        return (), (Problem(shown, f"the drop folder cannot be read: {error.strerror}"),)


@contextmanager
def _folder(directory: Path, folders: list[str]) -> Iterator[int]:
    """Open a folder part by part without following a link below *directory*; everything else is asked through it."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    handle = os.open(directory, flags)
    try:
        for part in folders:
            inner = os.open(part, flags | os.O_NOFOLLOW, dir_fd=handle)
            os.close(handle)
            handle = inner
        yield handle
    finally:
        os.close(handle)


def _sorted_out(handle: int, folder: Path, pattern: str, now: int) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    names = set(os.listdir(handle))
    found: list[tuple[int, str]] = []
    problems: list[Problem] = []
    for name in sorted(names):
        if name.startswith(".") or name.endswith(_UNFINISHED) or not fnmatchcase(name, pattern):
            continue
        if visible(name) != name:
            problems.append(Problem(str(folder / name), "its name holds control characters; rename it"))
            continue
        is_marked = f"{name}.done" in names
        try:
            modified = _modified(handle, name, now if not is_marked else None)
        except FileNotFoundError:
            continue  # taken away since the listing
        except OSError as error:
            problems.append(Problem(str(folder / name), f"it cannot be read: {error.strerror}"))
            continue
        except _Unsafe as fault:
            problems.append(Problem(str(folder / name), str(fault)))
            continue
        if modified <= now - SETTLED_AFTER or is_marked:
            found.append((modified, name))
    return tuple(folder / name for _, name in sorted(found)), tuple(problems)


class _Unsafe(Exception):
    """An entry that is no plain file of this folder alone."""


def _modified(handle: int, name: str, now: int | None) -> int:
    """Return the modification time of a plain readable file; raises _Unsafe or OSError for anything else.

    With *now*, one that has settled while a writer still holds it is _Unsafe too: it may be a part.
    """
    _check(os.stat(name, dir_fd=handle, follow_symlinks=False))
    # What was looked at may have been swapped since: the opened thing is looked at again. Opening does not wait for the
    # other end of a pipe.
    opened = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=handle)
    try:
        status = os.fstat(opened)
        _check(status)
        if now is not None and status.st_mtime <= now - SETTLED_AFTER and _is_being_written(opened):
            raise _Unsafe("a program has it open for writing; it is taken when that program closes it")
        return int(status.st_mtime)
    finally:
        with suppress(OSError):
            os.close(opened)


def _is_being_written(opened: int) -> bool:
    """Whether somebody has the file open for writing; False where the system does not tell.

    A read lease is granted on a file without writers only. It takes the file's owner or root, and a local file system.
    """
    try:
        fcntl.fcntl(opened, fcntl.F_SETLEASE, fcntl.F_RDLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    fcntl.fcntl(opened, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    return False


def _check(status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise _Unsafe("this is a symbolic link; drop the file itself")
    if not stat.S_ISREG(status.st_mode):
        raise _Unsafe("this is no regular file but a folder, pipe or device")
    if status.st_nlink != 1:
        raise _Unsafe("this file has a second name (hard link); drop a copy of its own")
