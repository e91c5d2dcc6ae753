"""Backups count as proved when they were restored (indicators.md §7)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from builders import at_least, contract, decided, instant, line, measured, objective, paris, request
from kpi_agent.domain.contract import BackupTerms, Contract, HostScope, Scope
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.events import RestoreMethod, RestoreTest
from kpi_agent.domain.facts import BackupFacts, Facts, HostFacts
from kpi_agent.domain.indicators.backups import backup_lines, unsaved_hosts
from kpi_agent.domain.time import DAY, HOUR, MINUTE

END = paris("2026-11-01 00:00")


def sets(*names: str) -> Contract:
    return contract(backups={name: BackupTerms(name) for name in names})


def restore(
    at: str | int, backup: str = "db", method: RestoreMethod = RestoreMethod.FULL, *, is_passed: bool = True
) -> RestoreTest:
    return RestoreTest(backup, instant(at), method, is_passed)


def facts(*tests: RestoreTest, since: str = "2026-01-01 00:00", newest: str = "2026-11-03 00:00") -> Facts:
    seen = {"db": line((since, newest, 1))}
    return Facts(backups=BackupFacts(tests, seen, paris(newest), HOUR))


@pytest.mark.parametrize(("at", "proved"), [(END - 92 * DAY, 1), (END - 92 * DAY - 1, 0), (END - 1, 1), (END, 0)])
def test_a_set_is_covered_by_a_passed_test_of_the_last_92_days(at: int, proved: int) -> None:
    assert measured("restore_coverage", facts(restore(at)), request(sets("db"))).numerator == proved


def test_the_interval_may_be_another() -> None:
    asked = request(sets("db"), interval=30 * DAY)

    assert measured("restore_coverage", facts(restore(END - 30 * DAY)), asked).value == 1
    assert measured("restore_coverage", facts(restore(END - 30 * DAY - 1)), asked).value == 0


def test_verifying_restores_nothing_and_is_listed_only() -> None:
    known = facts(restore("2026-10-05 08:00", method=RestoreMethod.VERIFY))
    asked = request(sets("db"))

    assert measured("restore_coverage", known, asked).value == 0
    assert measured("restore_success", known, asked).n == 0
    (one,) = backup_lines(asked, known)
    assert (one.last_passed, len(one.tests)) == (None, 1)


def test_a_partial_restore_counts() -> None:
    known = facts(restore("2026-10-05 08:00", method=RestoreMethod.PARTIAL))

    assert measured("restore_coverage", known, request(sets("db"))).value == 1


def test_a_failed_test_covers_nothing_and_takes_nothing_back() -> None:
    failed = restore("2026-10-20 08:00", is_passed=False)

    assert measured("restore_coverage", facts(failed), request(sets("db"))).value == 0
    assert measured("restore_coverage", facts(restore("2026-10-05 08:00"), failed), request(sets("db"))).value == 1


def test_success_is_passed_of_all_tests_run_in_the_month() -> None:
    known = facts(
        restore("2026-09-30 23:59", is_passed=False),
        restore("2026-10-01 00:00"),
        restore("2026-10-05 08:00"),
        restore("2026-10-31 23:59", is_passed=False),
        restore("2026-11-01 00:00", is_passed=False),
    )

    reading = measured("restore_success", known, request(sets("db")))

    assert (reading.numerator, reading.denominator, reading.evidence) == (2, 3, ("db",))


def quick(
    minutes: int | None, at: str = "2026-10-05 08:00", backup: str = "db", *, is_passed: bool = True
) -> RestoreTest:
    duration = None if minutes is None else minutes * MINUTE
    return replace(restore(at, backup, is_passed=is_passed), duration=duration)


def test_rto_is_the_share_of_passed_tests_that_took_no_longer_than_their_set_allows() -> None:
    deal = contract(
        backups={
            "db": BackupTerms("db", rto=4 * HOUR),
            "files": BackupTerms("files", rto=HOUR),
            "logs": BackupTerms("logs"),
        }
    )
    known = facts(
        quick(240),
        quick(241, "2026-10-06 08:00"),
        quick(60, "2026-10-06 09:00", "files"),
        quick(61, "2026-10-07 09:00", "files"),
        quick(1, "2026-10-07 10:00", "logs"),
        quick(1, "2026-10-08 10:00", is_passed=False),
        quick(1, "2026-11-01 00:00"),
    )

    reading = measured("restore_rto", known, request(deal))

    assert (reading.numerator, reading.denominator, reading.n, reading.coverage) == (2, 4, 4, 1)
    assert reading.evidence == ("db", "files")
    assert measured("restore_rto", known, request(deal, scope=Scope(backup="logs"))).value is None


def test_a_restore_of_unknown_duration_is_neither_quick_nor_slow() -> None:
    deal = contract(backups={"db": BackupTerms("db", rto=4 * HOUR)})
    known = facts(quick(10), quick(None, "2026-10-06 08:00"), quick(None, "2026-10-07 08:00"))

    reading = measured("restore_rto", known, request(deal))

    assert (reading.numerator, reading.denominator, reading.undetermined) == (1, 1, 2)
    assert (reading.coverage, reading.lowest, reading.highest) == (Fraction(1, 3), Fraction(1, 3), 1)
    assert decided(reading, objective("restore_rto", at_least("75%"))).outcome is Outcome.NO_DATA


def test_restores_that_nobody_timed_are_no_data_and_not_nothing() -> None:
    deal = contract(backups={"db": BackupTerms("db", rto=4 * HOUR)})

    reading = measured("restore_rto", facts(quick(None)), request(deal))

    assert (reading.value, reading.undetermined, reading.coverage) == (None, 1, 0)
    assert decided(reading, objective("restore_rto", at_least("75%"))).outcome is Outcome.NO_DATA


def test_tests_of_sets_outside_the_contract_or_the_scope_do_not_count() -> None:
    known = facts(restore("2026-10-05 08:00", "db"), restore("2026-10-05 08:00", "other", is_passed=False))
    deal = sets("db", "files")

    assert measured("restore_success", known, request(deal)).value == 1
    assert measured("restore_coverage", known, request(deal)).value == Fraction(1, 2)
    assert measured("restore_coverage", known, request(deal, scope=Scope(backup="files"))).value == 0


def test_a_set_without_proof_is_the_evidence() -> None:
    assert measured("restore_coverage", facts(restore("2026-10-05 08:00")), request(sets("db", "files"))).evidence == (
        "files",
    )


def test_the_never_tested_stand_first_and_then_the_oldest_proof() -> None:
    known = facts(restore("2026-10-05 08:00", "a"), restore("2026-09-05 08:00", "b"))

    assert [one.backup for one in backup_lines(request(sets("a", "b", "c")), known)] == ["c", "b", "a"]


def test_no_test_in_the_month_is_nothing_to_judge_and_no_observation_no_data() -> None:
    promise = objective("restore_success", at_least("100%"))
    asked = request(sets("db"))

    assert decided(measured("restore_success", facts(), asked), promise).outcome is Outcome.NOTHING_TO_JUDGE
    assert decided(measured("restore_success", Facts(), asked), promise).outcome is Outcome.NO_DATA


def test_results_that_stopped_coming_are_no_data_and_not_a_set_without_proof() -> None:
    known = facts(newest="2026-10-20 00:00")
    reading = measured("restore_coverage", known, request(sets("db")))

    assert decided(reading, objective("restore_coverage", at_least("100%"))).outcome is Outcome.NO_DATA


def test_the_age_is_that_of_the_set_that_was_proved_longest_ago() -> None:
    known = facts(restore(END - 3 * DAY), restore(END - 40 * DAY, "files"), restore(END - 90 * DAY, "files"))

    reading = measured("restore_age", known, request(sets("db", "files")))

    assert (reading.value, reading.n, reading.coverage) == (40 * DAY, 2, 1)
    assert reading.evidence == ("files", "db")
    assert reading.details == {"sets": 2, "never": 0}


def test_a_set_that_was_never_tested_is_as_old_as_the_contract_and_comes_first() -> None:
    failed = restore(END - DAY, "files", is_passed=False)

    asked = request(sets("db", "files"))

    reading = measured("restore_age", facts(restore(END - 3 * DAY), failed), asked)

    assert reading.value == END - asked.contract.life.start
    assert (reading.evidence, reading.details["never"]) == (("files", "db"), 1)


def test_a_test_after_the_period_is_no_proof_in_it() -> None:
    assert measured("restore_age", facts(restore(END)), request(sets("db"))).details["never"] == 1


def test_of_one_set_in_scope_only_its_own_age_counts() -> None:
    known = facts(restore(END - 3 * DAY), restore(END - 40 * DAY, "files"))

    assert measured("restore_age", known, request(sets("db", "files"), scope=Scope(backup="db"))).value == 3 * DAY


HOSTS = HostFacts(
    sighted={
        "db01": paris("2026-01-05 10:00"),
        "Web01": paris("2026-10-05 10:00"),
        "old01": paris("2026-01-05 10:00"),
        "new01": paris("2026-11-01 00:00"),
        "log01": paris("2026-01-05 10:00"),
    },
    newest=paris("2026-11-03 00:00"),
    max_age=HOUR,
)


def test_hosts_in_no_set_are_named_but_for_those_that_need_none() -> None:
    scope = HostScope("main", "", retired={"old01": paris("2026-11-01 00:00"), "log01": paris("2026-11-01 00:00") + 1})
    deal = contract(
        hosts=scope,
        backups={"db": BackupTerms("db", hosts=("DB*",)), "files": BackupTerms("files")},
        not_backed_up={"web*": "built anew"},
    )

    assert unsaved_hosts(request(deal), Facts(hosts=HOSTS)) == ("log01",)
    assert unsaved_hosts(request(replace_terms(deal, not_backed_up={})), Facts(hosts=HOSTS)) == ("Web01", "log01")


def test_where_no_set_says_which_hosts_it_holds_nobody_can_tell() -> None:
    assert unsaved_hosts(request(sets("db")), Facts(hosts=HOSTS)) is None


def replace_terms(deal: Contract, **parts: Any) -> Contract:
    return replace(deal, versions=tuple(replace(v, **parts) for v in deal.versions))
