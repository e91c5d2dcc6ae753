import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

DaemonOf = Callable[..., Any]  # conftest.Daemon, with its settings
IDLE = 86_400 * 30


def test_it_says_ready_then_works_then_feeds_the_watchdog(daemon_of: DaemonOf) -> None:
    daemon = daemon_of(idle_seconds=IDLE).start()
    daemon.eventually(lambda: daemon.heard().count("WATCHDOG=1") >= 3, "three fed ticks")

    assert daemon.heard().index("READY=1") < daemon.heard().index("WATCHDOG=1")
    assert "STATUS=ok done" in daemon.heard()
    assert len(daemon.works()) == 1  # ticks without work are finished ticks too
    assert daemon.works()[0]["notify"] is None
    assert daemon.works()[0]["pid"] != daemon.pid


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_between_ticks_does_not_wait_for_the_next_one(daemon_of: DaemonOf, number: signal.Signals) -> None:
    daemon = daemon_of(idle_seconds=IDLE, tick_seconds=30).start()
    daemon.eventually(lambda: "WATCHDOG=1" in daemon.heard(), "the first tick")

    begun = time.monotonic()
    daemon.send(number)

    assert daemon.ended() == 0
    assert time.monotonic() - begun < 2
    assert "STOPPING=1" in daemon.heard()
    assert daemon.heart()["status"] == "stopped"
    assert abs(daemon.heart()["stopped"] - time.time()) < 60


def test_thirty_stops_at_random_instants_all_end_well(daemon_of: DaemonOf) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    rounds = [(daemon_of(str(n), tick_seconds=0.05), chance.random() * 0.9) for n in range(30)]

    def stop_after(daemon: Any, seconds: float) -> tuple[int, bool, list[int]]:
        daemon.behave("busy")
        daemon.start()
        daemon.eventually((daemon.home / "loading").exists, "the load")
        time.sleep(seconds)
        begun = time.monotonic()
        daemon.send(signal.SIGTERM)
        code = daemon.ended()
        children_left = [w["pid"] for w in daemon.works() if daemon.is_alive(w["pid"])]
        return code, time.monotonic() - begun < 5, children_left

    with ThreadPoolExecutor(4) as pool:
        ends = list(pool.map(lambda one: stop_after(*one), rounds))

    assert ends == [(0, True, [])] * 30, f"seed {seed}"


def test_a_stop_ends_a_child_that_ignores_sigterm(daemon_of: DaemonOf) -> None:
    daemon = daemon_of()
    daemon.behave("hang")
    daemon.start()
    child = daemon.await_works(1)[0]["pid"]
    time.sleep(0.2)  # until it ignores the signal

    begun = time.monotonic()
    daemon.send(signal.SIGTERM)

    assert daemon.ended() == 0
    assert 2.5 < time.monotonic() - begun < 5
    assert not daemon.is_alive(child)


def test_a_hang_is_killed_starves_the_watchdog_and_the_next_work_mends_it(daemon_of: DaemonOf) -> None:
    daemon = daemon_of(work_timeout=0.4, idle_seconds=IDLE)
    daemon.behave("hang")
    daemon.start()
    child = daemon.await_works(1)[0]["pid"]
    daemon.eventually(lambda: daemon.heart()["failures"] == 1, "the failure")
    ticks = daemon.heart()["last_tick"]
    daemon.eventually(lambda: daemon.heart()["last_tick"] > ticks, "a later tick")

    assert not daemon.is_alive(child)
    assert "still working after 0.4 s" in daemon.heart()["status"]
    assert "WATCHDOG=1" not in daemon.heard()

    daemon.behave("ok")
    daemon.set_clock_ahead(62)

    daemon.eventually(lambda: "WATCHDOG=1" in daemon.heard(), "the watchdog fed again")
    assert daemon.heart()["failures"] == 0


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("crash", "killed by SIGSEGV"),
        ("exit", "ended with code 7 and without an answer"),
        ("raise", "RuntimeError, stand_in.py:"),
    ],
)
def test_a_crash_of_the_work_leaves_the_daemon_alive_and_is_tried_again_after_the_back_off(
    daemon_of: DaemonOf, mode: str, words: str
) -> None:
    daemon = daemon_of(tick_seconds=0.05)
    daemon.behave(mode)
    daemon.start()
    daemon.eventually(lambda: daemon.heard().count("WATCHDOG=1") >= 8, "eight ticks")

    assert len(daemon.works()) == 1
    assert words in daemon.heart()["status"]
    assert daemon.heart()["failures"] == 1
    assert 55 < daemon.heart()["next_at"] - time.time() < 62

    daemon.set_clock_ahead(62)
    daemon.eventually(lambda: daemon.heart()["failures"] == 2, "the second try")

    assert 110 < daemon.heart()["next_at"] - time.time() - 62 < 122
    assert "tr0ub4dor" not in daemon.log() + str(daemon.heart()) + str(daemon.heard())


def test_a_killed_daemon_takes_its_child_with_it_and_the_next_one_starts(daemon_of: DaemonOf) -> None:
    daemon = daemon_of()
    daemon.behave("long")
    daemon.start()
    child = daemon.await_works(1)[0]["pid"]
    daemon.send(signal.SIGKILL)
    daemon.ended()

    daemon.eventually(lambda: not daemon.is_alive(child), "the end of the child")
    assert daemon.heart()["stopped"] is None

    daemon.behave("ok")
    daemon.start()
    daemon.await_works(2)
    daemon.send(signal.SIGTERM)
    assert daemon.ended() == 0


def test_what_the_work_leaves_behind_is_cleared_away(daemon_of: DaemonOf) -> None:
    daemon = daemon_of(idle_seconds=IDLE)
    daemon.behave("litter")
    daemon.start()
    daemon.eventually(lambda: "WATCHDOG=1" in daemon.heard(), "the first tick")

    grandchild = daemon.works()[0]["grandchild"]
    assert grandchild
    daemon.eventually(lambda: not daemon.is_alive(grandchild), "the end of the grandchild")


def test_a_reload_gives_the_next_work_the_new_configuration_at_once(daemon_of: DaemonOf) -> None:
    daemon = daemon_of(idle_seconds=IDLE, tick_seconds=30).start()
    daemon.await_works(1)
    daemon.configure(label="second")
    daemon.send(signal.SIGHUP)

    assert [w["label"] for w in daemon.await_works(2)] == ["first", "second"]
    assert daemon.heard().index("RELOADING=1") < len(daemon.heard()) - 1 - daemon.heard()[::-1].index("READY=1")


def test_a_bad_reload_keeps_the_old_configuration_and_says_so_until_a_good_one(daemon_of: DaemonOf) -> None:
    daemon = daemon_of(tick_seconds=0.2).start()
    daemon.await_works(1)
    daemon.configure(text="{")
    daemon.send(signal.SIGHUP)
    daemon.eventually(lambda: daemon.heart()["reload_error"], "the refusal")
    seen = len(daemon.works())

    assert {w["label"] for w in daemon.await_works(seen + 2)} == {"first"}
    assert daemon.heart()["reload_error"] == "settings.json:1:1: is not JSON"
    daemon.eventually(lambda: any("STATUS=ok done; reload refused" in m for m in daemon.heard()), "it in the status")
    assert "reload refused" in daemon.log()

    daemon.configure(label="second")
    daemon.send(signal.SIGHUP)
    daemon.eventually(lambda: daemon.works()[-1]["label"] == "second", "the new configuration")
    assert daemon.heart()["reload_error"] == ""


def test_a_reload_during_a_long_work_does_not_wait_for_its_end(daemon_of: DaemonOf) -> None:
    daemon = daemon_of()
    daemon.behave("long")
    daemon.start()
    daemon.await_works(1)
    daemon.configure(text="{")
    daemon.send(signal.SIGHUP)

    daemon.eventually(lambda: daemon.heart()["reload_error"], "the refusal")
    assert daemon.heart()["working_since"]
    assert len(daemon.works()) == 1


def test_a_reload_during_a_work_gives_its_work_right_after_it(daemon_of: DaemonOf) -> None:
    daemon = daemon_of(idle_seconds=IDLE, tick_seconds=30)
    daemon.behave("busy")
    daemon.start()
    daemon.await_works(1)  # logged at its begin: it goes on for 0.3 s
    daemon.configure(label="second")
    daemon.send(signal.SIGHUP)

    assert [w["label"] for w in daemon.await_works(2)] == ["first", "second"]
    assert "worked why=reload" in daemon.eventually(lambda: "why=reload" in daemon.log() and daemon.log(), "its line")


def test_a_reload_may_not_move_the_store(daemon_of: DaemonOf) -> None:
    daemon = daemon_of(idle_seconds=IDLE).start()
    daemon.await_works(1)
    daemon.configure(state_dir=str(daemon.home))
    daemon.send(signal.SIGHUP)

    daemon.eventually(lambda: "restart the daemon for that" in daemon.heart()["reload_error"], "the refusal")


def test_a_second_daemon_on_the_same_store_is_refused_and_told_by_whom(daemon_of: DaemonOf) -> None:
    first = daemon_of("one", idle_seconds=IDLE).start()
    first.eventually(first.is_ready, "ready")
    second = daemon_of("two", state_dir=str(first.state_dir)).start()

    assert second.ended() == 1
    assert f"another kpi-agent daemon (pid {first.pid}) already serves {first.state_dir}" in second.log()
    assert "READY=1" not in second.heard()
    assert first.process.poll() is None


def test_bad_configuration_at_the_start_is_exit_code_78(daemon_of: DaemonOf) -> None:
    daemon = daemon_of()
    daemon.configure(text="{")
    daemon.start()

    assert daemon.ended() == 78
    assert "not started: settings.json:1:1: is not JSON" in daemon.log()


def test_a_missing_state_directory_is_named(daemon_of: DaemonOf) -> None:
    daemon = daemon_of(state_dir="/nonexistent/kpi-agent").start()

    assert daemon.ended() == 1
    assert "/nonexistent/kpi-agent/daemon.lock: No such file or directory" in daemon.log()


def test_a_file_that_arrives_in_a_watched_folder_is_worked_on_before_next_at(
    daemon_of: DaemonOf, tmp_path: Path
) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    daemon = daemon_of(idle_seconds=IDLE, watch=[str(inbox)]).start()
    daemon.await_works(2)  # the start, and the folder seen for the first time
    ticks = daemon.heard().count("WATCHDOG=1")
    daemon.eventually(lambda: daemon.heard().count("WATCHDOG=1") > ticks + 3, "ticks without work")
    assert len(daemon.works()) == 2

    (inbox / "export.csv").write_text("id\n1\n")

    daemon.await_works(3)
    assert f"changed: {inbox}" in daemon.log()


def test_a_clock_that_jumps_ahead_is_told_to_the_work_until_the_mark_is_removed(daemon_of: DaemonOf) -> None:
    daemon = daemon_of(idle_seconds=600).start()
    assert daemon.await_works(1)[0]["is_clock_suspicious"] is False
    daemon.set_clock_ahead(41 * 86_400)

    assert daemon.await_works(2)[1]["is_clock_suspicious"] is True
    daemon.eventually(lambda: "nothing is closed" in daemon.heart()["status"], "the doubt in the status")
    assert str(daemon.state_dir / "clock.mark") in daemon.heart()["clock_doubt"]

    (daemon.state_dir / "clock.mark").unlink()

    assert daemon.await_works(3)[2]["is_clock_suspicious"] is False
    daemon.eventually(lambda: daemon.heart()["clock_doubt"] == "", "the end of the doubt")


def test_a_clock_that_is_set_back_is_worked_on_at_once_and_mended_by_itself(daemon_of: DaemonOf) -> None:
    daemon = daemon_of(idle_seconds=IDLE)
    daemon.set_clock_ahead(86_400)
    daemon.start()
    daemon.await_works(1)
    daemon.set_clock_ahead(0)

    assert daemon.await_works(2)[1]["is_clock_suspicious"] is True

    daemon.set_clock_ahead(86_400)

    assert daemon.await_works(3)[2]["is_clock_suspicious"] is False


def test_the_heartbeat_tells_what_other_commands_need(daemon_of: DaemonOf) -> None:
    daemon = daemon_of(idle_seconds=IDLE).start()
    daemon.eventually(lambda: daemon.heard().count("WATCHDOG=1") >= 2, "two ticks")
    heart = daemon.heart()

    assert heart["pid"] == daemon.pid
    assert heart["started"] <= heart["last_work"] <= heart["last_tick"]
    assert heart["next_at"] == heart["last_work"] + 86_400  # not the 30 days it asked for: observed at least daily
    assert heart["stopped"] is None
    assert heart["working_since"] is None
    assert heart["version"]
    assert heart["status"] == "ok done"


def test_the_idle_daemon_is_small_and_does_not_grow(daemon_of: DaemonOf) -> None:
    daemon = daemon_of(tick_seconds=0.05).start()
    daemon.await_works(5)
    before = daemon.heart()["rss_bytes"]
    descriptors = len(list(Path(f"/proc/{daemon.pid}/fd").iterdir()))
    daemon.await_works(45)

    assert before < 80 * 2**20
    assert daemon.heart()["rss_bytes"] - before < 512 * 1024
    assert len(list(Path(f"/proc/{daemon.pid}/fd").iterdir())) <= descriptors + 1  # the pipe of a work under way


def test_importing_the_daemon_imports_no_heavy_library() -> None:
    code = """
import sys
import kpi_agent.daemon.service
heavy = {"sqlalchemy", "alembic", "requests", "prometheus_api_client", "pydantic", "jinja2", "babel", "holidays"}
heavy |= {"yaml", "ctypes"}
print(sorted(heavy & set(sys.modules)))
"""
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert seen.stdout.strip() == "[]"
