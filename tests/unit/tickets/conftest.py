"""Reads export files through the shipped profiles."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kpi_agent.config.profiles import parse_profile
from kpi_agent.domain.export import Export
from kpi_agent.domain.source import Profile, TicketSource
from whole_export import read_whole

ROOT = Path(__file__).parents[3]
NOW = 1_795_428_000  # 2026-11-23T10:00:00Z

Reader = Callable[..., Export]


def shipped_profile(name: str) -> Profile:
    path = ROOT / "config" / "profiles" / f"{name}.yml"
    profile, problems = parse_profile(path.read_bytes(), str(path))
    assert problems == ()
    assert profile is not None
    return profile


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Return a function that writes content (text or bytes) to a file and reads it; keywords go to the source."""

    def read_content(
        content: str | bytes,
        profile: str | Profile = "generic",
        *,
        name: str = "export.csv",
        as_of: int | None = NOW,
        **settings: Any,
    ) -> Export:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        chosen = shipped_profile(profile) if isinstance(profile, str) else profile
        source = TicketSource(
            **{"name": "desk", "profile": chosen, "path": "*.csv", "timezone": "Europe/Paris", **settings}
        )
        return read_whole(path, source, as_of=as_of, now=NOW)

    return read_content


@pytest.fixture
def profile() -> Callable[[str], Profile]:
    """Return a function that loads a shipped profile by name."""
    return shipped_profile


@pytest.fixture
def exports() -> Path:
    return ROOT / "tests" / "data" / "exports"
