"""Taking exports with a desk's store of a few lines: by name, and from the inbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.export import Export, ImportCounts, ImportRecord, KnownRows
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.records import SourceRun
from kpi_agent.domain.source import TicketSource
from kpi_agent.jobs.import_tickets import Imported, import_inbox, import_named
from unit.tickets.conftest import shipped_profile

NOW = 1_795_428_000  # 2026-11-23T10:00:00Z
DESK = TicketSource("desk", shipped_profile("generic"), "inbox/*.csv", "Europe/Paris")


@dataclass
class Shelf:
    """The tickets' store and the runs', as far as an import needs them."""

    taken: list[ImportRecord] = field(default_factory=list)
    runs: list[SourceRun] = field(default_factory=list)

    def take(self, export: Export, *, observed_from: int | None, now: int) -> ImportCounts:
        number = len(self.taken) + 1
        record = ImportRecord(
            number,
            "desk",
            export.file,
            export.sha256,
            export.as_of,
            observed_from,
            1,
            0,
            is_truncated=False,
            imported_at=now,
        )
        self.taken.append(record)
        return ImportCounts(read=1, new=1, changed=0, unchanged=0, rejected=0)

    def known_rows(self, source: str) -> KnownRows | None:
        return KnownRows(self.taken[-1].id, self.taken[-1].as_of, "as ever", {}) if self.taken else None

    def imports(self, source: str, *, newest_import: int | None = None) -> tuple[ImportRecord, ...]:
        return tuple(self.taken)

    def note(self, run: SourceRun) -> None:
        self.runs.append(run)

    def latest(self, *, until: int | None = None) -> dict[str, SourceRun]:
        return {run.source: run for run in self.runs}


def read(path: Path, source: TicketSource, *, as_of: int | None, now: int, known: KnownRows | None = None) -> Export:
    content = path.read_bytes()
    if content == b"bad":
        raise ExportRefused([Problem(path.name, "it is no export", line=1)])
    return Export("desk", path.name, sha256(content).hexdigest(), now - 60, 1, ())


def everything(directory: Path, glob: str, *, now: int) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
    return tuple(sorted(directory.glob(glob))), ()


def from_inbox(shelf: Shelf, directory: Path, on_taken: Callable[[Path], None] | None = None) -> tuple[Imported, ...]:
    return import_inbox(
        DESK, directory, lister=everything, reader=read, tickets=shelf, runs=shelf, now=NOW, on_taken=on_taken
    )


def inbox(home: Path, **files: str) -> Path:
    (home / "inbox").mkdir()
    for name, content in files.items():
        (home / "inbox" / f"{name}.csv").write_text(content)
    return home


def test_a_refused_file_does_not_keep_the_others_from_being_taken(tmp_path: Path) -> None:
    shelf = Shelf()

    done = from_inbox(shelf, inbox(tmp_path, a="one", b="bad", c="two"))

    assert [r.file for r in shelf.taken] == ["a.csv", "c.csv"]
    assert [str(p) for d in done for p in d.problems] == ["b.csv:1: it is no export"]
    assert [(r.is_ok, r.detail, r.last_ok) for r in shelf.runs] == [(False, "b.csv:1: it is no export", NOW - 60)]


def test_an_inbox_without_news_is_no_run(tmp_path: Path) -> None:
    shelf, home = Shelf(), inbox(tmp_path, a="one")
    from_inbox(shelf, home)

    again = from_inbox(shelf, home)

    assert [d.counts.is_repeat for d in again if d.counts] == [True]
    assert len(shelf.runs) == 1


def test_what_the_lister_finds_wrong_comes_back_and_is_noted(tmp_path: Path) -> None:
    def no_folder(directory: Path, glob: str, *, now: int) -> tuple[tuple[Path, ...], tuple[Problem, ...]]:
        return (), (Problem(str(directory), "the drop folder does not exist"),)

    shelf = Shelf()
    done = import_inbox(DESK, tmp_path, lister=no_folder, reader=read, tickets=shelf, runs=shelf, now=NOW)

    assert [str(p) for d in done for p in d.problems] == [f"{tmp_path / 'inbox'}: the drop folder does not exist"]
    assert [r.is_ok for r in shelf.runs] == [False]


def test_a_file_that_cannot_be_put_away_is_in_the_store_and_said(tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    shelf = Shelf()
    done = from_inbox(shelf, inbox(tmp_path, a="one", b="two"), refuse)

    assert [r.file for r in shelf.taken] == ["a.csv", "b.csv"]
    assert all("was taken, but could not be put away: Permission denied" in str(d.problems[0]) for d in done)


def test_only_files_in_the_store_are_put_away(tmp_path: Path) -> None:
    gone: list[str] = []
    shelf, home = Shelf(), inbox(tmp_path, a="one", b="bad")

    from_inbox(shelf, home, lambda path: gone.append(path.name))
    from_inbox(shelf, home, lambda path: gone.append(path.name))

    assert gone == ["a.csv", "a.csv"]  # the second time it was killed in between, for all that the job knows


def test_a_file_named_by_hand_is_noted_when_taken_and_only_then(tmp_path: Path) -> None:
    shelf, home = Shelf(), inbox(tmp_path, a="one", b="bad")

    for name in ("b", "a", "a"):
        path = home / "inbox" / f"{name}.csv"
        import_named(path, DESK, reader=read, tickets=shelf, runs=shelf, now=NOW)

    assert [(r.detail, r.is_ok, r.last_ok) for r in shelf.runs] == [("a.csv", True, NOW - 60)]


def test_a_file_that_is_not_there_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    missing = import_named(tmp_path / "no.csv", DESK, reader=read, tickets=Shelf(), runs=Shelf(), now=NOW)

    assert [str(p) for p in missing.problems] == [
        f"{tmp_path / 'no.csv'}: cannot be read: No such file or directory; nothing was taken"
    ]
