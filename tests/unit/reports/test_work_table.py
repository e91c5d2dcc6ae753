"""What incidents cost those who work on them: told where measured, and never about one person."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from kpi_agent.domain.contract import Scope
from kpi_agent.domain.reading import Reading, Unit
from kpi_agent_reports.report_view import build_view
from sample_contract import contract_of_acme
from sample_month import document_of, october

UNITS = {"interruption_cost": Unit.MONEY}


def reading(indicator: str, **parts: Any) -> Reading:
    given = {"value": None, "n": 0, "coverage": Fraction(1), "as_of": october()[0].now} | parts
    return Reading(indicator, Scope(), UNITS.get(indicator, Unit.RATIO), **given)


def rows(*readings: Reading, language: str = "en") -> list[list[str]]:
    evaluation, _ = october()
    told = replace(evaluation, readings=(*evaluation.readings, *readings))
    view = build_view(document_of(told, contract_of_acme()), language)
    incidents = next(t for t in view.topics if t.id == "incidents")
    found = [t for t in incidents.tables if t.columns[0].label in {"Work on incidents", "Travail sur les incidents"}]
    return [
        [part.replace("\u00a0", " ").replace("\u202f", " ") for cell in row for part in (cell.text, cell.note)]
        for table in found
        for row in table.rows
    ]


def share(indicator: str, good: int, of: int, **parts: Any) -> Reading:
    return reading(indicator, value=Fraction(good, of), n=of, numerator=good, denominator=of, **parts)


def test_a_document_without_these_figures_has_no_such_table() -> None:
    assert rows() == []


def test_shares_are_told_with_their_counts_cut_to_the_worse_side() -> None:
    assert rows(share("reopen_rate", 1, 48)) == [["Reopened incidents", "", "2.1%", "", "1 of 48", ""]]


def test_a_share_that_the_desk_does_not_tell_is_not_measured() -> None:
    untold = reading("out_of_hours_share", coverage=Fraction(0), numerator=0, denominator=0, undetermined=9)

    (found,) = rows(untold)

    assert found[2:] == ["not measured", "", "not known of 9", ""]


def test_product_teams_are_told_in_hours_where_hours_are_known() -> None:
    details = {"is_timed": 1, "seconds": 36000, "seconds_of_teams": 7200}

    (found,) = rows(share("product_team_share", 7200, 36000, details=details))

    assert found[2:] == ["20%", "", "2 h of 10 h", ""]


def test_money_stands_beside_its_hours_and_is_called_estimated() -> None:
    cost = reading("interruption_cost", value=Fraction("1234.5"), n=9, details={"seconds": 36000, "incidents": 9})

    assert rows(cost)[0][2:] == ["1,234.50 EUR", "estimated", "10 h told for 9 of 9", ""]
    assert rows(cost, language="fr")[0][2:4] == ["1 234,50 EUR", "estimé"]


def test_hours_are_told_where_money_is_not() -> None:
    cost = reading("interruption_cost", n=9, details={"seconds": 36000, "incidents": 9}, reasons=("no_rate",))

    (found,) = rows(cost)

    assert found[2:] == ["not measured", "", "10 h told for 9 of 9", "the contract names no hourly rate"]


def test_the_busiest_resolver_is_a_share_and_a_number() -> None:
    person = share("single_person_share", 5, 10, details={"high": 0, "resolvers": 4, "carry_80": 2})

    assert rows(person)[0][2:] == ["50%", "", "2 of 4 resolvers carry 80 %", ""]


def test_of_few_resolvers_no_figure_is_told() -> None:
    few = reading("single_person_share", n=10, details={"high": 1}, reasons=("few_resolvers",))

    assert rows(few)[0][2:] == ["high", "", "fewer than 4 resolvers", ""]
    assert rows(replace(few, coverage=Fraction(1, 2)))[0][2] == "not measured"
