"""A real Prometheus on loopback with a given past: used by tests that must not trust a fake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kpi_agent.demo import local_prometheus


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
            inside = ",".join(f'{name}="{escaped(value)}"' for name, value in one.labels.items())
            for instant, value in one.samples:
                yield f"{metric}{{{inside}}} {value} {instant}\n"
    yield "# EOF\n"


def escaped(value: str) -> str:
    """Return a label value as exposition formats write it between quotes."""
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


@contextmanager
def running_prometheus(
    folder: Path, series: Iterable[Past], *, retention: str = "10y", config: str = "", flags: Sequence[str] = ()
) -> Iterator[str]:
    """Run a Prometheus in *folder* whose past is *series*, and yield its URL; it ends with the context.

    In *config*, ``$PORT`` stands for its own port. Skips the test where the machine has no ``prometheus`` or no
    ``promtool``.
    """
    if not local_prometheus.is_installed():
        pytest.skip("no prometheus and promtool on this machine: install the package 'prometheus'")
    folder.mkdir(parents=True, exist_ok=True)
    past = folder / "past.om"
    with past.open("w") as stream:
        stream.writelines(openmetrics(series))
    port = local_prometheus.free_port()
    text = (config or "global: {scrape_interval: 1h}\n").replace("$PORT", str(port))
    with local_prometheus.serving(past, folder, port=port, retention=retention, config=text, flags=flags) as url:
        yield url
