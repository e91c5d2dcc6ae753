"""GitLab: the CSV of an issue list as it comes by e-mail, and the issues of the REST API."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

PEOPLE = ("Grace Author", "gauthor", "Ada Admin", "Bob Backup", "ada.admin", "bob.backup")

_HEADER = (
    "Title", "Description", "Issue ID", "URL", "State", "Author", "Author Username", "Assignee", "Assignee Username",
    "Confidential", "Locked", "Due Date", "Created At (UTC)", "Updated At (UTC)", "Closed At (UTC)", "Milestone",
    "Weight", "Labels", "Time Estimate", "Time Spent",
)  # fmt: skip

_DESK = "https://gitlab.example/ops/desk/-/issues"


def _issue(iid: int, title: str, state: str, created: str, updated: str, **more: str) -> list[str]:
    return [
        title, more.get("description", ""), str(iid), f"{_DESK}/{iid}", state, "Grace Author", "gauthor",
        more.get("assignee", ""), more.get("username", ""), "No", "No", "", created, updated, more.get("closed", ""),
        "", "", more.get("labels", ""), "0", more.get("spent", "0"),
    ]  # fmt: skip


def _csv() -> bytes:
    rows = [
        _issue(
            101,
            "Disk full on web01",
            "Closed",
            "2026-10-05 07:12:03",
            "2026-10-06 09:00:00",
            closed="2026-10-06 08:59:58",
            description='The monitoring says "98 %",\nthe customer says nothing,\n\nyet',
            assignee="Ada Admin, Bob Backup",
            username="ada.admin, bob.backup",
            labels="incident,severity::1,team::unix",
            spent="5400",
        ),
        # An hour that exists twice in Paris, and once in the file.
        _issue(102, "Mail, again", "Open", "2026-10-25 00:30:00", "2026-10-25 01:30:00", labels="severity::2"),
        _issue(103, "=1+1", "Closed", "2026-11-02 10:00:00", "2026-11-02 10:05:00", closed="2026-11-02 10:05:00"),
        _issue(104, "Nobody can log in", "Open", "2026-11-03 10:00:00", "2026-11-03 10:00:00", labels="severity::9"),
        _issue(105, "Backup late", "Locked", "2026-11-04 10:00:00", "2026-11-04 10:00:00"),
        # Closed, and open again: the closing is taken back, nothing else tells.
        _issue(106, "Certificate expires", "Open", "2026-11-05 10:00:00", "2026-11-09 16:20:00", labels="severity::3"),
    ]
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([_HEADER, *rows])
    return text.getvalue().encode()


def _api_issue(iid: int, title: str, kind: str, state: str, created: str, updated: str, **more: Any) -> dict[str, Any]:
    return {
        "id": 76000000 + iid,
        "iid": iid,
        "project_id": 4,
        "title": title,
        "description": more.get("description"),
        "state": state,
        "created_at": created,
        "updated_at": updated,
        "closed_at": more.get("closed"),
        "labels": more.get("labels", []),
        "assignees": [] if "assignee" not in more else [{"id": 7, "username": more["assignee"], "name": "Ada Admin"}],
        "assignee": None if "assignee" not in more else {"id": 7, "username": more["assignee"], "name": "Ada Admin"},
        "author": {"id": 9, "username": "gauthor", "name": "Grace Author"},
        "type": kind.upper(),
        "issue_type": kind,
        "severity": more.get("severity", "UNKNOWN"),
        "web_url": f"{_DESK}/{iid}",
        "time_stats": {"time_estimate": 0, "total_time_spent": more.get("spent", 0), "human_total_time_spent": None},
        "references": {"short": f"#{iid}", "relative": f"#{iid}", "full": f"ops/desk#{iid}"},
    }


def _rest() -> bytes:
    issues = [
        _api_issue(
            201,
            "Payments refused",
            "incident",
            "closed",
            "2026-11-10T08:00:00.946Z",
            "2026-11-10T12:00:00.100Z",
            closed="2026-11-10T11:59:59.999Z",
            labels=["incident", "severity::1"],
            severity="CRITICAL",
            assignee="ada.admin",
            spent=7200,
            description="First line\nsecond line",
        ),
        _api_issue(
            202, "A report in blue", "issue", "opened", "2026-11-11T08:00:00.000Z", "2026-11-11T08:00:00.000Z"
        ),
        _api_issue(203, "Slow search", "incident", "opened", "2026-11-12T08:00:00.000+01:00", "2026-11-12T09:30:00.000Z"),
        _api_issue(204, "An epic", "epic", "opened", "2026-11-12T08:00:00.000Z", "2026-11-12T08:00:00.000Z"),
    ]  # fmt: skip
    return json.dumps(issues).encode()


EXPORTS = {"csv": _csv(), "rest": _rest()}
