"""A version with closed periods keeps the terms that they were judged by; what concerns later days is free."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kpi_agent.config.closed_terms import ClosedTerms, rewritten
from kpi_agent.config.contracts import join_versions, parse_contract
from kpi_agent.domain.contract import Contract
from kpi_agent.domain.problem import Problem

TEXT = """\
contract: acme
customer: ACME SAS
provider: Opsline
effective: {from: 2026-01-01}
language: fr
calendars:
  office: {hours: {mon-fri: "08:00-18:00"}, closed: [2026-05-15], open: [{on: 2026-10-03, hours: "08:00-12:00"}]}
maintenance:
  - {name: move, starts: "2026-06-06 20:00", lasts: 12h, services: [portal]}
scope:
  tickets: {source: desk}
  hosts: {source: main, matcher: 'customer="acme"', retired: {web3: 2026-10-12}}
  services:
    portal: {source: main, up: 'probe_success{service="portal"}', calendar: 24x7}
priorities:
  P1: {respond: 30m, resolve: 4h, calendar: 24x7}
report: {to: [direction@acme.example]}
objectives:
  - {id: gtr, indicator: resolve_in_time, target: ">= 95%"}
"""
CLOSED = ClosedTerms("2026-01-01", TEXT, "2026-10-31")


@pytest.fixture
def contract(settings: object) -> Contract:
    parsed = parse_contract(TEXT.encode(), "acme.yml", timezone="Europe/Paris", sources=settings.sources)  # type: ignore[attr-defined]
    assert parsed.version is not None, parsed.problems
    joined, problems = join_versions([parsed.version])
    assert joined is not None, problems
    return joined


def changed(contract: Contract, before: str, after: str) -> tuple[Problem, ...]:
    assert before in TEXT
    now = replace(contract.versions[0], text=TEXT.replace(before, after))
    return rewritten(replace(contract, versions=(now,)), [CLOSED])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("contract: acme\n", "# the contract\ncontract: acme\n"),
        ("{respond: 30m, resolve: 4h, calendar: 24x7}", "\n    calendar: 24x7\n    resolve: 4h\n    respond: '30m'"),
        ("direction@acme.example", "board@acme.example"),
        ("{from: 2026-01-01}", "{from: 2026-01-01, to: 2026-11-30}"),
        (
            "maintenance:\n",
            'maintenance:\n  - {name: late, starts: "2026-11-14 20:00", lasts: 2h, services: [portal]}\n',
        ),
        ("closed: [2026-05-15]", "closed: [2026-05-15, 2026-12-24]"),
        ("open: [", 'open: [{on: 2026-12-26, hours: "08:00-12:00"}, '),
        ("{web3: 2026-10-12}", "{web3: 2026-10-12, web4: 2026-11-02}"),
    ],
)
def test_what_changes_nothing_that_was_judged_is_free(contract: Contract, before: str, after: str) -> None:
    assert changed(contract, before, after) == ()


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("resolve: 4h", "resolve: 8h", "acme.yml:16:22: priorities.P1.resolve: "),
        ('">= 95%"', '">= 90%"', "acme.yml:19:43: objectives[0].target: "),
        ("closed: [2026-05-15]", "closed: []", "acme.yml:7:"),
        ("closed: [2026-05-15]", "closed: [2026-05-15, 2026-10-30]", "acme.yml:7:"),
        ('starts: "2026-06-06 20:00"', 'starts: "2026-06-06 18:00"', "acme.yml:9:18: maintenance[0].starts: "),
        ("{web3: 2026-10-12}", "{web3: 2026-10-12, web4: 2026-10-14}", "acme.yml:12:"),
        ("{from: 2026-01-01}", "{from: 2026-01-01, to: 2026-10-15}", "acme.yml:4:"),
        ("language: fr", "language: en", "acme.yml:5:1: language: "),
    ],
)
def test_what_was_judged_by_other_terms_is_refused_with_its_place(
    contract: Contract, before: str, after: str, place: str
) -> None:
    (problem,) = changed(contract, before, after)

    assert str(problem).startswith(place)
    assert "differs from what periods up to 2026-10-31 were judged by" in problem.message
    assert not problem.is_advice


def test_a_version_that_no_file_holds_any_more_is_missed(contract: Contract) -> None:
    (problem,) = rewritten(contract, [replace(CLOSED, effective_from="2025-01-01"), CLOSED])

    assert "closed periods under its version of 2025-01-01, and no file holds that version any more" in str(problem)


def test_the_same_file_is_no_problem(contract: Contract) -> None:
    assert rewritten(contract, [CLOSED]) == ()
    assert rewritten(contract, []) == ()
