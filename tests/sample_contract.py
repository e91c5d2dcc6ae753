"""What ACME SAS was promised in 2026, and the clock that the renderings' tests stand on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from zoneinfo import ZoneInfo

from kpi_agent.domain.calendar import ALWAYS, ServiceCalendar, ServiceHours
from kpi_agent.domain.contract import (
    BackupTerms,
    Comparison,
    Contract,
    ContractVersion,
    HostScope,
    Limit,
    Objective,
    PriorityTerms,
    Scope,
    ServiceTerms,
    Target,
    TargetUnit,
    TicketScope,
)
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval, Period, to_instant

ZONE = "Europe/Paris"
OCTOBER = Period.parse("2026-10", ZONE)


@dataclass(frozen=True, slots=True)
class SampleGenerator:
    version: str = "0.1.0"
    definitions: str = "1"
    tzdata: str = "2026a"


def paris(text: str) -> int:
    return to_instant(datetime.fromisoformat(text), ZoneInfo(ZONE))


NOW = paris("2026-11-03 07:00")
OFFICE = ServiceCalendar(
    "office",
    ServiceHours(
        ZONE,
        {day: ((time(8), time(18)),) for day in range(5)},
        holidays={
            date(2026, 7, 14): "Fête nationale",
            date(2026, 10, 12): "Fête de la ville",
            date(2026, 11, 11): "Armistice",
        },
        extra={date(2026, 10, 24): ((time(8), time(12)),)},
    ),
)
PRIORITIES = {
    "P1": PriorityTerms(ALWAYS, Limit(30 * MINUTE, "30m"), Limit(4 * HOUR, "4h")),
    "P2": PriorityTerms(OFFICE, Limit(HOUR, "1h"), Limit(8 * HOUR, "8h")),
    "P3": PriorityTerms(OFFICE, Limit(4 * HOUR, "4h"), Limit(30 * HOUR, "3wd")),
}


@dataclass(frozen=True, slots=True)
class Night:
    """Planned maintenance of two nights."""

    name: str = "nuit de mise à jour"
    services: tuple[str, ...] = ("portail",)

    declared: int | None = None

    def occurrences(self, span: Interval) -> tuple[Interval, ...]:
        starts = (paris("2026-10-13 22:00"), paris("2026-10-27 22:00"))
        return tuple(Interval(s, s + 4 * HOUR) for s in starts if s < span.end and s + 4 * HOUR > span.start)


def at_least(text: str, value: Fraction) -> Target:
    return Target(Comparison.AT_LEAST, value, TargetUnit.RATIO, text)


def at_most(text: str, value: Fraction, unit: TargetUnit = TargetUnit.RATIO) -> Target:
    return Target(Comparison.AT_MOST, value, unit, text)


OBJECTIVES = (
    Objective("gti-p1", "respond_in_time", at_least(">= 95%", Fraction(95, 100)), Scope(priority="P1")),
    Objective("gtr-p1", "resolve_in_time", at_least(">= 95%", Fraction(95, 100)), Scope(priority="P1")),
    Objective("gtr-p2", "resolve_in_time", at_least(">= 90%", Fraction(90, 100)), Scope(priority="P2")),
    Objective("recurrence", "recurrence_rate", at_most("<= 15%", Fraction(15, 100))),
    Objective("patch", "patch_in_time", at_least(">= 95%", Fraction(95, 100)), limit=Limit(14 * DAY, "14d")),
    Objective("restores", "restore_coverage", at_least(">= 100%", Fraction(1)), interval=92 * DAY),
    Objective("portail", "availability", at_least(">= 99.9%", Fraction(999, 1000)), Scope(service="portail")),
    Objective(
        "procedures",
        "reviews_in_date",
        at_least(">= 80%", Fraction(80, 100)),
        name={"fr": "Procédures à jour", "en": "Documents in date"},
    ),
)


def contract_of_acme(objectives: tuple[Objective, ...] = OBJECTIVES) -> Contract:
    version = ContractVersion(
        id="acme",
        customer="ACME SAS",
        provider="Opsline",
        effective_from=date(2026, 1, 1),
        effective_to=None,
        language="fr",
        timezone=ZONE,
        file="contracts.d/acme.yml",
        sha256="4f5c" * 16,
        text="contract: acme\ncustomer: ACME SAS\n",
        calendars={"office": OFFICE, "24x7": ALWAYS},
        maintenance=(Night(),),
        tickets=TicketScope("desk", {"entity": "ACME*"}),
        hosts=HostScope("main", 'customer="acme"'),
        services={
            "portail": ServiceTerms("portail", "main", 'probe_success{service="portail"}', ALWAYS, min_outage=60),
            "api": ServiceTerms("api", "main", 'probe_success{service="api"}', OFFICE, min_outage=60),
        },
        backups={
            name: BackupTerms(name, rpo=26 * HOUR, rto=4 * HOUR)
            for name in ("archives", "base-portail", "fichiers", "ldap")
        },
        priorities=PRIORITIES,
        objectives=objectives,
    )
    return Contract("acme", (version,))
