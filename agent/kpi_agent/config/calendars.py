"""Service calendars and maintenance windows of a contract, resolved from their text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from kpi_agent.config.contract_spec import CalendarSpec, ContractSpec, WindowSpec
from kpi_agent.config.findings import Findings
from kpi_agent.config.holidays import public_holidays
from kpi_agent.config.hours import read_ranges, read_week
from kpi_agent.config.limits import limit_on
from kpi_agent.config.scalars import did_you_mean
from kpi_agent.config.windows import RecurringWindow, SingleWindow, read_rule
from kpi_agent.domain.calendar import ALWAYS, ServiceCalendar, ServiceHours, TimeRange
from kpi_agent.domain.contract import MaintenanceWindow, Notice
from kpi_agent.domain.time import Interval, to_instant, zone
from kpi_agent.strictyaml import Path

_EXAMPLE = "2026-01-05 09:00"


def build_calendars(spec: ContractSpec, timezone: str, findings: Findings) -> dict[str, ServiceCalendar]:
    """Return the contract's calendars by name, ``24x7`` among them; what is wrong goes to *findings*.

    A calendar that cannot be resolved stands there as 24x7, so that the rest of the file can still be looked at.
    """
    found = {ALWAYS.name: ALWAYS}
    for name, calendar in spec.calendars.items():
        path: Path = ("calendars", name)
        if name == ALWAYS.name:
            findings.refuse_at_key(path, "24x7 is built in; give this calendar another name")
            continue
        hours = _hours(calendar, timezone, spec.language, path, findings)
        found[name] = ServiceCalendar(name, hours)
    return found


def _hours(spec: CalendarSpec, timezone: str, language: str, path: Path, findings: Findings) -> ServiceHours:
    week, wrong = read_week(spec.hours)
    for days, message in wrong:
        findings.refuse((*path, "hours", days), message)
    holidays: Mapping[date, str] = {}
    if spec.holidays is not None:
        try:
            holidays = public_holidays(spec.holidays, language)
        except ValueError as error:
            findings.refuse((*path, "holidays"), str(error))
    extra: dict[date, tuple[TimeRange, ...]] = {}
    for index, opening in enumerate(spec.open):
        if opening.on in extra:
            findings.refuse((*path, "open", index, "on"), f"{opening.on} stands twice; write its hours in one entry")
        try:
            extra[opening.on] = read_ranges(opening.hours)
        except ValueError as error:
            findings.refuse((*path, "open", index, "hours"), str(error))
    if not week and not wrong and not extra:
        findings.refuse(path, 'is never open; write hours, such as {mon-fri: "08:00-18:00"}')
    return ServiceHours(timezone, week, holidays, frozenset(spec.closed), extra)


def find_calendar(
    name: str, calendars: Mapping[str, ServiceCalendar], path: Path, findings: Findings
) -> ServiceCalendar:
    """Return the calendar of that name; an unknown one is refused at *path*, and 24x7 stands in."""
    if name in calendars:
        return calendars[name]
    if name not in findings.names(("calendars",)):
        findings.refuse(path, f"unknown calendar '{name}'{did_you_mean(name, sorted(calendars))}")
    return ALWAYS


def build_windows(spec: ContractSpec, timezone: str, findings: Findings) -> tuple[MaintenanceWindow, ...]:
    """Return the maintenance windows of the file; what is wrong goes to *findings*."""
    built = (
        _window(window, timezone, ("maintenance", index), findings)
        for index, window in findings.kept(("maintenance",), spec.maintenance)
    )
    return tuple(window for window in built if window is not None)


def build_notice(spec: ContractSpec, calendars: Mapping[str, ServiceCalendar], findings: Findings) -> Notice | None:
    """Return the notice that windows need: working days of ``office``, else of the only calendar, hours of the clock.

    A single window that does not say when it was declared is refused, for nobody could tell whether it was in time.
    """
    wanted = spec.maintenance_rules.notice
    if wanted is None:
        return None
    path: Path = ("maintenance_rules", "notice")
    own = [c for c in calendars.values() if c is not ALWAYS]
    calendar = ALWAYS
    if wanted.unit == "wd":
        if "office" not in calendars and len(own) != 1:
            findings.refuse(
                path, f"'{wanted.text}' counts working days; declare a calendar named office, or write hours"
            )
            return None
        calendar = calendars["office"] if "office" in calendars else own[0]
    for index, window in findings.kept(("maintenance",), spec.maintenance):
        if window.rrule is None and window.declared is None:
            wrong = f"must say when it was declared, for the contract asks for {wanted.text}"
            findings.refuse(("maintenance", index), f'{wrong}; add it, such as declared: "{_EXAMPLE}"')
    try:
        return Notice(limit_on(wanted, calendar), calendar)
    except ValueError as error:
        findings.refuse(path, str(error))
        return None


def _window(spec: WindowSpec, timezone: str, path: Path, findings: Findings) -> MaintenanceWindow | None:
    services = findings.names(("scope", "services"))
    if not spec.services:
        findings.refuse((*path, "services"), "names no service; write those concerned, such as [portal]")
    for index, name in enumerate(spec.services):
        if name not in services:
            findings.refuse((*path, "services", index), f"unknown service '{name}'{did_you_mean(name, services)}")
    if spec.lasts.seconds == 0:
        findings.refuse((*path, "lasts"), "lasts no time; write its length, such as 4h")
        return None
    declared = None if spec.declared is None else to_instant(spec.declared, zone(timezone))
    if spec.rrule is None:
        start = to_instant(spec.starts, zone(timezone))
        return SingleWindow(spec.name, spec.services, Interval(start, start + spec.lasts.seconds), declared)
    try:
        rule = read_rule(spec.rrule, spec.starts, timezone)
    except ValueError as error:
        findings.refuse((*path, "rrule"), str(error))
        return None
    return RecurringWindow(spec.name, spec.services, rule, timezone, spec.lasts.seconds, declared)
