"""How far a source lets a period be known (indicators.md §3, "Coverage")."""

from __future__ import annotations

from fractions import Fraction

import pytest

from builders import desk, fleet, limit, line, measured, paris, request, span, ticket
from kpi_agent.domain.facts import Facts, window
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.time import HOUR, Interval

OCTOBER = span("2026-10-01 00:00", "2026-11-01 00:00")


def test_a_closed_period_is_counted_to_its_end_however_old_the_source_is() -> None:
    found = window(OCTOBER, now=paris("2026-11-03 07:00"), newest=paris("2026-10-20 00:00"), max_age=HOUR)

    assert found.until == OCTOBER.end
    assert found.end == found.as_of == paris("2026-10-20 00:00")
    assert found.coverage((span("2026-09-01 00:00", "2026-10-20 00:00"),)) == Fraction(19 * 24, 745)


def test_a_running_period_is_counted_to_the_newest_observation() -> None:
    found = window(OCTOBER, now=paris("2026-10-15 12:00"), newest=paris("2026-10-15 11:40"), max_age=HOUR)

    assert found.until == paris("2026-10-15 11:40")
    assert found.coverage((span("2026-10-01 00:00", "2026-10-15 11:40"),)) == 1


def test_a_running_period_is_counted_at_least_to_now_less_the_greatest_age() -> None:
    found = window(OCTOBER, now=paris("2026-10-11 00:00"), newest=paris("2026-10-05 00:00"), max_age=HOUR)

    assert found.until == paris("2026-10-10 23:00")
    assert found.as_of == paris("2026-10-05 00:00")
    assert found.coverage((span("2026-10-01 00:00", "2026-10-05 00:00"),)) == Fraction(4 * 24, 10 * 24 - 1)


def test_nothing_newer_than_now_is_known() -> None:
    found = window(OCTOBER, now=paris("2026-10-15 12:00"), newest=paris("2026-10-20 00:00"), max_age=HOUR)

    assert found.as_of == found.until == paris("2026-10-15 12:00")


def test_less_than_one_greatest_age_into_a_period_it_is_too_early() -> None:
    newest = paris("2026-10-01 00:30")

    assert window(OCTOBER, now=OCTOBER.start + HOUR - 1, newest=newest, max_age=HOUR).is_too_early
    assert not window(OCTOBER, now=OCTOBER.start + HOUR, newest=newest, max_age=HOUR).is_too_early


def test_a_period_is_closed_from_its_very_end_on() -> None:
    last, ended = (
        window(OCTOBER, now=now, newest=paris("2026-10-20 00:00"), max_age=HOUR)
        for now in (OCTOBER.end - 1, OCTOBER.end)
    )

    assert last.until == OCTOBER.end - 1 - HOUR
    assert ended.until == OCTOBER.end


@pytest.mark.parametrize(
    ("indicator", "asked"),
    [
        ("volume", request(now=OCTOBER.start)),
        ("patched_hosts", request(now=OCTOBER.start, limit=limit("14d"))),
        ("restore_success", request(now=OCTOBER.start)),
    ],
)
def test_without_a_source_it_is_never_too_early_for_nothing_is_waited_for(indicator: str, asked: Request) -> None:
    found = measured(indicator, Facts(), asked)

    assert (found.value, found.coverage, found.reasons) == (None, 0, ())


def test_what_facts_remember_of_earlier_questions_is_no_part_of_them() -> None:
    pending, fresh = {"web1": line((OCTOBER.start, OCTOBER.end, 1))}, {"web1": line((OCTOBER.start, OCTOBER.end, 1))}
    asked, new = (
        Facts(
            tickets=desk(ticket("2026-10-05 09:00")).tickets,
            hosts=fleet(pending, fresh, OCTOBER.end),
        )
        for _ in range(2)
    )

    measured("volume", asked)
    measured("patch_lag", asked)

    assert asked.tickets.judged
    assert asked.hosts.states
    assert asked == new
    assert repr(asked) == repr(new)


def test_a_source_that_was_never_observed_covers_nothing() -> None:
    found = window(OCTOBER, now=paris("2026-10-15 12:00"), newest=None, max_age=HOUR)

    assert found.as_of == OCTOBER.start
    assert found.coverage(()) == 0


def test_of_an_empty_stretch_nothing_is_covered() -> None:
    found = window(OCTOBER, now=OCTOBER.start, newest=OCTOBER.start, max_age=HOUR)

    assert found.elapsed.seconds == 0
    assert found.coverage((OCTOBER,)) == 0


def test_what_was_observed_outside_the_period_adds_nothing() -> None:
    found = window(Interval(100, 200), now=500, newest=500, max_age=10)

    assert found.coverage((Interval(0, 150), Interval(120, 160), Interval(190, 400))) == Fraction(70, 100)
