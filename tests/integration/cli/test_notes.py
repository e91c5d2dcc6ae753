"""Notes from the command line into the frozen report, and from one month's report into the next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from integration.cli.host import Host


def note_of(host: Host, period: str) -> Path:
    return host.state / "register" / "notes" / "acme" / f"{period}.md"


def record(host: Host, period: str, section: str, text: str) -> str:
    answer = host.run("record", "note", "acme", "--period", period, "--section", section, "--text", text)
    assert answer.code == 0, answer.err
    return answer.err


def test_a_note_is_a_file_that_grows_section_by_section(own: Host) -> None:
    month = own.month(1).id

    record(own, month, "highlights", "Quiet  month.")
    record(own, month, "actions", "Replace web06")
    record(own, month, "highlights", "One more\nthing.")

    path = note_of(own, month)
    assert path.read_text() == (
        "# Highlights\n\n- Quiet month.\n- One more thing.\n\n# Actions\n\n- [ ] Replace web06\n"
    )
    assert own.run("record", "note", "acme", "--period", month, "--text", "x").out == f"written to {path}\n"


def test_what_was_written_by_hand_stays(own: Host) -> None:
    month = own.month(1).id
    path = note_of(own, month)
    path.parent.mkdir(parents=True)
    path.write_text("Before.\n\n## causes\nBy hand.\n\n# Visit\nThey came.\n")

    record(own, month, "causes", "Added.")

    assert path.read_text() == "Before.\n\n## causes\nBy hand.\n- Added.\n\n# Visit\nThey came.\n"


def test_two_who_write_at_once_are_both_kept(own: Host) -> None:
    month = own.month(1).id
    words = ["record", "note", "acme", "--period", month, "--text"]
    command = [sys.executable, "-m", "kpi_agent.cli.main", "--config", str(own.config), *words]

    started = [subprocess.Popen([*command, f"writer {n}"], stdout=subprocess.DEVNULL) for n in range(6)]

    assert [process.wait(timeout=60) for process in started] == [0] * 6
    written = note_of(own, month).read_text().splitlines()
    assert sorted(line for line in written if line.startswith("- ")) == [f"- writer {n}" for n in range(6)]


def test_a_month_is_frozen_with_its_note_and_the_next_one_follows_what_it_left_open(own: Host) -> None:
    before, month = own.month(2).id, own.month(1).id
    warning = record(own, before, "actions", "Replace web06")
    record(own, before, "decisions", "Renew")
    assert f"acme {before} is closed: this is printed by its next revision" in warning
    assert own.run("report", "build", "acme", "--period", before, "--revise", "--reason", "note").code == 0
    record(own, month, "causes", "The SAN lost a path.")
    note_of(own, month).write_text(note_of(own, month).read_text() + "\n# Actions\n- [x] replace web06\n")

    assert own.run("report", "build", "acme", "--period", month).code == 0
    note_of(own, month).write_text("# Causes\nChanged later.\n")
    document = own.run("report", "show", "acme", "--period", month, "--format", "json").value

    assert [(n["section"], n["text"].strip()) for n in document["notes"]] == [
        ("causes", "- The SAN lost a path."),
        ("actions", "- [x] replace web06"),
    ]
    assert [(c["text"], c["since"], c["became"]) for c in document["carried"]] == [
        ("Replace web06", before, "done"),
        ("Renew", before, "untold"),
    ]


def test_a_note_that_is_no_text_is_told_and_nothing_is_closed_without_it(own: Host) -> None:
    month = own.month(1).id
    path = note_of(own, month)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"Fine.\nCaf\xe9.\n")

    for words in (["show", "acme", "--period", month], ["build", "acme", "--period", month]):
        answer = own.run("report", *words)
        assert (answer.code, answer.out) == (1, "")
        assert f"{path}:2: byte 0xe9 is no UTF-8; save it as UTF-8" in answer.err
    path.write_text("Café.\n")
    assert own.run("report", "build", "acme", "--period", month).code == 0


def test_of_an_earlier_instant_no_note_is_shown(own: Host) -> None:
    month = own.month(1)
    record(own, month.id, "highlights", "Written today.")

    shown = own.run("report", "show", "acme", "--period", month.id)
    then = own.run("report", "show", "acme", "--period", month.id, "--as-of", f"{month.end_day}T12:00")

    assert "Written today." in shown.out
    assert "Written today." not in then.out


def test_what_cannot_be_noted_is_said(own: Host) -> None:
    for words, code, message in (
        (["acme", "--period", "2999-01", "--text", "x"], 1, "2999-01 begins at"),
        (["acme", "--period", own.month(1).id, "--text", "  "], 2, "--text is empty"),
        (["acmee", "--period", own.month(1).id, "--text", "x"], 1, "no contract 'acmee'"),
        (["acme", "--text", "x"], 2, "Missing option '--period'"),
    ):
        answer = own.run("record", "note", *words)
        assert (answer.code, answer.out) == (code, "")
        assert message in answer.err
