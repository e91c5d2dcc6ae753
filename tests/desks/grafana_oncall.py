"""Grafana OnCall: alert groups of the public API."""

from __future__ import annotations

import json

PEOPLE = ("UOLGA", "UPERCY")


def _group(ident: str, title: str, state: str, created: str, **more: str | None) -> dict[str, object]:
    return {
        "id": ident,
        "integration_id": "CFRPV98RPR1U8",
        "team_id": "TUNIX",
        "route_id": "RIYGUJXCPFHXY",
        "alerts_count": 3,
        "state": state,
        "created_at": created,
        "resolved_at": more.get("resolved"),
        "resolved_by": more.get("resolved_by"),
        "acknowledged_at": more.get("acknowledged"),
        "acknowledged_by": more.get("acknowledged_by"),
        "silenced_at": more.get("silenced"),
        "title": title,
        "permalinks": {"slack": None, "telegram": None, "web": f"https://oncall.example/alert-groups/{ident}"},
        "last_alert": {"id": "AA74DN7T4JQB6", "alert_group_id": ident, "payload": {"state": "alerting"}},
    }


def _rest() -> bytes:
    results = [
        _group("I68T24C13IFW1", "Memory above 90%", "resolved", "2026-10-25T00:30:01.430444Z",
               acknowledged="2026-10-25T00:35:59.999999Z", acknowledged_by="UOLGA",
               resolved="2026-10-25T01:30:01.429805Z", resolved_by="UPERCY"),
        _group("I2", "Gone by itself", "resolved", "2026-11-01T10:00:00Z", resolved="2026-11-01T10:01:00.5Z"),
        _group("I3", "Certificate\nexpires", "acknowledged", "2026-11-20T10:00:00Z", acknowledged="2026-11-20T10:10:00Z",
               acknowledged_by="UOLGA"),
        _group("I4", "Nightly batch", "silenced", "2026-11-21T10:00:00Z", silenced="2026-11-21T10:05:00Z"),
        _group("I5", "Ping lost", "new", "2026-11-22T10:00:00Z"),
        _group("I6", "Odd", "attached", "2026-11-22T10:00:00Z"),
        _group("I7", "Odder", "resolved", "2026-11-02T10:00:00Z", resolved="2026-11-02T09:59:59Z"),
    ]  # fmt: skip
    page = {"next": None, "previous": None, "results": results, "current_page_number": 1, "page_size": 50}
    return json.dumps(page).encode()


EXPORTS = {"rest": _rest()}
