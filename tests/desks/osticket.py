"""osTicket: CSV exports of a queue, with a byte order mark, separated by what the agent's language takes."""

from __future__ import annotations

PEOPLE = ("Agnes Agent", "Rita Requester", "rita@customer.example")

_HEADER = (
    "Ticket Number", "Date Created", "Subject", "From", "From Email", "Priority", "Department", "Help Topic", "Source",
    "Current Status", "Last Updated", "SLA Due Date", "SLA Plan", "Due Date", "Closed Date", "Overdue", "Merged",
    "Linked", "Answered", "Agent Assigned", "Team Assigned", "Thread Count", "Reopen Count", "Attachment Count",
    "Task Count", "Issue Details",
)  # fmt: skip


def _cell(text: str, separator: str) -> str:
    """Return a cell as osTicket writes it: guarded against formulas, quoted where it must be."""
    if text[:1] in {"=", "-", "+", "@"}:
        text = "'" + text
    if any(sign in text for sign in (separator, '"', "\n", " ")):
        return '"' + text.replace('"', '""') + '"'
    return text


def _table(rows: list[dict[str, str]], separator: str) -> bytes:
    for row in rows:
        assert set(row) <= set(_HEADER), sorted(set(row) - set(_HEADER))
    common = {
        "From": "Rita Requester", "From Email": "rita@customer.example", "Source": "Web", "Merged": "No", "Linked": "No",
        "Thread Count": "3", "Attachment Count": "0", "Task Count": "0", "Overdue": "No", "Answered": "Yes",
    }  # fmt: skip
    lines = [_HEADER, *(tuple({**common, **row}.get(name, "") for name in _HEADER) for row in rows)]
    return "".join(separator.join(_cell(c, separator) for c in line) + "\n" for line in lines).encode("utf-8-sig")


def _semicolons() -> bytes:
    rows = [
        # The one hour twice: opened in the first, closed in the second.
        {"Ticket Number": "482913", "Date Created": "2026-10-25 02:30:00", "Subject": '=HYPERLINK("http://x")',
         "Priority": "Emergency", "Department": "Support", "Help Topic": "Network / VPN", "Current Status": "Resolved",
         "Last Updated": "2026-10-25 02:20:00", "Closed Date": "2026-10-25 02:20:00", "Agent Assigned": "Agnes Agent",
         "Team Assigned": "Level 2", "Reopen Count": "1", "Issue Details": "Nothing works;\nnot even this"},
        # Overdue once, and closed since: the flag is gone.
        {"Ticket Number": "482914", "Date Created": "2026-11-02 09:00:00", "Subject": "-- urgent --",
         "Priority": "Normal", "Department": "Support", "Current Status": "Closed", "SLA Due Date":
         "2026-11-03 09:00:00", "Last Updated": "2026-11-09 09:00:00", "Closed Date": "2026-11-09 09:00:00",
         "Reopen Count": "0"},
        {"Ticket Number": "482915", "Date Created": "2026-11-03 09:00:00", "Subject": "Late", "Priority": "High",
         "Department": "Support", "Current Status": "Open", "Overdue": "Yes", "Last Updated": "2026-11-03 09:00:00",
         "Reopen Count": "0"},
        {"Ticket Number": "482916", "Date Created": "2026-11-03 09:00:00", "Subject": "Odd", "Priority": "High",
         "Department": "Support", "Current Status": "Deleted", "Last Updated": "2026-11-03 09:00:00"},
    ]  # fmt: skip
    return _table(rows, ";")


def _commas() -> bytes:
    rows = [
        {"Ticket Number": "100200", "Date Created": "2026-11-10 09:00:00", "Subject": "Printer, again",
         "Priority": "Low", "Department": "Office", "Current Status": "Archived", "Agent Assigned": "Agnes Agent",
         "Last Updated": "2026-11-12 09:00:00", "Closed Date": "2026-11-11 09:00:00", "Reopen Count": "0"},
        {"Ticket Number": "100201", "Date Created": "2026-11-11 09:00:00", "Subject": "Odd", "Priority": "Whenever",
         "Department": "Office", "Current Status": "Open", "Last Updated": "2026-11-11 09:00:00"},
    ]  # fmt: skip
    return _table(rows, ",")


EXPORTS = {"semicolon": _semicolons(), "comma": _commas()}
