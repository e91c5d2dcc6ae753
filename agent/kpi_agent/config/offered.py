"""The indicators that a contract may promise in this version, and what an objective on each must say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from kpi_agent.domain.contract import TargetUnit

_TICKET_PARTS = frozenset({"priority", "service", "kind", "group", "category", "entity"})


class Needs(StrEnum):
    """The part of a contract's scope that an indicator is fed from."""

    TICKETS = "tickets"
    HOSTS = "hosts"
    SERVICES = "services"
    BACKUPS = "backups"


@dataclass(frozen=True, slots=True)
class Offer:
    """What an objective on one indicator looks like. *is_more_better* None: both directions make sense."""

    unit: TargetUnit
    needs: Needs
    scope: frozenset[str] = frozenset()
    is_more_better: bool | None = True
    has_limit: bool = False
    has_interval: bool = False
    limit_name: str | None = None  # which limit of the priorities judges it
    example: str = ">= 95%"


_DURATION = TargetUnit.SECONDS
_SHARE = TargetUnit.RATIO

OFFERED: Mapping[str, Offer] = {
    "time_to_respond": Offer(_DURATION, Needs.TICKETS, _TICKET_PARTS, is_more_better=False, example="<= 30m"),
    "respond_in_time": Offer(_SHARE, Needs.TICKETS, _TICKET_PARTS, limit_name="respond"),
    "time_to_resolve": Offer(_DURATION, Needs.TICKETS, _TICKET_PARTS, is_more_better=False, example="<= 4h"),
    "resolve_in_time": Offer(_SHARE, Needs.TICKETS, _TICKET_PARTS, limit_name="resolve"),
    "volume": Offer(TargetUnit.COUNT, Needs.TICKETS, _TICKET_PARTS, is_more_better=None, example="<= 20"),
    "backlog": Offer(TargetUnit.COUNT, Needs.TICKETS, _TICKET_PARTS, is_more_better=False, example="<= 20"),
    "recurrence_rate": Offer(_SHARE, Needs.TICKETS, _TICKET_PARTS, is_more_better=False, example="<= 15%"),
    "availability": Offer(_SHARE, Needs.SERVICES, frozenset({"service"}), example=">= 99.9%"),
    "patch_lag": Offer(_DURATION, Needs.HOSTS, is_more_better=False, example="<= 14d"),
    "patch_in_time": Offer(_SHARE, Needs.HOSTS, has_limit=True),
    "patched_hosts": Offer(_SHARE, Needs.HOSTS, has_limit=True),
    "restore_success": Offer(_SHARE, Needs.BACKUPS, frozenset({"backup"})),
    "restore_coverage": Offer(_SHARE, Needs.BACKUPS, frozenset({"backup"}), has_interval=True, example=">= 100%"),
}
"""By public id (indicators.md §4 to §8)."""
