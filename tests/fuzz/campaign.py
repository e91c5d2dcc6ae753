"""``python -m fuzz [--files N] [--seed S] [--first K]``: so many mutated exports, each read in a bounded process.

What fails is kept in build/fuzz, named after its number; ``--files 1 --first K`` tries one again. Exit status 1 then.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import time
from collections import Counter
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory

from fuzz.trial import MAX_SECONDS, Bench, Outcome, file_of

_FAILURES = Path("build/fuzz")
_SILENCE = 12 * MAX_SECONDS
"""Seconds of the wall clock without an answer after which a process is ended: the machine may be busy."""
_FILES_PER_PROCESS = 2_000
"""Then another one begins, so that what is measured is a file's memory, not what making thousands has left behind."""
_ADDRESS_SPACE = 2 * 1024**3
"""Far above what is allowed: it protects the machine, the limit itself is measured."""


class _Worker:
    """A child process that tries every *step*-th number, begun again after the number that ended it."""

    def __init__(self, campaign: int, numbers: range) -> None:
        self._campaign = campaign
        self.numbers = numbers
        self.heard = time.monotonic()
        self.pipe, other = multiprocessing.Pipe(duplex=False)
        self.process = multiprocessing.get_context("spawn").Process(
            target=_try_all, args=(campaign, numbers[:_FILES_PER_PROCESS], other)
        )
        self.process.start()
        other.close()

    def following(self, *, is_skipping: bool) -> _Worker | None:
        """Return a worker for the numbers left, *is_skipping*: but for the next; None when there are none."""
        self.process.kill()
        self.process.join()
        rest = self.numbers[1:] if is_skipping else self.numbers
        return _Worker(self._campaign, rest) if rest else None


def _try_all(campaign: int, numbers: range, pipe: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    with TemporaryDirectory(prefix="kpi-agent-fuzz-") as folder:
        bench = Bench(Path(folder))
        for number in numbers:
            pipe.send((number, bench.attempt(campaign, number)))
        bench.close()


class _Tally:
    """What was seen so far."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.seeds: set[str] = set()
        self.slowest = self.largest = 0.0
        self.failed: list[int] = []

    def add(self, outcome: Outcome) -> None:
        self.counts.update(files=1, taken=outcome.is_taken, counted=outcome.is_counted)
        self.seeds.add(outcome.seed)
        self.slowest = max(self.slowest, outcome.seconds)
        self.largest = max(self.largest, outcome.bytes / 1024 / 1024)

    def fail(self, campaign: int, number: int, fault: str) -> None:
        self.failed.append(number)
        seed, content = file_of(campaign, number)
        _FAILURES.mkdir(parents=True, exist_ok=True)
        kept = _FAILURES / f"{campaign}-{number}-{seed.file}"
        kept.write_bytes(content)
        print(f"--- {number} (seed {seed.name}, kept as {kept})\n{fault}", flush=True)

    def __str__(self) -> str:
        counts = self.counts
        refused = counts["files"] - counts["taken"]
        return (
            f"{counts['files']:,} files of {len(self.seeds)} seeds: {counts['taken']:,} taken "
            f"({counts['counted']:,} counted again row by row), {refused:,} refused with a reason, "
            f"{len(self.failed)} failed; the slowest {self.slowest:.2f} s, the largest {self.largest:.0f} MiB"
        )


def main() -> int:
    """Run a campaign and print what was seen."""
    options = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    options.add_argument("--files", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    given = options.parse_args()
    end, tally, began = given.first + given.files, _Tally(), time.monotonic()
    workers: list[_Worker] = [
        _Worker(given.seed, numbers)
        for i in range(given.processes)
        if (numbers := range(given.first + i, end, given.processes))
    ]
    shown = 0
    while workers:
        wait([w.pipe for w in workers], timeout=1)
        workers = [w for old in workers if (w := _listened(old, given.seed, tally)) is not None]
        if tally.counts["files"] >= shown + 5_000:
            shown = tally.counts["files"]
            print(f"{time.monotonic() - began:6.0f} s  {tally}", flush=True)
    print(f"seed {given.seed}, {time.monotonic() - began:.0f} s: {tally}")
    return 1 if tally.failed else 0


def _listened(worker: _Worker, campaign: int, tally: _Tally) -> _Worker | None:
    """Take a worker's answers; return the worker that goes on, None when all its numbers are tried."""
    try:
        while worker.pipe.poll():
            number, outcome = worker.pipe.recv()
            worker.numbers = worker.numbers[worker.numbers.index(number) + 1 :]
            worker.heard = time.monotonic()
            tally.add(outcome)
            if outcome.fault:
                tally.fail(campaign, number, outcome.fault)
    except EOFError:
        worker.process.join()
        if is_broken := worker.process.exitcode != 0:
            tally.fail(campaign, worker.numbers.start, f"the process ended with {worker.process.exitcode}")
        return worker.following(is_skipping=is_broken)
    if time.monotonic() - worker.heard > _SILENCE:
        tally.fail(campaign, worker.numbers.start, f"no answer in {_SILENCE} s")
        return worker.following(is_skipping=True)
    return worker
