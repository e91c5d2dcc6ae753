from __future__ import annotations

import socket
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.collectors.session import Limits
from kpi_agent.domain.errors import SourceRejected, SourceUnavailable
from kpi_agent.domain.observation import SignalObservation
from kpi_agent.domain.source import PrometheusSource, Signal
from kpi_agent.domain.time import Interval
from kpi_agent.domain.timeline import Run
from lab.loopback import loopback, matrix, reply

START = 1_790_812_800  # 2026-10-01 00:00 UTC
WINDOW = Interval(START, START + 600)
SIGNAL = Signal("up/portal", 'probe_success{service="portal"}', "", every=60)
LABELS = {"__name__": "probe_success", "service": "portal"}
GOOD = matrix((LABELS, [(START + t, "1") for t in range(0, 600, 60)]))
QUICK = Limits(
    connect_seconds=0.5,
    read_seconds=0.4,
    total_seconds=0.8,
    body_bytes=1_000_000,
    first_wait_seconds=0.01,
    longest_wait_seconds=0.2,
)


def observe(url: str, source: PrometheusSource | None = None, limits: Limits = QUICK) -> SignalObservation:
    return Prometheus(source or PrometheusSource("main", url), limits=limits).observe(SIGNAL, "", WINDOW)


def test_a_port_where_nothing_listens_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(SourceUnavailable, match="refuses connections: is the server running"):
        observe(f"http://127.0.0.1:{port}")


def test_a_host_name_that_does_not_exist_is_unavailable() -> None:
    with pytest.raises(SourceUnavailable, match="the host name is not known"):
        observe("http://prometheus.invalid:9090")


@pytest.mark.parametrize("url", ["prometheus:9090", "ftp://127.0.0.1", "http://", "http://[::1", "http://a b"])
def test_an_address_that_is_none_is_rejected(url: str) -> None:
    with pytest.raises(SourceRejected, match="no address that can be asked"):
        observe(url)


def test_a_busy_server_is_asked_again() -> None:
    busy = reply("", status="503 Service Unavailable", headers={"Retry-After": "0"})
    with loopback(busy, reply("", status="429 Too Many Requests"), reply(GOOD)) as server:
        seen = observe(server.url)

    assert seen.samples == 10
    assert len(server.requests) == 3


def test_a_busy_server_is_not_asked_for_ever() -> None:
    with (
        loopback(reply("", status="504 Gateway Timeout")) as server,
        pytest.raises(SourceUnavailable, match="HTTP 504"),
    ):
        observe(server.url)

    assert len(server.requests) == 3


def test_a_redirect_is_not_followed() -> None:
    with loopback(reply(GOOD)) as elsewhere:
        away = reply("", status="307 Temporary Redirect", headers={"Location": elsewhere.url + "/api/v1/query"})
        with loopback(away) as server, pytest.raises(SourceRejected):
            observe(server.url)

    assert elsewhere.requests == []


def test_a_remark_on_the_query_is_kept_and_means_nothing_missing() -> None:
    remarks = {"infos": ["PromQL info: x"], "warnings": ["PromQL warning: y"]}
    with loopback(reply(GOOD | remarks)) as server:
        seen = observe(server.url)

    assert not seen.is_partial
    assert set(seen.warnings) == {"PromQL info: x", "PromQL warning: y"}


def test_samples_that_are_no_number_are_unknown() -> None:
    values = [(START, "1"), (START + 60, "NaN"), (START + 120, "+Inf"), (START + 180, "-Inf"), (START + 240, "0")]
    with loopback(reply(matrix((LABELS, values)))) as server:
        seen = observe(server.url)

    assert seen.lines[""].runs == (Run(START, START + 60, 1), Run(START + 240, START + 300, 0))  # type: ignore[arg-type]
    assert seen.warnings == ("signal up/portal: NaN or infinite values: unknown while they last",)


def test_samples_outside_the_window_that_was_asked_are_not_taken() -> None:
    values = [(-5, "1"), (START + 60, "1"), (START + 600, "0"), (START + 10**9, "0")]
    with loopback(reply(matrix((LABELS, values)))) as server:
        seen = observe(server.url)

    assert seen.samples == 1
    assert [r.value for r in seen.lines[""].runs] == [1]


def test_no_netrc_no_proxy_and_no_cookie_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login run password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with loopback(reply(GOOD, headers={"Set-Cookie": "session=abc"})) as server:
        observe(server.url)
        observe(server.url)

    assert server.requests
    for request in server.requests:
        assert b"authorization" not in request.lower()
        assert b"cookie" not in request.lower()


def test_stores_are_asked_for_whole_data() -> None:
    with loopback(reply(GOOD)) as server:
        observe(server.url)

    line = server.requests[0].split(b"\r\n")[0]
    for parameter in (b"partial_response=false", b"deny_partial_response=1", b"nocache=1", b"max_source_resolution=0s"):
        assert parameter in line


def test_pieces_overlap_because_ranges_may_be_open_on_the_left() -> None:
    with loopback(reply(matrix())) as server:
        prometheus = Prometheus(PrometheusSource("main", server.url), limits=QUICK)
        prometheus.observe(SIGNAL, "", Interval(START, START + 120 * 86400))

    asked = [parse_qs(request.split()[1].decode().partition("?")[2]) for request in server.requests]
    pieces = [(int(q["time"][0]) - int(q["query"][0].rpartition("[")[2][:-2]), int(q["time"][0])) for q in asked]
    assert len(pieces) > 4
    assert all(following[0] < piece[1] for piece, following in pairwise(pieces))
    assert pieces[-1][1] == START + 120 * 86400
    assert max(end - start for start, end in pieces) <= 31 * 86400 + 1


def test_a_long_question_is_sent_as_a_form() -> None:
    matcher = ",".join(f'host!="web{n:03}.acme.example"' for n in range(100))
    with loopback(reply(GOOD)) as server:
        Prometheus(PrometheusSource("main", server.url), limits=QUICK).observe(SIGNAL, matcher, WINDOW)

    assert server.requests[0].startswith(b"POST /api/v1/query HTTP/1.1\r\n")
    assert b"web099.acme.example" in server.requests[0].partition(b"\r\n\r\n")[2]


def test_secrets_are_read_at_each_use_and_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first-s3cret\n")
    echo = {"status": "error", "errorType": "bad_data", "error": "no such token: first-s3cret second-s3cret"}
    with loopback(reply(echo)) as server:
        source = PrometheusSource("main", server.url, token_file=file, headers={"X-Api-Key": "k3y-of-acme"})
        prometheus = Prometheus(source, limits=QUICK)
        with pytest.raises(SourceRejected) as raised:
            prometheus.observe(SIGNAL, "", WINDOW)
        file.write_text("second-s3cret\n")
        with pytest.raises(SourceRejected):
            prometheus.observe(SIGNAL, "", WINDOW)

    assert b"Authorization: Bearer first-s3cret\r\n" in server.requests[0]
    assert b"Authorization: Bearer second-s3cret\r\n" in server.requests[1]
    assert b"X-Api-Key: k3y-of-acme" in server.requests[0]
    assert "no such token: *** second-s3cret" in str(raised.value)


def test_a_password_with_any_letter_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text("pä:ß€\n", encoding="utf-8")
    with loopback(reply(GOOD)) as server:
        observe(server.url, PrometheusSource("main", server.url, username="run", password_file=file))

    assert b"Authorization: Basic cnVuOnDDpDrDn+KCrA==\r\n" in server.requests[0]


@pytest.mark.parametrize("content", [b"two\nlines-s3cret", b"\xff\xfes3cret", b"s3cret\x00"])
def test_a_token_that_no_header_can_carry_is_rejected_without_showing_it(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)

    with pytest.raises(SourceRejected, match="token_file") as raised:
        observe("http://127.0.0.1:1", PrometheusSource("main", "http://127.0.0.1:1", token_file=file))

    assert "s3cret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_secret_file_that_is_missing_is_named(tmp_path: Path) -> None:
    source = PrometheusSource("main", "http://127.0.0.1:1", username="run", password_file=tmp_path / "none")

    with pytest.raises(SourceRejected, match=r"password_file .*/none cannot be read: No such file"):
        observe(source.url, source)


def test_a_server_without_status_pages_is_still_a_server() -> None:
    clock = reply({"status": "success", "data": {"resultType": "scalar", "result": [START, f"{START}.2"]}})
    with loopback(clock, reply("404 page not found", status="404 Not Found")) as server:
        facts = Prometheus(PrometheusSource("main", server.url), limits=QUICK).server(now=START - 61)

    assert (facts.version, facts.retention, facts.clock_difference) == ("of unknown version", None, 61)


@pytest.mark.parametrize(
    ("clock", "build", "told"),
    [
        ("scalar", {"version": "2.42.0", "revision": "225c61122d88"}, "prometheus 2.42.0"),
        ("scalar", {"version": "3.5.0", "goVersion": "go1.24.5"}, "prometheus 3.5.0"),
        ("scalar", {"version": "0.41.0", "revision": "abc", "branch": "HEAD"}, "thanos 0.41.0"),
        ("scalar", {"version": "2.17.1", "application": "Grafana Mimir", "features": {}}, "mimir 2.17.1"),
        ("scalar", {"version": "\x1b[31m3.0"}, "prometheus [31m3.0"),
        ("scalar", {"version": 3}, "prometheus 3"),
        ("vector", {}, "victoriametrics of unknown version"),
        ("vector", {"version": "2.24.0"}, "victoriametrics of unknown version"),
    ],
)
def test_a_server_is_known_by_what_it_tells(clock: str, build: object, told: str) -> None:
    value = [START, f"{START}"]
    data = {"resultType": clock, "result": value if clock == "scalar" else [{"metric": {}, "value": value}]}
    answers = [reply({"status": "success", "data": part}) for part in (data, build, {})]
    with loopback(*answers) as server:
        facts = Prometheus(PrometheusSource("main", server.url), limits=QUICK).server(now=START)

    assert str(facts) == told


@pytest.mark.parametrize("kind", ["scalar", "vector"])
@pytest.mark.parametrize("result", [[], [START], [START, "x"], [START, "NaN"], [START, "+Inf"], [{"value": []}], None])
def test_a_clock_that_tells_no_instant_is_rejected(kind: str, result: object) -> None:
    answer = reply({"status": "success", "data": {"resultType": kind, "result": result}})
    with loopback(answer) as server, pytest.raises(SourceRejected, match="no instant"):
        Prometheus(PrometheusSource("main", server.url), limits=QUICK).server(now=START)
