"""The page on figures of the contract's own."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from builders import at_least, contract, month, objective, paris, version
from kpi_agent.domain.contract import Aggregate, Contract, Objective, Scope
from kpi_agent.domain.facts import CustomFacts, Facts
from kpi_agent.domain.measure import measure
from kpi_agent.domain.time import local_days
from kpi_agent.domain.timeline import Run, Timeline
from kpi_agent.jobs.ports import Generator
from kpi_agent_reports.document import build_document
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.view import Topic

DAYS = [day for _, day in local_days(month().interval, month().tz)]


def figure(name: str = "backlog", **parts: Any) -> Objective:
    made = objective("custom", at_least("95%"), scope=Scope(figure=name), query=f"avg({name})", **parts)
    return replace(made, id=name)


def known(promise: Objective, *values: str | None) -> Facts:
    runs = [Run(d.start, d.end, Fraction(v)) for d, v in zip(DAYS, values, strict=False) if v is not None]
    return Facts(custom={promise.line: CustomFacts(Timeline.of(runs), paris("2026-11-02 00:00"), 3600)})


def page(deal: Contract, facts: Facts, language: str = "en") -> Topic | None:
    evaluation = measure(deal, month(), facts, now=paris("2026-11-03 07:00"))
    parts: dict[str, Any] = {"state": "preview", "revision": 0, "previous_sha256": None}
    document = build_document(evaluation, contract=deal, generator=Generator("1", "1", "2026a"), **parts)
    return next((t for t in build_view(document, language).topics if t.id == "figures"), None)


def rows(topic: Topic | None, place: int) -> list[list[str]]:
    assert topic is not None
    return [[c.text for c in row] for row in topic.tables[place].rows]


def test_a_figure_is_told_with_its_days_and_its_question() -> None:
    promise = figure(aggregate=Aggregate.MIN)
    topic = page(contract(version(objectives=(promise,))), known(promise, *["0.9949"] * 30, "0.96"))

    assert rows(topic, 0) == [["backlog", "96%", "lowest day", "96%", "99.4%", "31 of 31"]]
    assert rows(topic, 1) == [["backlog", "avg(backlog)"]]


def test_the_contracts_own_name_is_used() -> None:
    promise = replace(figure(), name={"fr": "Files dans les temps"})

    topic = page(contract(version(objectives=(promise,), language="fr")), known(promise, *["1"] * 31), "fr")

    assert [row[0] for row in rows(topic, 0)] == ["Files dans les temps"]
    assert topic is not None
    assert topic.title == "Chiffres du contrat"


def test_days_without_a_value_are_no_zero() -> None:
    promise = figure()

    short = page(contract(version(objectives=(promise,))), known(promise, "0.97", None, "0.99"))
    none = page(contract(version(objectives=(promise,))), known(promise))

    assert rows(short, 0) == [["backlog", "–", "mean of the days", "97%", "99%", "2 of 31"]]
    assert rows(none, 0) == [["backlog", "–", "mean of the days", "–", "–", "0 of 31"]]


def test_each_version_that_asks_otherwise_has_its_own_line() -> None:
    former, later = figure(), replace(figure(), query="avg(other)")
    facts = Facts(custom={**known(former, *["1"] * 31).custom, **known(later, *["0.5"] * 31).custom})
    deal = contract(version(objectives=(former,)), version("2026-10-31", objectives=(later,)))

    topic = page(deal, facts)

    assert [row[1:] for row in rows(topic, 0)] == [
        ["100%", "mean of the days", "100%", "100%", "30 of 30"],
        ["50%", "mean of the days", "50%", "50%", "1 of 1"],
    ]
    assert [row[1] for row in rows(topic, 1)] == ["avg(backlog)", "avg(other)"]


def test_a_contract_without_such_a_figure_has_no_page() -> None:
    assert page(contract(), Facts()) is None
