"""Workbooks: what their cells mean, and those that must not be unpacked."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.export import Export
from kpi_agent.domain.time import to_utc_text
from workbooks import parts, sheet, sheets, workbook

Reader = Callable[..., Export]
HEAD = ["Number", "State", "Opened", "Resolved", "Hold time", "Title"]


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_cells_of_every_kind_become_what_they_say(read: Reader) -> None:
    rows = [
        HEAD,
        [
            1001,
            "resolved",
            local("2026-10-05T09:00:01"),
            local("2026-10-05T11:30:59"),
            timedelta(hours=26),
            "Disk full",
        ],
        [1002.0, "new", local("2026-10-25T02:30:00"), None, None, "=HYPERLINK(1)"],
    ]

    export = read(workbook(rows), hold_basis="service", timezone="Europe/Paris")

    first, second = export.tickets
    assert (export.encoding, export.rows, export.rejected) == ("xlsx", 2, ())
    assert (first.id, first.origin.line, to_utc_text(first.opened)) == ("1001", 2, "2026-10-05T07:00:01Z")
    assert first.resolved is not None
    assert to_utc_text(first.resolved) == "2026-10-05T09:30:59Z"
    assert first.hold_total is not None
    assert first.hold_total.seconds == 26 * 3600
    assert (second.id, to_utc_text(second.opened), second.title) == ("1002", "2026-10-25T00:30:00Z", "=hyperlink(#)")


def test_dates_in_cells_are_read_whatever_order_the_profile_expects(read: Reader) -> None:
    rows = [["Number", "State", "Opened"], ["INC1", "New", local("2026-10-05T09:00:00")]]

    export = read(workbook(rows), "servicenow", date_format="%d/%m/%Y %H:%M", timezone="UTC")

    assert to_utc_text(export.tickets[0].opened) == "2026-10-05T09:00:00Z"


def test_a_column_of_dates_of_which_a_spreadsheet_understood_only_some_is_refused(read: Reader) -> None:
    # A day above 12 stayed text, the others were read month first: nobody can tell any more.
    rows = [
        ["Number", "State", "Opened"],
        ["INC1", "New", local("2026-05-10T09:00:00")],
        ["INC2", "New", "25/10/2026 09:00"],
    ]

    with pytest.raises(ExportRefused, match="mixes date orders"):
        read(workbook(rows), "servicenow", timezone="UTC")


def test_titles_above_the_header_and_other_sheets_are_passed_over(read: Reader) -> None:
    wanted = [["Monthly extract"], [], ["id", "state", "opened"], ["7", "new", "2026-10-05 09:00"]]

    export = read(sheets({"Notes": [["nothing", "here"]], "Tickets": wanted}))

    assert [(t.id, t.origin.line) for t in export.tickets] == [("7", 4)]


def test_a_cell_beside_the_table_rejects_its_row(read: Reader) -> None:
    rows = [["id", "state", "opened"], ["7", "new", "2026-10-05 09:00"], ["8", "new", "2026-10-05 09:00", "odd"]]

    export = read(workbook(rows))

    assert ([t.id for t in export.tickets], [r.code for r in export.rejected]) == (["7"], ["field_count"])
    assert export.rows == 2


def with_part(name: str, content: bytes) -> bytes:
    return parts({"A": sheet([["id", "state", "opened"]])}, extra={name: content})


def sparse(place: str) -> bytes:
    return parts(
        {"A": sheet([["id"]]).replace("</sheetData>", f'<row r="9"><c r="{place}"><v>1</v></c></row></sheetData>')}
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (sparse("XFD1048576"), "a sheet of 1048576 rows and 16384 columns is too large"),
        (sparse("A1048576"), "a sheet of 1048576 rows and 1 columns is too large"),
        (with_part("xl/media/x.bin", bytes(30 * 1024 * 1024)), "packed more than 100 times"),
        (with_part("xl/media/x.bin", b"ab" * 101 * 1024 * 1024), "more than 209715200 bytes"),
        (workbook([["id"]])[:-40], "damaged or cut short"),
        (workbook([["one", "two"]]), "columns of profile generic are missing"),
        (workbook([]), "first sheet is empty"),
    ],
    ids=["sparse", "tall", "bomb", "huge", "cut", "other-columns", "empty"],
)
def test_a_workbook_that_cannot_be_used_is_refused(read: Reader, content: bytes, message: str) -> None:
    with pytest.raises(ExportRefused, match=message):
        read(content)


def test_a_zip_that_is_no_workbook_is_refused(read: Reader) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as package:
        package.writestr("export.csv", "id;state;opened")

    with pytest.raises(ExportRefused, match="no XLSX workbook"):
        read(stream.getvalue())


def test_a_damaged_part_is_refused(read: Reader) -> None:
    content = bytearray(
        workbook([["id", "state", "opened"], ["7", "new", datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)]])
    )
    content[120] ^= 0xFF

    with pytest.raises(ExportRefused, match="damaged"):
        read(bytes(content))


def test_rows_keep_the_numbers_that_the_spreadsheet_shows_below_blank_ones(read: Reader) -> None:
    rows = [HEAD, ["INC1", "new", local("2026-10-05T09:00:00")], [], ["INC2", "new", "yesterday"]]

    export = read(workbook(rows, first_row=4), hold_basis="service", timezone="Europe/Paris")

    assert ([t.origin.line for t in export.tickets], [r.line for r in export.rejected]) == ([5], [7])


def test_the_last_half_second_that_a_spreadsheet_knows_is_set_aside_as_no_date(read: Reader) -> None:
    rows = [HEAD, ["INC1", "new", local("9999-12-31T23:59:59.999")], ["INC2", "new", local("2026-10-05T09:00:00")]]

    export = read(workbook(rows), hold_basis="service", timezone="Europe/Paris")

    assert ([t.id for t in export.tickets], [(r.line, r.code) for r in export.rejected]) == (
        ["INC2"],
        [(2, "unreadable_date")],
    )
