"""Write a simulated estate: python -m kpi_agent_simulator DIR --seed 1 --now 2026-11-23T10:00:00Z."""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from kpi_agent_simulator.simulation import simulate


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate as the command line says, print the paths that matter, return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m kpi_agent_simulator", description=__doc__)
    parser.add_argument("directory", type=Path, metavar="DIR", help="where the files go; made if missing")
    parser.add_argument("--seed", type=int, default=1, help="another seed is another estate (default 1)")
    parser.add_argument("--now", type=_instant, required=True, help="the instant it ends, like 2026-11-23T10:00:00Z")
    parser.add_argument("--prometheus-url", default="http://127.0.0.1:9090", help="written into kpi-agent.yml")
    parser.add_argument("--state-dir", default=".", help="written into kpi-agent.yml")
    chosen = parser.parse_args(arguments)
    estate = simulate(
        chosen.directory,
        seed=chosen.seed,
        now=chosen.now,
        prometheus_url=chosen.prometheus_url,
        state_dir=chosen.state_dir,
    )
    sys.stdout.write(f"{estate.samples} samples in {estate.metrics}\n")
    sys.stdout.write(f"{len(estate.exports)} exports in {estate.exports[0].path.parent}\n")
    sys.stdout.write(f"truth in {estate.truth_file}\n")
    return 0


def _instant(text: str) -> int:
    """Return epoch seconds of an ISO 8601 instant; without an offset it is UTC."""
    found = datetime.fromisoformat(text)
    return int((found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp())


if __name__ == "__main__":
    sys.exit(main())
