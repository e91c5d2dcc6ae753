"""One daemon per store: a lock on a file in the state directory, released by the kernel however the daemon ends."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kpi_agent.domain.errors import StoreError

LOCK_NAME = "daemon.lock"
_PATIENCE_SECONDS = 3.0
_RETRY_SECONDS = 0.05


@contextmanager
def hold_store(state_dir: Path, *, patience_seconds: float = _PATIENCE_SECONDS) -> Iterator[None]:
    """Hold the store of *state_dir* while entered; ``StoreError`` names the daemon that already holds it.

    Forked children share the lock on purpose: after a SIGKILL of the daemon, no second one works beside the child it
    left. That child dies with its parent, so a holder that is not alive is waited for, *patience_seconds* at most.
    """
    path = state_dir / LOCK_NAME
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise StoreError(
            f"{path}: {error.strerror}; state_dir must exist and be writable for the user of the daemon"
        ) from error
    try:
        _take(descriptor, state_dir, patience_seconds)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        # The file stays: removing it would let two daemons lock two files of the same name.
        os.close(descriptor)


def _take(descriptor: int, state_dir: Path, patience_seconds: float) -> None:
    give_up_at = time.monotonic() + patience_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pid = _holder(descriptor)
            if _is_alive(pid):
                raise StoreError(
                    f"another kpi-agent daemon (pid {pid}) already serves {state_dir}; stop it first, "
                    "or give this one a state_dir of its own"
                ) from None
            if time.monotonic() >= give_up_at:
                raise StoreError(
                    f"{state_dir} is still held by a process of a daemon that ended (pid {pid or 'unknown'}); "
                    f"`fuser {state_dir / LOCK_NAME}` names it"
                ) from None
            time.sleep(_RETRY_SECONDS)
        else:
            return


def _holder(descriptor: int) -> int:
    text = os.pread(descriptor, 32, 0).strip()
    return int(text) if text.isdigit() else 0


def _is_alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
