"""The terms of a document: what the contract version promised, with calendars and windows resolved to UTC."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from kpi_agent.domain.calendar import ServiceCalendar, TimeRange
from kpi_agent.domain.contract import ContractVersion, Limit, Notice
from kpi_agent.domain.time import Interval, local_days, to_utc_text, zone
from kpi_agent_reports.canonical import optional_utc_text


def terms_of(version: ContractVersion, span: Interval) -> dict[str, Any]:
    """Return the terms of one version for the stretch of the period under it, in neutral form (no language)."""
    days = [day for day, _ in local_days(span, zone(version.timezone))]
    return {
        "version": version.effective_from.isoformat(),
        "effective_to": None if version.effective_to is None else version.effective_to.isoformat(),
        "timezone": version.timezone,
        "calendars": [_calendar(c, span, days) for _, c in sorted(_calendars(version).items())],
        "hold_stop": sorted(reason.value for reason in version.hold_stop),
        "priorities": [
            {
                "priority": name,
                "calendar": terms.calendar.name,
                "respond": _limit(terms.respond),
                "resolve": _limit(terms.resolve),
            }
            for name, terms in sorted(version.priorities.items())
        ],
        "maintenance": [
            {
                "name": w.name,
                "services": sorted(w.services),
                "declared": optional_utc_text(w.declared),
                "windows": [{**_span(i), "is_late": version.is_late(w, i.start)} for i in w.occurrences(span)],
            }
            for w in sorted(version.maintenance, key=lambda w: w.name)
        ],
        "maintenance_cap": version.maintenance_cap,
        "maintenance_notice": _notice(version.maintenance_notice),
        "services": [
            {
                "name": s.name,
                "source": s.source,
                "up": s.up,
                "calendar": s.calendar.name,
                "min_outage": s.min_outage,
                "planned": s.planned.value,
                "unknown": s.unknown.value,
            }
            for _, s in sorted(version.services.items())
        ],
        "tickets": _tickets(version),
        "hosts": _hosts(version),
        "backups": [{"name": b.name, "rpo": b.rpo, "rto": b.rto} for _, b in sorted(version.backups.items())],
    }


def _calendars(version: ContractVersion) -> dict[str, ServiceCalendar]:
    """Return the calendars that a promise of the version uses, by name."""
    used = [p.calendar for p in version.priorities.values()] + [s.calendar for s in version.services.values()]
    if version.maintenance_notice is not None:
        used.append(version.maintenance_notice.calendar)
    return {c.name: c for c in used}


def _calendar(calendar: ServiceCalendar, span: Interval, days: Iterable[date]) -> dict[str, Any]:
    hours = calendar.hours
    if hours is None:
        return {"name": calendar.name, "is_always_open": True}
    return {
        "name": calendar.name,
        "is_always_open": False,
        "timezone": hours.timezone,
        "weekly": [{"weekday": d, "ranges": _ranges(r)} for d, r in sorted(hours.weekly.items()) if r],
        # A holiday on a day that is closed anyway changes no figure: only those that took hours away are "used".
        "holidays": [
            {"day": day.isoformat(), "name": hours.holidays[day]}
            for day in days
            if day in hours.holidays and hours.weekly.get(day.weekday())
        ],
        "closed": [day.isoformat() for day in days if day in hours.closed],
        "extra": [{"day": day.isoformat(), "ranges": _ranges(hours.extra[day])} for day in days if day in hours.extra],
        "open": _spans(calendar.open_spans(span)),
    }


def _ranges(ranges: Iterable[TimeRange]) -> list[str]:
    return [f"{opening:%H:%M}-{closing:%H:%M}" for opening, closing in ranges]


def _spans(spans: Iterable[Interval]) -> list[dict[str, str]]:
    return [_span(s) for s in spans]


def _span(span: Interval) -> dict[str, str]:
    return {"start": to_utc_text(span.start), "end": to_utc_text(span.end)}


def _limit(limit: Limit | None) -> dict[str, Any] | None:
    return None if limit is None else {"seconds": limit.seconds, "text": limit.text}


def _notice(notice: Notice | None) -> dict[str, Any] | None:
    return (
        None
        if notice is None
        else {"calendar": notice.calendar.name, "seconds": notice.limit.seconds, "text": notice.limit.text}
    )


def _tickets(version: ContractVersion) -> dict[str, Any] | None:
    scope = version.tickets
    if scope is None:
        return None
    return {
        "source": scope.source,
        "where": dict(scope.where),
        "robots": list(scope.robots),
        "reopen_window": scope.reopen_window,
        "lookback": scope.lookback,
        "same_occurrence": scope.same_occurrence,
    }


def _hosts(version: ContractVersion) -> dict[str, Any] | None:
    scope = version.hosts
    if scope is None:
        return None
    return {
        "source": scope.source,
        "matcher": scope.matcher,
        "retired": {host: to_utc_text(at) for host, at in scope.retired.items()},
    }
