"""A real Prometheus on loopback, filled with history from an OpenMetrics file; for the demo and the tests."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kpi_agent.domain.errors import KpiAgentError

_READY_WITHIN = 30.0  # seconds


def is_installed() -> bool:
    """Whether ``prometheus`` and ``promtool`` are on the PATH."""
    return shutil.which("prometheus") is not None and shutil.which("promtool") is not None


def free_port() -> int:
    """Return a loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(
    metrics: Path,
    directory: Path,
    *,
    port: int,
    retention: str = "10y",
    config: str = "{}\n",
    flags: Sequence[str] = (),
) -> Iterator[str]:
    """Load *metrics* into a new store below *directory* and yield the server's URL; it ends with the context.

    Raises KpiAgentError with the program's own words when loading or starting fails.
    """
    data = directory / "data"
    data.mkdir(parents=True, exist_ok=True)
    # Without the hidden flag promtool writes blocks of two hours, and months take minutes instead of seconds.
    load = [
        _path("promtool"),
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        "--max-block-duration=744h",
        str(metrics),
        str(data),
    ]
    loaded = subprocess.run(load, capture_output=True, text=True, check=False)  # noqa: S603 - our own arguments
    if loaded.returncode != 0:
        raise KpiAgentError(f"promtool could not load {metrics}: {loaded.stderr.strip()[-500:]}")
    settings = directory / "prometheus.yml"
    settings.write_text(config, encoding="utf-8")
    log = directory / "prometheus.log"
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603 - our own arguments
            [
                _path("prometheus"),
                f"--config.file={settings}",
                f"--storage.tsdb.path={data}",
                f"--storage.tsdb.retention.time={retention}",
                f"--web.listen-address=127.0.0.1:{port}",
                *flags,
            ],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_ready(server, url, log)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _path(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise KpiAgentError(f"{program} is not installed; on Debian: apt-get install prometheus")
    return found


def _wait_ready(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=2) as answer:  # noqa: S310 - our own loopback URL
                if answer.status == 200:  # noqa: PLR2004 - HTTP's word for yes
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    tail = log.read_text(encoding="utf-8", errors="replace")[-500:]
    raise KpiAgentError(f"prometheus did not become ready within {_READY_WITHIN:.0f} s: {tail}")
