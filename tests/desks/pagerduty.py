"""PagerDuty: incidents of the REST API, whose acknowledgements are gone once they are resolved."""

from __future__ import annotations

import json
from typing import Any

PEOPLE = ("Olga Oncall", "Percy Pager")


def _reference(kind: str, ident: str, summary: str) -> dict[str, str]:
    return {"id": ident, "type": f"{kind}_reference", "summary": summary, "html_url": f"https://pd.example/{ident}"}


def _incident(number: int, title: str, status: str, created: str, changed: str, **more: Any) -> dict[str, Any]:
    ident = f"Q{number}"
    acknowledgements = []
    assignments = []
    if status != "resolved":
        assignments = [{"at": created, "assignee": _reference("user", "PU1", "Olga Oncall")}]
    if status == "acknowledged":
        acknowledgements = [{"at": changed, "acknowledger": _reference("user", "PU1", "Olga Oncall")}]
    return {
        "id": ident,
        "type": "incident",
        "summary": f"[#{number}] {title}",
        "html_url": f"https://pd.example/incidents/{ident}",
        "incident_number": number,
        "title": title,
        "created_at": created,
        "updated_at": changed,
        "status": status,
        "incident_key": None,
        "service": _reference("service", "PS1", "Payments"),
        "assignments": assignments,
        "acknowledgements": acknowledgements,
        "last_status_change_at": changed,
        "last_status_change_by": _reference("user", "PU2", "Percy Pager"),
        "escalation_policy": _reference("escalation_policy", "PE1", "Night"),
        "teams": [_reference("team", "PT1", "Unix"), _reference("team", "PT2", "Database")],
        "priority": None if "priority" not in more else {"id": "PP1", "type": "priority", "summary": more["priority"]},
        "urgency": "high",
        "resolve_reason": more.get("reason"),
        "alert_counts": {"all": 1, "triggered": 0, "resolved": 1},
        **({} if more.get("is_old") else {"resolved_at": more.get("resolved")}),
    }


def _rest() -> bytes:
    merged = {"type": "merge_resolve_reason", "incident": {"id": "Q501", "type": "incident_reference"}}
    incidents = [
        _incident(501, "Card terminals down", "resolved", "2026-10-25T00:30:00Z", "2026-10-25T02:15:30Z",
                  resolved="2026-10-25T02:15:30Z", priority="P1"),
        _incident(502, "Card terminals slow", "resolved", "2026-10-25T00:40:00Z", "2026-10-25T00:45:00Z",
                  resolved="2026-10-25T00:45:00Z", reason=merged, priority="P2"),
        _incident(503, "Queue above\n1,000", "acknowledged", "2026-11-20T10:00:00Z", "2026-11-20T10:04:00Z"),
        _incident(504, "Disk 91 %", "triggered", "2026-11-22T23:00:00Z", "2026-11-22T23:00:00Z", priority="P3"),
        _incident(505, "Old server", "resolved", "2026-11-01T10:00:00Z", "2026-11-01T11:00:00Z", is_old=True),
        _incident(506, "Late batch", "resolved", "2026-11-02T10:00:00Z", "2026-11-02T11:00:00Z",
                  resolved="2026-11-02T11:00:00Z", priority="SEV-2"),
        _incident(507, "Odd", "suppressed", "2026-11-03T10:00:00Z", "2026-11-03T10:00:00Z"),
    ]  # fmt: skip
    page = {"incidents": incidents, "limit": 100, "offset": 0, "total": None, "more": False}
    return json.dumps(page).encode()


EXPORTS = {"rest": _rest()}
