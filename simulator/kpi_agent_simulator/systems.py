"""Which operating system each host runs, and since when: old ones, one that is upgraded, one that nobody lists."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from kpi_agent_simulator.hours import DAY

SUPPORTED_UNTIL = {
    ("debian", "10"): date(2024, 6, 30),
    ("debian", "11"): date(2026, 8, 31),
    ("debian", "12"): date(2028, 6, 30),
    ("debian", "13"): date(2030, 6, 30),
    ("ubuntu", "20.04"): date(2025, 5, 31),
    ("ubuntu", "24.04"): date(2029, 4, 30),
}
"""The last day of free security updates, by id and version (wiki.debian.org/LTS, ubuntu.com/about/release-cycle)."""

_UNLISTED = ("nixos", "24.05")


@dataclass(frozen=True, slots=True)
class System:
    """An operating system, as ``os-release`` names it, since an instant."""

    since: int
    id: str
    version: str


def systems_of(hosts: Sequence[str], months: Sequence[int], rng: random.Random) -> Mapping[str, tuple[System, ...]]:
    """Return the systems of each host in order; the third to last is upgraded in the second month."""
    found: dict[str, tuple[System, ...]] = {}
    names = [*rng.choices(list(SUPPORTED_UNTIL), weights=(2, 3, 60, 20, 3, 12), k=len(hosts) - 1), _UNLISTED]
    for host, name in zip(hosts, names, strict=True):
        found[host] = (System(0, *name),)
    upgraded = months[1] + int(rng.uniform(3, 20) * DAY)
    found[hosts[-3]] = (System(0, "debian", "11"), System(upgraded, "debian", "12"))
    return found
