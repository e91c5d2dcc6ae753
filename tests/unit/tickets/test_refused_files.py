"""Files that are refused as a whole: one per mistake in tests/data/exports/refused, its message beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.export import Export
from kpi_agent.domain.source import Profile, TicketSource
from kpi_agent.domain.ticket import State
from whole_export import read_whole

Reader = Callable[..., Export]
Profiles = Callable[[str], Profile]
REFUSED = sorted((Path(__file__).parents[2] / "data" / "exports" / "refused").glob("*.csv"))
NOW = 1_795_428_000


def test_there_are_examples() -> None:
    assert len(REFUSED) > 25


@pytest.mark.parametrize("path", REFUSED, ids=lambda p: p.stem)
def test_a_useless_file_is_refused_with_the_message_beside_it(path: Path, profile: Profiles) -> None:
    chosen = profile("glpi" if path.name.startswith("glpi-") else "generic")

    with pytest.raises(ExportRefused) as refused:
        read_whole(path, TicketSource("desk", chosen, "*.csv", "UTC"), as_of=NOW, now=NOW)

    assert f"{refused.value}\n" == path.with_suffix(".txt").read_text(encoding="utf-8")
    assert [p.file for p in refused.value.problems] == [path.name]


@pytest.fixture
def source(profile: Profiles) -> TicketSource:
    return TicketSource("desk", profile("generic"), "*.csv", "UTC")


def test_a_missing_file(tmp_path: Path, source: TicketSource) -> None:
    with pytest.raises(ExportRefused, match="there is no such file"):
        read_whole(tmp_path / "none.csv", source, as_of=None, now=NOW)


def test_a_link_is_not_followed(tmp_path: Path, source: TicketSource) -> None:
    (tmp_path / "real.csv").write_text("id,state,opened\n1,closed,2026-10-01 08:00\n")
    (tmp_path / "link.csv").symlink_to("real.csv")

    with pytest.raises(ExportRefused, match="symbolic link"):
        read_whole(tmp_path / "link.csv", source, as_of=None, now=NOW)


def test_a_pipe_without_a_writer_does_not_block(tmp_path: Path, source: TicketSource) -> None:
    os.mkfifo(tmp_path / "pipe.csv")

    with pytest.raises(ExportRefused, match="no regular file"):
        read_whole(tmp_path / "pipe.csv", source, as_of=None, now=NOW)


def test_a_folder_is_no_export(tmp_path: Path, source: TicketSource) -> None:
    with pytest.raises(ExportRefused, match="no regular file"):
        read_whole(tmp_path, source, as_of=None, now=NOW)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read(tmp_path: Path, source: TicketSource) -> None:
    path = tmp_path / "secret.csv"
    path.touch(mode=0o000)

    with pytest.raises(ExportRefused, match="no permission"):
        read_whole(path, source, as_of=None, now=NOW)


def test_a_line_without_an_end_is_not_taken_into_memory(read: Reader) -> None:
    with pytest.raises(ExportRefused, match="a line of more than 4194304 characters"):
        read("id,state,opened\n" + "1,closed," * 500_000)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "¤", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_delimiter_and_line_end_reads_alike(
    read: Reader, encoding: str, delimiter: str, end: str
) -> None:
    lines = [
        "id,state,opened,category",
        '"1","closed","2026-10-01 08:00","Réseau\nÉté"',
        "",
        "2,résolu,2026-10-01 08:00,",
    ]
    content = end.join(line.replace(",", delimiter) for line in lines) + end

    export = read(content.encode(encoding))

    first, second = export.tickets
    assert (first.id, first.category, first.origin.line) == ("1", "Réseau Été", 2)
    assert (second.id, second.state) == ("2", State.RESOLVED)
    assert export.delimiter == delimiter


@pytest.mark.parametrize("mark", [b"\xff\xfe\0\0", b"\0\0\xfe\xff", b"\xfe\xff", b"\xff\xfe"])
def test_both_byte_orders_are_known_by_their_mark(read: Reader, mark: bytes) -> None:
    encoding = {
        b"\xff\xfe\0\0": "utf-32-le",
        b"\0\0\xfe\xff": "utf-32-be",
        b"\xfe\xff": "utf-16-be",
        b"\xff\xfe": "utf-16-le",
    }[mark]

    export = read(mark + "id,state,opened\n1,résolu,2026-10-01 08:00\n".encode(encoding))

    assert export.encoding == encoding[:6]


def test_a_declared_separator_is_taken(read: Reader) -> None:
    assert read("sep=;\nid;state;opened\n1;closed;2026-10-01 08:00\n").delimiter == ";"


def test_a_last_line_without_an_end_is_read_when_it_is_whole(read: Reader) -> None:
    assert len(read("id,state,opened\n1,closed,2026-10-01 08:00\n2,closed,2026-10-01 08:00").tickets) == 2


def test_one_byte_text_with_an_accidental_utf_8_sequence_is_one_byte_text(read: Reader) -> None:
    content = "id,state,opened,category\n1,fermé,2026-10-01 08:00,«É»\n2,fermé,2026-10-01 08:00,été\n"

    assert read(content.encode("cp1252")).tickets[0].category == "«É»"


def test_prose_with_many_commas_inside_a_cell_is_no_swallowed_record(read: Reader) -> None:
    content = 'id,state,opened,title\nINC1,closed,2026-10-01 08:00,"one\ntwo, three, four, five\nend"\n'

    assert len(read(content).tickets) == 1
