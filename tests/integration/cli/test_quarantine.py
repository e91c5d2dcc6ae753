"""What was not trusted is kept with its reason: rejected rows, and files that were refused whole."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

from integration.cli.conftest import tickets
from integration.cli.host import Host, export, month_of_tickets
from kpi_agent.domain.time import HOUR, MINUTE

ROWS = """\
id,state,opened,assignee,title
1,closed,2026-10-01 08:00,Alice Durand,fine
2,dreaming,2026-10-01 08:00,Alice Durand,mail of bob@acme.example
3,closed,yesterday,Alice Durand,x
4,closed,2026-10-01 08:00,Alice Durand
"""
BAD = "no;export\n"


def test_nothing_in_quarantine_is_said(bare: Host) -> None:
    answer = bare.run("quarantine", "list")

    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "nothing is in quarantine: no file was refused, no row rejected\n"
    assert bare.run("quarantine", "list", "--json").value == {"schema": "kpi-agent/quarantine/1", "files": []}


def test_rejected_rows_are_listed_by_file_and_shown_with_line_reason_and_text_without_persons(bare: Host) -> None:
    bare.drop("rows.csv", ROWS)
    bare.run("collect")

    listed, shown = bare.run("quarantine", "list"), bare.run("quarantine", "show", "rows.csv")

    assert "  3 of 4 rows rejected: field_count 1, unknown_state 1, unreadable_date 1" in listed.out.splitlines()
    lines = shown.out.splitlines()
    assert max(map(len, [*lines, *listed.out.splitlines()])) <= 80
    assert "  line 3: unknown_state: 'dreaming' is no state that the profile knows; add it" in lines
    assert "      id=2; title=mail of #; state=dreaming; opened=2026-10-01 08:00" in lines
    assert not [word for word in ("Alice", "Durand", "bob", "acme.example") if word in shown.out]


def test_rejected_rows_in_json(bare: Host) -> None:
    bare.drop("rows.csv", ROWS)
    bare.run("collect")

    [entry] = bare.run("quarantine", "list", "desk", "--json").value["files"]
    shown = bare.run("quarantine", "show", entry["id"], "--json").value

    assert (entry["kind"], entry["file"], entry["rows"], entry["rejected"]) == ("rows", "rows.csv", 4, 3)
    assert shown["schema"] == "kpi-agent/quarantine-file/1"
    assert [(row["line"], row["code"]) for row in shown["rejected_rows"]] == [
        (3, "unknown_state"),
        (4, "unreadable_date"),
        (5, "field_count"),
    ]


def test_a_refused_file_is_kept_apart_with_its_reason_beside_it_and_named_by_status(bare: Host) -> None:
    bare.drop("bad.csv", BAD)
    bare.drop("good.csv", tickets(bare))
    answer = bare.run("collect")

    assert answer.code == 1
    assert not (bare.inbox / "bad.csv").exists()
    [kept] = bare.state.glob("quarantine/desk/*/bad.csv")
    assert kept.read_text() == BAD
    reason = json.loads(kept.parent.with_suffix(".json").read_text())
    assert reason["file"] == "bad.csv"
    assert "columns of profile generic are missing" in reason["reasons"][0]
    [source] = bare.run("status", "--json").value["sources"]
    assert [one["file"] for one in source["refused"]] == ["bad.csv"]
    shown = bare.run("quarantine", "show", "bad.csv")
    assert (shown.code, "columns of profile generic are missing" in " ".join(shown.out.split())) == (0, True)
    assert bare.run("collect").code == 0  # it is told once, and does not fail what comes after it


def test_a_mended_file_that_is_dropped_again_is_taken_and_what_was_refused_needs_nobody(bare: Host) -> None:
    bare.drop("desk.csv", BAD)
    bare.run("collect")
    bare.drop("other.csv", export(month_of_tickets(bare.month(1), first=900)))
    bare.run("collect")
    assert "mend desk.csv and drop it again" in " ".join(bare.run("status").out.split())

    bare.drop("desk.csv", tickets(bare))
    answer = bare.run("collect", "desk")

    assert (answer.code, "desk.csv: read 26, new 26" in answer.out) == (0, True)
    [source] = bare.run("status", "--json").value["sources"]
    assert source["refused"] == []
    [entry] = bare.run("quarantine", "list", "--json").value["files"]
    assert entry["mended_at"] is not None
    assert list(bare.state.glob("quarantine/desk/*/desk.csv"))  # nothing is lost


def test_a_refused_file_stays_a_while_for_its_writer_and_is_named_meanwhile(bare: Host) -> None:
    path = bare.drop("slow.csv", tickets(bare)[:-30], age=2 * MINUTE)
    bare.run("collect")

    assert path.exists()
    [entry] = bare.run("quarantine", "list", "--json").value["files"]
    assert (entry["file"], entry["path"]) == ("slow.csv", str(path))

    bare.drop("slow.csv", tickets(bare), age=2 * MINUTE)  # the writer comes back and ends it
    assert bare.run("collect").code == 0
    assert bare.run("quarantine", "list", "--json").value["files"] == []


def test_a_refused_file_whose_writer_says_that_it_is_whole_is_kept_apart_at_once(bare: Host) -> None:
    path = bare.drop("bad.csv", BAD, age=0)
    mark = path.with_name("bad.csv.done")
    mark.touch()
    bare.run("collect")

    assert (path.exists(), mark.exists()) == (False, False)


def test_two_refused_files_of_one_name_are_both_kept(bare: Host) -> None:
    for content in (BAD, BAD + "1;2\n"):
        bare.drop("bad.csv", content)
        bare.run("collect")

    kept = sorted(path.read_text() for path in bare.state.glob("quarantine/desk/*/bad.csv"))
    answer = bare.run("quarantine", "show", "bad.csv")

    assert kept == [BAD, BAD + "1;2\n"]
    assert "1 more of that name: kpi-agent quarantine show ID" in answer.err


def test_a_link_that_stays_is_one_failed_run_and_not_one_each_minute(bare: Host) -> None:
    (bare.inbox / "link.csv").symlink_to("/etc/passwd")
    for _ in range(3):
        assert bare.run("collect").code == 1

    assert runs(bare) == 1


def runs(of: Host) -> int:
    with closing(sqlite3.connect(of.store)) as store:
        return int(store.execute("SELECT count(*) FROM source_run").fetchone()[0])


def test_what_is_not_in_quarantine_is_an_error_that_says_where_to_look(bare: Host) -> None:
    answer = bare.run("quarantine", "show", "nothing.csv")

    assert (answer.code, answer.out) == (1, "")
    assert "see: kpi-agent quarantine list" in answer.err
    assert bare.run("quarantine", "list", "nowhere").code == 1


def test_a_file_imported_by_hand_mends_what_the_inbox_refused(bare: Host) -> None:
    bare.drop("desk.csv", BAD, age=HOUR)
    bare.run("collect")
    mended = bare.home / "desk.csv"
    mended.write_text(tickets(bare))

    assert bare.run("import", mended, "--source", "desk").code == 0

    [source] = bare.run("status", "--json").value["sources"]
    assert source["refused"] == []
