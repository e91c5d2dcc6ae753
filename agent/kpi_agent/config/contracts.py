"""One contract file to one contract version, and versions to contracts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from hashlib import sha256
from itertools import pairwise

from kpi_agent.config.calendars import build_calendars, build_notice, build_windows, find_calendar
from kpi_agent.config.contract_spec import ContractSpec, PrioritySpec, ReportSpec
from kpi_agent.config.findings import Findings
from kpi_agent.config.limits import limit_on
from kpi_agent.config.objectives import build_objectives
from kpi_agent.config.scalars import Duration
from kpi_agent.config.scopes import advise_on_responses, build_backups, build_hosts, build_services, build_tickets
from kpi_agent.config.spec import parse_spec
from kpi_agent.domain.calendar import ServiceCalendar
from kpi_agent.domain.contract import Contract, ContractVersion, Limit, PriorityTerms, ReportTerms
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.source import Source
from kpi_agent.strictyaml import Path

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ParsedContract:
    """What one file gives: a version or, when it is refused, None with the id that it claims, if that can be read."""

    claimed: str | None
    version: ContractVersion | None
    problems: tuple[Problem, ...]


def parse_contract(content: bytes, file: str, *, timezone: str, sources: Mapping[str, Source]) -> ParsedContract:
    """Return the version that a file holds, and everything wrong with it or worth a remark.

    *timezone* is the default; *sources* are those of the settings.
    """
    spec, findings = parse_spec(ContractSpec, content, file)
    version = None if spec is None else _version(spec, content, timezone, sources, findings)
    claimed = findings.text(("contract",))
    if findings.is_refused:
        return ParsedContract(claimed, None, findings.in_order())
    return ParsedContract(claimed, version, findings.in_order())


def _version(
    spec: ContractSpec, content: bytes, default_timezone: str, sources: Mapping[str, Source], findings: Findings
) -> ContractVersion:
    timezone = spec.timezone or default_timezone
    calendars = build_calendars(spec, timezone, findings)
    if spec.effective.to is not None and spec.effective.to < spec.effective.since:
        findings.refuse(("effective", "to"), f"{spec.effective.to} is before {spec.effective.since}; write a later day")
    for name in ("penalty_cap", "penalties_from", "small_sample"):
        if getattr(spec, name) is not None:
            findings.advise((name,), "penalties are not estimated by this version")
    priorities = _priorities(spec, calendars, findings)
    advise_on_responses(spec, priorities, sources, findings)
    cap = spec.maintenance_rules.cap
    return ContractVersion(
        id=spec.contract,
        customer=spec.customer,
        provider=spec.provider,
        effective_from=spec.effective.since,
        effective_to=None if spec.effective.to is None else spec.effective.to + _ONE_DAY,
        language=spec.language,
        timezone=timezone,
        file=findings.file,
        sha256=sha256(content).hexdigest(),
        text=content.decode("utf-8"),
        currency=spec.currency,
        calendars=calendars,
        hold_stop=frozenset(spec.holds.stop),
        maintenance=build_windows(spec, timezone, findings),
        hourly_rate=None if spec.cost is None else Fraction(spec.cost.hourly_rate),
        maintenance_cap=None if cap is None else cap.seconds,
        maintenance_notice=build_notice(spec, calendars, findings),
        tickets=build_tickets(spec, sources, calendars, findings),
        hosts=build_hosts(spec, timezone, sources, findings),
        services=build_services(spec, sources, calendars, findings),
        backups=build_backups(spec),
        not_backed_up=dict(spec.scope.not_backed_up),
        priorities=priorities,
        objectives=build_objectives(spec, priorities, findings),
        report=_report(spec.report, findings),
    )


def _priorities(
    spec: ContractSpec, calendars: Mapping[str, ServiceCalendar], findings: Findings
) -> dict[str, PriorityTerms]:
    found = {}
    for name, terms in sorted(spec.priorities.items()):
        path: Path = ("priorities", name)
        calendar = find_calendar(terms.calendar, calendars, (*path, "calendar"), findings)
        # A limit is not held against the calendar that stands in for an unknown one.
        is_known = calendar.name == terms.calendar
        respond, resolve = (
            _limit(duration, calendar, (*path, key), findings) if is_known else None
            for key, duration in (("respond", terms.respond), ("resolve", terms.resolve))
        )
        _check_promise(terms, path, findings)
        found[name] = PriorityTerms(calendar, respond, resolve)
    return found


def _check_promise(terms: PrioritySpec, path: Path, findings: Findings) -> None:
    if terms.respond is None and terms.resolve is None:
        findings.advise(path, "promises no limit: its tickets are counted and not judged")


def _limit(duration: Duration | None, calendar: ServiceCalendar, path: Path, findings: Findings) -> Limit | None:
    if duration is None:
        return None
    try:
        return limit_on(duration, calendar)
    except ValueError as error:
        findings.refuse(path, str(error))
        # Kept, so that an objective on it is not refused for the lack of a limit as well.
        return Limit(0, duration.text)


def _report(spec: ReportSpec, findings: Findings) -> ReportTerms:
    if spec.to:
        findings.advise(("report", "to"), "no mail is sent by this version; closed months are archived as mails")
    if spec.weekly:
        findings.advise(("report", "weekly"), "no mail is sent by this version")
    return ReportTerms(
        to=spec.to,
        close_after_days=spec.close.after.count,
        close_at=spec.close.at,
        close_wait=spec.close.wait.seconds,
        weekly=spec.weekly,
        review=spec.review,
    )


def join_versions(versions: Sequence[ContractVersion]) -> tuple[Contract | None, tuple[Problem, ...]]:
    """Return the contract that versions of one id make, or None and what does not fit together.

    They must follow one another without gap or overlap, in one time zone (indicators.md §10).
    """
    ordered = sorted(versions, key=lambda v: (v.effective_from, v.file))
    problems: list[Problem] = []
    for earlier, later in pairwise(ordered):
        if (message := _misfit(earlier, later)) is not None:
            problems.append(Problem(later.file, message, path="effective"))
        if later.timezone != earlier.timezone:
            message = f"the version from {earlier.effective_from} counts in {earlier.timezone}; keep one zone"
            problems.append(Problem(later.file, message, path="timezone"))
    return (None, tuple(problems)) if problems else (Contract(ordered[0].id, tuple(ordered)), ())


def _misfit(earlier: ContractVersion, later: ContractVersion) -> str | None:
    if later.effective_from == earlier.effective_from:
        return f"{earlier.file} begins on the same day, {later.effective_from}; give each version its own day"
    end = earlier.effective_to
    if end is None or end == later.effective_from:
        return None
    last: date = end - _ONE_DAY
    wanted = later.effective_from - _ONE_DAY
    kind = "a gap" if end < later.effective_from else "an overlap"
    return f"{kind}: {earlier.file} ends on {last}, this begins on {later.effective_from}; write to: {wanted} there"
