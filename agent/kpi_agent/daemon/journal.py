"""How the daemon speaks to the journal: one line per job, ``key=value`` fields, no secret."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from types import TracebackType

from kpi_agent.domain.errors import KpiAgentError

# sd-daemon(3): a line that begins with <N> is filed under that syslog priority.
_PRIORITIES = ((logging.CRITICAL, 2), (logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (0, 7))
_FRAMES_SHOWN = 4


class JournalFormatter(logging.Formatter):
    """One line per record, with the priority prefix that journald understands when *is_prefixed*."""

    def __init__(self, *, is_prefixed: bool) -> None:
        super().__init__("%(message)s" if is_prefixed else "%(asctime)s %(levelname)s %(message)s")
        self._is_prefixed = is_prefixed

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; line feeds inside become blanks, so that no text can forge a line of its own."""
        line = " ".join(super().format(record).splitlines())
        if not self._is_prefixed:
            return line
        return f"<{next(n for level, n in _PRIORITIES if record.levelno >= level)}>{line}"


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send the log to stderr, unless the program has already said where logs go."""
    root = logging.getLogger()
    if not root.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JournalFormatter(is_prefixed="JOURNAL_STREAM" in os.environ))
        root.addHandler(handler)
        root.setLevel(level)
    # It writes two lines per tick, and the whole text of an exception; our listeners say the same safely.
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL + 1)


def fields(**values: object) -> str:
    """Return ``key=value`` pairs; text with blanks, quotes or equal signs is quoted, None is left out."""
    return " ".join(f"{key}={_value(value)}" for key, value in values.items() if value is not None)


def describe(error: BaseException) -> str:
    """Return what may be shown of *error* in logs and status, on one line.

    Our own errors in full: they are written for people. Of foreign ones the type, the system's words and where it
    happened, never their text: URLs, rows and connection strings travel in it, secrets included.
    """
    if isinstance(error, KpiAgentError):
        return "; ".join(str(error).splitlines()) or type(error).__name__
    parts = [type(error).__name__]
    if isinstance(error, OSError) and error.strerror:
        parts.append(f"{error.strerror}: {error.filename}" if error.filename else str(error.strerror))
    parts.extend(_places(error.__traceback__))
    return ", ".join(parts)


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_FRAMES_SHOWN:]
    return [f"{os.path.basename(f.filename)}:{f.lineno}" for f in reversed(frames)]  # noqa: PTH119  # a name, not a file


def _value(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    text = str(value)
    return text if text and not set(text) & set(' "=\n') else json.dumps(text, ensure_ascii=False)
