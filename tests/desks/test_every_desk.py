"""Every shipped profile against exports that were written from the product's format, without looking at the profile.

A module of this folder with ``EXPORTS`` (name → bytes) is a product; ``expected/<product>.<name>.json`` says by hand what
each export means. A product that cuts its exports silently has ``CUT_AT`` (rows) and ``long_export(rows)`` too.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from desks.expectation import EXPECTED, PROFILES, as_expected, as_told, import_export, read_expectation, shipped_profile
from kpi_agent.domain.errors import ExportRefused

PRODUCTS: dict[str, ModuleType] = {
    path.stem: module
    for path in sorted(Path(__file__).parent.glob("*.py"))
    if not path.stem.startswith("test_") and hasattr(module := importlib.import_module(f"desks.{path.stem}"), "EXPORTS")
}
CASES = [(product, name) for product, module in PRODUCTS.items() for name in module.EXPORTS]
CUT = [product for product, module in PRODUCTS.items() if hasattr(module, "CUT_AT")]


def profile_of(product: str, name: str) -> str:
    return str(read_expectation(product, name).get("profile", product))


@pytest.mark.parametrize(("product", "name"), CASES)
def test_an_export_means_what_its_expectation_says(product: str, name: str, tmp_path: Path) -> None:
    content = PRODUCTS[product].EXPORTS[name]
    expected = read_expectation(product, name)
    settings = expected.get("settings", {})

    if "refused" in expected:
        with pytest.raises(ExportRefused) as refusal:
            import_export(content, tmp_path, profile_of(product, name), expected["file"], settings)
        assert expected["refused"] in str(refusal.value)
        return
    export = import_export(content, tmp_path, profile_of(product, name), expected["file"], settings)

    assert [(r.line, r.code, r.reason) for r in export.rejected] == [
        (r["line"], r["code"], r.get("reason", found.reason))
        for r, found in zip(expected.get("rejected", []), export.rejected, strict=True)
    ]
    tickets, wanted = (
        as_told(export.tickets, export.cannot_tell),
        as_expected(expected["tickets"], expected.get("tells", [])),
    )
    assert list(tickets) == list(wanted)
    for ticket in wanted:
        assert tickets[ticket] == wanted[ticket]
    assert sorted(export.cannot_tell) == sorted(expected["cannot_tell"])
    assert export.rows == expected["rows"]
    assert export.is_event_log is expected.get("is_event_log", False)
    assert export.is_truncated is expected.get("is_truncated", False)
    for detail in ("encoding", "delimiter", "columns", "date_formats"):
        assert getattr(export, detail) == expected.get(detail, getattr(export, detail))


@pytest.mark.parametrize(("product", "name"), CASES)
def test_a_row_left_out_names_nobody(product: str, name: str, tmp_path: Path) -> None:
    expected = read_expectation(product, name)
    if "refused" in expected:
        return
    people = {person for person in PRODUCTS[product].PEOPLE if person}
    content, settings = PRODUCTS[product].EXPORTS[name], expected.get("settings", {})
    export = import_export(content, tmp_path, profile_of(product, name), expected["file"], settings)

    for row in export.rejected:
        assert [person for person in people if person in row.raw or person in row.reason] == []


@pytest.mark.parametrize("product", CUT)
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_full_page_raises_the_alarm(product: str, more: int, tmp_path: Path) -> None:
    module = PRODUCTS[product]
    name = next(n for n in module.EXPORTS if "refused" not in read_expectation(product, n))
    expected = read_expectation(product, name)
    rows = module.CUT_AT + more
    content, settings = module.long_export(rows), expected.get("settings", {})
    export = import_export(content, tmp_path, profile_of(product, name), expected["file"], settings)

    assert (export.rows, len(export.tickets), export.is_truncated) == (rows, rows, more == 0)


def test_every_shipped_profile_is_proven() -> None:
    proven = {profile_of(product, name) for product, name in CASES}
    cut = {profile_of(product, name) for product in CUT for name in PRODUCTS[product].EXPORTS}
    shipped = {path.stem for path in PROFILES.glob("*.yml")}

    assert shipped - proven == set()
    assert {name for name in shipped if shipped_profile(name).truncation} - cut == set()


def test_every_expectation_has_its_export() -> None:
    assert {path.stem for path in EXPECTED.iterdir()} == {f"{product}.{name}" for product, name in CASES}
