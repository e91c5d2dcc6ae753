"""Reboots that installed updates wait for (indicators.md §6)."""

from __future__ import annotations

from typing import Any

import pytest

from builders import at_least, contract, decided, fleet, limit, line, measured, objective, paris, request, version
from kpi_agent.domain.contract import Contract, HostScope
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.timeline import Timeline

Stretch = tuple[str, str, int]
ALL = ("2026-10-01 00:00", "2026-11-01 00:00", 1)


def park(*required: Stretch, fresh: tuple[Stretch, ...] = (ALL,)) -> Facts:
    """One host: when its script said that a reboot is required, and when its data were fresh."""
    lines = {"web1": line(*required)} if required else {}
    return Facts(hosts=fleet({}, {"web1": line(*fresh)}, reboot=lines))


def asked(deal: Contract | None = None, **parts: Any) -> Request:
    return request(deal, **{"limit": limit("7d"), "now": "2026-11-03 07:00"} | parts)


@pytest.mark.parametrize(("done", "numerator"), [("2026-10-10 00:00", 1), ("2026-10-10 00:01", 0)])
def test_a_required_reboot_is_to_be_done_within_the_limit(done: str, numerator: int) -> None:
    facts = park(
        ("2026-10-01 00:00", "2026-10-03 00:00", 0), ("2026-10-03 00:00", done, 1), (done, "2026-11-01 00:00", 0)
    )

    reading = measured("reboot_in_time", facts, asked())

    assert (reading.numerator, reading.denominator, reading.coverage) == (numerator, 1, 1)
    assert reading.evidence == (() if numerator else ("web1",))


def test_a_script_that_exports_no_reboots_leaves_them_unknown_and_never_none() -> None:
    reading = measured("reboot_in_time", park(), asked())

    assert (reading.value, reading.n, reading.coverage) == (None, 0, 0)
    assert decided(reading, objective("reboot_in_time", at_least("95%"))).outcome is Outcome.NO_DATA


def test_what_a_dead_script_left_says_nothing() -> None:
    """Its file says 0 for ever: the reboot that is required since is not seen, and not denied."""
    alive = ("2026-10-01 00:00", "2026-10-10 00:00", 1)
    dead = ("2026-10-10 00:00", "2026-11-01 00:00", 0)
    facts = park(("2026-10-01 00:00", "2026-11-01 00:00", 0), fresh=(alive, dead))

    reading = measured("reboot_in_time", facts, asked())

    assert 0.28 < reading.coverage < 0.3
    assert decided(reading, objective("reboot_in_time", at_least("95%"))).outcome is Outcome.NO_DATA


def test_a_reboot_seen_by_a_host_that_was_hardly_observed_is_undetermined() -> None:
    seen = (("2026-10-01 00:00", "2026-10-03 00:00", 1), ("2026-10-30 00:00", "2026-11-01 00:00", 0))
    facts = park(
        *seen, fresh=(("2026-10-01 00:00", "2026-10-03 00:00", 1), ("2026-10-30 00:00", "2026-11-01 00:00", 1))
    )

    reading = measured("reboot_in_time", facts, asked(limit=limit("30d")))

    assert (reading.denominator, reading.undetermined) == (0, 1)


def test_pending_updates_are_no_reboot_and_a_reboot_no_pending_update() -> None:
    required = line(("2026-10-03 00:00", "2026-11-01 00:00", 1))
    known = fleet({}, {"web1": line(ALL)}, reboot={"web1": required})
    updates = fleet({"web1": required}, {"web1": line(ALL)}, reboot={"web1": Timeline()})

    assert measured("reboot_in_time", Facts(hosts=known), asked()).value == 0
    assert measured("patch_in_time", Facts(hosts=known), asked()).n == 0
    assert measured("reboot_in_time", Facts(hosts=updates), asked()).n == 0


def test_a_host_retired_before_the_deadline_is_not_judged() -> None:
    required = ("2026-10-03 00:00", "2026-11-01 00:00", 1)
    early = contract(hosts=HostScope("main", "", {"web1": paris("2026-10-10 00:00")}))
    late = contract(hosts=HostScope("main", "", {"web1": paris("2026-10-10 00:01")}))

    assert measured("reboot_in_time", park(required), asked(early)).n == 0
    assert measured("reboot_in_time", park(required), asked(late)).value == 0


def test_the_limit_is_that_promised_for_reboots_when_one_became_due() -> None:
    target = at_least("95%")
    patch = objective("patch_in_time", target, limit=limit("1d"))
    deal = contract(
        version("2026-01-01", objectives=(patch, objective("reboot_in_time", target, limit=limit("30d")))),
        version("2026-10-01", objectives=(patch, objective("reboot_in_time", target, limit=limit("7d")))),
    )
    facts = park(("2026-09-10 00:00", "2026-11-01 00:00", 1), fresh=(("2026-09-01 00:00", "2026-11-01 00:00", 1),))

    assert measured("reboot_in_time", facts, asked(deal)).value == 0

    done = park(
        ("2026-09-10 00:00", "2026-10-09 00:00", 1),
        ("2026-10-09 00:00", "2026-11-01 00:00", 0),
        fresh=(("2026-09-01 00:00", "2026-11-01 00:00", 1),),
    )

    assert measured("reboot_in_time", done, asked(deal)).value == 1


def test_without_a_limit_the_question_is_refused() -> None:
    with pytest.raises(NotFound, match="reboot_in_time needs a limit"):
        measured("reboot_in_time", park(), request())
