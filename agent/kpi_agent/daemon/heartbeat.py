"""``state_dir/daemon.json``: what other commands may know of the daemon without asking it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HEARTBEAT_NAME = "daemon.json"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One look at the daemon. Instants are epoch seconds UTC, null: never or not now; texts are empty if all is well.

    *working_since* is set while a child works (the ticks pause then); *stopped* only by an orderly end, so a daemon
    that was killed shows as a *pid* that is gone. *failures* counts works in a row without a result.
    """

    pid: int
    version: str
    started: int
    last_tick: int | None
    last_work: int | None
    working_since: int | None
    next_at: int
    failures: int
    status: str
    reload_error: str
    clock_doubt: str
    rss_bytes: int
    stopped: int | None

    def write(self, state_dir: Path) -> None:
        """Replace the file at once, so that a reader never sees half of it. ``OSError`` when the disk refuses."""
        path = state_dir / HEARTBEAT_NAME
        fresh = path.with_suffix(".tmp")
        fresh.write_text(json.dumps(asdict(self), sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")
        fresh.replace(path)


def resident_bytes() -> int:
    """Return the resident memory of this process in bytes; 0 where the kernel does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGESIZE")


def own_version() -> str:
    """Return the version of the installed distribution."""
    try:
        return version("kpi-agent")
    except PackageNotFoundError:
        return "unknown"
