"""``python -m benchmarks [NAME…]``: each benchmark compares ours with a named reference in one run, and judges nothing.

Seconds stand beside each ratio for the reader; what counts is the ratio. A goal that is missed is no error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import NotMeasured, Row

MODULES = {
    "status": "status",
    "service-clock": "service_clock",
    "import": "imports",
    "re-import": "imports",  # of what was imported: one run gives both
    "close": "close",
    "collect": "collect",
    "fleet": "fleet",
    "growth": "fleet",  # of what was collected: one run gives both
    "availability": "availability",
}

_TITLES = Row("", "what", "ours: median (min–max)", "reference", "ratio", "goal")


def main(names: Sequence[str]) -> int:
    """Run the named benchmarks, all when none is named, and print the table; 2 for a name that is none."""
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are: {', '.join(MODULES)}", file=sys.stderr)
        return 2
    asked = list(names or MODULES)
    rows = [_TITLES]
    try:
        for module in dict.fromkeys(MODULES[n] for n in asked):
            rows += [row for row in _rows(module) if row.name in asked]
    finally:
        _print(rows)  # one that fails takes nothing from the others
    return 0


def _rows(module: str) -> Iterator[Row]:
    """Yield the rows of one module, run in a folder of its own."""
    print(f"{module} …", file=sys.stderr, flush=True)
    with TemporaryDirectory(prefix="kpi-agent-bench-") as folder:
        try:
            yield from import_module(f"benchmarks.{module}").rows(Path(folder))
        except NotMeasured as reason:
            yield from (Row(name, f"{name}: not measured, {reason}") for name, at in MODULES.items() if at == module)


def _print(rows: Sequence[Row]) -> None:
    lines = [(r.what, r.ours, r.reference, r.ratio, r.goal, _reached(r)) for r in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _reached(row: Row) -> str:
    if row is _TITLES:
        return "reached"
    return {True: "yes", False: "NO", None: ""}[row.is_reached]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
