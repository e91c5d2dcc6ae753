from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.config.packs import parse_pack
from kpi_agent.domain.events import RestoreMethod, RestoreTest
from kpi_agent.domain.source import PrometheusSource, Signal
from kpi_agent.domain.time import DAY, HOUR, Interval
from lab.prometheus import Past, running_prometheus

START = 1_790_812_800  # 2026-10-01 00:00 UTC
WINDOW = Interval(START, START + 4 * DAY)
EVERY = 900
PACKS = Path(__file__).parents[3] / "config" / "queries"

HOST = {"instance": "web01:9100", "job": "node", "customer": "acme"}
STABLE = {**HOST, "origin": "Debian:bookworm-security/stable-security", "arch": "amd64"}
OLDSTABLE = {**HOST, "origin": "Debian:bookworm-security/oldstable-security", "arch": "amd64"}
RUN = START - 5 * HOUR


def pack(name: str) -> dict[str, Signal]:
    """Return the signals of a shipped pack by name."""
    found, problems = parse_pack((PACKS / f"{name}.yml").read_bytes(), f"{name}.yml")
    assert found is not None, problems
    assert found.name == name
    return {signal.name: signal for signal in found.signals}


def every(first: int, end: int, value: float | str) -> list[tuple[float, float | str]]:
    return [(START + t, value) for t in range(first, end, EVERY)]


def restore(metric: str, method: str, pairs: list[tuple[float, float | str]]) -> Past:
    labels = {"backup": "db-main", "method": method, "instance": "backup01:9100"}
    return Past(f"backup_restore_test_{metric}", labels, pairs)


PAST = [
    Past("apt_upgrades_pending", STABLE, every(0, DAY, 3)),
    Past("apt_upgrades_pending", OLDSTABLE, every(DAY, 2 * DAY, 2)),
    Past("apt_upgrades_pending", {**HOST, "origin": "", "arch": ""}, every(2 * DAY, 4 * DAY, 0)),
    Past("apt_upgrades_held", OLDSTABLE, every(DAY, 2 * DAY, 1)),
    Past("apt_upgrades_held", {**HOST, "origin": "Debian:bookworm/stable", "arch": "amd64"}, every(0, 4 * DAY, 7)),
    Past("node_textfile_mtime_seconds", {**HOST, "file": "/var/lib/node/apt.prom"}, every(0, 4 * DAY, START + 5)),
    Past(
        "node_textfile_mtime_seconds", {**HOST, "file": "/var/lib/node/smart.prom"}, every(0, 4 * DAY, START + 9 * DAY)
    ),
    Past("node_reboot_required", HOST, every(0, DAY, 0) + every(DAY, 4 * DAY, 1)),
    restore("last_run_timestamp_seconds", "full", every(0, DAY, RUN) + every(DAY, 4 * DAY, START + DAY - 60)),
    restore("last_run_success", "full", every(0, DAY, 1) + every(DAY, 4 * DAY, 0)),
    restore("duration_seconds", "full", every(0, 4 * DAY, 5400)),
    restore("data_age_seconds", "full", every(0, 4 * DAY, 72000)),
    restore("last_run_timestamp_seconds", "verify", every(0, 4 * DAY, RUN)),
    restore("last_run_success", "verify", every(0, 4 * DAY, 1)),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), PAST) as url:
        yield url


@pytest.fixture
def prometheus(server: str) -> Prometheus:
    return Prometheus(PrometheusSource("main", server))


def test_pending_security_updates_survive_a_distribution_release(prometheus: Prometheus) -> None:
    line = prometheus.observe(pack("node")["security_pending"], 'customer="acme"', WINDOW).lines["web01"]

    assert [(r.start - START, r.end - START, int(r.value)) for r in line.runs] == [(0, DAY, 3), (DAY, 2 * DAY, 2)]


def test_security_updates_on_hold_are_apart(prometheus: Prometheus) -> None:
    line = prometheus.observe(pack("node")["security_held"], 'customer="acme"', WINDOW).lines["web01"]

    assert [(r.start - START, r.end - START, int(r.value)) for r in line.runs] == [(DAY, 2 * DAY, 1)]


def test_all_pending_updates_reach_zero_where_the_script_says_so(prometheus: Prometheus) -> None:
    line = prometheus.observe(pack("node")["updates_pending"], 'customer="acme"', WINDOW).lines["web01"]

    assert line.at(START + 3 * DAY) == 0
    assert line.known() == (WINDOW,)


def test_package_data_is_fresh_for_48_hours_after_its_file_was_written(prometheus: Prometheus) -> None:
    line = prometheus.observe(pack("node")["package_data_fresh"], 'customer="acme"', WINDOW).lines["web01"]

    assert [(r.start - START, r.end - START, int(r.value)) for r in line.runs] == [
        (0, 2 * DAY + EVERY, 1),
        (2 * DAY + EVERY, 4 * DAY, 0),
    ]


def test_a_wanted_reboot_is_a_line(prometheus: Prometheus) -> None:
    line = prometheus.observe(pack("node")["reboot_required"], 'customer="acme"', WINDOW).lines["web01"]

    assert line.where(lambda v: v >= 1) == (Interval(START + DAY, START + 4 * DAY),)


def test_restore_tests_are_read_from_the_convention(prometheus: Prometheus) -> None:
    seen = prometheus.restore_tests(pack("restore-tests"), "", WINDOW)

    assert seen.restore_tests == (
        RestoreTest("db-main", RUN, RestoreMethod.FULL, is_passed=True, duration=5400, data_age=72000, source="main"),
        RestoreTest("db-main", RUN, RestoreMethod.VERIFY, is_passed=True, source="main"),
        RestoreTest(
            "db-main",
            START + DAY - 60,
            RestoreMethod.FULL,
            is_passed=False,
            duration=5400,
            data_age=72000,
            source="main",
        ),
    )
    assert seen.signal == "restore-tests"
    assert {key: line.known() for key, line in seen.lines.items()} == {"db-main": (WINDOW,)}
    assert seen.warnings == ()


def test_restore_tests_in_pieces_are_the_same_events(prometheus: Prometheus) -> None:
    signals = pack("restore-tests")
    pieces = [
        prometheus.restore_tests(signals, "", Interval(start, start + 7 * HOUR))
        for start in range(WINDOW.start, WINDOW.end, 7 * HOUR)
    ]

    assert {t for p in pieces for t in p.restore_tests} == set(
        prometheus.restore_tests(signals, "", WINDOW).restore_tests
    )
