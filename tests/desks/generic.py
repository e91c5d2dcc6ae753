"""A desk without a profile: tables and JSON named as the normalised fields, in the formats that people have at hand."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime

from workbooks import workbook

PEOPLE = ("Anne Analyst", "Carl Caller")

_NAMED = (
    "id", "kind", "title", "state", "priority", "category", "entity", "service", "host", "group", "assignee", "opened",
    "responded", "assigned", "started", "replied", "resolved", "closed", "updated", "reopened", "reopen_count",
    "response_duration", "hold_total", "time_spent", "problem", "merged_into", "url", "desk_met", "requester",
)  # fmt: skip

_EVERYTHING = {
    "id": "T-1", "kind": "incident", "title": "Shop down", "state": "closed", "priority": "P1", "category": "Web",
    "entity": "ACME", "service": "Shop", "host": "web01", "group": "Unix", "assignee": "Anne Analyst",
    "opened": "2026-10-25 02:30:00", "responded": "2026-10-25 02:35:00", "assigned": "2026-10-25 02:35:00",
    "started": "2026-10-25 02:10:00", "replied": "2026-10-25 02:20:00", "resolved": "2026-10-25 04:00:00",
    "closed": "2026-10-28 04:00:00", "updated": "2026-10-28 04:00:00", "reopened": "2026-10-26 09:00:00",
    "reopen_count": "1", "response_duration": "5 min", "hold_total": "1 h 30 min", "time_spent": "5400",
    "problem": "P-7", "merged_into": "", "url": "https://desk.example/T-1", "desk_met": "yes",
    "requester": "Carl Caller",
}  # fmt: skip
_REQUEST = {
    "id": "T-2", "kind": "service request", "title": "New\nlaptop; black", "state": "waiting", "priority": "P4",
    "opened": "2026-11-02 09:00:00", "updated": "2026-11-03 09:00:00", "requester": "Carl Caller",
}  # fmt: skip
_MERGED = {
    "id": "T-3", "kind": "incident", "title": "Shop is down", "state": "merged", "priority": "P1",
    "opened": "2026-10-25 05:00:00", "closed": "2026-10-25 05:10:00", "updated": "2026-10-25 05:10:00",
    "merged_into": "T-1",
}  # fmt: skip
_WITHOUT_PRIORITY = {"id": "T-4", "title": "Late", "state": "open", "opened": "2026-11-04 09:00:00", "desk_met": "no"}
_ODD = {"id": "T-5", "title": "Odd", "state": "parked", "opened": "2026-11-05 09:00:00"}
_UNCLEAR = {"id": "T-6", "title": "Unclear", "state": "new", "priority": "2", "opened": "2026-11-06 09:00:00"}

_ROWS = [_EVERYTHING, _REQUEST, _MERGED, _WITHOUT_PRIORITY, _ODD, _UNCLEAR]


def _table(separator: str, line_end: str) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, _NAMED, restval="", delimiter=separator, lineterminator=line_end)
    writer.writeheader()
    writer.writerows(_ROWS)
    return text.getvalue()


def _french() -> bytes:
    header = "Numéro;Type;Titre;État;Priorité;Équipe;Intervenant;Ouvert le;Pris en compte le;Résolu le;Clos le;SLA tenu"
    rows = [
        "12 001;Incident;Panne « totale »;Résolu;Critique;Système;Anne Analyst;2026-11-10 09:00;2026-11-10 09:05;2026-11-10 11:00;;Non",
        "12 002;Demande;Accès;En attente;P3;Système;;2026-11-11 09:00;;;;Oui",
    ]
    return "\r\n".join([header, *rows, ""]).encode("cp1252")


def _xlsx() -> bytes:
    rows: list[list[str | int | float | bool | datetime | None]] = [
        ["id", "kind", "title", "state", "priority", "opened", "resolved", "reopen_count", "time_spent", "desk_met"],
        [1001, "incident", "Line one\nline two", "resolved", "P2", datetime(2026, 10, 25, 2, 30, 0),  # noqa: DTZ001 - a spreadsheet's dates have no zone
         datetime(2026, 10, 25, 2, 10, 0), 0, 3600, True],  # noqa: DTZ001 - see above
        [1002, "request", "Badge", "open", None, datetime(2026, 11, 2, 9, 0, 0), None, 0, None, False],  # noqa: DTZ001 - see above
        [1003, "incident", "Odd", "open", "P9", datetime(2026, 11, 2, 9, 0, 0), None, 0, None, None],  # noqa: DTZ001 - see above
    ]  # fmt: skip
    return workbook(rows)


def _json() -> bytes:
    tickets = [
        {"id": 31, "kind": "incident", "title": "Line one\nline two", "state": "resolved", "priority": "P1",
         "opened": "2026-10-25T00:30:00Z", "responded": "2026-10-25T02:31:00+02:00", "resolved": "2026-10-25T03:00:00.9Z",
         "reopen_count": 0, "time_spent": 1800, "desk_met": True, "assignee": "Anne Analyst"},
        {"id": 32, "state": "open", "opened": "2026-11-02T09:00:00+01:00", "priority": None, "hold_total": 600},
        {"id": 33, "state": "lost", "opened": "2026-11-02T09:00:00+01:00"},
    ]  # fmt: skip
    return json.dumps({"exported": "2026-11-23T10:00:00Z", "tickets": tickets}).encode()


EXPORTS = {
    "csv": _table(",", "\n").encode(),
    "tsv": _table("\t", "\r\n").encode("utf-16"),
    "fr": _french(),
    "xlsx": _xlsx(),
    "json": _json(),
}
