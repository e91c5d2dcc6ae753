from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePath
from zoneinfo import ZoneInfo

import pytest

from kpi_agent.domain.problem import Problem
from kpi_agent.domain.source import Contains, PrometheusSource, Settings, TicketSource
from kpi_agent.domain.ticket import Basis
from kpi_agent.domain.time import DAY, HOUR, MINUTE

BAD = sorted((Path(__file__).parents[2] / "data" / "settings").glob("bad-*.yml"))

Parse = Callable[[bytes, Path], tuple[Settings | None, tuple[Problem, ...]]]

WHOLE = """\
timezone: Europe/Paris
state_dir: /var/lib/kpi-agent
store: {url: "sqlite:///kpi-agent.db"}
sources:
  main:
    type: prometheus
    url: "https://prometheus.example/base/"
    every: 5m
    max_age: 2h
    username: kpi
    password_file: secrets/main
    tls: {ca_file: /etc/ssl/ca.pem, cert_file: client.pem, key_file: client.key}
    headers: {X-Scope-OrgID: acme}
    queries: [node]
  desk:
    type: tickets
    profile: glpi
    path: "inbox/*.csv"
    timezone: UTC
    max_age: 26h
    contains: updated 8d
    since: 2026-01-01
    hold_basis: service
    date_format: "%d/%m/%Y %H:%M"
    as_of_pattern: "desk-%Y-%m-%dT%H%M.csv"
    consumed: archive
mail: {host: localhost, port: 25, tls: starttls, from: "Run <run@provider.example>", on_unknown: hold}
web: {listen: "127.0.0.1:9469"}
privacy: {key_file: pseudonyms.key, people: true, controller: ACME SAS, contact: dpo@acme.example}
contracts: contracts.d/*.yml
"""


def good(settings_from: Parse, text: str, file: str = "/etc/kpi-agent/kpi-agent.yml") -> Settings:
    found, problems = settings_from(text.encode(), Path(file))
    assert found is not None, "\n".join(str(p) for p in problems)
    return found


@pytest.mark.parametrize("file", BAD, ids=lambda f: f.stem)
def test_bad_settings_say_exactly_what_is_wrong(file: Path, settings_from: Parse) -> None:
    found, problems = settings_from(file.read_bytes(), Path(file.name))

    assert "".join(f"{p}\n" for p in problems) == file.with_suffix(".txt").read_text()
    assert found is None


def test_there_are_bad_examples() -> None:
    assert len(BAD) > 20


def test_no_message_shows_a_secret() -> None:
    assert not [f.name for f in BAD if "hunter2" in f.with_suffix(".txt").read_text()]
    assert [f.name for f in BAD if "hunter2" in f.read_text()]


def test_a_prometheus_with_all_its_keys(settings_from: Parse) -> None:
    main = good(settings_from, WHOLE).sources["main"]

    assert isinstance(main, PrometheusSource)
    assert main.url == "https://prometheus.example/base"
    assert (main.every, main.max_age, main.queries) == (5 * MINUTE, 2 * HOUR, ("node",))
    assert main.password_file == PurePath("/var/lib/kpi-agent/secrets/main")
    assert (main.tls.ca_file, main.tls.key_file) == (
        PurePath("/etc/ssl/ca.pem"),
        PurePath("/var/lib/kpi-agent/client.key"),
    )
    assert main.headers == {"X-Scope-OrgID": "acme"}


def test_a_desk_with_all_its_keys(settings_from: Parse) -> None:
    desk = good(settings_from, WHOLE).sources["desk"]

    assert isinstance(desk, TicketSource)
    assert (desk.profile.name, desk.timezone, desk.consumed, desk.hold_basis) == (
        "glpi",
        "UTC",
        "archive",
        Basis.SERVICE,
    )
    assert desk.contains == Contains("updated", 8 * DAY)
    assert desk.since == int(datetime(2026, 1, 1, tzinfo=ZoneInfo("UTC")).timestamp())


def test_knowledge_begins_at_the_wall_time_of_the_source(settings_from: Parse) -> None:
    text = WHOLE.replace("timezone: UTC", "timezone: Europe/Paris").replace("2026-01-01", '"2026-07-01 08:30"')
    desk = good(settings_from, text).sources["desk"]

    assert isinstance(desk, TicketSource)
    assert desk.since == int(datetime(2026, 7, 1, 8, 30, tzinfo=ZoneInfo("Europe/Paris")).timestamp())


def test_a_source_without_a_zone_has_that_of_the_settings(settings: Settings) -> None:
    desk = settings.sources["desk"]

    assert isinstance(desk, TicketSource)
    assert desk.timezone == "Europe/Paris"
    assert desk.contains == Contains()


@pytest.mark.parametrize(
    ("state_dir", "url", "expected"),
    [
        ("/var/lib/kpi-agent", "sqlite:///kpi-agent.db", "sqlite:////var/lib/kpi-agent/kpi-agent.db"),
        ("state", "sqlite:///kpi-agent.db", "sqlite:////etc/kpi-agent/state/kpi-agent.db"),
        (".", "sqlite:///kpi-agent.db", "sqlite:////etc/kpi-agent/kpi-agent.db"),
        ("state", "sqlite:////srv/kpi.db", "sqlite:////srv/kpi.db"),
        ("state", "postgresql+psycopg://kpi@db/kpi", "postgresql+psycopg://kpi@db/kpi"),
    ],
)
def test_the_store_lies_below_the_state_folder(settings_from: Parse, state_dir: str, url: str, expected: str) -> None:
    text = WHOLE.replace("/var/lib/kpi-agent", state_dir).replace("sqlite:///kpi-agent.db", url)

    assert good(settings_from, text).store_url == expected


def test_contracts_lie_beside_the_settings(settings_from: Parse) -> None:
    found = good(settings_from, WHOLE, "/srv/kpi/settings.yml")

    assert found.contracts_glob == "/srv/kpi/contracts.d/*.yml"
    assert found.file == "/srv/kpi/settings.yml"
    assert found.state_dir == PurePath("/var/lib/kpi-agent")
    assert found.web_listen == "127.0.0.1:9469"


def test_a_mail_or_web_server_without_effect_yet_is_advice(settings_from: Parse) -> None:
    text = (
        'timezone: UTC\nsources: {main: {type: prometheus, url: "http://127.0.0.1:9090"}}\n'
        "mail: {host: localhost, from: run@provider.example}\n"
        'web: {listen: "127.0.0.1:9469"}\n'
    )

    found, problems = settings_from(text.encode(), Path("kpi-agent.yml"))

    assert found is not None
    assert [(p.is_advice, p.path, p.line, p.message) for p in problems] == [
        (True, "mail", 3, "no mail is sent by this version; reports are archived as mails, report.eml"),
        (True, "web", 4, "nothing is served by this version"),
    ]


def test_a_replica_asks_the_packs_of_what_it_replicates_unless_it_names_its_own(settings_from: Parse) -> None:
    text = (
        "timezone: Europe/Paris\nsources:\n"
        "  twin: {type: prometheus, url: 'http://b:9090', replica_of: main}\n"
        "  main: {type: prometheus, url: 'http://a:9090', queries: [node]}\n"
        "  third: {type: prometheus, url: 'http://c:9090', replica_of: main, queries: [restore-tests]}\n"
    )

    sources = good(settings_from, text).sources

    assert {n: (s.stands_for, s.queries) for n, s in sources.items() if isinstance(s, PrometheusSource)} == {
        "twin": ("main", ("node",)),
        "main": ("main", ("node",)),
        "third": ("main", ("restore-tests",)),
    }


@pytest.mark.parametrize("other", ["mian", "twin", "desk", "third"])
def test_a_replica_of_nothing_that_has_data_of_its_own_is_refused(settings_from: Parse, other: str) -> None:
    text = (
        "timezone: Europe/Paris\nsources:\n"
        f"  twin: {{type: prometheus, url: 'http://b:9090', replica_of: {other}}}\n"
        "  main: {type: prometheus, url: 'http://a:9090'}\n"
        "  third: {type: prometheus, url: 'http://c:9090', replica_of: main}\n"
        "  desk: {type: tickets, profile: glpi, path: 'inbox/*.csv'}\n"
    )

    found, problems = settings_from(text.encode(), Path("kpi-agent.yml"))

    assert found is None
    assert [p.path for p in problems] == ["sources.twin.replica_of"]
    assert "main" in problems[0].message
