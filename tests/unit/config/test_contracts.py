from datetime import date, datetime, time
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

import pytest

from kpi_agent.config.contracts import ParsedContract, parse_contract
from kpi_agent.config.load import load_profiles
from kpi_agent.config.offered import OFFERED
from kpi_agent.config.settings import parse_settings
from kpi_agent.domain.contract import Comparison, ContractVersion, Planned, TargetUnit
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.source import Settings
from kpi_agent.domain.ticket import HoldReason
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval
from unit.config.conftest import HEAD

BAD = sorted((Path(__file__).parents[2] / "data" / "contracts").glob("bad-*.yml"))
PARIS = ZoneInfo("Europe/Paris")

OFFICE = """\
calendars:
  office: {hours: {mon-fri: "08:00-18:00"}, holidays: FR}
scope:
  tickets: {source: desk}
"""


class Parse(Protocol):
    def __call__(self, text: str) -> ParsedContract: ...


class Read(Protocol):
    def __call__(self, text: str) -> ContractVersion: ...


def paris(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=PARIS).timestamp())


@pytest.mark.parametrize("file", BAD, ids=lambda f: f.stem)
def test_a_bad_contract_says_exactly_what_is_wrong(file: Path, settings: Settings) -> None:
    found = parse_contract(file.read_bytes(), file.name, timezone="Europe/Paris", sources=settings.sources)

    assert "".join(f"{p}\n" for p in found.problems) == file.with_suffix(".txt").read_text()
    assert found.version is None


def test_there_are_bad_examples() -> None:
    assert len(BAD) > 60


def test_every_key_of_the_format_is_accepted(data: Path, settings: Settings) -> None:
    content = (data / "contracts" / "every-key.yml").read_bytes()
    found = parse_contract(content, "every-key.yml", timezone="Europe/Paris", sources=settings.sources)

    assert [str(p) for p in found.problems if not p.is_advice] == []
    assert found.version is not None
    assert found.version.maintenance_cap == 8 * HOUR
    assert found.version.report.close_at == time(7, 0)
    assert found.version.services["portal"].planned is Planned.EXCLUDED
    assert found.version.services["portal"].match_hosts == ("web*",)


def test_what_is_accepted_and_not_computed_is_said(data: Path, settings: Settings) -> None:
    content = (data / "contracts" / "every-key.yml").read_bytes()
    found = parse_contract(content, "every-key.yml", timezone="Europe/Paris", sources=settings.sources)

    assert "".join(f"{p}\n" for p in found.problems) == (data / "contracts" / "every-key.txt").read_text()


def test_the_worked_example_of_a_held_ticket(contract: Read) -> None:
    """indicators.md §1: opened Fri 17:00, held Mon 12:00 to 14:00, resolved Tue 09:30 is 10 h 30."""
    office = contract(OFFICE).calendars["office"]

    hold = Interval(paris("2026-07-06 12:00"), paris("2026-07-06 14:00"))
    opened, resolved = paris("2026-07-03 17:00"), paris("2026-07-07 09:30")

    assert office.elapsed(opened, resolved, [hold]) == 10 * HOUR + 30 * MINUTE
    assert office.deadline(opened, 8 * HOUR, [hold]) == paris("2026-07-06 17:00")


def test_a_holiday_is_closed_and_an_extra_opening_is_open(contract: Read) -> None:
    calendar = contract(
        "calendars:\n"
        '  office: {hours: {mon-fri: "08:00-18:00"}, holidays: FR, closed: [2026-05-15],\n'
        '           open: [{on: 2026-05-14, hours: "08:00-12:00"}]}\n'
    ).calendars["office"]

    spans = calendar.open_spans(Interval(paris("2026-05-13 00:00"), paris("2026-05-16 00:00")))

    assert spans == (
        Interval(paris("2026-05-13 08:00"), paris("2026-05-13 18:00")),
        Interval(paris("2026-05-14 08:00"), paris("2026-05-14 12:00")),
    )


def test_a_limit_of_working_days_is_that_many_open_days(contract: Read) -> None:
    terms = contract(OFFICE + "priorities:\n  P3: {respond: 4h, resolve: 3wd, calendar: office}\n").priorities["P3"]

    assert terms.respond is not None
    assert terms.resolve is not None
    assert (terms.respond.seconds, terms.resolve.seconds, terms.resolve.text) == (4 * HOUR, 30 * HOUR, "3wd")


def test_days_count_around_the_clock(contract: Read) -> None:
    terms = contract("priorities:\n  P4: {resolve: 5d, calendar: 24x7}\n").priorities["P4"]

    assert terms.respond is None
    assert terms.resolve is not None
    assert terms.resolve.seconds == 5 * DAY


def test_an_objective_carries_exact_numbers(contract: Read) -> None:
    version = contract(
        OFFICE
        + "priorities:\n  P1: {respond: 30m, resolve: 4h, calendar: 24x7}\n"
        + "objectives:\n"
        + '  - {id: gti-p1, indicator: respond_in_time, scope: {priority: P1}, target: ">= 99.95%", weight: 2.5}\n'
        + '  - {id: mttr, indicator: time_to_resolve, statistic: p90, target: "<= 4h", name: {fr: Durée}}\n'
        + '  - {id: backlog, indicator: backlog, target: "<= 20"}\n'
    )
    gti, mttr, backlog = version.objectives

    assert (gti.target.comparison, gti.target.value, gti.target.unit) == (
        Comparison.AT_LEAST,
        Fraction(1999, 2000),
        TargetUnit.RATIO,
    )
    assert (gti.scope.priority, gti.weight, gti.min_coverage) == ("P1", Fraction(5, 2), Fraction(19, 20))
    assert (mttr.target.value, mttr.statistic, mttr.name) == (Fraction(4 * HOUR), "p90", {"fr": "Durée"})
    assert (backlog.target.value, backlog.target.unit) == (Fraction(20), TargetUnit.COUNT)


def test_a_target_in_working_days_needs_one_length(parsed: Parse) -> None:
    priorities = "priorities:\n  P1: {resolve: 4h, calendar: 24x7}\n  P3: {resolve: 3wd, calendar: office}\n"
    objective = 'objectives:\n  - {id: mttr, indicator: time_to_resolve, statistic: mean, target: "<= 2wd"%s}\n'

    vague = parsed(OFFICE + priorities + objective % "")
    exact = parsed(OFFICE + priorities + objective % ", scope: {priority: P3}")

    assert [p.message for p in vague.problems] == [
        "'2wd' is not equally long under each priority; name a priority in the scope"
    ]
    assert exact.version is not None
    assert exact.version.objectives[0].target.value == 20 * HOUR


def test_restore_coverage_looks_back_92_days_unless_it_says_otherwise(contract: Read) -> None:
    version = contract(
        "scope:\n"
        "  hosts: {source: main, matcher: 'customer=\"acme\"'}\n"
        "  backups: {db-main: {rpo: 26h}, files: {}}\n"
        "objectives:\n"
        '  - {id: a, indicator: restore_coverage, target: ">= 100%"}\n'
        '  - {id: b, indicator: restore_coverage, scope: {backup: files}, interval: 30d, target: ">= 100%"}\n'
    )

    assert [o.interval for o in version.objectives] == [92 * DAY, 30 * DAY]
    assert (version.backups["db-main"].rpo, version.backups["files"].rpo) == (26 * HOUR, None)


def test_a_retired_host_left_at_local_midnight(contract: Read) -> None:
    hosts = contract(
        "scope:\n  hosts: {source: main, matcher: 'customer=\"acme\"', retired: {web3: 2026-10-12}}\n"
    ).hosts

    assert hosts is not None
    assert hosts.retired == {"web3": paris("2026-10-12 00:00")}


def test_the_last_day_in_force_is_in_force(settings: Settings) -> None:
    text = "contract: a\ncustomer: A\nprovider: B\nlanguage: en\neffective: {from: 2026-01-01, to: 2026-06-30}\n"
    version = parse_contract(text.encode(), "a.yml", timezone="UTC", sources=settings.sources).version

    assert version is not None
    assert (version.effective_from, version.effective_to) == (date(2026, 1, 1), date(2026, 7, 1))
    assert version.timezone == "UTC"


def test_a_version_keeps_its_text_and_hash(settings: Settings) -> None:
    content = "contract: a # été\r\ncustomer: É\nprovider: B\nlanguage: en\neffective: {from: 2026-01-01}\n".encode()
    version = parse_contract(content, "a.yml", timezone="UTC", sources=settings.sources).version

    assert version is not None
    assert version.text.encode() == content
    assert version.sha256 == sha256(content).hexdigest()


def test_only_the_customer_stops_the_clock_unless_it_says_otherwise(contract: Read) -> None:
    assert contract("").hold_stop == {HoldReason.CUSTOMER}
    assert contract("holds: {stop: [customer, vendor]}\n").hold_stop == {HoldReason.CUSTOMER, HoldReason.VENDOR}
    assert contract("holds: {stop: []}\n").hold_stop == frozenset()


def test_a_coverage_that_the_target_cannot_bear_is_advice(parsed: Parse) -> None:
    service = "scope:\n  services:\n    portal: {source: main, up: up}\nobjectives:\n"
    objective = (
        '  - {id: p, indicator: availability, scope: {service: portal}, target: ">= 99.9%%", min_coverage: %s}\n'
    )

    loose = parsed(service + objective % "99%")
    tight = parsed(service + objective % "0.999")

    assert [(p.is_advice, p.line) for p in loose.problems] == [(True, 10)]
    assert "bears only 0.1% of downtime; write min_coverage: 99.9%" in loose.problems[0].message
    assert tight.problems == ()


RESPONSES = """\
scope: {tickets: {source: desk%s}}
calendars: {office: {hours: {mon-fri: "08:00-18:00"}}}
priorities:
  P1: {respond: 30m, calendar: 24x7}
  P2: {respond: 1h, calendar: office}
objectives:
  - {id: gti-p2, indicator: respond_in_time, scope: {priority: P2}, target: ">= 95%%"}
"""


@pytest.mark.parametrize(
    ("profile", "calendars", "said"),
    [
        ("glpi", "", ["profile glpi tells responses as durations only: those on office are unknown"]),
        ("glpi", ", desk_calendars: [24x7]", ["profile glpi tells responses as durations only: those on office"]),
        ("glpi", ", desk_calendars: [office]", []),
        ("servicenow", ", desk_calendars: [office]", ["profile servicenow tells responses only in an event log"]),
        ("generic", "", []),
        ("glpi", ", responded_when: assigned_to_person", ["profile glpi never tells 'assigned_to_person'"]),
        ("servicenow", ", responded_when: in_progress", []),
        ("zendesk", ", responded_when: assigned_to_person", []),
    ],
)
def test_an_objective_on_responses_that_the_desk_cannot_tell_is_advice(
    profile: str, calendars: str, said: list[str], shipped: Path
) -> None:
    profiles, _ = load_profiles(Path("/nowhere"), shipped=shipped)
    basis = ", hold_basis: service" if profile == "glpi" else ""
    text = f'timezone: UTC\nsources:\n  desk: {{type: tickets, profile: {profile}, path: "inbox/*.csv"{basis}}}\n'
    settings, _ = parse_settings(text.encode(), Path("/etc/kpi-agent.yml"), profiles=profiles, packs=())
    assert settings is not None

    found = parse_contract(
        (HEAD + RESPONSES % calendars).encode(), "acme.yml", timezone="UTC", sources=settings.sources
    )

    assert found.version is not None
    assert [p.is_advice for p in found.problems] == [True] * len(said)
    assert all(s in p.message for s, p in zip(said, found.problems, strict=True))


def test_an_expression_may_say_that_a_service_is_up(contract: Read) -> None:
    query = 'min by (service) (probe_success{service="portal",note=")"}) > bool 0'
    version = contract(f"scope:\n  services:\n    portal: {{source: main, up: '{query}'}}\n")

    assert version.services["portal"].up == query


def test_the_indicators_offered_are_those_that_can_be_measured() -> None:
    assert set(OFFERED) == set(INDICATORS)


def test_what_refers_to_a_broken_part_is_not_refused_a_second_time(parsed: Parse) -> None:
    found = parsed(
        "calendars:\n  office: {hours: 08-18}\n"
        "scope:\n  tickets: {source: desk}\n  services:\n    portal: {source: main}\n"
        "priorities:\n  P1: {respond: soon, calendar: office}\n"
        "objectives:\n"
        '  - {id: a, indicator: respond_in_time, scope: {priority: P1}, target: ">= 95%"}\n'
        '  - {id: b, indicator: availability, scope: {service: portal}, target: ">= 99%", min_coverage: 99%}\n'
    )

    assert [p.path for p in found.problems] == [
        "calendars.office.hours",
        "scope.services.portal",
        "priorities.P1.respond",
    ]
