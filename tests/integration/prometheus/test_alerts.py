from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.config.packs import parse_pack
from kpi_agent.domain.alerts import alert_labels
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.source import PrometheusSource, Signal
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval
from lab.loopback import loopback, reply
from lab.prometheus import Past, running_prometheus

START = 1_790_812_800  # 2026-10-01 00:00 UTC
WINDOW = Interval(START, START + DAY)
ALERT = {"alertname": "Down", "alertstate": "firing", "instance": 'web"01:9100', "customer": "acme"}
OTHER = {**ALERT, "customer": "other"}
PENDING = {**ALERT, "alertstate": "pending"}


def each(every: int, *stretches: tuple[int, int]) -> list[tuple[float, float | str]]:
    return [(START + t, 1) for first, end in stretches for t in range(first, end, every)]


PAST = [
    Past("ALERTS", ALERT, each(30, (HOUR, 2 * HOUR), (5 * HOUR, 5 * HOUR + 30))),
    Past("ALERTS", OTHER, each(30, (3 * HOUR, 4 * HOUR))),
    Past("ALERTS", PENDING, each(30, (0, HOUR))),
    Past("up", {"instance": "web01:9100", "customer": "acme"}, each(30, (0, 6 * HOUR), (8 * HOUR, DAY))),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_prometheus(tmp_path_factory.mktemp("prometheus"), PAST) as url:
        yield url


def signal(name: str) -> Signal:
    file = Path(__file__).parents[3] / "config" / "queries" / "alerts.yml"
    pack, problems = parse_pack(file.read_bytes(), "alerts.yml")
    assert pack is not None, problems
    return next(s for s in pack.signals if s.name == name)


def test_alerts_of_the_contract_are_read_by_their_labels(server: str) -> None:
    found = Prometheus(PrometheusSource("main", server)).alerts(signal("alerts_firing"), 'customer="acme"', WINDOW)
    ((key, line),) = found.lines.items()

    assert alert_labels(key) == {"alertname": "Down", "customer": "acme", "instance": 'web"01:9100'}
    assert [(r.start - START, r.end - START, int(r.value)) for r in line.runs] == [
        (HOUR, 2 * HOUR, 30),
        (5 * HOUR, 5 * HOUR + 30, 30),
    ]


def test_a_stopped_server_was_not_quiet(server: str) -> None:
    found = Prometheus(PrometheusSource("main", server)).observe(signal("alerts_observed"), 'customer="acme"', WINDOW)

    assert [(r.start - START, r.end - START) for r in found.lines["rules"].runs] == [
        (0, 6 * HOUR + MINUTE),
        (8 * HOUR, DAY),
    ]


def test_a_server_without_rules_says_so(server: str) -> None:
    found = Prometheus(PrometheusSource("main", server)).rules("alerts/alert_rules", "", Interval(START, START + 900))

    assert {key: int(line.runs[0].value) for key, line in found.lines.items()} == {"": 0}
    assert found.warnings


def rule(name: str, labels: dict[str, str], runbook: str | None) -> dict[str, object]:
    notes = {} if runbook is None else {"runbook_url": runbook}
    return {"type": "alerting", "name": name, "labels": labels, "annotations": notes}


def page(*rules: object, token: str = "") -> object:
    group = {"name": "hosts", "interval": 30, "rules": list(rules)}
    return {"status": "success", "data": {"groups": [group]} | ({"groupNextToken": token} if token else {})}


def test_rules_are_read_page_by_page_without_those_of_others() -> None:
    first = page(rule("Down", {}, "https://run/down"), rule("Full", {"severity": "page"}, " "), token="2")
    second = page(rule("Theirs", {"customer": "other"}, None), {"type": "recording", "name": "r"})
    with loopback(reply(first), reply(second)) as server:
        found = Prometheus(PrometheusSource("main", server.url)).rules("r", 'customer="acme"', Interval(0, 900))

    assert {key: int(line.runs[0].value) for key, line in found.lines.items()} == {
        "": 2,
        "hosts: Down": 1,
        'hosts: Full {severity="page"}': 0,
    }
    assert b"group_next_token=2" in server.requests[1]


@pytest.mark.parametrize(
    "data", [[], {"groups": 3}, {"groups": [{"name": 1, "rules": [{"type": "alerting", "name": 2}]}]}]
)
def test_another_shape_is_refused(data: object) -> None:
    with loopback(reply({"status": "success", "data": data})) as server, pytest.raises(SourceRejected, match="rules"):
        Prometheus(PrometheusSource("main", server.url)).rules("r", "", Interval(0, 900))


def test_pages_without_end_are_refused() -> None:
    with loopback(reply(page(token="again"))) as server, pytest.raises(SourceRejected, match="without end"):
        Prometheus(PrometheusSource("main", server.url)).rules("r", "", Interval(0, 900))
