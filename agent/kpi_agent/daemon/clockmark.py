"""The high-water mark of the wall clock: a clock that jumped must not close months (operations.md §1)."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MARK_NAME = "clock.mark"
BACK_SECONDS = 5 * 60
AHEAD_SECONDS = 40 * 86_400
# A board without a battery starts in 1970: with no mark yet, that alone would make the true time look like a jump.
EARLIEST_SECONDS = 1_735_689_600  # 2025-01-01, before the first version of this program
_STEP_SECONDS = 60  # the mark is written to disk once a minute, well within BACK_SECONDS


@dataclass(frozen=True, slots=True)
class ClockMark:
    """The latest instant at which the clock was believed, kept in the file *path*.

    A clock is believed from 5 min before the mark to 40 d after it, and only a believed clock moves the mark, forward.
    So a jump that is mended is forgotten by itself, and one that stays (the agent slept for longer than 40 d, or the
    clock had run ahead and was set right) needs a person: they check the clock and remove the file. The file is read at
    each tick, no restart is needed.
    """

    path: Path

    def doubt(self, now: int) -> str:
        """Return why the clock that says *now* is not believed and what to do; empty, and the mark moved, if it is."""
        try:
            mark = self._read()
        except (OSError, ValueError):
            return f"{self.path} is unreadable; if the clock ({_utc(now)}) is right, remove it"
        if now < EARLIEST_SECONDS:
            return f"the clock says {_utc(now)}, which cannot be; set it"
        if mark is not None and now < mark - BACK_SECONDS:
            return f"the clock says {_utc(now)} but {_utc(mark)} was seen before; {self._remedy}"
        if mark is not None and now > mark + AHEAD_SECONDS:
            days = (now - mark) // 86_400
            return f"the clock says {_utc(now)}, {days} days after the last tick; {self._remedy}"
        if mark is None or now >= mark + _STEP_SECONDS:
            with suppress(OSError):  # a full disk shows in the work itself; an old mark only makes the judgement older
                self._write(now)
        return ""

    @property
    def _remedy(self) -> str:
        return f"set it, or if it is right remove {self.path}"

    def _read(self) -> int | None:
        try:
            return int(self.path.read_text(encoding="ascii"))
        except FileNotFoundError:
            return None

    def _write(self, now: int) -> None:
        fresh = self.path.with_suffix(".tmp")
        with fresh.open("w", encoding="ascii") as file:
            file.write(f"{now}\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


def _utc(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).strftime("%Y-%m-%d %H:%M UTC")
