"""A real daemon process per test, heard on a real notification socket."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

STAND_IN = Path(__file__).parents[2] / "service" / "stand_in.py"
PATIENCE_SECONDS = 15.0


class Daemon:
    """The stand-in under *home*, which holds its settings, its state directory, its socket and its log."""

    def __init__(self, home: Path, **settings: Any) -> None:
        self.home = home
        self.state_dir = home / "state"
        self.state_dir.mkdir(parents=True, exist_ok=True)
        self.settings = {"state_dir": str(self.state_dir), "label": "first", **settings}
        self.configure()
        self.process: subprocess.Popen[bytes] | None = None
        self.messages: list[str] = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(home / "notify"))
        self._socket.setblocking(False)

    def configure(self, text: str | None = None, **changes: Any) -> None:
        self.settings |= changes
        (self.home / "settings.json").write_text(json.dumps(self.settings) if text is None else text)

    def behave(self, mode: str) -> None:
        (self.state_dir / "mode").write_text(mode)

    def set_clock_ahead(self, seconds: int) -> None:
        fresh = self.state_dir / "clock.offset.new"
        fresh.write_text(str(seconds))
        fresh.replace(self.state_dir / "clock.offset")

    def start(self) -> "Daemon":
        with (self.home / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, STAND_IN, self.home / "settings.json"],
                env={**os.environ, "NOTIFY_SOCKET": str(self.home / "notify")},
                stderr=log,
            )
        return self

    @property
    def pid(self) -> int:
        return self.process.pid

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self, seconds: float = PATIENCE_SECONDS) -> int:
        return self.process.wait(seconds)

    def log(self) -> str:
        return (self.home / "log").read_text()

    def heart(self) -> dict[str, Any]:
        path = self.state_dir / "daemon.json"
        self.eventually(path.exists, "the first heartbeat")
        return json.loads(path.read_text())

    def works(self) -> list[dict[str, Any]]:
        path = self.state_dir / "work.log"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def heard(self) -> list[str]:
        """All messages so far, one per field."""
        try:
            while True:
                self.messages += self._socket.recv(65_536).decode().splitlines()
        except BlockingIOError:
            return self.messages

    def is_ready(self) -> bool:
        return "READY=1" in self.heard()

    def await_works(self, count: int) -> list[dict[str, Any]]:
        self.eventually(lambda: len(self.works()) >= count, f"{count} works")
        return self.works()

    def eventually(self, look: Callable[[], Any], what: str, seconds: float = PATIENCE_SECONDS) -> Any:
        """The first true value of *look*."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found := look():
                return found
            time.sleep(0.01)
        return pytest.fail(f"not seen within {seconds:g} s: {what}; log:\n{self.log()}")

    @staticmethod
    def is_alive(pid: int) -> bool:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        return state != "Z"

    def close(self) -> None:
        self._socket.close()
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()


@pytest.fixture
def daemon_of(tmp_path: Path) -> Iterator[Callable[..., Daemon]]:
    """Builds daemons, and ends them after the test."""
    daemons: list[Daemon] = []

    def build(home: str = "one", **settings: Any) -> Daemon:
        (tmp_path / home).mkdir()
        daemons.append(Daemon(tmp_path / home, **settings))
        return daemons[-1]

    yield build
    for daemon in daemons:
        daemon.close()
