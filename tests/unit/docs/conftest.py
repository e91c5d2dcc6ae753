"""The pages that promise something: docs/, README.md and CONTRIBUTING.md of the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from unit.docs.key_tables import Reader

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def page() -> Reader:
    """Read a page by its name below the checkout."""
    return lambda name: (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def pages() -> dict[str, str]:
    """Return every page for users and contributors, by its path below the checkout."""
    files = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
    return {str(f.relative_to(ROOT)): f.read_text(encoding="utf-8") for f in files}
