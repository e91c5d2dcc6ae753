"""One mutated file: read, stored, counted again; what must not happen comes back as a sentence."""

from __future__ import annotations

import random
import re
import shutil
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

from fuzz.count import Record, records
from fuzz.mutate import damaged
from fuzz.seeds import Seed, seeds
from kpi_agent.domain.errors import KpiAgentError
from kpi_agent.domain.export import Export
from kpi_agent.store.open import Store, open_store
from whole_export import read_whole

MAX_SECONDS = 5
MAX_BYTES = 200 * 1024 * 1024
NOW = 1_795_428_000
_URL = "sqlite:///kpi-agent.db"
_FILES_PER_STORE = 500
_GOOD = 0.9  # share of the files that are made of good ones, not of traps
_PLAIN = re.compile(r"[A-Z0-9]+")  # an id that needs no reading


@dataclass(frozen=True)
class Outcome:
    """What became of a file. *fault* is empty when all that must hold does; *seconds* of processor time."""

    seed: str
    is_taken: bool
    is_counted: bool
    seconds: float
    bytes: int  # most memory that the file took at once, beside what the process held before
    fault: str = ""


class Bench:
    """Tries files in a folder of its own, against stores of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._empty = folder / "empty"
        self._empty.mkdir()
        open_store(_URL, state_dir=self._empty).close()
        self._store: Store | None = None
        self._tried = 0

    def close(self) -> None:
        """Close what is open."""
        if self._store is not None:
            self._store.close()

    def attempt(self, campaign: int, number: int) -> Outcome:
        """Try file *number* of a campaign."""
        seed, content = file_of(campaign, number)
        path = self._folder / seed.file
        path.write_bytes(content)
        store = self._fresh_store()
        _forget_peak()
        held = _peak()
        started = time.process_time()
        export, fault, is_counted = None, "", False
        try:
            export = read_whole(path, seed.source(f"desk{number}"), as_of=None, now=NOW, pseudonym=_pseudonym)
            taken = store.tickets.take(export, observed_from=None, now=NOW)
            if (taken.read, taken.new, taken.rejected) != (export.rows, len(export.tickets), len(export.rejected)):
                fault = f"the store took {taken} of {export.rows} rows, {len(export.tickets)} tickets"
        except KpiAgentError:
            pass
        except Exception:  # noqa: BLE001 - any other exception is what is looked for
            fault = traceback.format_exc()
        seconds, peak = time.process_time() - started, _peak() - held
        if export is not None and not fault:
            counted = records(content, seed, export)
            is_counted = counted is not None
            fault = "" if counted is None else _miscounted(export, counted)
        if seconds > MAX_SECONDS:
            fault += f"\nit took {seconds:.1f} s"
        if peak > MAX_BYTES:
            fault += f"\nit took {peak / 1024 / 1024:.0f} MiB"
        path.unlink()
        return Outcome(seed.name, export is not None, is_counted, seconds, peak, fault)

    def _fresh_store(self) -> Store:
        if self._store is None or self._tried % _FILES_PER_STORE == 0:
            self.close()
            folder = self._folder / "store"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(self._empty, folder)
            self._store = open_store(_URL, state_dir=folder)
        self._tried += 1
        return self._store


def file_of(campaign: int, number: int) -> tuple[Seed, bytes]:
    """Return file *number* of a campaign, and the seed it was made of: the same ones, the same file, always."""
    rng = random.Random(f"{campaign}:{number}")
    seed = rng.choice(seeds(are_good=rng.random() < _GOOD))
    return seed, damaged(seed, rng)


def _pseudonym(name: str, at: int) -> str:
    return f"{len(name)}.{at}"


def _miscounted(export: Export, counted: list[Record]) -> str:
    """Return what is wrong with the account of the rows: each is in a ticket or rejected, and none is in both."""
    lines = [line for line, _ in counted]
    rejected = [row.line for row in export.rejected]
    told = [ticket.origin.line for ticket in export.tickets]
    if export.rows != len(lines):
        return f"{export.rows} rows, but {len(lines)} are in the file"
    if len(set(rejected)) != len(rejected) or set(rejected) & set(told):
        return f"a row is accounted for twice: rejected {rejected}, tickets {told}"
    if not export.is_event_log:
        return "" if sorted(rejected + told) == lines else f"rows {lines}: rejected {rejected}, tickets {told}"
    if not set(rejected) | set(told) <= set(lines):
        return f"rows that the file does not have: {sorted((set(rejected) | set(told)) - set(lines))}"
    known = {ticket.id for ticket in export.tickets}
    lost = [
        n
        for n, cells in counted
        if n not in set(rejected) and _PLAIN.fullmatch("".join(cells[:1])) and cells[0] not in known
    ]
    return f"rows {lost} are neither rejected nor part of a ticket" if lost else ""


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> int:
    """Return the most memory, in bytes, that this process held at once since it was last forgotten."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
