from __future__ import annotations

import socket
from pathlib import Path

import pytest

from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.collectors.session import Limits
from kpi_agent.domain.errors import SourceRejected, SourceUnavailable
from kpi_agent.domain.source import PrometheusSource, Signal, Tls
from kpi_agent.domain.time import Interval
from lab.certificates import Pair, self_signed, serving
from lab.loopback import loopback, matrix, reply

START = 1_790_812_800  # 2026-10-01 00:00 UTC
QUICK = Limits(connect_seconds=0.5, read_seconds=0.5, total_seconds=1)
GOOD = reply(matrix(({"instance": "web01"}, [(START, "1")])))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="module")
def own(folder: Path) -> Pair:
    return self_signed(folder, "server", "IP:127.0.0.1")


@pytest.fixture(scope="module")
def agent(folder: Path) -> Pair:
    return self_signed(folder, "agent", "DNS:agent")


def observe(url: str, tls: Tls | None = None) -> int:
    prometheus = Prometheus(PrometheusSource("main", url, tls=tls or Tls()), limits=QUICK)
    return prometheus.observe(Signal("up", "up", "instance", every=60), "", Interval(START, START + 60)).samples


def test_a_certificate_that_signs_itself_is_rejected(own: Pair) -> None:
    with (
        loopback(GOOD, tls=serving(own)) as server,
        pytest.raises(
            SourceRejected, match=r"cannot be trusted \(self-signed certificate\): name its authority in tls\.ca"
        ),
    ):
        observe(server.url)

    assert server.requests == []


def test_its_own_authority_makes_it_good(own: Pair) -> None:
    with loopback(GOOD, tls=serving(own)) as server:
        assert observe(server.url, Tls(ca_file=own.cert)) == 1


def test_another_name_in_the_certificate_is_rejected(folder: Path) -> None:
    other = self_signed(folder, "other", "DNS:other.example")
    with (
        loopback(GOOD, tls=serving(other)) as server,
        pytest.raises(SourceRejected, match="mend the certificate or the"),
    ):
        observe(server.url, Tls(ca_file=other.cert))


def test_a_certificate_that_expired_is_rejected_and_said_to_be(folder: Path) -> None:
    old = self_signed(folder, "old", "IP:127.0.0.1", days=-1)
    with (
        loopback(GOOD, tls=serving(old)) as server,
        pytest.raises(SourceRejected, match=r"certificate that cannot be trusted \(certificate has expired\)"),
    ):
        observe(server.url, Tls(ca_file=old.cert))


def test_a_client_certificate_is_shown_to_a_server_that_wants_one(own: Pair, agent: Pair) -> None:
    with loopback(GOOD, tls=serving(own, clients=agent)) as server:
        assert observe(server.url, Tls(ca_file=own.cert, cert_file=agent.cert, key_file=agent.key)) == 1


def test_a_missing_client_certificate_is_rejected(own: Pair, agent: Pair) -> None:
    with (
        loopback(GOOD, tls=serving(own, clients=agent)) as server,
        pytest.raises((SourceRejected, SourceUnavailable), match=r"TLS failed|client certificate|broke the connection"),
    ):
        observe(server.url, Tls(ca_file=own.cert))


def test_a_plain_server_asked_by_tls_is_rejected() -> None:
    with loopback(GOOD) as server, pytest.raises(SourceRejected, match=r"TLS failed .*: check https or http in url"):
        observe(server.url.replace("http://", "https://"))


def test_a_handshake_that_never_comes_ends_in_time() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(SourceUnavailable, match=r"in time|within 1 s"),
    ):
        observe(f"https://127.0.0.1:{silent.getsockname()[1]}")


def test_an_answer_that_drips_through_tls_ends_in_time(own: Pair) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            connection.sendall(b" ")
            connection.settimeout(0.02)
            try:
                connection.recv(1)
            except TimeoutError:
                continue
            return

    with (
        loopback(drip, tls=serving(own)) as server,
        pytest.raises(SourceUnavailable, match="no whole answer within 1 s"),
    ):
        observe(server.url, Tls(ca_file=own.cert))


@pytest.mark.parametrize("name", ["ca_file", "cert_file", "key_file"])
def test_a_file_of_tls_that_is_missing_is_named(name: str, tmp_path: Path) -> None:
    missing = tmp_path / "none.pem"
    tls = {"ca_file": Tls(ca_file=missing), "cert_file": Tls(cert_file=missing), "key_file": Tls(key_file=missing)}[
        name
    ]

    with pytest.raises(SourceRejected, match=rf"tls\.{name} .*none\.pem is no file"):
        observe("https://127.0.0.1:1", tls)


@pytest.mark.parametrize("which", ["ca_file", "cert_file"])
def test_a_file_of_tls_that_holds_no_certificate_is_rejected(which: str, own: Pair, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("no certificate\n")
    tls = Tls(ca_file=garbage) if which == "ca_file" else Tls(ca_file=own.cert, cert_file=garbage, key_file=own.key)
    with loopback(GOOD, tls=serving(own)) as server, pytest.raises(SourceRejected, match=r"TLS failed .*tls"):
        observe(server.url, tls)


def test_a_key_with_a_passphrase_is_rejected_and_nobody_is_asked(folder: Path, own: Pair) -> None:
    locked = self_signed(folder, "locked", "DNS:agent", passphrase="hunter2")
    with loopback(GOOD, tls=serving(own)) as server, pytest.raises(SourceRejected, match="TLS failed"):
        observe(server.url, Tls(ca_file=own.cert, cert_file=locked.cert, key_file=locked.key))
