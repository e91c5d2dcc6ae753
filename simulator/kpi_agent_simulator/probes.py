"""What a blackbox exporter saw of each service: one sample a minute, 1 up, 0 down, and the minutes it missed."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kpi_agent_simulator.estate import PROBE_EVERY, Contract, Service
from kpi_agent_simulator.hours import DAY, HOUR, MINUTE
from kpi_agent_simulator.months import Month

UP = 1
DOWN = 0

Span = tuple[int, int]

_QUIET_HOURS_BEFORE_NOW = 2 * HOUR


@dataclass(frozen=True, slots=True)
class Probe:
    """The samples of one service, (instant, 1 or 0) in time order."""

    contract: str
    service: Service
    samples: tuple[tuple[int, int], ...]


def probe_services(
    contract: Contract,
    months: tuple[Month, Month, Month],
    windows: Sequence[Span],
    edges: Span,
    rng: random.Random,
) -> Iterator[Probe]:
    """Yield one probe per service over *edges*; what *windows* plan is partly used to take maintained services down."""
    start, now = edges
    for service in contract.services:
        outages = [*_scripted_outages(service, months), *_random_outages(start, now - _QUIET_HOURS_BEFORE_NOW, rng)]
        if service.is_maintained:
            outages += [_inside(window, rng) for window in windows]
        silences = [*_scripted_silences(service, months), *_random_silences(start, now, rng)]
        yield Probe(contract.id, service, tuple(_samples(service, edges, outages, silences)))


def _samples(
    service: Service, edges: Span, outages: Sequence[Span], silences: Sequence[Span]
) -> Iterator[tuple[int, int]]:
    start, now = edges
    instants = range(start - start % PROBE_EVERY + PROBE_EVERY + service.offset, now, PROBE_EVERY)
    down = _hit(instants, outages)
    silent = _hit(instants, silences)
    for instant in instants:
        if instant not in silent:
            yield instant, DOWN if instant in down else UP


def _hit(instants: range, spans: Sequence[Span]) -> set[int]:
    """Return the instants that lie in one of *spans*."""
    found: set[int] = set()
    for start, end in spans:
        steps = -((instants.start - start) // instants.step)
        first = instants.start + max(steps, 0) * instants.step
        found.update(range(first, min(end, instants.stop), instants.step))
    return found


def _scripted_outages(service: Service, months: tuple[Month, Month, Month]) -> list[Span]:
    """Return the outages that give some month something to talk about, with odd lengths."""
    first, second, running = (month.start for month in months)
    begun = {
        "api": [(second + 13 * DAY + 9 * HOUR + 77, 5437)],
        "extranet": [(first + 8 * DAY + 7 * HOUR + 1511, 4 * HOUR + 13), (running + 2 * DAY + 10 * HOUR, 1999)],
        "tracking": [(first + 19 * DAY + 15 * HOUR + 333, 3 * HOUR + 1303)],
        "shop": [(first + 5 * DAY + 11 * HOUR + 47, 2791), (second + 20 * DAY + 2 * HOUR, 1171)],
        "portail": [(first + 22 * DAY + 16 * HOUR + 999, 1187)],
    }
    return [(start, start + length) for start, length in begun.get(service.name, [])]


def _scripted_silences(service: Service, months: tuple[Month, Month, Month]) -> list[Span]:
    """Return the two long gaps: three hours of messagerie, and two days of shop, which leave a month unmeasured."""
    first, second, _ = (month.start for month in months)
    gaps = {
        "messagerie": [(first + 15 * DAY + 10 * HOUR + 71, first + 15 * DAY + 13 * HOUR + 88)],
        "shop": [(second + 9 * DAY + 6 * HOUR + 19, second + 11 * DAY + 6 * HOUR + 202)],
    }
    return gaps.get(service.name, [])


def _random_outages(start: int, end: int, rng: random.Random) -> Iterator[Span]:
    """Yield outages of some minutes about every twelve days, and blips of a minute or two about every six."""
    for every, shortest, longest in ((12 * DAY, 61, 17 * MINUTE), (6 * DAY, 20, 110)):
        instant = start + rng.expovariate(1 / every)
        while instant < end:
            yield int(instant), int(instant) + rng.randint(shortest, longest)
            instant += HOUR + rng.expovariate(1 / every)


def _random_silences(start: int, end: int, rng: random.Random) -> Iterator[Span]:
    """Yield scrapes that failed: one alone, which the next sample bridges, or a few, which are a gap."""
    instant = start + rng.expovariate(1 / (5 * DAY))
    while instant < end:
        missed = rng.choices((1, 2, 5), weights=(60, 25, 15))[0]
        yield int(instant), int(instant) + missed * PROBE_EVERY
        instant += HOUR + rng.expovariate(1 / (5 * DAY))


def _inside(window: Span, rng: random.Random) -> Span:
    start, end = window
    begun = start + rng.randrange((end - start) // 3)
    return begun, begun + rng.randrange(20 * MINUTE, (end - start) // 2)
