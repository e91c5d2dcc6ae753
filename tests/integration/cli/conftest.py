from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from integration.cli.host import Host, export, host, month_of_tickets, row
from kpi_agent.domain.time import HOUR


@pytest.fixture
def bare(tmp_path: Path) -> Host:
    """A host that was configured and never read anything."""
    return host(tmp_path / "home")


@pytest.fixture(scope="session")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Host:
    """A host with three months of tickets read, and the month before the last one closed; not to be changed."""
    made = host(tmp_path_factory.mktemp("lived-in") / "home")
    made.drop("desk.csv", tickets(made))
    assert made.run("collect").code == 0
    assert made.run("report", "build", "acme", "--period", made.month(2).id).code == 0
    return made


@pytest.fixture
def own(lived_in: Host, tmp_path: Path) -> Host:
    """A copy of the host that was lived in, to be changed at will."""
    shutil.copytree(lived_in.home, tmp_path / "home")
    return replace(lived_in, home=tmp_path / "home")


@pytest.fixture
def public_home() -> Iterator[Path]:
    """A folder that every user may enter; those of pytest are for its own user alone."""
    with tempfile.TemporaryDirectory(prefix="kpi-agent-") as name:
        Path(name).chmod(0o755)
        yield Path(name) / "home"


def tickets(made: Host) -> str:
    """Return an export of two full months (2 of 12 and 1 of 12 late) and of the running one."""
    rows = [*month_of_tickets(made.month(2), first=100, late=2), *month_of_tickets(made.month(1), first=200)]
    return export([*rows, row(300, made.now - 4 * HOUR, resolve=HOUR), row(301, made.now - 2 * HOUR, resolve=None)])
