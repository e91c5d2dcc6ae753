"""Stores for tests: a SQLite file, and a PostgreSQL database where Debian's server is installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from kpi_agent.store.open import Store, open_store

_BINARIES = Path("/usr/lib/postgresql/15/bin")
_numbers = count()


def _run(*command: object) -> None:
    # The server refuses to run as root; its files then belong to the user that Debian's package made.
    user = "postgres" if os.geteuid() == 0 else None
    subprocess.run([str(part) for part in command], check=True, capture_output=True, user=user, timeout=60)


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    if not (_BINARIES / "initdb").exists() or find_spec("psycopg") is None:
        pytest.skip("needs PostgreSQL 15 and psycopg")
    folder = Path(tempfile.mkdtemp(prefix="kpi-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data = folder / "data"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    _run(_BINARIES / "initdb", "-D", data, "-U", "kpi", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
    _run(_BINARIES / "pg_ctl", "-D", data, "-o", options, "-l", folder / "log", "-w", "start")
    try:
        yield f"postgresql+psycopg://kpi@127.0.0.1:{port}"
    finally:
        _run(_BINARIES / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return "sqlite:///kpi-agent.db"
    server = request.getfixturevalue("cluster")
    name = f"store_{next(_numbers)}"
    # A schema of its own is as empty as a database of its own, and made a hundred times faster.
    engine = create_engine(f"{server}/postgres")
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    return f"{server}/postgres?options=-csearch_path%3D{name}"


@pytest.fixture
def store(url: str, tmp_path: Path) -> Iterator[Store]:
    """A new store, on each database in turn."""
    opened = open_store(url, state_dir=tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[Store]:
    """A new store in a SQLite file."""
    opened = open_store("sqlite:///kpi-agent.db", state_dir=tmp_path)
    yield opened
    opened.close()
