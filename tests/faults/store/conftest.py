from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

URL = "sqlite:///kpi-agent.db"

InChild = Callable[[Callable[[], None]], int]


@pytest.fixture
def in_child() -> InChild:
    """Run a function in a process of its own and return how that ended: 0, 1 for an exception, or -signal."""

    def run(work: Callable[[], None]) -> int:
        pid = os.fork()
        if pid == 0:
            try:
                work()
            except BaseException as error:  # noqa: BLE001 - a child must never go on as a second test run
                sys.stderr.write(f"{type(error).__name__}: {error}\n")
                sys.stderr.flush()
                os._exit(1)
            os._exit(0)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    return run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An empty state directory."""
    return tmp_path
