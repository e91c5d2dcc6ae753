"""One HTTP session that closes the blind spots of prometheus-api-client (architecture.md §6).

No redirect, no environment, no netrc, no cookies; a limit on every time and size; every body judged before it is used.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import requests
import urllib3

from kpi_agent.collectors.answer import Answer, AnswerTooLarge, read_answer, shown_url
from kpi_agent.collectors.credentials import Credentials, read_credentials
from kpi_agent.collectors.transport import Deadline, DeadlineAdapter, explain
from kpi_agent.domain.errors import SourceError, SourceUnavailable
from kpi_agent.domain.source import PrometheusSource

_RETRIED = frozenset({429, 502, 503, 504})
_LONGEST_QUESTION = 2000  # characters; a longer one is sent as a form, for proxies cut long addresses
_BLOCK = 64 * 1024
_OWN_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Connection": "close",  # an idle connection would be stale by the next collection
    "User-Agent": "kpi-agent",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one question may take. *total_seconds* spans all attempts and waits; *body_bytes* counts unpacked bytes."""

    connect_seconds: float = 5
    read_seconds: float = 50
    total_seconds: float = 60
    body_bytes: int = 24_000_000
    attempts: int = 3
    first_wait_seconds: float = 1
    longest_wait_seconds: float = 10


class _Response(requests.Response):
    """A judged answer in the shape that prometheus-api-client reads; the body is not parsed a second time."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.status_code = 200
        self._answer = answer

    def json(self, **_: Any) -> Any:
        return self._answer.body


class HardenedSession(requests.Session):
    """A session for one source; each question opens its own connection."""

    def __init__(self, source: PrometheusSource, limits: Limits | None = None) -> None:
        super().__init__()
        self.trust_env = False
        self._source = source
        self._limits = limits or Limits()
        self._adapter = DeadlineAdapter()
        self._at = f"source {source.name} ({shown_url(source.url)})"
        self._heard: list[Answer] = []

    def request(  # type: ignore[override]  # narrowed on purpose: callers choose no transport option here
        self, method: str, url: str, params: Mapping[str, Any] | None = None, **_: Any
    ) -> requests.Response:
        """Return the judged answer as a response; how it is fetched is this session's matter, not the caller's."""
        del method  # the length of the question decides
        return _Response(self.ask(url, params))

    @contextmanager
    def listening(self) -> Iterator[list[Answer]]:
        """Collect the answers to all questions asked meanwhile, for what prometheus-api-client drops of them."""
        heard: list[Answer] = []
        self._heard = heard
        try:
            yield heard
        finally:
            self._heard = []

    def ask(self, url: str, params: Mapping[str, Any] | None = None) -> Answer:
        """Return the answer to one question; raises SourceUnavailable or SourceRejected (AnswerTooLarge among them)."""
        credentials = read_credentials(self._source)
        try:
            with Deadline(self._limits.total_seconds) as deadline:
                status, headers, content = self._attempt(url, params or {}, credentials, deadline)
            answer = read_answer(status, headers, content, at=self._at)
        except SourceError as error:
            shown = credentials.hide(str(error))
            if shown == str(error):
                raise
            raise type(error)(shown) from None  # the original, which shows an echoed secret, must not be printed
        finally:
            self._adapter.close()
        self._heard.append(answer)
        return answer

    def _attempt(
        self, url: str, params: Mapping[str, Any], credentials: Credentials, deadline: Deadline
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Return the last reply of as many attempts as the limits allow."""
        attempt = 1
        while True:
            reply = self._fetch(url, params, credentials, deadline)
            status, headers, _ = reply
            if status not in _RETRIED or attempt == self._limits.attempts:
                return reply
            wait = self._wait(headers, attempt)
            if wait > self._limits.longest_wait_seconds or wait >= deadline.remaining_seconds:
                raise SourceUnavailable(
                    f"{self._at} asks to wait {wait:.0f} s (HTTP {status}); the next collection asks again"
                )
            time.sleep(wait)
            attempt += 1

    def _fetch(
        self, url: str, params: Mapping[str, Any], credentials: Credentials, deadline: Deadline
    ) -> tuple[int, Mapping[str, str], bytes]:
        timeout = (min(self._limits.connect_seconds, deadline.remaining_seconds + 0.001), self._limits.read_seconds)
        try:
            response = self._adapter.send(
                self._prepared(url, params, credentials),
                stream=True,
                timeout=timeout,
                verify=credentials.verify,
                cert=credentials.cert,
            )
            with response:
                content = self._body(response.raw, deadline)
        except SourceError:
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            if not deadline.remaining_seconds:
                raise self._too_late() from error
            raise explain(error, at=self._at) from error
        return response.status_code, response.headers, content

    def _prepared(self, url: str, params: Mapping[str, Any], credentials: Credentials) -> requests.PreparedRequest:
        headers = {**_OWN_HEADERS, **credentials.headers}
        if len(urlencode(params)) > _LONGEST_QUESTION:
            return self.prepare_request(requests.Request("POST", url, data=params, headers=headers))
        return self.prepare_request(requests.Request("GET", url, params=params, headers=headers))

    def _body(self, raw: urllib3.HTTPResponse, deadline: Deadline) -> bytes:
        content = bytearray()  # of single bytes, a list of blocks would take forty times their size
        while (block := raw.read1(_BLOCK, decode_content=True)) and deadline.remaining_seconds:
            content += block
            if len(content) > self._limits.body_bytes:
                raise AnswerTooLarge(
                    f"{self._at} answered more than {self._limits.body_bytes:,} bytes: narrow the query or the matcher"
                )
        # A connection that the deadline ended can look like a body that simply stops.
        if not deadline.remaining_seconds:
            raise self._too_late()
        return bytes(content)

    def _wait(self, headers: Mapping[str, str], attempt: int) -> float:
        """Return the seconds until the next attempt: what the server asks for, else a doubling wait."""
        asked = headers.get("Retry-After", "").strip()
        if asked.isascii() and asked.isdigit():
            return float(asked[:9])
        with suppress(ValueError, TypeError):  # an HTTP date, measured against the server's own clock
            until, sent = parsedate_to_datetime(asked), parsedate_to_datetime(headers.get("Date", ""))
            return max(0.0, (until - sent).total_seconds())
        return self._limits.first_wait_seconds * 2.0 ** (attempt - 1)

    def _too_late(self) -> SourceUnavailable:
        return SourceUnavailable(
            f"{self._at} gave no whole answer within {self._limits.total_seconds:g} s; the next collection asks again"
        )
