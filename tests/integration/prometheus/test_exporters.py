"""Every shipped pack reads what its exporters emit, on a real Prometheus: names, labels and traps of the field.

Two hours a minute apart; what changes does so after the first hour.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.config.load import load_packs
from kpi_agent.domain.observation import SignalObservation
from kpi_agent.domain.source import PrometheusSource
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval
from kpi_agent.jobs.signal_lines import Told
from lab.prometheus import Past, running_prometheus

START = 1_790_812_800  # 2026-10-01 00:00 UTC
WINDOW = Interval(START, START + 2 * HOUR)
CONFIG = Path(__file__).parents[3] / "config"
PACKS, _ = load_packs(Path("/nowhere"), shipped=CONFIG)
ACME = {"customer": "acme"}
YESTERDAY, TONIGHT = START - DAY, START + HOUR - 2 * MINUTE
NEVER = 9.223372036854776e9  # what pgbackrest_exporter gives for the age of a backup that never was

Values = float | tuple[float | None, float | None]


def past(metric: str, values: Values, labels: Mapping[str, str], *, every: int = MINUTE) -> Past:
    """Return a series with one value, or one for each of the two hours; None: it is not there."""
    first, second = values if isinstance(values, tuple) else (values, values)
    halves = [(START, first), (START + HOUR, second)]
    samples = [(at + t, v) for at, v in halves if v is not None for t in range(0, HOUR, every)]
    return Past(metric, {**ACME, **labels}, samples)


def host(name: str, /, **labels: str) -> dict[str, str]:
    return {"instance": f"{name}:9100", "job": "node", **labels}


def restic(snapshot: str, tag: str) -> dict[str, str]:
    return {"client_hostname": "db1", "snapshot_hash": snapshot, "snapshot_tags": tag, "instance": "restic:8001"}


def update(**labels: str) -> dict[str, str]:
    return {"instance": "win1:9182", "id": labels.get("title", ""), "revision": "1", **labels}


PAST = [
    past("yum_upgrades_pending", 3, host("alma1", origin="updates")),
    past("yum_upgrades_pending", 2, host("alma1", origin="extras")),
    past("node_textfile_mtime_seconds", START, host("alma1", file="/var/lib/node_exporter/yum.prom")),
    past("node_textfile_mtime_seconds", START, host("alma2", file="/var/lib/node_exporter/yum.prom")),
    past("node_textfile_mtime_seconds", START - 3 * DAY, host("alma3", file="/var/lib/node_exporter/yum.prom")),
    past("node_reboot_required", (0, 1), host("alma1")),
    past("node_reboot_required", 0, host("alma3")),
    past("needrestart_timestamp_seconds", START - HOUR, host("deb1", version="3.8")),
    past("needrestart_timestamp_seconds", START - HOUR, host("deb2", version="3.8")),
    past("needrestart_kernel_status_info", (1, None), host("deb1", current="6.1.0-28", expected="6.1.0-28")),
    past("needrestart_kernel_status_info", (None, 3), host("deb1", current="6.1.0-28", expected="6.1.0-29")),
    past("needrestart_kernel_status_info", 0, host("deb2", current="", expected="")),
    past("windows_exporter_build_info", 1, {"instance": "win1:9182", "version": "0.31.0"}),
    past("windows_update_scrape_timestamp_seconds", START - HOUR, {"instance": "win1:9182"}),
    past(
        "windows_update_pending_info",
        (1, None),
        update(title="KB5031364", severity="Critical", category="Windows Server 2022"),
    ),
    past("windows_update_pending_info", (1, None), update(title="KB890830", severity="", category="Security Updates")),
    past("windows_update_pending_info", 1, update(title="Bluetooth", severity="", category="Drivers")),
    past("node_os_info", 1, host("deb1", id="debian", version_id="12", name="Debian GNU/Linux")),
    past("node_os_info", 1, host("alma1", id="almalinux", version_id="9.4", name="AlmaLinux")),
    past("node_os_info", 1, host("old", id="centos", version_id="7", name="CentOS Linux")),
    past("node_os_info", 1, host("odd", id="nixos", version_id="25.05", name="NixOS")),
    past(
        "probe_ssl_earliest_cert_expiry", START + 30 * DAY, {"instance": "https://portal.example/", "job": "blackbox"}
    ),
    past("backup_last_success_timestamp_seconds", (YESTERDAY, TONIGHT), host("db1", backup="pg-main")),
    past("restic_backup_timestamp", (YESTERDAY, None), restic("20795072", "mysql")),
    past("restic_backup_timestamp", (YESTERDAY - 9, None), restic("785c4499", "etc")),
    past("restic_backup_timestamp", (None, TONIGHT), restic("4544e9a1", "mysql")),
    past("borg_last_backup_timestamp", (YESTERDAY, TONIGHT), {"repo": "/srv/borg/web", "instance": "borg:9099"}),
    past("borg_last_backup_timestamp", YESTERDAY, {"repository": "ssh://borg@store:22/./db1", "instance": "db1:9996"}),
    past("barman_last_backup", (YESTERDAY, TONIGHT), {"server": "postgres-01", "instance": "barman:9780"}),
    past("velero_backup_last_successful_timestamp", (YESTERDAY, TONIGHT), {"schedule": "daily", "pod": "velero-1"}),
    past("velero_backup_last_successful_timestamp", TONIGHT, {"schedule": "", "pod": "velero-1"}),
    past(
        "pbs_snapshot_vm_last_timestamp",
        (YESTERDAY, TONIGHT),
        {"datastore": "store1", "namespace": "", "vm_id": "503", "vm_name": "mail1"},
    ),
    past(
        "pbs_snapshot_vm_last_timestamp",
        YESTERDAY - DAY,
        {"datastore": "offsite", "namespace": "", "vm_id": "503", "vm_name": "mail1"},
    ),
    past("cnpg_collector_last_available_backup_timestamp", (YESTERDAY, TONIGHT), {"pod": "acme-db-1"}),
    past("cnpg_collector_last_available_backup_timestamp", 0, {"pod": "acme-db-2"}),
    past("barman_cloud_cloudnative_pg_io_last_available_backup_timestamp", YESTERDAY, {"pod": "acme-db-1"}),
    Past(
        "pgbackrest_backup_since_last_completion_seconds",
        {**ACME, "stanza": "demo", "backup_type": "incr", "block_incr": "n", "instance": "db1:9854"},
        # Counted every ten minutes, scraped every one.
        [(START + t, START + t - t % 600 - (YESTERDAY if t < HOUR else TONIGHT)) for t in range(0, 2 * HOUR, MINUTE)],
    ),
    past(
        "pgbackrest_backup_since_last_completion_seconds",
        DAY,
        {"stanza": "demo", "backup_type": "full", "block_incr": "n", "instance": "db1:9854"},
    ),
    past(
        "pgbackrest_backup_since_last_completion_seconds",
        NEVER,
        {"stanza": "empty", "backup_type": "incr", "block_incr": "n", "instance": "db1:9854"},
    ),
    Past("velero_backup_last_successful_timestamp", {"customer": "other", "schedule": "daily"}, [(START + 5, 1)]),
]


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, SignalObservation]]:
    """Every signal of every pack but those that are read as events, by the name of its line."""
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), PAST) as url:
        prometheus = Prometheus(PrometheusSource("main", url))
        yield {
            pack.line_of(signal): prometheus.observe(signal, 'customer="acme"', WINDOW)
            for pack in PACKS.values()
            if pack.name not in {"alerts", "restore-tests"}
            for signal in pack.signals
        }


def told(observed: Mapping[str, SignalObservation], signal: str, *packs: str) -> dict[str, list[tuple[int, int, int]]]:
    """What is believed of a signal by key: start and end in minutes from the start, and the value."""
    lines = Told({"main": {name: seen.lines for name, seen in observed.items()}}, [PACKS[p] for p in packs])
    return {
        key: [((r.start - START) // MINUTE, (r.end - START) // MINUTE, int(r.value)) for r in line.runs]
        for key, line in lines.lines(signal).items()
    }


def test_yum_counts_all_updates_and_says_nothing_of_security(observed: Mapping[str, SignalObservation]) -> None:
    found = told(observed, "updates_pending", "yum")

    assert found == {"alma1": [(0, 120, 5)], "alma2": [(0, 120, 0)], "alma3": []}
    assert told(observed, "security_pending", "yum", "node") == {}
    assert told(observed, "reboot_required", "yum") == {"alma1": [(0, 60, 0), (60, 120, 1)], "alma2": [], "alma3": []}


def test_needrestart_tells_a_newer_kernel_and_unknown_stays_unknown(observed: Mapping[str, SignalObservation]) -> None:
    found = told(observed, "reboot_required", "needrestart")

    assert found == {"deb1": [(0, 60, 0), (60, 120, 1)], "deb2": []}


def test_windows_updates_are_security_by_severity_or_category_and_none_is_zero(
    observed: Mapping[str, SignalObservation],
) -> None:
    (line,) = told(observed, "security_pending", "windows").values()

    assert line[0][2] == 2
    assert line[-1][1:] == (120, 0)
    assert 60 <= line[0][1] <= 66  # a grid looks five minutes back
    assert told(observed, "updates_pending", "windows") == {"win1": [(0, 60, 3), (60, 120, 1)]}


def test_the_end_of_support_is_that_of_the_system_and_an_unlisted_one_is_named(
    observed: Mapping[str, SignalObservation],
) -> None:
    found = told(observed, "support_end", "os")

    assert {key: runs[0][2] for key, runs in found.items()} == {
        "deb1": 1_846_022_400,  # 2028-07-01
        "alma1": 1_969_660_800,  # 2032-06-01
        "old": 1_719_792_000,  # 2024-07-01
    }
    assert observed["os/support_end"].warnings == (
        "signal support_end: no value is listed for 'nixos 25.05'; add it in a pack of your own",
    )


def test_a_certificate_is_told_by_its_address(observed: Mapping[str, SignalObservation]) -> None:
    assert told(observed, "certificate_expiry", "certificates") == {
        "https://portal.example/": [(0, 120, START + 30 * DAY)]
    }


@pytest.mark.parametrize(
    ("pack", "key"),
    [
        ("backups", "pg-main"),
        ("restic", "db1"),
        ("borg", "/srv/borg/web"),
        ("barman", "postgres-01"),
        ("velero", "daily"),
        ("proxmox-backup", "mail1"),
        ("cloudnativepg", "acme-db"),
    ],
)
def test_the_newest_good_backup_is_told_by_each_tool(
    observed: Mapping[str, SignalObservation], pack: str, key: str
) -> None:
    assert told(observed, "backup_last_success", pack) == {key: [(0, 60, YESTERDAY), (60, 120, TONIGHT)]}


def test_borgmatic_and_the_plugin_of_cloudnativepg_have_packs_of_their_own(
    observed: Mapping[str, SignalObservation],
) -> None:
    assert told(observed, "backup_last_success", "borgmatic") == {"ssh://borg@store:22/./db1": [(0, 120, YESTERDAY)]}
    assert told(observed, "backup_last_success", "cloudnativepg-plugin") == {"acme-db": [(0, 120, YESTERDAY)]}


def test_an_age_counted_every_ten_minutes_is_one_instant(observed: Mapping[str, SignalObservation]) -> None:
    assert told(observed, "backup_last_success", "pgbackrest") == {
        "demo": [(0, 60, YESTERDAY), (60, 120, TONIGHT)],
        "empty": [(0, 120, 0)],
    }
