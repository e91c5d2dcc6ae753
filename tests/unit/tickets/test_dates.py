"""One date order per column: declared or proved, never guessed (inputs.md consequence 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_agent.collectors.tickets.date_format import date_format
from kpi_agent.collectors.tickets.dates import AmbiguousDates, DateColumn, read_columns
from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.export import Export
from kpi_agent.domain.time import to_utc_text, zone

Reader = Callable[..., Export]
SLASHES = ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S"]


def orders(*texts: str, formats: list[str] = SLASHES) -> str:
    return column(texts, formats).format


def column(texts: Iterable[str], formats: list[str], tz: str = "UTC") -> DateColumn:
    return read_columns({"opened": "Opened"}, [(text,) for text in texts], formats, zone(tz))["opened"]


def test_one_day_over_twelve_decides() -> None:
    assert orders("3/2/2026 08:00", "29/2/2016 01:16") == "%d/%m/%Y %H:%M"
    assert orders("3/2/2026 08:00", "3/17/2025 6:04") == "%m/%d/%Y %H:%M"


def test_no_day_over_twelve_is_refused_with_both_readings_and_what_to_set() -> None:
    with pytest.raises(AmbiguousDates) as refused:
        orders("3/2/2026 08:00", "5/5/2026 08:00")

    message = str(refused.value)
    assert "'Opened'" in message
    assert "DD/MM/YYYY and as MM/DD/YYYY" in message
    assert "'3/2/2026 08:00' is 2026-02-03 or 2026-03-02" in message
    assert "date_format" in message


def test_dates_that_read_alike_in_every_order_are_not_ambiguous() -> None:
    assert orders("5/5/2026 08:00", "12/12/2026 08:00") == "%d/%m/%Y %H:%M"


def test_both_orders_in_one_column_are_refused() -> None:
    with pytest.raises(AmbiguousDates, match="mixes date orders"):
        orders("29/2/2016 01:16", "2/29/2016 01:16")


def test_a_cell_that_is_no_date_decides_nothing() -> None:
    assert orders("29/2/2016 01:16", "31/31/2016 01:16", "soon") == "%d/%m/%Y %H:%M"


def test_seconds_may_be_there_or_not() -> None:
    texts = ("29/2/2016 01:16", "1/3/2016 01:16:30")
    read_back = column(texts, SLASHES)

    assert [to_utc_text(read_back.instant(text) or 0) for text in texts] == [
        "2016-02-29T01:16:00Z",
        "2016-03-01T01:16:30Z",
    ]


def test_a_column_that_leaves_the_order_open_takes_the_one_that_another_column_proves(read: Reader) -> None:
    content = (
        "number,state,opened_at,resolved_at\n"
        "1,Closed,13/02/2026 08:00,03/03/2026 08:00\n2,Closed,1/2/2026 08:00,4/3/2026 08:00\n"
    )

    export = read(content, "servicenow", timezone="UTC")

    assert [to_utc_text(t.resolved or 0) for t in export.tickets] == ["2026-03-03T08:00:00Z", "2026-03-04T08:00:00Z"]


def test_columns_that_prove_different_orders_prove_nothing_for_a_third(read: Reader) -> None:
    content = (
        "number,state,opened_at,resolved_at,closed_at\n1,Closed,13/02/2026 08:00,02/14/2026 08:00,03/04/2026 08:00\n"
    )

    with pytest.raises(ExportRefused, match="'closed_at': every date reads as"):
        read(content, "servicenow", timezone="UTC")


def test_a_declared_format_decides(read: Reader) -> None:
    content = "ID;Statut;Date d'ouverture\n1;Clos;03-02-2026 10:00\n"

    export = read(content, "glpi", timezone="UTC", date_format="%m-%d-%Y %H:%M")

    assert to_utc_text(export.tickets[0].opened) == "2026-03-02T10:00:00Z"


def test_a_declared_format_that_fits_nothing_is_refused(read: Reader) -> None:
    with pytest.raises(ExportRefused, match="no date format reads its cells"):
        read("ID;Statut;Date d'ouverture\n1;Clos;03-02-2026 10:00\n", "glpi", date_format="%Y-%m-%d %H:%M")


@pytest.mark.parametrize("text", ["%d/%B/%Y %H:%M", "%d/%m/%Y", "%Y %Y-%m-%d %H:%M", "%"])
def test_a_format_that_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"date format"):
        date_format(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("3/17/26 12:04 AM", "2026-03-17 00:04"), ("3/17/26 12:04 pm", "2026-03-17 12:04"), ("3/17/26 13:04 pm", "None")],
)
def test_twelve_hour_clocks(text: str, expected: str) -> None:
    told = date_format("%m/%d/%y %I:%M %p").told(text)
    assert str(told and told[0])[:16] == expected


@given(st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2199, 1, 1)))  # noqa: DTZ001 - wall times
def test_what_strftime_writes_is_read_back(moment: datetime) -> None:
    for text in ("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m-%d-%Y %I:%M:%S %p"):
        assert date_format(text).told(moment.strftime(text)) == (moment.replace(microsecond=0), None)


FORMATS = [
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %I:%M %p",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S.%f",
    "%d %b %Y, %H:%M",
    "%H:%M %d.%m.%Y",
    "%s",
]
AROUND_CHANGES = st.integers(0, 4 * 86_400).map(lambda s: datetime(2026, 3, 27) + timedelta(seconds=s)) | st.integers(  # noqa: DTZ001
    0, 4 * 86_400
).map(lambda s: datetime(2026, 10, 23) + timedelta(seconds=s))  # noqa: DTZ001 - wall times
OFFSETS = st.sampled_from([timedelta(), timedelta(hours=2), timedelta(hours=-9, minutes=-30), timedelta(hours=14)])


@given(st.sampled_from(FORMATS), st.lists(st.tuples(AROUND_CHANGES, OFFSETS), min_size=1, max_size=40))
def test_a_cell_means_the_same_after_any_other_cells(text: str, moments: list[tuple[datetime, timedelta]]) -> None:
    cells = [moment.replace(tzinfo=timezone(offset)).strftime(text) for moment, offset in moments]
    whole = column(cells, [text], "Europe/Paris")

    for cell in cells:
        alone = column([cell], [text], "Europe/Paris")
        assert whole.instant(cell) == alone.instant(cell) is not None
        assert whole.instant(cell, 2**40) == alone.instant(cell, 2**40)


def test_days_and_times_that_do_not_belong_together_are_no_cell() -> None:
    cells = ["2026-03-15 10:00:00", "2026-03-16T11:00:00Z"]
    read_back = column(cells, ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"])

    assert read_back.instant("2026-03-15 11:00:00Z") is None
    assert read_back.instant("2026-03-16T10:00:00") is None
    assert read_back.instant("2026-03-16T10:00:00Z") is not None


def test_a_day_of_a_clock_change_is_read_by_its_own_offsets() -> None:
    """The day before teaches the times of day, and none of them holds in that night."""
    cells = ["24/10/2026 02:30", "25/10/2026 02:30", "25/10/2026 12:00", "29/03/2026 02:30"]
    paris = column(cells, ["%d/%m/%Y %H:%M"], "Europe/Paris")

    assert [to_utc_text(paris.instant(cell) or 0) for cell in cells] == [
        "2026-10-24T00:30:00Z",
        "2026-10-25T00:30:00Z",
        "2026-10-25T11:00:00Z",
        "2026-03-29T01:00:00Z",
    ]
    assert paris.instant("25/10/2026 02:30", paris.instant("25/10/2026 02:30")) == paris.instant("25/10/2026 02:30")
    assert to_utc_text(paris.instant("25/10/2026 02:30", 1_792_890_001) or 0) == "2026-10-25T01:30:00Z"
