"""What is kept of the agent's own doings: attempts to read a source, and reports as they were closed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceRun:
    """The last attempt to read a source, and the last one that worked; instants in epoch seconds."""

    source: str
    started: int
    finished: int
    is_ok: bool
    detail: str
    last_ok: int | None = None
    server: str | None = None
    clock_difference: int | None = None


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A frozen report: exactly the bytes that were closed.

    *previous_sha256* names the document of the same contract that was closed just before, whatever its period.
    """

    contract: str
    period: str
    revision: int
    content: bytes
    sha256: str
    previous_sha256: str | None
    closed_at: int
