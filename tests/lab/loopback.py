"""A server on loopback that says exactly what a test wants, byte by byte."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Act = Callable[[socket.socket], None]


@dataclass(slots=True)
class Loopback:
    """What was asked so far, as sent; *url* is where to ask."""

    url: str
    requests: list[bytes] = field(default_factory=list)


def reply(
    body: bytes | str | object,
    *,
    status: str = "200 OK",
    headers: Mapping[str, str] | None = None,
    length: int | None = None,
) -> Act:
    """Return an act that answers *body* (bytes, text, or a value sent as JSON); *length* is what it claims."""
    content = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    head = {"Content-Type": "application/json", "Content-Length": str(len(content) if length is None else length)}
    head |= headers or {}
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())

    def act(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + content)

    return act


def matrix(*series: tuple[Mapping[str, str], list[tuple[float, str]]]) -> dict[str, object]:
    """Return the body of a successful answer."""
    result = [{"metric": labels, "values": values} for labels, values in series]
    return {"status": "success", "data": {"resultType": "matrix", "result": result}}


@contextmanager
def loopback(*acts: Act, tls: ssl.SSLContext | None = None) -> Iterator[Loopback]:
    """Serve *acts*, one per connection, the last again and again. An act that blocks ends with the connection."""
    ended = threading.Event()
    threads: list[threading.Thread] = []
    open_connections: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.02)
        server = Loopback(f"{'http' if tls is None else 'https'}://127.0.0.1:{listener.getsockname()[1]}")

        def serve(connection: socket.socket, act: Act) -> None:
            # The asking side may leave at any moment: that is what most of these tests are about.
            with suppress(OSError), connection:
                talking = connection if tls is None else tls.wrap_socket(connection, server_side=True)
                with talking:
                    open_connections.append(talking)
                    server.requests.append(_request(talking))
                    act(talking)

        def accept() -> None:
            count = 0
            while not ended.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                connection.settimeout(10)
                threads.append(threading.Thread(target=serve, args=(connection, acts[min(count, len(acts) - 1)])))
                threads[-1].start()
                count += 1

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server
        finally:
            ended.set()
            accepting.join()
            for connection in open_connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join()


def _request(connection: socket.socket) -> bytes:
    received = b""
    while b"\r\n\r\n" not in received:
        block = connection.recv(65536)
        if not block:
            return received
        received += block
        if received.startswith(b"\x16"):  # a TLS greeting: no request, but a server would answer something
            return received
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(
        (int(v) for n, _, v in (x.partition(b":") for x in head.split(b"\r\n")) if n.lower() == b"content-length"), 0
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
