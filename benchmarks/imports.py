"""A large export typed, validated, versioned and committed, against the same file as raw text; then 1 % changed."""

from __future__ import annotations

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

from benchmarks.glpi_export import write_export
from benchmarks.measure import Pair, Row, at_most, memory, timed
from kpi_agent.store.open import open_store

_ROWS = 200_000
_AS_OF = 1_798_761_600  # 2027-01-01
_NEXT_AS_OF = _AS_OF + 86_400
_REPETITIONS = 3
_ROOT = Path(__file__).parents[1]


def rows(folder: Path) -> Iterator[Row]:
    first, again = folder / "first.csv", folder / "again.csv"
    write_export(first, count=_ROWS, until=_AS_OF)
    write_export(again, count=_ROWS, until=_AS_OF, changed_at=_AS_OF + 3600)
    named, reference = _reference(first)
    told, raw = [], []
    for number in range(_REPETITIONS):
        told.append(_import(folder / f"state-{number}", first, again))
        raw.append(timed(partial(reference, folder / f"raw-{number}.db")))
    pairs = [Pair(ours["first"], seconds) for ours, seconds in zip(told, raw, strict=True)]
    yield at_most("import", f"import: {_ROWS:,} rows of GLPI", named, pairs, times=6)
    yield memory("import", "import: peak memory of its process", [ours["first_peak"] for ours in told], limit=150)
    pairs = [Pair(ours["again"], ours["first"]) for ours in told]
    yield at_most("re-import", "re-import: the same rows, 1 % changed", "the first import", pairs, times=0.5)


def _import(state_dir: Path, first: Path, again: Path) -> Mapping[str, float]:
    """Import both files into a new store, in a process of its own, and return what it tells."""
    state_dir.mkdir()
    open_store("sqlite:///kpi-agent.db", state_dir=state_dir).close()
    instants = [str(_AS_OF), str(_NEXT_AS_OF)]
    command = [sys.executable, "-m", "benchmarks.import_child", str(state_dir), *instants, str(first), str(again)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, cwd=_ROOT)
    shutil.rmtree(state_dir)
    told: Mapping[str, float] = json.loads(done.stdout)
    return told


def _reference(file: Path) -> tuple[str, Callable[[Path], None]]:
    """Return the name of what raw text is loaded with here, and what loads *file* into a new database."""
    program = shutil.which("sqlite3")
    if program is None:
        return "csv + executemany, raw text", lambda database: _load_raw(file, database)
    script = f'.mode csv\n.separator ";" "\\n"\n.import "{file}" raw\n'.encode()
    return "sqlite3 .import, raw text", lambda database: _load_with(program, script, database)


def _load_with(program: str, script: bytes, database: Path) -> None:
    # Its warnings (of the column without a name after each line's last delimiter) are of no interest.
    subprocess.run([program, "-bail", database], input=script, check=True, capture_output=True)
    _check(database)


def _load_raw(file: Path, database: Path) -> None:
    with file.open(encoding="utf-8-sig", newline="") as lines, closing(sqlite3.connect(database)) as connection:
        reader = csv.reader(lines, delimiter=";")
        header = next(reader)
        connection.execute(f"CREATE TABLE raw ({', '.join(f'c{n} TEXT' for n in range(len(header)))})")
        connection.executemany(f"INSERT INTO raw VALUES ({', '.join('?' for _ in header)})", reader)
        connection.commit()
    _check(database)


def _check(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        found = connection.execute("SELECT max(rowid) FROM raw").fetchone()[0]
    if found != _ROWS:
        raise RuntimeError(f"the reference loaded {found} rows, not {_ROWS}")
