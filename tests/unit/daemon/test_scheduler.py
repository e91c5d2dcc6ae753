from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from kpi_agent.daemon.scheduler import EveryFewSeconds, TickScheduler
from kpi_agent.daemon.signals import Signals

NOON = datetime(2026, 7, 6, 12, 0, tzinfo=UTC)
STEP = timedelta(seconds=30)


def test_ticks_follow_each_other_by_one_step() -> None:
    trigger = EveryFewSeconds(30)

    assert trigger.get_next_fire_time(None, NOON) == NOON
    assert trigger.get_next_fire_time(NOON, NOON) == NOON + STEP
    assert trigger.get_next_fire_time(NOON, NOON + timedelta(seconds=29)) == NOON + STEP


def test_a_clock_that_jumps_ten_years_ahead_causes_one_tick_and_not_ten_million() -> None:
    later = NOON + timedelta(days=3652)

    assert EveryFewSeconds(30).get_next_fire_time(NOON, later) == later + STEP


def test_a_clock_that_is_set_back_does_not_silence_the_ticks() -> None:
    earlier = NOON - timedelta(days=365)

    assert EveryFewSeconds(30).get_next_fire_time(NOON, earlier) == earlier + STEP


def ticks_until_stop(tick: Callable[[list[datetime], TickScheduler], None], count: int) -> list[datetime]:
    with Signals() as signals:
        seen = []

        def counted() -> None:
            seen.append(datetime.now(UTC))
            if len(seen) == count:
                signals.is_stopping = True
            tick(seen, scheduler)

        scheduler = TickScheduler(signals, counted, lambda: False, 0.05)
        scheduler.start()
        scheduler.shutdown(wait=False)
    return seen


def test_a_tick_that_raises_is_followed_by_the_next_one(caplog: pytest.LogCaptureFixture) -> None:
    def fail(seen: list[datetime], scheduler: TickScheduler) -> None:
        raise RuntimeError("password is tr0ub4dor")

    assert len(ticks_until_stop(fail, 3)) == 3
    assert caplog.text.count("tick failed: RuntimeError, test_scheduler.py:") == 3


def test_the_loop_itself_notices_that_the_next_tick_moved_far_away() -> None:
    def as_after_a_clock_set_back(seen: list[datetime], scheduler: TickScheduler) -> None:
        if len(seen) == 1:
            scheduler.modify_job("tick", next_run_time=datetime.now(UTC) + timedelta(hours=1))
            scheduler._process_jobs = once_far_away(scheduler._process_jobs)

    def once_far_away(process_jobs: Callable[[], float]) -> Callable[[], float]:
        answers = iter([3600.0])
        return lambda: next(answers, None) or process_jobs()

    assert len(ticks_until_stop(as_after_a_clock_set_back, 3)) == 3
