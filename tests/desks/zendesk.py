"""Zendesk: tickets of the REST API with their metrics side-loaded."""

from __future__ import annotations

import json
from typing import Any

PEOPLE = ("360001", "361777")


def _ticket(ident: int, subject: str, status: str, created: str, updated: str, **more: Any) -> dict[str, Any]:
    return {
        "url": f"https://acme.zendesk.example/api/v2/tickets/{ident}.json",
        "id": ident,
        "external_id": None,
        "created_at": created,
        "updated_at": updated,
        "type": more.get("type", "incident"),
        "subject": subject,
        "raw_subject": subject,
        "description": "Hello,\n\nit is slow.\n",
        "priority": more.get("priority"),
        "status": status,
        "requester_id": 361777,
        "assignee_id": more.get("assignee"),
        "organization_id": more.get("organization"),
        "group_id": more.get("group"),
        "problem_id": more.get("problem"),
        "has_incidents": False,
        "due_at": None,
        "tags": more.get("tags", []),
        "custom_fields": [{"id": 27642, "value": "745"}],
        "satisfaction_rating": {"score": "unoffered"},
    }


def _metrics(ident: int, ticket: int, **more: Any) -> dict[str, Any]:
    def minutes(name: str) -> dict[str, int | None]:
        calendar, business = more.get(name, (None, None))
        return {"calendar": calendar, "business": business}

    return {
        "url": f"https://acme.zendesk.example/api/v2/ticket_metrics/{ident}.json",
        "id": ident,
        "ticket_id": ticket,
        "created_at": "2026-10-01T00:00:00Z",
        "updated_at": "2026-11-22T00:00:00Z",
        "group_stations": 1,
        "assignee_stations": 2,
        "reopens": more.get("reopens", 0),
        "replies": more.get("replies", 0),
        "assignee_updated_at": None,
        "requester_updated_at": None,
        "initially_assigned_at": more.get("first_assigned"),
        "assigned_at": more.get("assigned"),
        "solved_at": more.get("solved"),
        "latest_comment_added_at": None,
        "reply_time_in_minutes": minutes("reply"),
        "first_resolution_time_in_minutes": minutes("first_resolution"),
        "full_resolution_time_in_minutes": minutes("full_resolution"),
        "agent_wait_time_in_minutes": minutes("agent_wait"),
        "requester_wait_time_in_minutes": minutes("requester_wait"),
        "on_hold_time_in_minutes": minutes("on_hold"),
    }


def _side_loaded() -> bytes:
    tickets = [
        _ticket(35, "Slow checkout", "closed", "2026-10-25T00:30:00Z", "2026-11-01T10:00:00Z", priority="urgent",
                assignee=360001, organization=509974, group=98738, problem=34, tags=["checkout", "vip"]),
        _ticket(36, "How to export?", "pending", "2026-11-10T08:00:00Z", "2026-11-10T09:00:00Z", type="question",
                priority="low", group=98738),
        _ticket(37, "Slow checkout too", "closed", "2026-11-11T08:00:00Z", "2026-11-11T08:30:00Z", priority="normal",
                tags=["closed_by_merge"]),
        _ticket(38, "Login fails", "open", "2026-11-12T08:00:00Z", "2026-11-14T08:00:00Z", priority="high"),
        _ticket(39, "No type, no priority", "hold", "2026-11-13T08:00:00Z", "2026-11-13T08:00:00Z", type=None),
        _ticket(40, "Odd", "suspended", "2026-11-14T08:00:00Z", "2026-11-14T08:00:00Z"),
        _ticket(34, "Checkout is slow again and again", "solved", "2026-10-24T08:00:00Z", "2026-11-20T08:00:00Z",
                type="problem", priority="normal"),
    ]  # fmt: skip
    metrics = [
        # Not in the order of the tickets.
        _metrics(9038, 38, reopens=2, replies=1, reply=(15, 15), first_assigned="2026-11-12T08:05:00Z",
                 assigned="2026-11-14T08:00:00Z", agent_wait=(0, 0), first_resolution=(60, 60)),
        _metrics(9035, 35, reopens=1, replies=4, reply=(90, 0), first_assigned="2026-10-25T00:45:00Z",
                 assigned="2026-10-26T08:00:00Z", solved="2026-10-28T10:00:00Z", agent_wait=(1440, 480),
                 requester_wait=(3000, 900), on_hold=(200, 60), full_resolution=(4890, 1500)),
        _metrics(9036, 36, replies=1, reply=(59, 59), first_assigned="2026-11-10T08:10:00Z",
                 assigned="2026-11-10T08:10:00Z", agent_wait=(None, None)),
        _metrics(9037, 37, solved="2026-11-11T08:30:00Z"),
        _metrics(9034, 34, solved="2026-11-20T08:00:00Z", first_assigned="2026-10-24T09:00:00Z"),
    ]  # fmt: skip
    page = {"tickets": tickets, "metric_sets": metrics, "next_page": None, "previous_page": None, "count": 7}
    return json.dumps(page).encode()


EXPORTS = {"metrics": _side_loaded()}
