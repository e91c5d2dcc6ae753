"""Persons: named in an export, never in the store; counted as pseudonyms where the settings want it."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from integration.cli.host import COLUMNS, SETTINGS, Host, host, row
from kpi_agent.domain.time import DAY, HOUR

KEPT = "privacy: {key_file: pseudonyms.key}\n"


def named(made: Host) -> str:
    """Return last month's export: ten incidents that five persons resolved, one of them six."""
    month, text = made.month(1), io.StringIO()
    writer = csv.DictWriter(text, (*COLUMNS, "assignee"), restval="", lineterminator="\n")
    writer.writeheader()
    for n in range(10):
        person = "Zoe Zimmer" if n < 6 else f"Person{n} Other"
        writer.writerow(row(n, month.start + n * DAY + HOUR) | {"assignee": person})
    return text.getvalue()


def share(made: Host) -> dict[str, Any] | None:
    answer = made.run("report", "show", "acme", "--period", made.month(1).id, "--format", "json")
    assert answer.code == 0, answer.err
    found = [r for r in answer.value["readings"] if r["indicator"] == "single_person_share"]
    return found[0] if found else None


def taken(home: Path, settings: str) -> Host:
    made = host(home)
    made.settings(settings)
    made.drop("desk.csv", named(made))
    assert made.run("collect").code == 0
    return made


def test_persons_are_counted_under_pseudonyms_and_named_nowhere(tmp_path: Path) -> None:
    made = taken(tmp_path / "home", SETTINGS + KEPT)

    found = share(made)

    assert found is not None
    assert (found["numerator"], found["denominator"]) == (6, 10)
    assert (found["details"]["resolvers"], found["details"]["carry_80"]) == (5, 3)
    assert (made.state / "pseudonyms.key").stat().st_mode & 0o777 == 0o600
    kept = [p for p in made.state.rglob("*") if p.is_file() and p.parent != made.inbox]
    assert [p.name for p in kept if b"zimmer" in p.read_bytes().lower()] == []


def test_without_a_file_of_keys_nobody_is_kept_and_nothing_measured(tmp_path: Path) -> None:
    found = share(taken(tmp_path / "home", SETTINGS))

    assert found is not None
    assert (found["value"], found["coverage"], found["reasons"]) == (None, "0", ["resolvers_unknown"])


def test_switched_off_nobody_is_kept_and_the_figure_is_absent(tmp_path: Path) -> None:
    made = taken(tmp_path / "home", SETTINGS + "privacy: {key_file: pseudonyms.key, people: false}\n")

    assert share(made) is None
    assert not (made.state / "pseudonyms.key").exists()


def test_a_damaged_file_of_keys_stops_the_import_with_a_reason(tmp_path: Path) -> None:
    made = host(tmp_path / "home")
    made.settings(SETTINGS + KEPT)
    (made.state / "pseudonyms.key").write_text("nonsense\n")
    path = made.drop("desk.csv", named(made))

    answer = made.run("import", path, "--source", "desk")

    assert answer.code == 1
    assert "pseudonyms.key:1: is no key" in answer.err
