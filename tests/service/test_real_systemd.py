"""The shipped units under a real systemd (operations.md §5): started, killed, hung, reloaded, stopped."""

import os
import random
import time
from typing import Any

UNIT = "kpi-agent.service"
STATE = "/var/lib/kpi-agent"
ACTIVE_AGAIN_SECONDS = 15
ROUNDS = int(os.environ.get("KPI_AGENT_SERVICE_ROUNDS", "8"))  # 100 for the figure of operations.md §6


def started(systemd: Any) -> None:
    systemd.run(f"systemctl start {UNIT}")  # returns when the daemon has said READY=1
    assert systemd.is_active()


def test_it_starts_as_its_own_user_and_works_inside_the_sandbox(systemd: Any) -> None:
    started(systemd)
    systemd.eventually(systemd.works, "the first work")
    systemd.eventually(lambda: systemd.show("StatusText") == "ok done", "the status text")

    assert systemd.run(f"stat -c %U /proc/{systemd.main_pid()}") == "kpi-agent"
    owners = systemd.run(f"stat -c '%U:%G %a' {STATE} {STATE}/inbox {STATE}/daemon.json {STATE}/clock.mark")
    assert owners.splitlines() == [
        "kpi-agent:kpi-agent 750",
        "kpi-agent:kpi-agent 2770",
        "kpi-agent:kpi-agent 640",
        "kpi-agent:kpi-agent 640",
    ]
    assert "worked why=start" in systemd.journal(f"-u {UNIT} PRIORITY=6")


def test_after_each_kill_it_is_active_again_and_never_failed(systemd: Any) -> None:
    started(systemd)
    systemd.run(f"kill -9 {systemd.main_pid()}")
    killed_at = time.monotonic()
    systemd.eventually(lambda: systemd.show("NRestarts") == "1" and systemd.is_active(), "a restart", 30)
    assert time.monotonic() - killed_at < ACTIVE_AGAIN_SECONDS

    systemd.adjust(RestartSec="100ms")
    for count in range(2, 2 + ROUNDS):  # the default limit would end it at the sixth
        systemd.run(f"kill -9 {systemd.main_pid()}")
        systemd.eventually(
            lambda n=count: systemd.show("NRestarts") == str(n) and systemd.is_active(), f"restart {count}"
        )


def test_a_daemon_that_hangs_is_restarted_by_the_watchdog(systemd: Any) -> None:
    systemd.adjust(WatchdogSec="2s", RestartSec="100ms", TimeoutStopSec="2s")
    started(systemd)
    time.sleep(4)
    assert systemd.show("NRestarts") == "0"  # it is fed

    systemd.run(f"kill -STOP {systemd.main_pid()}")

    systemd.eventually(
        lambda: systemd.show("NRestarts") == "1" and systemd.is_active(), "a restart", ACTIVE_AGAIN_SECONDS
    )
    assert "Watchdog timeout" in systemd.journal(f"-u {UNIT}")


def test_a_work_that_hangs_is_killed_and_a_restart_follows_when_it_goes_on(systemd: Any) -> None:
    systemd.adjust(WatchdogSec="4s", RestartSec="100ms")
    systemd.configure(work_timeout=0.5)
    systemd.write(f"{STATE}/mode", "hang")
    started(systemd)

    systemd.eventually(lambda: "still working after 0.5 s" in systemd.show("StatusText"), "the hang in the status")
    assert systemd.is_active()
    systemd.eventually(lambda: systemd.show("NRestarts") == "1", "the watchdog's restart", 20)


def test_a_crash_of_the_work_does_not_touch_the_daemon(systemd: Any) -> None:
    systemd.write(f"{STATE}/mode", "crash")
    started(systemd)

    systemd.eventually(lambda: "killed by SIGSEGV" in systemd.show("StatusText"), "the crash in the status")
    assert systemd.is_active()
    assert systemd.show("NRestarts") == "0"
    assert "work failed why=start" in systemd.journal(f"-u {UNIT} PRIORITY=3")


def test_reload_takes_the_good_and_keeps_the_old_over_the_bad(systemd: Any) -> None:
    started(systemd)
    pid = systemd.main_pid()
    systemd.configure(text="{")
    systemd.run(f"systemctl reload {UNIT}")
    systemd.eventually(lambda: "reload refused" in systemd.show("StatusText"), "the refusal in the status")
    systemd.eventually(systemd.is_active, "the end of the reload")

    systemd.configure(label="second")
    systemd.run(f"systemctl reload {UNIT}")
    systemd.eventually(lambda: systemd.works()[-1]["label"] == "second", "the new configuration")
    systemd.eventually(lambda: systemd.show("StatusText") == "ok done", "no refusal any more")
    assert systemd.main_pid() == pid


def test_a_stop_at_any_instant_is_a_success(systemd: Any) -> None:
    chance = random.Random(20)
    systemd.write(f"{STATE}/mode", "busy")
    before = farewells(systemd)
    for _ in range(ROUNDS):
        started(systemd)
        time.sleep(chance.random())
        systemd.run(f"systemctl stop {UNIT}")
        assert [systemd.show(what) for what in ("ActiveState", "Result")] == ["inactive", "success"]

    assert farewells(systemd) - before == ROUNDS  # each time by itself, not by systemd's last resort
    assert "code=killed" not in systemd.journal(f"-u {UNIT} -n {ROUNDS * 6}")


def farewells(systemd: Any) -> int:
    return systemd.journal(f"-u {UNIT} PRIORITY=6").splitlines().count("stopped")


def test_inside_the_sandbox_too_a_child_dies_with_its_daemon(systemd: Any) -> None:
    systemd.adjust(KillMode="process", Restart="no")  # systemd leaves the child alone
    systemd.write(f"{STATE}/mode", "long")
    started(systemd)
    child = systemd.eventually(systemd.works, "the work")[0]["pid"]
    systemd.run(f"kill -0 {child} && kill -9 {systemd.main_pid()}")

    systemd.eventually(lambda: not systemd.run(f"ps -o pid= -p {child}", check=False), "the end of the child", 5)


def test_bad_configuration_at_the_start_fails_for_good_and_alerts(systemd: Any) -> None:
    systemd.configure(text="{")
    systemd.run(f"systemctl start {UNIT}", check=False)

    assert [systemd.show(what) for what in ("ActiveState", "ExecMainStatus", "NRestarts")] == ["failed", "78", "0"]
    systemd.eventually(lambda: "is not restarted" in systemd.journal("-t kpi-agent PRIORITY=1"), "the alert")
    assert "not started: kpi-agent.json:1:1: is not JSON" in systemd.journal(f"-u {UNIT} PRIORITY=2")
