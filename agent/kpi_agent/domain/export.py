"""A ticket export as read from one file, and what the store made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that cannot be trusted: its line, a short code for counting, a sentence, the raw text (names masked)."""

    line: int
    code: str
    reason: str
    raw: str


DIGEST_BYTES = 16
"""Length of what stands for a row."""


@dataclass(frozen=True, slots=True)
class KnownRows:
    """The rows of a source's newest file: digest of a row → number of the version that it told.

    *recipe* says how they were read: a row that is read in another way may tell something else. *as_of*: the file's.
    """

    import_id: int
    as_of: int
    recipe: str
    versions: Mapping[bytes, int]


class Repeat(NamedTuple):
    """A row that is as it was in the newest file before: the version that it told, its line, and its digest."""

    version: int
    line: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Export:
    """One file, understood. *as_of* in epoch seconds; *rows* counts data rows, rejected ones included.

    *tickets* may come one by one, to be read once; *rejected* is complete, in the order of the file, when they were
    read to their end, which raises ExportRefused for a file that turns out to be of no use.
    *columns* maps a normalised field to the header it was read from, as it is written; *unused* are the other headers,
    in the order of the file. *date_formats* maps a field to the order found.
    *events* is true when the file holds several rows per ticket. *repeats* are rows that are no tickets here, because
    what they tell is known since the file *after*; complete with the tickets. *recipe*: how rows were read, empty for a
    file whose rows must not be known again.
    """

    source: str
    file: str
    sha256: str
    as_of: int
    rows: int
    tickets: Iterable[Ticket]
    rejected: Sequence[RejectedRow] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    date_formats: Mapping[str, str] = field(default_factory=dict)
    cannot_tell: frozenset[str] = frozenset()
    is_truncated: bool = False
    is_event_log: bool = False
    encoding: str = "utf-8"
    delimiter: str = ""
    recipe: str = ""
    after: int | None = None
    repeats: Iterable[Repeat] = ()


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What an import changed; *is_repeat*: this very file was taken before and nothing was done."""

    read: int
    new: int
    changed: int
    unchanged: int
    rejected: int
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """A file in the store. *id* grows with each import; it observes [*observed_from*, *as_of*) unless truncated.

    A ticket that is missing from it is lost only where ``is_proof`` and ``should_hold`` say so.
    """

    id: int
    source: str
    file: str
    sha256: str
    as_of: int
    observed_from: int | None  # None: everything since the oldest opening
    rows: int
    rejected: int
    is_truncated: bool
    imported_at: int
    rejected_by_reason: Mapping[str, int] = field(default_factory=dict)
    is_event_log: bool = False

    def is_proof(self, *, by_opening: bool) -> bool:
        """Whether the absence of a ticket can prove anything: not from a part, nor from a history of events.

        *by_opening*: whether the source's exports of a span hold what was opened in it; what was updated in it may
        well be open without.
        """
        return not self.is_truncated and not self.is_event_log and (self.observed_from is None or by_opening)

    def should_hold(self, opened: int) -> bool:
        """Whether a ticket opened then lies in the span that the export covers."""
        return (self.observed_from is None or opened >= self.observed_from) and opened < self.as_of


def observed(records: tuple[ImportRecord, ...], since: int) -> tuple[Interval, ...]:
    """Return the stretches that complete exports observe, from *since* on (indicators.md §3); not yet joined."""
    return tuple(
        Interval(max(since, since if r.observed_from is None else r.observed_from), r.as_of)
        for r in records
        if not r.is_truncated and r.as_of > since
    )
