"""The shortest life that a certificate has left (indicators.md §6)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from builders import ALWAYS, contract, decided, measured, objective, paris, request, version
from kpi_agent.domain.contract import Comparison, Scope, ServiceTerms, Target, TargetUnit
from kpi_agent.domain.evaluation import CertificateLine, Outcome
from kpi_agent.domain.facts import CertificateFacts, Facts
from kpi_agent.domain.indicators.certificates import certificate_lines, host_of_address
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.time import DAY, HOUR, LAST_INSTANT
from kpi_agent.domain.timeline import Run, Timeline

END = paris("2026-11-01 00:00")
PROMISE = objective("certificates", Target(Comparison.AT_LEAST, Fraction(21 * DAY), TargetUnit.SECONDS, ">= 21d"))
PORTAL = ServiceTerms("portal", "main", "up", ALWAYS, match_hosts=("*.portal.example",))


def seen(expires: int, *, since: int = END - 30 * DAY, until: int = END) -> Timeline:
    return Timeline((Run(since, until, Fraction(expires)),))


def probed(**lines: Timeline) -> Facts:
    return Facts(certificates=CertificateFacts(dict(lines), newest=paris("2026-11-03 00:00"), max_age=HOUR))


def asked(**parts: Any) -> Any:
    return request(contract(version(services={"portal": PORTAL})), now="2026-11-03 07:00", **parts)


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://www.Portal.example:8443/health?x=1", "www.portal.example"),
        ("portal.example:443", "portal.example"),
        ("portal.example", "portal.example"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("tls://mail.example", "mail.example"),
        ("http://[broken", "http://[broken"),
    ],
)
def test_the_host_of_an_address_is_found_however_it_is_probed(address: str, host: str) -> None:
    assert host_of_address(address) == host


def test_the_shortest_life_at_the_end_counts_and_the_shortest_comes_first() -> None:
    reading = measured("certificates", probed(a=seen(END + 40 * DAY), b=seen(END + 21 * DAY)), asked())

    assert (reading.value, reading.n, reading.coverage) == (21 * DAY, 2, 1)
    assert reading.evidence == ("b", "a")
    assert reading.details == {"certificates": 2, "expired": 0, "unknown": 0}
    assert decided(reading, PROMISE).outcome is Outcome.MET


@pytest.mark.parametrize(("expires", "left", "expired"), [(END, 0, 1), (END + 1, 1, 0), (END - DAY, 0, 1)])
def test_an_expired_one_has_no_life_left(expires: int, left: int, expired: int) -> None:
    reading = measured("certificates", probed(a=seen(expires)), asked())

    assert (reading.value, reading.details["expired"]) == (left, expired)
    assert decided(reading, PROMISE).outcome is Outcome.MISSED


@pytest.mark.parametrize(("until", "known"), [(END - DAY + 1, 1), (END - DAY, 0)])
def test_one_that_was_not_seen_for_a_day_is_unknown(until: int, known: int) -> None:
    reading = measured("certificates", probed(a=seen(END + 40 * DAY, until=until)), asked())

    assert (reading.n, reading.coverage, reading.details["unknown"]) == (known, known, 1 - known)
    assert decided(reading, PROMISE).outcome is (Outcome.MET if known else Outcome.NO_DATA)


def test_one_that_expired_unseen_is_expired_for_nobody_saw_it_renewed() -> None:
    reading = measured("certificates", probed(a=seen(END - 2 * DAY, until=END - 3 * DAY)), asked())

    assert (reading.value, reading.coverage, reading.details["expired"]) == (0, 1, 1)


def test_a_renewed_one_counts_by_what_was_seen_last() -> None:
    line = Timeline(
        (
            Run(END - 30 * DAY, END - 10 * DAY, Fraction(END - 5 * DAY)),
            Run(END - 9 * DAY, END, Fraction(END + 80 * DAY)),
        )
    )

    assert measured("certificates", probed(a=line), asked()).value == 80 * DAY


def test_an_unknown_one_could_be_the_shortest() -> None:
    reading = measured(
        "certificates", probed(a=seen(END + 40 * DAY), b=seen(END + 90 * DAY, until=END - 2 * DAY)), asked()
    )

    assert (reading.value, reading.lowest, reading.highest) == (40 * DAY, 0, 40 * DAY)
    assert reading.coverage == Fraction(1, 2)


@pytest.mark.parametrize(("until", "count"), [(END - 92 * DAY + 1, 1), (END - 92 * DAY, 0)])
def test_an_address_that_nobody_probed_for_92_days_is_forgotten(until: int, count: int) -> None:
    facts = probed(a=seen(END - 100 * DAY, since=END - 200 * DAY, until=until))

    assert measured("certificates", facts, asked()).n == count


def test_those_of_a_service_are_told_by_its_hosts_or_its_name() -> None:
    lines = {
        "https://www.portal.example/": seen(END + 30 * DAY),
        "portal": seen(END + 50 * DAY),
        "https://mail.example/": seen(END + 5 * DAY),
    }
    facts = Facts(certificates=CertificateFacts(lines, newest=END, max_age=HOUR))

    reading = measured("certificates", facts, asked(scope=Scope(service="portal")))

    assert reading.evidence == ("https://www.portal.example/", "portal")


def test_without_any_certificate_there_is_no_data() -> None:
    reading = measured("certificates", probed(), asked())

    assert (reading.value, reading.n, reading.coverage) == (None, 0, 0)
    assert decided(reading, PROMISE).outcome is Outcome.NO_DATA


def test_one_that_expires_as_the_month_ends_and_was_not_seen_lately_has_expired() -> None:
    reading = measured("certificates", probed(a=seen(END, until=END - 3 * DAY)), asked())

    assert (reading.value, reading.details["expired"]) == (0, 1)


def test_more_life_is_better_and_the_page_is_that_of_availability() -> None:
    assert measured("certificates", probed(), asked()).indicator == "certificates"
    assert (INDICATORS["certificates"].topic, INDICATORS["certificates"].is_more_better) == ("availability", True)


def test_the_lines_tell_each_certificate_first_to_expire_first() -> None:
    known = probed(
        b=seen(END + 40 * DAY), a=seen(END + 40 * DAY), gone=seen(END + 9 * DAY, until=END - DAY), over=seen(END - 5)
    )

    assert certificate_lines(asked(), known) == (
        CertificateLine("over", END - 5, 0),
        CertificateLine("gone", END + 9 * DAY, None),
        CertificateLine("a", END + 40 * DAY, 40 * DAY),
        CertificateLine("b", END + 40 * DAY, 40 * DAY),
    )


@pytest.mark.parametrize("value", [0, -62_135_596_800, LAST_INSTANT + 1, 1000 * (END + 40 * DAY)])
def test_a_value_that_is_no_instant_is_neither_expired_nor_valid(value: int) -> None:
    known = probed(a=seen(value))

    assert measured("certificates", known, asked()).value is None
    assert certificate_lines(asked(), known) == ()


@pytest.mark.parametrize("value", [1, LAST_INSTANT])
def test_the_first_and_the_last_instant_are_instants(value: int) -> None:
    assert [c.expires for c in certificate_lines(asked(), probed(a=seen(value)))] == [value]


def test_what_was_seen_before_a_value_that_is_no_instant_stands_for_a_day() -> None:
    line = Timeline((*seen(END + 40 * DAY, until=END - HOUR).runs, Run(END - HOUR, END, Fraction(0))))

    assert certificate_lines(asked(), probed(a=line)) == (CertificateLine("a", END + 40 * DAY, 40 * DAY),)
