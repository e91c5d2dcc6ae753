"""What the tests of configuration share: the shipped folder, and settings with one source of each type."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_agent.config.contracts import ParsedContract, parse_contract
from kpi_agent.config.load import load_packs, load_profiles
from kpi_agent.config.settings import parse_settings
from kpi_agent.domain.contract import ContractVersion
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.source import Settings

SETTINGS = """\
timezone: Europe/Paris
sources:
  main: {type: prometheus, url: "http://127.0.0.1:9090"}
  desk: {type: tickets, profile: generic, path: "inbox/*.csv"}
"""

HEAD = """\
contract: acme
customer: ACME SAS
provider: Opsline
effective: {from: 2026-01-01}
language: fr
"""

SettingsParser = Callable[[bytes, Path], tuple[Settings | None, tuple[Problem, ...]]]
ContractParser = Callable[[str], ParsedContract]
ContractReader = Callable[[str], ContractVersion]


@pytest.fixture(scope="session")
def shipped() -> Path:
    return Path(__file__).parents[3] / "config"


@pytest.fixture(scope="session")
def data() -> Path:
    return Path(__file__).parents[2] / "data"


@pytest.fixture(scope="session")
def settings_from(shipped: Path) -> SettingsParser:
    profiles, _ = load_profiles(Path("/nowhere"), shipped=shipped)
    packs, _ = load_packs(Path("/nowhere"), shipped=shipped)

    def parse(content: bytes, file: Path) -> tuple[Settings | None, tuple[Problem, ...]]:
        return parse_settings(content, file, profiles=profiles, packs=packs)

    return parse


@pytest.fixture(scope="session")
def settings(settings_from: SettingsParser) -> Settings:
    found, problems = settings_from(SETTINGS.encode(), Path("/etc/kpi-agent/kpi-agent.yml"))
    assert found is not None, problems
    return found


@pytest.fixture(scope="session")
def parsed(settings: Settings) -> ContractParser:
    """Read a contract of which only the part after the head matters."""

    def parse(text: str) -> ParsedContract:
        return parse_contract((HEAD + text).encode(), "acme.yml", timezone="Europe/Paris", sources=settings.sources)

    return parse


@pytest.fixture(scope="session")
def contract(parsed: ContractParser) -> ContractReader:
    """Read a contract that must be without problems."""

    def read(text: str) -> ContractVersion:
        found = parsed(text)
        assert found.version is not None, "\n".join(str(p) for p in found.problems)
        return found.version

    return read
