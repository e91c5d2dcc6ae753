"""All indicators by their public id. A new one is a module beside this file and its name here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kpi_agent.domain.indicators import (
    alerting,
    availability,
    backups,
    certificates,
    custom,
    detection,
    hosts,
    incidents,
    patching,
    people,
    recovery_point,
    recurrence,
    workload,
)
from kpi_agent.domain.indicators.request import Indicator

INDICATORS: Mapping[str, Indicator] = MappingProxyType(
    {
        indicator.id: indicator
        for module in (
            incidents,
            workload,
            people,
            recurrence,
            availability,
            certificates,
            patching,
            hosts,
            backups,
            recovery_point,
            alerting,
            detection,
            custom,
        )
        for indicator in module.INDICATORS
    }
)
