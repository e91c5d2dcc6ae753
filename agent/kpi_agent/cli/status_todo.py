"""What a person should do next, with the exact command."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import shorten
from typing import Any, NamedTuple

# As kpi_agent.jobs.tick writes them, which would bring in what status must not load.
_FAILING, _REFUSED = "; failing: ", "; not in force: "
_REFUSED_SHOWN = 3
_TROUBLES_SHOWN = 5
_HOSTS_SHOWN = 5
_DETAIL_SHOWN = 400  # characters: sixty broken files are sixty reasons
_JOURNAL = "journalctl -u kpi-agent -n 50"


class Fault(NamedTuple):
    """Something wrong with the work of a daemon: in short, as a sentence, and the command that helps."""

    word: str
    text: str
    command: str


def things_to_do(state: dict[str, Any]) -> list[dict[str, str | None]]:
    """Return sentences with commands, the most urgent first."""
    return [
        {"text": text, "command": command}
        for text, command in (
            *_daemon(state["daemon"]),
            *_sources(state),
            *_hosts(state),
            *_reports(state),
            *_objectives(state),
        )
    ]


def _daemon(daemon: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    if daemon["state"] == "never":
        yield "the daemon has never run here", "systemctl enable --now kpi-agent"
    elif daemon["state"] in {"stopped", "silent", "unreadable"}:
        yield f"the daemon is {daemon['state']}", f"systemctl restart kpi-agent; {_JOURNAL}"
    yield from ((fault.text, fault.command) for fault in faults_of(daemon))


def faults_of(daemon: dict[str, Any]) -> tuple[Fault, ...]:
    """Return what a daemon that runs says is wrong with its configuration and its work."""
    status = daemon.get("status", "")
    config, clock, work = "configuration not in force", "clock not believed", "work failing"
    said = (
        (daemon.get("reload_error"), config, "the changed configuration is not in force: {}", "kpi-agent check"),
        (_said_after(_REFUSED, status), config, "contract files with errors are not in force: {}", "kpi-agent check"),
        (daemon.get("clock_doubt"), clock, "nothing is closed: {}", "timedatectl"),
        (_said_after(_FAILING, status), work, "failing: {}", _JOURNAL),
        (daemon.get("failures") and status, work, "the daemon's {}", _JOURNAL),
    )
    return tuple(Fault(word, text.format(detail), command) for detail, word, text, command in said if detail)


def _said_after(mark: str, status: str) -> str:
    return status.partition(mark)[2].partition(";")[0]


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
            detail = shorten(source["detail"], _DETAIL_SHOWN, placeholder=" …")
            if is_desk or not source["troubles"]:
                yield f"{name}: {detail}", "kpi-agent quarantine list" if is_desk else "kpi-agent check --online"
        if source["rejected"]:
            yield (
                f"{name}: {source['rejected']} rows of its last export were rejected",
                f"kpi-agent quarantine list {name}",
            )
        yield from _troubles(source)
        yield from _refused(source)


def _troubles(source: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Yield what reading a server met: each is mended in its own place, and asking it anew tells whether it is."""
    name, found = source["name"], source["troubles"]
    for text in found[:_TROUBLES_SHOWN]:
        said = text if text.startswith(f"source {name}") else f"{name}: {text}"
        yield shorten(said, _DETAIL_SHOWN, placeholder=" …"), f"kpi-agent collect {name}"
    if len(found) > _TROUBLES_SHOWN:
        yield f"{name}: {len(found) - _TROUBLES_SHOWN} more of these", f"kpi-agent collect {name}"


def _refused(source: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Yield the files that wait to be mended; those of the attempt that failed last are told with it."""
    name = source["name"]
    told = source["detail"] if source["state"] == "failed" else ""
    waiting = [one for one in source["refused"] if not all(reason in told for reason in one["reasons"])]
    command = f"kpi-agent quarantine list {name}"
    for one in waiting[:_REFUSED_SHOWN]:
        yield f"{name}: {'; '.join(one['reasons'])}; mend {one['file']} and drop it again", command
    if len(waiting) > _REFUSED_SHOWN:
        yield f"{name}: {len(waiting) - _REFUSED_SHOWN} more refused files wait to be mended", command


def _hosts(state: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    for contract in state["contracts"]:
        unknown = contract["unknown_hosts"]
        if unknown:
            named = ", ".join(unknown[:_HOSTS_SHOWN]) + (", …" if len(unknown) > _HOSTS_SHOWN else "")
            told = (
                "1 host tells too little of its"
                if len(unknown) == 1
                else f"{len(unknown)} hosts tell too little of their"
            )
            yield f"{contract['id']}: {told} updates this month: {named}", "kpi-agent check --online"


def _reports(state: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    for report in state["reports"]:
        if report["stage"] == "review":
            late = " and is overdue" if report["is_overdue"] else ""
            yield (
                f"{report['contract']}: the report of {report['period']} waits for approval{late}",
                f"kpi-agent report approve {report['contract']} --period {report['period']} --by NAME",
            )
        elif report["is_overdue"]:
            yield (
                f"{report['contract']}: the report of {report['period']} is overdue"
                + (f", it {report['reason']}" if report["reason"] else ""),
                f"kpi-agent report build {report['contract']} --period {report['period']}",
            )
        elif report["stage"] == "blocked":
            yield f"{report['contract']} {report['period']}: {report['reason']}", None


def _objectives(state: dict[str, Any]) -> Iterator[tuple[str, str | None]]:
    for item in state["objectives"]:
        if item["verdict"] in {"missed", "at_risk"}:
            text = _missed(item) if item["verdict"] == "missed" else _at_risk(item)
            yield f"{item['contract']} {item['label']}: {text}", f"kpi-agent report show {item['contract']}"


def _missed(item: dict[str, Any]) -> str:
    # For a share this is an extrapolation: nobody knows how many cases the rest of the month brings.
    left = item["left"]
    if item["indicator"] == "availability":
        return "the allowed downtime is used up"
    return f"missed so far: {left} more in time would be needed" if left else "missed so far: no breach was allowed"


def _at_risk(item: dict[str, Any]) -> str:
    left = item["left"]
    if left is None:
        return "the target is not kept so far"
    if item["indicator"] == "availability":
        return f"{max(0, left) // 60} min of downtime left this month"
    return f"needs the next {left} in time" if left > 0 else "one more breach would lose it"
