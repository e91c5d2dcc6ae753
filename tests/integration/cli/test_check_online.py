"""``kpi-agent check --online`` against a real Prometheus, line by line as a person reads it."""

from __future__ import annotations

import time
from pathlib import Path

from integration.cli.host import METRICS, SETTINGS, Host
from lab.prometheus import Past, running_prometheus

CONTRACT = """\
contract: acme
customer: ACME SAS
provider: Opsline
effective: {from: 2020-01-01}
language: en
scope:
  tickets: {source: desk}
  hosts: {source: main, matcher: 'customer="acme"'}
  services:
    portal: {source: main, up: 'probe_success{service="portal"}'}
    mail: {source: main, up: mail_up}
objectives:
  - {id: portal, indicator: availability, scope: {service: portal}, target: ">= 99%", min_coverage: 99%}
"""


def lately(metric: str, **labels: str) -> Past:
    now = int(time.time())
    return Past(metric, {"customer": "acme", **labels}, [(t, 1) for t in range(now - 600, now, 60)])


def test_it_tells_what_every_signal_finds_and_which_packs_fit(bare: Host, tmp_path: Path) -> None:
    past = [
        lately("node_reboot_required", instance="web1:9100"),
        lately("node_reboot_required", instance="web2:9100"),
        lately("probe_success", service="portal", instance="a"),
        lately("probe_success", service="portal", instance="b"),
        lately("velero_backup_last_successful_timestamp", schedule="daily"),
    ]
    (bare.home / "contracts.d" / "acme.yml").write_text(CONTRACT)
    (bare.home / "queries").mkdir()
    (bare.home / "queries" / "own.yml").write_text("pack: own\nsignals: {a: {query: up or vector(0), key: instance}}\n")

    with running_prometheus(tmp_path / "prometheus", past) as url:
        metrics = METRICS.format(url=url).replace("[node]", "[node, own]")
        bare.settings(SETTINGS.replace("contracts:", metrics + "contracts:"))
        answer = bare.run("check", "--online")

    lines = answer.out.splitlines()
    assert answer.code == 78  # a pack of one's own is broken
    assert lines[1].startswith("source main: prometheus ")
    assert "  contract acme" in lines
    assert "    node/reboot_required                              2 series" in lines
    assert "    node/security_pending                            no series" in lines
    assert "  pack velero fits too: 1 series; to ask for it, add it to sources.main.queries" in lines
    assert "    up/portal                                         2 series of 1" in lines
    assert "source main: acme up/portal: several series where one is wanted" in answer.err
    assert "advice: acme up/mail: no series; the service is unknown until there is one" in answer.err
    assert "source main: acme own: " in answer.err
    assert answer.err.count("'or vector") == 2  # by the file's check, and by what it keeps from being asked
    assert all(len(line) <= 80 for line in lines[1:])


def test_it_fails_where_a_query_would_not_be_read(bare: Host, tmp_path: Path) -> None:
    (bare.home / "contracts.d" / "acme.yml").write_text(CONTRACT)
    with running_prometheus(tmp_path / "prometheus", [lately("probe_success", service="portal")]) as url:
        bare.settings(SETTINGS.replace("contracts:", METRICS.format(url=url) + "contracts:"))

        assert bare.run("check", "--online").code == 0

        (bare.home / "contracts.d" / "acme.yml").write_text(CONTRACT.replace("up: mail_up", "up: 'sum(mail_up{}[5m])'"))
        answer = bare.run("check", "--online")

    assert answer.code == 1
    assert "refused the query (bad_data)" in answer.err
