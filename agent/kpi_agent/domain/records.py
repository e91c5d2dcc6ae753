"""What is kept of the agent's own doings: attempts to read a source, and reports as they were closed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something wrong or doubtful in what a source told; *contract* is empty where it concerns the whole source."""

    contract: str
    text: str

    def __str__(self) -> str:
        return f"{self.contract} {self.text}".lstrip()


@dataclass(frozen=True, slots=True)
class SeenTrouble:
    """A trouble with the attempts to read that met it first and last, epoch seconds."""

    text: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SourceRun:
    """The last attempt to read a source, and the last one that worked; instants in epoch seconds.

    *detail* is one line; *troubles* say the rest, what failed first.
    """

    source: str
    started: int
    finished: int
    is_ok: bool
    detail: str
    last_ok: int | None = None
    server: str | None = None
    clock_difference: int | None = None
    troubles: tuple[Trouble, ...] = ()


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
