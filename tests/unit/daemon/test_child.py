import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_agent.daemon.child import ChildEnd, Ending, run_in_child
from kpi_agent.daemon.signals import Signals
from kpi_agent.domain.errors import NotFound


def run(
    function: Callable[[], object],
    *,
    timeout_seconds: float = 20.0,
    meanwhile: Callable[[], None] = lambda: None,
    is_stopping: bool = False,
) -> ChildEnd:
    with Signals() as signals:
        signals.is_stopping = is_stopping
        return run_in_child(function, signals=signals, timeout_seconds=timeout_seconds, meanwhile=meanwhile)


def test_the_value_comes_back_and_nothing_else_changes_here() -> None:
    seen = []

    end = run(lambda: [seen.append(1), len(seen), os.getpid()])

    assert end.ending is Ending.DONE
    assert end.result[1] == 1
    assert end.result[2] != os.getpid()
    assert seen == []


def test_an_answer_larger_than_a_pipe_comes_back_whole() -> None:
    assert run(lambda: "é" * 1_000_000).result == "é" * 1_000_000


def test_our_own_error_comes_back_in_its_words() -> None:
    def fail() -> None:
        raise NotFound("no contract 'acmee'; did you mean 'acme'?")

    end = run(fail)

    assert (end.ending, end.reason) == (Ending.FAILED, "no contract 'acmee'; did you mean 'acme'?")


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "killed by SIGKILL"),
        (lambda: os._exit(0), "ended with code 0 and without an answer"),
        (lambda: exec("raise SystemExit(3)"), "SystemExit, <string>:1"),
        (lambda: {object()}, "TypeError, "),
    ],
    ids=["killed", "exit", "sys.exit", "no JSON"],
)
def test_each_other_end_is_a_failure_with_its_reason(function: Callable[[], object], reason: str) -> None:
    end = run(function)

    assert end.ending is Ending.FAILED
    assert end.reason.startswith(reason)


def test_a_hang_ends_by_sigterm_when_that_is_enough() -> None:
    end = run(lambda: time.sleep(60), timeout_seconds=0.2)

    assert end.ending is Ending.HUNG
    assert end.reason == "still working after 0.2 s, so it was killed"
    assert end.seconds < 2


def test_a_stop_asked_for_before_the_child_began_is_not_missed() -> None:
    end = run(lambda: time.sleep(60), is_stopping=True)

    assert end.ending is Ending.STOPPED
    assert end.seconds < 2


def children() -> set[str]:
    """Return the ids of this process's children: servers of other tests may be among them."""
    return set(" ".join(f.read_text() for f in Path("/proc/self/task").glob("*/children")).split())


def test_no_process_and_no_descriptor_is_left_after_a_hundred_works() -> None:
    before = sorted(Path("/proc/self/fd").iterdir())
    others = children()

    assert all(run(os.getpid).ending is Ending.DONE for _ in range(100))
    assert sorted(Path("/proc/self/fd").iterdir()) == before
    assert children() == others


def test_the_child_belongs_to_a_group_of_its_own_so_that_all_of_its_processes_can_be_ended() -> None:
    result = run(lambda: [os.getpid(), os.getpgid(0)]).result

    assert result[0] == result[1]


def test_when_memory_runs_out_the_kernel_prefers_the_child() -> None:
    def score() -> int:
        return int(Path("/proc/self/oom_score_adj").read_text())

    assert run(score).result == 500


def test_the_child_hears_sigterm_by_default_and_not_the_daemons_way() -> None:
    handlers = run(lambda: [signal.getsignal(n) == signal.SIG_DFL for n in (signal.SIGTERM, signal.SIGINT)]).result

    assert handlers == [True, True]


def test_an_error_in_the_daemon_meanwhile_leaves_no_child_behind() -> None:
    def fail() -> None:
        raise RuntimeError

    others = children()
    with pytest.raises(RuntimeError):
        run(lambda: time.sleep(0.2) or time.sleep(60), meanwhile=fail, timeout_seconds=0.1)
    assert children() == others
