"""What a close may look at: the knowledge of its as-of instant, however much more there is when it is repeated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from builders import ALWAYS, contract, line, month, paris, version
from kpi_agent.domain.contract import Comparison, Objective, Scope, ServiceTerms, Target, TargetUnit
from kpi_agent.domain.records import SeenTrouble, SourceRun
from kpi_agent.domain.source import PrometheusSource, Settings
from kpi_agent.domain.time import HOUR, MINUTE, Interval
from kpi_agent.domain.timeline import Timeline
from kpi_agent.jobs.gather import Gathered, Gatherer

MAIN = PrometheusSource("main", "http://127.0.0.1:9", max_age=HOUR)
PORTAL = ServiceTerms("portal", "main", 'probe_success{service="portal"}', ALWAYS)
ACME = contract(version(tickets=None, hosts=None, services={"portal": PORTAL}))
AS_OF = paris("2026-11-03 07:00")


@dataclass
class Shelf:
    until: int
    known: dict[str, Timeline] = field(default_factory=dict)

    def lines(self, source: str, scope: str, signal: str) -> Mapping[str, Timeline]:
        return {"": line(("2026-10-01 00:00", self.until, 1))}

    def troubles(self, source: str, contract: str, span: Interval) -> tuple[SeenTrouble, ...]:
        return ()

    def latest(self, *, until: int | None = None) -> Mapping[str, SourceRun]:
        return {}


def gathered(until: int, *, now: int = AS_OF, newest_import: int | None = None) -> Gathered:
    settings = Settings("kpi-agent.yml", "Europe/Paris", Path("/"), "", {"main": MAIN}, "")
    shelf: Any = Shelf(until)
    return Gatherer(settings, shelf, shelf, shelf).gather(ACME, month("2026-10"), now=now, newest_import=newest_import)


def test_a_close_repeated_after_more_was_collected_sees_the_same() -> None:
    first = gathered(AS_OF - 12 * MINUTE, newest_import=0)
    repeated = gathered(AS_OF + 5 * HOUR, newest_import=0)

    assert repeated == first
    assert first.sources[0].as_of == AS_OF - HOUR


def test_a_close_right_at_the_end_of_the_month_sees_the_whole_month() -> None:
    end = paris("2026-11-01 00:00")

    seen = gathered(end, now=end, newest_import=0)

    assert seen.sources[0].as_of == end
    assert seen.sources[0].coverage == 1


def test_a_preview_sees_all_that_is_known_now() -> None:
    assert gathered(AS_OF - 12 * MINUTE).sources[0].as_of == AS_OF - 12 * MINUTE
    assert gathered(AS_OF + 5 * HOUR).sources[0].as_of == AS_OF


def test_a_service_and_a_figure_that_a_new_version_drops_are_known_of_the_days_before() -> None:
    target = Target(Comparison.AT_MOST, Fraction(20), TargetUnit.COUNT, "<= 20")
    queue = Objective("queue", "custom", target, Scope(figure="queue"), query="sum(queue)")
    former = version(
        tickets=None, hosts=None, services={"portal": PORTAL, "mail": replace(PORTAL, name="mail")}, objectives=(queue,)
    )
    deal = contract(former, version("2026-10-16", tickets=None, hosts=None, services={"portal": PORTAL}))
    settings = Settings("kpi-agent.yml", "Europe/Paris", Path("/"), "", {"main": MAIN}, "")
    shelf: Any = Shelf(AS_OF)

    facts = Gatherer(settings, shelf, shelf, shelf).gather(deal, month("2026-10"), now=AS_OF).facts

    assert facts.services.keys() == {"portal", "mail"}
    assert facts.custom.keys() == {queue.line}
