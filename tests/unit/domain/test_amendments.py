"""A contract version that begins inside a month (indicators.md §10): the same promise adds its numbers."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from builders import at_least, contract, desk, month, objective, paris, span, terms, ticket, version
from kpi_agent.domain.calendar import ALWAYS
from kpi_agent.domain.contract import Contract, ContractVersion, Planned, Scope, ServiceTerms
from kpi_agent.domain.evaluation import Evaluation, Outcome
from kpi_agent.domain.facts import Facts, ServiceFacts
from kpi_agent.domain.measure import measure
from kpi_agent.domain.time import DAY, HOUR, Interval
from kpi_agent.domain.timeline import Run, Timeline

IN_TIME = objective("resolve_in_time", at_least("90%"), scope=Scope(priority="P1"))
FACTS = desk(
    ticket("2026-10-05 08:00", "2026-10-05 09:00", id="met-before"),
    ticket("2026-10-06 08:00", "2026-10-06 14:00", id="after-six-hours-before"),
    ticket("2026-10-20 08:00", "2026-10-20 14:00", id="after-six-hours-then"),
)


def evaluated(deal: Contract, facts: Facts) -> Evaluation:
    return measure(deal, month(), facts, now=paris("2026-12-01 00:00"))


def amended(**parts: object) -> tuple[ContractVersion, ContractVersion]:
    """Return a version for the first half of October and one, changed by *parts*, from the 15th."""
    first = version(objectives=(IN_TIME,))
    return first, replace(first, effective_from=paris_day("2026-10-15"), **parts)  # type: ignore[arg-type]


def paris_day(text: str) -> object:
    return version(text).effective_from


def test_an_amendment_that_changes_nothing_gives_one_verdict_with_the_numbers_added() -> None:
    found = evaluated(contract(*amended()), FACTS).commitments

    assert [(c.reading.numerator, c.reading.denominator, c.outcome) for c in found] == [(1, 3, Outcome.MISSED)]


def test_each_ticket_keeps_the_limit_of_the_version_in_which_it_began() -> None:
    longer = {"P1": terms("30m", "8h")}
    found = evaluated(contract(*amended(priorities=longer)), FACTS).commitments

    assert [(c.reading.numerator, c.reading.denominator, c.limit_seconds) for c in found] == [(2, 3, None)]


def test_a_changed_target_gives_a_verdict_for_each_part_of_the_month() -> None:
    lower = (replace(IN_TIME, target=at_least("50%")),)
    found = evaluated(contract(*amended(objectives=lower)), FACTS).commitments

    assert [(c.segment, c.reading.numerator, c.reading.denominator) for c in found] == [(0, 1, 2), (1, 0, 1)]


def test_a_promise_that_is_dropped_is_judged_for_the_time_it_stood() -> None:
    found = evaluated(contract(*amended(objectives=())), FACTS).commitments

    assert [(c.segment, c.reading.denominator) for c in found] == [(0, 2)]


def test_availability_adds_the_seconds_of_each_version_under_its_own_rules() -> None:
    promise = objective("availability", at_least("99%"), scope=Scope(service="portal"))
    portal = ServiceTerms("portal", "main", "probe_success", ALWAYS)
    first = version(tickets=None, hosts=None, services={"portal": portal}, objectives=(promise,))
    counted = replace(portal, planned=Planned.COUNTED)
    second = replace(first, effective_from=paris_day("2026-10-15"), services={"portal": counted})  # type: ignore[arg-type]
    october = month().interval
    outages = [span("2026-10-05 00:00", "2026-10-05 01:00"), span("2026-10-20 00:00", "2026-10-20 02:00")]
    edges = [october.start, *(edge for o in outages for edge in (o.start, o.end)), october.end]
    runs = [Run(a, b, Fraction(1 - index % 2)) for index, (a, b) in enumerate(pairwise(edges))]
    facts = Facts(services={"portal": ServiceFacts(Timeline.of(runs), october.end + DAY, HOUR)})

    found = evaluated(contract(first, second), facts)

    (commitment,) = found.commitments
    assert commitment.reading.denominator == 745 * HOUR
    assert commitment.reading.numerator == 742 * HOUR
    assert commitment.reading.details["outages"] == 2
    assert [o.span for o in found.outages] == [Interval(o.start, o.end) for o in outages]
    assert len(found.days["portal"]) == 31
