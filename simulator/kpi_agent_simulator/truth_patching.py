"""The truth about patches and reboots, second by second, from what the scrapes show (indicators.md §5 and §6)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kpi_agent_simulator.estate import FRESH_FOR, PATCH_LIMIT, REBOOT_LIMIT, SCRAPE_EVERY
from kpi_agent_simulator.figures import Figure
from kpi_agent_simulator.fleet import Host, Scrape
from kpi_agent_simulator.histories import Span
from kpi_agent_simulator.months import Month

_UNKNOWN, CLEAR, PENDING = 0, 1, 2
_MIN_COVERAGE = (9, 10)


@dataclass(frozen=True, slots=True)
class Episode:
    """From the first second seen pending to the first later one seen clear; *end* is None while it lasts."""

    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class Observed:
    """What is left of a host once its line of seconds has been counted; coverage is by month name."""

    name: str
    first_seen: int
    gone: int | None
    episodes: tuple[Episode, ...]
    is_covered: dict[str, bool]
    is_known_at_end: dict[str, bool]
    reboots: tuple[Episode, ...] = ()


def observe(host: Host, months: Iterable[Month], edges: Span) -> Observed:
    """Return what can be known of *host*, read off one byte per second of *edges*."""
    start, now = edges
    line = state_line(host.scrapes, edges)
    first_seen = host.scrapes[0].instant
    gone = now if host.retired is None else min(host.retired, now)
    line[gone - start :] = bytes(now - gone)
    is_covered: dict[str, bool] = {}
    is_known: dict[str, bool] = {}
    for month in months:
        begun, ended = max(month.start, first_seen), min(month.end, gone)
        known = ended - begun - line.count(_UNKNOWN, begun - start, ended - start) if begun < ended else 0
        least, out_of = _MIN_COVERAGE
        is_covered[month.name] = begun < ended and known * out_of >= (ended - begun) * least
        is_known[month.name] = line[min(month.end, now) - 1 - start] != _UNKNOWN
    episodes = tuple(_episodes(line, start))
    retired = None if host.retired is None or host.retired > now else host.retired
    reboots = tuple(_episodes(reboot_line(host.scrapes, (start, gone)), start))
    return Observed(host.name, first_seen, retired, episodes, is_covered, is_known, reboots)


def state_line(scrapes: Sequence[Scrape], edges: Span) -> bytearray:
    """Return one byte per second: 0 unknown, 1 nothing pending, 2 security updates pending.

    Each series is observed on its own: the liveness of the script at every scrape, a count only while it is above
    zero. Where the script is known to be alive, an absent count is a zero; elsewhere nothing is known.
    """
    start, now = edges
    line = bytearray(now - start)
    counts = bytearray([CLEAR]) * (now - start)
    security = [scrape for scrape in scrapes if _is_pending(scrape)]
    for scrape, until in held(security, now):
        counts[scrape.instant - start : until - start] = bytes([PENDING]) * (until - scrape.instant)
    for scrape, until in held(scrapes, now):
        if scrape.instant - scrape.mtime <= FRESH_FOR:
            line[scrape.instant - start : until - start] = counts[scrape.instant - start : until - start]
    return line


def reboot_line(scrapes: Sequence[Scrape], edges: Span) -> bytearray:
    """Return one byte per second: 0 unknown, 1 no reboot required, 2 one required; told while the script is alive."""
    start, now = edges
    line = bytearray(now - start)
    for scrape, until in held(scrapes, now):
        if scrape.instant - scrape.mtime <= FRESH_FOR and until > scrape.instant:
            told = PENDING if scrape.reboot else CLEAR
            line[scrape.instant - start : until - start] = bytes([told]) * (until - scrape.instant)
    return line


def patch_figures(hosts: Sequence[Observed], month: Month, now: int) -> list[Figure]:
    """Return patch_in_time, reboot_in_time, patch_lag and patched_hosts of *month*, for limits of 14 and 7 days."""
    end = min(month.end, now)
    in_scope = [host for host in hosts if host.first_seen < end and (host.gone is None or host.gone > end)]
    known = [host for host in in_scope if host.is_known_at_end[month.name] and host.is_covered[month.name]]
    patched = [host for host in known if all(_age(episode, end) <= PATCH_LIMIT for episode in host.episodes)]
    lags = [lag for host in hosts for lag in _lags(host, month, end)]
    return [
        _in_time("patch_in_time", [(h, h.episodes) for h in hosts], PATCH_LIMIT, month, now),
        _in_time("reboot_in_time", [(h, h.reboots) for h in hosts], REBOOT_LIMIT, month, now),
        Figure("patch_lag", {}, n=len(lags), durations=lags),
        Figure(
            "patched_hosts",
            {},
            n=len(known),
            numerator=len(patched),
            denominator=len(known),
            extra={"unknown": len(in_scope) - len(known)},
        ),
    ]


def _is_pending(scrape: Scrape) -> bool:
    return sum(count for origin, _, count in scrape.counts if "-security" in origin) > 0


def held(scrapes: Sequence[Scrape], now: int) -> Iterator[tuple[Scrape, int]]:
    """Yield each scrape with the instant up to which it holds: the next one, or one interval if that is far."""
    for scrape, following in pairwise((*scrapes, None)):
        if scrape is not None:
            until = scrape.instant + SCRAPE_EVERY
            if following is not None and following.instant - scrape.instant <= 2 * SCRAPE_EVERY:
                until = following.instant
            yield scrape, min(until, now)


def _episodes(line: bytearray, start: int) -> Iterator[Episode]:
    begun = line.find(PENDING)
    while begun >= 0:
        ended = line.find(CLEAR, begun)
        yield Episode(start + begun, None if ended < 0 else start + ended)
        begun = line.find(PENDING, ended) if ended >= 0 else -1


def _age(episode: Episode, at: int) -> int:
    """Return how old an episode is at *at*; 0 when it has not begun or is over by then."""
    is_open = episode.start < at and (episode.end is None or episode.end > at)
    return at - episode.start if is_open else 0


def _lags(host: Observed, month: Month, end: int) -> Iterator[int]:
    """Yield the lengths of the episodes that ended in the month, and the ages of those open at its end."""
    for episode in host.episodes:
        if episode.end is not None and month.start <= episode.end < end:
            yield episode.end - episode.start
        elif (age := _age(episode, end)) > 0 and (host.gone is None or host.gone > end):
            yield age


def _in_time(
    name: str, hosts: Iterable[tuple[Observed, Sequence[Episode]]], limit: int, month: Month, now: int
) -> Figure:
    met = breached = undetermined = 0
    for host, episodes in hosts:
        for episode in episodes:
            deadline = episode.start + limit
            if episode.end is not None and episode.end <= deadline:
                if month.start <= episode.end < month.end:
                    is_covered = host.is_covered[month.name]
                    met, undetermined = met + is_covered, undetermined + (not is_covered)
            elif deadline < now and month.start <= deadline < month.end:
                # Retired before its deadline: nobody will ever know, so it is not judged.
                breached += host.gone is None or host.gone > deadline
    n = met + breached
    return Figure(name, {}, n=n, numerator=met, denominator=n, undetermined=undetermined)
