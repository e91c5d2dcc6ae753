"""What reading a server met, in ``collect``, in ``status`` at 80 columns and in the report's annex on sources."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from integration.cli.host import METRICS, SETTINGS, Host
from kpi_agent.domain.time import HOUR, MINUTE, to_utc_text
from lab.certificates import self_signed, serving
from lab.loopback import loopback, reply
from lab.prometheus import Past, running_prometheus

OTHER = """\
contract: {name}
customer: {name}
provider: Opsline
effective: {{from: 2020-01-01}}
language: en
scope:
  hosts: {{source: main, matcher: 'customer="{name}"'}}
  services:
    portal: {{source: main, up: 'probe_success{{customer="{name}"}}'}}
objectives:
  - {{id: portal, indicator: availability, scope: {{service: portal}}, target: ">= 99%", min_coverage: 99%}}
"""


def until(end: int, metric: str, customer: str, value: float | str = 1, **labels: str) -> Past:
    return Past(metric, {"customer": customer, **labels}, [(t, value) for t in range(end - 2 * HOUR, end, MINUTE)])


def asking(on: Host, url: str, extra: str = "") -> None:
    metrics = METRICS.format(url=url).replace("[node]", f"[node, own]{extra}")
    desk = SETTINGS.splitlines(keepends=True)[3]
    on.settings(SETTINGS.replace(desk, metrics))
    for file in (on.home / "contracts.d").iterdir():
        file.unlink()
    for name in ("acme", "globex"):
        (on.home / "contracts.d" / f"{name}.yml").write_text(OTHER.format(name=name))
    (on.home / "queries").mkdir()
    (on.home / "queries" / "own.yml").write_text("pack: own\nsignals: {a: {query: up or vector(0), key: instance}}\n")


@pytest.fixture
def met(bare: Host, tmp_path: Path) -> tuple[Host, str]:
    """A host that has read a server with all of it wrong, and since when a metric is gone."""
    now = int(time.time())
    gone = now - 3 * HOUR
    past = [
        until(now, "probe_success", "acme", instance="a"),
        until(now, "probe_success", "acme", instance="b"),
        until(now, "probe_success", "globex", instance="a"),
        until(now, "node_reboot_required", "acme", instance="web1:9100"),
        until(now, "node_reboot_required", "acme", "NaN", instance="web2:9100"),
        until(gone, "node_textfile_mtime_seconds", "acme", gone, instance="web1:9100", file="/var/lib/node/apt.prom"),
    ]
    with running_prometheus(tmp_path / "prometheus", past) as url:
        asking(bare, url)
        assert bare.run("collect").code == 1
    return bare, to_utc_text(gone)


def joined(text: str) -> str:
    return " ".join(text.split())


def test_each_is_named_in_status_and_the_other_signals_go_on(met: tuple[Host, str]) -> None:
    host, gone = met

    lines = host.run("status").out.splitlines()

    told = joined("\n".join(lines))
    assert "main FAILED" in told
    assert "main: acme up/portal: two series stand for the query at the same time:" in told
    assert "main: acme node/reboot_required: NaN or infinite values for web2:9100: unknown while they last" in told
    assert f"tells nothing since {gone}, unknown from then on: has an upgrade renamed the metric?" in told
    assert "own: the query pack is left out:" in told
    assert all(len(line) <= 80 for line in lines)
    assert {o["contract"]: o["reading"]["n"] > 0 for o in host.run("status", "--json").value["objectives"]} == {
        "acme": False,
        "globex": True,
    }


def test_each_customer_reads_of_his_own_in_the_report(met: tuple[Host, str]) -> None:
    host, gone = met

    acme, globex = (host.run("report", "show", name).out for name in ("acme", "globex"))

    assert "What reading the sources met" in acme
    assert "up/portal: two series stand for the query" in joined(acme)
    assert "NaN or infinite values for web2:9100" in joined(acme)
    assert f"tells nothing since {gone}" in joined(acme)
    assert "own: the query pack is left out" in joined(globex)
    assert "acme" not in globex
    assert "NaN" not in globex


def test_a_certificate_that_expired_is_named(bare: Host, tmp_path: Path) -> None:
    pair = self_signed(tmp_path, "old", "IP:127.0.0.1", days=-1)
    with loopback(reply({}), tls=serving(pair)) as server:
        asking(bare, server.url.replace("http://", "https://"), f', tls: {{ca_file: "{pair.cert}"}}')
        assert bare.run("collect").code == 1

    status, report = bare.run("status").out, bare.run("report", "show", "acme").out

    assert "certificate has expired" in joined(status)
    assert "certificate has expired" in joined(report)
