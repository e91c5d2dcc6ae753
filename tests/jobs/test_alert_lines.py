from __future__ import annotations

from collections.abc import Mapping

from builders import contract, line, month
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.source import PrometheusSource, QueryPack, Signal
from kpi_agent.domain.timeline import Timeline
from kpi_agent.jobs.collect import FIRING, OBSERVED, RULES, signals_for
from kpi_agent.jobs.measured import measured, with_metrics

ALERT = 'alertname="Down"'
PACK = QueryPack(
    "alerts", (Signal("alerts_firing", "ALERTS", key="alertname"), Signal("alerts_observed", "x", key="w"))
)
MAIN = PrometheusSource("main", "http://one", queries=("alerts",))
TWIN = PrometheusSource("twin", "http://two", queries=("alerts",), replica_of="main")
STORED = {
    ("main", FIRING): {ALERT: line((100, 160, 60))},
    ("twin", FIRING): {ALERT: line((100, 220, 60))},
    ("main", OBSERVED): {"rules": line((0, 200, 1))},
    ("twin", OBSERVED): {"rules": line((150, 400, 1))},
    ("main", RULES): {"": line((0, 400, 2)), "g: a": line((0, 400, 1)), "g: b": line((0, 400, 1))},
    ("twin", RULES): {"": line((0, 400, 1)), "g: a": line((0, 400, 0))},
}


class Shelf:
    def lines(self, source: str, scope: str, signal: str) -> Mapping[str, Timeline]:
        return STORED.get((source, signal), {})

    def restore_tests(self, source: str, scope: str) -> tuple[()]:
        return ()


def test_what_two_servers_tell_of_alerts_is_one_set_of_facts() -> None:
    deal = contract(tickets=None)
    servers = {"main": MAIN, "twin": TWIN}
    found = measured(
        deal,
        deal.latest,
        servers=servers,
        packs={"alerts": PACK},
        stored=Shelf(),  # type: ignore[arg-type]  # reads alone
        until=lambda _: 350,
    )
    alerts = with_metrics(Facts(), deal, deal.latest, found).alerts

    assert alerts.firing == {ALERT: line((100, 220, 60))}
    assert alerts.watched == line((0, 350, 1))
    assert alerts.rules == {"g: a": line((0, 350, 0)), "g: b": line((0, 350, 1))}
    assert alerts.told == line((0, 350, 2))
    assert alerts.newest == 350


def test_the_rules_are_read_before_the_alerts_that_they_fired() -> None:
    asked = signals_for(MAIN, {"acme": contract()}, {"alerts": PACK}, now=month().start)

    assert [item.signal.name for item in asked] == [RULES, FIRING, OBSERVED]
