from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from golden_files import check_golden
from kpi_agent_reports.document import canonical_bytes, sha256_of
from sample_edges import quiet, running
from sample_month import document_of, october

TESTS = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return document_of(*october())


def test_the_document_of_the_sample_month_is_the_golden_one(document: dict[str, Any]) -> None:
    check_golden("acme-2026-10.json", canonical_bytes(document).decode())


def test_the_document_of_a_running_month_is_the_golden_one() -> None:
    check_golden("globex-2026-11.json", canonical_bytes(document_of(*running(), state="preview")).decode())


def test_the_document_has_the_shape_that_others_rely_on(document: dict[str, Any]) -> None:
    public = {
        "schema", "contract", "period", "summary", "state", "revision", "as_of", "previous_sha256", "objectives",
        "readings", "segments", "history", "timeline", "generator", "reason", "errata", "signals", "matrix", "plan",
        "notes", "sources",
    }  # fmt: skip
    reading = {
        "indicator", "scope", "unit", "segment", "value", "numerator", "denominator", "n", "statistics", "coverage",
        "lowest", "highest", "overdue", "origin", "undetermined", "bounded", "holds_unplaced", "reasons", "evidence",
    }  # fmt: skip
    objective = {"id", "indicator", "scope", "target", "verdict", "reserve", "reading", "penalty"}

    assert document["schema"] == "kpi-agent/report/1"
    assert public <= set(document)
    assert all(reading <= set(r) for r in document["readings"])
    assert all(objective <= set(o) for o in document["objectives"])
    assert document["period"]["start"] == "2026-09-30T22:00:00Z"
    assert document["period"]["end"] == "2026-10-31T23:00:00Z"
    assert document["period"]["hours"] == 745


def test_kept_counts_those_under_reserve_and_they_are_told_apart(document: dict[str, Any]) -> None:
    assert document["summary"] == {
        "met": 5, "met_with_reserve": 1, "missed": 2, "at_risk": 0, "no_data": 1, "nothing_to_judge": 0,
    }  # fmt: skip


def test_each_objective_points_at_its_own_reading(document: dict[str, Any]) -> None:
    for objective in document["objectives"]:
        reading = document["readings"][objective["reading"]]
        assert (reading["indicator"], reading["scope"]) == (objective["indicator"], objective["scope"])


def test_a_reading_that_only_a_commitment_holds_is_added() -> None:
    evaluation, contract = october()
    alone = replace(evaluation, readings=evaluation.readings[8:])

    document = document_of(alone, contract)

    assert [document["readings"][o["reading"]]["indicator"] for o in document["objectives"]] == [
        c.objective.indicator for c in evaluation.commitments
    ]


def test_no_float_and_no_person_is_in_the_document(document: dict[str, Any]) -> None:
    found: list[tuple[str, object]] = []

    def walk(name: str, value: object) -> None:
        found.append((name, value))
        if isinstance(value, dict):
            for key, item in value.items():
                walk(key, item)
        elif isinstance(value, list):
            for item in value:
                walk(name, item)

    walk("document", document)

    assert not [name for name, value in found if isinstance(value, float)]
    assert not {name for name, _ in found} & {"assignee", "group", "requester"}


def test_only_holidays_that_took_hours_away_are_listed(document: dict[str, Any]) -> None:
    office = next(c for c in document["terms"][0]["calendars"] if c["name"] == "office")

    assert office["holidays"] == [{"day": "2026-10-12", "name": "Fête de la ville"}]
    assert office["extra"] == [{"day": "2026-10-24", "ranges": ["08:00-12:00"]}]
    assert office["open"][0] == {"start": "2026-10-01T06:00:00Z", "end": "2026-10-01T16:00:00Z"}
    assert {"start": "2026-10-26T07:00:00Z", "end": "2026-10-26T17:00:00Z"} in office["open"]


def test_order_of_what_comes_in_does_not_change_the_bytes() -> None:
    evaluation, contract = october()
    turned = replace(
        evaluation,
        tickets=evaluation.tickets[::-1],
        hosts=evaluation.hosts[::-1],
        backups=evaluation.backups[::-1],
        families=evaluation.families[::-1],
        sources=evaluation.sources[::-1],
        history=evaluation.history[::-1],
        outages=evaluation.outages[::-1],
        days=dict(reversed(list(evaluation.days.items()))),
    )

    assert canonical_bytes(document_of(turned, contract)) == canonical_bytes(document_of(evaluation, contract))


def test_another_time_zone_locale_and_hash_seed_give_the_same_bytes(document: dict[str, Any]) -> None:
    code = (
        "from sample_month import document_of, october\n"
        "from kpi_agent_reports.document import sha256_of\n"
        "from kpi_agent_reports.plain import render_plain\n"
        "import hashlib\n"
        "d = document_of(*october())\n"
        "print(sha256_of(d), hashlib.sha256(render_plain(d).encode()).hexdigest())\n"
    )
    answers = set()
    for seed, timezone, locale in (("0", "Pacific/Auckland", "C"), ("77", "America/New_York", "fr_FR.UTF-8")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": timezone, "LC_ALL": locale, "PYTHONPATH": str(TESTS)}
        done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        answers.add(done.stdout)

    assert len(answers) == 1
    assert answers.pop().split()[0] == sha256_of(document)


def test_a_quiet_month_is_a_document_too() -> None:
    document = document_of(*quiet())

    assert document["summary"]["nothing_to_judge"] == 1
    assert document["incidents"] == []
    assert document["readings"][0]["value"] is None
