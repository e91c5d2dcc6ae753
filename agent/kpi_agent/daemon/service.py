"""The daemon: ticks, and decides at each whether a child has work to do. APScheduler ticks and does nothing else."""

from __future__ import annotations

import faulthandler
import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from kpi_agent.daemon.agenda import Agenda, Tick, TickResult
from kpi_agent.daemon.child import ChildEnd, Ending, run_in_child
from kpi_agent.daemon.clockmark import MARK_NAME, ClockMark
from kpi_agent.daemon.heartbeat import Heartbeat, own_version, resident_bytes
from kpi_agent.daemon.journal import describe, fields, log_to_stderr
from kpi_agent.daemon.lock import hold_store
from kpi_agent.daemon.notify import Notifier
from kpi_agent.daemon.scheduler import TickScheduler
from kpi_agent.daemon.signals import Signals
from kpi_agent.daemon.watch import look_at
from kpi_agent.domain.errors import InvalidConfiguration, StoreError

__all__ = ["EXIT_BAD_CONFIGURATION", "EXIT_FAILED", "Tick", "TickResult", "serve"]

logger = logging.getLogger(__name__)

EXIT_FAILED = 1
EXIT_BAD_CONFIGURATION = 78

Configuration = TypeVar("Configuration")


@dataclass(frozen=True, slots=True)
class Duties(Generic[Configuration]):
    """What the daemon is told to do; see :func:`serve`."""

    load: Callable[[], Configuration]
    work: Callable[[Configuration, Tick], TickResult]
    state_dir_of: Callable[[Configuration], Path]
    tick_seconds: float
    work_timeout: float
    clock: Callable[[], float]


def serve(
    *,
    load: Callable[[], Configuration],
    work: Callable[[Configuration, Tick], TickResult],
    state_dir_of: Callable[[Configuration], Path],
    tick_seconds: float = 30,
    work_timeout: float = 600,
    clock: Callable[[], float] = time.time,
) -> int:
    """Serve until SIGTERM or SIGINT, and return the exit code: 0 then, 78 bad configuration at the start, 1 no store.

    *load* is called here, at the start and on SIGHUP; when it fails on SIGHUP the configuration before stays. *work* is
    called in a forked child that inherits the configuration, at most *work_timeout* seconds, and may be killed at any
    instant. When it is called: see ``Agenda.reason_to_work``. Main thread only; no other thread may exist (fork).
    """
    log_to_stderr()
    faulthandler.enable()  # the watchdog's SIGABRT then says where the daemon stood
    duties = Duties(load, work, state_dir_of, tick_seconds, work_timeout, clock)
    with Signals() as signals:
        try:
            configuration = load()
        except InvalidConfiguration as error:
            logger.critical("not started: %s", describe(error))
            return EXIT_BAD_CONFIGURATION
        except Exception as error:  # noqa: BLE001  # of any kind: one line for the journal, and the supervisor retries
            logger.critical("not started: %s", describe(error))
            return EXIT_FAILED
        try:
            with hold_store(state_dir_of(configuration)):
                return _Service(duties, configuration, signals).run()
        except StoreError as error:
            logger.critical("not started: %s", describe(error))
            return EXIT_FAILED


class _Service(Generic[Configuration]):
    """The state of a running daemon. All of it runs in the main thread; only children run beside it."""

    def __init__(self, duties: Duties[Configuration], configuration: Configuration, signals: Signals) -> None:
        self._duties = duties
        self._configuration = configuration
        self._signals = signals
        self._notifier = Notifier.from_environment()
        self._state_dir = duties.state_dir_of(configuration).absolute()
        self._mark = ClockMark(self._state_dir / MARK_NAME)
        self._agenda = Agenda()
        self._is_reloaded = False
        self._is_tick_wanted = False
        self._is_hung = False
        self._work_status = "starting"
        now = int(duties.clock())
        self._heart = Heartbeat(
            pid=os.getpid(),
            version=own_version(),
            started=now,
            last_tick=None,
            last_work=None,
            working_since=None,
            next_at=now,
            failures=0,
            status=self._work_status,
            reload_error="",
            clock_doubt="",
            rss_bytes=resident_bytes(),
            stopped=None,
        )

    def run(self) -> int:
        logger.info("started %s", fields(version=self._heart.version, pid=self._heart.pid, state_dir=self._state_dir))
        self._notifier.ready("starting")
        scheduler = TickScheduler(self._signals, self.tick, self.take_tick_wanted, self._duties.tick_seconds)
        scheduler.start()
        self._notifier.stopping()
        scheduler.shutdown(wait=False)
        self._beat(status="stopped", working_since=None, stopped=int(self._duties.clock()))
        logger.info("stopped")
        return 0

    def tick(self) -> None:
        """Work if work is due; then, and only then, feed the watchdog."""
        now = int(self._duties.clock())
        doubt = self._mark.doubt(now)
        if doubt and not self._heart.clock_doubt:
            logger.error("clock not believed, nothing is closed: %s", doubt)
        tick = Tick(now, is_clock_suspicious=bool(doubt))
        prints = look_at(self._agenda.prints)
        reason = "reload" if self._is_reloaded else self._agenda.reason_to_work(tick, prints)
        if reason:
            self._is_reloaded = False
            self._beat(last_tick=now, clock_doubt=doubt, working_since=now)
            self._work(tick, reason, prints)
        if self._signals.is_stopping:
            return
        self._beat(last_tick=int(self._duties.clock()), clock_doubt=doubt, working_since=None)
        self._notifier.status(self._heart.status)
        if not self._is_hung:
            # After a hang only a work that ends by itself feeds it again: two hangs in a row restart the daemon.
            self._notifier.watchdog()

    def take_tick_wanted(self) -> bool:
        """Return whether a new configuration waits for its first work, and forget it; reloads first when asked to.

        Forgotten at once: were a tick to fail before it works, asking until it works would be a loop without a pause.
        """
        self.reload_if_asked()
        is_wanted, self._is_tick_wanted = self._is_tick_wanted, False
        return is_wanted

    def reload_if_asked(self) -> None:
        """Take the new configuration; a bad one is reported, and the one before stays."""
        if not self._signals.take_reload():
            return
        self._notifier.reloading()
        try:
            fresh = self._duties.load()
            self._check_same_store(fresh)
        except Exception as error:  # noqa: BLE001  # whatever is wrong with the new one, the old one goes on
            self._beat(reload_error=describe(error))
            logger.warning("reload refused, the configuration before stays: %s", self._heart.reload_error)
        else:
            self._configuration = fresh
            self._is_reloaded = self._is_tick_wanted = True
            self._beat(reload_error="")
            logger.info("reloaded")
        self._notifier.ready(self._heart.status)

    def _check_same_store(self, fresh: Configuration) -> None:
        state_dir = self._duties.state_dir_of(fresh).absolute()
        if state_dir != self._state_dir:
            raise StoreError(f"state_dir changed from {self._state_dir} to {state_dir}: restart the daemon for that")

    def _work(self, tick: Tick, reason: str, prints: dict[str, str]) -> None:
        configuration = self._configuration
        end = run_in_child(
            lambda: asdict(self._duties.work(configuration, tick)),
            signals=self._signals,
            timeout_seconds=self._duties.work_timeout,
            meanwhile=self.reload_if_asked,
        )
        if end.ending is Ending.STOPPED:
            logger.info("work stopped %s", fields(why=reason, seconds=end.seconds))
            return
        self._is_hung = end.ending is Ending.HUNG
        if end.ending is Ending.DONE:
            result = TickResult(end.result["next_at"], tuple(end.result["watch"]), end.result["status"])
            self._agenda = self._agenda.after_success(tick, result, prints)
            self._work_status = result.status
            logger.info(
                "worked %s", fields(why=reason, seconds=end.seconds, next_at=result.next_at, status=result.status)
            )
        else:
            self._note_failure(tick, reason, end)

    def _note_failure(self, tick: Tick, reason: str, end: ChildEnd) -> None:
        self._agenda = self._agenda.after_failure(tick, ended_at=int(self._duties.clock()))
        failures, again = self._agenda.failures, datetime.fromtimestamp(self._agenda.next_work, UTC)
        self._work_status = f"work failed ({failures} in a row): {end.reason}; again at {again:%H:%M:%S} UTC"
        logger.error(
            "work failed %s",
            fields(
                why=reason, seconds=end.seconds, failures=failures, next_at=self._agenda.next_work, error=end.reason
            ),
        )

    def _beat(self, **changes: Any) -> None:
        agenda = self._agenda
        self._heart = replace(self._heart, last_work=agenda.last_work, next_at=agenda.next_work, **changes)
        self._heart = replace(self._heart, failures=agenda.failures, rss_bytes=resident_bytes())
        if self._heart.stopped is None:
            self._heart = replace(self._heart, status=self._status_text())
        try:
            self._heart.write(self._state_dir)
        except OSError as error:
            # A full disk is no reason to end: the work that needs it fails and says so, and this tries again.
            logger.warning("heartbeat not written: %s", describe(error))

    def _status_text(self) -> str:
        parts = [self._work_status]
        if self._heart.clock_doubt:
            parts.append(f"nothing is closed: {self._heart.clock_doubt}")
        if self._heart.reload_error:
            parts.append(f"reload refused, the configuration before stays: {self._heart.reload_error}")
        return "; ".join(parts)
