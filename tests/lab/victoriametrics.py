"""A real VictoriaMetrics on loopback with a given past."""

from __future__ import annotations

import math
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kpi_agent.demo.local_prometheus import free_port
from lab.prometheus import Past, escaped

_READY_WITHIN = 30.0  # seconds


@contextmanager
def running_victoriametrics(folder: Path, series: Iterable[Past]) -> Iterator[str]:
    """Run a VictoriaMetrics in *folder* whose past is *series*, and yield its URL; it ends with the context.

    Skips the test where the machine has no ``victoria-metrics``.
    """
    program = shutil.which("victoria-metrics")
    if program is None:
        pytest.skip("no victoria-metrics on this machine: install the package 'victoria-metrics'")
    url = f"http://127.0.0.1:{free_port()}"
    folder.mkdir(parents=True, exist_ok=True)
    flags = [f"-storageDataPath={folder / 'data'}", f"-httpListenAddr={url.removeprefix('http://')}"]
    with (folder / "victoria-metrics.log").open("wb") as log:
        server = subprocess.Popen([program, *flags, "-retentionPeriod=100y"], stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(f"{url}/health")
        load(url, series)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


def load(url: str, series: Iterable[Past]) -> None:
    """Write *series* and make them visible at once."""
    lines = (
        f"{one.metric}{{{_labels(one)}}} {value} {math.floor(instant * 1000 + 0.5)}\n"
        for one in series
        for instant, value in one.samples
    )
    _post(f"{url}/api/v1/import/prometheus", "".join(lines).encode())
    _post(f"{url}/internal/force_flush", b"")


def _labels(one: Past) -> str:
    return ",".join(f'{name}="{escaped(value)}"' for name, value in one.labels.items())


def _post(url: str, content: bytes) -> None:
    with urllib.request.urlopen(urllib.request.Request(url, data=content, method="POST"), timeout=30):
        pass


def _wait(url: str) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
