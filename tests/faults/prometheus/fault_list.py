"""Everything that can stand where a Prometheus' answer should: what is sent, and what must come of it."""

from __future__ import annotations

import gzip
import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

from lab.loopback import Act, matrix, reply

START = 1_790_812_800  # 2026-10-01 00:00 UTC
LABELS = {"__name__": "probe_success", "service": "portal"}
GOOD = matrix((LABELS, [(START + t, "1") for t in range(0, 600, 60)]))
"""Ten minutes of a service that is up."""

UNAVAILABLE = "SourceUnavailable"  # later may help
REJECTED = "SourceRejected"  # somebody must mend something
TOO_LARGE = "AnswerTooLarge"  # a shorter question may be answered
PARTIAL = "partial"  # not to be taken for whole
UNKNOWN = "unknown"  # taken, and nothing is known by it

GIGABYTE = 2**30
_API_ERROR = {"status": "error", "errorType": "execution", "error": "query processing failed"}
_LOGIN = "<!DOCTYPE html><html><title>Sign in</title></html>"
_DAY = {"Retry-After": "86400"}
_UNTIL = {"Retry-After": "Thu, 01 Oct 2026 01:00:00 GMT", "Date": "Thu, 01 Oct 2026 00:00:00 GMT"}
_SIGN_IN = {"Location": "https://run:hunter2@sso.acme.example/login?next=/&t=s3cret"}


@dataclass(frozen=True, slots=True)
class Fault:
    """*kind* is its word in the list of faults; *says* a pattern of the message, of the warnings if none is raised."""

    kind: str
    act: Act
    outcome: str
    says: str = ""


def _hang(connection: socket.socket) -> None:
    connection.settimeout(None)
    connection.recv(1)


def drip(text: bytes) -> Act:
    """Return an act that sends *text* a byte at a time, slowly."""

    def act(connection: socket.socket) -> None:
        for byte in text:
            connection.sendall(bytes([byte]))
            time.sleep(0.02)

    return act


def _flood(head: str, block: bytes) -> Act:
    def act(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{head}\r\n".encode())
        for _ in range(GIGABYTE // len(block)):
            connection.sendall(block)

    return act


def _say(raw: bytes) -> Act:
    def act(connection: socket.socket) -> None:
        connection.sendall(raw)

    return act


def _packed(body: bytes, *, cut: int = 0, times: int = 1) -> Act:
    content = gzip.compress(body)[: -cut or None] * times
    return reply(content, headers={"Content-Encoding": "gzip"})


def _made(body: Callable[[], bytes]) -> Act:
    """Return an act whose large body is made only when it is asked for."""

    def act(connection: socket.socket) -> None:
        reply(body())(connection)

    return act


def _many_samples() -> bytes:
    """Return samples of another month, as many as one answer may hold, in one series."""
    pairs = ",".join(f'[{START + 10**7 + t}.781,"1"]' for t in range(_MOST_PARTS // 2 - 10))
    body = '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{},"values":[%s]}]}}'
    return (body % pairs).encode()


def _error(kind: str, text: str, status: str = "200 OK") -> Act:
    return reply({"status": "error", "errorType": kind, "error": text}, status=status)


def _data(data: object) -> Act:
    return reply({"status": "success", "data": data})


def _values(*values: object) -> Act:
    return _data({"resultType": "matrix", "result": [{"metric": LABELS, "values": values}]})


def _with(**more: object) -> Act:
    return reply(GOOD | more)


_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_START_OF_BODY = _HEAD + b'Content-Length: 1000000\r\n\r\n{"status":"success",'
_MOST_PARTS = 660_000  # commas and braces of one answer that is read
_ALMOST = 23_900_000  # bytes, a little less than is read of one answer

NETWORK: dict[str, Fault] = {
    "hang": Fault("hang", _hang, UNAVAILABLE, "did not answer in time"),
    "dripping body": Fault("drip", drip(_START_OF_BODY + b" " * 100_000), UNAVAILABLE, "no whole answer within"),
    "dripping head": Fault("drip", drip(_HEAD + b"X-A: " + b"x" * 100_000), UNAVAILABLE, "no whole answer within"),
    "closed at once": Fault("broken", _say(b""), UNAVAILABLE, "broke the connection"),
    "no HTTP": Fault("broken", _say(b"SSH-2.0-OpenSSH_9.2\r\n"), UNAVAILABLE, "broke the connection"),
    "body shorter than announced": Fault(
        "broken", reply(GOOD, length=5000), UNAVAILABLE, "broke the connection or sent damaged data"
    ),
    "truncated gzip": Fault(
        "truncated gzip", _packed(json.dumps(GOOD).encode(), cut=30), UNAVAILABLE, "damaged or cut JSON"
    ),
    "damaged gzip": Fault(
        "truncated gzip",
        reply(b"\x1f\x8b\x08garbage", headers={"Content-Encoding": "gzip"}),
        UNAVAILABLE,
        "sent damaged data",
    ),
    "1 GB body": Fault(
        "1 GB body", _flood(f"Content-Length: {GIGABYTE}\r\n", b" " * 65536), TOO_LARGE, r"more than 24,000,000 bytes"
    ),
    "1 GB body of no announced length": Fault("1 GB body", _flood("", b"[" * 65536), TOO_LARGE, "more than 24,000,000"),
    "1 GB packed in 1 MB": Fault("1 GB body", _packed(b" " * 2**20, times=1024), TOO_LARGE, "more than 24,000,000"),
    "24 MB of spaces": Fault("1 GB body", _made(lambda: b" " * _ALMOST), UNAVAILABLE, "an empty body"),
    "24 MB of empty lists": Fault(
        "1 GB body", _made(lambda: b"[" + b"[]," * (_ALMOST // 3) + b"0]"), TOO_LARGE, "more than is read at once"
    ),
    "as many objects as are read": Fault(
        "1 GB body", _made(lambda: b"[" + b'{"":0},' * (_MOST_PARTS // 2 - 1) + b"0]"), REJECTED, "not the Prometheus"
    ),
    "as many samples as are read": Fault("1 GB body", _made(_many_samples), UNKNOWN),
    "24 MB of one text": Fault(
        "1 GB body", _made(lambda: b'["' + b"x" * _ALMOST + b'"]'), REJECTED, "not the Prometheus"
    ),
    "12 MB of a text with a wide dash": Fault(
        "1 GB body", _made(lambda: b'["' + b"x" * (_ALMOST // 2) + '–"]'.encode()), REJECTED, "not the Prometheus"
    ),
    "6 MB of a text with an emoji": Fault(
        "1 GB body", _made(lambda: b'["' + b"x" * (_ALMOST // 4) + '🦊"]'.encode()), REJECTED, "not the Prometheus"
    ),
    "24 MB of a text with an emoji": Fault(
        "1 GB body", _made(lambda: b'["' + b"x" * _ALMOST + '🦊"]'.encode()), TOO_LARGE, "more than is read at once"
    ),
    "nested too deep": Fault("1 GB body", reply("[" * 100_000), REJECTED, "not JSON"),
}

STATUS: dict[str, Fault] = {
    "429 for a day": Fault(
        "429", reply("", status="429 Too Many Requests", headers=_DAY), UNAVAILABLE, r"to wait 86400 s \(HTTP 429\)"
    ),
    "503 until a date": Fault(
        "429", reply("", status="503 Service Unavailable", headers=_UNTIL), UNAVAILABLE, "asks to wait 3600 s"
    ),
    "500": Fault("HTTP status", reply("oh", status="500 Internal Server Error"), UNAVAILABLE, "HTTP 500"),
    "503 for good": Fault(
        "HTTP status", reply(_API_ERROR, status="503 Service Unavailable"), UNAVAILABLE, "query processing failed"
    ),
    "502 from a proxy": Fault("HTTP status", reply(_LOGIN, status="502 Bad Gateway"), UNAVAILABLE, "HTTP 502"),
    "401": Fault(
        "HTTP status", reply("", status="401 Unauthorized"), REJECTED, r"refused the credentials \(HTTP 401\): check"
    ),
    "a tenant that Mimir misses": Fault(
        "HTTP status",
        reply("no org id\n", status="401 Unauthorized", headers={"Content-Type": "text/plain"}),
        REJECTED,
        "write its name as headers: {X-Scope-OrgID: NAME}",
    ),
    "403": Fault("HTTP status", reply(_LOGIN, status="403 Forbidden"), REJECTED, r"the credentials \(HTTP 403\)"),
    "404": Fault(
        "HTTP status", reply("404 page not found\n", status="404 Not Found"), REJECTED, "no Prometheus API there .*url"
    ),
    "405": Fault(
        "HTTP status", reply("nope\x1b[31m", status="405 Method Not Allowed"), REJECTED, r"\(HTTP 405\): nope"
    ),
    "login redirect": Fault(
        "redirect",
        reply("", status="302 Found", headers=_SIGN_IN),
        REJECTED,
        r"redirects to https://sso\.acme\.example/login; redirects are not followed",
    ),
    "redirect to itself": Fault(
        "redirect",
        reply("", status="301 Moved", headers={"Location": "/api/v1/query"}),
        REJECTED,
        "redirects to /api/v1/query",
    ),
    "login page with 200": Fault("login page", reply(_LOGIN), REJECTED, "answered a web page, not the API: check url"),
    "login page by its type": Fault(
        "login page", reply("Please log in", headers={"Content-Type": "text/html"}), REJECTED, "a web page, not the API"
    ),
}

ANSWERS: dict[str, Fault] = {
    "empty body": Fault("empty", reply(b""), UNAVAILABLE, "answered an empty body"),
    "empty result": Fault("empty", _data({"resultType": "matrix", "result": []}), UNKNOWN),
    "series without samples": Fault("empty", _values(), UNKNOWN),
    "error with 200": Fault(
        "error with 200", reply(_API_ERROR), REJECTED, r"refused the query \(execution\): query processing failed"
    ),
    "timeout with 200": Fault(
        "error with 200", _error("timeout", "query timed out"), UNAVAILABLE, r"cannot answer now \(timeout\): query"
    ),
    "bad_data": Fault(
        "HTTP status", _error("bad_data", "parse error", "400 Bad Request"), REJECTED, r"\(bad_data\): parse error"
    ),
    "too many samples": Fault(
        "HTTP status",
        _error("execution", "query processing would load too many samples", "422 Unprocessable Entity"),
        TOO_LARGE,
        "refused the query as too large",
    ),
    "warnings": Fault("warnings", _with(warnings=["store 192.0.2.9 is unreachable"]), PARTIAL, "192.0.2.9"),
    "isPartial of VictoriaMetrics": Fault("warnings", _with(isPartial=True), PARTIAL, r"as partial \(isPartial\)"),
    "a store that Thanos misses": Fault(
        "warnings",
        _error("execution", "expanding series: proxy Series(): rpc error: code = Aborted desc = fetch", "422 No"),
        UNAVAILABLE,
        "code = Aborted",
    ),
    "NaN": Fault("NaN", _values(*[(START + t, "NaN") for t in range(0, 600, 60)]), UNKNOWN),
    "+Inf": Fault("±Inf", _values(*[(START + t, "+Inf") for t in range(0, 600, 60)]), UNKNOWN, "infinite values"),
    "-Inf": Fault("±Inf", _values(*[(START + t, "-Inf") for t in range(0, 600, 60)]), UNKNOWN, "infinite values"),
    "JSON with NaN": Fault("NaN", reply('{"status": "success", "data": NaN}'), UNAVAILABLE, "damaged or cut JSON"),
    "words for numbers": Fault("wrong type", _values((START, "up")), REJECTED, "up"),
    "a number of 1,000 digits": Fault("wrong type", _values((START, "1" * 1000)), REJECTED, "another shape"),
    "an exponent without end": Fault("wrong type", _values((START, "1e99999999")), REJECTED, "another shape"),
    "numbers without quotes": Fault("wrong type", _values((START, 1)), REJECTED, "another shape"),
    "an instant that is a text": Fault("wrong type", _values(("now", "1")), REJECTED, "another shape"),
    "an instant beyond all time": Fault("wrong type", _values((1e300, "1")), UNKNOWN),
    "an instant without end": Fault(
        "wrong type", reply(json.dumps(GOOD).replace(str(START), "1e999")), REJECTED, "shape"
    ),
    "vector": Fault(
        "wrong type", _data({"resultType": "vector", "result": []}), REJECTED, "a vector result where a matrix was"
    ),
    "no result type": Fault("wrong type", _data({"result": []}), REJECTED, "with a nameless result"),
    "result is no list": Fault(
        "wrong type", _data({"resultType": "matrix", "result": {"a": 1}}), REJECTED, "another shape"
    ),
    "labels are a list": Fault(
        "wrong type",
        _data({"resultType": "matrix", "result": [{"metric": ["a"], "values": [(START, "1")]}]}),
        REJECTED,
        "another shape",
    ),
    "truncated JSON": Fault("wrong type", reply(json.dumps(GOOD)[:-9]), UNAVAILABLE, "damaged or cut JSON"),
    "plain text with 200": Fault("wrong type", reply("hello"), REJECTED, "something that is not JSON: check url"),
    "a list": Fault("wrong type", reply([1]), REJECTED, "not the Prometheus API's"),
    "another API": Fault("wrong type", reply({"ok": True}), REJECTED, "not the Prometheus API's"),
    "no result": Fault("wrong type", reply({"status": "success"}), REJECTED, "answered without a result"),
    "null data": Fault("wrong type", _data(None), REJECTED, "answered without a result"),
    "two series for one": Fault(
        "two series for one",
        reply(matrix(({**LABELS, "prober": "a"}, [(START, "1")]), ({**LABELS, "prober": "b"}, [(START, "0")]))),
        REJECTED,
        'two series stand for the query at the same time: .*prober="a".* and .*prober="b"',
    ),
}
