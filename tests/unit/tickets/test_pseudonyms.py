"""Pseudonyms: one name has one, under the key of its source and year, and none once that key is destroyed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from builders import PARIS, paris
from kpi_agent.collectors.tickets.pseudonyms import Pseudonyms
from kpi_agent.collectors.tickets.rows import Pseudonym
from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.source import TicketSource
from kpi_agent.domain.time import DAY
from unit.tickets.conftest import shipped_profile
from whole_export import read_whole

AT = paris("2026-10-06 10:00")


def of(file: Path, source: str = "desk", *, now: str = "2026-11-03 07:00") -> Pseudonym:
    return Pseudonyms(file, now=paris(now)).of(source, PARIS)


def test_one_name_has_one_pseudonym_whoever_reads_the_file(tmp_path: Path) -> None:
    first, again = of(tmp_path / "keys"), of(tmp_path / "keys")

    assert first("Anne Analyst", AT) == again(" anne  ANALYST", AT)
    assert first("Anne Analyst", AT) != first("Bob Backup", AT)


def test_neither_the_pseudonym_nor_the_file_holds_the_name(tmp_path: Path) -> None:
    told = of(tmp_path / "keys")("Anne", AT)

    assert told is not None
    assert "anne" not in (told + (tmp_path / "keys").read_text()).lower()


def test_another_source_or_local_year_has_another_key(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    eve, new_year = paris("2026-12-31 23:30"), paris("2027-01-01 00:30")  # one year in UTC, two in Paris

    assert of(file)("Anne", AT) != of(file, "other")("Anne", AT)
    assert of(file)("Anne", eve) == of(file)("Anne", AT)
    assert of(file)("Anne", new_year) != of(file)("Anne", eve)


def test_the_keys_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    of(tmp_path / "keys")("Anne", AT)

    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_a_key_is_destroyed_thirteen_months_after_its_year_and_made_no_more(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    of(file)("Anne", AT)
    kept, gone = "2028-01-31 12:00", "2028-02-01 12:00"

    Pseudonyms(file, now=paris(kept)).destroy_past()
    assert "desk 2026 " in file.read_text()

    Pseudonyms(file, now=paris(gone)).destroy_past()
    assert file.read_text() == ""
    assert of(file, now=gone)("Anne", AT) is None
    assert file.read_text() == ""


def test_without_a_file_there_is_nothing_to_destroy(tmp_path: Path) -> None:
    Pseudonyms(tmp_path / "keys", now=AT).destroy_past()

    assert list(tmp_path.iterdir()) == []


def test_several_readers_at_once_agree_on_one_key(tmp_path: Path) -> None:
    told: list[str | None] = []
    readers = [of(tmp_path / "keys") for _ in range(8)]
    threads = [threading.Thread(target=lambda r=reader: told.append(r("Anne", AT))) for reader in readers]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(told) == 8
    assert len(set(told)) == 1


@pytest.mark.parametrize("content", [b"desk 2026 short\n", b"\xff\xfe", b"desk 2026\n"])
def test_a_damaged_file_of_keys_is_refused_and_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "keys"
    file.write_bytes(content)

    with pytest.raises(ExportRefused, match="keys"):
        of(file)("Anne", AT)

    assert file.read_bytes() == content


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExportRefused, match="cannot be locked"):
        of(tmp_path / "none" / "keys")("Anne", AT)


def test_who_has_an_incident_is_read_from_an_export_as_a_pseudonym_alone(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    head = "number,incident_state,opened_at,resolved_at,assigned_to\n"
    names = ("Anne Analyst", "Bob Backup", "Anne Analyst", "")
    rows = [f"INC{n},6,2026-10-06 08:0{n}:00,2026-10-06 09:00:00,{name}\n" for n, name in enumerate(names)]
    file.write_text(head + "".join(rows))
    desk = TicketSource("desk", shipped_profile("servicenow"), "*.csv", "UTC")

    told = read_whole(file, desk, as_of=AT + DAY, now=AT + DAY, pseudonym=of(tmp_path / "keys")).tickets

    anne, bob, again, nobody = (t.assignee for t in told)
    assert (anne == again, anne == bob, nobody) == (True, False, None)
    assert "Ann" not in repr(told)
