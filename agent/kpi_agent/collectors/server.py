"""What a server says of itself: which product it is, its version, its clock and how long it remembers."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, nan
from typing import Any

from kpi_agent.collectors.answer import Answer, printable
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.source import Flavour

UNKNOWN_VERSION = "of unknown version"
# What VictoriaMetrics says instead of its own version, because Grafana chooses by it how to ask; some say nothing.
_NO_VERSION_OF_ITS_OWN: tuple[Mapping[str, Any], ...] = ({}, {"version": "2.24.0"})


def read_clock(answer: Answer, *, at: str) -> float:
    """Return the instant that ``time()`` was answered with, as a scalar or, by VictoriaMetrics, as a vector."""
    try:
        result = answer.data["result"]
        instant = float((result[0]["value"] if answer.result_type == "vector" else result)[1])
    except (IndexError, KeyError, TypeError, ValueError):
        instant = nan
    if not isfinite(instant):
        raise SourceRejected(f"{at} answered time() with something that is no instant: check url")
    return instant


def read_flavour(clock: Answer, build: Mapping[str, Any]) -> Flavour:
    """Return which product answered ``time()`` and tells *build* as its ``buildinfo``.

    VictoriaMetrics knows no scalars; Mimir names itself; Thanos has not reached version 1, below which no Prometheus
    has the page. Everything else is taken for a Prometheus.
    """
    if clock.result_type == "vector":
        return Flavour.VICTORIAMETRICS
    if "mimir" in str(build.get("application", "")).lower():
        return Flavour.MIMIR
    if str(build.get("version", "")).startswith("0."):
        return Flavour.THANOS
    return Flavour.PROMETHEUS


def read_version(build: Mapping[str, Any]) -> str:
    """Return the server's version as it writes it, "of unknown version" where it tells none of its own."""
    if build in _NO_VERSION_OF_ITS_OWN:
        return UNKNOWN_VERSION
    return printable(str(build.get("version") or UNKNOWN_VERSION))
