"""The instant of an export (indicators.md §3): given, named, or the file's."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.source import Profile, TicketSource
from kpi_agent.domain.time import DAY, to_utc_text
from whole_export import read_whole

Profiles = Callable[[str], Profile]
NOW = 1_795_428_000  # 2026-11-23T10:00:00Z
CONTENT = "id,state,opened,updated\n1,closed,2026-11-20 08:00,2026-11-21 06:30\n2,new,2026-11-22 01:00,\n"


def taken(
    path: Path, profile: Profile, *, modified: int = NOW, given: int | None = None, pattern: str | None = None
) -> str:
    path.write_text(CONTENT)
    os.utime(path, (modified, modified))
    source = TicketSource("desk", profile, "*.csv", "Europe/Paris", as_of_pattern=pattern)
    return to_utc_text(read_whole(path, source, as_of=given, now=NOW).as_of)


def test_what_is_given_wins(tmp_path: Path, profile: Profiles) -> None:
    path = tmp_path / "desk-2026-11-22T0700.csv"

    assert taken(path, profile("generic"), given=NOW - 60, pattern="desk-%Y-%m-%dT%H%M.csv") == "2026-11-23T09:59:00Z"


def test_the_name_is_read_in_the_sources_zone(tmp_path: Path, profile: Profiles) -> None:
    path = tmp_path / "desk-2026-11-22T0700.csv"

    assert taken(path, profile("generic"), pattern="desk-%Y-%m-%dT%H%M.csv") == "2026-11-22T06:00:00Z"


def test_a_name_with_a_date_only_is_the_newest_instant_of_that_day_or_its_beginning(
    tmp_path: Path, profile: Profiles
) -> None:
    pattern = "desk-%Y-%m-%d.csv"

    assert taken(tmp_path / "desk-2026-11-22.csv", profile("generic"), pattern=pattern) == "2026-11-22T00:00:00Z"
    assert taken(tmp_path / "desk-2026-11-23.csv", profile("generic"), pattern=pattern) == "2026-11-22T23:00:00Z"


def test_another_name_falls_back_to_the_files_time(tmp_path: Path, profile: Profiles) -> None:
    path = tmp_path / "other.csv"

    assert taken(path, profile("generic"), modified=NOW - 90, pattern="desk-%Y-%m-%d.csv") == "2026-11-23T09:58:30Z"


def test_a_file_time_in_the_future_is_now(tmp_path: Path, profile: Profiles) -> None:
    assert taken(tmp_path / "a.csv", profile("generic"), modified=NOW + 9 * DAY) == "2026-11-23T10:00:00Z"


def test_a_file_over_seven_days_newer_than_its_content_is_an_archive(tmp_path: Path, profile: Profiles) -> None:
    newest = NOW - DAY - 10 * 3600  # 2026-11-22T00:00:00Z
    path = tmp_path / "a.csv"
    path.write_text(CONTENT)
    source = TicketSource("desk", profile("generic"), "*.csv", "Europe/Paris")
    as_of = {}
    for age in (7 * DAY, 7 * DAY + 1):
        os.utime(path, (newest + age, newest + age))
        as_of[age] = read_whole(path, source, as_of=None, now=NOW + 30 * DAY).as_of

    assert as_of == {7 * DAY: newest + 7 * DAY, 7 * DAY + 1: newest}


def test_one_date_in_the_far_future_does_not_hide_an_archive(tmp_path: Path, profile: Profiles) -> None:
    path = tmp_path / "a.csv"
    path.write_text("id,state,opened\n1,closed,2026-01-01 08:00\n2,closed,2099-01-01 08:00\n")
    source = TicketSource("desk", profile("generic"), "*.csv", "UTC")
    os.utime(path, (NOW, NOW))

    export = read_whole(path, source, as_of=None, now=NOW)

    assert to_utc_text(export.as_of) == "2026-01-01T08:00:00Z"
    assert [r.code for r in export.rejected] == ["in_future"]


def test_a_name_that_promises_the_future_is_refused(tmp_path: Path, profile: Profiles) -> None:
    with pytest.raises(ExportRefused, match="which is to come"):
        taken(tmp_path / "desk-2027-01-01.csv", profile("generic"), pattern="desk-%Y-%m-%d.csv")


def test_an_instant_given_that_is_to_come_is_refused(tmp_path: Path, profile: Profiles) -> None:
    """Taken, it would be the newest truth for ever, and no second import could date it rightly."""
    path = tmp_path / "a.csv"
    path.write_text("id,state,opened\n1,closed,2026-01-01 08:00\n")
    source = TicketSource("desk", profile("generic"), "*.csv", "UTC")

    with pytest.raises(ExportRefused, match="which is to come; give the true instant"):
        read_whole(path, source, as_of=NOW + DAY, now=NOW)

    assert read_whole(path, source, as_of=NOW, now=NOW).as_of == NOW


def test_a_named_time_that_exists_twice_is_the_second_when_the_file_holds_something_newer(
    tmp_path: Path, profile: Profiles
) -> None:
    # 25 October 2026 in Paris: 02:30 is 00:30Z and 01:30Z.
    path = tmp_path / "desk-2026-10-25T0230.csv"
    source = TicketSource("desk", profile("generic"), "*.csv", "Europe/Paris", as_of_pattern="desk-%Y-%m-%dT%H%M.csv")
    as_of = {}
    for opened in ("2026-10-25T00:20:00Z", "2026-10-25T00:50:00Z"):
        path.write_text(f"id,state,opened\n1,new,{opened}\n")
        as_of[opened] = to_utc_text(read_whole(path, source, as_of=None, now=NOW).as_of)

    assert as_of == {
        "2026-10-25T00:20:00Z": "2026-10-25T00:30:00Z",
        "2026-10-25T00:50:00Z": "2026-10-25T01:30:00Z",
    }
