"""Jira and Jira Service Management: searches as CSV in three languages, and the answer of the REST API."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

PEOPLE = ("Ada Agent", "5f1a2b", "Rita Reporter", "5f9c0d", "Bot Monitoring")

CUT_AT = 1000

# Repeated headers are the product's own: one column per comment, label and logged hour.
_EN = (
    "Summary", "Issue key", "Issue id", "Issue Type", "Status", "Project key", "Priority", "Resolution", "Assignee",
    "Assignee Id", "Reporter", "Reporter Id", "Created", "Updated", "Last Viewed", "Resolved", "Due date", "Labels",
    "Labels", "Component/s", "Description", "Log Work", "Log Work", "Custom field (Request Type)",
    "Custom field (Time to first response)", "Custom field (Time to resolution)", "Comment", "Comment", "Comment",
    "Status Category", "Status Category Changed",
)  # fmt: skip


def _row(key: str, title: str, kind: str, state: str, category: str, created: str, **more: str) -> list[str]:
    return [
        title, key, f"10{key.split('-')[1]}", kind, state, "OPS", more.get("priority", "Medium"),
        more.get("resolution", ""), more.get("assignee", ""), "5f1a2b" if more.get("assignee") else "", "Rita Reporter",
        "5f9c0d", created, more.get("updated", created), "", more.get("resolved", ""), "", "linux", "",
        more.get("component", ""), more.get("description", ""), "", "", "Report an outage", more.get("first", ""),
        more.get("left", ""), more.get("comment", ""), "", "", category, more.get("changed", created),
    ]  # fmt: skip


def _written(header: Sequence[str], rows: Sequence[Sequence[str]], *, bom: bool, delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return (b"\xef\xbb\xbf" if bom else b"") + text.getvalue().encode()


def _cloud() -> bytes:
    rows = [
        _row("OPS-11", "Shop down", "[System] Incident", "Resolved", "Done", "06/Jan/26 9:29 AM", priority="Highest",
             resolution="Done", assignee="Ada Agent", resolved="06/Jan/26 1:05 PM", updated="07/Jan/26 8:00 AM",
             changed="06/Jan/26 1:05 PM", left="0:24", first="0:10", component="Shop",
             description='It says "502",\nsince nine,\n\neverywhere',
             comment="06/Jan/26 9:35 AM;5f1a2b;We look, at it"),
        # No resolution was set by the workflow: the change into Done is the only trace of it.
        _row("OPS-12", "Printer, again", "[System] Service request", "Shipped", "Done", "09/Mar/26 12:10 AM",
             updated="12/Mar/26 8:00 AM", changed="10/Mar/26 12:00 PM", left="-31:15"),
        # A state of the site's own, and an hour that does not exist in Paris.
        _row("OPS-13", "Slow", "Task", "Triage by lead", "In Progress", "29/Mar/26 2:30 AM", assignee="Ada Agent"),
        _row("OPS-14", "Shop down too", "[System] Incident", "Closed", "Done", "06/Jan/26 9:40 AM", priority="Highest",
             resolution="Duplicate", resolved="06/Jan/26 10:00 AM", changed="06/Jan/26 10:00 AM",
             updated="06/Jan/26 10:00 AM"),
        _row("OPS-15", "Waits", "Incident", "Waiting for customer", "In Progress", "01/Nov/26 9:00 AM",
             changed="02/Nov/26 9:00 AM", updated="02/Nov/26 9:00 AM", priority="Low"),
        _row("OPS-16", "A story", "Epic", "To Do", "To Do", "03/Nov/26 9:00 AM"),
        _row("OPS-17", "Ours", "Incident", "To Do", "To Do", "03/Nov/26 9:00 AM", priority="P0 - Burning"),
        _row("OPS-18", "Neither", "Incident", "Parked", "Someday", "03/Nov/26 9:00 AM"),
    ]  # fmt: skip
    content = _written(_EN, rows, bom=True)
    # Labels with a comma that nobody quoted: wider than the header.
    odd = _row("OPS-19", "Wide", "Incident", "To Do", "To Do", "04/Nov/26 9:00 AM")
    return content + ",".join(odd).replace("linux", "linux,disk").encode() + b"\n"


def _service_management_es() -> bytes:
    header = (
        "Resumen", "Clave de incidencia", "Tipo de incidencia", "Estado", "Prioridad", "Creada", "Actualizada",
        "Resuelta", "Campo personalizado (Time to first response)", "Campo personalizado (Time to resolution)",
        "Categoría de estado", "Categoría de estado modificada",
    )  # fmt: skip
    rows = [
        ("Caída del correo", "ITSM-1", "[System] Incident", "Listo", "High", "18/jul/26 9:10 AM", "18/jul/26 10:53 AM",
         "", "2:18", "22:17", "Listo", "18/jul/26 10:53 AM"),
        ("Acceso", "ITSM-2", "[System] Service request", "Por hacer", "Low", "03/ago/26 12:05 PM", "03/ago/26 12:05 PM",
         "", "", "", "Por hacer", "03/ago/26 12:05 PM"),
    ]  # fmt: skip
    return _written(header, rows, bom=False)


def _server_fr() -> bytes:
    header = (
        "Résumé", "Clé de ticket", "Type de ticket", "État", "Priorité", "Création", "Mise à jour", "Résolue",
        "Clé parent", "Lien du ticket entrant (Blocks)", "Champs personnalisés (Time to resolution)",
        "Catégorie d'état", "Catégorie d'état modifiée",
    )  # fmt: skip
    rows = [
        ("Panne « paie »", "EXP-7", "Incident", "Terminé", "Highest", "02/févr./26 9:29 AM", "05/févr./26 6:00 PM",
         "04/févr./26 11:45 AM", "", "EXP-3", "-0:01", "Terminé", "04/févr./26 11:45 AM"),
        ("Lenteur", "EXP-8", "Incident", "À qualifier", "Lowest", "14/août/26 12:00 AM", "14/août/26 12:00 AM", "",
         "EXP-7", "", "", "À faire", "14/août/26 12:00 AM"),
    ]  # fmt: skip
    return _written(header, rows, bom=False, delimiter=";")


def _resaved() -> bytes:
    rows = [
        _row("OPS-21", "Old", "Incident", "Done", "Done", "10/12/2022 13:52", resolved="11/12/2022 9:05",
             updated="23/12/2022 9:05", changed="11/12/2022 9:05"),
    ]  # fmt: skip
    return _written(_EN, rows, bom=False).replace(b"\n", b"\r\n")


def _ambiguous() -> bytes:
    rows = [_row("OPS-22", "Old", "Incident", "To Do", "To Do", "10/12/2022 13:52")]
    return _written(_EN, rows, bom=False)


def long_export(rows: int) -> bytes:
    many = (_row(f"OPS-{n}", "One", "Incident", "To Do", "To Do", "03/Nov/26 9:00 AM") for n in range(1, rows + 1))
    return _written(_EN, list(many), bom=True)


def _clock(name: str, *left: int) -> dict[str, Any]:
    """Return a service level's clock, with the milliseconds that were left at the end of each of its cycles."""
    goal = 14_400_000
    return {
        "id": "3", "name": name, "_links": {"self": "https://desk.example/rest/servicedeskapi/sla/3"},
        "completedCycles": [
            {"breached": one < 0, "goalDuration": {"millis": goal, "friendly": "4h"},
             "elapsedTime": {"millis": goal - one, "friendly": "?"}, "remainingTime": {"millis": one, "friendly": "?"},
             "breachTime": {"iso8601": "2026-11-02T14:00:00+0100"}}
            for one in left
        ],
    }  # fmt: skip


def _issue(key: str, state: str, category: str, created: str, **more: Any) -> dict[str, Any]:
    histories = more.get("histories")
    log = {} if histories is None else {
        "changelog": {"startAt": 0, "maxResults": 100, "total": more.get("total", len(histories)), "histories": histories}
    }  # fmt: skip
    return {
        "id": "1", "key": key, "self": f"https://desk.example/rest/api/3/issue/{key}", **log,
        "fields": {
            "summary": more.get("title", "Mail down"), "issuetype": {"name": more.get("kind", "Incident"), "subtask": False},
            "status": {"name": state, "statusCategory": {"id": 3, "key": category}},
            "priority": {"name": more.get("priority", "High")}, "resolution": more.get("resolution"),
            "components": [{"name": "Mail"}, {"name": "Web"}], "assignee": more.get("assignee"),
            "reporter": {"displayName": "Rita Reporter"}, "created": created, "updated": more.get("updated", created),
            "resolutiondate": more.get("resolved"), "statuscategorychangedate": more.get("changed", created),
            "duedate": "2026-12-01", "issuelinks": [],
            "customfield_10030": _clock("Time to first response", -1), "customfield_10031": _clock("Time to resolution", *more.get("left", ())),
        },
    }  # fmt: skip


def _change(at: str, field: str, before: str, after: str, who: str = "Ada Agent") -> dict[str, Any]:
    item = {"field": field, "fieldtype": "jira", "fromString": before, "toString": after}
    return {"id": "9", "author": {"displayName": who, "accountId": "5f1a2b"}, "created": at, "items": [item]}


def _search() -> bytes:
    issues = [
        # An offset without a colon, milliseconds.
        _issue("OPS-31", "Done", "done", "2026-06-12T08:13:13.360+0800", updated="2026-06-13T08:13:13.360+0800",
               changed="2026-06-12T10:00:00.000+0800", assignee={"displayName": "Ada Agent", "accountId": "5f1a2b"}),
        _issue("OPS-32", "Odd", "new", "2026-06-14T08:00:00.000+0000", priority="Lowest"),
    ]  # fmt: skip
    return json.dumps({"issues": issues, "isLast": True}).encode()


def _changelog() -> bytes:
    histories = [
        _change("2026-11-02T08:01:00.000+0000", "status", "To Do", "In Progress", "Bot Monitoring"),
        _change("2026-11-02T08:20:00.000+0000", "priority", "High", "Highest"),
        _change("2026-11-02T08:30:00.000+0000", "status", "In Progress", "Waiting for customer"),
        _change("2026-11-02T09:30:00.000+0000", "status", "Waiting for customer", "In Progress"),
        _change("2026-11-02T09:31:00.000+0000", "assignee", "", "Ada Agent"),
        _change("2026-11-02T10:00:00.000+0000", "status", "In Progress", "Done"),
        _change("2026-11-03T10:00:00.000+0000", "status", "Done", "In Progress"),
        _change("2026-11-03T12:00:00.000+0000", "status", "In Progress", "Done"),
    ]
    issues = [
        _issue("OPS-41", "Done", "done", "2026-11-02T08:00:00.000+0000", updated="2026-11-03T12:00:00.000+0000",
               resolved="2026-11-03T12:00:00.000+0000", changed="2026-11-03T12:00:00.000+0000", priority="Highest",
               histories=histories[::-1], assignee={"displayName": "Ada Agent"}),
        _issue("OPS-42", "To Do", "new", "2026-11-04T08:00:00.000+0000", histories=[]),
    ]  # fmt: skip
    return json.dumps({"startAt": 0, "maxResults": 50, "total": 2, "issues": issues}).encode()


def _service_management() -> bytes:
    robot = "Bot Monitoring"
    issues = [
        # Waiting for support is how a request begins. Answered once, then reopened: a cycle of the clock for each.
        _issue("SUP-1", "Resolved", "done", "2026-11-02T08:00:00.000+0000", updated="2026-11-04T08:00:00.000+0000",
               resolved="2026-11-04T07:30:00.000+0000", resolution={"name": "Done"}, left=(600_000, -60_000),
               histories=[
                   _change("2026-11-02T09:00:00.000+0000", "status", "Waiting for support", "In Progress"),
                   _change("2026-11-03T09:00:00.000+0000", "status", "In Progress", "Resolved"),
                   _change("2026-11-04T07:00:00.000+0000", "status", "Resolved", "Waiting for support"),
                   _change("2026-11-04T07:30:00.000+0000", "status", "Waiting for support", "Resolved"),
               ]),
        # Only a robot moved it; nobody has taken it.
        _issue("SUP-2", "In Progress", "indeterminate", "2026-11-05T08:00:00.000+0000",
               updated="2026-11-06T08:00:00.000+0000",
               histories=[_change("2026-11-05T08:00:10.000+0000", "status", "Open", "In Progress", robot)]),
        # Open again, with the resolution that the workflow did not take back.
        _issue("SUP-3", "To Do", "new", "2026-11-05T08:00:00.000+0000", updated="2026-11-06T10:00:00.000+0000",
               resolution={"name": "Duplicate"}, left=(0,),
               histories=[
                   _change("2026-11-06T09:00:00.000+0000", "status", "To Do", "Closed", robot),
                   _change("2026-11-06T10:00:00.000+0000", "status", "Closed", "To Do", robot),
               ]),
    ]  # fmt: skip
    return json.dumps({"issues": issues, "isLast": True}).encode()


def _first_page() -> bytes:
    one = _issue("OPS-61", "Closed", "done", "2026-11-05T08:00:00.000+0000", changed="2026-11-05T09:00:00.000+0000",
                 updated="2026-11-05T09:00:00.000+0000", resolution={"name": "Done"})  # fmt: skip
    return json.dumps({"issues": [one], "isLast": False, "nextPageToken": "CAEaAggD"}).encode()


def _server_page() -> bytes:
    one = _issue("OPS-62", "Open", "new", "2026-11-05T08:00:00.000+0000")
    return json.dumps({"startAt": 0, "maxResults": 1, "total": 2, "issues": [one]}).encode()


def _cut_changelog() -> bytes:
    histories = [_change("2026-11-02T08:01:00.000+0000", "status", "To Do", "Done")]
    one = _issue("OPS-51", "Done", "done", "2026-11-02T08:00:00.000+0000", histories=histories, total=41)
    return json.dumps({"issues": [one]}).encode()


EXPORTS = {
    "cloud_en": _cloud(),
    "service_es": _service_management_es(),
    "server_fr": _server_fr(),
    "resaved": _resaved(),
    "ambiguous": _ambiguous(),
    "search": _search(),
    "changelog": _changelog(),
    "service_management": _service_management(),
    "first_page": _first_page(),
    "server_page": _server_page(),
    "cut_changelog": _cut_changelog(),
}
