from __future__ import annotations

import gzip
import json
import socket
import time
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from kpi_agent.collectors.prometheus import Prometheus
from kpi_agent.collectors.session import Limits
from kpi_agent.domain.errors import SourceError, SourceRejected, SourceUnavailable
from kpi_agent.domain.observation import SignalObservation
from kpi_agent.domain.source import PrometheusSource, Signal
from kpi_agent.domain.time import Interval
from kpi_agent.domain.timeline import Run
from lab.loopback import Act, loopback, matrix, reply

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
API_ERROR = {"status": "error", "errorType": "execution", "error": "query processing failed"}
LOGIN = "<!DOCTYPE html><html><title>Sign in</title></html>"


def observe(url: str, source: PrometheusSource | None = None, limits: Limits = QUICK) -> SignalObservation:
    return Prometheus(source or PrometheusSource("main", url), limits=limits).observe(SIGNAL, "", WINDOW)


def refused(*acts: Act) -> SourceError:
    with loopback(*acts) as server, pytest.raises(SourceError) as raised:
        observe(server.url)
    return raised.value


def hang(connection: socket.socket) -> None:
    connection.recv(1)


def drip_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
    _drip(connection, b'{"status":"success",' + b" " * 100_000)


def drip_head(connection: socket.socket) -> None:
    _drip(connection, b"HTTP/1.1 200 OK\r\nX-Padding: " + b"x" * 100_000)


def _drip(connection: socket.socket, text: bytes) -> None:
    for byte in text:
        connection.sendall(bytes([byte]))
        time.sleep(0.02)


def endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    while True:
        connection.sendall(b" " * 65536)


def say(raw: bytes) -> Act:
    def act(connection: socket.socket) -> None:
        connection.sendall(raw)

    return act


def packed(body: bytes, *, cut: int = 0) -> Act:
    content = gzip.compress(body)
    return reply(content[: len(content) - cut], headers={"Content-Encoding": "gzip"})


UNAVAILABLE: dict[str, tuple[Act, str]] = {
    "empty body": (reply(b""), "answered an empty body"),
    "truncated JSON": (reply(json.dumps(GOOD)[:-9]), "damaged or cut JSON"),
    "body shorter than announced": (reply(GOOD, length=5000), "broke the connection or sent damaged data"),
    "JSON with NaN": (reply('{"status": "success", "data": NaN}'), "damaged or cut JSON"),
    "truncated gzip": (packed(json.dumps(GOOD).encode(), cut=30), "damaged or cut JSON"),
    "damaged gzip": (reply(b"\x1f\x8b\x08garbage", headers={"Content-Encoding": "gzip"}), "sent damaged data"),
    "closed at once": (say(b""), "broke the connection"),
    "no HTTP": (say(b"SSH-2.0-OpenSSH_9.2\r\n"), "broke the connection"),
    "timeout with 200": (
        reply({"status": "error", "errorType": "timeout", "error": "query timed out"}),
        r"cannot answer now \(timeout\): query timed out",
    ),
    "500": (reply("oh", status="500 Internal Server Error"), "HTTP 500"),
    "503 for good": (reply(API_ERROR, status="503 Service Unavailable"), "query processing failed"),
    "502 from a proxy": (reply(LOGIN, status="502 Bad Gateway"), "HTTP 502"),
    "429 for a day": (
        reply("", status="429 Too Many Requests", headers={"Retry-After": "86400"}),
        r"asks to wait 86400 s \(HTTP 429\)",
    ),
    "503 until a date": (
        reply(
            "",
            status="503 Service Unavailable",
            headers={"Retry-After": "Thu, 01 Oct 2026 01:00:00 GMT", "Date": "Thu, 01 Oct 2026 00:00:00 GMT"},
        ),
        "asks to wait 3600 s",
    ),
    "hang": (hang, "did not answer in time"),
    "dripping body": (drip_body, r"no whole answer within 0\.8 s"),
    "dripping head": (drip_head, r"no whole answer within 0\.8 s"),
}

REJECTED: dict[str, tuple[Act, str]] = {
    "error with 200": (reply(API_ERROR), r"refused the query \(execution\): query processing failed"),
    "bad_data": (
        reply({"status": "error", "errorType": "bad_data", "error": "parse error"}, status="400 Bad Request"),
        r"refused the query \(bad_data\): parse error",
    ),
    "HTML with 200": (reply(LOGIN), "answered a web page, not the API: check url"),
    "HTML by its type": (reply("Please log in", headers={"Content-Type": "text/html"}), "a web page, not the API"),
    "login redirect": (
        reply(
            "", status="302 Found", headers={"Location": "https://run:hunter2@sso.acme.example/login?next=/&t=s3cret"}
        ),
        r"redirects to https://sso\.acme\.example/login; redirects are not followed",
    ),
    "redirect to itself": (reply("", status="301 Moved", headers={"Location": "/api/v1/query"}), "redirects to"),
    "401": (reply("", status="401 Unauthorized"), r"refused the credentials \(HTTP 401\): check username"),
    "403": (reply(LOGIN, status="403 Forbidden"), r"refused the credentials \(HTTP 403\)"),
    "404": (reply("404 page not found\n", status="404 Not Found"), "no Prometheus API there .*: check url"),
    "405": (reply("nope\x1b[31m", status="405 Method Not Allowed"), r"refused the request \(HTTP 405\): nope"),
    "plain text with 200": (reply("hello"), "something that is not JSON: check url"),
    "a list": (reply([1]), "not the Prometheus API's"),
    "another API": (reply({"ok": True}), "not the Prometheus API's"),
    "no result": (reply({"status": "success"}), "answered without a result"),
    "null data": (reply({"status": "success", "data": None}), "answered without a result"),
    "vector": (
        reply({"status": "success", "data": {"resultType": "vector", "result": []}}),
        "with a vector result where a matrix was asked",
    ),
    "no result type": (reply({"status": "success", "data": {"result": []}}), "with a nameless result"),
    "result is no list": (
        reply({"status": "success", "data": {"resultType": "matrix", "result": {"a": 1}}}),
        "answered another shape",
    ),
    "values are numbers": (
        reply({"status": "success", "data": {"resultType": "matrix", "result": [{"metric": {}, "values": [[1, 1]]}]}}),
        "answered another shape",
    ),
    "nested too deep": (reply("[" * 100_000), "not JSON"),
    "two series for one": (
        reply(matrix(({**LABELS, "prober": "a"}, [(START, "1")]), ({**LABELS, "prober": "b"}, [(START, "0")]))),
        'two series stand for the query at the same time: .*prober="a".* and .*prober="b"',
    ),
    "endless body": (endless, r"more than 1,000,000 bytes: narrow the query"),
    "gzip bomb": (packed(b" " * 60_000_000), r"more than 1,000,000 bytes"),
    "too many samples": (
        reply(
            {"status": "error", "errorType": "execution", "error": "query processing would load too many samples"},
            status="422 Unprocessable Entity",
        ),
        "refused the query as too large",
    ),
}


@pytest.mark.parametrize("fault", UNAVAILABLE)
def test_what_may_pass_is_unavailable(fault: str) -> None:
    act, message = UNAVAILABLE[fault]
    began = time.monotonic()

    error = refused(act)

    assert isinstance(error, SourceUnavailable)
    assert str(error).startswith("source main (http://127.0.0.1:")
    _matches(message, error)
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("fault", REJECTED)
def test_what_a_person_must_mend_is_rejected(fault: str) -> None:
    act, message = REJECTED[fault]
    began = time.monotonic()

    error = refused(act)

    assert isinstance(error, SourceRejected)
    _matches(message, error)
    assert str(error).isprintable()
    assert "hunter2" not in str(error)
    assert "s3cret" not in str(error)
    assert time.monotonic() - began < 3


def _matches(message: str, error: SourceError) -> None:
    with pytest.raises(SourceError, match=message):
        raise error


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


@pytest.mark.parametrize(
    ("addition", "warning"),
    [
        ({"warnings": ["store 192.0.2.9 is unreachable"]}, "store 192.0.2.9 is unreachable"),
        ({"isPartial": True}, "the server marks its answer as partial (isPartial)"),
    ],
)
def test_a_partial_answer_is_never_taken_for_whole(addition: dict[str, object], warning: str) -> None:
    with loopback(reply(GOOD | addition)) as server:
        seen = observe(server.url)

    assert seen.is_partial
    assert seen.warnings == (warning,)


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
    assert "infinite values" in seen.warnings[0]


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
        prometheus.observe(SIGNAL, "", Interval(START, START + 30 * 86400))

    asked = [parse_qs(request.split()[1].decode().partition("?")[2]) for request in server.requests]
    pieces = [(int(q["time"][0]) - int(q["query"][0].rpartition("[")[2][:-2]), int(q["time"][0])) for q in asked]
    assert len(pieces) > 4
    assert all(following[0] < piece[1] for piece, following in pairwise(pieces))
    assert pieces[-1][1] == START + 30 * 86400
    assert max(end - start for start, end in pieces) <= 7 * 86400 + 1


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

    assert (facts.version, facts.retention, facts.clock_difference) == ("unknown", None, 61)


@pytest.mark.parametrize("result", [[], [START], [START, "x"], [START, "NaN"], None])
def test_a_clock_that_tells_no_instant_is_rejected(result: object) -> None:
    answer = reply({"status": "success", "data": {"resultType": "scalar", "result": result}})
    with loopback(answer) as server, pytest.raises(SourceRejected, match="no instant"):
        Prometheus(PrometheusSource("main", server.url), limits=QUICK).server(now=START)
