"""The truth counted a second time, from the written files alone and with interval arithmetic."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kpi_agent_simulator import Estate
from kpi_agent_simulator.estate import ACME, GLOBEX
from kpi_agent_simulator.hours import DAY, HOUR, MINUTE
from kpi_agent_simulator.months import last_three_months

PARIS = ZoneInfo("Europe/Paris")
UNITS = {"jours": DAY, "heures": HOUR, "minutes": MINUTE, "secondes": 1}
HOLIDAYS_2026 = {"05-01", "05-08", "05-14", "05-25", "07-14", "08-15", "11-01", "11-11", "12-25"}

Tally = dict[tuple[str, str, str, str], int]
"""(month, indicator, priority, decision) → how many."""


def truth_tally(estate: Estate, contract: str) -> Tally:
    found: Tally = {}
    for month, content in estate.truth["contracts"][contract].items():
        for reading in content["readings"]:
            if reading["indicator"] in {"respond_in_time", "resolve_in_time"} and reading["scope"]:
                key = (month, reading["indicator"], reading["scope"]["priority"])
                found[*key, "met"] = reading["numerator"]
                found[*key, "breached"] = reading["denominator"] - reading["numerator"]
                found[*key, "undetermined"] = reading["undetermined"]
    return {key: count for key, count in found.items() if count}


def in_months(decided: Iterator[tuple[str, str, str, int]], estate: Estate, zone: ZoneInfo) -> Tally:
    """Sort (indicator, priority, decision, instant) into months."""
    months = last_three_months(estate.truth["now"], zone)
    return dict(
        Counter(
            (month.name, indicator, priority, decision)
            for indicator, priority, decision, instant in decided
            for month in months
            if month.start <= instant < month.end
        )
    )


def verdict(done: int | None, deadline: int, as_of: int) -> tuple[str, int] | None:
    if done is not None and done <= deadline:
        return "met", done
    return ("breached", deadline) if as_of > deadline else None


# GLPI: dates to the minute, response and holds as durations in service time.


def office_spans(start: int, days: int) -> list[tuple[int, int]]:
    first = datetime.fromtimestamp(start, PARIS).date()
    spans: list[tuple[int, int]] = []
    for day in (first + timedelta(days=step) for step in range(days)):
        if day.weekday() < 5 and f"{day:%m-%d}" not in HOLIDAYS_2026:
            opening = int(datetime(day.year, day.month, day.day, 8, tzinfo=PARIS).timestamp())
            spans.append((max(opening, start), opening + 10 * HOUR))
    return [(opening, closing) for opening, closing in spans if closing > start]


def service_deadline(priority: str, start: int, limit: int) -> int:
    """Return the last instant before which no more than *limit* seconds of service have passed."""
    if ACME.limits[priority].calendar == "24x7":
        return start + limit
    left = limit
    for opening, closing in office_spans(start, 60):
        if left < closing - opening:
            return opening + left
        left -= closing - opening
    raise AssertionError(start)


def glpi_decisions(estate: Estate) -> Iterator[tuple[str, str, str, int]]:
    export = [export for export in estate.exports if export.source == "desk-acme"][-1]
    lines = export.path.read_text(encoding="utf-8-sig").removesuffix("\n").split("\n")
    header, *rows = (line[1:-2].split('";"') for line in lines)
    priorities = {"Majeure": "P1", "Haute": "P2", "Moyenne": "P3", "Basse": "P4"}

    def instant(text: str) -> int | None:
        return int(datetime.strptime(text, "%d-%m-%Y %H:%M").replace(tzinfo=PARIS).timestamp()) if text else None

    def seconds(text: str) -> int:
        return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+) (\w+)", text))

    for cells in rows:
        row = dict(zip(header, cells, strict=True))
        if row["Type"] != "Incident":
            continue
        priority = priorities[row["Priorité"]]
        limit = ACME.limits[priority]
        opened, resolved = instant(row["Date d'ouverture"]), instant(row["Date de résolution"])
        assert opened is not None
        taken = row["Statistiques - Délai de prise en compte"]
        deadline = service_deadline(priority, opened, limit.respond_seconds)
        if taken or resolved is None:
            responded = service_deadline(priority, opened, seconds(taken)) if taken else None
            found = verdict(responded, deadline, export.as_of)
        else:
            found = ("met", resolved) if resolved <= deadline else ("undetermined", deadline)
        if found:
            yield "respond_in_time", priority, *found
        if row["Statut"] != "En attente":
            held = seconds(row["Statistiques - Délai d'attente"])
            found = verdict(resolved, service_deadline(priority, opened, limit.resolve_seconds + held), export.as_of)
            if found:
                yield "resolve_in_time", priority, *found


def test_the_verdicts_of_the_glpi_file_are_the_true_ones(estate: Estate) -> None:
    assert in_months(glpi_decisions(estate), estate, ACME.zone) == truth_tally(estate, "acme")


# ServiceNow: an event log to the second, around the clock.


def log_by_incident(estate: Estate) -> tuple[int, list[list[dict[str, str]]]]:
    export = [export for export in estate.exports if export.source == "desk-globex"][-1]
    incidents: dict[str, list[dict[str, str]]] = defaultdict(list)
    with export.path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            incidents[row["number"]].append(row)
    return export.as_of, list(incidents.values())


def when(row: dict[str, str]) -> int:
    return int(datetime.fromisoformat(row["sys_updated_at"]).replace(tzinfo=UTC).timestamp())


def moved(start: int, limit: int, holds: list[tuple[int, int]]) -> int:
    """Return start + limit, pushed back by each hold (in order, none overlapping) that it reaches."""
    deadline = start + limit
    for begun, ended in holds:
        if begun <= deadline and ended > start:
            deadline += ended - max(begun, start)
    return deadline


@dataclass(frozen=True)
class Course:
    """One incident as its rows tell it."""

    changes: list[tuple[str, int]]  # priority, and since when
    lives: list[tuple[int, int | None]]  # start, resolution
    holds: list[tuple[int, int]]
    responded: int | None
    cancelled: int | None


def course_of(rows: list[dict[str, str]]) -> Course:
    lives: list[tuple[int, int | None]] = [(when(rows[0]), None)]
    holds = [(when(a), when(b)) for a, b in pairwise(rows) if a["incident_state"] == "Awaiting User Info"]
    if rows[-1]["incident_state"] == "Awaiting User Info":
        holds.append((when(rows[-1]), when(rows[-1]) + 1000 * DAY))
    for before, row in pairwise(rows):
        if row["incident_state"] == "Resolved":
            lives[-1] = (lives[-1][0], when(row))
        elif before["incident_state"] == "Resolved" and row["incident_state"] != "Closed":
            if when(row) - when(before) <= 72 * HOUR:
                holds.append((when(before), when(row)))
                lives[-1] = (lives[-1][0], None)
            else:
                lives.append((when(row), None))
    first = (f"P{rows[0]['priority'][0]}", when(rows[0]))
    raises = [(f"P{b['priority'][0]}", when(b)) for a, b in pairwise(rows) if a["priority"] != b["priority"]]
    working = [when(row) for row in rows if row["incident_state"] not in {"New", "Resolved", "Closed", "Canceled"}]
    cancelled = when(rows[-1]) if rows[-1]["incident_state"] == "Canceled" else None
    return Course([first, *raises], lives, sorted(holds), working[0] if working else None, cancelled)


def log_decisions(estate: Estate) -> Iterator[tuple[str, str, str, int]]:
    as_of, incidents = log_by_incident(estate)
    for course in map(course_of, incidents):
        priority = course.changes[-1][0]
        until = min(as_of, course.cancelled or as_of)
        deadline = min(since + GLOBEX.limits[level].respond_seconds for level, since in course.changes)
        resolved = course.lives[0][1]
        if course.responded is None and resolved is not None:
            late = resolved > deadline
            yield "respond_in_time", priority, "undetermined" if late else "met", deadline if late else resolved
        elif decided := verdict(course.responded, deadline, until):
            yield "respond_in_time", priority, *decided
        for number, (start, resolved) in enumerate(course.lives):
            changes = course.changes if number == 0 else [(priority, start)]
            deadline = min(moved(s, GLOBEX.limits[level].resolve_seconds, course.holds) for level, s in changes)
            if decided := verdict(resolved, deadline, until):
                yield "resolve_in_time", priority, *decided


def test_the_verdicts_of_the_event_log_are_the_true_ones(estate: Estate) -> None:
    assert in_months(log_decisions(estate), estate, GLOBEX.zone) == truth_tally(estate, "globex")


# Probes: intervals between samples.


@pytest.mark.parametrize(("contract", "service"), [("acme", "messagerie"), ("globex", "shop")])
def test_the_raw_availability_of_the_samples_is_the_true_one(estate: Estate, contract: str, service: str) -> None:
    now = estate.truth["now"]
    series: list[tuple[int, int]] = []
    with estate.metrics.open(encoding="utf-8") as file:
        for line in file:
            if f'service="{service}"' in line:
                _, sample, at = line.rsplit(" ", 2)
                series.append((int(at), int(sample)))
            elif line.startswith("# TYPE apt"):
                break
    zone = ACME.zone if contract == "acme" else GLOBEX.zone
    for month in last_three_months(now, zone):
        seconds = Counter[int]()
        for (instant, value), (following, _) in pairwise([*series, (now + DAY, 1)]):
            until = following if following - instant <= 120 else instant + 60
            seconds[value] += max(min(until, month.end, now) - max(instant, month.start), 0)
        readings: list[dict[str, Any]] = estate.truth["contracts"][contract][month.name]["readings"]
        (found,) = (reading for reading in readings if reading["scope"] == {"service": service})
        assert found["extra"]["raw"] == [seconds[1], seconds[0] + seconds[1]]


def test_start_and_opened_equal_resolved_withdrawn_and_end(estate: Estate) -> None:
    for months in estate.truth["contracts"].values():
        ends: list[int] = []
        for content in months.values():
            volume, backlog = (
                next(reading["extra"] for reading in content["readings"] if reading["indicator"] == indicator)
                for indicator in ("volume", "backlog")
            )
            came = backlog["start"] + volume["opened"] + volume["reopened"]
            assert came == volume["resolved"] + volume["withdrawn"] + backlog["end"]
            assert not ends or ends[-1] == backlog["start"]
            ends.append(backlog["end"])
