import csv
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kpi_agent_simulator import Estate, Export
from kpi_agent_simulator.caseload import happens_twice
from kpi_agent_simulator.estate import CONTRACTS
from kpi_agent_simulator.glpi import HEADER as GLPI_HEADER
from kpi_agent_simulator.glpi import in_words
from kpi_agent_simulator.servicenow import HEADER as SERVICENOW_HEADER
from kpi_agent_simulator.titles import likeness, words
from kpi_agent_simulator.vocabulary import ENGLISH, FRENCH, Vocabulary

PARIS = ZoneInfo("Europe/Paris")


def exports_of(estate: Estate, source: str) -> list[Export]:
    return [export for export in estate.exports if export.source == source]


def glpi_rows(export: Export) -> list[dict[str, str]]:
    lines = export.path.read_text(encoding="utf-8-sig").removesuffix("\n").split("\n")
    return [dict(zip(GLPI_HEADER, line[1:-2].split('";"'), strict=True)) for line in lines[1:]]


def log_rows(export: Export) -> list[dict[str, str]]:
    with export.path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def samples(estate: Estate) -> Iterator[tuple[str, int, int]]:
    with estate.metrics.open(encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                series, value, instant = line.rsplit(" ", 2)
                yield series, int(value), int(instant)


def test_the_same_seed_and_now_give_the_same_bytes_in_another_process(estate: Estate, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kpi_agent_simulator", str(tmp_path), "--seed", "1", "--now"]
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run([*command, "2026-11-23T10:00:00Z"], check=True, env=environment, capture_output=True)

    def digests(directory: Path) -> dict[str, str]:
        files = sorted(path for path in directory.rglob("*") if path.is_file())
        return {str(p.relative_to(directory)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    assert digests(tmp_path) == digests(estate.directory)


def test_the_estate_has_the_promised_size(estate: Estate) -> None:
    assert sum(len(contract.hosts) for contract in CONTRACTS) == 40
    assert sum(len(contract.services) for contract in CONTRACTS) == 6
    assert sum(len(contract.backups) for contract in CONTRACTS) == 4
    assert 1_000_000 < estate.samples <= 2_500_000
    assert list(estate.truth["contracts"]) == ["acme", "globex"]
    assert list(estate.truth["contracts"]["acme"]) == ["2026-09", "2026-10", "2026-11"]


def test_exports_are_written_each_month_ten_days_ago_and_now(estate: Estate) -> None:
    assert [export.path.name for export in exports_of(estate, "desk-acme")] == [
        "acme-2026-10-01T0600.csv",
        "acme-2026-11-01T0600.csv",
        "acme-2026-11-13T1100.csv",
        "acme-2026-11-23T1100.csv",
    ]
    assert [export.path.name for export in exports_of(estate, "desk-globex")] == [
        "globex-2026-10-01T0500.csv",
        "globex-2026-11-01T0600.csv",
        "globex-2026-11-13T1000.csv",
        "globex-2026-11-23T1000.csv",
    ]


def test_the_name_of_an_export_tells_its_instant(estate: Estate) -> None:
    for source, pattern, zone in (
        ("desk-acme", "acme-%Y-%m-%dT%H%M.csv", PARIS),
        ("desk-globex", "globex-%Y-%m-%dT%H%M.csv", UTC),
    ):
        for export in exports_of(estate, source):
            named = datetime.strptime(export.path.name, pattern).replace(tzinfo=zone)
            assert named.timestamp() == export.as_of


def test_glpi_quotes_each_cell_and_ends_each_line_with_the_delimiter(estate: Estate) -> None:
    raw = exports_of(estate, "desk-acme")[-1].path.read_bytes()
    text = raw.decode("utf-8-sig")

    assert raw.startswith(b"\xef\xbb\xbf")
    assert "\r" not in text
    assert all(re.fullmatch(r'("[^"]*";)+', line) for line in text.removesuffix("\n").split("\n"))
    assert {line.count('";') for line in text.removesuffix("\n").split("\n")} == {len(GLPI_HEADER)}


def test_glpi_writes_numbers_dates_and_quotes_in_its_own_way(estate: Estate) -> None:
    rows = glpi_rows(exports_of(estate, "desk-acme")[-1])

    assert all(re.fullmatch(r"\d \d{3}", row["ID"]) for row in rows)
    assert all(re.fullmatch(r"\d\d-\d\d-20\d\d \d\d:\d\d", row["Date d'ouverture"]) for row in rows)
    assert any("''timeout''" in row["Titre"] for row in rows)
    assert any("<br>" in row["Attribué à - Technicien"] for row in rows)
    assert {row["Type"] for row in rows} == {"Incident", "Demande"}
    assert {row["Statut"] for row in rows} == {"Nouveau", "En cours (Attribué)", "En attente", "Résolu", "Clos"}
    assert {row["Priorité"] for row in rows} == {"Majeure", "Haute", "Moyenne", "Basse"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 secondes"),
        (45, "45 secondes"),
        (60, "1 minutes"),
        (7260, "2 heures 1 minutes"),
        (3600, "1 heures 0 minutes"),
        (2 * 86400 + 3 * 3600 + 300, "2 jours 3 heures 5 minutes"),
    ],
)
def test_glpi_says_durations_in_words(seconds: int, text: str) -> None:
    assert in_words(seconds) == text


def test_no_glpi_date_is_shown_twice_by_the_clocks(estate: Estate) -> None:
    for row in glpi_rows(exports_of(estate, "desk-acme")[-1]):
        for column in ("Date d'ouverture", "Date de résolution", "Date de clôture", "Dernière modification"):
            if row[column]:
                local = datetime.strptime(row[column], "%d-%m-%Y %H:%M").replace(tzinfo=PARIS)
                assert not happens_twice(int(local.timestamp()), PARIS)


def test_an_export_knows_nothing_of_what_comes_after_it(estate: Estate) -> None:
    for export in exports_of(estate, "desk-acme"):
        for row in glpi_rows(export):
            updated = datetime.strptime(row["Dernière modification"], "%d-%m-%Y %H:%M").replace(tzinfo=PARIS)
            assert updated.timestamp() < export.as_of
    for export in exports_of(estate, "desk-globex"):
        for row in log_rows(export):
            assert datetime.fromisoformat(row["sys_updated_at"]).replace(tzinfo=UTC).timestamp() < export.as_of


def test_each_export_holds_all_tickets_of_the_one_before(estate: Estate) -> None:
    for source, column, read in (("desk-acme", "ID", glpi_rows), ("desk-globex", "number", log_rows)):
        for earlier, later in pairwise(exports_of(estate, source)):
            assert {row[column] for row in read(earlier)} < {row[column] for row in read(later)}


def test_the_event_log_has_its_rows_by_incident_in_time_order(estate: Estate) -> None:
    export = exports_of(estate, "desk-globex")[-1]
    rows = log_rows(export)
    order = [(row["number"], row["sys_updated_at"], int(row["sys_mod_count"])) for row in rows]

    assert not export.path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert tuple(rows[0]) == SERVICENOW_HEADER
    assert order == sorted(order)
    assert {row["incident_state"] for row in rows} == {
        "New",
        "Active",
        "Awaiting User Info",
        "Awaiting Vendor",
        "Awaiting Problem",
        "Resolved",
        "Closed",
        "Canceled",
    }


def test_a_resolution_appears_from_its_own_row_on_and_goes_when_it_is_undone(estate: Estate) -> None:
    for row in log_rows(exports_of(estate, "desk-globex")[-1]):
        assert (row["resolved_at"] != "") == (row["incident_state"] in {"Resolved", "Closed"})
        assert row["resolved_at"] <= row["sys_updated_at"]
        assert (row["closed_at"] != "") == (row["incident_state"] == "Closed")


def test_the_months_hold_what_is_hard_to_measure(estate: Estate) -> None:
    by_number: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in log_rows(exports_of(estate, "desk-globex")[-1]):
        if row["opened_at"] >= "2026-09":
            by_number[row["number"]].append(row)
    pauses: list[timedelta] = []
    raised = cancelled = 0
    for rows in by_number.values():
        cancelled += rows[-1]["incident_state"] == "Canceled"
        raised += len({row["priority"] for row in rows}) > 1
        for before, after in pairwise(rows):
            if int(after["reopen_count"]) > int(before["reopen_count"]):
                stamps = (datetime.fromisoformat(row["sys_updated_at"]) for row in (before, after))
                pauses.append(-(next(stamps) - next(stamps)))

    assert any(pause <= timedelta(hours=72) for pause in pauses)
    assert any(pause > timedelta(hours=72) for pause in pauses)
    assert raised > 3
    assert cancelled > 2


@pytest.mark.parametrize(("vocabulary", "source"), [(FRENCH, "desk-acme"), (ENGLISH, "desk-globex")])
def test_families_are_told_apart_by_their_words(vocabulary: Vocabulary, source: str, estate: Estate) -> None:
    bases = {words(family.title): family.key for family in vocabulary.families}
    found: dict[str, set[tuple[str, frozenset[str]]]] = defaultdict(set)
    rows = (glpi_rows if source == "desk-acme" else log_rows)(exports_of(estate, source)[-1])
    for row in rows:
        if row.get("Type") != "Demande":
            title = words(row.get("Titre") or row["short_description"])
            family = next((key for base, key in bases.items() if base <= title), " ".join(sorted(title)))
            found[row.get("Catégorie") or row["category"]].add((family, title))

    for titles in found.values():
        for (family, title), (other_family, other) in combinations(titles, 2):
            share = likeness(title, other)
            assert share >= 0.5 if family == other_family else share < 0.5
    assert all(len(base) > 3 for base in bases)


def test_samples_come_family_by_family_and_each_series_in_time_order(estate: Estate) -> None:
    seen: set[str] = set()
    current, last, count = "", 0, 0
    for series, _, instant in samples(estate):
        count += 1
        if series != current:
            assert series not in seen
            seen.add(series)
            current, last = series, 0
        assert instant > last
        last = instant

    assert count == estate.samples
    assert last < estate.truth["now"]
    assert estate.metrics.read_bytes()[-6:] == b"# EOF\n"


def test_a_host_with_nothing_pending_says_zero_without_an_origin(estate: Estate) -> None:
    zeros = [series for series, value, _ in samples(estate) if series.startswith("apt_upgrades_pending") and value == 0]

    assert zeros
    assert all('origin="",arch=""' in series for series in zeros)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Debian's prometheus package")
def test_promtool_builds_blocks_from_the_samples(estate: Estate, tmp_path: Path) -> None:
    short = tmp_path / "metrics.om"
    kept: dict[str, int] = defaultdict(int)
    with estate.metrics.open(encoding="utf-8") as whole, short.open("w", encoding="utf-8") as out:
        for line in whole:
            series = line if line.startswith("#") else line.rsplit(" ", 2)[0]
            kept[series] += 1
            if kept[series] <= 20:
                out.write(line)
    options = ["--max-block-duration=744h", str(short), str(tmp_path / "data")]
    done = subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", *options], check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stderr
    assert list((tmp_path / "data").glob("*/index"))
