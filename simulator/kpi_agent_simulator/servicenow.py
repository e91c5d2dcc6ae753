"""A ServiceNow event log: one row per change of an incident, UTC to the second, states in English."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from kpi_agent_simulator.estate import Contract
from kpi_agent_simulator.hours import Clock
from kpi_agent_simulator.tickets import Deed, Event, Ticket
from kpi_agent_simulator.truth_incidents import life_deadline

HEADER = (
    "number",
    "incident_state",
    "active",
    "reassignment_count",
    "reopen_count",
    "sys_mod_count",
    "made_sla",
    "opened_at",
    "sys_created_at",
    "sys_updated_at",
    "contact_type",
    "category",
    "subcategory",
    "cmdb_ci",
    "business_service",
    "priority",
    "assignment_group",
    "assigned_to",
    "short_description",
    "hold_reason",
    "problem_id",
    "closed_code",
    "resolved_at",
    "closed_at",
)

_PRIORITIES = {"P1": "1 - Critical", "P2": "2 - High", "P3": "3 - Moderate", "P4": "4 - Low"}
_WAITING = {
    "customer": ("Awaiting User Info", "Awaiting Caller"),
    "vendor": ("Awaiting Vendor", "Awaiting Vendor"),
    "problem": ("Awaiting Problem", "Awaiting Problem"),
}
_GROUPS = ("Run L1", "Run L2", "Network", "Databases")
_ASSIGNEES = 8


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the log and the instant at which it was written; an empty cell is a null."""

    written: int
    cells: tuple[str, ...]


def log_rows(tickets: Iterable[Ticket], contract: Contract, clocks: Mapping[str, Clock]) -> list[Row]:
    """Return the whole log: incident by incident, each with its rows in time order."""
    return [row for ticket in tickets for row in _rows(ticket, contract, clocks)]


def write_servicenow(rows: Iterable[Row], as_of: int) -> str:
    """Return the text of the log as it was just before *as_of*."""
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(row.cells for row in rows if row.written < as_of)
    return text.getvalue()


def _rows(ticket: Ticket, contract: Contract, clocks: Mapping[str, Clock]) -> Iterator[Row]:
    """Yield the row of the opening and one per event."""
    state, reason, priority, reopened = "New", "", ticket.priority, 0
    resolved: int | None = None
    closed: int | None = None
    for step, event in enumerate((None, *ticket.events)):
        if event is not None:
            state, reason = _state_after(event, state, reason)
            priority = event.detail if event.deed is Deed.RAISE else priority
            reopened += event.deed is Deed.REOPEN
            if event.deed in {Deed.RESOLVE, Deed.REOPEN}:
                resolved = event.instant if event.deed is Deed.RESOLVE else None
            closed = event.instant if event.deed is Deed.CLOSE else closed
        written = ticket.opened if event is None else event.instant
        has_owner = state not in {"New", "Canceled"}
        cells = (
            f"INC{ticket.number:07d}",
            state,
            "false" if state in {"Closed", "Canceled"} else "true",
            str(min(step, 2)),
            str(reopened),
            str(step),
            "true" if _is_in_time(ticket.known(written + 1), contract, clocks, written) else "false",
            _utc(ticket.opened),
            _utc(ticket.opened),
            _utc(written),
            ticket.contact,
            ticket.category,
            f"{ticket.category} fault",
            ticket.host,
            ticket.service,
            _PRIORITIES[priority],
            _GROUPS[ticket.number % len(_GROUPS)],
            f"user{ticket.number % _ASSIGNEES + 1:02d}" if has_owner else "",
            ticket.title,
            reason,
            ticket.problem if has_owner else "",
            "Solved (Permanently)" if resolved is not None else "",
            _utc(resolved),
            _utc(closed),
        )
        yield Row(written, cells)


def _state_after(event: Event, state: str, reason: str) -> tuple[str, str]:
    """Return state and hold reason once *event* has happened; a raise changes neither."""
    if event.deed is Deed.RAISE:
        return state, reason
    if event.deed is Deed.HOLD:
        return _WAITING[event.detail]
    plain = {Deed.RESOLVE: "Resolved", Deed.CLOSE: "Closed", Deed.CANCEL: "Canceled"}
    return plain.get(event.deed, "Active"), ""


def _utc(instant: int | None) -> str:
    return "" if instant is None else f"{datetime.fromtimestamp(instant, UTC):%Y-%m-%d %H:%M:%S}"


def _is_in_time(ticket: Ticket, contract: Contract, clocks: Mapping[str, Clock], at: int) -> bool:
    """Tell what the desk's own flag said on a row written at *at*: it looks at the ticket's first life alone."""
    life = next(ticket.lives())
    deadline = life_deadline(ticket, life, contract, clocks)
    return deadline is None or deadline >= (at if life.resolved is None else life.resolved)
