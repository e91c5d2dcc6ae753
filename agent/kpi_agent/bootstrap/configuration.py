"""Settings, contracts, profiles and packs of one agent, loaded. Cheap enough for the daemon to keep."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kpi_agent.config import examples, load, schema
from kpi_agent.domain.contract import Contract
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.source import QueryPack, Settings, TicketSource
from kpi_agent.shipped import shipped

_WRITTEN = frozenset({"report", "status"})  # what we write; the others are generated from the models that read

SCHEMAS = ("settings", "contract", "profile", "pack", "report", "status")


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an agent works with. A broken contract is not in *contracts* but in *problems*; the others go on.

    So do the signals of other packs when a pack of one's own is broken: it is in *packs* with its fault.
    """

    path: Path
    settings: Settings
    contracts: Mapping[str, Contract]
    packs: Mapping[str, QueryPack]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep a contract or a source from working; advice is left out."""
        return tuple(p for p in self.problems if not p.is_advice)

    @property
    def refused_files(self) -> tuple[str, ...]:
        """The contract files that are not in force, as they are named from the settings' folder; sorted."""
        folder = self.path.absolute().parent
        files = {Path(p.file).absolute() for p in self.errors}
        return tuple(sorted(str(f.relative_to(folder) if f.is_relative_to(folder) else f) for f in files))

    @property
    def state_dir(self) -> Path:
        """The absolute state directory."""
        return Path(self.settings.state_dir)


def load_configuration(path: Path) -> Configuration:
    """Return the configuration that the settings file *path* describes.

    Raises InvalidConfiguration with every problem of the settings and profiles.
    """
    packs, faults = load.load_packs(path.parent / "queries", shipped=shipped("config"))
    settings, advice = load.load_settings(path, shipped=shipped("config"), packs=packs)
    contracts, problems = load.load_contracts(settings)
    return Configuration(path, _with_robots(settings, contracts), contracts, packs, (*advice, *faults, *problems))


def _with_robots(settings: Settings, contracts: Mapping[str, Contract]) -> Settings:
    """Return the settings in which each desk knows the robots of every contract that reads it.

    An account's name is not kept, so who is a robot must be known when an export is read.
    """
    sources = dict(settings.sources)
    for contract in contracts.values():
        for version in contract.versions:
            scope = version.tickets
            source = None if scope is None else sources[scope.source]
            if scope is not None and isinstance(source, TicketSource):
                robots = sorted({*source.robots, *scope.robots})
                sources[scope.source] = replace(source, robots=tuple(robots))
    return replace(settings, sources=sources)


def write_examples(directory: Path) -> Iterator[Path]:
    """Write the example settings and contract, and yield their paths; raises when one is there already."""
    yield from examples.write_examples(directory)


def json_schema(kind: str) -> Mapping[str, Any]:
    """Return the JSON Schema of one of SCHEMAS."""
    if kind in _WRITTEN:
        text = (shipped("config") / "schema" / f"{kind}.schema.json").read_text(encoding="utf-8")
        written: Mapping[str, Any] = json.loads(text)
        return written
    return schema.json_schema(kind)
