"""Freshservice: the CSV of the ticket list with a byte order mark, and tickets with their stats of the REST API."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

PEOPLE = ("Agnes Agent", "Rita Requester", "48001", "48900")

_HEADER = (
    "Ticket Id", "Subject", "Status", "Priority", "Urgency", "Impact", "Source", "Type", "Requester Name", "Agent",
    "Group", "Category", "Sub-Category", "Item", "Created Time", "Due by Time", "Resolved Time", "Closed Time",
    "Last Update Time", "Initial Response Time", "First Response Time (in Hrs)", "Resolution Time (in Hrs)",
    "Resolution Status", "First Response Status", "Resolution Note", "Affected CI",
)  # fmt: skip


def _row(ident: int, subject: str, status: str, created: str, updated: str, **more: str) -> list[str]:
    return [
        str(ident), subject, status, more.get("priority", "Medium"), "High", "Low", "Portal",
        more.get("type", "Incident"), "Rita Requester", more.get("agent", ""), more.get("group", ""),
        more.get("category", ""), more.get("sub", ""), "", created, "01/12/2026 10:00", more.get("resolved", ""),
        more.get("closed", ""), updated, more.get("replied", ""), more.get("first", ""), "", more.get("sla", ""), "",
        more.get("note", ""), more.get("ci", ""),
    ]  # fmt: skip


def _csv() -> bytes:
    rows = [
        _row(51, "VPN drops", "Closed", "25/10/2026 02:30", "28/10/2026 10:00", replied="25/10/2026 02:40",
             resolved="25/10/2026 02:20", closed="28/10/2026 10:00", priority="High", category="Network", sub="VPN",
             agent="Agnes Agent", group="Network", note="Restarted.\r\nWatch it.", ci="vpn01", sla="Within SLA",
             first="00:10:00"),
        _row(52, "New laptop", "Open", "02/11/2026 09:00", "02/11/2026 09:00", type="Service Request", priority="Low"),
        _row(53, "Printer", "Pending", "03/11/2026 09:00", "13/11/2026 09:00", sla="SLA Violated", ci="prn07"),
        _row(54, "Odd", "Awaiting approval", "04/11/2026 09:00", "04/11/2026 09:00"),
    ]  # fmt: skip
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_HEADER, *rows])
    return text.getvalue().encode("utf-8-sig")


def _rest() -> bytes:
    def ticket(ident: int, status: int, created: str, updated: str, **more: Any) -> dict[str, Any]:
        return {
            "id": ident, "subject": more.get("subject", "VPN drops"), "status": status, "priority": more["priority"],
            "requester_id": 48900, "responder_id": more.get("agent"), "group_id": 9, "type": more["type"],
            "category": more.get("category"), "sub_category": None, "due_by": "2026-12-01T10:00:00Z",
            "fr_due_by": "2026-12-01T08:00:00Z", "is_escalated": False, "fr_escalated": False,
            "created_at": created, "updated_at": updated, "deleted": False, "spam": False,
            "stats": {
                "ticket_id": ident, "first_responded_at": more.get("replied"), "resolved_at": more.get("resolved"),
                "closed_at": more.get("closed"), "reopened_at": None, "opened_at": created,
            },
        }  # fmt: skip

    tickets = [
        ticket(61, 4, "2026-11-10T08:00:00Z", "2026-11-10T12:00:00Z", priority=3, type="Incident", agent=48001,
               category="Network", replied="2026-11-10T08:20:00Z", resolved="2026-11-10T12:00:00Z"),
        ticket(62, 2, "2026-11-11T08:00:00Z", "2026-11-11T08:00:00Z", priority=1, type="Service Request"),
        ticket(63, 2, "2026-11-12T08:00:00Z", "2026-11-12T08:00:00Z", priority=5, type="Incident"),
    ]  # fmt: skip
    return json.dumps({"tickets": tickets}).encode()


EXPORTS = {"csv": _csv(), "rest": _rest()}
