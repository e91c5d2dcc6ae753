"""The whole agent, not a stand-in, under the shipped sandbox: the libraries that it works with must live with that."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

UNIT = "kpi-agent.service"
STATE = "/var/lib/kpi-agent"
PROGRAM = """#!/bin/sh
export PYTHONPATH=/mnt/site:/mnt/repo/agent:/mnt/repo/reports:/mnt/repo/simulator PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 -m kpi_agent.cli.main "$@"
"""
EXPORT = """id,state,priority,opened,resolved
INC-1,closed,P1,2026-11-02T08:00:00Z,2026-11-02T09:00:00Z
INC-2,new,P2,2026-11-02T10:00:00Z,
"""
SETTINGS = f"""
timezone: Europe/Paris
state_dir: {STATE}
sources:
  main: {{type: prometheus, url: "http://127.0.0.1:9"}}
  desk: {{type: tickets, profile: generic, path: "inbox/*.csv", timezone: Europe/Paris}}
contracts: contracts.d/*.yml
"""
CONTRACT = """
contract: acme
customer: ACME SAS
provider: Opsline
effective: {from: 2026-01-01}
language: fr
scope: {tickets: {source: desk}}
priorities:
  P1: {resolve: 4h, calendar: 24x7}
  P2: {resolve: 8h, calendar: 24x7}
objectives:
  - {id: gtr-p1, indicator: resolve_in_time, scope: {priority: P1}, target: ">= 95%"}
"""


@pytest.fixture
def agent(systemd: Any) -> Iterator[Any]:
    stand_in = systemd.run("cat /usr/bin/kpi-agent")
    systemd.write("/usr/bin/kpi-agent", PROGRAM)
    systemd.write("/etc/kpi-agent/kpi-agent.yml", SETTINGS)
    systemd.write("/etc/kpi-agent/contracts.d/acme.yml", CONTRACT)
    systemd.run("chmod 755 /usr/bin/kpi-agent; chmod -R a+rX /etc/kpi-agent")
    yield systemd
    systemd.run(f"systemctl stop {UNIT}", check=False)
    systemd.write("/usr/bin/kpi-agent", stand_in + "\n")
    systemd.run("chmod 755 /usr/bin/kpi-agent")


def status(agent: Any) -> dict[str, Any]:
    state: dict[str, Any] = json.loads(agent.run("kpi-agent status --json || true"))
    return state


def test_an_export_dropped_into_the_inbox_reaches_status_through_the_sandbox(agent: Any) -> None:
    agent.run(f"systemctl start {UNIT}")
    agent.write(f"{STATE}/inbox/desk.csv", EXPORT)
    agent.run(f"touch -d '5 minutes ago' {STATE}/inbox/desk.csv; chmod a+r {STATE}/inbox/desk.csv")

    def desk() -> Any:
        sources = {s["name"]: s for s in status(agent)["sources"]}
        return sources.get("desk", {}).get("last_ok")

    began = time.monotonic()
    agent.eventually(desk, "the export in the store", 150)
    seen = status(agent)

    assert seen["daemon"]["state"] == "running"
    assert seen["daemon"]["rss_bytes"] < 80_000_000
    assert [o["id"] for o in seen["objectives"]] == ["gtr-p1"]
    assert "traceback" not in agent.journal(f"-u {UNIT} -n 50").lower(), f"after {time.monotonic() - began:.0f} s"
    assert {s["name"]: s["state"] for s in seen["sources"]}["main"] != "ok"  # nobody listens there: said, not hidden
    assert agent.run(f"systemctl stop {UNIT}; systemctl show -P Result {UNIT}") == "success"
