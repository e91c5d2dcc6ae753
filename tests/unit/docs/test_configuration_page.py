"""docs/configuration.md names every key and every word that a file may hold."""

from __future__ import annotations

import os
import re
from functools import partial
from pathlib import Path

import pytest

from kpi_agent.config.load import load_packs
from kpi_agent.config.offered import OFFERED
from kpi_agent.config.pack_spec import PackSpec
from kpi_agent.config.profile_spec import CANNOT_TELL, COLUMNS
from kpi_agent.config.schema import MODELS
from kpi_agent.config.scopes import WHERE_FIELDS
from kpi_agent.domain.source import Combine
from kpi_agent.domain.ticket import HoldReason, Kind, State
from unit.docs.key_tables import Reader, is_without_effect, keys_of, marked_keys, with_tables

ROOT = Path(__file__).parents[3]
PAGE = "docs/configuration.md"
SHIPPED = ROOT / "config"


@pytest.mark.parametrize("kind", MODELS)
def test_each_key_stands_in_one_table(kind: str, page: Reader) -> None:
    assert sorted(marked_keys(page(PAGE))[kind]) == sorted(key.path for key in keys_of(kind))


def test_the_tables_are_those_of_the_models(page: Reader) -> None:
    """``UPDATE_DOCS=1`` writes them anew."""
    text = page(PAGE)
    wanted = with_tables(text, partial(is_without_effect, text))
    if os.environ.get("UPDATE_DOCS") == "1":
        (ROOT / PAGE).write_text(wanted, encoding="utf-8")
        text = wanted

    assert text == wanted


@pytest.mark.parametrize("folder", ["profiles", "queries"])
def test_each_shipped_profile_and_pack_is_named(folder: str, page: Reader) -> None:
    names = [file.stem for file in (SHIPPED / folder).glob("*.yml")]

    assert names
    assert [n for n in names if f"`{n}`" not in page(PAGE)] == []


def test_each_signal_of_the_shipped_packs_is_named(page: Reader) -> None:
    signals = [s.name for pack in load_packs(Path("/nowhere"), shipped=SHIPPED)[0].values() for s in pack.signals]

    assert [s for s in signals if f"`{s}`" not in page(PAGE)] == []


def test_each_gauge_of_the_restore_test_convention_is_named(page: Reader) -> None:
    pack = load_packs(Path("/nowhere"), shipped=SHIPPED)[0]["restore-tests"]

    assert [s.query for s in pack.signals if f"\n{s.query}{{" not in page(PAGE)] == []


def test_each_indicator_that_can_be_promised_is_named_with_what_it_needs(page: Reader) -> None:
    table = page(PAGE).partition("depends on its indicator:")[2].partition("\n\n- ")[0]
    said = {
        name: {part.removeprefix("scope.") for part in re.findall(r"`(scope\.\w+)`", line.split("|")[2])}
        for line in table.splitlines()
        for name in re.findall(r"`(\w+)`", line.split("|")[1] if line.startswith("| `") else "")
    }

    assert said.keys() == OFFERED.keys()
    assert [n for n, offer in OFFERED.items() if offer.form.needs.value not in said[n]] == []


def vocabulary() -> list[tuple[str, str]]:
    words = {
        "ticket fields of a profile": COLUMNS,
        "fields of where": WHERE_FIELDS,
        "what a desk cannot tell": CANNOT_TELL,
        "hold reasons": tuple(HoldReason),
        "states": tuple(State),
        "kinds": tuple(Kind),
        "ways to combine": tuple(Combine),
    }
    return [(what, word) for what, several in words.items() for word in several]


@pytest.mark.parametrize(("what", "word"), vocabulary())
def test_each_word_that_a_file_may_hold_is_named(what: str, word: str, page: Reader) -> None:
    inside = " ".join(re.findall(r"`([^`]+)`", page(PAGE)))

    assert re.search(rf"\b{word}\b", inside), f"{what}: {word}"


def test_the_example_of_a_pack_signal_is_one_that_can_be_loaded() -> None:
    example = (PackSpec.model_fields["signals"].examples or [{}])[0]

    assert PackSpec.model_validate({"pack": "mine", "signals": example}).signals.keys() == example.keys()
