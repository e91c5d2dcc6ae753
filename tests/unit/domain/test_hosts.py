"""How exposed hosts were, and which are out of support (indicators.md §6)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from builders import at_least, contract, decided, fleet, line, measured, objective, paris, request
from kpi_agent.domain.contract import Comparison, Contract, HostScope, Target, TargetUnit
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.facts import Facts, HostFacts
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.timeline import Run, Timeline

ALL = ("2026-10-01 00:00", "2026-11-01 00:00", 1)
NONE = ("2026-10-01 00:00", "2026-11-01 00:00", 0)
OCTOBER = 745 * 3600


def asked(deal: Contract | None = None, **parts: Any) -> Any:
    return request(deal, **{"now": "2026-11-03 07:00"} | parts)


def park(pending: dict[str, Timeline], reboot: dict[str, Timeline]) -> Facts:
    fresh = {name: line(ALL) for name in pending.keys() | reboot.keys()}
    return Facts(hosts=fleet(pending, fresh, reboot=reboot))


def at_most(text: str, value: int | Fraction, unit: TargetUnit) -> Target:
    return Target(Comparison.AT_MOST, Fraction(value), unit, text)


def test_a_host_is_exposed_while_updates_are_pending_and_until_it_was_rebooted() -> None:
    facts = park(
        {"web1": line(("2026-10-01 00:00", "2026-10-03 00:00", 2), ("2026-10-03 00:00", "2026-11-01 00:00", 0))},
        {"web1": line(("2026-10-01 00:00", "2026-10-02 12:00", 0), ("2026-10-02 12:00", "2026-10-04 00:00", 1),
                      ("2026-10-04 00:00", "2026-11-01 00:00", 0))},
    )  # fmt: skip

    reading = measured("exposure", facts, asked())

    assert reading.value == Fraction(72 * 3600, OCTOBER)
    assert (reading.coverage, reading.lowest, reading.highest) == (1, reading.value, reading.value)
    assert (reading.n, reading.evidence, reading.details) == (1, ("web1",), {"hosts": 1, "exposed_hosts": 1})


def test_where_nothing_tells_reboots_a_host_is_exposed_or_unknown_and_never_safe() -> None:
    half = line(("2026-10-01 00:00", "2026-10-02 00:00", 1), ("2026-10-02 00:00", "2026-11-01 00:00", 0))

    reading = measured("exposure", park({"web1": half}, {}), asked())

    assert (reading.value, reading.numerator, reading.denominator) == (1, 86400, 86400)
    assert reading.coverage == Fraction(86400, OCTOBER)
    assert (reading.lowest, reading.highest) == (Fraction(86400, OCTOBER), 1)
    promise = objective("exposure", at_most("<= 5%", Fraction(1, 20), TargetUnit.RATIO))
    assert decided(reading, promise).outcome is Outcome.NO_DATA


def test_hosts_exposed_longest_come_first_and_safe_ones_count_in_the_whole() -> None:
    def until(day: str) -> Timeline:
        return line(("2026-10-01 00:00", day, 1), (day, "2026-11-01 00:00", 0))

    quiet = {name: line(NONE) for name in ("a", "b", "c")}
    facts = park({"a": until("2026-10-02 00:00"), "b": until("2026-10-05 00:00"), "c": line(NONE)}, quiet)

    reading = measured("exposure", facts, asked())

    assert reading.evidence == ("b", "a")
    assert reading.value == Fraction(5 * 86400, 3 * OCTOBER)
    assert reading.details["exposed_hosts"] == 2


def test_a_retired_host_counts_until_it_left() -> None:
    gone = contract(hosts=HostScope("main", "", {"web1": paris("2026-10-02 00:00")}))

    reading = measured("exposure", park({"web1": line(ALL)}, {"web1": line(NONE)}), asked(gone))

    assert (reading.numerator, reading.denominator, reading.coverage) == (86400, 86400, 1)


def test_without_a_host_there_is_no_exposure_and_no_figure() -> None:
    reading = measured("exposure", Facts(), asked())

    assert (reading.value, reading.coverage, reading.n) == (None, 0, 0)


def systems(**ends: str | int | None) -> Facts:
    """Hosts by the end of their support: an instant, 0 for no word of it."""
    lines = {
        name: line(("2026-10-01 00:00", "2026-11-01 00:00", 1))
        if end is None
        else Timeline((Run(paris("2026-10-01 00:00"), paris("2026-11-01 00:00"), Fraction(paris(str(end)))),))
        for name, end in ends.items()
    }
    return Facts(
        hosts=HostFacts(
            sighted=dict.fromkeys(ends, paris("2026-10-01 00:00")),
            support_end={name: told for name, told in lines.items() if ends[name] is not None},
            newest=paris("2026-11-03 00:00"),
            max_age=3600,
        )
    )


@pytest.mark.parametrize(("end", "count"), [("2026-11-01 00:00", 1), ("2026-11-01 00:01", 0)])
def test_a_system_is_out_of_support_from_the_very_end_on(end: str, count: int) -> None:
    reading = measured("unsupported_hosts", systems(web1=end, web2="2030-01-01 00:00"), asked())

    assert (reading.value, reading.n, reading.coverage) == (count, 2, 1)
    assert reading.evidence == (("web1",) if count else ())
    assert (reading.lowest, reading.highest) == (None, None)


def test_a_system_that_nobody_tells_is_unknown_and_never_supported() -> None:
    promise = objective("unsupported_hosts", at_most("<= 0", 0, TargetUnit.COUNT))
    supported = measured("unsupported_hosts", systems(web1="2030-01-01 00:00", web2=None), asked())
    one_bad = measured("unsupported_hosts", systems(web1="2020-01-01 00:00", web2=None), asked())
    none = measured("unsupported_hosts", systems(web1=None), asked())

    assert (supported.value, supported.coverage) == (0, Fraction(1, 2))
    assert (supported.lowest, supported.highest) == (0, 1)
    assert supported.evidence == ("unknown:web2",)
    assert decided(supported, promise).outcome is Outcome.NO_DATA
    assert decided(one_bad, promise).outcome is Outcome.MISSED
    assert (none.value, none.n, none.coverage) == (None, 0, 0)


def test_what_was_told_last_in_the_month_holds_for_its_end() -> None:
    facts = systems(web1="2020-01-01 00:00")
    short = {"web1": Timeline((replace(facts.hosts.support_end["web1"].runs[0], end=paris("2026-10-05 00:00")),))}
    before = {"web1": Timeline((Run(paris("2026-09-01 00:00"), paris("2026-10-01 00:00"), Fraction(1)),))}

    told = measured("unsupported_hosts", Facts(hosts=replace(facts.hosts, support_end=short)), asked())
    silent = measured("unsupported_hosts", Facts(hosts=replace(facts.hosts, support_end=before)), asked())

    assert (told.value, silent.value) == (1, None)


def test_hosts_that_left_or_came_after_the_month_are_left_out() -> None:
    facts = systems(web1="2020-01-01 00:00", web2="2020-01-01 00:00", web3="2020-01-01 00:00")
    facts = Facts(hosts=replace(facts.hosts, sighted={**facts.hosts.sighted, "web2": paris("2026-11-01 00:00")}))
    gone = contract(hosts=HostScope("main", "", {"web1": paris("2026-11-01 00:00")}))

    assert measured("unsupported_hosts", facts, asked(gone)).evidence == ("web3",)


def test_a_share_of_exposure_over_the_target_is_missed() -> None:
    facts = park({"web1": line(ALL)}, {"web1": line(NONE)})
    promise = objective("exposure", at_most("<= 5%", Fraction(1, 20), TargetUnit.RATIO))

    assert decided(measured("exposure", facts, asked()), promise).outcome is Outcome.MISSED
    assert at_least("95%").is_kept_by(Fraction(1))


def test_a_host_that_leaves_after_the_month_counts_in_it() -> None:
    later = contract(hosts=HostScope("main", "", {"web1": paris("2026-11-02 00:00")}))

    assert measured("unsupported_hosts", systems(web1="2020-01-01 00:00"), asked(later)).evidence == ("web1",)


def test_without_hosts_no_system_is_known() -> None:
    reading = measured("unsupported_hosts", Facts(), asked())

    assert (reading.value, reading.coverage, reading.details) == (None, 0, {"hosts": 0, "unknown": 0})


def test_an_upgrade_within_the_month_counts_by_what_was_told_last() -> None:
    facts = systems(web1="2020-01-01 00:00")
    upgraded = Timeline(
        (
            Run(paris("2026-10-01 00:00"), paris("2026-10-05 00:00"), Fraction(paris("2020-01-01 00:00"))),
            Run(paris("2026-10-05 00:00"), paris("2026-11-01 00:00"), Fraction(paris("2030-01-01 00:00"))),
        )
    )

    reading = measured("unsupported_hosts", Facts(hosts=replace(facts.hosts, support_end={"web1": upgraded})), asked())

    assert reading.value == 0


@pytest.mark.parametrize("name", ["exposure", "unsupported_hosts"])
def test_less_is_better_and_the_page_is_that_of_patching(name: str) -> None:
    assert measured(name, Facts(), asked()).indicator == name
    assert (INDICATORS[name].topic, INDICATORS[name].is_more_better) == ("patching", False)
