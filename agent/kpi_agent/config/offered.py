"""The indicators that a contract may promise in this version, and what an objective on each must say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kpi_agent.domain.contract import TargetUnit
from kpi_agent.domain.indicators.registry import INDICATORS

_TICKET_PARTS = frozenset({"priority", "service", "kind", "group", "category", "entity"})


class Needs(StrEnum):
    """The part of a contract's scope that an indicator is fed from."""

    TICKETS = "tickets"
    HOSTS = "hosts"
    SERVICES = "services"
    BACKUPS = "backups"


@dataclass(frozen=True, slots=True)
class Form:
    """What an objective on one indicator may and must say beside its target; *limit_name*: one of the priorities."""

    needs: Needs
    scope: frozenset[str] = frozenset()
    has_limit: bool = False
    has_interval: bool = False
    limit_name: str | None = None
    also: Needs | None = None  # a second part of the scope
    instead: Needs | None = None  # another part that feeds it as well
    names_service: bool = False
    has_statistic: bool = True  # of a duration: False where the figure is a single one
    example: str = ">= 95%"


@dataclass(frozen=True, slots=True)
class Offer:
    """An indicator as contracts see it."""

    unit: TargetUnit
    is_more_better: bool
    form: Form


_FORMS: Mapping[str, Form] = {
    "time_to_respond": Form(Needs.TICKETS, _TICKET_PARTS, example="<= 30m"),
    "respond_in_time": Form(Needs.TICKETS, _TICKET_PARTS, limit_name="respond"),
    "time_to_resolve": Form(Needs.TICKETS, _TICKET_PARTS, example="<= 4h"),
    "resolve_in_time": Form(Needs.TICKETS, _TICKET_PARTS, limit_name="resolve"),
    "volume": Form(Needs.TICKETS, _TICKET_PARTS, example="<= 20"),
    "backlog": Form(Needs.TICKETS, _TICKET_PARTS, example="<= 20"),
    "reopen_rate": Form(Needs.TICKETS, _TICKET_PARTS, example="<= 5%"),
    "out_of_hours_share": Form(Needs.TICKETS, _TICKET_PARTS, example="<= 10%"),
    "product_team_share": Form(Needs.TICKETS, _TICKET_PARTS, example="<= 20%"),
    "single_person_share": Form(Needs.TICKETS, _TICKET_PARTS, example="<= 50%"),
    "interruption_cost": Form(Needs.TICKETS, _TICKET_PARTS, example="<= 2000"),
    "recurrence_rate": Form(Needs.TICKETS, _TICKET_PARTS, example="<= 15%"),
    "root_cause_treated": Form(Needs.TICKETS, _TICKET_PARTS, example=">= 80%"),
    "availability": Form(Needs.SERVICES, frozenset({"service"}), names_service=True, example=">= 99.9%"),
    "patch_lag": Form(Needs.HOSTS, example="<= 14d"),
    "patch_in_time": Form(Needs.HOSTS, has_limit=True),
    "reboot_in_time": Form(Needs.HOSTS, has_limit=True),
    "patched_hosts": Form(Needs.HOSTS, has_limit=True),
    "exposure": Form(Needs.HOSTS, example="<= 5%"),
    "unsupported_hosts": Form(Needs.HOSTS, example="<= 0"),
    "certificates": Form(Needs.HOSTS, frozenset({"service"}), has_statistic=False, example=">= 21d"),
    "restore_success": Form(Needs.BACKUPS, frozenset({"backup"})),
    "restore_rto": Form(Needs.BACKUPS, frozenset({"backup"})),
    "restore_age": Form(Needs.BACKUPS, frozenset({"backup"}), has_statistic=False, example="<= 92d"),
    "backup_rpo": Form(Needs.BACKUPS, frozenset({"backup"}), example=">= 99%"),
    "restore_coverage": Form(Needs.BACKUPS, frozenset({"backup"}), has_interval=True, example=">= 100%"),
    "time_to_detect": Form(Needs.SERVICES, frozenset({"service"}), example="<= 10m"),
    "alerts_per_week": Form(Needs.HOSTS, example="<= 50"),
    "alerts_acted_on": Form(Needs.HOSTS, also=Needs.TICKETS, example=">= 50%"),
    "night_alerts": Form(Needs.HOSTS, example="<= 10"),
    "undetected_outages": Form(Needs.SERVICES, frozenset({"service"}), also=Needs.TICKETS, example="<= 0"),
    "runbook_coverage": Form(Needs.HOSTS, example=">= 60%"),
    "custom": Form(Needs.HOSTS, instead=Needs.SERVICES, has_statistic=False, example="<= 20"),
}

OFFERED: Mapping[str, Offer] = {
    name: Offer(TargetUnit(INDICATORS[name].unit.value), INDICATORS[name].is_more_better, form)
    for name, form in _FORMS.items()
}
"""By public id (indicators.md §4 to §9). An indicator without a form here cannot be promised.

Unit and direction of ``custom`` are those of its target (``custom_offer``).
"""
