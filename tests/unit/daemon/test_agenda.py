from dataclasses import replace

import pytest

from kpi_agent.daemon.agenda import Agenda, Tick, TickResult, back_off

NOON = 1_790_000_000
HOUR = 3600
DAY = 24 * HOUR


def at(now: int, *, is_suspicious: bool = False) -> Tick:
    return Tick(now, is_clock_suspicious=is_suspicious)


def after_work(next_at: int = NOON + HOUR, watch: tuple[str, ...] = (), prints: dict[str, str] | None = None) -> Agenda:
    return Agenda().after_success(at(NOON), TickResult(next_at, watch, "well"), prints or {})


def test_the_first_tick_works() -> None:
    assert Agenda().reason_to_work(at(NOON), {}) == "start"


def test_nothing_is_due_one_second_before_next_at_and_work_is_at_next_at() -> None:
    assert after_work().reason_to_work(at(NOON + HOUR - 1), {}) == ""
    assert after_work().reason_to_work(at(NOON + HOUR), {}) == "due"


def test_work_comes_at_least_daily_whatever_next_at_says() -> None:
    agenda = after_work(next_at=NOON + 400 * DAY)

    assert agenda.reason_to_work(at(NOON + DAY - 1), {}) == ""
    assert agenda.reason_to_work(at(NOON + DAY), {}) == "due"
    assert agenda.next_work == NOON + DAY


def test_what_arrives_while_the_work_runs_is_a_change() -> None:
    agenda = replace(after_work(), prints={"inbox": "before"})
    agenda = agenda.after_success(at(NOON), TickResult(NOON + HOUR, ("inbox",), "well"), {"inbox": "before"})

    assert agenda.reason_to_work(at(NOON + 1), {"inbox": "before"}) == ""
    assert agenda.reason_to_work(at(NOON + 1), {"inbox": "after"}) == "changed: inbox"


def test_a_folder_seen_for_the_first_time_counts_as_changed_once() -> None:
    agenda = after_work(watch=("inbox",))
    assert agenda.reason_to_work(at(NOON + 30), {"inbox": "a"}) == "changed: inbox"

    agenda = agenda.after_success(at(NOON + 30), TickResult(NOON + HOUR, ("inbox",), "well"), {"inbox": "a"})
    assert agenda.reason_to_work(at(NOON + 60), {"inbox": "a"}) == ""


def test_failures_are_retried_after_the_back_off_counted_from_their_end() -> None:
    agenda = after_work().after_failure(at(NOON), ended_at=NOON + 600)

    assert agenda.reason_to_work(at(NOON + 659), {}) == ""
    assert agenda.reason_to_work(at(NOON + 660), {}) == "retry"
    assert agenda.next_work == NOON + 660


def test_a_folder_that_changes_all_the_time_does_not_shorten_the_back_off() -> None:
    agenda = after_work(watch=("inbox",), prints={"inbox": "a"}).after_failure(at(NOON), ended_at=NOON)

    assert agenda.reason_to_work(at(NOON + 30), {"inbox": "b"}) == ""


def test_a_success_forgets_the_failures() -> None:
    agenda = after_work().after_failure(at(NOON), ended_at=NOON)
    agenda = agenda.after_success(at(NOON + 60), TickResult(NOON + HOUR, (), "well"), {})

    assert agenda.failures == 0
    assert agenda.next_work == NOON + HOUR


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 60), (2, 120), (3, 240), (4, 480), (5, 900), (6, 900), (10_000, 900)]
)
def test_the_back_off_doubles_up_to_a_quarter_of_an_hour(failures: int, seconds: float) -> None:
    assert back_off(failures) == seconds


def test_a_clock_behind_the_last_work_makes_next_at_meaningless() -> None:
    assert after_work().reason_to_work(at(NOON - 1), {}) == "clock went back"
    failed = after_work().after_failure(at(NOON), ended_at=NOON)
    assert failed.reason_to_work(at(NOON - 30 * DAY), {}) == "clock went back"


def test_a_doubt_about_the_clock_and_its_end_are_each_told_to_the_work() -> None:
    agenda = after_work()
    assert agenda.reason_to_work(at(NOON + 1, is_suspicious=True), {}) == "clock judged anew"

    agenda = agenda.after_success(at(NOON + 1, is_suspicious=True), TickResult(NOON + HOUR, (), "well"), {})
    assert agenda.reason_to_work(at(NOON + 2, is_suspicious=True), {}) == ""
    assert agenda.reason_to_work(at(NOON + 2), {}) == "clock judged anew"
