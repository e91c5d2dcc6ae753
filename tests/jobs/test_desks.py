"""Which rows of which exports a period's figures rest on: rejected ones are tickets that nobody has seen."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from builders import paris, span
from kpi_agent.domain.export import ImportRecord
from kpi_agent.domain.source import Profile, TicketSource
from kpi_agent.domain.time import DAY, Interval
from kpi_agent.jobs.desks import DeskKnown, together

GENERIC = Profile("generic", {}, (), (), {}, {}, {}, {}, {})
DESK = TicketSource("desk", GENERIC, str(Path("inbox/*")), "Europe/Paris", since=paris("2026-01-01 00:00"))
OCTOBER = span("2026-10-01", "2026-11-01")


def export(as_of: str, rejected: int, *, rows: int = 100, days: int | None = None) -> ImportRecord:
    """Return an export of everything, or of the last *days*."""
    at = paris(as_of)
    since = None if days is None else at - days * DAY
    return ImportRecord(at, "desk", f"{as_of}.csv", "0", at, since, rows, rejected, is_truncated=False, imported_at=at)


def told(*records: ImportRecord, of: Interval = OCTOBER) -> Fraction:
    """Return the share of rows that could be trusted."""
    return together([DeskKnown(DESK, (Interval(0, 2**40),), records, (), {}, is_of_one_kind)], of, (), people=True).told


def is_of_one_kind(one: int, other: int) -> bool:
    """Whether two exports, each named by its instant, hold the same tickets: requests come at odd seconds."""
    return one % 2 == other % 2


def test_rows_that_only_a_newer_export_could_not_tell_take_nothing_from_a_month_that_was_told_whole() -> None:
    assert told(export("2026-11-01 00:00", 0), export("2026-11-20 00:00", 10)) == 1
    assert told(
        export("2026-11-02 00:00", 2), export("2026-11-20 00:00", 10), export("2026-11-21 00:00", 9)
    ) == Fraction(98, 100)


def test_rows_mended_since_count_as_told() -> None:
    assert told(export("2026-11-02 00:00", 10), export("2026-11-20 00:00", 1)) == Fraction(99, 100)


def test_an_export_made_a_second_before_the_months_end_cannot_stand_for_it() -> None:
    assert told(export("2026-10-31 23:59:59", 0), export("2026-11-20 00:00", 10)) == Fraction(9, 10)


def test_in_the_running_month_the_newest_export_alone_tells_the_latest() -> None:
    assert told(export("2026-10-10 08:00", 0), export("2026-10-11 08:00", 10)) == Fraction(9, 10)


def test_exports_of_a_few_days_are_added_as_far_as_they_are_needed() -> None:
    weeks = [export(f"2026-10-{day:02} 00:00", 5, rows=50, days=8) for day in (8, 15, 22, 29)]
    last = export("2026-11-05 00:00", 0, rows=100, days=8)

    assert told(*weeks, last) == Fraction(280, 300)
    assert told(*weeks[1:], last) == Fraction(235, 250), "what nobody observed is no row"


def test_a_clean_export_of_a_few_days_does_not_stand_for_the_whole_month() -> None:
    whole = export("2026-11-05 00:00", 10)

    assert told(export("2026-11-04 00:00", 0, days=8), whole) == Fraction(9, 10)


def test_a_clean_export_of_the_whole_month_stands_for_the_parts_that_came_later() -> None:
    parts = [export(f"2026-11-{day:02} 00:00", 5, rows=50, days=30) for day in (5, 12)]

    assert told(export("2026-11-02 00:00", 1), *parts) == Fraction(99, 100)


def test_a_truncated_export_tells_no_share() -> None:
    cut = ImportRecord(9, "desk", "x.csv", "1", paris("2026-11-02 00:00"), None, 100, 0, True, 9)

    assert told(cut, export("2026-11-20 00:00", 10)) == Fraction(9, 10)


@pytest.mark.parametrize("records", [(), (export("2026-09-20 00:00", 5),)])
def test_without_an_export_of_the_month_no_row_was_rejected(records: tuple[ImportRecord, ...]) -> None:
    assert told(*records) == 1


def test_a_clean_export_of_requests_does_not_stand_for_one_of_incidents() -> None:
    incidents = export("2026-11-20 00:00", 10)

    assert told(export("2026-11-02 00:00:01", 0, rows=50), incidents) == Fraction(9, 10)
    assert told(export("2026-11-02 00:00:01", 0, rows=50), export("2026-11-02 00:00", 1), incidents) == Fraction(
        99, 100
    )


def test_a_newer_export_of_requests_hides_no_row_of_the_incidents() -> None:
    requests = export("2026-11-20 00:00:01", 0, rows=50)

    assert told(export("2026-11-20 00:00", 10), requests) == Fraction(140, 150)
    assert told(export("2026-11-02 00:00", 0), export("2026-11-20 00:00", 10), requests) == 1
