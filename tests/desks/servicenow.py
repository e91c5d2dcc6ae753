"""ServiceNow: the list of incidents as CSV and workbook, its audit log, and the answers of the Table API."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from typing import Any

from workbooks import workbook

PEOPLE = ("Alice Durand", "Bob Martin", "Caller 2403", "Opened by  8", "Resolver 149")

CUT_AT = 10_000

_LIST = (
    "number", "opened_at", "sys_created_on", "short_description", "caller_id", "priority", "severity", "state",
    "category", "assignment_group", "assigned_to", "sys_updated_on", "sys_updated_by", "resolved_at", "closed_at",
    "hold_reason", "reopen_count", "made_sla", "calendar_stc", "business_stc", "calendar_duration", "cmdb_ci",
    "problem_id", "description",
)  # fmt: skip


def _incident(number: str, opened: str, priority: str, state: str, updated: str, **more: str) -> list[str]:
    told = {"number": number, "opened_at": opened, "priority": priority, "state": state, "sys_updated_on": updated,
            "sys_updated_by": "system", "caller_id": "Alice Durand", "severity": "1 - High", "reopen_count": "0",
            "sys_created_on": "2026-10-01 00:00:00", "made_sla": "true", **more}  # fmt: skip
    return [told.get(name, "") for name in _LIST]


_ROWS = (
    # A resolution in the hour that Paris has twice; the durations that ServiceNow made of it count what it likes.
    _incident("INC0010001", "2026-10-25 02:50:07", "1 - Critical", "Closed", "2026-11-06 09:00:00",
              short_description="Disk full on db1", category="Storage", assignment_group="Run",
              assigned_to="Bob Martin", resolved_at="2026-10-25 02:10:11", closed_at="2026-11-06 09:00:00",
              calendar_stc="1204", business_stc="0", calendar_duration="45667", cmdb_ci="db1", problem_id="PRB0040001",
              reopen_count="1"),
    _incident("INC0010002", "2026-11-02 09:15:00", "3 - Moderate", "On Hold", "2026-11-02 10:00:00",
              short_description="Cannot log in,\nportal", hold_reason="Awaiting Caller", made_sla="false"),
    _incident("INC0010003", "2026-11-03 09:15:00", "", "Canceled", "2026-11-03 10:00:00", short_description="Mistake"),
    _incident("INC0010004", "2026-11-03 09:15:00", "5 - Planning", "On Hold", "2026-11-03 10:00:00", hold_reason="5"),
    _incident("INC0010005", "2026-11-03 09:15:00", "2 - High", "Parked", "2026-11-03 10:00:00"),
    _incident("INC0010006", "2026-11-03 09:15:00", "2 - High", "Resolved", "2026-11-03 10:00:00",
              resolved_at="2026-11-02 09:15:00"),
)  # fmt: skip


def _written(rows: Sequence[Sequence[str]], header: Sequence[str] = _LIST) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def long_export(rows: int) -> bytes:
    opened = ("2026-11-02 09:15:00", "4 - Low", "New", "2026-11-02 09:15:00")
    return _written([_incident(f"INC{n:07}", *opened) for n in range(rows)]).encode()


def _late_byte() -> bytes:
    """A list in cp1252 that is ASCII for longer than one would look."""
    rows = [_incident(f"INC002000{n}", "2026-11-02 09:15:00", "4 - Low", "New", "2026-11-02 09:15:00",
                      description="x" * 30_000) for n in range(3)]  # fmt: skip
    rows.append(_incident("INC0020003", "2026-11-02 09:15:00", "4 - Low", "New", "2026-11-02 09:15:00",
                          short_description="printer \u2013 caf\xe9", assignment_group="R\xe9seau"))  # fmt: skip
    return _written(rows).encode("cp1252")


_LABELS = ("Number", "State", "Severity", "Created", "Last update", "Severity", "Short description", "Opened by")
_LABELLED = (
    (
        "INC1",
        "In Progress",
        "1 - High",
        "03-13-2026 18:08:55",
        "03-14-2026 07:10:00",
        "2 - High",
        "slow",
        "Alice Durand",
    ),
    (
        "INC2",
        "Resolved",
        "3 - Low",
        "03-09-2026 16:30:00",
        "03-18-2026 08:00:00",
        "4 - Low",
        "slow again",
        "Bob Martin",
    ),
)

_SHEET = (
    ("Number", "Opened", "Created", "Short description", "Priority", "State", "Category", "Assignment group",
     "Assigned to", "Updated", "Resolved", "Closed", "On hold reason", "Reopen count", "Made SLA"),
    ("INC0010001", "3/17/2026 6:04", "3/18/2026 6:04", "Portal down", "1 - Critical", "Closed", "Web", "Run",
     "Bob Martin", "3/28/2026 7:10", "3/17/2026 9:00", "3/28/2026 7:10", "", 2, "true"),
    ("INC0010002", "3/9/2026 16:30", "3/9/2026 16:30", "Slow", "3 - Moderada", "On Hold", "Web", "Run", "",
     "3/18/2026 8:00", "", "", "Awaiting Vendor", 0, "false"),
)  # fmt: skip

_PT = (
    ("Número", "Criado em", "Prioridade", "Motivo para estar em espera"),
    ("INC0010001", "2026-03-17 06:04:00", "3 - Moderada", ""),
)

_LOG = (
    "number", "incident_state", "active", "reassignment_count", "reopen_count", "sys_mod_count", "made_sla",
    "caller_id", "opened_by", "opened_at", "sys_created_by", "sys_created_at", "sys_updated_by", "sys_updated_at",
    "contact_type", "location", "category", "subcategory", "u_symptom", "cmdb_ci", "impact", "urgency", "priority",
    "assignment_group", "assigned_to", "knowledge", "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor",
    "caused_by", "closed_code", "resolved_by", "resolved_at", "closed_at",
)  # fmt: skip


def _event(number: str, state: str, at: str, priority: str = "3 - Moderate", **more: str) -> list[str]:
    told = {"number": number, "incident_state": state, "sys_updated_at": at, "priority": priority, "active": "true",
            "reopen_count": "0", "made_sla": "true", "caller_id": "Caller 2403", "opened_by": "Opened by  8",
            "opened_at": "1/10/2026 08:00", "sys_created_at": "1/10/2026 08:05", "category": "Category 55",
            "assignment_group": "Group 56", "impact": "2 - Medium", "urgency": "2 - Medium", **more}  # fmt: skip
    return [told.get(name, "?") for name in _LOG]


_DONE = {"resolved_at": "2/10/2026 10:00", "closed_at": "13/10/2026 10:00", "reopen_count": "1", "made_sla": "false",
         "assigned_to": "Resolver 149", "problem_id": "Problem ID  2"}  # fmt: skip
# Codes of the present release, one wait for each of its reasons.
_CODED = ("number", "state", "opened_at", "sys_updated_on", "priority", "hold_reason")
_CODES = tuple(
    ("INC9", state, "2026-11-02 08:00:00", f"2026-11-02 {hour:02}:00:00", "1", reason)
    for hour, (state, reason) in enumerate(
        (("1", ""), ("2", ""), ("3", "1"), ("3", "3"), ("3", "4"), ("3", "5"), ("2", ""), ("8", "")), start=8
    )
)
_EVENTS = (
    _event("INC0000045", "New", "1/10/2026 08:01", **_DONE),
    _event("INC0000045", "Active", "1/10/2026 08:20", **_DONE),
    _event("INC0000045", "Awaiting User Info", "1/10/2026 09:00", "2 - High", **_DONE),
    _event("INC0000045", "Awaiting User Info", "1/10/2026 09:30", "2 - High", **_DONE),
    _event("INC0000045", "Active", "1/10/2026 11:00", "2 - High", **_DONE),
    _event("INC0000045", "Resolved", "1/10/2026 12:00", "2 - High", **_DONE),
    _event("INC0000045", "Active", "1/10/2026 15:00", "2 - High", **_DONE),
    _event("INC0000045", "-100", "1/10/2026 16:00", "2 - High", **_DONE),
    _event("INC0000045", "Resolved", "2/10/2026 10:00", "2 - High", **_DONE),
    _event("INC0000045", "Closed", "13/10/2026 10:00", "2 - High", **_DONE),
    _event("INC0000047", "New", "1/10/2026 08:01"),
    _event("INC0000047", "Awaiting Problem", "1/10/2026 10:00"),
    _event("INC0000047", "Awaiting Vendor", "1/10/2026 12:00"),
    _event("INC0000048", "New", "1/10/2026 08:01"),
    _event("INC0000048", "Parked", "1/10/2026 08:02"),
)


def _reference(table: str, key: str) -> dict[str, str]:
    return {"link": f"https://desk.example/api/now/table/{table}/{key}", "value": key}


def _record(**more: Any) -> dict[str, Any]:
    return {"sys_class_name": "incident", "made_sla": "true", "reopen_count": "0", "resolved_at": "", "closed_at": "",
            "hold_reason": "", "problem_id": "", "assigned_to": "", "calendar_stc": "", "business_stc": "",
            "reopened_time": "", "caller_id": _reference("sys_user", "5137153cc611227c000bbd1bd8cd2005"),
            **more}  # fmt: skip


_RAW = (
    _record(number="INC0000055", state="6", incident_state="6", priority="1", opened_at="2026-10-25 00:50:07",
            sys_created_on="2026-10-25 00:51:07", sys_updated_on="2026-10-25 01:20:00",
            resolved_at="2026-10-25 01:10:11", short_description="SAP down", category="software",
            assignment_group=_reference("sys_user_group", "287ebd7da9fe198100f92cc8d1d2154e"), calendar_stc="1204",
            business_stc="0", reopen_count="1", reopened_time="2026-10-25 01:00:00",
            assigned_to=_reference("sys_user", "7b1"), problem_id=_reference("problem", "9d3")),
    *(_record(number=f"INC000006{code}", state="3", incident_state="3", priority="4", hold_reason=code,
              opened_at="2026-11-02 08:00:00", sys_updated_on="2026-11-02 09:00:00", made_sla="false")
      for code in ("1", "3", "4", "5")),
    *(_record(number=f"INC000007{state}", state=state, incident_state=state, priority="5",
              opened_at="2026-11-02 08:00:00", sys_updated_on="2026-11-02 09:00:00") for state in ("1", "2", "7", "8")),
    _record(number="INC0000080", state="42", incident_state="42", priority="5", opened_at="2026-11-02 08:00:00",
            sys_updated_on="2026-11-02 09:00:00"),
)  # fmt: skip

_DISPLAYED = (
    _record(number="INC0000055", state="Resolved", incident_state="Resolved", priority="1 - Critical",
            sys_class_name="Incident", opened_at="2026-10-25 02:50:07", sys_updated_on="2026-10-25 02:20:00",
            resolved_at="2026-10-25 02:10:11", short_description="SAP down",
            assignment_group={"display_value": "Database", "link": "https://desk.example/api/now/table/sys_user_group/2"},
            assigned_to={"display_value": "Bob Martin", "link": "https://desk.example/api/now/table/sys_user/7"},
            caller_id={"display_value": "Alice Durand", "link": "https://desk.example/api/now/table/sys_user/5"}),
)  # fmt: skip


def _both(**fields: tuple[str, str]) -> Mapping[str, Mapping[str, str]]:
    return {name: {"display_value": shown, "value": value} for name, (shown, value) in fields.items()}


_ALL = (
    _both(number=("INC0000055", "INC0000055"), state=("On Hold", "3"), priority=("2 - High", "2"),
          opened_at=("11-02-2026 09:00:00", "2026-11-02 08:00:00"), made_sla=("false", "false"),
          sys_updated_on=("11-02-2026 10:00:00", "2026-11-02 09:00:00"), resolved_at=("", ""), closed_at=("", ""),
          reopen_count=("2", "2"), short_description=("SAP slow", "SAP slow"), hold_reason=("Awaiting Vendor", "4"),
          assignment_group=("Database", "287ebd7da9fe198100f92cc8d1d2154e"), assigned_to=("Bob Martin", "7b1"),
          caller_id=("Alice Durand", "5137"), sys_class_name=("Incident", "incident")),
)  # fmt: skip


def _answer(records: Sequence[Mapping[str, Any]]) -> bytes:
    return json.dumps({"result": records}).encode()


EXPORTS = {
    "list": _written(_ROWS).encode(),
    "late_byte": _late_byte(),
    "labels": _written(_LABELLED, _LABELS).encode(),
    "sheet": workbook(_SHEET),
    "portuguese": workbook(_PT),
    "log": _written(_EVENTS, _LOG).encode(),
    "log_raw": _written(_CODES, _CODED).encode(),
    "table_raw": _answer(_RAW),
    "table_displayed": _answer(_DISPLAYED),
    "table_all": _answer(_ALL),
}
