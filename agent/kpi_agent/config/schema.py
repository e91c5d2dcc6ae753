"""JSON Schemas of our YAML files, made from their models, for editors (yaml-language-server) and for the curious."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kpi_agent.config.contract_spec import ContractSpec
from kpi_agent.config.pack_spec import PackSpec
from kpi_agent.config.profile_spec import ProfileSpec
from kpi_agent.config.settings_spec import SettingsSpec
from kpi_agent.config.spec import Spec

MODELS: Mapping[str, type[Spec]] = {
    "settings": SettingsSpec,
    "contract": ContractSpec,
    "profile": ProfileSpec,
    "pack": PackSpec,
}
"""The files that have a schema, by the word that ``kpi-agent schema`` takes."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: str) -> dict[str, Any]:
    """Return the schema of one kind of file, each key with a description and an example; raises KeyError for others."""
    schema = MODELS[kind].model_json_schema(by_alias=True, mode="validation")
    _tidy(schema)
    return {"$schema": _DIALECT, "title": f"kpi-agent {kind}", **schema, "description": _first_line(MODELS[kind])}


def schema_name(kind: str) -> str:
    """Return the name of a kind's file; that of the settings is the name that settings files refer to."""
    return "kpi-agent.schema.json" if kind == "settings" else f"{kind}.schema.json"


def schema_text(kind: str) -> str:
    """Return the schema as it is kept under ``config/schema``."""
    return json.dumps(json_schema(kind), indent=2, ensure_ascii=False) + "\n"


def write_schemas(directory: Path) -> tuple[Path, ...]:
    """Write every schema into a folder and return the files."""
    directory.mkdir(parents=True, exist_ok=True)
    written = []
    for kind in MODELS:
        file = directory / schema_name(kind)
        file.write_text(schema_text(kind), encoding="utf-8")
        written.append(file)
    return tuple(written)


def _first_line(model: type[Spec]) -> str:
    return (model.__doc__ or "").strip().splitlines()[0]


def _tidy(part: Any) -> None:
    """Remove what only describes the program: titles of classes, and defaults, which are no text of the file."""
    if isinstance(part, list):
        for item in part:
            _tidy(item)
    if not isinstance(part, dict):
        return
    if isinstance(part.get("title"), str):
        del part["title"]
    part.pop("default", None)
    _tidy_names(part)


def _tidy_names(part: dict[str, Any]) -> None:
    """Go on below; under ``properties`` and ``$defs`` stand names, which may themselves be ``title`` or ``default``."""
    for name, below in part.items():
        if name in {"properties", "$defs"}:
            for item in below.values():
                _tidy(item)
        elif name != "examples":
            _tidy(below)


if __name__ == "__main__":
    for made in write_schemas(Path(sys.argv[1])):
        sys.stdout.write(f"{made}\n")
