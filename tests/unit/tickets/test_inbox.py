"""The drop folder: whole, plain files only (inputs.md D)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from kpi_agent.collectors.inbox import ready_files

NOW = 1_795_428_000


def drop(folder: Path, name: str, *, age: int = 3600) -> Path:
    path = folder / name
    path.write_text("id\n")
    os.utime(path, (NOW - age, NOW - age))
    return path


def names(folder: Path, glob: str = "*.csv") -> list[str]:
    files, _ = ready_files(folder, glob, now=NOW)
    return [path.name for path in files]


def test_whole_files_come_oldest_first(tmp_path: Path) -> None:
    drop(tmp_path, "b.csv", age=200)
    drop(tmp_path, "a.csv", age=100)
    drop(tmp_path, "c.csv", age=300)
    drop(tmp_path, "other.txt")

    assert names(tmp_path) == ["c.csv", "b.csv", "a.csv"]


def test_a_file_is_whole_after_sixty_quiet_seconds(tmp_path: Path) -> None:
    drop(tmp_path, "fresh.csv", age=59)
    drop(tmp_path, "quiet.csv", age=60)

    assert names(tmp_path) == ["quiet.csv"]


def test_a_file_is_whole_when_its_writer_says_so(tmp_path: Path) -> None:
    drop(tmp_path, "said.csv", age=0)
    (tmp_path / "said.csv.done").touch()

    assert names(tmp_path, "*") == ["said.csv"]


@pytest.mark.parametrize("name", [".hidden.csv", "x.csv.part", "x.csv.tmp"])
def test_what_is_being_written_is_no_file_and_no_problem(tmp_path: Path, name: str) -> None:
    drop(tmp_path, name)

    assert ready_files(tmp_path, "*", now=NOW) == ((), ())


def test_links_pipes_and_folders_are_problems_and_never_files(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    target = drop(elsewhere, "secret.csv")
    (inbox / "soft.csv").symlink_to(target)
    os.link(target, inbox / "hard.csv")
    os.mkfifo(inbox / "pipe.csv")
    (inbox / "folder.csv").mkdir()
    drop(inbox, "good.csv")

    files, problems = ready_files(inbox, "*.csv", now=NOW)

    assert [f.name for f in files] == ["good.csv"]
    assert [(Path(p.file).name, p.message.split(";")[0]) for p in problems] == [
        ("folder.csv", "this is no regular file but a folder, pipe or device"),
        ("hard.csv", "this file has a second name (hard link)"),
        ("pipe.csv", "this is no regular file but a folder, pipe or device"),
        ("soft.csv", "this is a symbolic link"),
    ]


def test_a_glob_may_name_folders_below(tmp_path: Path) -> None:
    (tmp_path / "inbox" / "acme").mkdir(parents=True)
    path = drop(tmp_path / "inbox" / "acme", "a.csv")

    assert ready_files(tmp_path, "inbox/acme/*.csv", now=NOW) == ((path,), ())


@pytest.mark.parametrize("glob", ["../*.csv", "inbox/../../*.csv", "*/a.csv", "/etc/*", "inbox//a.csv"])
def test_a_glob_leads_nowhere_else(tmp_path: Path, glob: str) -> None:
    (tmp_path / "inbox").mkdir()

    files, problems = ready_files(tmp_path, glob, now=NOW)

    assert files == ()
    assert len(problems) == 1


def test_a_folder_that_is_a_link_is_not_entered(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    drop(tmp_path / "real", "a.csv")
    (tmp_path / "inbox").symlink_to("real")

    files, problems = ready_files(tmp_path, "inbox/*.csv", now=NOW)

    assert files == ()
    assert len(problems) == 1


def test_a_missing_folder_is_said(tmp_path: Path) -> None:
    _, problems = ready_files(tmp_path / "none", "*.csv", now=NOW)

    assert "does not exist" in problems[0].message


def test_what_is_swapped_for_a_link_after_the_look_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = drop(tmp_path, "a.csv")
    secret = tmp_path / "secret"
    secret.write_text("not yours")
    look = os.stat

    def swap_after(name: str, **how: Any) -> os.stat_result:
        seen = look(name, **how)
        if name == "a.csv" and not path.is_symlink():
            path.unlink()
            path.symlink_to(secret)
        return seen

    monkeypatch.setattr("kpi_agent.collectors.inbox.os.stat", swap_after)
    files, problems = ready_files(tmp_path, "*.csv", now=NOW)

    assert (files, path.is_symlink()) == ((), True)
    assert [p.file for p in problems] == [str(path)]


def test_a_file_that_is_open_for_writing_waits_unless_its_writer_marked_it(tmp_path: Path) -> None:
    path = drop(tmp_path, "a.csv")
    with path.open("a"):
        files, problems = ready_files(tmp_path, "*.csv", now=NOW)
        (tmp_path / "a.csv.done").touch()
        marked = names(tmp_path)

    assert (files, marked, names(tmp_path)) == ((), ["a.csv"], ["a.csv"])
    assert [str(p) for p in problems] == [
        f"{path}: a program has it open for writing; it is taken when that program closes it"
    ]


def test_a_file_that_is_only_read_by_others_is_whole(tmp_path: Path) -> None:
    with drop(tmp_path, "a.csv").open():
        assert names(tmp_path) == ["a.csv"]


@pytest.mark.parametrize("name", ["a\nb.csv", "\x1b[2Ja.csv", "\u202evsc.csv", os.fsdecode(b"\xff.csv")])
def test_a_name_that_acts_on_a_terminal_is_a_problem_and_shown_harmless(tmp_path: Path, name: str) -> None:
    drop(tmp_path, name)

    files, problems = ready_files(tmp_path, "*.csv", now=NOW)

    assert files == ()
    assert str(problems[0]).isprintable()
    assert "control characters" in str(problems[0])
