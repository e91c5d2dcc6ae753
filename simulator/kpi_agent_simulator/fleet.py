"""Security updates on a fleet of Debian hosts: what is pending, when it is patched, and what a scrape shows of it."""

import random
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kpi_agent_simulator.estate import SCRAPE_EVERY, Contract
from kpi_agent_simulator.histories import Pending, Span, scripted_histories
from kpi_agent_simulator.hours import DAY, HOUR, MINUTE
from kpi_agent_simulator.systems import System, systems_of

SECURITY = "Debian:bookworm-security/oldstable-security"
# The script joins the archives of a package that two of them offer.
BOTH = "Debian:bookworm-security/oldstable-security,Debian:bookworm/oldstable"
ORDINARY = "Debian:bookworm/oldstable"

_LATE_SHARE = 0.035

Count = tuple[str, str, int]
"""Origin, architecture and number of packages."""


@dataclass(frozen=True, slots=True)
class Scrape:
    """What one scrape of one host returned: the age of the textfile, the counts in it, 1 while a reboot is required."""

    instant: int
    mtime: int
    counts: tuple[Count, ...]
    reboot: int = 0


@dataclass(frozen=True, slots=True)
class Host:
    """A host as it was scraped; *retired* is the local midnight from which it is out of scope, or None."""

    contract: str
    name: str
    retired: int | None
    scrapes: tuple[Scrape, ...]
    systems: tuple[System, ...] = ()

    def system_at(self, instant: int) -> tuple[str, str]:
        """Return the id and the version of the operating system that it ran."""
        last = [system for system in self.systems if system.since <= instant][-1]
        return last.id, last.version


def scrape_fleet(
    contract: Contract, months: tuple[int, int, int, int], edges: Span, rng: random.Random
) -> Iterator[Host]:
    """Yield every host of the contract over *edges*; *months* are the starts of the three months and the last end."""
    start, now = edges
    waves = _waves(start - 12 * DAY, now, rng)
    scripts = scripted_histories(contract, months)
    systems = systems_of(contract.hosts, months, random.Random(f"{contract.id} {waves}"))
    for name in contract.hosts:
        history = scripts.get(name)
        pending = tuple(_patched_after(waves, rng)) if history is None else history.pending
        seen = (start if history is None else history.first_seen or start, now)
        retired = None if history is None else history.retired
        silences = () if history is None else history.silences
        dead_cron = None if history is None else history.dead_cron
        contents = _contents(pending, _ordinary(start, now, rng), has_both=rng.random() < 1 / 3)
        instants = _instants(seen, retired, silences, rng.randrange(SCRAPE_EVERY))
        reboots = _reboots(pending, random.Random(f"{name} {pending}"))
        age = rng.randrange(2 * MINUTE, SCRAPE_EVERY)
        scrapes = tuple(_with_reboots(_scrapes(instants, contents, dead_cron, age), reboots))
        yield Host(contract.id, name, retired, scrapes, systems[name])


def _waves(start: int, now: int, rng: random.Random) -> list[int]:
    """Return the instants at which the distribution publishes security updates."""
    waves: list[int] = []
    instant = start + rng.randrange(2 * DAY)
    while instant < now:
        waves.append(instant)
        instant += int(rng.uniform(5, 15) * DAY)
    return waves


def _patched_after(waves: Sequence[int], rng: random.Random) -> Iterator[Pending]:
    """Yield how long each wave that concerned a host stayed pending there; patching clears whatever has piled up."""
    patched = 0
    for wave in waves:
        if rng.random() < 1 / 3:
            continue
        seen = wave + rng.randrange(12 * HOUR)
        if seen <= patched + 2 * HOUR:
            continue
        delay = rng.uniform(15, 30) if rng.random() < _LATE_SHARE else rng.triangular(1, 13, 5)
        patched = seen + int(delay * DAY)
        yield Pending(seen, patched, rng.randint(1, 40))


def _reboots(pending: Sequence[Pending], rng: random.Random) -> list[Span]:
    """Return when a reboot was required: after some patches, until the host's next convenient night."""
    reboots: list[Span] = []
    for patch in pending:
        if rng.random() < 2 / 5 and (not reboots or patch.end > reboots[-1][1]):
            reboots.append((patch.end, patch.end + int(rng.triangular(0.1, 12, 2) * DAY)))
    return reboots


def _with_reboots(scrapes: Iterator[Scrape], reboots: Sequence[Span]) -> Iterator[Scrape]:
    """Yield the scrapes with what the last run of the script said of a reboot."""
    for scrape in scrapes:
        is_required = any(start <= scrape.mtime < end for start, end in reboots)
        yield replace(scrape, reboot=int(is_required))


def _ordinary(start: int, now: int, rng: random.Random) -> list[Pending]:
    """Return when updates other than security ones were pending: they must not count."""
    if rng.random() < 1 / 2:
        return []
    begun = [instant + rng.randrange(20 * DAY) for instant in range(start, now, 30 * DAY)]
    return [Pending(instant, instant + rng.randrange(2 * DAY, 9 * DAY), rng.randint(1, 25)) for instant in begun]


def _contents(
    pending: Sequence[Pending], ordinary: Sequence[Pending], *, has_both: bool
) -> list[tuple[int, tuple[Count, ...]]]:
    """Return what the textfile says from which instant on: nothing pending at all is a zero without origin."""
    edges = sorted({0, *(edge for span in (*pending, *ordinary) for edge in (span.start, span.end))})
    contents: list[tuple[int, tuple[Count, ...]]] = []
    for edge in edges:
        counts: list[Count] = []
        for span in pending:
            if span.start <= edge < span.end:
                counts.append((SECURITY, "amd64", span.packages))
                if has_both:
                    counts.append((BOTH, "all", 1 + span.packages // 3))
        counts += [(ORDINARY, "amd64", span.packages) for span in ordinary if span.start <= edge < span.end]
        contents.append((edge, tuple(counts) or (("", "", 0),)))
    return contents


def _instants(seen: Span, retired: int | None, silences: Sequence[Span], offset: int) -> Iterator[int]:
    first, now = seen
    first += (offset - first) % SCRAPE_EVERY
    for instant in range(first, now if retired is None else min(retired, now), SCRAPE_EVERY):
        if not any(start <= instant < end for start, end in silences):
            yield instant


def _scrapes(
    instants: Iterator[int], contents: Sequence[tuple[int, tuple[Count, ...]]], dead_cron: Span | None, age: int
) -> Iterator[Scrape]:
    """Yield what each scrape returned: the textfile as the last run of the script left it, *age* seconds before."""
    edges = [edge for edge, _ in contents]
    for instant in instants:
        mtime = instant - age
        if dead_cron is not None and dead_cron[0] <= mtime < dead_cron[1]:
            mtime = dead_cron[0]
        yield Scrape(instant, mtime, contents[bisect_right(edges, mtime) - 1][1])
