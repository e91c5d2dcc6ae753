"""Request Tracker: the spreadsheet of a saved search, TAB-separated, quoting nothing."""

from __future__ import annotations

PEOPLE = ("agnes", "rita@customer.example")

_HEADER = (
    "id", "Subject", "Status", "QueueName", "Owner", "Priority", "Requestors", "Created", "Told", "Last Updated",
    "Time Left", "Resolved", "Started", "Due", "Time Worked",
)  # fmt: skip


def _table(rows: list[dict[str, str]]) -> bytes:
    """Return the lines; a TAB of a cell becomes four spaces, line ends one space, and quotes stay what they are."""
    common = {
        "Requestors": "rita@customer.example", "Told": "Not set", "Time Left": "", "Resolved": "Not set",
        "Started": "Not set", "Due": "Not set", "Owner": "Nobody",
    }  # fmt: skip
    lines = ["\t".join(_HEADER)]
    for row in rows:
        assert set(row) <= set(_HEADER), sorted(set(row) - set(_HEADER))
        cells = ({**common, **row}.get(name, "") for name in _HEADER)
        lines.append("\t".join(" ".join(cell.splitlines()).replace("\t", "    ") for cell in cells))
    return ("\n".join(lines) + "\n").encode()


def _search() -> bytes:
    rows = [
        # The one hour twice: created in the first, started in the second.
        {"id": "4711", "Subject": '"Café" server is\tdown\nagain', "Status": "resolved", "QueueName": "unix",
         "Owner": "agnes", "Priority": "High", "Created": "Sun Oct 25 02:30:00 2026",
         "Started": "Sun Oct 25 02:10:05 2026", "Resolved": "Sun Oct 25 09:00:00 2026",
         "Last Updated": "Mon Oct 26 08:00:00 2026", "Time Worked": "90 minutes"},
        {"id": "4712", "Subject": 'Out of "paper', "Status": "stalled", "QueueName": "office", "Priority": "Low",
         "Created": "Mon Nov 02 09:00:00 2026", "Started": "Mon Nov 02 09:30:00 2026",
         "Last Updated": "Tue Nov 03 09:00:00 2026"},
        {"id": "4713", "Subject": "Spam", "Status": "deleted", "QueueName": "office", "Priority": "Low",
         "Created": "Mon Nov 02 10:00:00 2026", "Last Updated": "Mon Nov 02 10:05:00 2026"},
        {"id": "4714", "Subject": "No, thank you", "Status": "rejected", "QueueName": "office", "Priority": "Medium",
         "Created": "Mon Nov 02 11:00:00 2026", "Resolved": "Mon Nov 02 12:00:00 2026",
         "Last Updated": "Mon Nov 02 12:00:00 2026"},
        {"id": "4715", "Subject": "Anyone?", "Status": "new", "QueueName": "office", "Priority": "Medium",
         "Created": "Sun Nov 22 11:00:00 2026", "Last Updated": "Sun Nov 22 11:00:00 2026"},
        {"id": "4716", "Subject": "How urgent?", "Status": "open", "QueueName": "office", "Priority": "70",
         "Created": "Sun Nov 22 11:00:00 2026", "Last Updated": "Sun Nov 22 11:00:00 2026"},
    ]  # fmt: skip
    return _table(rows)


def _relative() -> bytes:
    """A search that shows ages in place of instants."""
    lines = ["id\tSubject\tStatus\tPriority\tCreatedRelative", "4711\tOld\topen\tHigh\t3 weeks ago"]
    return ("\n".join(lines) + "\n").encode()


EXPORTS = {"search": _search(), "relative": _relative()}
