"""PagerDuty Analytics: raw incidents, with the seconds that the incidents themselves no longer tell."""

from __future__ import annotations

import json
from typing import Any

PEOPLE = ("Percy Pager",)


def _raw(number: int, description: str, created: str, resolved: str | None, **more: Any) -> dict[str, Any]:
    return {
        "assignment_count": 2,
        "auto_resolved": more.get("auto", False),
        "business_hour_interruptions": 0,
        "created_at": created,
        "description": description,
        "engaged_seconds": more.get("engaged", 0),
        "engaged_user_count": 1,
        "escalation_count": 0,
        "id": f"Q{number}",
        "incident_number": number,
        "major": False,
        "priority_id": None,
        "priority_name": more.get("priority"),
        "priority_order": None,
        "reassignment_count": 0,
        "resolved_at": resolved,
        "resolved_by_user_id": None if "by" not in more else "PU2",
        "resolved_by_user_name": more.get("by"),
        "seconds_to_engage": more.get("ack"),
        "seconds_to_first_ack": more.get("ack"),
        "seconds_to_mobilize": None,
        "seconds_to_resolve": more.get("seconds"),
        "service_id": "PS1",
        "service_name": "Payments",
        "snoozed_seconds": more.get("snoozed", 0),
        "status": more.get("status", "resolved"),
        "team_id": "PT1",
        "team_name": "Unix",
        "total_notifications": 3,
        "urgency": "high",
        "user_defined_effort_seconds": more.get("effort"),
    }


def _raw_incidents() -> bytes:
    data = [
        _raw(501, "Card terminals down", "2026-10-25T00:30:00Z", "2026-10-25T02:15:30Z", ack=95, seconds=6330,
             engaged=6235, priority="P1", by="Percy Pager", effort=5400),
        # Nobody acknowledged: it went away by itself.
        _raw(504, "Disk 91 %", "2026-11-01T10:00:00Z", "2026-11-01T10:20:00Z", auto=True, seconds=1200, snoozed=600),
        _raw(505, "Queue grows", "2026-11-20T10:00:00Z", None, ack=0, status="acknowledged", priority="P3"),
        _raw(506, "Late batch", "2026-11-02T10:00:00Z", "2026-11-02T11:00:00Z", ack=60, priority="Sev 2"),
        _raw(507, "Clock fault", "2026-11-03T10:00:00Z", "2026-11-03T09:00:00Z", ack=60, priority="P2"),
    ]  # fmt: skip
    page = {
        "data": data, "ending_before": None, "first": "e30=", "last": "e30=", "limit": 100, "more": False,
        "order": "desc", "order_by": "created_at", "starting_after": None, "time_zone": "Etc/UTC",
        "filters": {"created_at_start": "2026-10-01T00:00:00Z", "created_at_end": "2026-12-01T00:00:00Z"},
    }  # fmt: skip
    return json.dumps(page).encode()


def _without_offset() -> bytes:
    """A local time of Paris that exists twice: created in the first, resolved in the second of them."""
    data = [_raw(511, "Night of the change", "2026-10-25T02:30:00", "2026-10-25T02:10:00", ack=120, priority="P2")]
    return json.dumps({"data": data, "limit": 100, "more": False, "time_zone": "Europe/Paris"}).encode()


EXPORTS = {"raw": _raw_incidents(), "local": _without_offset()}
