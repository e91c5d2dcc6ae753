"""How long the certificates of the services still live (indicators.md §6)."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from fractions import Fraction
from urllib.parse import urlsplit

from kpi_agent.domain.evaluation import CertificateLine
from kpi_agent.domain.facts import Facts, Window
from kpi_agent.domain.indicators.attainment import window_reasons
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.reading import Origin, Reading, Unit, share
from kpi_agent.domain.time import DAY, LAST_INSTANT, Interval

_STALE = DAY  # a handshake that fails shows no certificate: what was seen last holds for so long
_FORGOTTEN = 92 * DAY  # not seen for so long, an address is no longer the contract's


def host_of_address(address: str) -> str:
    """Return the host of an URL, of ``host:port`` or of a bare host."""
    try:
        host = urlsplit(address if "://" in address else f"//{address}").hostname
    except ValueError:
        host = None
    return host or address


def certificate_lines(request: Request, facts: Facts) -> tuple[CertificateLine, ...]:
    """Return the certificates of the request's scope at the end of its span, first to expire first."""
    found = _certificates(request, facts, _window(request, facts))
    return tuple(sorted(found, key=lambda c: (c.expires, c.address)))


def _window(request: Request, facts: Facts) -> Window:
    return request.window(facts.certificates.newest, facts.certificates.max_age)


def _certificates(request: Request, facts: Facts, window: Window) -> Iterator[CertificateLine]:
    """Yield the certificates in scope that were seen within 92 days before the window's end, by address.

    One last seen more than a day before the end is unknown, unless what was seen has expired: nobody saw it renewed.
    A value that is no instant, such as the zero that a probe tells where it met no certificate, says nothing.
    """
    for address, line in sorted(facts.certificates.expiry.items()):
        seen = line.clip(Interval(window.end - _FORGOTTEN, window.end)).runs
        runs = [run for run in seen if 0 < run.value <= LAST_INSTANT]
        if runs and _is_in_scope(address, request):
            expires = int(runs[-1].value)
            is_known = runs[-1].end > window.end - _STALE or expires <= window.end
            yield CertificateLine(address, expires, max(0, expires - window.end) if is_known else None)


def _is_in_scope(address: str, request: Request) -> bool:
    wanted = request.scope.service
    if wanted is None:
        return True
    host = host_of_address(address).casefold()
    globs = (wanted, *request.version.services[wanted].match_hosts)
    return any(fnmatchcase(host, glob.casefold()) for glob in globs)


def _measure(request: Request, facts: Facts) -> Reading:
    """The shortest remaining life at the end; 0 when one has expired."""
    window = _window(request, facts)
    found = list(_certificates(request, facts, window))
    known = sorted((c.left, c.address) for c in found if c.left is not None)
    unknown = len(found) - len(known)
    shortest = Fraction(known[0][0]) if known else None
    return Reading(
        indicator="certificates",
        scope=request.scope,
        unit=Unit.SECONDS,
        value=shortest,
        n=len(known),
        coverage=share(len(known), len(found)) or Fraction(0),
        as_of=window.as_of,
        lowest=Fraction(0) if unknown else None,
        highest=shortest if unknown else None,
        origin=Origin.MEASURED,
        details={"certificates": len(found), "expired": sum(left == 0 for left, _ in known), "unknown": unknown},
        reasons=window_reasons(window),
        evidence=tuple(address for _, address in known),
    )


INDICATORS = (Indicator("certificates", Unit.SECONDS, "availability", is_more_better=True, measure=_measure),)
