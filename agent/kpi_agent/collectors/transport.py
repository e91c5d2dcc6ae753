"""Connections that end in time, and what their failures mean in words."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from contextvars import ContextVar, Token
from socket import SHUT_RDWR, gaierror, socket
from types import TracebackType
from typing import Any, Self

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from kpi_agent.collectors.answer import printable
from kpi_agent.domain.errors import SourceError, SourceRejected, SourceUnavailable


class Deadline:
    """Ends every connection opened under it when the time is up.

    A read timeout does not: a server that sends one byte a second never reaches it. The sockets are duplicated because
    TLS detaches the first one; shutting the duplicate down ends the connection all the same.
    """

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self._timer = threading.Timer(seconds, self._shut_down)
        self._timer.daemon = True
        self._lock = threading.Lock()
        self._sockets: list[socket] = []
        self._token: Token[Deadline | None] | None = None

    def __enter__(self) -> Self:
        self._token = _current.set(self)
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self._token is not None:
            _current.reset(self._token)
        with self._lock:
            for item in self._sockets:
                item.close()
            self._sockets.clear()

    @property
    def remaining_seconds(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - time.monotonic())

    def watch(self, opened: socket) -> None:
        """End *opened* too when the time is up."""
        with self._lock:
            self._sockets.append(opened.dup())

    def _shut_down(self) -> None:
        with self._lock:
            for item in self._sockets:
                with suppress(OSError):  # the peer may have gone already
                    item.shutdown(SHUT_RDWR)


_current: ContextVar[Deadline | None] = ContextVar("_current", default=None)


def _watched(opened: socket) -> socket:
    deadline = _current.get()
    if deadline is not None:
        deadline.watch(opened)
    return opened


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket:
        return _watched(super()._new_conn())


class _TlsConnection(HTTPSConnection):
    def _new_conn(self) -> socket:
        return _watched(super()._new_conn())


class _Pool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class DeadlineAdapter(HTTPAdapter):
    """Opens connections that the Deadline in force can end; retries nothing by itself."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools of urllib3 open our connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


def explain(error: BaseException, *, at: str) -> SourceError:
    """Return what stood between us and the server *at*: SourceUnavailable if it may pass, else SourceRejected."""
    causes = tuple(_causes(error))
    for cause in causes:
        found = _tls_failure(cause, at) or _network_failure(cause, at)
        if found is not None:
            return found
    for cause in causes:
        if isinstance(cause, urllib3.exceptions.SSLError):  # refused before a handshake: a key with a passphrase
            return SourceRejected(f"{at}: TLS failed ({printable(str(cause))}): check the files of tls")
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return SourceUnavailable(f"{at} did not answer in time; the next collection asks again")
    # Broken bodies are ValueErrors of other kinds in no library used here; addresses that cannot be parsed are.
    if isinstance(error, ValueError):
        return SourceRejected(f"{at}: url is no address that can be asked; write http://host:port")
    return SourceUnavailable(
        f"{at} broke the connection or sent damaged data ({type(error).__name__}); the next collection asks again"
    )


def _tls_failure(cause: BaseException, at: str) -> SourceError | None:
    if isinstance(cause, ssl.SSLCertVerificationError):
        return SourceRejected(
            f"{at} shows a certificate that cannot be trusted ({cause.verify_message}):"
            " name its authority in tls.ca_file, or mend the certificate or the host name in url"
        )
    if isinstance(cause, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return SourceUnavailable(
            f"{at} ended the TLS connection: does it want a client certificate (tls.cert_file)? It is asked again"
        )
    if isinstance(cause, ssl.SSLError):
        why = printable(str(cause.reason or cause))
        return SourceRejected(f"{at}: TLS failed ({why}): check https or http in url, and the files of tls")
    return None


def _network_failure(cause: BaseException, at: str) -> SourceError | None:
    if isinstance(cause, gaierror):
        return SourceUnavailable(f"{at}: the host name is not known; check url and DNS")
    if isinstance(cause, ConnectionRefusedError):
        return SourceUnavailable(f"{at} refuses connections: is the server running, and is the port right?")
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Yield everything that *error* wraps, innermost certificate errors included, and *error* itself."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        item = waiting.pop()
        if not isinstance(item, BaseException) or id(item) in seen:
            continue
        seen.add(id(item))
        yield item
        waiting += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]
