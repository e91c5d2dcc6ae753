from __future__ import annotations

from dataclasses import replace

import pytest

from builders import contract, desk, paris, request, ticket
from kpi_agent.domain.calendar import ALWAYS
from kpi_agent.domain.contract import ServiceTerms
from kpi_agent.domain.indicators.places import Openings, Place, openings, place_of
from kpi_agent.domain.ticket import Kind

PORTAL = ServiceTerms(
    "portal", "main", 'probe_success{job="http",site="p"}', ALWAYS, match_hosts=("web*",), match_ci=("Portail *",)
)
SHOP = ServiceTerms("shop", "main", "min(probe_success)", ALWAYS)
BARE = ServiceTerms("bare", "main", "up", ALWAYS)
REGEX = ServiceTerms("regex", "main", 'up{job=~"http"}', ALWAYS)
DEAL = contract(services={"portal": PORTAL, "shop": SHOP})


@pytest.mark.parametrize(
    ("labels", "host", "services"),
    [
        ({"instance": "WEB01:9100"}, "web01", ("portal",)),
        ({"instance": "db01:9100"}, "db01", ()),
        ({"service": "PORTAIL client"}, None, ("portal",)),
        ({"service": "Shop"}, None, ("shop",)),
        ({"instance": "", "job": "http", "site": "p", "severity": "page"}, None, ("portal",)),
        ({"job": "http"}, None, ()),
        ({"job": "http", "site": "q"}, None, ()),
        ({"job": "=~http"}, None, ()),
        ({}, None, ()),
    ],
)
def test_an_alert_is_about_its_host_and_services(
    labels: dict[str, str], host: str | None, services: tuple[str, ...]
) -> None:
    assert place_of(labels, (PORTAL, SHOP, BARE, REGEX)) == Place(host, services)


def found(*tickets: object) -> Openings:
    return openings(request(DEAL), desk(*tickets))  # type: ignore[arg-type]


def test_tickets_are_found_by_host_and_service_of_every_kind() -> None:
    late = ticket("2026-10-05 12:00", id="A", host="WEB01", kind=Kind.CHANGE)
    known = found(late, ticket("2026-10-05 10:00", id="B", service="portail rh"), ticket("2026-10-06", id="C"))

    assert known.by_host == {"web01": [paris("2026-10-05 12:00")]}
    assert known.by_service == {"portal": [paris("2026-10-05 10:00"), paris("2026-10-05 12:00")]}
    assert known.placeless == [paris("2026-10-06 00:00")]
    assert (known.tells_host, known.tells_service) == (True, True)


def test_one_ticket_that_tells_its_service_is_enough_to_compare() -> None:
    known = found(ticket("2026-10-05", service="shop", id="A"), ticket("2026-10-06", host="db01", id="B"))

    assert known.tells_service
    assert not known.placeless
    assert known.can_find(SHOP)


def test_a_desk_that_tells_hosts_alone_finds_services_with_hosts() -> None:
    known = found(ticket("2026-10-05", host="db01"))

    assert not known.tells_service
    assert known.can_find(PORTAL)
    assert not known.can_find(SHOP)


def test_a_desk_that_tells_services_alone_finds_any() -> None:
    assert found(ticket("2026-10-05", service="shop")).can_find(PORTAL)


def test_a_desk_that_tells_neither_finds_none() -> None:
    assert not found(ticket("2026-10-05")).can_find(PORTAL)


def test_the_first_ticket_of_host_or_service_counts() -> None:
    known = Openings({"web01": [50, 90]}, {"portal": [30, 70]}, (), tells_host=True, tells_service=True)

    assert known.of_place(Place("web01", ("portal", "shop")), 40, 100) == 50
    assert known.of_place(Place("web01", ("portal",)), 20, 100) == 30
    assert known.of_place(Place(None, ("portal",)), 31, 69) is None
    assert known.of_place(Place("web01", ()), 91, 200) is None
    assert known.of_place(Place("web01", ()), 90, 90) == 90
    assert known.of_service("portal", 70, 70) == 70


def test_terms_without_hosts_belong_to_no_host() -> None:
    assert place_of({"instance": "web01"}, (replace(PORTAL, match_hosts=()),)).services == ()
