"""Which modules are mutated, and the tests that must notice: those that speak of the module, the quick ones first."""

from __future__ import annotations

_CASE = (
    "case_edges", "verdict", "worked_cases", "bounds", "priorities", "reopenings", "withdrawn", "holds", "what_exports_hide", "backlog",
    "caseload", "promised", "durations", "workload", "measure", "balance", "amendments", "reconciliation",
    "objective_window", "change_of_desk", "months_of_an_estate", "edits",
)  # fmt: skip
TESTS: dict[str, tuple[str, ...]] = {
    "time": ("intervals", "zones", "calendar", "calendar_by_the_second"),
    "calendar": ("calendar", "worked_cases", "calendar_by_the_second"),
    "verdict": ("verdict", "worked_cases", "backlog", "caseload", "patching"),
    "due": ("due",),
    "outcome": ("outcome", "worked_cases", "availability", "measure", "objective_window"),
    "facts": ("window", "measure", "worked_cases", "outcome", "availability", "backups", "patching", "workload", "objective_window", "change_of_desk", "balance"),
    "reading": ("reading", "worked_cases", "measure", "outcome", "attainment", "durations", "workload", "balance", "objective_window"),
    "balance": ("balance", "backlog", "measure"),
    "indicators/attainment": ("attainment", "bounds", "worked_cases", "measure", "holds", "caseload", "window", "patching", "promised"),
    "indicators/incidents": (
        "durations", "backlog", "worked_cases", "measure", "caseload", "bounds", "holds", "withdrawn", "promised",
    ),
    "indicators/caseload": (
        "cases", "promised", "worked_cases", "what_exports_hide", "measure", "caseload", "backlog", "reconciliation",
        "withdrawn", "reopenings", "bounds", "holds", "durations", "workload", "balance", "amendments", "recurrence",
        "objective_window", "change_of_desk",
    ),
    "indicators/case": _CASE,
    "indicators/priority_history": ("priorities",),
    "indicators/promised": ("promised", "withdrawn", "edits", "backlog"),
    "indicators/holding": ("holding", "reconciliation"),
    "indicators/unit": ("units", "reconciliation", "workload"),
    "indicators/desk_flags": ("desk_flags", "reconciliation"),
    "edits": ("edits",),
    "notes": ("notes",),
    "cover": ("cover", "alerting"),
    "alerts": ("cover", "alerting"),
    "indicators/places": ("places", "alerting"),
    "indicators/recurrence": ("recurrence",),
    "objective_window": ("objective_window", "measure"),
    "indicators/workload": ("workload",),
    "indicators/hosts": ("hosts",),
    "indicators/custom": ("custom",),
    "indicators/maintenance": ("maintenance", "availability"),
    "indicators/certificates": ("certificates",),
    "indicators/recovery_point": ("recovery_point",),
    "indicators/after_deadline": ("after_deadline", "reconciliation"),
}  # fmt: skip
"""Module below kpi_agent/domain → names of tests/unit/domain/test_….py."""
