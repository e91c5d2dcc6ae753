"""Mutation testing of the arithmetic: each small fault in it must fail a test.

``python -m mutants [MODULE…]`` (``calendar``, ``indicators/case`` …) prints what survived and a table; exit status 1
when less than 95 % of what can be noticed was, or when the list of equivalent mutants is out of date.
"""

from __future__ import annotations

import ast
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from mutants import trial
from mutants.equivalent import EQUIVALENT
from mutants.operators import Mutant, mutants
from mutants.targets import TESTS

_WANTED = 0.95
_SLOWER = 3  # times the calm run's processor time: then a mutant goes in circles


@dataclass
class Tally:
    """What became of a module's mutants."""

    module: str
    survived: list[Mutant] = field(default_factory=list)
    equivalent: int = 0
    killed: int = 0
    outdated: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """The share killed of those that could be."""
        wanted = self.killed + len(self.survived)
        return self.killed / wanted if wanted else 1.0

    def __str__(self) -> str:
        total = self.killed + len(self.survived) + self.equivalent
        return f"{self.module:28}{total:8}{self.killed:8}{self.equivalent:12}{len(self.survived):10}{self.share * 100:8.1f} %"


def main(names: Sequence[str]) -> int:
    """Mutate the named modules, all when none is named."""
    if unknown := [name for name in names if name not in TESTS]:
        print(f"no target {', '.join(unknown)}; there are: {', '.join(TESTS)}", file=sys.stderr)
        return 2
    tallies = [_module(name) for name in names or TESTS]
    print(f"\n{'module':28}{'mutants':>8}{'killed':>8}{'equivalent':>12}{'survived':>10}{'killed':>10}")
    whole = Tally("all")
    for tally in tallies:
        print(tally)
        whole.killed += tally.killed
        whole.equivalent += tally.equivalent
        whole.survived += tally.survived
        whole.outdated += tally.outdated
    print(whole)
    for line in whole.outdated:
        print(f"not equivalent, or no longer there: {line}")
    return 1 if whole.share < _WANTED or whole.outdated else 0


def _module(name: str) -> Tally:
    """Return what becomes of a module's mutants. What imports the program does so in processes of its own."""
    made, tests, started = _made(name), TESTS[name], time.monotonic()
    began = os.times()
    if _all([lambda: trial.run_anew(name, tests, None)], 600) != [0]:
        raise SystemExit(f"{name}: its tests fail without any mutant")
    ended = os.times()
    spent = ended.children_user + ended.children_system - began.children_user - began.children_system
    seconds = int(spent * _SLOWER) + 5
    with multiprocessing.get_context("fork").Pool(1, initializer=trial.silence) as pool:
        quick = pool.apply(_try_collected, (name, seconds))
    anew = [mutant for mutant, status in zip(made, quick, strict=True) if not status]
    slow = _all([partial(trial.run_anew, name, tests, mutant.tree) for mutant in anew], seconds)
    alive = [mutant for mutant, status in zip(anew, slow, strict=True) if not status]
    tally = Tally(name, killed=len(made) - len(alive))
    listed = {key[1:] for key in EQUIVALENT if key[0] == name}
    for mutant in alive:
        if (mutant.function, mutant.before, mutant.after) in listed:
            tally.equivalent += 1
        else:
            tally.survived.append(mutant)
    never = listed - {(m.function, m.before, m.after) for m in alive}
    tally.outdated += [f"{name} {' | '.join(key)}" for key in sorted(never)]
    print(f"{name}: {len(made)} mutants, {len(anew)} tried anew, {time.monotonic() - started:.0f} s", flush=True)
    for mutant in tally.survived:
        print(f"  survived: {name} {mutant}", flush=True)
    return tally


def _made(name: str) -> list[Mutant]:
    path = trial.AGENT / "kpi_agent" / "domain" / f"{name}.py"
    return list(mutants(path.read_text(encoding="utf-8")))


def _try_collected(name: str, seconds: int) -> list[int]:
    """Return the status of each mutant where the tests are collected but once, 0 for one that was not noticed."""
    statuses: list[int] = []

    def work(attempt: Callable[[ast.Module], int]) -> None:
        statuses.extend(_all([partial(attempt, mutant.tree) for mutant in _made(name)], seconds))

    trial.with_collected(name, TESTS[name], work)
    return statuses


def _all(runs: Sequence[Callable[[], int]], seconds: int) -> list[int]:
    """Return the status of each run, as many at a time as there are processors."""
    statuses = [0] * len(runs)
    running: dict[int, int] = {}
    for index, run in enumerate(runs):
        running[trial.fork(run, seconds)] = index
        if len(running) >= (os.cpu_count() or 1):
            child, status = os.wait()
            statuses[running.pop(child)] = status
    while running:
        child, status = os.wait()
        statuses[running.pop(child)] = status
    return statuses
