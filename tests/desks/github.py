"""GitHub: the issues of a repository as the REST API lists them, pull requests among them."""

from __future__ import annotations

import json
from typing import Any

PEOPLE = ("octo-reporter", "octo-fixer")


def _issue(number: int, title: str, created: str, updated: str, *, state: str = "open", **more: Any) -> dict[str, Any]:
    return {
        "url": f"https://api.github.example/repos/ops/desk/issues/{number}",
        "repository_url": "https://api.github.example/repos/ops/desk",
        "html_url": f"https://github.example/ops/desk/issues/{number}",
        "id": 900000000 + number,
        "node_id": "I_kwDO",
        "number": number,
        "title": title,
        "user": {"login": "octo-reporter", "type": "User"},
        "labels": [{"id": 1, "name": name, "color": "ff0000"} for name in more.get("labels", ())],
        "state": state,
        "locked": False,
        "assignee": None if "assignee" not in more else {"login": more["assignee"], "type": "User"},
        "assignees": [] if "assignee" not in more else [{"login": more["assignee"], "type": "User"}],
        "milestone": None,
        "comments": 0,
        "created_at": created,
        "updated_at": updated,
        "closed_at": more.get("closed"),
        "body": more.get("body"),
        "state_reason": more.get("reason"),
        **({"pull_request": {"url": "https://api.github.example/pulls/1"}} if more.get("is_pull") else {}),
    }


def _rest() -> bytes:
    issues = [
        _issue(
            11,
            "API answers 502",
            "2026-10-25T00:30:00Z",
            "2026-10-25T04:00:00Z",
            state="closed",
            reason="completed",
            closed="2026-10-25T03:59:59Z",
            labels=("incident", "severity: critical"),
            assignee="octo-fixer",
            body="Since this night\n\n```\n502\n```",
        ),
        _issue(12, "Bump a library", "2026-11-01T08:00:00Z", "2026-11-01T08:00:00Z", is_pull=True),
        _issue(13, "Same as 11", "2026-11-02T08:00:00Z", "2026-11-02T09:00:00Z", state="closed", reason="duplicate",
               closed="2026-11-02T09:00:00Z"),
        _issue(14, "Wants a pony", "2026-11-03T08:00:00Z", "2026-11-03T09:00:00Z", state="closed", reason="not_planned",
               closed="2026-11-03T09:00:00Z", labels=("priority/P4",)),
        _issue(15, "Queue grows", "2026-11-04T08:00:00Z", "2026-11-06T10:00:00Z", reason="reopened",
               labels=("severity/high",)),
        _issue(16, "Search is empty", "2026-11-05T08:00:00Z", "2026-11-05T08:00:00Z", labels=("priority: someday",)),
        _issue(17, "Login loops", "2026-11-06T08:00:00Z", "2026-11-06T08:00:00Z", state="draft"),
    ]  # fmt: skip
    return json.dumps(issues, indent=2).encode()


EXPORTS = {"rest": _rest()}
