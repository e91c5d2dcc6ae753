"""A real systemd, booted in a container, with the shipped units and the stand-in as /usr/bin/kpi-agent."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apscheduler
import pytest

REPO = Path(__file__).parents[2]
ROOT = Path(os.environ.get("KPI_AGENT_SYSTEMD_ROOT", "/var/tmp/kpi-agent-systemd-root/bookworm"))
DEBOOTSTRAP = (
    f"debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus,python3,libpam-systemd,procps bookworm {ROOT}"
)
PATIENCE_SECONDS = 60.0
UNIT = "kpi-agent.service"
STATE = "/var/lib/kpi-agent"
SETTINGS = "/etc/kpi-agent/kpi-agent.json"
PROGRAM = f"""#!/bin/sh
export PYTHONPATH=/mnt/repo/agent:/mnt/site PYTHONDONTWRITEBYTECODE=1
exec /usr/bin/python3 /mnt/repo/tests/service/stand_in.py {SETTINGS}
"""


class Systemd:
    """A booted container; *leader* is its process 1 as seen from outside."""

    def __init__(self, leader: int) -> None:
        self.leader = leader

    def run(self, command: str, *, stdin: str = "", check: bool = True) -> str:
        """What the shell *command* wrote in the container."""
        enter = ["nsenter", "-t", str(self.leader), "-m", "-p", "-u", "-i", "-n", "--", "/bin/sh", "-c", command]
        end = subprocess.run(enter, input=stdin, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
        if check and end.returncode:
            pytest.fail(f"{command}: {end.stdout}{end.stderr}\n{self.run('journalctl -n 30 --no-pager', check=False)}")
        return end.stdout.strip()

    def write(self, path: str, text: str) -> None:
        self.run(f"mkdir -p $(dirname {path}) && cat > {path}.new && mv {path}.new {path}", stdin=text)

    def show(self, what: str, unit: str = UNIT) -> str:
        return self.run(f"systemctl show -P {what} {unit}")

    def journal(self, arguments: str) -> str:
        return self.run(f"journalctl --sync; journalctl --no-pager -o cat {arguments}")

    def eventually(self, look: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.1)
        return pytest.fail(f"not seen within {seconds:g} s: {what}\n{self.journal('-n 40')}")

    def is_active(self) -> bool:
        return self.show("ActiveState") == "active"

    def main_pid(self) -> int:
        return int(self.show("MainPID"))

    def works(self) -> list[dict[str, Any]]:
        lines = self.run(f"cat {STATE}/work.log 2>/dev/null || true").splitlines()
        return [json.loads(line) for line in lines]

    def configure(self, text: str | None = None, **changes: Any) -> None:
        usual = {"state_dir": STATE, "label": "first", "tick_seconds": 0.2}
        self.write(SETTINGS, json.dumps(usual | changes) if text is None else text)

    def adjust(self, **lines: str) -> None:
        """Set [Service] *lines* in a drop-in, as `systemctl edit` would."""
        self.write(
            f"/etc/systemd/system/{UNIT}.d/test.conf", "[Service]\n" + "".join(f"{k}={v}\n" for k, v in lines.items())
        )
        self.run("systemctl daemon-reload")


def _reason_to_skip() -> str:
    if os.geteuid() != 0:
        return "needs root, to boot a systemd in a container"
    for program, package in (("systemd-nspawn", "systemd-container"), ("nsenter", "util-linux")):
        if shutil.which(program) is None:
            return f"{program} is missing: install the Debian package {package}"
    if not (ROOT / "usr/lib/systemd/systemd").exists():
        return f"no root to boot: {DEBOOTSTRAP}"
    return ""


@pytest.fixture(scope="session")
def booted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Systemd]:
    if reason := _reason_to_skip():
        pytest.skip(reason)
    site = Path(apscheduler.__file__).parents[1]
    console = tmp_path_factory.mktemp("systemd") / "console"
    binds = [f"--bind-ro={REPO}:/mnt/repo", f"--bind-ro={site}:/mnt/site"]
    isolated = ["--volatile=overlay", "--private-network", "--register=no", "--keep-unit"]
    with console.open("wb") as log:
        nspawn = subprocess.Popen(
            ["systemd-nspawn", "-q", "-D", ROOT, *isolated, *binds, "--boot"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    leader = 0
    try:
        leader = _leader_of(nspawn, console)
        systemd = Systemd(leader)
        _install(systemd)
        yield systemd
    finally:
        if leader and nspawn.poll() is None:
            os.kill(leader, signal.SIGRTMIN + 3)  # halt, in systemd's words
        try:
            nspawn.wait(20)
        except subprocess.TimeoutExpired:
            nspawn.kill()
            nspawn.wait()


def _leader_of(nspawn: subprocess.Popen[bytes], console: Path) -> int:
    children = Path(f"/proc/{nspawn.pid}/task/{nspawn.pid}/children")
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and nspawn.poll() is None:
        if pids := children.read_text().split():
            systemd = Systemd(int(pids[0]))
            # "offline" or an error until its bus answers; other units of a bare root do not matter here
            if systemd.run("systemctl is-system-running --wait 2>&1", check=False) in {"running", "degraded"}:
                return systemd.leader
        time.sleep(0.1)
    return pytest.skip(f"no systemd boots here: {console.read_text(errors='replace')[-500:]}")


def _install(systemd: Systemd) -> None:
    for name in ("kpi-agent.service", "kpi-agent-alert.service"):
        systemd.write(f"/usr/lib/systemd/system/{name}", (REPO / "systemd" / name).read_text())
    for folder in ("sysusers.d", "tmpfiles.d"):
        systemd.write(f"/usr/lib/{folder}/kpi-agent.conf", (REPO / "systemd" / folder / "kpi-agent.conf").read_text())
    systemd.write("/usr/bin/kpi-agent", PROGRAM)
    systemd.run(f"chmod 755 /usr/bin/kpi-agent; systemd-sysusers; systemd-tmpfiles --create; echo {shlex.quote(UNIT)}")


@pytest.fixture
def systemd(booted: Systemd) -> Iterator[Systemd]:
    """The container with the service stopped, its state empty and its settings as shipped."""
    booted.run(f"find {STATE} -type f -delete; rm -rf /etc/systemd/system/{UNIT}.d")
    booted.run("systemctl daemon-reload")
    booted.configure()
    yield booted
    booted.run(f"systemctl stop {UNIT}; systemctl reset-failed {UNIT} 2>/dev/null || true", check=False)
