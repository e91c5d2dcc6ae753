"""The state of the agent as JSON values (kpi-agent/status/1), put together from what others have left ready.

Only the standard library, click and PyYAML are loaded on this road: ``status`` must feel instant (architecture.md §6).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import yaml

from kpi_agent import __version__
from kpi_agent.cli.status_todo import faults_of, things_to_do
from kpi_agent.collectors.quarantine import QUARANTINE, refused_files, unmended
from kpi_agent.domain.errors import KpiAgentError, StoreError
from kpi_agent.store.peek import SCHEMA_VERSION, Glance, PeriodGlance, examine, glance

SCHEMA = "kpi-agent/status/1"
OK, WARNING, CRITICAL = 0, 1, 2
NAMES = ("ok", "warning", "critical", "unknown")

# A daemon ticks every 30 s, and waits at most 600 s for its working child; beyond that it no longer lives.
_SILENT_DAEMON = 300
_SILENT_WORK = 660
# A close may be retried each tick; a report that is not there an hour after its last instant is overdue.
_GRACE = 3600
_DEFAULT_MAX_AGE = {"prometheus": 3600, "tickets": 26 * 3600}
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_NOTHING = Glance(0, 0, 0, {}, {}, {}, {}, ())
"""What there is to see before the first command or the daemon has made a store."""
_CLOSED = frozenset({"closed", "rendered", "queued", "sent"})


def read_state(config: Path, contract: str | None, *, now: int) -> dict[str, Any]:
    """Return the state at *now*, of one contract or of all; raises KpiAgentError when it cannot be told."""
    settings = _settings(config)
    state_dir = _below(config.parent, str(settings.get("state_dir", "")))
    daemon = _daemon(state_dir, now)
    path = _store_path(settings, state_dir)
    state: dict[str, Any] = {"schema": SCHEMA, "version": __version__, "now": now, "daemon": daemon}
    try:
        schema = examine(path)
        if schema not in {None, SCHEMA_VERSION}:
            return _unusable(state, path, *_other_schema(schema or 0))
        seen = _NOTHING if schema is None else glance(path)
    except StoreError as error:
        return _unusable(state, path, str(error), None)
    snapshots = _snapshots(seen, contract)
    state |= {
        "store": {
            "kind": "sqlite",
            "path": str(path),
            "bytes": seen.size + seen.log_size,
        }
        | ({} if seen is _NOTHING else {"schema": seen.schema_version}),
        "sources": _sources(settings, seen, state_dir / QUARANTINE, now),
        "contracts": [_contract(s) for s in snapshots],
        "objectives": [o for s in snapshots for o in _objectives(s)],
        "reports": [r for s in snapshots for r in _reports(s, seen, now)],
    }
    state["todo"] = things_to_do(state)
    worst = _worst(state)
    return state | {"state": NAMES[worst], "exit_code": worst}


def _other_schema(found: int) -> tuple[str, str | None]:
    """Return what to say of a store of another schema, whose tables may be others too, and the command."""
    if found > SCHEMA_VERSION:
        return f"the store was written by a newer kpi-agent (schema {found}): upgrade the program", None
    return f"the store has schema {found}, this program needs {SCHEMA_VERSION}", "kpi-agent db upgrade"


def _unusable(state: dict[str, Any], path: Path, error: str, mend: str | None) -> dict[str, Any]:
    return state | {
        "store": {"kind": "sqlite", "path": str(path), "error": error},
        "sources": [],
        "contracts": [],
        "objectives": [],
        "reports": [],
        "todo": [{"text": error, "command": mend}],
        "state": NAMES[CRITICAL],
        "exit_code": CRITICAL,
    }


def _settings(config: Path) -> dict[str, Any]:
    """Return the settings file as plain values; what is wrong in it is for ``check`` to say."""
    try:
        text = config.read_text(encoding="utf-8")
    except OSError as error:
        raise KpiAgentError(
            f"{config}: {error.strerror}; name the settings with --config or KPI_AGENT_CONFIG"
        ) from error
    try:
        # BaseLoader keeps every scalar as the text it is: no YAML surprises, and the C one is fast.
        loaded = yaml.load(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))  # noqa: S506 - makes text only
    except yaml.YAMLError as error:
        raise KpiAgentError(f"{config} is no YAML; see: kpi-agent check") from error
    if not isinstance(loaded, dict) or "state_dir" not in loaded:
        raise KpiAgentError(f"{config} has no state_dir; see: kpi-agent check")
    return loaded


def _below(folder: Path, text: str) -> Path:
    return Path(os.path.normpath(folder.absolute() / text))


def _store_path(settings: dict[str, Any], state_dir: Path) -> Path:
    store = settings.get("store")
    url = store.get("url", "") if isinstance(store, dict) else ""
    url = url or "sqlite:///kpi-agent.db"
    if not url.startswith("sqlite:///"):
        raise KpiAgentError("status reads SQLite stores only in this version; ask the daemon's host for PostgreSQL")
    return _below(state_dir, url.removeprefix("sqlite:///"))


def _daemon(state_dir: Path, now: int) -> dict[str, Any]:
    """Return what the daemon last wrote of itself, with its state: running, stopped, silent or never."""
    try:
        beat: dict[str, Any] = json.loads((state_dir / "daemon.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {"state": "never"}
    except (OSError, ValueError) as error:
        return {"state": "unreadable", "detail": str(error)}
    if beat.get("stopped") is not None:
        return beat | {"state": "stopped"}
    working = beat.get("working_since")
    last, limit = (beat.get("last_tick"), _SILENT_DAEMON) if working is None else (working, _SILENT_WORK)
    is_alive = Path(f"/proc/{beat.get('pid', 0)}").exists() and now - int(last or beat.get("started", 0)) <= limit
    return beat | {"state": "running" if is_alive else "silent"}


def _snapshots(seen: Glance, contract: str | None) -> list[dict[str, Any]]:
    if contract is not None and contract not in seen.snapshots:
        known = ", ".join(sorted(seen.snapshots)) or "none"
        raise KpiAgentError(f"nothing is known of contract '{contract}'; known: {known}")
    chosen = seen.snapshots.values() if contract is None else [seen.snapshots[contract]]
    return [json.loads(s.content) | {"taken_at": s.taken_at} for s in chosen]


def _sources(settings: dict[str, Any], seen: Glance, quarantine: Path, now: int) -> list[dict[str, Any]]:
    declared = settings.get("sources")
    found = []
    for name, source in (declared if isinstance(declared, dict) else {}).items():
        kind = source.get("type", "") if isinstance(source, dict) else ""
        limit = _seconds(source.get("max_age", "")) or _DEFAULT_MAX_AGE.get(kind, 0)
        every = _seconds(source.get("every", "")) or (900 if kind == "prometheus" else 300)
        run, imported = seen.runs.get(name), seen.imports.get(name)
        if kind == "tickets":
            last_ok = None if imported is None else imported.as_of
        else:
            last_ok = None if run is None else run.last_ok
        state = "ok"
        if last_ok is None:
            state = "never"
        elif now - last_ok > limit:
            state = "late"
        elif run is not None and not run.is_ok:
            state = "failed"
        detail = run.detail if run is not None else (imported.file if imported is not None else "not read yet")
        found.append(
            {
                "name": name,
                "type": kind,
                "state": state,
                "last_ok": last_ok,
                "max_age": limit,
                "next": None if run is None or kind == "tickets" else run.started + every,
                "detail": detail,
                "troubles": [str(t) for t in run.troubles] if run is not None else [],
                "rejected": 0 if imported is None else imported.rejected,
                "refused": [
                    {
                        "file": one.file,
                        "refused_at": one.refused_at,
                        "reasons": list(one.reasons),
                        "path": str(one.path),
                    }
                    for one in (unmended(refused_files(quarantine, name)) if kind == "tickets" else ())
                ],
            }
        )
    return found


def _seconds(text: str) -> int:
    number, unit = text[:-1], text[-1:]
    return int(number) * _UNITS[unit] if number.isdecimal() and unit in _UNITS else 0


def _contract(snapshot: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": snapshot["contract"]["id"],
        "customer": snapshot["contract"]["customer"],
        "period": snapshot["period"],
        "summary": snapshot["summary"],
        "as_of": snapshot["as_of"],
        "taken_at": snapshot["taken_at"],
        "unknown_hosts": snapshot.get("unknown_hosts", []),
    }


def _objectives(snapshot: dict[str, Any]) -> list[dict[str, Any]]:
    trends: dict[str, list[dict[str, Any]]] = {}
    for past in snapshot["history"]:
        trends.setdefault(past["objective"], []).append(past)
    return [
        item
        | {
            "contract": snapshot["contract"]["id"],
            "label": item["name"].get("en") or item["name"].get(snapshot["language"]) or item["id"],
            "reading": snapshot["readings"][item["reading"]],
            "trend": [p["value"] for p in sorted(trends.get(item["id"], []), key=lambda p: str(p["period"]))[-6:]],
        }
        for item in snapshot["objectives"]
    ]


def _reports(snapshot: dict[str, Any], seen: Glance, now: int) -> list[dict[str, Any]]:
    """Return the last and the running month of a contract, and those before that wait for approval.

    Each with its stage, the instant it is due, and whether it is overdue.
    """
    name = snapshot["contract"]["id"]
    known = [*seen.unfinished, *seen.periods.values()]
    found = []
    for closing in snapshot["closing"]:
        entry = next((p for p in known if p.contract == name and p.period == closing["period"]), None)
        found.append(_report(name, closing, entry, now))
    shown = {closing["period"] for closing in snapshot["closing"]}
    waiting = [p for p in seen.unfinished if p.contract == name and p.stage == "review" and p.period not in shown]
    unread = [_report(name, {"period": p.period, "due": p.as_of, "final": p.as_of}, p, now) for p in waiting]
    return [*unread, *found]


def _report(contract: str, closing: dict[str, Any], entry: PeriodGlance | None, now: int) -> dict[str, Any]:
    is_closed = entry is not None and entry.stage in _CLOSED
    is_revision = entry is not None and entry.revision > 1  # its readers have the one before
    return {
        "contract": contract,
        "period": closing["period"],
        "due": closing["due"],
        "stage": None if entry is None else entry.stage,
        "revision": None if entry is None else entry.revision,
        "updated": None if entry is None else entry.updated,
        "reason": "" if entry is None else entry.reason,
        "is_closed": is_closed,
        "is_overdue": not is_closed and not is_revision and now > closing["final"] + _GRACE,
    }


def _worst(state: dict[str, Any]) -> int:
    if state["daemon"]["state"] != "running" or any(r["is_overdue"] for r in state["reports"]):
        return CRITICAL
    is_late = any(s["state"] != "ok" for s in state["sources"]) or bool(faults_of(state["daemon"]))
    is_late = is_late or any(r["stage"] == "review" for r in state["reports"])
    is_threatened = any(o["verdict"] in {"missed", "at_risk"} for o in state["objectives"])
    return WARNING if is_late or is_threatened else OK
