"""What one collection of one signal brought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpi_agent.domain.events import RestoreTest
from kpi_agent.domain.source import Flavour
from kpi_agent.domain.time import Interval
from kpi_agent.domain.timeline import Timeline

MOST_CLOCK_DIFFERENCE = 60
"""Seconds; beyond that between a server's clock and ours its samples may lie in the wrong month (operations.md §3)."""


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What the server says of itself; *clock_difference*: server minus agent, seconds; *retention*: its own words."""

    version: str
    clock_difference: int
    retention: str | None = None
    flavour: Flavour = Flavour.PROMETHEUS

    def __str__(self) -> str:
        return f"{self.flavour} {self.version}"


@dataclass(frozen=True, slots=True)
class SignalObservation:
    """One signal over one window. *lines* holds a timeline per key (host, service, backup set).

    *interval* is the sampling interval used, in seconds; *samples* the count read and *expected* the count that full
    observation would have brought; *is_gridded* when evaluated on a grid instead of read raw;
    *is_partial* when the server said that data is missing from its answer: never to be taken for whole.
    """

    signal: str
    window: Interval
    query: str
    interval: int
    lines: Mapping[str, Timeline]
    samples: int
    expected: int
    is_gridded: bool = False
    warnings: tuple[str, ...] = ()
    samples_by_day: Mapping[int, tuple[int, int]] = field(default_factory=dict)  # UTC day start → (samples, expected)
    restore_tests: tuple[RestoreTest, ...] = ()
    is_partial: bool = False
