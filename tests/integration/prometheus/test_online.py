"""``check --online`` on a real Prometheus: what each signal finds now, and which packs fit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from builders import ALWAYS, contract, version
from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.config.load import load_packs
from kpi_agent.domain.contract import HostScope, ServiceTerms
from kpi_agent.domain.source import PrometheusSource, QueryPack, Signal
from kpi_agent.domain.time import HOUR, MINUTE
from kpi_agent.jobs.online import Found, found_for_contracts, packs_that_fit
from lab.prometheus import Past, running_prometheus

NOW = 1_790_812_800  # 2026-10-01 00:00 UTC
CONFIG = Path(__file__).parents[3] / "config"
PACKS, _ = load_packs(Path("/nowhere"), shipped=CONFIG)
OWN = QueryPack(
    "own",
    (
        Signal("twice", "twice", "instance"),
        Signal("renamed", "renamed", "instance"),
        Signal("broken", "sum by (instance) (x{$matchers}[5m])", "instance"),
    ),
)
FAULTY = QueryPack("faulty", (), "queries/faulty.yml", "queries/faulty.yml:3:5: signals.a.query: no selector")


def service(name: str, up: str) -> ServiceTerms:
    return ServiceTerms(name, "main", up, ALWAYS)


ACME = contract(
    version(
        tickets=None,
        hosts=HostScope("main", 'customer="acme"'),
        services={"portal": service("portal", 'probe_success{service="portal"}'), "mail": service("mail", "mail_up")},
    )
)


def lately(metric: str, *, since: int = NOW - HOUR, until: int = NOW, **labels: str) -> Past:
    return Past(metric, {"customer": "acme", **labels}, [(t, 1) for t in range(since, until, MINUTE)])


SECURITY = "Debian:bookworm-security/stable-security"
PAST = [
    lately("apt_upgrades_pending", instance="web1:9100", origin=SECURITY, arch="amd64"),
    lately("apt_upgrades_pending", instance="web1:9100", origin=SECURITY, arch="all"),
    lately("apt_upgrades_pending", instance="web2:9100", origin=SECURITY, arch="amd64"),
    Past("apt_upgrades_pending", {"customer": "other", "instance": "x:9100", "origin": SECURITY}, [(NOW - 60, 1)]),
    lately("probe_success", service="portal", instance="a"),
    lately("probe_success", service="portal", instance="b"),
    lately("twice", instance="web1:9100"),
    lately("twice", instance="web1:9182"),
    lately("renamed", instance="web1:9100", until=NOW - 30 * MINUTE, version="1"),
    lately("renamed", instance="web1:9100", since=NOW - 20 * MINUTE, version="2"),
    # Scraped every quarter of an hour: an instant query sees nothing of it.
    Past("restic_backup_timestamp", {"client_hostname": "db1"}, [(NOW - 40 * MINUTE, 1)]),
]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusSource]:
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), PAST) as url:
        yield PrometheusSource("main", url, queries=("node", "own", "faulty"))


@pytest.fixture(scope="module")
def found(source: PrometheusSource) -> dict[str, Found]:
    packs = {**PACKS, "own": OWN, "faulty": FAULTY}
    looked = found_for_contracts(source, {"acme": ACME}, packs, reader=Prometheus(source), now=NOW)
    return {one.name: one for one in looked}


def test_series_are_counted_with_the_hosts_that_they_stand_for(found: dict[str, Found]) -> None:
    assert found["node/security_pending"] == Found("acme", "node/security_pending", series=3, keys=2)
    assert found["node/reboot_required"] == Found("acme", "node/reboot_required")


def test_several_series_where_one_is_wanted_are_named(found: dict[str, Found]) -> None:
    assert found["own/twice"].rivals == ("web1",)
    assert found["up/portal"].rivals == ("",)


def test_a_series_that_followed_another_within_the_hour_is_one(found: dict[str, Found]) -> None:
    assert found["own/renamed"] == Found("acme", "own/renamed", series=1, keys=1)


def test_a_service_that_nothing_observes_has_no_series(found: dict[str, Found]) -> None:
    assert found["up/mail"] == Found("acme", "up/mail")


def test_a_query_that_the_server_refuses_and_a_pack_that_is_broken_are_named(found: dict[str, Found]) -> None:
    assert "refused the query (bad_data)" in found["own/broken"].error
    assert found["faulty"].error == FAULTY.fault


def test_packs_that_would_find_something_are_named_and_those_asked_already_are_not(source: PrometheusSource) -> None:
    fitting = packs_that_fit(source, PACKS, reader=Prometheus(source), now=NOW)

    assert fitting == {"restic": 1}
    assert packs_that_fit(replace(source, queries=("restic",)), PACKS, reader=Prometheus(source), now=NOW)["node"] == 8
