"""A host with the agent's files in a folder of its own, and the command line as its users call it."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi_agent.domain.time import DAY, HOUR, Period, to_utc_text

ZONE = "Europe/Paris"

SETTINGS = """\
timezone: Europe/Paris
state_dir: state
sources:
  desk: {type: tickets, profile: generic, path: "inbox/*.csv"}
contracts: contracts.d/*.yml
"""

METRICS = '  main: {{type: prometheus, url: "{url}", every: 15m, queries: [node]}}\n'
"""One more source of SETTINGS; goes right after its desk."""

CONTRACT = """\
contract: acme
customer: ACME SAS
provider: Opsline
effective: {from: 2020-01-01}
language: en
timezone: Europe/Paris
scope: {tickets: {source: desk}}
priorities:
  P1: {respond: 30m, resolve: 4h, calendar: 24x7}
  P2: {respond: 1h, resolve: 8h, calendar: 24x7}
objectives:
  - {id: gti-p1, indicator: respond_in_time, scope: {priority: P1}, target: ">= 95%"}
  - {id: gtr-p1, indicator: resolve_in_time, scope: {priority: P1}, target: ">= 95%"}
  - {id: gtr-p2, indicator: resolve_in_time, scope: {priority: P2}, target: ">= 90%"}
report:
  close: {after: 1d, at: "00:00", wait: 2d}
"""
"""It closes a month at its very end, so that the last month is due whatever day it is."""

COLUMNS = ("id", "kind", "state", "priority", "opened", "responded", "resolved", "updated")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """Its standard output as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Host:
    """A settings file, its contracts and its state below *home*; *now* is the real clock at the test's start."""

    home: Path
    now: int

    @property
    def config(self) -> Path:
        return self.home / "kpi-agent.yml"

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def inbox(self) -> Path:
        return self.state / "inbox"

    @property
    def store(self) -> Path:
        return self.state / "kpi-agent.db"

    def month(self, back: int) -> Period:
        """The month so many before the running one."""
        period = Period.month_of(self.now, ZONE)
        for _ in range(back):
            period = period.previous()
        return period

    def contract(self, name: str = "acme", text: str = CONTRACT) -> Path:
        path = self.home / "contracts.d" / f"{name}.yml"
        path.write_text(text.replace("contract: acme", f"contract: {name}"))
        return path

    def settings(self, text: str) -> None:
        self.config.write_text(text)

    def drop(self, name: str, content: str | bytes, *, age: int = HOUR) -> Path:
        """Put a file into the inbox, written *age* seconds ago."""
        path = self.inbox / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (self.now - age, self.now - age))
        return path

    def run(self, *words: str | Path, env: Mapping[str, str] | None = None, as_nobody: bool = False) -> Answer:
        """Call the program with this host's settings."""
        return call("--config", self.config, *words, env=env, as_nobody=as_nobody)


def host(home: Path) -> Host:
    """Return a host with a desk and the contract acme, nothing read yet."""
    made = Host(home, int(time.time()))
    made.inbox.mkdir(parents=True)
    (home / "contracts.d").mkdir()
    made.settings(SETTINGS)
    made.contract()
    return made


def call(
    *words: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None, as_nobody: bool = False
) -> Answer:
    """Call the program as a process of its own; *as_nobody*: never as root."""
    is_root = os.geteuid() == 0
    before = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if as_nobody and is_root else []
    done = subprocess.run(
        [*before, sys.executable, "-m", "kpi_agent.cli.main", *map(str, words)],
        capture_output=True,
        timeout=60,
        check=False,
        cwd=cwd,
        env={k: v for k, v in os.environ.items() if not k.startswith(("KPI_AGENT", "LC_", "LANG"))}
        | {"LC_ALL": "C.UTF-8"}
        | dict(env or {}),
    )
    return Answer(done.returncode, done.stdout.decode(), done.stderr.decode())


def export(rows: Sequence[Mapping[str, str]]) -> str:
    """Return a generic desk's export of these rows."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def row(
    number: int, opened: int, *, priority: str = "P1", resolve: int | None = HOUR, respond: int = 600
) -> dict[str, str]:
    """Return an incident, resolved *resolve* seconds after it was opened unless None."""
    done = opened + (resolve or 0)
    cells = {
        "id": f"INC{number}",
        "kind": "incident",
        "state": "closed" if resolve is not None else "in progress",
        "priority": priority,
        "opened": to_utc_text(opened),
        "responded": to_utc_text(opened + respond),
        "updated": to_utc_text(done if resolve is not None else opened + respond),
    }
    return cells | ({"resolved": to_utc_text(done)} if resolve is not None else {})


def month_of_tickets(period: Period, *, first: int = 1, count: int = 12, late: int = 1) -> list[dict[str, str]]:
    """Return incidents of one month, *late* of them resolved after their limit."""
    step = (period.end - period.start - DAY) // count
    return [
        row(
            first + n,
            period.start + HOUR + n * step,
            priority="P1" if n % 2 else "P2",
            resolve=9 * HOUR if n < late else HOUR,
        )
        for n in range(count)
    ]
