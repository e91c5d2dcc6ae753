"""``kpi-agent status``, the whole process, against an interpreter that starts and does nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from benchmarks.measure import NotMeasured, Row, at_most, in_turns, timed

_TIMES = 25
_ANSWERS = frozenset({0, 1, 2})  # OK, WARNING, CRITICAL; 3 is "cannot tell"


def rows(folder: Path) -> Iterator[Row]:
    program = Path(sys.executable).parent / "kpi-agent"
    if not program.exists():
        raise NotMeasured(f"there is no {program.name} beside {sys.executable}")
    estate = folder / "estate"
    subprocess.run([program, "demo", estate], check=True, capture_output=True)
    ours: list[str | Path] = [program, "--config", estate / "kpi-agent.yml", "status"]
    reference: list[str | Path] = [sys.executable, "-I", "-c", "pass"]
    # Once unmeasured: the first start reads files that stay in memory, and compiles what was never compiled.
    for command in (ours, reference):
        _run(command)
    pairs = in_turns(partial(timed, partial(_run, ours)), partial(timed, partial(_run, reference)), repetitions=_TIMES)
    yield at_most("status", "status: whole process, the demo's store", "python3 -I -c pass", pairs, times=8)


def _run(command: Sequence[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in _ANSWERS:
        raise RuntimeError(f"{command} ended with {done.returncode}: {done.stdout.decode()}{done.stderr.decode()}")
