"""OTRS and Znuny: a ticket search as CSV with either delimiter, and as a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from workbooks import workbook

PEOPLE = ("aagent", "Ada", "Agent", "rita@customer.example")

CUT_AT = 2000

_HEADER = (
    "TicketNumber", "Age", "Created", "Closed", "FirstLock", "FirstResponse", "State", "Priority", "Queue", "Lock",
    "Owner", "UserFirstname", "UserLastname", "CustomerID", "CustomerName", "From", "Subject", "AccountedTime",
    "ArticleTree", "SolutionInMin", "SolutionDiffInMin", "FirstResponseInMin", "FirstResponseDiffInMin",
    "DynamicField_Site",
)  # fmt: skip


def _line(number: int, state: str, priority: str, created: str, **more: str) -> list[str]:
    return [
        str(number), "2 d 3 h ", created, more.get("closed", ""), more.get("locked", ""), more.get("first", ""), state,
        priority, more.get("queue", "Unix::Level 2"), "unlock", "aagent", "Ada", "Agent", "ACME", "Rita", "rita@customer.example",
        more.get("subject", "Mail down"), "0", more.get("article", "-->|1|customer|email"), more.get("took", ""),
        more.get("left", ""), more.get("first_took", ""), more.get("first_left", ""), "Lyon",
    ]  # fmt: skip


_ROWS = (
    _line(2026110210000015, "closed successful", "5 very high", "2026-11-02 08:00:00", closed="2026-11-02 11:30:00",
          locked="2026-11-02 08:03:10", first="2026-11-02 08:20:00", took="210", left="30", first_took="20",
          first_left="10", article='-->|1|customer|email\n-->|2|agent|"note"'),
    _line(2026110310000023, "closed unsuccessful", "3 normal", "2026-11-03 08:00:00", closed="2026-11-05 08:00:00",
          took="1440", left="-480", subject="Ca;n't print, again"),
    _line(2026110410000031, "pending auto close+", "1 very low", "2026-11-04 08:00:00", locked="2026-11-04 09:00:00"),
    _line(2026110510000049, "merged", "4 high", "2026-11-05 08:00:00"),
    _line(2026110610000057, "offen", "3 normal", "2026-11-06 08:00:00"),
)  # fmt: skip


# What the interface in French calls them; it has no word for the others.
_FRENCH = {
    "TicketNumber": "Numéro de ticket", "Age": "Âge", "Created": "Créé", "Closed": "Fermés", "State": "État",
    "Priority": "Priorité", "Queue": "File", "Lock": "Verrouiller", "Owner": "Propriétaire",
    "CustomerID": "Code client", "CustomerName": "Nom du client", "From": "De", "Subject": "Sujet",
}  # fmt: skip
_FRENCH_ROWS = (
    _line(2026102510000015, "clos (résolu)", "5 very high", "2026-10-25 00:30:00", closed="2026-10-25 02:40:00",
          locked="2026-10-25 00:31:00", first="2026-10-25 01:10:00", took="130", left="-10", subject="Panne générale"),
    _line(2026110210000023, "clos (non résolu)", "2 low", "2026-11-02 08:00:00", closed="2026-11-03 08:00:00", left="0"),
    _line(2026110310000031, "en attente de fermeture automatique (-)", "3 normal", "2026-11-03 08:00:00"),
    _line(2026110410000049, "fusionné", "3 normal", "2026-11-04 08:00:00"),
    _line(2026110510000057, "nouveau", "3 normal", "2026-11-05 08:00:00"),
    _line(2026110610000065, "Attente de rappel", "3 normal", "2026-11-06 08:00:00", subject=""),
    _line(2026110710000073, "ouvert", "3 normal", "2026-11-07 08:00:00", first="2026-11-06 08:00:00"),
)  # fmt: skip


def _written(rows: Sequence[Sequence[str]], delimiter: str, header: Sequence[str] = _HEADER) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


def long_export(rows: int) -> bytes:
    many = (_line(2026110200000000 + n, "new", "3 normal", "2026-11-02 08:00:00") for n in range(rows))
    return _written(list(many), ";")


EXPORTS = {
    "semicolons": _written(_ROWS, ";"),
    "french": _written(_FRENCH_ROWS, ";", [_FRENCH.get(name, name) for name in _HEADER]),
    "commas": _written(_ROWS[1:2], ","),
    "tabs": _written(_ROWS[:2], "\t"),
    "sheet": workbook([_HEADER, *(row for row in _ROWS[:3])], name="ticket_search"),
}
