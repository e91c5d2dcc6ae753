"""The settings file as written: its shape, key by key (interface.md §2)."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from kpi_agent.config.fields import (
    Address,
    Count,
    DayOrTime,
    Endpoint,
    Flag,
    Slug,
    Span,
    Text,
    Timezone,
    member_of,
    one_of,
)
from kpi_agent.config.scalars import Duration
from kpi_agent.config.spec import Spec, key
from kpi_agent.domain.source import Flavour
from kpi_agent.domain.ticket import Basis
from kpi_agent.strictyaml import Path


class StoreSpec(Spec):
    """Where figures are kept."""

    url: Text = key(
        "SQLite file below state_dir, or a PostgreSQL database", "sqlite:///kpi-agent.db", "sqlite:///kpi-agent.db"
    )
    password_file: Text | None = key(
        "file with the password of a PostgreSQL database", "/etc/kpi-agent/store.password", None
    )


class TlsSpec(Spec):
    """Files for a verified connection."""

    ca_file: Text | None = key("certificates of the authority", "/etc/ssl/certs/internal-ca.pem", None)
    cert_file: Text | None = key("own certificate", "/etc/kpi-agent/client.pem", None)
    key_file: Text | None = key("key of the own certificate", "/etc/kpi-agent/client.key", None)


class PrometheusSpec(Spec):
    """A Prometheus-compatible server."""

    type: Literal["prometheus"] = key("kind of source", "prometheus")
    url: Text = key("address of the server, without a password", "http://127.0.0.1:9090")
    every: Span = key("how often it is read", "15m", Duration(15, "m", "15m"))
    max_age: Span = key("older data make the source late", "1h", Duration(1, "h", "1h"))
    username: Text | None = key("account, with password_file", "kpi", None)
    password_file: Text | None = key("file that holds the password", "/etc/kpi-agent/main.password", None)
    token_file: Text | None = key("file that holds a bearer token", "/etc/kpi-agent/main.token", None)
    tls: TlsSpec = key("files for a verified connection", {"ca_file": "/etc/ssl/certs/internal-ca.pem"}, TlsSpec())
    headers: dict[Text, Text] = key("further request headers, none of them secret", {"X-Scope-OrgID": "acme"}, {})
    queries: tuple[Text, ...] | None = key("query packs to ask", ["node", "restore-tests"], None)
    flavour: Annotated[Flavour, member_of(Flavour)] | None = key(
        "what kind of server it is; without it, as it tells itself", "victoriametrics", None
    )
    replica_of: Text | None = key(
        "a source that watches the same: both are asked, and what either saw counts", "main", None
    )


class TicketsSpec(Spec):
    """A desk's exports in a drop folder."""

    type: Literal["tickets"] = key("kind of source", "tickets")
    profile: Text = key("how the export is read", "glpi")
    path: Text = key("glob of the files, below state_dir", "inbox/*.csv")
    timezone: Timezone | None = key(
        "zone of the export's dates; without it, that of the settings", "Europe/Paris", None
    )
    max_age: Span = key("older exports make the source late", "26h", Duration(26, "h", "26h"))
    contains: Text = key("what each export claims to contain: all, updated 8d or opened 35d", "all", "all")
    since: DayOrTime | None = key("when knowledge begins; without it, at the oldest opening", "2026-01-01", None)
    hold_basis: Annotated[Basis, member_of(Basis)] | None = key(
        "what the desk's waiting times count: service hours or the wall clock", "service", None
    )
    date_format: Text | None = key("format of the dates, where it cannot be told from them", "%d/%m/%Y %H:%M", None)
    as_of_pattern: Text | None = key(
        "pattern of the file name that says when it was written", "desk-%Y-%m-%dT%H%M.csv", None
    )
    consumed: Annotated[str, one_of("keep", "archive")] = key("what becomes of files that were read", "keep", "keep")


class RegisterSpec(Spec):
    """What is recorded by hand."""

    type: Literal["register"] = key("kind of source", "register")
    path: Text = key("folder below state_dir", "register/")


class MailSpec(Spec):
    """The mail server."""

    host: Text = key("mail server", "localhost")
    port: Count = key("its port", "25", 25)
    tls: Annotated[str, one_of("starttls", "implicit", "none")] = key(
        "how the connection is protected", "starttls", "starttls"
    )
    sender: Address = key("sender", "Run <run@provider.example>", alias="from")
    username: Text | None = key("account, with password_file", "run", None)
    password_file: Text | None = key("file that holds the password", "/etc/kpi-agent/mail.password", None)
    on_unknown: Annotated[str, one_of("hold", "resend")] = key(
        "what to do when it is unknown whether a mail left", "hold", "hold"
    )


class WebSpec(Spec):
    """Own metrics and the archive of reports."""

    listen: Endpoint = key("address and port; without it, off", "127.0.0.1:9469")


class PrivacySpec(Spec):
    """Personal data."""

    key_file: Text | None = key("key of the pseudonyms, below state_dir", "pseudonyms.key", None)
    people: Flag = key("whether figures about dependency on persons are computed", "true", default=True)
    controller: Text | None = key("who is responsible for the data", "ACME SAS", None)
    contact: Address | None = key("whom to ask", "dpo@acme.example", None)


SourceSpec = Annotated[PrometheusSpec | TicketsSpec | RegisterSpec, Field(discriminator="type")]


class SettingsSpec(Spec):
    """Settings of the agent."""

    parts: ClassVar[frozenset[Path]] = frozenset({("sources",)})

    timezone: Timezone = key("default zone of sources and contracts", "Europe/Paris")
    state_dir: Text = key("folder of the store, inbox and reports", "/var/lib/kpi-agent", "/var/lib/kpi-agent")
    store: StoreSpec = key("the store", {"url": "sqlite:///kpi-agent.db"}, StoreSpec())
    sources: dict[Slug, SourceSpec] = key(
        "where figures come from", {"main": {"type": "prometheus", "url": "http://127.0.0.1:9090"}}
    )
    contracts: Text = key("glob of the contract files, relative to this file", "contracts.d/*.yml", "contracts.d/*.yml")
    mail: MailSpec | None = key("mail server", {"host": "localhost", "from": "run@provider.example"}, None)
    web: WebSpec | None = key("web server", {"listen": "127.0.0.1:9469"}, None)
    privacy: PrivacySpec = key("personal data", {"people": "true"}, PrivacySpec())
    matrix: dict[Text, Any] | None = key("thresholds of the outsourcing matrix", {"hybrid": "13"}, None)
    signals: dict[Text, Any] | None = key("thresholds of the signals", {"recurring": "15%"}, None)
    plan: dict[Text, Any] | None = key("exit criteria of the plan", {"stabilise": {"quick_wins": "80%"}}, None)
