"""Closing with a ledger of a dictionary: what is due, what waits, and in which order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from builders import at_least, contract, objective, paris, ticket, version
from kpi_agent.domain.contract import ReportTerms, Scope
from kpi_agent.domain.due import LedgerEntry, Stage
from kpi_agent.domain.errors import KpiAgentError, NotFound
from kpi_agent.domain.export import ImportRecord
from kpi_agent.domain.records import SourceRun, StoredDocument
from kpi_agent.domain.source import Settings, TicketSource
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import DAY, Period
from kpi_agent.domain.timeline import Timeline
from kpi_agent.jobs.close import Closer
from kpi_agent.jobs.gather import Gatherer
from kpi_agent.jobs.ports import Generator
from kpi_agent.jobs.report import Reporter
from kpi_agent_reports.canonical import canonical_bytes
from kpi_agent_reports.document import build_document
from kpi_agent_reports.document_people import with_people
from unit.tickets.conftest import shipped_profile

ACME = contract(
    version(
        "2026-01-01",
        hosts=None,
        objectives=(objective("resolve_in_time", at_least("95%"), scope=Scope(priority="P1")),),
        report=ReportTerms(close_after_days=3, close_at=time(7), close_wait=2 * DAY),
    )
)
INSTALLED = paris("2026-08-20 09:00")


@dataclass
class Desk:
    """Tickets and exports of one desk, and the runs that read it."""

    exports: list[int] = field(default_factory=list)  # their as-of instants
    known: Sequence[Ticket] = (
        ticket("2026-01-05 10:00", "2026-01-05 11:00"),
        ticket("2026-08-25 10:00", "2026-08-25 11:00", id="T2"),
    )

    def tickets(self, source: str, *, newest_import: int | None = None, as_of: int | None = None) -> tuple[Ticket, ...]:
        return tuple(self.known)

    def lost(self, source: str, opened: Mapping[str, int], **knowledge: Any) -> Mapping[str, int]:
        return {}

    def share(self, source: str, one: int, other: int) -> bool:
        return True

    def last_held(self, source: str, names: Collection[str], *, among: Mapping[int, int]) -> int | None:
        return max(among.values())

    def imports(self, source: str, *, newest_import: int | None = None) -> tuple[ImportRecord, ...]:
        last = len(self.exports) if newest_import is None else newest_import
        taken = enumerate(self.exports[:last], 1)
        return tuple(ImportRecord(n, "desk", f"{n}.csv", f"{n:064}", at, None, 1, 0, False, at) for n, at in taken)

    def newest_import(self) -> int:
        return len(self.exports)

    def first(self) -> int:
        return INSTALLED

    def latest(self, *, until: int | None = None) -> Mapping[str, SourceRun]:
        return {}


@dataclass
class NoLines:
    def lines(self, source: str, scope: str, signal: str) -> Mapping[str, Timeline]:
        return {}

    def restore_tests(self, source: str, scope: str) -> tuple[()]:
        return ()


@dataclass
class Book:
    """A ledger in memory, with every stage that a period went through."""

    standing: dict[str, LedgerEntry] = field(default_factory=dict)
    closed: list[StoredDocument] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    drafts: dict[str, bytes] = field(default_factory=dict)

    def _put(self, entry: LedgerEntry) -> LedgerEntry:
        self.standing[entry.period] = entry
        self.story.append(f"{entry.period} {entry.stage.value}")
        return entry

    def entries(self, contract: str) -> Mapping[str, LedgerEntry]:
        return dict(sorted(self.standing.items()))

    def begin(self, entry: LedgerEntry) -> LedgerEntry:
        known = self.standing.get(entry.period)
        return self._put(entry) if known is None or known.stage is Stage.BLOCKED else known

    def move(self, entry: LedgerEntry, to: Stage, *, now: int, reason: str = "") -> bool:
        self._put(replace(entry, stage=to, updated=now))
        return True

    def close(self, entry: LedgerEntry, document: StoredDocument, *, now: int, approved_by: str = "") -> bool:
        self.closed.append(document)
        self._put(replace(entry, stage=Stage.CLOSED, updated=now))
        return True

    def put_draft(self, entry: LedgerEntry, content: bytes, *, now: int) -> bool:
        self.drafts[entry.period] = content
        self._put(replace(entry, stage=Stage.REVIEW, updated=now))
        return True

    def draft(self, entry: LedgerEntry) -> bytes:
        return self.drafts[entry.period]

    def begin_anew(self, entry: LedgerEntry, fresh: LedgerEntry, *, why: str, now: int) -> bool:
        self._put(fresh)
        return True

    def document(self, contract: str, period: str, revision: int | None = None) -> StoredDocument | None:
        return next((d for d in self.closed if d.period == period), None)

    def documents(self, contract: str) -> tuple[StoredDocument, ...]:
        return tuple(self.closed)


REVIEWED = contract(*(replace(v, report=replace(v.report, review=True)) for v in ACME.versions))


def closer(desk: Desk, book: Book) -> Closer:
    source = TicketSource("desk", shipped_profile("generic"), "inbox/*.csv", "Europe/Paris")
    settings = Settings("kpi-agent.yml", "Europe/Paris", Path("/"), "", {"desk": source}, "")
    lines: Any = NoLines()
    anything: Any = desk
    reporter = Reporter(
        Gatherer(settings, anything, lines, anything), book, build_document, Generator("1", "1", "2026a"), with_people
    )
    return Closer(reporter, book, anything, anything, lambda stored: Path(stored.period), canonical_bytes)


def closed(desk: Desk, book: Book, at: str) -> list[str]:
    """What is closed or tried at that instant: period and stage."""
    done = closer(desk, book).close_due(ACME, now=paris(at))
    return [f"{c.period} {c.entry.stage.value}" for c in done]


def test_a_month_goes_through_every_stage_in_one_go() -> None:
    book = Book()

    assert closed(Desk([paris("2026-09-02 06:00")]), book, "2026-09-03 07:00") == ["2026-08 rendered"]

    assert book.story == ["2026-08 collecting", "2026-08 computed", "2026-08 closed", "2026-08 rendered"]


def test_nothing_is_due_a_second_before_the_closing_instant() -> None:
    assert closed(Desk([paris("2026-09-02 06:00")]), Book(), "2026-09-03 06:59:59") == []


def test_a_month_is_closed_once() -> None:
    desk, book = Desk([paris("2026-09-02 06:00")]), Book()
    closed(desk, book, "2026-09-03 07:00")

    assert closed(desk, book, "2026-09-03 07:05") == []
    assert len(book.closed) == 1


def test_months_missed_by_a_long_downtime_are_closed_in_order_and_once() -> None:
    desk, book = Desk([paris("2027-01-10 06:00")]), Book()

    found = closed(desk, book, "2027-01-10 09:00")

    assert found == [f"{m} rendered" for m in ("2026-08", "2026-09", "2026-10", "2026-11", "2026-12")]
    chain = [(d.period, d.previous_sha256) for d in book.closed]
    assert chain == [(d.period, p) for d, p in zip(book.closed, [None, *(d.sha256 for d in book.closed)], strict=False)]


def test_months_that_closed_before_the_agent_came_are_left_to_report_build() -> None:
    book = Book()
    closed(Desk([paris("2026-09-02 06:00")]), book, "2026-09-03 07:00")

    assert "2026-07" not in book.standing


def test_a_month_built_by_hand_makes_no_other_month_due() -> None:
    desk, book = Desk([paris("2026-09-02 06:00")]), Book()
    hand = closer(desk, book)
    hand.build(ACME, Period.parse("2026-02", "Europe/Paris"), now=paris("2026-09-02 12:00"))

    assert closed(desk, book, "2026-09-03 07:00") == ["2026-08 rendered"]


def test_a_later_month_built_by_hand_does_not_skip_an_earlier_one_that_is_due() -> None:
    desk, book = Desk([paris("2026-11-02 06:00")]), Book()
    closer(desk, book).build(ACME, Period.parse("2026-09", "Europe/Paris"), now=paris("2026-11-02 12:00"))

    assert closed(desk, book, "2026-11-03 07:00") == ["2026-08 rendered", "2026-10 rendered"]


@pytest.mark.parametrize("name", ["2026-W30", "2026-Q2"])
def test_a_week_or_a_quarter_built_by_hand_changes_nothing_for_the_months(name: str) -> None:
    desk, book = Desk([paris("2026-09-02 06:00")]), Book()
    closer(desk, book).build(ACME, Period.parse(name, "Europe/Paris"), now=paris("2026-09-02 12:00"))

    assert closed(desk, book, "2026-09-03 07:00") == ["2026-08 rendered"]


def test_a_period_that_was_interrupted_when_built_by_hand_is_finished() -> None:
    desk, book = Desk([paris("2026-09-02 06:00")]), Book()
    book.standing["2026-02"] = LedgerEntry("acme", "2026-02", 1, Stage.COMPUTED, paris("2026-09-02 12:00"), 1)

    assert closed(desk, book, "2026-09-02 12:05") == ["2026-02 rendered"]
    assert book.closed[0].closed_at == paris("2026-09-02 12:00")


def test_a_late_source_blocks_the_month_and_says_until_when() -> None:
    book = Book()

    assert closed(Desk([paris("2026-08-30 06:00")]), book, "2026-09-03 07:00") == ["2026-08 blocked"]

    assert book.standing["2026-08"].reason == "waits for desk until 2026-09-05T05:00:00Z"
    assert book.closed == []


def test_a_blocked_month_is_closed_with_what_is_known_when_the_source_has_come() -> None:
    desk, book = Desk([paris("2026-08-30 06:00")]), Book()
    closed(desk, book, "2026-09-03 07:00")
    desk.exports.append(paris("2026-09-04 06:00"))

    assert closed(desk, book, "2026-09-04 06:05") == ["2026-08 rendered"]
    assert (book.standing["2026-08"].as_of, book.standing["2026-08"].newest_import) == (paris("2026-09-04 06:05"), 2)
    assert b'"met":1' in book.closed[0].content


def test_a_source_that_never_comes_is_waited_for_until_the_last_instant_and_then_read_as_no_data() -> None:
    desk, book = Desk([paris("2026-08-20 06:00")]), Book()

    assert closed(desk, book, "2026-09-05 06:59:59") == ["2026-08 blocked"]
    assert closed(desk, book, "2026-09-05 07:00") == ["2026-08 rendered"]

    document = book.closed[0].content
    assert b'"verdict":"no_data"' in document
    assert b'"met":0' in document


def test_a_month_that_waits_does_not_hold_up_the_following_one() -> None:
    desk, book = Desk([paris("2026-08-20 06:00")]), Book()
    slow = contract(
        *(replace(v, report=replace(v.report, close_wait=60 * DAY)) for v in ACME.versions),
    )
    desk_and_month = closer(desk, book).close_due(slow, now=paris("2026-10-04 09:00"))

    assert [f"{c.period} {c.entry.stage.value}" for c in desk_and_month] == ["2026-08 blocked", "2026-09 blocked"]


def test_a_repeated_close_knows_what_the_first_one_knew() -> None:
    desk = Desk([paris("2026-09-02 06:00")])
    whole, broken = Book(), Book()
    closed(desk, whole, "2026-09-03 07:00")
    begun = LedgerEntry("acme", "2026-08", 1, Stage.COLLECTING, paris("2026-09-03 07:00"), 1)
    broken.standing["2026-08"] = begun
    desk.exports.append(paris("2026-09-03 07:30"))

    closed(desk, broken, "2026-09-03 08:00")

    assert broken.closed[0].content == whole.closed[0].content


def test_a_period_that_is_not_over_is_not_built() -> None:
    with pytest.raises(KpiAgentError, match="2026-09 is not over before 2026-09-30T22:00:00Z"):
        closer(Desk(), Book()).build(ACME, Period.parse("2026-09", "Europe/Paris"), now=paris("2026-09-30 12:00"))


def test_a_period_outside_the_contract_is_not_built_and_leaves_no_trace_in_the_ledger() -> None:
    book = Book()

    with pytest.raises(NotFound, match="was not in force in 2025-12; it starts 2026-01-01"):
        closer(Desk(), book).build(ACME, Period.parse("2025-12", "Europe/Paris"), now=paris("2026-09-30 12:00"))

    assert book.story == []


def test_a_closed_month_is_not_built_again() -> None:
    desk, book = Desk([paris("2026-09-02 06:00")]), Book()
    closed(desk, book, "2026-09-03 07:00")

    with pytest.raises(KpiAgentError, match=r"closed \(revision 1\) and never changes silently"):
        closer(desk, book).build(ACME, Period.parse("2026-08", "Europe/Paris"), now=paris("2026-09-03 08:00"))


def test_a_contract_that_has_ended_is_closed_to_its_last_month() -> None:
    ended = contract(*(replace(v, effective_to=date(2026, 10, 1)) for v in ACME.versions))
    desk, book = Desk([paris("2026-12-02 06:00")]), Book()

    done = closer(desk, book).close_due(ended, now=paris("2026-12-03 07:00"))

    assert [c.period for c in done] == ["2026-08", "2026-09"]


def test_trends_take_periods_of_the_same_kind_only() -> None:
    desk, book = Desk([paris("2026-11-02 06:00")]), Book()
    by_hand = closer(desk, book)
    for name in ("2026-08", "2026-Q3", "2026-W35", "2026-09"):
        by_hand.build(ACME, Period.parse(name, "Europe/Paris"), now=paris("2026-11-02 12:00"))

    shown = by_hand.reporter.preview(ACME, Period.parse("2026-10", "Europe/Paris"), now=paris("2026-11-02 12:00"))

    assert [past["period"] for past in shown["history"]] == ["2026-08", "2026-09"]


def test_a_period_that_has_not_begun_is_not_shown() -> None:
    with pytest.raises(KpiAgentError, match="2026-12 begins at 2026-11-30T23:00:00Z"):
        closer(Desk(), Book()).reporter.preview(
            ACME, Period.parse("2026-12", "Europe/Paris"), now=paris("2026-11-02 12:00")
        )


def test_a_reviewed_month_stops_with_its_draft_and_is_not_computed_again() -> None:
    desk, book = Desk([paris("2026-09-02 06:00")]), Book()
    job = closer(desk, book)

    first = [c.entry.stage for c in job.close_due(REVIEWED, now=paris("2026-09-03 07:00"))]
    draft = book.drafts["2026-08"]
    again = [c.entry.stage for c in job.close_due(REVIEWED, now=paris("2026-09-03 07:05"))]

    assert (first, again) == ([Stage.REVIEW], [Stage.REVIEW])
    assert book.story == ["2026-08 collecting", "2026-08 computed", "2026-08 review"]
    assert (book.drafts["2026-08"], book.closed) == (draft, [])


def test_later_months_are_blocked_until_the_first_is_approved_and_then_follow_it() -> None:
    desk, book = Desk([paris("2026-10-02 06:00")]), Book()
    job, at = closer(desk, book), paris("2026-10-03 07:00")

    due = list(job.close_due(REVIEWED, now=at))
    job.approve(REVIEWED, Period.parse("2026-08", "Europe/Paris"), "C. Martin", now=at + 60)
    after = list(job.close_due(REVIEWED, now=at + 120))

    assert [(c.period, c.entry.stage, c.entry.reason) for c in due] == [
        ("2026-08", Stage.REVIEW, ""),
        ("2026-09", Stage.BLOCKED, "waits for the approval of 2026-08"),
    ]
    assert [(c.period, c.entry.stage) for c in after] == [("2026-09", Stage.REVIEW)]
    assert [(d.period, d.closed_at) for d in book.closed] == [("2026-08", at + 60)]


def test_a_draft_is_approved_whatever_the_contract_says_by_then() -> None:
    desk, book = Desk([paris("2026-09-02 06:00")]), Book()
    job, at = closer(desk, book), paris("2026-09-03 07:00")
    list(job.close_due(REVIEWED, now=at))

    assert [c.entry.stage for c in job.close_due(ACME, now=at + 60)] == [Stage.REVIEW]
    assert job.approve(ACME, Period.parse("2026-08", "Europe/Paris"), "C. Martin", now=at + 120).stage is Stage.RENDERED


def test_a_quarter_that_waits_for_approval_holds_no_month_back() -> None:
    desk, book = Desk([paris("2026-11-02 06:00")]), Book()
    job = closer(desk, book)
    job.build(REVIEWED, Period.parse("2026-Q3", "Europe/Paris"), now=paris("2026-10-01 12:00"))

    due = list(job.close_due(REVIEWED, now=paris("2026-10-03 07:00")))

    assert [(c.period, c.entry.stage) for c in due if c.period == "2026-08"] == [("2026-08", Stage.REVIEW)]
