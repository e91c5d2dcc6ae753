import os
from pathlib import Path

from kpi_agent.daemon.watch import ABSENT, look_at


def print_of(path: Path) -> str:
    return look_at([str(path)])[str(path)]


def test_an_untouched_folder_looks_the_same(tmp_path: Path) -> None:
    (tmp_path / "export.csv").write_text("1")

    assert print_of(tmp_path) == print_of(tmp_path)


def test_a_file_that_arrives_grows_is_rewritten_or_leaves_changes_the_folder(tmp_path: Path) -> None:
    seen = [print_of(tmp_path)]
    export = tmp_path / "export.csv"
    export.write_text("1")
    seen.append(print_of(tmp_path))
    export.write_text("12")
    seen.append(print_of(tmp_path))
    os.utime(export, (1, 1))  # same size, other time
    seen.append(print_of(tmp_path))
    export.unlink()
    seen.append(print_of(tmp_path))

    assert len(set(seen)) == 5


def test_a_folder_that_appears_and_goes_is_a_change_and_no_error(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    assert print_of(inbox) == ABSENT
    inbox.mkdir()
    assert print_of(inbox) != ABSENT


def test_a_single_file_can_be_watched(tmp_path: Path) -> None:
    path = tmp_path / "handover.md"
    path.write_text("a")
    before = print_of(path)
    path.write_text("ab")

    assert print_of(path) != before


def test_names_that_are_no_text_and_dead_links_are_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.csv")).write_text("1")
    (tmp_path / "dead").symlink_to("/nonexistent")

    assert print_of(tmp_path) == print_of(tmp_path)
