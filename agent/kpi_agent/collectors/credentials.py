"""How a source is let in: secrets read from their files at each use, and never part of a message."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path, PurePath

from kpi_agent.collectors.answer import printable
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.source import PrometheusSource

_LONGEST_SECRET = 64 * 1024
_SHORTEST_HEADER_SECRET = 8  # characters; a tenant's name in X-Scope-OrgID is no secret, and hiding "1" hides too much


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """Request headers, the *secrets* in them that no message may show; *verify* and *cert* as requests takes them."""

    headers: dict[str, str]
    secrets: tuple[str, ...]
    verify: bool | str
    cert: str | tuple[str, str] | None

    def hide(self, text: str) -> str:
        """Return *text* without the secrets, should the server have echoed one."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text


def read_credentials(source: PrometheusSource) -> Credentials:
    """Return what opens *source* now; raises SourceRejected, naming file and setting, never a value."""
    headers: dict[str, str] = {}
    secrets: list[str] = []
    for name, value in source.headers.items():
        if not (_is_plain(name) and _is_plain(value)):
            raise SourceRejected(f"source {source.name}: header {printable(name)} holds characters that HTTP refuses")
        headers[name] = value.strip()
        if len(value.strip()) >= _SHORTEST_HEADER_SECRET:
            secrets.append(value.strip())
    if source.token_file is not None:
        token = _secret(source, source.token_file, "token_file")
        if not _is_plain(token):
            raise SourceRejected(
                f"source {source.name}: token_file {source.token_file} holds more than one plain token"
            )
        headers["Authorization"] = f"Bearer {token}"
        secrets.append(token)
    elif source.username is not None:
        password = "" if source.password_file is None else _secret(source, source.password_file, "password_file")
        pair = base64.b64encode(f"{source.username}:{password}".encode()).decode("ascii")
        headers["Authorization"] = f"Basic {pair}"
        secrets += [pair, password]
    verify, cert = _tls(source)
    # The longest first: a short secret inside a longer one must not leave the rest of it readable.
    return Credentials(headers, tuple(sorted(filter(None, secrets), key=len, reverse=True)), verify, cert)


def _is_plain(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _secret(source: PrometheusSource, file: PurePath, setting: str) -> str:
    try:
        with Path(file).open("rb") as stream:
            return stream.read(_LONGEST_SECRET).decode().strip()
    except OSError as error:
        raise SourceRejected(f"source {source.name}: {setting} {file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        # Not chained: the library's error carries the bytes of the secret.
        raise SourceRejected(f"source {source.name}: {setting} {file} is not UTF-8 text") from None


def _tls(source: PrometheusSource) -> tuple[bool | str, str | tuple[str, str] | None]:
    tls = source.tls
    for name, file in (("ca_file", tls.ca_file), ("cert_file", tls.cert_file), ("key_file", tls.key_file)):
        if file is not None and not Path(file).is_file():
            raise SourceRejected(f"source {source.name}: tls.{name} {file} is no file that can be read")
    verify = True if tls.ca_file is None else str(tls.ca_file)
    if tls.cert_file is None:
        return verify, None
    return verify, str(tls.cert_file) if tls.key_file is None else (str(tls.cert_file), str(tls.key_file))
