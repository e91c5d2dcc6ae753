"""Imports two export files, one after the other, in a process of its own; prints seconds and peak memory as JSON.

Arguments: the state directory of a store that exists, the files' as-of instants, and the files.
"""

from __future__ import annotations

import gc
import json
import re
import sys
from pathlib import Path
from time import perf_counter

from kpi_agent.collectors.tickets.read import read_export
from kpi_agent.config.load import load_profiles
from kpi_agent.domain.export import ImportCounts
from kpi_agent.domain.source import TicketSource
from kpi_agent.domain.ticket import Basis
from kpi_agent.jobs.import_tickets import import_file
from kpi_agent.shipped import shipped
from kpi_agent.store.open import Store, open_store

_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")


def main(state_dir: Path, instants: tuple[int, int], files: tuple[Path, Path]) -> None:
    profiles, _ = load_profiles(state_dir / "profiles", shipped=shipped("config"))
    source = TicketSource("desk", profiles["glpi"], "inbox/*.csv", "Europe/Paris", hold_basis=Basis.SERVICE)
    gc.set_threshold(100_000, 50, 100)  # as every agent that is opened
    store = open_store("sqlite:///kpi-agent.db", state_dir=state_dir)
    counts: list[ImportCounts] = []
    told = {"idle": _peak_megabytes()}
    for name, path, as_of in zip(("first", "again"), files, instants, strict=True):
        started = perf_counter()
        counts.append(_import(path, source, store, as_of))
        told[name] = perf_counter() - started
        told[f"{name}_peak"] = _peak_megabytes()
    store.close()
    first, again = counts
    if not (first.new == first.read == again.read == 100 * again.changed):
        raise RuntimeError(f"these are not the imports that were to be measured: {first}, {again}")
    print(json.dumps(told))


def _import(path: Path, source: TicketSource, store: Store, as_of: int) -> ImportCounts:
    done = import_file(path, source, reader=read_export, tickets=store.tickets, now=as_of, as_of=as_of)
    if done.counts is None:
        raise RuntimeError("; ".join(map(str, done.problems)))
    return done.counts


def _peak_megabytes() -> float:
    # Not getrusage: its figure is at least that of the process that started this one.
    found = _PEAK.search(Path("/proc/self/status").read_text(encoding="ascii"))
    if found is None:
        raise RuntimeError("this system does not tell a process's peak memory")
    return int(found[1]) / 1000


if __name__ == "__main__":
    main(Path(sys.argv[1]), (int(sys.argv[2]), int(sys.argv[3])), (Path(sys.argv[4]), Path(sys.argv[5])))
