"""Zammad: the spreadsheet of the ticket report, and tickets of the REST API with names and with bare numbers."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from workbooks import Cell, workbook

PEOPLE = ("Ada Agent", "Rita Reporter", "ada@desk.example")

_HEADER = (
    "#", "Title", "State", "Priority", "Group", "Owner", "Customer", "Organization", "Create Channel", "Sender", "Tags",
    "Time Units Total", "Created At", "Updated At", "Closed At", "Close Escalation At", "Close In Min",
    "Close Diff In Min", "First Response At", "First Response Escalation At", "First Response In Min",
    "First Response Diff In Min", "Update Escalation At", "Update In Min", "Update Diff In Min", "Last Contact At",
    "Last Contact Agent At", "Last Contact Customer At", "Article Count", "Escalation At",
)  # fmt: skip


def _at(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _line(number: int, title: str, state: str, priority: str, created: str, updated: str, **more: Any) -> list[Cell]:
    return [
        number, title, state, priority, more.get("group", "Support"), more.get("owner", "-"), "Rita Reporter",
        "ACME SAS", "email", "Customer", "", more.get("spent", 0.0), _at(created), _at(updated), _at(more.get("closed")),
        None, more.get("took"), more.get("left"), _at(more.get("first")), None, more.get("first_took"),
        more.get("first_left"), None, None, None, _at(updated), None, None, 3, None,
    ]  # fmt: skip


def _report() -> bytes:
    rows = [
        _line(31001, "Mail down\r\nagain", "closed", "3 high", "2026-11-02 09:00:00", "2026-11-02 12:00:00",
              closed="2026-11-02 12:00:00", first="2026-11-02 09:12:30", first_took=12, first_left=18, took=180, left=60,
              owner="Ada Agent"),
        # Closed, taken up again, and closed two days later: the first closing is all that is told.
        _line(31002, "Slow", "closed", "2 normal", "2026-11-03 09:00:00", "2026-11-05 09:00:00",
              closed="2026-11-03 10:00:00", took=60, left=-480),
        # Without a target of its own a ticket has no minutes at all.
        _line(31003, "Question", "pending close", "1 low", "2026-11-06 09:00:00", "2026-11-06 10:00:00",
              first="2026-11-06 10:00:00"),
        _line(31004, "Mail down too", "merged", "3 high", "2026-11-02 09:05:00", "2026-11-02 09:20:00"),
        _line(31005, "Odd", "in analysis", "2 normal", "2026-11-07 09:00:00", "2026-11-07 09:00:00"),
    ]  # fmt: skip
    return _sheet(_HEADER, rows, "Timezone: Europe/Paris")


def _sheet(header: tuple[str, ...], rows: list[list[Cell]], last: str) -> bytes:
    """Return a workbook as Zammad lays it out: a title, the header, the tickets, and the zone below."""
    return workbook([["2026-11"], [None], header, *rows, [None], [last]], name="Sheet1")


_FRENCH = {
    "Title": "Titre", "State": "Statut", "Priority": "Priorité", "Group": "Groupe", "Owner": "Propriétaire",
    "Customer": "Client", "Organization": "Organisation", "Create Channel": "Canal de création",
    "Created At": "Créé le", "Updated At": "Mis à jour le", "Closed At": "Cloturé le",
    "Close Escalation At": "Cloturer l'escalade le", "Close In Min": "Cloture dans Min",
    "Close Diff In Min": "Différence de clôture en min", "First Response At": "Première réponse à",
    "First Response Escalation At": "Première réponse après escalade à",
    "First Response In Min": "Première réponse en min",
    "First Response Diff In Min": "Différence entre première réponse en min", "Escalation At": "Escaladé le",
}  # fmt: skip


def _report_fr() -> bytes:
    # The words of states and priorities stay as they are in the database.
    rows = [
        _line(32001, "Panne générale", "closed", "3 high", "2026-10-25 02:30:00", "2026-10-25 04:00:00",
              closed="2026-10-25 04:00:00", first="2026-10-25 02:05:00", left=-1, owner="Ada Agent"),
        _line(32002, "Timezone: which?", "pending reminder", "2 normal", "2026-11-02 09:00:00", "2026-11-02 09:30:00"),
    ]  # fmt: skip
    return _sheet(tuple(_FRENCH.get(name, name) for name in _HEADER), rows, "Fuseau horaire: Europe/Paris")


def _ticket(ident: int, created: str, updated: str, **more: Any) -> dict[str, Any]:
    return {
        "id": ident, "group_id": 1, "priority_id": more.get("priority_id", 2), "state_id": more.get("state_id", 2),
        "organization_id": 7, "number": str(31000 + ident), "title": more.get("title", "Mail down"), "owner_id": 3,
        "customer_id": 4, "note": None, "first_response_at": more.get("first"),
        "first_response_escalation_at": None, "first_response_in_min": None, "first_response_diff_in_min": None,
        "close_at": more.get("closed"), "close_escalation_at": None, "close_in_min": more.get("took"),
        "close_diff_in_min": more.get("left"), "last_close_at": more.get("last", more.get("closed")), "pending_time": more.get("until"),
        "created_at": created, "updated_at": updated, "article_count": 2, **more.get("names", {}),
    }  # fmt: skip


def _rest() -> bytes:
    names = {
        "state": "closed",
        "priority": "3 high",
        "group": "Support",
        "owner": "ada@desk.example",
        "organization": "ACME",
    }
    tickets = [
        _ticket(101, "2021-11-03T11:51:13.759Z", "2021-11-04T08:00:00.000Z", closed="2021-11-03T15:00:00.001Z",
                first="2021-11-03T12:00:00.000Z", took=189, left=-9, names=names),
        # Reopened: the desk keeps the old closing beside the open state.
        _ticket(102, "2021-11-05T08:00:00.000Z", "2021-11-08T08:00:00.000Z", closed="2021-11-05T09:00:00.000Z",
                names=names | {"state": "open", "owner": "-"}),
        # Reopened, and closed again.
        _ticket(103, "2021-11-05T08:00:00.000Z", "2021-11-09T08:00:00.000Z", closed="2021-11-05T09:00:00.000Z",
                last="2021-11-09T08:00:00.000Z", left=0, names=names),
    ]  # fmt: skip
    return json.dumps(tickets).encode()


def _numbers() -> bytes:
    tickets = [
        _ticket(201, "2026-11-02T08:00:00.000Z", "2026-11-02T09:00:00.000Z", state_id=3, priority_id=3,
                until="2026-12-24T08:00:00.000Z"),
        _ticket(202, "2026-11-03T08:00:00.000Z", "2026-11-03T09:00:00.000Z", state_id=4, closed="2026-11-03T09:00:00.000Z"),
        _ticket(203, "2026-11-04T08:00:00.000Z", "2026-11-04T09:00:00.000Z", state_id=9),
    ]  # fmt: skip
    return json.dumps(tickets).encode()


EXPORTS = {"report": _report(), "report_fr": _report_fr(), "rest": _rest(), "numbers": _numbers()}
