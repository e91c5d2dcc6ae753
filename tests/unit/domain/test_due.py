"""Which months are due to be closed: each once, in order, in every zone, whatever slept (operations.md §1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import contract, instant, local, paris, quick, version
from kpi_agent.domain.contract import Contract, ContractVersion, ReportTerms
from kpi_agent.domain.due import DueClose, LedgerEntry, Stage, closing_instant, due_closes
from kpi_agent.domain.time import DAY, Period, to_local

ZONES = (
    "Europe/Paris",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
)


def promised(start: str = "2026-01-01", zone: str = "Europe/Paris", **report: object) -> Contract:
    return contract(version(start, timezone=zone, report=ReportTerms(**report)))  # type: ignore[arg-type]


def entry(period: str, stage: Stage) -> LedgerEntry:
    return LedgerEntry("acme", period, 1, stage, 0, 0)


def due(
    deal: Contract, now: str | int, ledger: dict[str, LedgerEntry] | None = None, installed: int = 0
) -> tuple[DueClose, ...]:
    return due_closes(deal, ledger or {}, now=instant(now), installed=installed)


def test_a_month_is_closed_some_days_after_its_last_one_at_the_hour_of_the_contract() -> None:
    october = Period.parse("2026-10", "Europe/Paris")

    assert closing_instant(promised(), october) == paris("2026-11-03 07:00")
    assert closing_instant(promised(close_after_days=1, close_at=time(0)), october) == paris("2026-11-01 00:00")


def test_a_closing_hour_in_the_spring_gap_comes_when_the_gap_ends() -> None:
    deal = promised(close_after_days=29, close_at=time(2, 30))

    assert closing_instant(deal, Period.parse("2026-02", "Europe/Paris")) == paris("2026-03-29 03:00")


def test_a_closing_hour_that_exists_twice_comes_the_first_time() -> None:
    deal = promised(close_after_days=25, close_at=time(2, 30))

    found = closing_instant(deal, Period.parse("2026-09", "Europe/Paris"))

    assert found == local("2026-10-25 00:30", "UTC")


def test_a_month_is_due_at_its_closing_instant_and_not_a_second_before() -> None:
    deal = promised("2026-10-01")

    assert due(deal, paris("2026-11-03 07:00") - 1) == ()
    (found,) = due(deal, "2026-11-03 07:00")
    assert (found.period.id, found.due_at) == ("2026-10", paris("2026-11-03 07:00"))
    assert found.final_at == paris("2026-11-05 07:00")


def test_after_400_days_of_downtime_every_month_is_due_in_order() -> None:
    sent = {"2026-01": entry("2026-01", Stage.SENT)}
    asleep = paris("2026-02-04 07:00")

    found = due(promised(), asleep + 400 * DAY, sent, installed=asleep)

    assert [d.period.id for d in found] == [f"2026-{n:02}" for n in range(2, 13)] + ["2027-01", "2027-02"]
    assert [d.due_at for d in found] == sorted(d.due_at for d in found)


@pytest.mark.parametrize("stage", [s for s in Stage if s is not Stage.SENT])
def test_a_month_that_was_begun_is_gone_on_with(stage: Stage) -> None:
    begun = {"2026-01": entry("2026-01", stage)}

    (found,) = due(promised(), "2026-02-04 07:00", begun)

    assert found.entry == begun["2026-01"]


def test_months_closed_before_the_installation_are_not_due() -> None:
    found = due(promised("2024-01-01"), "2026-11-03 07:00", installed=paris("2026-10-20 12:00"))

    assert [d.period.id for d in found] == ["2026-10"]


def test_a_month_whose_closing_instant_is_that_of_the_installation_is_due() -> None:
    at = paris("2026-11-03 07:00")

    assert [d.period.id for d in due(promised("2024-01-01"), at, installed=at)] == ["2026-10"]
    assert due(promised("2024-01-01"), at + 1, installed=at + 1) == ()


def test_the_last_month_of_a_contract_is_closed_and_none_after_it() -> None:
    deal = contract(replace(version("2026-01-01"), effective_to=version("2026-03-16").effective_from))

    assert [d.period.id for d in due(deal, "2027-01-01 00:00")] == ["2026-01", "2026-02", "2026-03"]


def test_a_contract_that_has_not_begun_has_nothing_due() -> None:
    assert due(promised("2027-01-01"), "2026-11-03 07:00") == ()


@settings(quick, max_examples=40)
@given(
    st.sampled_from(ZONES),
    st.integers(1, 31),
    st.times(),
    st.lists(st.integers(60, 45 * DAY), min_size=5, max_size=40),
)
def test_each_closing_instant_is_met_exactly_once_however_the_ticks_fall(
    zone: str, after: int, at: time, sleeps: list[int]
) -> None:
    deal = promised("2026-01-01", zone, close_after_days=after, close_at=at.replace(microsecond=0))
    installed = now = deal.life.start
    ledger: dict[str, LedgerEntry] = {}
    closed: list[str] = []
    for sleep in sleeps:
        before, now = now, now + sleep
        for found in due(deal, now, ledger, installed):
            assert before < found.due_at <= now
            closed.append(found.period.id)
            ledger[found.period.id] = entry(found.period.id, Stage.SENT)

    expected = []
    period = Period.parse("2026-01", zone)
    while closing_instant(deal, period) <= now:
        expected.append(period.id)
        period = period.following()
    assert closed == expected


@pytest.mark.parametrize("zone", ZONES)
def test_the_closing_instant_shows_its_hour_on_the_wall_in_every_month(zone: str) -> None:
    deal, period = promised("2026-01-01", zone), Period.parse("2026-01", zone)
    for _ in range(24):
        wall = to_local(closing_instant(deal, period), period.tz)
        assert (wall.date() - period.end_day, wall.time()) == (timedelta(days=2), time(7))
        period = period.following()


def test_each_month_is_closed_by_the_terms_of_its_last_second() -> None:
    def of(start: str, end: str | None, days: int) -> ContractVersion:
        report = ReportTerms(close_after_days=days, close_wait=days * DAY)
        return version(start, effective_to=None if end is None else date.fromisoformat(end), report=report)

    deal = contract(of("2026-09-01", "2026-10-01", 1), of("2026-10-01", "2026-11-01", 5), of("2026-11-01", None, 9))

    found = due(deal, "2026-12-31 00:00")

    assert [(d.period.id, d.due_at, d.final_at - d.due_at) for d in found] == [
        ("2026-09", paris("2026-10-01 07:00"), DAY),
        ("2026-10", paris("2026-11-05 07:00"), 5 * DAY),
        ("2026-11", paris("2026-12-09 07:00"), 9 * DAY),
    ]


def test_a_contract_that_ended_with_a_month_owes_no_further_one() -> None:
    deal = contract(version("2026-09-01", effective_to=date(2026, 10, 1)))

    assert [d.period.id for d in due(deal, "2026-12-31 00:00")] == ["2026-09"]
