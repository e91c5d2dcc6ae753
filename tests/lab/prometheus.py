"""A real Prometheus on loopback with a given past: used by tests that must not trust a fake."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_START_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Past:
    """The past of one series: (instant, value) pairs; instants in epoch seconds, fractions allowed."""

    metric: str
    labels: Mapping[str, str]
    samples: Iterable[tuple[float, float | str]] = field(default=())


def openmetrics(series: Iterable[Past]) -> Iterator[str]:
    """Yield the lines of an OpenMetrics file of gauges; series of one metric may stand apart."""
    by_metric: dict[str, list[Past]] = {}
    for one in series:
        by_metric.setdefault(one.metric, []).append(one)
    for metric, several in by_metric.items():
        yield f"# TYPE {metric} gauge\n"
        for one in several:
            inside = ",".join(f'{name}="{_escaped(value)}"' for name, value in one.labels.items())
            for instant, value in one.samples:
                yield f"{metric}{{{inside}}} {value} {instant}\n"
    yield "# EOF\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@dataclass(frozen=True, slots=True)
class RunningPrometheus:
    """A server that answers at *url*; *process* is ours to end."""

    url: str
    process: subprocess.Popen[bytes]
    folder: Path


@contextmanager
def running_prometheus(
    folder: Path, series: Iterable[Past] | Path, *, retention: str = "10y", config: str = "", flags: Iterable[str] = ()
) -> Iterator[RunningPrometheus]:
    """Run a Prometheus in *folder* whose past is *series* (or an OpenMetrics file); end it by its process id.

    In *config*, ``$PORT`` stands for its own port. Skips the test where the machine has no ``prometheus`` or no
    ``promtool``.
    """
    server, tool = shutil.which("prometheus"), shutil.which("promtool")
    if server is None or tool is None:
        pytest.skip("no prometheus and promtool on this machine: install the package 'prometheus'")
    folder.mkdir(parents=True, exist_ok=True)
    data = folder / "data"
    _load(tool, folder, data, series)
    port = _free_port()
    (folder / "prometheus.yml").write_text((config or "global: {scrape_interval: 1h}\n").replace("$PORT", str(port)))
    command = [
        server,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={data}",
        f"--storage.tsdb.retention.time={retention}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
        *flags,
    ]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process, folder / "log")
        yield RunningPrometheus(url, process, folder)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _load(tool: str, folder: Path, data: Path, series: Iterable[Past] | Path) -> None:
    file = series if isinstance(series, Path) else folder / "past.om"
    if not isinstance(series, Path):
        with file.open("w") as stream:
            stream.writelines(openmetrics(series))
    # Without the longer blocks, a month is split into hundreds of two-hour ones: minutes instead of seconds.
    command = [tool, "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=744h", "--quiet"]
    subprocess.run([*command, str(file), str(data)], check=True, capture_output=True, timeout=300)
    data.mkdir(exist_ok=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/-/ready", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"prometheus did not become ready:\n{log.read_text(errors='replace')[-2000:]}")
