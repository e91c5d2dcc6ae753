from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpi_agent_simulator import Estate, simulate

NOW = int(datetime(2026, 11, 23, 10, tzinfo=UTC).timestamp())


@pytest.fixture(scope="session")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """One simulated estate for all tests: October 2026 with its long night is the last full month."""
    directory: Path = tmp_path_factory.mktemp("estate")
    return simulate(directory, seed=1, now=NOW)
