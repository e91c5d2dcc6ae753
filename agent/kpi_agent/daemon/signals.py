"""Signals as flags, and a wait that none of them can slip past."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Collection
from types import FrameType, TracebackType
from typing import Self

_STOP = (signal.SIGTERM, signal.SIGINT)
# SIGCHLD carries no request: it only has to wake whoever waits for the child.
_HEARD = (*_STOP, signal.SIGHUP, signal.SIGCHLD)


class Signals:
    """While entered, SIGTERM and SIGINT ask to stop, SIGHUP asks to reload, and each of them ends :meth:`wait`.

    The interpreter writes a byte to a pipe within the C handler, so a signal that arrives between a look at the flags
    and the wait makes that wait return at once. Main thread only.
    """

    def __init__(self) -> None:
        self.is_stopping = False
        self._is_reload_wanted = False
        self._reader = -1
        self._writer = -1

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        self._previous_fd = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        self._previous = {number: signal.signal(number, self._note) for number in _HEARD}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._previous_fd)
        os.close(self._reader)
        os.close(self._writer)

    def take_reload(self) -> bool:
        """Return whether a reload was asked for since the last call, and forget it."""
        is_wanted, self._is_reload_wanted = self._is_reload_wanted, False
        return is_wanted

    def wait(self, seconds: float, readers: Collection[int] = ()) -> None:
        """Return when a signal has come, one of *readers* has something to read, or *seconds* have passed."""
        select.select([self._reader, *readers], (), (), max(0.0, seconds))
        try:
            while os.read(self._reader, 512):
                pass
        except BlockingIOError:
            pass

    def _note(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # the shape that signal() calls
        if number in _STOP:
            self.is_stopping = True
        elif number == signal.SIGHUP:
            self._is_reload_wanted = True
