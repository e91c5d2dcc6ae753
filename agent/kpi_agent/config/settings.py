"""The settings file to a domain value: paths made whole, sources with their profiles."""

from __future__ import annotations

import glob
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path, PurePath
from urllib.parse import urlsplit

from kpi_agent.config.findings import Findings
from kpi_agent.config.patterns import check_date_format, check_name_pattern
from kpi_agent.config.scalars import did_you_mean, read_span
from kpi_agent.config.settings_spec import PrometheusSpec, SettingsSpec, TicketsSpec, TlsSpec
from kpi_agent.config.spec import parse_spec
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.source import Contains, Profile, PrometheusSource, Settings, Source, TicketSource, Tls
from kpi_agent.domain.time import to_instant, zone
from kpi_agent.strictyaml import Path as KeyPath

_SQLITE = "sqlite:///"
_POSTGRESQL = "postgresql+psycopg://"
_SECRET_HEADERS = frozenset({"authorization", "proxy-authorization", "cookie", "x-api-key"})
_WILD = frozenset("*?[")


def parse_settings(
    content: bytes, file: Path, *, profiles: Mapping[str, Profile], packs: Collection[str]
) -> tuple[Settings | None, tuple[Problem, ...]]:
    """Return the settings that a file holds, None when they are refused, and everything wrong or worth a remark.

    *profiles* and *packs* are those that sources may name. Problems name *file* as it is given.
    """
    spec, findings = parse_spec(SettingsSpec, content, str(file))
    if spec is None:
        return None, findings.in_order()
    folder = file.absolute().parent
    state_dir = folder / spec.state_dir
    sources: dict[str, Source] = {}
    for name, source in spec.sources.items():
        path: KeyPath = ("sources", name)
        if isinstance(source, PrometheusSpec):
            sources[name] = _prometheus(name, source, state_dir, packs, path, findings)
        elif isinstance(source, TicketsSpec):
            built = _tickets(name, source, spec.timezone, profiles, path, findings)
            if built is not None:
                sources[name] = built
        else:
            findings.refuse((*path, "type"), "sources of type register are not supported yet; leave this one out")
    _join_replicas(spec, sources, findings)
    if not spec.sources and not findings.is_damaged(("sources",)):
        findings.refuse(("sources",), "names no source; write one, of type prometheus or tickets")
    if spec.mail is not None:
        findings.advise(("mail",), "no mail is sent by this version; reports are archived as mails, report.eml")
    if spec.web is not None:
        findings.advise(("web",), "nothing is served by this version")
    templates = folder / "templates"
    settings = Settings(
        file=str(file.absolute()),
        timezone=spec.timezone,
        state_dir=state_dir,
        store_url=_store_url(spec, state_dir, findings),
        sources=sources,
        contracts_glob=_contracts_glob(folder, spec.contracts),
        templates_dir=templates if templates.is_dir() else None,
        web_listen=None if spec.web is None else spec.web.listen,
        store_password_file=_file(spec.store.password_file, state_dir),
        mail_from=None if spec.mail is None else spec.mail.sender,
        people=spec.privacy.people,
        key_file=_file(spec.privacy.key_file, state_dir),
    )
    return (None if findings.is_refused else settings), findings.in_order()


def _contracts_glob(folder: Path, pattern: str) -> str:
    """Return the pattern as an absolute one; brackets in the folder's own name mean themselves."""
    return pattern if pattern.startswith("/") else f"{glob.escape(str(folder))}/{pattern}"


def _store_url(spec: SettingsSpec, state_dir: Path, findings: Findings) -> str:
    """Return the store's address, a relative SQLite file made absolute below *state_dir*."""
    url, path = spec.store.url, ("store", "url")
    if url.startswith(_SQLITE):
        if spec.store.password_file is not None:
            findings.refuse(("store", "password_file"), "SQLite knows no password; leave it out")
        name = url.removeprefix(_SQLITE)
        if not name or name == ":memory:" or "?" in name:
            findings.refuse(path, "names no database file; write sqlite:///kpi-agent.db")
        return _SQLITE + str(state_dir / name)
    if url.startswith(_POSTGRESQL):
        if _has_password(url):
            findings.refuse(path, "holds a password; write it into a file and name that as password_file")
        return url
    findings.refuse(path, f"is no known store; write {_SQLITE}kpi-agent.db or {_POSTGRESQL}user@host/database")
    return url


def _has_password(url: str) -> bool:
    try:
        return urlsplit(url).password is not None or "password=" in url
    except ValueError:
        return "@" in url


def _prometheus(
    name: str, spec: PrometheusSpec, state_dir: Path, packs: Collection[str], path: KeyPath, findings: Findings
) -> PrometheusSource:
    _check_url(spec.url, (*path, "url"), findings)
    if spec.password_file is not None and spec.username is None:
        findings.refuse(path, "password_file without username; write both")
    if spec.username is not None and spec.password_file is None:
        findings.refuse(path, "username without password_file; write both")
    if spec.token_file is not None and spec.username is not None:
        findings.refuse((*path, "token_file"), "token_file and username exclude each other; keep one")
    if (spec.tls.cert_file is None) is not (spec.tls.key_file is None):
        findings.refuse((*path, "tls"), "cert_file and key_file belong together; write both")
    for header in spec.headers:
        if header.lower() in _SECRET_HEADERS:
            findings.refuse_at_key((*path, "headers", header), "a secret has no place here; write token_file: FILE")
    for index, pack in enumerate(spec.queries or ()):
        if pack not in packs:
            message = f"unknown query pack '{pack}'{did_you_mean(pack, sorted(packs))}"
            findings.refuse((*path, "queries", index), message)
    if spec.every.seconds == 0:
        findings.refuse((*path, "every"), "leaves no time between two readings; write such as 15m")
    given = {} if spec.queries is None else {"queries": spec.queries}
    return PrometheusSource(
        name=name,
        url=spec.url.rstrip("/"),
        every=spec.every.seconds,
        max_age=spec.max_age.seconds,
        username=spec.username,
        password_file=_file(spec.password_file, state_dir),
        token_file=_file(spec.token_file, state_dir),
        headers=dict(spec.headers),
        tls=_tls(spec.tls, state_dir),
        replica_of=spec.replica_of,
        flavour=spec.flavour,
        **given,
    )


def _join_replicas(spec: SettingsSpec, sources: dict[str, Source], findings: Findings) -> None:
    """Give each replica the packs of what it replicates, unless it names its own."""
    for name, written in spec.sources.items():
        source = sources.get(name)
        if not isinstance(source, PrometheusSource) or source.replica_of is None:
            continue
        path: KeyPath = ("sources", name, "replica_of")
        first = sources.get(source.replica_of)
        if not isinstance(first, PrometheusSource) or first is source or first.replica_of is not None:
            fitting = [n for n, s in sources.items() if isinstance(s, PrometheusSource) and s.replica_of is None]
            message = f"'{source.replica_of}' is no other source of type prometheus with data of its own"
            findings.refuse(path, message + did_you_mean(source.replica_of, sorted(fitting)))
        elif isinstance(written, PrometheusSpec) and written.queries is None:
            sources[name] = replace(source, queries=first.queries)


def _check_url(url: str, path: KeyPath, findings: Findings) -> None:
    """Refuse what is no web address, without ever printing a password that stands in it."""
    wrong = "is no web address; write such as http://127.0.0.1:9090"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        findings.refuse(path, wrong)
        return
    if parts.username is not None or parts.password is not None:
        findings.refuse(path, "holds an account; write username and password_file beside it")
    elif parts.scheme not in {"http", "https"} or not host:
        findings.refuse(path, wrong)
    elif parts.query or parts.fragment:
        findings.refuse(path, "holds more than an address; leave out what follows '?' or '#'")


def _tls(spec: TlsSpec, state_dir: Path) -> Tls:
    return Tls(_file(spec.ca_file, state_dir), _file(spec.cert_file, state_dir), _file(spec.key_file, state_dir))


def _file(name: str | None, state_dir: Path) -> PurePath | None:
    return None if name is None else state_dir / name


def _tickets(
    name: str, spec: TicketsSpec, default: str, profiles: Mapping[str, Profile], path: KeyPath, findings: Findings
) -> TicketSource | None:
    """Return the source, None when its profile is unknown."""
    folder, _, _ = spec.path.rpartition("/")
    if ".." in spec.path.split("/") or _WILD & set(folder):
        findings.refuse((*path, "path"), "leaves state_dir or holds '*' in a folder; write such as inbox/*.csv")
    for key, check in (("date_format", check_date_format), ("as_of_pattern", check_name_pattern)):
        try:
            if (pattern := getattr(spec, key)) is not None:
                check(pattern)
        except ValueError as error:
            findings.refuse((*path, key), str(error))
    timezone = spec.timezone or default
    profile = profiles.get(spec.profile)
    if profile is None:
        message = f"unknown profile '{spec.profile}'{did_you_mean(spec.profile, sorted(profiles))}"
        findings.refuse((*path, "profile"), message)
        return None
    return TicketSource(
        name=name,
        profile=profile,
        path=spec.path,
        timezone=timezone,
        max_age=spec.max_age.seconds,
        contains=_contains(spec.contains, (*path, "contains"), findings),
        since=None if spec.since is None else to_instant(spec.since, zone(timezone)),
        hold_basis=spec.hold_basis,
        date_format=spec.date_format,
        as_of_pattern=spec.as_of_pattern,
        consumed=spec.consumed,
    )


def _contains(text: str, path: KeyPath, findings: Findings) -> Contains:
    if text == "all":
        return Contains()
    what, _, span = text.partition(" ")
    try:
        if what in {"updated", "opened"}:
            return Contains(what, read_span(span).seconds)
    except ValueError as error:
        findings.refuse(path, str(error))
        return Contains()
    findings.refuse(path, f"'{text}' is not possible here; write all, updated 8d or opened 35d")
    return Contains()
