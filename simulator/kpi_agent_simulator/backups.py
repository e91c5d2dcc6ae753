"""The newest good backup of each set, night by night, as the backups themselves tell it in a textfile."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kpi_agent_simulator.estate import SCRAPE_EVERY, Contract
from kpi_agent_simulator.hours import DAY, HOUR, MINUTE
from kpi_agent_simulator.months import Month

_BEFORE = 3 * DAY


@dataclass(frozen=True, slots=True)
class BackupGauge:
    """What is scraped of one part of a set: (instant, end of the newest good backup), in time order."""

    contract: str
    backup: str
    part: str
    samples: tuple[tuple[int, int], ...]


def gauge_newest(
    contract: Contract, months: tuple[Month, Month, Month], edges: tuple[int, int], rng: random.Random
) -> Iterator[BackupGauge]:
    """Yield the gauge of every part over *edges*; the part of a set that has one bears the set's own name."""
    start, now = edges
    second = months[1].start
    for number, (backup, parts) in enumerate(contract.backups.items()):
        for place, part in enumerate(parts or (backup,)):
            ends = list(_nights(start - _BEFORE, now, rng))
            offset = 71 + 89 * number + 13 * place
            silent = (second + 7 * DAY, second + 8 * DAY + 11 * HOUR) if part in {"archives-mail", "files"} else (0, 0)
            # The newest one was found damaged and thrown away: the one before it counts again.
            lost = second + 16 * DAY + 9 * HOUR if part in {"base-principale", "shop-db"} else None
            yield BackupGauge(contract.id, backup, part, tuple(_scraped(ends, start + offset, now, silent, lost)))


def _nights(start: int, now: int, rng: random.Random) -> Iterator[int]:
    """Yield the ends of good backups: one a night, some of which fail."""
    for day in range(start // DAY, now // DAY + 1):
        if rng.random() >= 1 / 25:
            yield day * DAY + HOUR + rng.randrange(3 * HOUR + 20 * MINUTE)


def _scraped(
    ends: Sequence[int], first: int, now: int, silent: tuple[int, int], lost: int | None
) -> Iterator[tuple[int, int]]:
    for instant in range(first, now, SCRAPE_EVERY):
        if silent[0] <= instant < silent[1]:
            continue
        good = [end for end in ends if end <= instant]
        if lost is not None and instant >= lost:
            newest = max(end for end in good if end < lost)
            good.remove(newest)
        if good:
            yield instant, max(good)
