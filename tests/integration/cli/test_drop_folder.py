"""The drop folder under attack: the good export is taken, each hostile one is named with its reason (inputs.md D)."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from integration.cli.conftest import tickets
from integration.cli.host import Host
from integration.cli.hostile import GOOD, contents, entries
from kpi_agent.bootstrap.agent import Agent, open_agent
from kpi_agent.bootstrap.configuration import load_configuration
from kpi_agent.domain.problem import visible
from kpi_agent.domain.source import TicketSource
from kpi_agent.domain.time import HOUR


def known(of: Host) -> int:
    """How many tickets the store holds."""
    with closing(sqlite3.connect(of.store)) as store:
        return int(store.execute("SELECT count(DISTINCT ticket) FROM ticket_version").fetchone()[0])


def test_sixty_hostile_files_at_once_leave_the_good_one_taken_and_are_each_named(bare: Host) -> None:
    outside, other = bare.home / "outside.csv", bare.home / "other.csv"
    outside.write_text(GOOD)
    other.write_text(GOOD)
    words: dict[str, str] = {}
    for name, content, word in contents():
        bare.drop(f"{name}.csv", content)
        words[f"{name}.csv"] = word
    for name, make, word in entries(outside, other):
        path = bare.inbox / name
        make(path)
        if not path.is_symlink():
            os.utime(path, (bare.now - HOUR, bare.now - HOUR))
        words[visible(name)] = word
    bare.drop("good.csv", tickets(bare))
    assert len(words) >= 60, len(words)

    code, out, err, seconds, peak = collect(bare)

    assert code == 1
    assert out == "desk: good.csv: read 26, new 26, changed 0, unchanged 0, rejected 0\n"
    assert "Traceback" not in err
    told = [(line.partition(": ")[0].rpartition("/")[2].split(":")[0], line) for line in err.splitlines()]
    assert [(n, w) for n, w in words.items() if not any(name == n and w in line for name, line in told)] == []
    assert not [c for c in err if c < " " and c != "\n"]
    assert seconds <= 30
    assert peak <= 300 * 1024
    assert known(bare) == 26
    assert outside.read_text() == other.read_text() == GOOD
    assert not Path("/tmp/kpi-agent-escaped.csv").exists()


def collect(of: Host) -> tuple[int, str, str, float, int]:
    """Call ``collect`` and return its code, both streams, its seconds of work and its peak of memory in kB."""
    # VmHWM, for ru_maxrss of a new process begins with the peak of the one that started it.
    program = (
        "import re, resource, sys\n"
        f"sys.argv = ['kpi-agent', '--config', {str(of.config)!r}, 'collect']\n"
        "from kpi_agent.cli.main import main\n"
        "try:\n    main()\nfinally:\n    u = resource.getrusage(resource.RUSAGE_SELF)\n"
        "    peak = re.search(r'VmHWM:\\s+(\\d+) kB', open('/proc/self/status').read())[1]\n"
        "    print(u.ru_utime + u.ru_stime, peak, file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=120, check=False)
    *lines, usage = done.stderr.decode().splitlines()
    seconds, peak = usage.split()
    return done.returncode, done.stdout.decode(), "\n".join(lines) + "\n", float(seconds), int(peak)


def test_a_writer_that_pauses_at_each_percent_is_waited_for_and_then_taken_whole(bare: Host) -> None:
    content = GOOD.encode()
    path = bare.inbox / "slow.csv"
    with opened(bare) as (agent, desk), path.open("wb") as writer:
        for percent in range(100):
            _write_up_to(writer.fileno(), content, percent)
            os.utime(path, (bare.now - HOUR, bare.now - HOUR))  # a pause of an hour

            assert [d.counts for d in agent.import_inbox(desk, now=bare.now)] == [None]
        assert known(bare) == 0
        _write_up_to(writer.fileno(), content, 100)
        writer.close()
        os.utime(path, (bare.now - HOUR, bare.now - HOUR))
        [taken] = agent.import_inbox(desk, now=bare.now)

    assert taken.counts is not None
    assert (taken.counts.read, taken.counts.new, known(bare)) == (199, 199, 199)


def test_a_writer_that_opens_and_closes_the_file_for_each_percent_is_waited_for(bare: Host) -> None:
    content = GOOD.encode()
    path = bare.inbox / "appended.csv"
    with opened(bare) as (agent, desk):
        for percent in range(1, 100):
            path.write_bytes(content[: len(content) * percent // 100])

            assert agent.import_inbox(desk, now=int(path.stat().st_mtime) + 59) == ()
        path.write_bytes(content)
        [taken] = agent.import_inbox(desk, now=int(path.stat().st_mtime) + 60)

    assert taken.counts is not None
    assert taken.counts.new == 199


@pytest.mark.parametrize("temporary", [".whole.csv", "whole.csv.part", "whole.csv.tmp", "whole.csv.filepart", "~whole"])
def test_a_file_that_is_renamed_into_place_is_whole(temporary: str, bare: Host) -> None:
    content = GOOD.encode()
    with opened(bare) as (agent, desk):
        for percent in range(1, 100, 7):
            bare.drop(temporary, content[: len(content) * percent // 100])

            assert agent.import_inbox(desk, now=bare.now) == ()
        bare.drop(temporary, content).rename(bare.inbox / "whole.csv")
        [taken] = agent.import_inbox(desk, now=bare.now)

    assert taken.counts is not None
    assert taken.counts.new == 199


def test_a_file_of_another_owner_is_taken_and_one_with_a_mark_at_once(bare: Host) -> None:
    path = bare.drop("theirs.csv", GOOD)
    if os.geteuid() == 0:
        os.chown(path, 65534, 65534)
    fresh = bare.drop("fresh.csv", tickets(bare), age=0)
    fresh.with_name("fresh.csv.done").touch()

    answer = bare.run("collect")

    assert (answer.code, answer.err) == (0, "")
    assert [line.split(": ")[1] for line in answer.out.splitlines()] == ["theirs.csv", "fresh.csv"]


@contextmanager
def opened(of: Host) -> Iterator[tuple[Agent, TicketSource]]:
    """Open the agent of a host, and its desk."""
    with open_agent(load_configuration(of.config)) as agent:
        desk = agent.configuration.settings.sources["desk"]
        assert isinstance(desk, TicketSource)
        yield agent, desk


def _write_up_to(handle: int, content: bytes, percent: int) -> None:
    at = os.lseek(handle, 0, os.SEEK_CUR)
    os.write(handle, content[at : len(content) * percent // 100])
