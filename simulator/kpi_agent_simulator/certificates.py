"""When the certificates of the services expire, as a probe every quarter of an hour was shown them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from kpi_agent_simulator.estate import SCRAPE_EVERY, Contract, Service
from kpi_agent_simulator.hours import DAY, HOUR
from kpi_agent_simulator.months import Month

_LIFE = 90 * DAY


@dataclass(frozen=True, slots=True)
class CertificateGauge:
    """The end of the certificate that an address showed, (instant, epoch seconds) in time order."""

    contract: str
    address: str
    samples: tuple[tuple[int, int], ...]


def probe_certificates(
    contract: Contract, months: tuple[Month, Month, Month], edges: tuple[int, int], rng: random.Random
) -> Iterator[CertificateGauge]:
    """Yield the gauge of each service; one that has expired is shown no more until somebody renews it."""
    start, now = edges
    for number, service in enumerate(contract.services):
        renewals = list(_renewals(service, months, start, now, rng))
        silent = _silence(service, months)
        offset = 31 + 53 * number
        samples = tuple(
            (instant, end)
            for instant in range(start + offset, now, SCRAPE_EVERY)
            if not silent[0] <= instant < silent[1]
            and (end := [made + _LIFE for made in renewals if made <= instant][-1]) > instant
        )
        yield CertificateGauge(contract.id, service.url, samples)


def _renewals(
    service: Service, months: tuple[Month, Month, Month], start: int, now: int, rng: random.Random
) -> Iterator[int]:
    """Yield when a certificate was made anew: weeks before its end, but for the one that is forgotten."""
    _, second, running = months
    if service.name == "extranet":  # expires in the second month, and is found in the running one
        yield second.start + 20 * DAY + 5 * HOUR + 17 - _LIFE
        yield running.start + 3 * DAY + 9 * HOUR + 59
        return
    made = start - int(rng.uniform(1, 60) * DAY)
    while made < now:
        yield made
        made += _LIFE - int(rng.uniform(8, 30) * DAY)


def _silence(service: Service, months: tuple[Month, Month, Month]) -> tuple[int, int]:
    """Return when an address was not probed: one from before the end of the first month on, for two days."""
    end = months[0].end
    return (end - 30 * HOUR, end + 18 * HOUR) if service.name == "tracking" else (0, 0)
