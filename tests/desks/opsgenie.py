"""Opsgenie: incidents, which tell no instant but the opening, and alerts, whose report holds milliseconds."""

from __future__ import annotations

import json
from typing import Any

PEOPLE = ("olga@desk.example", "percy@desk.example")


def _incident(number: int, message: str, status: str, created: str, updated: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"70413a06-38d6-4c85-92b8-5ebc9000{number}",
        "tinyId": str(number % 10),
        "message": message,
        "description": "Seen by the probe\nand by the customer",
        "status": status,
        "tags": ["web"],
        "createdAt": created,
        "updatedAt": updated,
        "priority": more.get("priority", "P3"),
        "impactStartDate": more.get("impact", created),
        "impactedServices": more.get("services", []),
        "responders": [{"type": "team", "id": "fc1448b7-46b2-401d-9da8-c02675958e3b"}],
        "ownerTeam": "fc1448b7-46b2-401d-9da8-c02675958e3b",
        "extraProperties": {},
    }


def _incidents() -> bytes:
    data = [
        # Resolved, at an instant that nothing tells: it was updated later, for a note.
        _incident(1011, "Shop is down", "resolved", "2026-10-25T00:30:56.346Z", "2026-10-27T09:00:00Z", priority="P1",
                  impact="2026-10-25T00:20:00Z", services=["0dc10b2e-aaaa", "7ad2c0f1-bbbb"]),
        _incident(1012, "Shop is slow", "open", "2026-11-20T14:30:56.346Z", "2026-11-20T15:00:00.001Z"),
        _incident(1021, "Old story", "closed", "2026-11-01T10:00:00Z", "2026-11-09T10:00:00Z", priority="P5"),
        _incident(1013, "Odd", "merged", "2026-11-02T10:00:00Z", "2026-11-02T10:00:00Z"),
        _incident(1014, "Odder", "open", "2026-11-03T10:00:00Z", "2026-11-03T10:00:00Z", priority="P6"),
    ]  # fmt: skip
    return json.dumps({"data": data, "paging": {"first": "https://opsgenie.example"}, "took": 0.03}).encode()


def _alert(number: int, message: str, status: str, created: str, updated: str, **more: Any) -> dict[str, Any]:
    report = {name: more[name] for name in ("ackTime", "closeTime", "acknowledgedBy", "closedBy") if name in more}
    return {
        "id": f"8cd00f7f-5c6d-4a3c-9d6e-{number}-1604491234567",
        "tinyId": str(number % 10),
        "alias": f"disk-{number}",
        "message": message,
        "status": status,
        "acknowledged": "ackTime" in more,
        "isSeen": True,
        "tags": [],
        "snoozed": False,
        "count": 3,
        "lastOccurredAt": updated,
        "createdAt": created,
        "updatedAt": updated,
        "source": "prometheus",
        "owner": more.get("owner", ""),
        "priority": more.get("priority", "P3"),
        "teams": [],
        "responders": [],
        "integration": {"id": "4513b7ea", "name": "Prometheus", "type": "API"},
        **({"report": report} if report else {}),
    }


def _alerts() -> bytes:
    data = [
        _alert(2001, "Disk full", "closed", "2026-11-10T08:00:00.500Z", "2026-11-10T09:00:01Z", ackTime=95_000,
               closeTime=3_600_000, acknowledgedBy="olga@desk.example", closedBy="percy@desk.example",
               owner="olga@desk.example", priority="P2"),
        _alert(2002, "Load high", "open", "2026-11-22T08:00:00Z", "2026-11-22T08:00:00Z"),
        # Nobody acknowledged: it was closed by its source.
        _alert(2003, "Ping lost", "closed", "2026-11-11T08:00:00Z", "2026-11-11T08:05:00Z", closeTime=300_000),
    ]  # fmt: skip
    return json.dumps({"data": data, "took": 0.1, "requestId": "9ae63dd7"}).encode()


EXPORTS = {"incidents": _incidents(), "alerts": _alerts()}
