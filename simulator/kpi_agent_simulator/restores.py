"""Restore tests of the backup sets: a script on a timer publishes the last one of each method."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from kpi_agent_simulator.estate import SCRAPE_EVERY, Contract
from kpi_agent_simulator.hours import DAY, HOUR, MINUTE
from kpi_agent_simulator.months import Month

_BEFORE = 120 * DAY


@dataclass(frozen=True, slots=True)
class RestoreTest:
    """One test: when it ended, whether the restored data proved good, how long it took, how old the data was."""

    ran: int
    has_passed: bool
    duration: int
    data_age: int


@dataclass(frozen=True, slots=True)
class RestoreGauge:
    """What is scraped about one backup set and method: (instant, the last test by then), in time order."""

    contract: str
    backup: str
    method: str
    samples: tuple[tuple[int, RestoreTest], ...]


def gauge_backups(
    contract: Contract, months: tuple[Month, Month, Month], edges: tuple[int, int], rng: random.Random
) -> Iterator[RestoreGauge]:
    """Yield the gauges of every backup set of the contract, scraped over *edges*."""
    start, now = edges
    plans = {
        "base-principale": (("full", 20, 0.05), ("verify", 7, 0.0)),
        "archives": (("full", 0, 0.0),),
        "shop-db": (("full", 24, 0.05), ("partial", 17, 0.05)),
        "files": (("full", 27, 0.1),),
    }
    for number, backup in enumerate(contract.backups):
        for method, every_days, failing in plans[backup]:
            is_regular = every_days > 0
            tests = _regular(start - _BEFORE, now, every_days, failing, rng) if is_regular else _neglected(months)
            offset = 61 + 97 * number
            yield RestoreGauge(contract.id, backup, method, tuple(_scraped(tests, start + offset, now)))


def _regular(start: int, now: int, every_days: int, failing: float, rng: random.Random) -> list[RestoreTest]:
    """Return a test every so many days, about, in working hours UTC, failing now and then."""
    tests: list[RestoreTest] = []
    day = start // DAY
    while day * DAY < now:
        ran = day * DAY + 9 * HOUR + rng.randrange(7 * HOUR)
        tests.append(_test(ran, rng, has_passed=rng.random() >= failing))
        day += max(int(every_days * rng.uniform(0.8, 1.3)), 1)
    return tests


def _neglected(months: tuple[Month, Month, Month]) -> list[RestoreTest]:
    """Return tests of which none passed within 92 days before the end of the last full month."""
    _, second, running = months
    rng = random.Random(0)
    return [
        _test(second.end - 100 * DAY + 10 * HOUR + 143, rng, has_passed=True),
        _test(second.start + 16 * DAY + 13 * HOUR + 31, rng, has_passed=False),
        _test(running.start + 4 * DAY + 10 * HOUR + 59, rng, has_passed=True),
    ]


def _test(ran: int, rng: random.Random, *, has_passed: bool) -> RestoreTest:
    return RestoreTest(ran, has_passed, rng.randrange(20 * MINUTE, 5 * HOUR), rng.randrange(2 * HOUR, 25 * HOUR))


def _scraped(tests: list[RestoreTest], first: int, now: int) -> Iterator[tuple[int, RestoreTest]]:
    done = 0
    for instant in range(first, now, SCRAPE_EVERY):
        while done + 1 < len(tests) and tests[done + 1].ran <= instant:
            done += 1
        if tests[done].ran <= instant:
            yield instant, tests[done]
