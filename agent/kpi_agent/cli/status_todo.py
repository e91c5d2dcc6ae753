"""What a person should do next, with the exact command."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_FAILING = "; failing: "  # as kpi_agent.jobs.tick writes it, which would bring in what status must not load
_JOURNAL = "journalctl -u kpi-agent -n 50"


def things_to_do(state: dict[str, Any]) -> list[dict[str, str | None]]:
    """Return sentences with commands, the most urgent first."""
    return [
        {"text": text, "command": command}
        for text, command in (*_daemon(state["daemon"]), *_sources(state), *_reports(state), *_objectives(state))
    ]


def _daemon(daemon: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    if daemon["state"] == "never":
        yield "the daemon has never run here", "systemctl enable --now kpi-agent"
    elif daemon["state"] in {"stopped", "silent", "unreadable"}:
        yield f"the daemon is {daemon['state']}", f"systemctl restart kpi-agent; {_JOURNAL}"
    yield from faults_of(daemon)


def faults_of(daemon: dict[str, Any]) -> tuple[tuple[str, str | None], ...]:
    """Return what a daemon that runs says is wrong with its work, with a command each."""
    failing = daemon.get("status", "").partition(_FAILING)[2].partition(";")[0]
    said = (
        (daemon.get("reload_error"), "the changed configuration is not in force: {}", "kpi-agent check"),
        (daemon.get("clock_doubt"), "nothing is closed: {}", "timedatectl"),
        (failing, "failing: {}", _JOURNAL),
        (daemon.get("failures") and daemon.get("status"), "the daemon's {}", _JOURNAL),
    )
    return tuple((text.format(detail), command) for detail, text, command in said if detail)


def _sources(state: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    for source in state["sources"]:
        name, is_desk = source["name"], source["type"] == "tickets"
        if source["state"] == "never":
            yield (
                f"{name} has never been read",
                f"kpi-agent import FILE --source {name}" if is_desk else f"kpi-agent collect {name}",
            )
        elif source["state"] == "late" and is_desk:
            yield f"{name} is late; check the export job", f"kpi-agent import FILE --source {name}"
        elif source["state"] == "late":
            yield f"{name} is late", f"kpi-agent collect {name}"
        elif source["state"] == "failed":
            yield f"{name}: {source['detail']}", "kpi-agent check --online"
        if source["rejected"]:
            yield (
                f"{name}: {source['rejected']} rows of its last export were rejected",
                f"kpi-agent import FILE --source {name} --dry-run",
            )


def _reports(state: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    for report in state["reports"]:
        if report["is_overdue"]:
            yield (
                f"{report['contract']}: the report of {report['period']} is overdue",
                f"kpi-agent report build {report['contract']} --period {report['period']}",
            )
        elif report["stage"] == "blocked":
            yield f"{report['contract']} {report['period']}: {report['reason']}", None


def _objectives(state: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    for item in state["objectives"]:
        name, left = f"{item['contract']} {item['label']}", item["left"]
        show = f"kpi-agent report show {item['contract']}"
        if item["verdict"] == "missed":
            yield f"{name}: the target can no longer be reached this month", show
        elif item["verdict"] == "at_risk" and item["indicator"] == "availability" and left is not None:
            yield f"{name}: {left // 60} min of downtime left this month", show
        elif item["verdict"] == "at_risk" and left:
            yield f"{name}: needs the next {left} in time", show
        elif item["verdict"] == "at_risk":
            yield f"{name}: one more breach would lose it", show
