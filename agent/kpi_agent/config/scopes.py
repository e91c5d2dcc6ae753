"""What a contract covers: tickets, hosts, services and backup sets, from their text to domain values."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_agent.config.calendars import find_calendar
from kpi_agent.config.contract_spec import ContractSpec, ServiceSpec
from kpi_agent.config.findings import Findings
from kpi_agent.config.promql import hides_absence, is_balanced
from kpi_agent.config.scalars import did_you_mean
from kpi_agent.domain.calendar import ServiceCalendar
from kpi_agent.domain.contract import RESPONSE_FIELDS, BackupTerms, HostScope, PriorityTerms, ServiceTerms, TicketScope
from kpi_agent.domain.promql import NotASelector, parse_matchers, parse_selector
from kpi_agent.domain.source import Profile, PrometheusSource, Source, TicketSource
from kpi_agent.domain.time import midnight, zone
from kpi_agent.strictyaml import Path

WHERE_FIELDS = (
    "id", "kind", "title", "state", "priority", "category", "entity", "service", "host", "group", "problem", "url",
)  # fmt: skip
"""Normalised ticket fields that hold a text and are kept as it is (interface.md §3)."""

_ON_RESPONSES = frozenset({"respond_in_time", "time_to_respond"})
_NOT_TEXT = (
    "opened", "responded", "resolved", "closed", "updated", "reopened", "reopen_count", "hold_total", "holds",
    "time_spent",
)  # fmt: skip


def build_tickets(
    spec: ContractSpec, sources: Mapping[str, Source], calendars: Mapping[str, ServiceCalendar], findings: Findings
) -> TicketScope | None:
    """Return which tickets the contract covers, None when it covers none."""
    scope, path = spec.scope.tickets, ("scope", "tickets")
    if scope is None:
        return None
    _check_source(scope.source, "tickets", sources, (*path, "source"), findings)
    for name in scope.where:
        _check_where(name, (*path, "where", name), findings)
    for index, name in enumerate(scope.desk_calendars):
        find_calendar(name, calendars, (*path, "desk_calendars", index), findings)
    return TicketScope(
        source=scope.source,
        where=dict(scope.where),
        robots=scope.robots,
        responded_when=scope.responded_when,
        product_teams=scope.product_teams,
        reopen_window=scope.reopen_window.seconds,
        lookback=scope.lookback.seconds,
        same_occurrence=scope.same_occurrence.seconds,
        desk_calendars=scope.desk_calendars,
    )


def _check_where(name: str, path: Path, findings: Findings) -> None:
    if name == "assignee":
        findings.refuse_at_key(path, "persons are not kept, so no ticket would match; write group")
    elif name in _NOT_TEXT:
        findings.refuse_at_key(path, f"'{name}' is no text that a glob can match{did_you_mean('', WHERE_FIELDS)}")
    elif name not in WHERE_FIELDS:
        findings.refuse_at_key(path, f"unknown ticket field '{name}'{did_you_mean(name, WHERE_FIELDS)}")
    elif name == "title":
        findings.advise(path, "titles are kept masked: numbers, dates and host names in them match nothing")


def advise_on_responses(
    spec: ContractSpec, priorities: Mapping[str, PriorityTerms], sources: Mapping[str, Source], findings: Findings
) -> None:
    """Advise when objectives on responses cannot be measured: the desk tells no instant, nor a duration to place."""
    scope = spec.scope.tickets
    source = None if scope is None else sources.get(scope.source)
    if scope is None or not isinstance(source, TicketSource):
        return
    asked = [o.scope.priority for o in spec.objectives if o.indicator in _ON_RESPONSES]
    names = {p for one in asked for p in (priorities if one is None else (one,))}
    clocks = {priorities[n].calendar.name for n in names if n in priorities and priorities[n].respond is not None}
    profile = source.profile
    sign = RESPONSE_FIELDS.get(scope.responded_when)
    if sign is not None:
        if clocks and not _can_tell(profile, sign):
            message = f"profile {profile.name} never tells '{scope.responded_when}': responses are unknown"
            findings.advise(("scope", "tickets", "responded_when"), message)
        return
    if "responded" not in profile.cannot_tell:
        return
    if clocks and "response_duration" not in profile.columns:
        lack = "tells no responses: they are unknown"
        if profile.event_log is not None:
            lack = "tells responses only in an event log, several rows a ticket: of one row a ticket they are unknown"
        findings.advise(("scope", "tickets", "source"), f"profile {profile.name} {lack}")
    elif missing := sorted(clocks - set(scope.desk_calendars)):
        message = (
            f"profile {profile.name} tells responses as durations only: those on {', '.join(missing)} are unknown;"
            " name the calendars that the desk counts on too"
        )
        findings.advise(("scope", "tickets", "desk_calendars"), message)


def _can_tell(profile: Profile, sign: str) -> bool:
    """Whether some export of a profile tells a sign of a response: in a column, or by the rows of a history."""
    has_history = profile.event_log is not None or profile.json.history is not None
    return sign in profile.columns or (has_history and sign in {"started", "assigned"})


def build_hosts(
    spec: ContractSpec, timezone: str, sources: Mapping[str, Source], findings: Findings
) -> HostScope | None:
    """Return which hosts the contract covers, None when it covers none."""
    scope, path = spec.scope.hosts, ("scope", "hosts")
    if scope is None:
        return None
    _check_source(scope.source, "prometheus", sources, (*path, "source"), findings)
    try:
        if not parse_matchers(scope.matcher):
            findings.refuse((*path, "matcher"), "selects every host; write matchers, such as 'customer=\"acme\"'")
    except NotASelector as error:
        message = f'{error}; write label matchers, such as \'customer="acme",env=~"prod|pre"\''
        findings.refuse((*path, "matcher"), message)
    retired = {host: midnight(day, zone(timezone)) for host, day in scope.retired.items()}
    return HostScope(scope.source, scope.matcher, retired)


def build_services(
    spec: ContractSpec, sources: Mapping[str, Source], calendars: Mapping[str, ServiceCalendar], findings: Findings
) -> dict[str, ServiceTerms]:
    """Return the services of the contract by name."""
    found = {}
    for name, service in spec.scope.services.items():
        path: Path = ("scope", "services", name)
        _check_source(service.source, "prometheus", sources, (*path, "source"), findings)
        _check_up(service.up, (*path, "up"), findings)
        found[name] = _service(name, service, find_calendar(service.calendar, calendars, (*path, "calendar"), findings))
    return found


def _service(name: str, spec: ServiceSpec, calendar: ServiceCalendar) -> ServiceTerms:
    return ServiceTerms(
        name=name,
        source=spec.source,
        up=spec.up,
        calendar=calendar,
        min_outage=spec.min_outage.seconds,
        planned=spec.planned,
        unknown=spec.unknown,
        match_hosts=spec.match.hosts,
        match_ci=spec.match.ci,
    )


def _check_up(text: str, path: Path, findings: Findings) -> None:
    """Refuse what is neither a selector nor, by its brackets, an expression; and what hides an absent series."""
    try:
        parse_selector(text)
    except NotASelector as error:
        if not is_balanced(text) or text.lstrip()[:1].isdigit():
            findings.refuse(path, f"{error}; write a selector, such as 'probe_success{{service=\"portal\"}}'")
    if hides_absence(text):
        findings.refuse(
            path, "'or vector(…)' turns missing data into a value; leave it out: gaps are counted as unknown"
        )


def build_backups(spec: ContractSpec) -> dict[str, BackupTerms]:
    """Return the backup sets of the contract by name."""
    return {
        name: BackupTerms(
            name,
            rpo=None if backup.rpo is None else backup.rpo.seconds,
            rto=None if backup.rto is None else backup.rto.seconds,
            match=backup.match,
            hosts=backup.hosts,
        )
        for name, backup in spec.scope.backups.items()
    }


def _check_source(name: str, kind: str, sources: Mapping[str, Source], path: Path, findings: Findings) -> None:
    fitting = [n for n, s in sources.items() if isinstance(s, PrometheusSource) is (kind == "prometheus")]
    if name not in sources:
        findings.refuse(path, f"unknown source '{name}'{did_you_mean(name, fitting)}")
    elif name not in fitting:
        findings.refuse(path, f"source '{name}' is not of type {kind}{did_you_mean(name, fitting)}")
    elif isinstance(source := sources[name], PrometheusSource) and source.replica_of is not None:
        findings.refuse(path, f"'{name}' is a replica and read together with its source; write {source.replica_of}")
