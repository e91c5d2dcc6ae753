"""Hosts whose history is written by hand: each shows one thing that a measurement must get right."""

from dataclasses import dataclass

from kpi_agent_simulator.estate import SCRAPE_EVERY, Contract
from kpi_agent_simulator.hours import DAY, HOUR

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Pending:
    """So many packages waited for their update over [start, end)."""

    start: int
    end: int
    packages: int


@dataclass(frozen=True, slots=True)
class History:
    """A host's life; *silences* are stretches without any scrape, *dead_cron* one in which the script did not run."""

    pending: tuple[Pending, ...]
    first_seen: int | None = None
    retired: int | None = None
    silences: tuple[Span, ...] = ()
    dead_cron: Span | None = None


def scripted_histories(contract: Contract, months: tuple[int, int, int, int]) -> dict[str, History]:
    """Return the hand-written histories by host; *months* are the starts of the three months and the last end."""
    return _french_histories(months, contract) if contract.language == "fr" else _english_histories(months)


def _waits(month: int, *days: tuple[float, float]) -> tuple[Pending, ...]:
    return tuple(
        Pending(month + int(start * DAY) + 421, month + int(end * DAY) + 83, 3 + number)
        for number, (start, end) in enumerate(days)
    )


def _at(month: int, day: float, lasts: int) -> Span:
    return month + int(day * DAY), month + int(day * DAY) + lasts


def _french_histories(months: tuple[int, int, int, int], contract: Contract) -> dict[str, History]:
    first, second, running, _ = months
    retired = _midnight_of_day(second, 12)
    histories = {
        # Silent for 12 h while pending: still one episode. One missed scrape is bridged, two are a gap.
        "web03": History(
            pending=(*_waits(first, (5.3, 12.4)), *_waits(second, (3.2, 9.6))),
            silences=(
                _at(first, 8.1, 12 * HOUR),
                _at(first, 15.2, SCRAPE_EVERY),
                _at(second, 15.2, 2 * SCRAPE_EVERY),
            ),
        ),
        # Silent for more than a tenth of a month: what it met in that month does not count.
        "db04": History(
            pending=(*_waits(first, (2.4, 7.2), (20.1, 26.3)), *_waits(second, (8.2, 15.1))),
            silences=(_at(first, 10.3, 4 * DAY + 6 * HOUR),),
        ),
        # Its script died for a week: the file is stale, so the state unknown, from the third day on.
        "mail02": History(
            pending=_waits(second, (1.3, 4.2), (16.4, 20.2)),
            dead_cron=_at(second, 6.2, 7 * DAY),
        ),
        # Seen for the first time when updates had been pending for days.
        "app06": History(
            pending=(*_waits(second, (10.2, 18.3)), *_waits(running, (2.1, 8.4))),
            first_seen=second + 14 * DAY + 12 * HOUR,
        ),
        # Never patched within the month, nor by the end of it.
        "db01": History(pending=(*_waits(first, (6.3, 9.9)), *_waits(second, (9.2, 33.4)))),
        # Pending up to now.
        "web05": History(pending=_waits(second, (2.2, 6.7), (25.3, 60.0))),
    }
    if contract.retired_host is not None:
        # Taken out of service before its deadline: not judged.
        histories[contract.retired_host] = History(
            pending=(*_waits(first, (11.2, 19.5)), *_waits(second, (4.3, 20.0))), retired=retired
        )
    return histories


def _english_histories(months: tuple[int, int, int, int]) -> dict[str, History]:
    first, second, running, _ = months
    return {
        # Silent as the first month ends: neither patched nor unpatched then.
        "edge-02": History(
            pending=(*_waits(first, (6.1, 9.2)), *_waits(second, (12.3, 17.5))),
            silences=((second - 2 * DAY + 911, second + DAY + 5 * HOUR),),
        ),
        # Breached and patched in one month.
        "shop-db-02": History(pending=(*_waits(first, (8.2, 26.4)), *_waits(running, (1.2, 5.5)))),
        # Ten days old as the month ends, breached in the next.
        "track-04": History(pending=_waits(first, (20.2, 42.1))),
    }


def _midnight_of_day(month: int, day: int) -> int:
    """Return the midnight that begins a day in the first half of a month that has no clock change before it."""
    return month + (day - 1) * DAY
