"""docs/indicators.md defines every indicator, and what it says of printing and of absence is so."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest

from kpi_agent.config.offered import OFFERED
from kpi_agent.domain.contract import Planned, UnknownPolicy
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.reading import Reading
from kpi_agent_reports.words import Words
from unit.docs.key_tables import Reader

PAGE = "docs/indicators.md"
TEXT = (Path(__file__).parents[3] / PAGE).read_text(encoding="utf-8")


def section(text: str, name: str) -> str:
    found = re.search(rf"\n###? {name}\n(.*?)(?=\n##|\Z)", text, re.DOTALL)
    assert found, f"no section '{name}'"
    return found[1]


def later() -> list[str]:
    return re.findall(r"`(\w+)`", TEXT.partition("no report claims them:")[2].partition("\n\nNor ")[0])


def printed() -> list[tuple[int, int, str, str]]:
    table = TEXT.partition("<!-- printed -->")[2].partition("<!-- end of printed -->")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    return [(int(good), int(of), which, text) for good, of, which, text in rows]


@pytest.mark.parametrize("name", INDICATORS)
def test_each_indicator_is_defined_with_parts_unknown_and_edges(name: str, page: Reader) -> None:
    about = section(page(PAGE), name)

    assert "**Numerator" in about
    assert "**Unknown**" in about
    assert "**Edges**" in about


def test_each_indicator_stands_in_the_contents(page: Reader) -> None:
    contents = page(PAGE).partition("\n## ")[0]

    assert [name for name in INDICATORS if f"`{name}`" not in contents] == []


@pytest.mark.parametrize("name", later())
def test_what_is_said_not_to_be_there_is_not(name: str) -> None:
    assert name not in INDICATORS
    assert name not in OFFERED


def test_no_indicator_is_both_defined_and_said_to_be_missing(page: Reader) -> None:
    defined = re.findall(r"\n### (\w+_\w+|volume|backlog|availability|exposure|certificates|custom)\n", page(PAGE))

    assert sorted(defined) == sorted(INDICATORS)
    assert len(later()) > 5


@pytest.mark.parametrize(("good", "of", "which", "text"), printed())
def test_a_figure_is_printed_as_the_page_shows(good: int, of: int, which: str, text: str) -> None:
    words = Words("en", "Europe/Paris")

    assert words.percent(Fraction(good, of), is_floored=which == "better") == text


@pytest.mark.parametrize("word", [*Outcome, *Planned, *UnknownPolicy])
def test_each_outcome_and_policy_is_explained(word: str, page: Reader) -> None:
    assert f"`{word}`" in page(PAGE) or f": {word}`" in page(PAGE)


@pytest.mark.parametrize(
    "field", ["coverage", "undetermined", "lowest", "highest", "bounded", "holds_unplaced", "overdue", "origin"]
)
def test_the_fields_of_a_reading_that_need_words_have_them(field: str, page: Reader) -> None:
    assert field in Reading.__slots__
    assert f"`{field}`" in section(page(PAGE), "A reading")
