"""When the daemon has something to do: a pure decision from how the last work ended, clock and watched folders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BACK_OFF_SECONDS = 60
BACK_OFF_MAX_SECONDS = 15 * 60
# Whatever next_at says: sources are observed at least daily, or a short retention loses samples (operations.md §3).
MAX_IDLE_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Tick:
    """What a piece of work is told: *now* (epoch seconds UTC), and whether that clock may be wrong.

    While *is_clock_suspicious*, nothing that cannot be taken back may be done: no period is closed, no report sent.
    """

    now: int
    is_clock_suspicious: bool


@dataclass(frozen=True, slots=True)
class TickResult:
    """What a piece of work answers: when to work next, which folders or files to watch until then, one line of status.

    *watch* holds paths; of a folder its own entries are watched, not those of folders below it.
    """

    next_at: int
    watch: tuple[str, ...]
    status: str


@dataclass(frozen=True, slots=True)
class Agenda:
    """What the past work leaves for the next tick.

    *last_work* is when it began; *prints* show the watched paths as they were then (None: not seen yet, so the next
    look counts as a change). *retry_at* counts only while there are *failures* in a row.
    """

    last_work: int | None = None
    was_clock_suspicious: bool = False
    next_at: int = 0
    failures: int = 0
    retry_at: int = 0
    prints: Mapping[str, str | None] = field(default_factory=dict)

    def reason_to_work(self, tick: Tick, prints: Mapping[str, str]) -> str:
        """Return why work is due at *tick*, with *prints* of the watched paths as they are now; empty: it is not."""
        if self.last_work is None:
            return "start"
        if tick.now < self.last_work:
            return "clock went back"  # next_at and the back-off were said by another clock
        if self.failures:
            # Not for a changed folder: whoever keeps writing into it would make every tick a failure.
            return "retry" if tick.now >= self.retry_at else ""
        if tick.is_clock_suspicious != self.was_clock_suspicious:
            return "clock judged anew"
        if tick.now >= min(self.next_at, self.last_work + MAX_IDLE_SECONDS):
            return "due"
        changed = [path for path, seen in self.prints.items() if prints[path] != seen]
        return f"changed: {changed[0]}" if changed else ""

    def after_success(self, tick: Tick, result: TickResult, prints: Mapping[str, str]) -> Agenda:
        """Return the agenda after work that began at *tick*, when the watched paths had these *prints*.

        They are those from before the work: what arrives while it runs is a change. Work that itself changes a watched
        folder is called once more, in vain.
        """
        seen = {path: prints.get(path) for path in result.watch}
        return Agenda(tick.now, tick.is_clock_suspicious, result.next_at, prints=seen)

    def after_failure(self, tick: Tick, *, ended_at: int) -> Agenda:
        """Return the agenda after work that began at *tick* and ended without a result."""
        failures = self.failures + 1
        retry_at = ended_at + back_off(failures)
        return Agenda(tick.now, tick.is_clock_suspicious, self.next_at, failures, retry_at, self.prints)

    @property
    def next_work(self) -> int:
        """The instant at which work is due when nothing changes before."""
        if self.last_work is None:
            return 0
        if self.failures:
            return self.retry_at
        return min(self.next_at, self.last_work + MAX_IDLE_SECONDS)


def back_off(failures: int) -> int:
    """Return the seconds to wait after so many failures in a row: 60, doubling, at most 900."""
    return min(BACK_OFF_SECONDS << min(failures - 1, 8), BACK_OFF_MAX_SECONDS)
