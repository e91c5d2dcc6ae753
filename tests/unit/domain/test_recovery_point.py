"""How long the newest good backup was young enough (indicators.md §7)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from builders import at_least, contract, decided, measured, objective, paris, request, span, version
from kpi_agent.domain.contract import BackupTerms, Scope
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.facts import BackupFacts, Facts
from kpi_agent.domain.indicators.recovery_point import Protection, newest_good, protection
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.time import DAY, HOUR, MINUTE
from kpi_agent.domain.timeline import Run, Timeline

OCTOBER = 745 * HOUR
DAYS = span("2026-10-01 00:00", "2026-10-05 00:00")


def told(*runs: tuple[str, str, str | int]) -> Timeline:
    """Return what an exporter said from when to when: the end of the newest backup, as wall time or epoch seconds."""
    return Timeline.of(
        Run(paris(start), paris(end), Fraction(paris(v) if isinstance(v, str) else v)) for start, end, v in runs
    )


def protected(*lines: Timeline, rpo: int = 26 * HOUR) -> Protection:
    return protection("db", lines, rpo, DAYS)


def test_a_backup_protects_for_the_rpo_from_its_end_on_and_the_rest_is_bare_where_observed() -> None:
    found = protected(told(("2026-10-01 02:00", "2026-10-05 00:00", "2026-10-01 02:00")))

    assert (found.good, found.bad, found.whole) == (26 * HOUR, 68 * HOUR, 96 * HOUR)
    assert found.value == Fraction(26, 94)


def test_what_nobody_saw_is_protected_while_the_backup_is_young_and_unknown_after_that() -> None:
    found = protected(told(("2026-10-01 02:00", "2026-10-01 03:00", "2026-10-01 02:00")))

    assert (found.good, found.bad) == (26 * HOUR, 0)


def test_a_nightly_backup_leaves_no_gap_and_a_missed_night_leaves_one() -> None:
    nightly = told(
        ("2026-09-30 03:00", "2026-10-01 03:00", "2026-09-30 02:00"),
        ("2026-10-01 03:00", "2026-10-02 03:00", "2026-10-01 02:00"),
        ("2026-10-02 03:00", "2026-10-04 03:00", "2026-10-02 02:00"),
        ("2026-10-04 03:00", "2026-10-05 00:00", "2026-10-04 02:00"),
    )

    found = protected(nightly)

    assert (found.good, found.bad) == (96 * HOUR - 22 * HOUR, 22 * HOUR)


def test_exactly_the_rpo_is_too_old() -> None:
    found = protection("db", [told(("2026-10-01 00:00", "2026-10-02 00:00", "2026-10-01 00:00"))], DAY - 1, DAYS)

    assert (found.good, found.bad) == (DAY - 1, 1)


def test_a_newer_backup_that_is_gone_protects_no_more() -> None:
    found = protected(
        told(
            ("2026-10-01 00:00", "2026-10-02 06:00", "2026-10-01 00:00"),
            ("2026-10-02 06:00", "2026-10-02 12:00", "2026-10-02 05:00"),
            ("2026-10-02 12:00", "2026-10-05 00:00", "2026-10-01 00:00"),
        )
    )

    # The first protects until 02:00, the second from 05:00 to 12:00.
    assert (found.good, found.bad) == (33 * HOUR, 63 * HOUR)


def test_none_yet_is_bare_and_an_end_in_the_future_is_not_believed() -> None:
    never = told(("2026-10-01 00:00", "2026-10-05 00:00", 0))
    milliseconds = told(("2026-10-01 00:00", "2026-10-05 00:00", paris("2026-10-01 00:00") * 1000))
    ahead = told(("2026-10-01 00:00", "2026-10-05 00:00", paris("2026-10-01 00:00") + 5 * MINUTE))

    assert (protected(never).good, protected(never).bad) == (0, 96 * HOUR)
    assert (protected(milliseconds).good, protected(milliseconds).bad) == (0, 0)
    assert protected(ahead).good == 26 * HOUR


def test_a_set_of_several_parts_needs_every_one_and_one_without_suffices_to_say_so() -> None:
    good = told(("2026-10-01 00:00", "2026-10-05 00:00", "2026-10-01 00:00"))
    bare = told(("2026-10-01 10:00", "2026-10-01 20:00", 0))

    both = protected(good, bare, rpo=4 * DAY)
    untold = protected(good, Timeline(), rpo=4 * DAY)

    assert (protected(good, rpo=4 * DAY).good, protected(good, rpo=4 * DAY).bad) == (96 * HOUR, 0)
    assert (both.good, both.bad) == (0, 10 * HOUR)
    assert (untold.good, untold.bad) == (0, 0)
    assert protected().value is None


def asked(scope: Scope | None = None, **rpo: int | None) -> Any:
    sets = {name: BackupTerms(name, rpo=limit) for name, limit in rpo.items()}
    parts = {} if scope is None else {"scope": scope}
    return request(contract(version(backups=sets)), now="2026-11-03 07:00", **parts)


def backups(**lines: Timeline) -> Facts:
    good = {name: (told_line,) for name, told_line in lines.items()}
    return Facts(backups=BackupFacts(newest=paris("2026-11-03 00:00"), max_age=HOUR, good=good))


WHOLE = told(("2026-10-01 00:00", "2026-11-01 00:00", "2026-10-01 00:00"))
BARE = told(("2026-09-30 00:00", "2026-11-01 00:00", 0))


def test_the_set_with_the_lowest_share_is_told_and_one_without_an_rpo_is_not() -> None:
    reading = measured("backup_rpo", backups(a=WHOLE, b=BARE, c=BARE), asked(a=745 * HOUR, b=DAY, c=None))

    assert (reading.value, reading.numerator, reading.denominator) == (0, 0, OCTOBER)
    assert (reading.n, reading.coverage, reading.lowest, reading.highest) == (2, 1, 0, 0)
    assert (reading.evidence, reading.details) == (("b",), {"sets": 2, "untold": 0})
    one = measured("backup_rpo", backups(a=WHOLE, b=BARE), asked(Scope(backup="a"), a=745 * HOUR, b=DAY))
    assert (one.value, one.evidence) == (1, ())


def test_a_set_that_nobody_tells_is_no_data_and_a_bare_one_is_a_miss_even_so() -> None:
    promise = objective("backup_rpo", at_least("99%"))
    untold = measured("backup_rpo", backups(a=WHOLE), asked(a=745 * HOUR, b=DAY))
    bare = measured("backup_rpo", backups(a=BARE), asked(a=DAY, b=DAY))
    nothing = measured("backup_rpo", Facts(), asked(a=DAY))

    assert (untold.value, untold.coverage, untold.lowest, untold.highest) == (1, 0, 0, 1)
    assert decided(untold, promise).outcome is Outcome.NO_DATA
    assert (bare.value, bare.highest) == (0, 0)
    assert decided(bare, promise).outcome is Outcome.MISSED
    assert (nothing.value, nothing.coverage, nothing.n) == (None, 0, 0)
    assert decided(nothing, promise).outcome is Outcome.NO_DATA


@pytest.mark.parametrize(("target", "outcome"), [("96%", Outcome.MET), ("97%", Outcome.MISSED)])
def test_a_month_is_judged_by_the_exact_share(target: str, outcome: Outcome) -> None:
    line = told(("2026-10-01 00:00", "2026-11-01 00:00", "2026-10-01 00:00"))

    reading = measured("backup_rpo", backups(a=line), asked(a=720 * HOUR))

    assert reading.value == Fraction(720, 745)
    assert decided(reading, objective("backup_rpo", at_least(target))).outcome is outcome


def test_bounds_are_those_of_the_sets_that_could_be_worst() -> None:
    """One set was seen for ten days only, protected for one of them; the other all the month, for half of it."""
    short = told(("2026-10-01 00:00", "2026-10-11 00:00", "2026-10-01 00:00"))
    half = told(("2026-10-01 00:00", "2026-11-01 00:00", "2026-10-01 00:00"))

    reading = measured("backup_rpo", backups(a=half, b=short), asked(a=15 * DAY, b=DAY))

    assert (reading.value, reading.numerator, reading.denominator) == (Fraction(1, 10), DAY, 10 * DAY)
    assert reading.coverage == Fraction(10 * DAY, OCTOBER)
    assert reading.lowest == Fraction(DAY, OCTOBER)
    assert reading.highest == Fraction(15 * DAY, OCTOBER)  # b may have been good for all but nine days
    assert (reading.evidence, reading.details) == (("b", "a"), {"sets": 2, "untold": 0})


def test_a_set_of_which_nothing_is_known_could_be_anything() -> None:
    half = told(("2026-10-01 00:00", "2026-11-01 00:00", "2026-10-01 00:00"))

    reading = measured("backup_rpo", backups(a=half), asked(a=15 * DAY, b=DAY))

    assert (reading.lowest, reading.highest) == (0, Fraction(15 * DAY, OCTOBER))
    assert (reading.n, reading.details) == (1, {"sets": 2, "untold": 1})


def test_where_nothing_is_known_nothing_is_counted() -> None:
    nothing = measured("backup_rpo", Facts(), asked(a=DAY))
    promised = measured("backup_rpo", Facts(), asked())

    assert (nothing.numerator, nothing.denominator, nothing.lowest, nothing.highest) == (0, 0, 0, 1)
    assert nothing.details == {"sets": 1, "untold": 1}
    assert (promised.coverage, promised.lowest, promised.highest) == (0, None, None)


def test_of_two_that_are_equally_bad_the_first_name_is_told() -> None:
    reading = measured("backup_rpo", backups(b=BARE, a=BARE), asked(a=DAY, b=DAY))

    assert reading.evidence == ("a", "b")


def test_at_the_very_start_of_a_month_nothing_is_known_yet() -> None:
    start = request(contract(version(backups={"a": BackupTerms("a", rpo=DAY)})), now="2026-10-01 00:00")

    reading = measured("backup_rpo", backups(a=BARE), start)

    assert (reading.value, reading.coverage, reading.lowest, reading.highest) == (None, 0, 0, 0)
    assert "too_early" in reading.reasons


def test_a_backup_seen_before_the_month_protects_into_it_and_one_seen_after_it_does_not_reach_back() -> None:
    before = told(("2026-09-30 22:00", "2026-09-30 23:00", "2026-09-30 22:00"))
    after = told(("2026-10-05 00:00", "2026-10-06 00:00", "2026-10-05 00:00"))

    assert (protected(before).good, protected(before).bad) == (24 * HOUR, 0)
    assert (protected(after).good, protected(after).bad) == (0, 0)


def test_more_is_better_and_the_page_is_that_of_backups() -> None:
    reading = measured("backup_rpo", backups(a=WHOLE), asked(a=DAY))

    assert reading.indicator == "backup_rpo"
    assert (INDICATORS["backup_rpo"].topic, INDICATORS["backup_rpo"].is_more_better) == ("backups", True)


def test_an_end_more_than_five_minutes_after_it_was_first_told_is_not_believed() -> None:
    start = paris("2026-10-01 00:00")

    found = protected(told(("2026-10-01 00:00", "2026-10-05 00:00", start + 5 * MINUTE + 1)))

    assert (found.good, found.bad) == (0, 0)


def test_the_newest_good_backup_is_that_of_the_oldest_line() -> None:
    young = told(("2026-10-01 03:00", "2026-10-05 00:00", "2026-10-01 02:00"))
    old = told(("2026-10-01 00:00", "2026-10-05 00:00", "2026-09-30 02:00"))

    assert newest_good([young], DAYS) == paris("2026-10-01 02:00")
    assert newest_good([young, old], DAYS) == paris("2026-09-30 02:00")


def test_the_newest_good_backup_is_what_was_known_at_the_end() -> None:
    line = told(
        ("2026-10-03 00:00", "2026-10-04 00:00", "2026-10-02 23:00"),
        ("2026-10-04 00:00", "2026-10-04 12:00", "2026-10-01 23:00"),
        ("2026-10-05 00:00", "2026-10-06 00:00", "2026-10-04 23:00"),
    )

    assert newest_good([line], DAYS) == paris("2026-10-01 23:00")


@pytest.mark.parametrize("runs", [(), (("2026-10-01 00:00", "2026-10-05 00:00", 0),)])
def test_no_good_backup_has_no_instant(runs: tuple[Any, ...]) -> None:
    young = told(("2026-10-01 03:00", "2026-10-05 00:00", "2026-10-01 02:00"))

    assert newest_good([told(*runs)], DAYS) is None
    assert newest_good([told(*runs), young], DAYS) is None
    assert newest_good([], DAYS) is None


def test_a_backup_after_its_own_observation_is_none() -> None:
    line = told(
        ("2026-10-01 03:00", "2026-10-02 00:00", "2026-10-01 03:05"),
        ("2026-10-02 00:00", "2026-10-05 00:00", "2026-10-02 00:06"),
    )

    assert newest_good([line], DAYS) == paris("2026-10-01 03:05")
