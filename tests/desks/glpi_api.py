"""GLPI's APIs: the legacy search of tickets, keyed by the numbers of search options, and the tickets of version 2."""

from __future__ import annotations

import json
from typing import Any

PEOPLE = ("Durand Alice", "Petit Bruno")


def _search() -> bytes:
    tickets: list[dict[str, Any]] = [
        {"1": "Disk full on web01", "2": 123, "80": "Root > Production", "3": 6, "4": 2970, "5": 2971, "7": "System",
         "12": 6, "14": 1, "15": "2026-10-25 02:50:10", "16": "2026-11-07 03:00:00", "17": "2026-10-25 02:10:40",
         "18": "2026-10-25 06:50:10", "19": "2026-11-07 03:00:00", "45": 5400, "82": 0, "150": 720, "153": 3900,
         "154": 1200},
        {"1": "New badge", "2": 124, "80": "Root", "3": 1, "4": 2970, "5": None, "7": None, "12": 4, "14": 2,
         "15": "2026-11-03 09:00:00", "16": None, "17": None, "18": None, "19": "2026-11-04 10:00:00", "45": 0,
         "82": 0, "150": 0, "153": 0, "154": 0},
        {"1": "Odd", "2": 125, "80": "Root", "3": 3, "12": 10, "14": 1, "15": "2026-11-03 09:00:00",
         "19": "2026-11-03 09:00:00"},
    ]  # fmt: skip
    return json.dumps({"totalcount": 200, "count": 3, "range": "0-2", "data": tickets}).encode()


def _named(number: int, name: str) -> dict[str, Any]:
    return {"id": number, "name": name, "completename": f"Root > {name}"}


def _v2() -> bytes:
    tickets: list[dict[str, Any]] = [
        {"id": 71, "name": "Shop down", "content": "by Petit Bruno", "status": {"id": 5, "name": "Solved"}, "type": 1,
         "urgency": 5, "impact": 5, "priority": 5, "entity": _named(3, "Shop"), "category": {"id": 9, "name": "Web"},
         "team": [{"id": 2971, "name": "Durand Alice", "type": "User", "role": "assigned"},
                  {"id": 2970, "name": "Petit Bruno", "type": "User", "role": "requester"}],
         "date_creation": "2026-11-10T09:30:00+01:00", "date_mod": "2026-11-10T11:00:00+01:00",
         "date": "2026-11-10T09:00:00+01:00", "date_solve": "2026-11-10T11:00:00+01:00", "date_close": None,
         "actiontime": 1800, "resolution_duration": 7200, "close_duration": 0, "waiting_duration": 600},
        {"id": 72, "name": "Badge", "content": "", "status": {"id": 1, "name": "Nouveau"}, "type": 2, "urgency": 3,
         "impact": 3, "priority": 3, "entity": _named(3, "Shop"), "category": None, "team": [],
         "date_creation": "2026-11-11T09:00:00+01:00", "date_mod": "2026-11-11T09:00:00+01:00",
         "date": "2026-11-11T09:00:00+01:00", "actiontime": 0},
        {"id": 73, "name": "Odd", "status": {"id": 2, "name": "Processing (assigned)"}, "type": 3, "priority": 3,
         "date": "2026-11-11T09:00:00+01:00", "date_mod": "2026-11-11T09:00:00+01:00"},
    ]  # fmt: skip
    return json.dumps(tickets).encode()


EXPORTS = {"search": _search(), "v2": _v2()}
