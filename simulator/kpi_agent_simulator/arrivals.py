"""When tickets arrive, and which of them have the same cause."""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kpi_agent_simulator.hours import DAY, HOUR, MINUTE
from kpi_agent_simulator.vocabulary import Family

_MONTH = 30 * DAY
_SATURDAY = 5
_FAMILY_SHARE = 0.17
_STORM_SHARE = 0.18
_STORM_WITHIN = 50 * MINUTE


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody, or a monitor, opens a ticket; *family* is None for something that never happened before."""

    opened: int
    family: Family | None


def arrive(
    start: int, end: int, per_month: int, zone: ZoneInfo, families: tuple[Family, ...], rng: random.Random
) -> list[Arrival]:
    """Return the arrivals of [start, end) in time order: Poisson by hour, with the peaks of a working week."""
    hours = range(start, end, HOUR)
    weights = [_rush(datetime.fromtimestamp(hour, zone)) for hour in hours]
    per_weight = per_month * (end - start) / _MONTH / sum(weights)
    found: list[Arrival] = []
    for hour, weight in zip(hours, weights, strict=True):
        for _ in range(_poisson(weight * per_weight, rng)):
            opened = hour + rng.randrange(HOUR)
            family = _pick(families, rng)
            found.append(Arrival(opened, family))
            if family is not None:
                found.extend(Arrival(later, family) for later in _storm(opened, rng))
    return sorted((arrival for arrival in found if arrival.opened < end), key=lambda arrival: arrival.opened)


def _rush(local: datetime) -> float:
    """Return how busy a desk is at a local hour, 1 being the busiest."""
    opening, closing, late = 8, 18, 22
    if local.weekday() >= _SATURDAY:
        return 0.1
    if opening <= local.hour < closing:
        return 1.0
    return 0.3 if closing <= local.hour < late else 0.08


def _pick(families: tuple[Family, ...], rng: random.Random) -> Family | None:
    if not families or rng.random() >= _FAMILY_SHARE:
        return None
    return rng.choices(families, weights=[family.weight for family in families])[0]


def _storm(opened: int, rng: random.Random) -> Iterator[int]:
    """Yield the openings of further callers about the same thing."""
    if rng.random() < _STORM_SHARE:
        for _ in range(rng.randint(1, 4)):
            yield opened + MINUTE + rng.randrange(_STORM_WITHIN)


def _poisson(mean: float, rng: random.Random) -> int:
    count, product, floor = 0, rng.random(), math.exp(-mean)
    while product > floor:
        count += 1
        product *= rng.random()
    return count
