"""What a Prometheus-compatible server's answer means: every body is judged before anything is read from it.

The HTTP status alone proves nothing: errors come with 200, login pages come with 200, and partial data does too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit

from kpi_agent.domain.errors import SourceError, SourceRejected, SourceUnavailable

# Types of the API's own errors after which the same question may well be answered a little later.
_PASSING = frozenset({"timeout", "canceled", "unavailable", "internal"})
_TOO_MUCH = (
    "too many samples",
    "maximum resolution",
    "too many points",
    "too many time series",
    "response size",
    "cannot select more than",  # VictoriaMetrics
    "err-mimir-max-",
)
# Thanos, asked for whole data, fails the query where one of its stores fails.
_STORE_FAILED = "rpc error: code ="
_SHOWN_CHARACTERS = 200
# What a parsed body takes is decided by its values, not by its bytes: "[[],[],…" takes twenty times its size. Commas
# and braces bound them from above, at 90 bytes each or less; a sample has two commas.
_MOST_PARTS = 660_000
# Python keeps each character of a text in as many bytes as its widest one needs.
_MOST_TEXT_BYTES = 24_000_000
_WIDTHS = ((4, re.compile(rb"[\xf0-\xf4]")), (2, re.compile(rb"[\xc4-\xef]")))  # by the first byte of UTF-8


class AnswerTooLarge(SourceRejected):
    """The answer is larger than either side allows: ask for a shorter stretch."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One successful body. *warnings* speak of missing data (then *is_partial*), *notes* of the query."""

    body: Mapping[str, Any]
    result_type: str | None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    is_partial: bool = False

    @property
    def data(self) -> Any:
        """The payload below ``data``."""
        return self.body.get("data")


def read_answer(status: int, headers: Mapping[str, str], content: bytes, *, at: str) -> Answer:
    """Return the answer that *content* holds; *at* names the server in messages.

    Raises SourceUnavailable where asking again may help, SourceRejected where something must be mended first, and
    AnswerTooLarge (a SourceRejected) where a shorter question would be answered: before it takes more memory than a
    good answer of its size.
    """
    if 300 <= status < 400:  # noqa: PLR2004 - HTTP's own class of redirects
        raise SourceRejected(
            f"{at} redirects to {shown_url(headers.get('Location', 'an unnamed page'))}; redirects are not followed:"
            " write the final address of the API as url, or give the credentials that the login asks for"
        )
    if status in {401, 403}:
        if b"no org id" in content:
            raise SourceRejected(f"{at} wants a tenant (Mimir): write its name as headers: {{X-Scope-OrgID: NAME}}")
        raise SourceRejected(
            f"{at} refused the credentials (HTTP {status}): check username, password_file, token_file, headers, tls"
        )
    if _is_costly(content):
        raise AnswerTooLarge(f"{at} answered more than is read at once: narrow the query or the matcher")
    body = _parse(status, headers, content, at)
    if body.get("status") == "error" or status >= 400:  # noqa: PLR2004 - HTTP's own class of errors
        _refuse(status, body, at)
    if body.get("status") != "success":
        raise SourceRejected(f"{at} answered JSON that is not the Prometheus API's: check url")
    warnings, notes = _sort(_texts(body.get("warnings")), _texts(body.get("infos")))
    if body.get("isPartial") is True:
        warnings = (*warnings, "the server marks its answer as partial (isPartial)")
    data = body.get("data")
    result_type = data.get("resultType") if isinstance(data, dict) else None
    return Answer(body, result_type if isinstance(result_type, str) else None, warnings, notes, bool(warnings))


def _is_costly(content: bytes) -> bool:
    width = next((width for width, first in _WIDTHS if first.search(content)), 1)
    return len(content) * width > _MOST_TEXT_BYTES or content.count(b",") + content.count(b"{") > _MOST_PARTS


def _parse(status: int, headers: Mapping[str, str], content: bytes, at: str) -> dict[str, Any]:
    try:
        body = json.loads(content, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise _unreadable(status, headers, content, at) from error
    if not isinstance(body, dict):
        raise SourceRejected(f"{at} answered JSON that is not the Prometheus API's: check url")
    return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _unreadable(status: int, headers: Mapping[str, str], content: bytes, at: str) -> SourceError:
    """Return the error for a body that is no JSON."""
    start = content.lstrip()[:1]
    if status == 404:  # noqa: PLR2004 - not found
        return SourceRejected(f"{at} has no Prometheus API there (HTTP 404): check url, some need a path before /api")
    if _is_passing(status):
        return SourceUnavailable(f"{at} cannot answer now (HTTP {status}); the next collection asks again")
    if start == b"<" or "html" in headers.get("Content-Type", "").lower():
        return SourceRejected(f"{at} answered a web page, not the API: check url, and whether a login stands before it")
    if status >= 400:  # noqa: PLR2004 - HTTP's own class of errors
        return SourceRejected(
            f"{at} refused the request (HTTP {status}): {printable(content.decode(errors='replace'))}"
        )
    if start in {b"", b"{"}:
        what = f"damaged or cut JSON ({len(content)} bytes)" if start else "an empty body"
        return SourceUnavailable(
            f"{at} answered {what}; the next collection asks again. If it stays, a proxy in between may limit answers"
        )
    return SourceRejected(f"{at} answered something that is not JSON: check url")


def _is_passing(status: int) -> bool:
    return status >= 500 or status in {408, 429}  # noqa: PLR2004 - HTTP's own class of server errors


def _refuse(status: int, body: Mapping[str, Any], at: str) -> NoReturn:
    kind = printable(str(body.get("errorType") or f"HTTP {status}"))
    text = printable(str(body.get("error") or "no reason given"))
    if any(sign in text for sign in _TOO_MUCH):
        raise AnswerTooLarge(f"{at} refused the query as too large: {text}")
    if kind in _PASSING or _is_passing(status) or _STORE_FAILED in text:
        raise SourceUnavailable(f"{at} cannot answer now ({kind}): {text}")
    raise SourceRejected(f"{at} refused the query ({kind}): {text}")


def _texts(value: object) -> tuple[str, ...]:
    return tuple(printable(str(item)) for item in value) if isinstance(value, list) else ()


def _sort(warnings: tuple[str, ...], infos: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    # Since 2.54 remarks on the expression itself carry this prefix; they do not mean that data is missing.
    about_query = tuple(w for w in warnings if w.startswith("PromQL "))
    return tuple(w for w in warnings if w not in about_query), about_query + infos


def printable(text: str) -> str:
    """Return foreign text on one line, without control characters, cut to a length that a log line bears."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * _SHOWN_CHARACTERS]).split())
    return line if len(line) <= _SHOWN_CHARACTERS else f"{line[:_SHOWN_CHARACTERS]}…"


def shown_url(url: str) -> str:
    """Return scheme, host, port and path of *url*: credentials and query strings are never printed."""
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return "an unreadable address"
    return printable(f"{parts.scheme}://{host}{parts.path}" if host else parts.path)
