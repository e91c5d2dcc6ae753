"""``kpi-agent run`` in a process that is killed just before or just after a step of closing takes effect."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from kpi_agent.bootstrap import renderings
from kpi_agent.cli.main import main
from kpi_agent.store.ledger import PeriodLedger
from kpi_agent.store.peek import glance

STEPS = {
    "begin": (PeriodLedger, "begin"),
    "move": (PeriodLedger, "move"),
    "close": (PeriodLedger, "close"),
    "archive": (renderings.ArchiveFolder, "__call__"),
    "write": (renderings, "write_whole"),
}
"""What each step of closing is done by."""

Kill = tuple[str, int, str]
"""Step, its how-manieth call, and ``before`` or ``after``."""


def start(home: Path, kill: Kill | None = None) -> int:
    """Start the daemon on *home* in a forked process and return its pid; it logs to ``home/log``."""
    pid = os.fork()
    if pid == 0:
        _run(home, kill)
    return pid


def _run(home: Path, kill: Kill | None) -> NoReturn:
    # The copy of the test run above must never go on: _exit is the only way out.
    try:
        log = os.open(home / "log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.stdout = sys.__stdout__
        sys.stderr = sys.__stderr__
        if kill is not None:
            _arm(*kill)
        sys.argv = ["kpi-agent", "--config", str(home / "kpi-agent.yml"), "run", "--tick", "1"]
        main()
    except SystemExit as ended:
        os._exit(ended.code if isinstance(ended.code, int) else 1)
    finally:
        os._exit(1)


def _arm(step: str, number: int, moment: str) -> None:
    owner, name = STEPS[step]
    real: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def deadly(*arguments: Any, **settings: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number and moment == "before":
            _die()
        result = real(*arguments, **settings)
        if calls == number:
            _die()
        return result

    setattr(owner, name, deadly)


def _die() -> None:
    """Kill the daemon and its working child, which is where this runs."""
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)


def ended(pid: int, *, within: float = 20) -> int:
    """Return the exit code of a daemon, or minus the signal that killed it."""
    give_up = time.monotonic() + within
    while time.monotonic() < give_up:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    raise TimeoutError(f"the daemon did not end within {within} s")


def stages(home: Path) -> list[str]:
    """Return the stage of each period in the ledger."""
    return [p.stage for p in glance(home / "state" / "kpi-agent.db").unfinished]


def _has_worked(home: Path, pid: int) -> bool:
    """Whether this daemon, and not one before it, has ended a work."""
    try:
        beat = json.loads((home / "state" / "daemon.json").read_text())
    except FileNotFoundError:
        return False
    return bool(beat["pid"] == pid and beat["last_work"])


def settle(home: Path, periods: int, *, within: float = 20) -> None:
    """Run the daemon until so many periods are rendered, and end it in good order."""
    pid = start(home)
    give_up = time.monotonic() + within
    while stages(home) != ["rendered"] * periods or not _has_worked(home, pid):
        if time.monotonic() > give_up:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            log = (home / "log").read_text()
            raise TimeoutError(f"not settled within {within} s: {stages(home)}\n{log}")
        time.sleep(0.02)
    os.kill(pid, signal.SIGTERM)
    if (code := ended(pid)) != 0:
        raise RuntimeError(f"the daemon ended with {code}:\n{(home / 'log').read_text()}")
