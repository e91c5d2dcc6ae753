"""Freshdesk: the CSV of the ticket list, and tickets with their stats of the REST API."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

PEOPLE = ("Agnes Agent", "Rita Requester", "rita@customer.example", "48001", "48900")

_HEADER = (
    "Ticket ID", "Subject", "Description", "Status", "Priority", "Source", "Type", "Agent", "Group", "Created time",
    "Due by Time", "Resolved time", "Closed time", "Last update time", "Initial response time", "Time tracked",
    "First response time (in hrs)", "Resolution time (in hrs)", "Agent interactions", "Customer interactions",
    "Resolution status", "First response status", "Tags", "Survey results", "Product", "Full name",
)  # fmt: skip


def _row(ident: int, subject: str, status: str, created: str, updated: str, **more: str) -> list[str]:
    return [
        str(ident), subject, more.get("description", ""), status, more.get("priority", "Medium"), "Email",
        more.get("type", "Incident"), more.get("agent", "No Agent"), more.get("group", "No Group"), created,
        "2026-12-01 10:00:00", more.get("resolved", ""), more.get("closed", ""), updated, more.get("replied", ""),
        "00:00", more.get("first", ""), more.get("resolution", ""), "1", "0", more.get("sla", ""),
        more.get("first_sla", ""), "", "", more.get("product", ""), "Rita Requester",
    ]  # fmt: skip


def _csv() -> bytes:
    rows = [
        # Created in the first of two hours of that name, answered in the second.
        _row(7001, "Shop down", "Closed", "2026-10-25 02:30:00", "2026-10-28 04:00:00", description='Since 2 o\'clock,\n"all red"',
             replied="2026-10-25 02:05:00", resolved="2026-10-25 04:00:00", closed="2026-10-28 04:00:00",
             first="00:35:00", resolution="02:30:00", sla="Within SLA", first_sla="Within SLA", priority="Urgent",
             agent="Agnes Agent", group="Unix", product="Shop"),
        _row(7002, "How do I print?", "Resolved", "2026-11-02 09:00:00", "2026-11-04 18:10:05", type="Question",
             replied="2026-11-02 17:00:00", resolved="2026-11-04 18:10:05", first="", resolution="123:10:05",
             sla="SLA Violated", priority="Low", agent="Agnes Agent"),
        _row(7003, "Waits", "Waiting on Customer", "2026-11-10 09:00:00", "2026-11-11 09:00:00", type=""),
        _row(7004, "Same as 7001", "Open", "2026-11-11 09:00:00", "2026-11-11 09:00:00", priority="Blocker"),
        _row(7005, "Odd", "Merged", "2026-11-12 09:00:00", "2026-11-12 09:00:00"),
        _row(7006, "A refund", "Open", "2026-11-12 09:00:00", "2026-11-12 09:00:00", type="Sales lead"),
    ]  # fmt: skip
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_HEADER, *rows])
    return text.getvalue().encode()


def _ticket(ident: int, subject: str, status: int, created: str, updated: str, **more: Any) -> dict[str, Any]:
    stats = {
        "agent_responded_at": None, "requester_responded_at": None, "pending_since": None, "status_updated_at": updated,
        "first_responded_at": more.get("replied"), "reopened_at": None,
        "resolved_at": more.get("resolved"), "closed_at": more.get("closed"),
    }  # fmt: skip
    return {
        "cc_emails": [], "fr_escalated": False, "spam": False, "email_config_id": None,
        "group_id": more.get("group"), "priority": more.get("priority", 2), "requester_id": 48900,
        "responder_id": more.get("agent"), "source": 1, "status": status, "subject": subject,
        "description": "<div>It is\nred</div>", "company_id": None, "id": ident, "type": more.get("type", "Incident"),
        "due_by": "2026-12-01T10:00:00Z", "fr_due_by": "2026-12-01T08:00:00Z", "is_escalated": more.get("late", False),
        "created_at": created, "updated_at": updated, "tags": [], "custom_fields": {}, "stats": stats,
    }  # fmt: skip


def _rest() -> bytes:
    tickets = [
        _ticket(7101, "Shop down", 5, "2026-11-10T08:00:00Z", "2026-11-13T08:00:00Z", priority=4, agent=48001, group=9,
                replied="2026-11-10T08:10:00Z", resolved="2026-11-10T12:00:00Z", closed="2026-11-13T08:00:00Z", late=True),
        _ticket(7102, "Waits", 3, "2026-11-11T08:00:00Z", "2026-11-11T09:00:00Z", type=None),
        _ticket(7103, "Feature", 2, "2026-11-12T08:00:00Z", "2026-11-12T08:00:00Z", type="Feature Request", priority=1),
        _ticket(7104, "A state of our own", 8, "2026-11-12T08:00:00Z", "2026-11-12T08:00:00Z"),
    ]  # fmt: skip
    return json.dumps(tickets).encode()


EXPORTS = {"csv": _csv(), "rest": _rest()}
