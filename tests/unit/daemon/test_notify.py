import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_agent.daemon.notify import Notifier


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(5)
        yield channel


def test_each_message_is_one_datagram(supervisor: socket.socket, tmp_path: Path) -> None:
    notifier = Notifier.from_environment({"NOTIFY_SOCKET": str(tmp_path / "notify")})
    notifier.ready("starting")
    notifier.status("Août: tout va bien")
    notifier.watchdog()
    notifier.stopping()

    assert [supervisor.recv(4096).decode() for _ in range(4)] == [
        "READY=1\nSTATUS=starting",
        "STATUS=Août: tout va bien",
        "WATCHDOG=1",
        "STOPPING=1\nSTATUS=stopping",
    ]


def test_a_reload_says_when_it_began(supervisor: socket.socket, tmp_path: Path) -> None:
    Notifier(str(tmp_path / "notify")).reloading()

    first, second = supervisor.recv(4096).decode().splitlines()
    assert first == "RELOADING=1"
    assert second.removeprefix("MONOTONIC_USEC=").isdigit()


def test_a_status_cannot_smuggle_in_another_field(supervisor: socket.socket, tmp_path: Path) -> None:
    Notifier(str(tmp_path / "notify")).status("bad\nWATCHDOG=1")

    assert supervisor.recv(4096) == b"STATUS=bad WATCHDOG=1"


def test_a_socket_in_the_abstract_space_is_reached() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind("")  # the kernel picks a free abstract name
        channel.settimeout(5)
        Notifier("@" + channel.getsockname()[1:].decode()).watchdog()

        assert channel.recv(4096) == b"WATCHDOG=1"


def test_without_a_supervisor_or_with_a_dead_one_nothing_happens(tmp_path: Path) -> None:
    Notifier.from_environment({}).ready("starting")
    Notifier(str(tmp_path / "nobody")).watchdog()


def test_a_supervisor_that_does_not_read_never_blocks_the_daemon(supervisor: socket.socket, tmp_path: Path) -> None:
    for _ in range(2000):
        Notifier(str(tmp_path / "notify")).watchdog()
