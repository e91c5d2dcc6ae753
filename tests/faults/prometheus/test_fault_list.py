"""Each fault of the list ends in a typed answer, in time and in little memory.

``FAULTS_AT=1`` gives each the product's own 60 seconds, 0.05 (if not set) a twentieth of them.
"""

from __future__ import annotations

import json
import os
import re
import socket
import ssl
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from faults.prometheus import asker
from faults.prometheus.fault_list import ANSWERS, GOOD, NETWORK, REJECTED, STATUS, UNAVAILABLE, Fault, drip
from kpi_agent.collectors.session import Limits
from lab.certificates import self_signed, serving
from lab.loopback import Act, loopback, reply

SHARE = float(os.environ.get("FAULTS_AT", "0.05"))
MOST_SECONDS = 60 * SHARE + 2  # the machine may be busy while an answer is sent
MOST_MEGABYTES = 100
LISTED = {**NETWORK, **STATUS, **ANSWERS}
PLACES = ("nothing listens", "no such host", "handshake that never comes")
CERTIFICATES: dict[str, tuple[str, str]] = {
    "signed by itself": (REJECTED, r"cannot be trusted \(self-signed certificate\)"),
    "expired": (REJECTED, r"cannot be trusted \(certificate has expired\)"),
    "for another name": (REJECTED, "mend the certificate or the host name"),
    "drip through TLS": (UNAVAILABLE, "no whole answer within"),
    "no TLS at all": (REJECTED, "check https or http in url"),
}
NAMED = (
    "empty",
    "error with 200",
    "warnings",
    "NaN",
    "±Inf",
    "wrong type",
    "two series for one",
    "hang",
    "drip",
    "1 GB body",
    "429",
    "redirect",
    "login page",
    "truncated gzip",
)


@dataclass(slots=True)
class Asker:
    """A process that asks."""

    process: subprocess.Popen[str]

    def ask(self, url: str, ca_file: Path | None = None) -> dict[str, Any]:
        """Return what came of a question to *url*."""
        question = {"url": url, "ca_file": None if ca_file is None else str(ca_file), "share": SHARE}
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        return told


@pytest.fixture(scope="module")
def asking() -> Iterator[Asker]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    with subprocess.Popen(
        [sys.executable, "-W", "ignore", asker.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        yield Asker(process)
        assert process.stdin is not None
        process.stdin.close()


def judge(told: dict[str, Any], outcome: str, says: str) -> None:
    """Fail unless the answer has its type and its words, and came in time and in little memory."""
    message = told["message"]
    assert told["outcome"] == outcome, message
    assert re.search(says, message), message
    assert message.isprintable()
    assert "hunter2" not in message
    assert "s3cret" not in message
    assert told["seconds"] <= MOST_SECONDS
    assert 0 < told["megabytes"] <= MOST_MEGABYTES


@pytest.mark.parametrize("name", LISTED)
def test_each_answer_that_is_none_is_typed_and_bounded(name: str, asking: Asker) -> None:
    fault = LISTED[name]
    with loopback(fault.act) as server:
        told = asking.ask(server.url)

    judge(told, fault.outcome, fault.says)
    if fault.outcome == "unknown":
        assert told["expected"] == 10  # samples that are missing are told as missing


@contextmanager
def _place(name: str) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        if name == "handshake that never comes":
            yield f"https://127.0.0.1:{port}"
            return
    yield f"http://127.0.0.1:{port}" if name == "nothing listens" else "http://prometheus.invalid:9090"


@pytest.mark.parametrize("name", PLACES)
def test_each_place_without_a_server_is_typed_and_bounded(name: str, asking: Asker) -> None:
    with _place(name) as url:
        told = asking.ask(url)

    judge(told, UNAVAILABLE, "refuses connections|host name is not known|in time|no whole answer within")


@pytest.mark.parametrize("name", CERTIFICATES)
def test_each_bad_tls_is_typed_and_bounded(name: str, asking: Asker, tmp_path: Path) -> None:
    days, host = -1 if name == "expired" else 2, "DNS:other.example" if "name" in name else "IP:127.0.0.1"
    pair = self_signed(tmp_path, "server", host, days=days)
    act: Act = drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b" " * 100_000)
    context: ssl.SSLContext | None = None if name == "no TLS at all" else serving(pair)
    with ExitStack() as stack:
        server = stack.enter_context(loopback(act if "drip" in name else reply(GOOD), tls=context))
        told = asking.ask(server.url.replace("http://", "https://"), None if name == "signed by itself" else pair.cert)

    judge(told, *CERTIFICATES[name])


def test_a_good_answer_is_read_by_the_same_road(asking: Asker) -> None:
    with loopback(reply(GOOD)) as server:
        told = asking.ask(server.url)

    assert (told["outcome"], told["message"]) == ("known", "")


def test_the_list_is_whole() -> None:
    kinds = Counter(fault.kind for fault in LISTED.values())

    assert [kind for kind in NAMED if not kinds[kind]] == []
    assert len(LISTED) + len(PLACES) + len(CERTIFICATES) == 74
    assert Limits().total_seconds == 60


def test_names_say_one_fault_each() -> None:
    tables: list[dict[str, Fault]] = [NETWORK, STATUS, ANSWERS]

    assert len(LISTED) == sum(len(table) for table in tables)
