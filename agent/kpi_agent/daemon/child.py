"""Work in a forked child: a crash, a leak or a hang of the work never becomes one of the daemon."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn

from kpi_agent.daemon.journal import describe
from kpi_agent.daemon.notify import SUPERVISOR_VARIABLES
from kpi_agent.daemon.signals import Signals

_TERM_SECONDS = 3.0  # between SIGTERM and SIGKILL: the work is transactional, it needs no long goodbye
_ABANDON_SECONDS = 1.0  # after SIGKILL, when stopping: only a process stuck in the kernel is still there then
_LOOK_SECONDS = 5.0  # SIGCHLD wakes the wait; this is the belt to those braces
_CHUNK_BYTES = 65_536
_PR_SET_PDEATHSIG = 1


class Ending(StrEnum):
    """How a child ended."""

    DONE = "done"
    FAILED = "failed"
    HUNG = "hung"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class ChildEnd:
    """How a child ended after *seconds*; *result* is its JSON value when done, *reason* says why not otherwise."""

    ending: Ending
    result: Any
    reason: str
    seconds: float


def run_in_child(
    function: Callable[[], object], *, signals: Signals, timeout_seconds: float, meanwhile: Callable[[], None]
) -> ChildEnd:
    """Return how *function*, run in a forked child, ended; its value travels back as JSON through a pipe.

    After *timeout_seconds*, or when a stop is asked for, the child's process group gets SIGTERM and 3 s later SIGKILL.
    *meanwhile* is called each time the wait wakes: a reload need not wait for the work. Nothing of the child's group is
    left afterwards.
    """
    begun = time.monotonic()
    reader, writer = os.pipe()
    try:
        try:
            pid = _fork(function, reader, writer)
        except OSError as error:
            return ChildEnd(Ending.FAILED, None, f"no process could be started: {error.strerror}", 0.0)
        finally:
            os.close(writer)
        os.set_blocking(reader, False)
        watch = _Watch(pid, reader, begun + timeout_seconds)
        try:
            while not watch.has_ended():
                watch.advance(is_stopping=signals.is_stopping)
                if watch.is_abandoned:
                    break
                signals.wait(watch.seconds_left(), watch.readers())
                watch.read()
                meanwhile()
        finally:
            status = watch.clear_away()
        seconds = time.monotonic() - begun
        return _judge(watch, status, seconds, timeout_seconds)
    finally:
        os.close(reader)


class _Watch:
    """The parent's eye on one child: what it has answered, what it has been told, what comes next."""

    def __init__(self, pid: int, reader: int, deadline: float) -> None:
        self.pid = pid
        self.answer = bytearray()
        self.told: Ending | None = None
        self.is_abandoned = False
        self._reader = reader
        self._is_open = True
        self._next_step = deadline
        self._signals_left = [signal.SIGTERM, signal.SIGKILL]
        self._is_stopping = False

    def has_ended(self) -> bool:
        # WNOWAIT leaves the zombie, which keeps the group's number ours until clear_away has killed the rest of it.
        return os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def advance(self, *, is_stopping: bool) -> None:
        """Tell the child to end when its time is over or the daemon stops; insist when it does not."""
        now = time.monotonic()
        if is_stopping and not self._is_stopping:
            self._is_stopping = True
            if self.told is None:
                self._next_step = now
        if now < self._next_step:
            return
        if self._signals_left:
            if self.told is None:
                self.told = Ending.STOPPED if is_stopping else Ending.HUNG
            number = self._signals_left.pop(0)
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)
            self._next_step = now + (_TERM_SECONDS if self._signals_left else _ABANDON_SECONDS)
        elif is_stopping:
            # Not even SIGKILL ends a process that waits in the kernel (a dead network disk). The daemon can end, and
            # the lock which that process shares keeps the next daemon out until it is gone.
            self.is_abandoned = True
        else:
            self._next_step = now + _ABANDON_SECONDS

    def seconds_left(self) -> float:
        return max(0.05, min(_LOOK_SECONDS, self._next_step - time.monotonic()))

    def readers(self) -> tuple[int, ...]:
        return (self._reader,) if self._is_open else ()

    def read(self) -> None:
        with suppress(BlockingIOError):
            while self._is_open:
                chunk = os.read(self._reader, _CHUNK_BYTES)
                self.answer += chunk
                self._is_open = bool(chunk)

    def clear_away(self) -> int | None:
        """Kill what is left of the group, reap the child, and return its wait status; None when it was abandoned."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        if self.is_abandoned:
            return None
        _, status = os.waitpid(self.pid, 0)
        self.read()
        return status


def _judge(watch: _Watch, status: int | None, seconds: float, timeout_seconds: float) -> ChildEnd:
    if watch.told is Ending.STOPPED:
        return ChildEnd(Ending.STOPPED, None, "stopped with the daemon", seconds)
    if watch.told is Ending.HUNG or status is None:
        return ChildEnd(Ending.HUNG, None, f"still working after {timeout_seconds:g} s, so it was killed", seconds)
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        return ChildEnd(Ending.FAILED, None, f"killed by {name}", seconds)
    try:
        answer = json.loads(bytes(watch.answer))
    except ValueError:
        reason = f"ended with code {os.waitstatus_to_exitcode(status)} and without an answer"
        return ChildEnd(Ending.FAILED, None, reason, seconds)
    if "error" in answer:
        return ChildEnd(Ending.FAILED, None, answer["error"], seconds)
    return ChildEnd(Ending.DONE, answer["result"], "", seconds)


def _fork(function: Callable[[], object], reader: int, writer: int) -> int:
    parent = os.getpid()
    # Until the child has put the default handlers back, a SIGTERM to it would only set a flag in its copy of ours.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        pid = os.fork()
        if pid == 0:
            _live_as_child(function, parent, reader, writer, mask)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    # The child does the same; whoever comes first, the group exists before anybody signals it.
    with suppress(OSError):
        os.setpgid(pid, pid)
    return pid


def _live_as_child(
    function: Callable[[], object], parent: int, reader: int, writer: int, mask: set[signal.Signals | int]
) -> NoReturn:
    # Whatever happens here, the copy of the daemon's stack above must never run on: _exit is the only way out.
    code = 1
    try:
        os.close(reader)
        os.setpgid(0, 0)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # `pkill -HUP kpi-agent` means the daemon
        signal.set_wakeup_fd(-1)
        _die_with(parent)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        for name in SUPERVISOR_VARIABLES:
            os.environ.pop(name, None)
        with suppress(OSError):  # when memory runs out, the kernel shall take the work and leave the daemon
            Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
        answer = _answer(function)
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(answer)
        sys.stdout.flush()
        sys.stderr.flush()
        code = 0
    finally:
        os._exit(code)


def _answer(function: Callable[[], object]) -> bytes:
    try:
        return json.dumps({"result": function()}).encode()
    except BaseException as error:  # noqa: BLE001  # this is the end of the process: every end must become an answer
        return json.dumps({"error": describe(error)}).encode()


def _die_with(parent: int) -> None:
    """Ask the kernel to kill this process when the daemon dies, however it dies."""
    with suppress(OSError, ImportError):  # without ctypes the shared lock still keeps a second daemon out
        import ctypes  # noqa: PLC0415  # in the child only: the daemon stays small

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
