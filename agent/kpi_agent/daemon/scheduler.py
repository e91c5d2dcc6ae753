"""APScheduler, kept to what it is good for here: one tick after the other. It decides nothing (operations.md §1)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED
from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger

from kpi_agent.daemon.journal import describe, fields
from kpi_agent.daemon.signals import Signals

logger = logging.getLogger(__name__)


class EveryFewSeconds(BaseTrigger):  # type: ignore[misc]  # APScheduler ships no types
    """Fires *seconds* after the last time.

    Unlike IntervalTrigger it never catches up: after a clock step of years that one first lists every missed instant,
    and the memory is gone before ``coalesce`` keeps the last of them.
    """

    def __init__(self, seconds: float) -> None:
        self._step = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """Return the instant after *previous_fire_time*, never more than one step away from *now*."""
        if previous_fire_time is None:
            return now
        following = previous_fire_time + self._step
        return following if now < following <= now + self._step else now + self._step


class TickScheduler(BlockingScheduler):  # type: ignore[misc]  # APScheduler ships no types
    """Ticks in the calling thread until a stop is asked for.

    *take_tick_wanted* is asked before each wait, and returns whether a tick should follow at once. The wait ends with
    any signal, and a clock that is set back does not silence the ticks.
    """

    def __init__(
        self, signals: Signals, tick: Callable[[], None], take_tick_wanted: Callable[[], bool], tick_seconds: float
    ) -> None:
        super().__init__(executors={"default": DebugExecutor()}, timezone=UTC)
        self._signals = signals
        self._take_tick_wanted = take_tick_wanted
        self._tick_seconds = tick_seconds
        self.add_listener(_log_error, EVENT_JOB_ERROR)
        self.add_listener(_log_missed, EVENT_JOB_MISSED)
        self.add_job(
            tick,
            EveryFewSeconds(tick_seconds),
            id="tick",
            next_run_time=datetime.now(UTC),
            coalesce=True,
            max_instances=1,
            misfire_grace_time=None,
        )

    def _main_loop(self) -> None:
        while not self._signals.is_stopping:
            wait_seconds = self._process_jobs()
            is_clock_back = wait_seconds > self._tick_seconds  # set back while we waited: the next tick is far away
            if self._take_tick_wanted() or is_clock_back:
                self.modify_job("tick", next_run_time=datetime.now(UTC))
            else:
                self._signals.wait(wait_seconds)


def _log_error(event: object) -> None:
    error = getattr(event, "exception", None)
    logger.error("tick failed: %s", describe(error) if isinstance(error, BaseException) else "unknown")


def _log_missed(event: object) -> None:
    logger.error("tick missed %s", fields(scheduled=getattr(event, "scheduled_run_time", None)))
