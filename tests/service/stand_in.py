"""A daemon whose work does what a test asks for: `stand_in.py SETTINGS.json`. All around the work is real.

Settings: state_dir, label, tick_seconds, work_timeout, idle_seconds, watch. The files `mode` and `clock.offset` in the
state directory change what the work does and what the clock says while it runs; `work.log` gets a line per work.
"""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from kpi_agent.daemon.service import Tick, TickResult, serve
from kpi_agent.domain.errors import InvalidConfiguration
from kpi_agent.domain.problem import Problem

SETTINGS = Path(sys.argv[1])


def load() -> dict:
    with suppress(OSError):  # under systemd that folder is read-only
        (SETTINGS.parent / "loading").touch()
    try:
        return json.loads(SETTINGS.read_text())
    except ValueError as error:
        raise InvalidConfiguration([Problem(SETTINGS.name, "is not JSON", 1, 1)]) from error


def state_dir_of(settings: dict) -> Path:
    return Path(settings["state_dir"])


def clock() -> float:
    try:
        offset = float((Path(FIRST["state_dir"]) / "clock.offset").read_text() or "0")
    except FileNotFoundError:
        offset = 0.0
    return time.time() + offset


def work(settings: dict, tick: Tick) -> TickResult:
    state_dir = Path(settings["state_dir"])
    try:
        mode = (state_dir / "mode").read_text().strip()
    except FileNotFoundError:
        mode = "ok"
    grandchild = os.fork() if mode == "litter" else None
    if grandchild == 0:
        time.sleep(1000)
    with (state_dir / "work.log").open("a") as log:
        line = {
            "pid": os.getpid(),
            "now": tick.now,
            "is_clock_suspicious": tick.is_clock_suspicious,
            "label": settings.get("label", ""),
            "mode": mode,
            "grandchild": grandchild,
            "notify": os.environ.get("NOTIFY_SOCKET"),
        }
        log.write(json.dumps(line) + "\n")
    misbehave(mode)
    return TickResult(tick.now + settings.get("idle_seconds", 0), tuple(settings.get("watch", ())), f"{mode} done")


def misbehave(mode: str) -> None:
    if mode == "busy":
        time.sleep(0.3)
    elif mode == "long":
        time.sleep(1000)
    elif mode == "hang":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        time.sleep(1000)
    elif mode == "crash":
        signal.signal(signal.SIGSEGV, signal.SIG_DFL)  # no traceback of faulthandler in the test's output
        os.kill(os.getpid(), signal.SIGSEGV)
    elif mode == "exit":
        os._exit(7)
    elif mode == "raise":
        raise RuntimeError("password is tr0ub4dor")


if __name__ == "__main__":
    try:
        FIRST = json.loads(SETTINGS.read_text())
    except ValueError:
        FIRST = {"state_dir": "."}
    sys.exit(
        serve(
            load=load,
            work=work,
            state_dir_of=state_dir_of,
            tick_seconds=FIRST.get("tick_seconds", 0.1),
            work_timeout=FIRST.get("work_timeout", 30),
            clock=clock,
        )
    )
