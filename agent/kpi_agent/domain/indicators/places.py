"""Which host or service a ticket or an alert is about, so that the two find each other (indicators.md §9)."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from kpi_agent.domain.contract import Scope, ServiceTerms
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.hosts import host_of
from kpi_agent.domain.indicators.caseload import population
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.promql import NotASelector, parse_selector
from kpi_agent.domain.ticket import Kind, Ticket

_INSTANCE, _SERVICE = "instance", "service"


@dataclass(frozen=True, slots=True)
class Place:
    """What an alert is about: its host (folded), None without one, and the contract's services it belongs to."""

    host: str | None
    services: tuple[str, ...]


def place_of(labels: Mapping[str, str], services: Iterable[ServiceTerms]) -> Place:
    """Return what an alert with these labels is about.

    Its host is its ``instance`` without the port. It belongs to a service by its host (``match.hosts``), by its own
    ``service`` label (the service's name, or ``match.ci``), or because its labels are those that the service's ``up``
    selector asks for.
    """
    host = host_of(labels[_INSTANCE]).casefold() if labels.get(_INSTANCE) else None
    named = labels.get(_SERVICE)
    found = (s.name for s in services if _is_of(s, host=host, named=named) or _is_observed_by(s, labels))
    return Place(host, tuple(found))


def _is_of(service: ServiceTerms, *, host: str | None, named: str | None) -> bool:
    if host is not None and _fits(host, service.match_hosts):
        return True
    return named is not None and _fits(named, (service.name, *service.match_ci))


def _fits(text: str, globs: Iterable[str]) -> bool:
    return any(fnmatchcase(text.casefold(), glob.casefold()) for glob in globs)


def _is_observed_by(service: ServiceTerms, labels: Mapping[str, str]) -> bool:
    """Whether the labels are those of the one series that observes a service: all that its selector names, equal."""
    try:
        matchers = parse_selector(service.up).matchers
    except NotASelector:
        return False
    return bool(matchers) and all(m.operator == "=" and labels.get(m.label) == m.value for m in matchers)


@dataclass(frozen=True, slots=True)
class Openings:
    """When tickets of a contract were opened, of every kind, by host (folded) and by service, sorted.

    *tells_host*, *tells_service*: whether any ticket tells its own at all; *placeless*: those that tell neither.
    """

    by_host: Mapping[str, Sequence[int]]
    by_service: Mapping[str, Sequence[int]]
    placeless: Sequence[int]
    tells_host: bool
    tells_service: bool

    def can_find(self, service: ServiceTerms) -> bool:
        """Whether a ticket of this service would be known as one."""
        return self.tells_service or (self.tells_host and bool(service.match_hosts))

    def of_service(self, name: str, first: int, last: int) -> int | None:
        """Return when the first ticket of a service was opened from *first* to *last*, both included; None: none."""
        return _first(self.by_service.get(name, ()), first, last)

    def of_place(self, place: Place, first: int, last: int) -> int | None:
        """Return when the first ticket of an alert's host or services was opened from *first* to *last*."""
        found = [_first(self.by_service.get(name, ()), first, last) for name in place.services]
        if place.host is not None:
            found.append(_first(self.by_host.get(place.host, ()), first, last))
        return min((i for i in found if i is not None), default=None)


def openings(request: Request, facts: Facts) -> Openings:
    """Return the openings of the contract's tickets, under the services of the request's contract version."""
    by_host: dict[str, list[int]] = defaultdict(list)
    by_service: dict[str, list[int]] = defaultdict(list)
    placeless, services = [], tuple(request.version.services.values())
    tells_service = False
    for ticket in _tickets(request, facts):
        tells_service = tells_service or ticket.service is not None
        if ticket.host is None and ticket.service is None:
            placeless.append(ticket.opened)
        host = None if ticket.host is None else ticket.host.casefold()
        if host is not None:
            by_host[host].append(ticket.opened)
        for service in services:
            if _is_of(service, host=host, named=ticket.service):
                by_service[service.name].append(ticket.opened)
    return Openings(
        {host: sorted(instants) for host, instants in by_host.items()},
        {name: sorted(instants) for name, instants in by_service.items()},
        sorted(placeless),
        tells_host=bool(by_host),
        tells_service=tells_service,
    )


def _tickets(request: Request, facts: Facts) -> Iterator[Ticket]:
    for kind in Kind:
        yield from population(replace(request, scope=Scope(kind=kind.value)), facts)


def _first(instants: Sequence[int], first: int, last: int) -> int | None:
    at = bisect_left(instants, first)
    return instants[at] if at < len(instants) and instants[at] <= last else None
