"""What is committed under config/ is what the program makes, and what it makes can be loaded."""

from pathlib import Path

import pytest

from kpi_agent.config.examples import CONTRACT, SETTINGS, write_examples
from kpi_agent.config.load import load_contracts, load_packs, load_profiles, load_settings
from kpi_agent.config.schema import MODELS, json_schema, schema_name, schema_text, write_schemas
from kpi_agent.domain.errors import InvalidConfiguration


@pytest.mark.parametrize("kind", MODELS)
def test_the_committed_schema_is_that_of_the_model(kind: str, shipped: Path) -> None:
    assert (shipped / "schema" / schema_name(kind)).read_text(encoding="utf-8") == schema_text(kind)


@pytest.mark.parametrize("kind", MODELS)
def test_each_key_has_a_description_and_an_example(kind: str) -> None:
    schema = json_schema(kind)
    blocks = {kind: schema, **schema.get("$defs", {})}

    bare = [
        f"{block}.{name}"
        for block, part in blocks.items()
        for name, key in part.get("properties", {}).items()
        if not key.get("description") or not key.get("examples")
    ]

    assert len(blocks) > 1
    assert bare == []


def test_schemas_are_written_where_asked(tmp_path: Path) -> None:
    files = write_schemas(tmp_path / "schema")

    assert sorted(f.name for f in files) == sorted(schema_name(kind) for kind in MODELS)


def test_the_committed_examples_are_those_that_init_writes(shipped: Path) -> None:
    assert (shipped / "kpi-agent.yml").read_text(encoding="utf-8") == SETTINGS
    assert (shipped / "contract.yml").read_text(encoding="utf-8") == CONTRACT


def test_what_init_writes_loads_without_a_remark(tmp_path: Path, shipped: Path) -> None:
    files = write_examples(tmp_path / "new")

    settings, advice = load_settings(files[0], shipped=shipped, packs=("node", "restore-tests"))
    contracts, problems = load_contracts(settings)

    assert (advice, problems) == ((), ())
    assert list(contracts) == ["example"]


def test_the_example_settings_are_short() -> None:
    active = [line for line in SETTINGS.splitlines() if line.strip() and not line.strip().startswith("#")]

    assert len(active) <= 22


def test_init_overwrites_nothing(tmp_path: Path) -> None:
    (tmp_path / "kpi-agent.yml").write_text("timezone: UTC\n")

    with pytest.raises(InvalidConfiguration, match="is there already and is not overwritten"):
        write_examples(tmp_path)

    assert (tmp_path / "kpi-agent.yml").read_text() == "timezone: UTC\n"
    assert not (tmp_path / "contracts.d").exists()


def test_the_shipped_profiles_and_packs_are_without_problems(shipped: Path) -> None:
    profiles, problems = load_profiles(Path("/nowhere"), shipped=shipped)

    assert problems == ()
    assert {"glpi", "servicenow", "generic"} <= set(profiles)
    packs, problems = load_packs(Path("/nowhere"), shipped=shipped)

    assert problems == ()
    assert {"node", "restore-tests"} <= set(packs)
