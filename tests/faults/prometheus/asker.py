"""Asks one question per line of its input, each in a process of its own, and tells what it took: see test_fault_list.

What it prints are JSON objects: the outcome, the message, the seconds, and the most memory that the process ever held.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.collectors.session import Limits
from kpi_agent.domain.errors import SourceError
from kpi_agent.domain.source import PrometheusSource, Signal, Tls
from kpi_agent.domain.time import Interval

START = 1_790_812_800  # 2026-10-01 00:00 UTC


def limits(share: float) -> Limits:
    """Return the product's own limits, those of time shortened to a *share*."""
    own = Limits()
    return Limits(
        connect_seconds=own.connect_seconds * share,
        read_seconds=own.read_seconds * share,
        total_seconds=own.total_seconds * share,
        first_wait_seconds=own.first_wait_seconds * share,
        longest_wait_seconds=own.longest_wait_seconds * share,
    )


def ask(url: str, ca_file: str | None, share: float) -> dict[str, Any]:
    """Ask for ten minutes of a service and return what came of it."""
    source = PrometheusSource("main", url, tls=Tls(ca_file=None if ca_file is None else Path(ca_file)))
    signal = Signal("up/portal", 'probe_success{service="portal"}', "", every=60)
    began = time.monotonic()
    told: dict[str, Any]
    try:
        seen = Prometheus(source, limits=limits(share)).observe(signal, "", Interval(START, START + 600))
    except SourceError as error:
        told = {"outcome": type(error).__name__, "message": str(error)}
    else:
        is_known = any(line.runs for line in seen.lines.values())
        outcome = "partial" if seen.is_partial else "known" if is_known else "unknown"
        told = {"outcome": outcome, "message": "; ".join(seen.warnings), "expected": seen.expected}
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    return told | {"seconds": time.monotonic() - began, "megabytes": int(peak[1]) / 1024 if peak else -1.0}


def tell(told: dict[str, Any]) -> None:
    """Print one answer."""
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the input ends."""
    for line in sys.stdin:
        question = json.loads(line)
        # Each answer starts from the same memory: what one leaves behind would hide what the next one takes.
        child = os.fork()
        if child == 0:
            try:
                tell(ask(question["url"], question["ca_file"], question["share"]))
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is what came of the question
                tell({"outcome": "uncaught", "message": repr(error)})
            os._exit(0)
        if os.waitpid(child, 0)[1] != 0:
            tell({"outcome": "killed", "message": ""})


if __name__ == "__main__":
    main()
