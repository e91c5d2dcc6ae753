"""The shell script that writes a restore test's outcome, run by the system's own ``sh``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "config" / "textfile" / "restore-test.sh"
_LINE = re.compile(r'backup_restore_test_(\w+)\{backup="pg-main",method="full"\} (\d+)')


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the script as a job of a host would: with nothing of the environment but the path."""
    called = ["/bin/sh", str(SCRIPT), "-d", str(folder), *words]
    return subprocess.run(
        called, capture_output=True, text=True, check=False, timeout=60, env={"PATH": "/usr/bin:/bin"}
    )


def written(folder: Path) -> dict[str, int]:
    (file,) = folder.iterdir()
    return {name: int(value) for name, value in _LINE.findall(file.read_text())}


def test_a_restore_that_passed_is_told_with_its_instant_duration_and_age(tmp_path: Path) -> None:
    before = int(time.time())

    answer = run(tmp_path, "-a", "72000", "pg-main", "full", "sleep", "1.1")

    told = written(tmp_path)
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")
    assert (told["last_run_success"], told["data_age_seconds"]) == (1, 72000)
    assert before + 1 <= told["last_run_timestamp_seconds"] <= int(time.time())
    assert told["duration_seconds"] in {1, 2}


def test_a_restore_that_failed_is_told_too_and_exits_as_it_did(tmp_path: Path) -> None:
    answer = run(tmp_path, "pg-main", "full", "sh", "-c", "echo three tables are missing >&2; exit 7")

    told = written(tmp_path)
    assert (answer.returncode, answer.stderr) == (7, "three tables are missing\n")
    assert told["last_run_success"] == 0
    assert "data_age_seconds" not in told


def test_the_age_counts_from_the_instant_that_the_data_is_of_to_the_beginning(tmp_path: Path) -> None:
    of = int(time.time()) - 3600

    run(tmp_path, "-t", str(of), "pg-main", "full", "sleep", "2")

    assert written(tmp_path)["data_age_seconds"] in {3600, 3601}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Debian's prometheus")
@pytest.mark.parametrize("backup", ['pg "main"\\x', "données", "a/../b", "*"])
def test_any_name_is_a_label_that_prometheus_reads_and_a_file_in_its_place(tmp_path: Path, backup: str) -> None:
    run(tmp_path, backup, "partial", "true")
    run(tmp_path, backup + "'", "partial", "true")
    run(tmp_path, backup, "full", "true")

    files = sorted(tmp_path.iterdir())
    assert (len(files), {f.parent for f in files}, {f.suffix for f in files}) == (3, {tmp_path}, {".prom"})
    assert {oct(f.stat().st_mode & 0o777) for f in files} == {"0o644"}
    escaped = backup.replace("\\", "\\\\").replace('"', '\\"')
    assert sum(f'{{backup="{escaped}",method="full"}} ' in f.read_text() for f in files) == 1
    for file in files:
        called = ["promtool", "check", "metrics"]
        checked = subprocess.run(called, input=file.read_text(), capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["pg-main", "full"], 64, "a backup set, a method and a command are needed"),
        (["pg-main", "dry", "touch", "{}"], 64, "method is 'dry'; write full, partial or verify"),
        (["", "full", "touch", "{}"], 64, "the name of the backup set is empty"),
        (["a\nb", "full", "touch", "{}"], 64, "control character"),
        (["-a", "2h", "pg-main", "full", "touch", "{}"], 64, "-a is '2h'; write a whole number of seconds"),
        (["-a", "5", "-t", "5", "pg-main", "full", "touch", "{}"], 64, "write -a or -t, not both"),
        (["-t", "99999999999", "pg-main", "full", "touch", "{}"], 64, "-t 99999999999 is to come"),
        (
            ["-d", "/nowhere", "pg-main", "full", "touch", "{}"],
            73,
            "nothing can be written in /nowhere; the test was not run",
        ),
    ],
)
def test_what_cannot_be_told_is_refused_before_anything_is_restored(
    tmp_path: Path, words: list[str], status: int, message: str
) -> None:
    ran = tmp_path / "ran"

    answer = run(tmp_path, *(w.format(ran) for w in words))

    assert answer.returncode == status
    assert message in answer.stderr
    assert list(tmp_path.iterdir()) == []


def test_the_collector_never_sees_half_an_outcome(tmp_path: Path) -> None:
    """A reader that looks all the time finds whole outcomes only, each of one run."""
    seen: set[int] = set()
    is_over = threading.Event()

    def look() -> None:
        while not is_over.is_set():
            for file in tmp_path.glob("*.prom"):
                seen.add(len(_LINE.findall(file.read_text())))

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(30):
        run(tmp_path, "-a", "1", "pg-main", "full", "true")
    is_over.set()
    reader.join()

    assert seen == {4}


def test_a_test_that_is_killed_leaves_the_outcome_before_it(tmp_path: Path) -> None:
    run(tmp_path, "pg-main", "full", "true")
    before = written(tmp_path)

    killer = f"{sys.executable} -c 'import os, signal; os.kill(os.getppid(), signal.SIGTERM)'"
    answer = run(tmp_path, "pg-main", "full", "sh", "-c", f"exec {killer}")

    assert answer.returncode == 143
    assert written(tmp_path) == before
