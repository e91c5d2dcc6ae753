"""A document as flat tables, one row per thing, for a spreadsheet or another program that counts again.

Instants are local wall time with their offset, durations whole seconds, ratios decimals as in the document.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kpi_agent.domain.time import to_local
from kpi_agent_reports.catalogue import message
from kpi_agent_reports.facts import Facts, Part, instant_of
from kpi_agent_reports.names import commitment_name, indicator_name, verdict_chip
from kpi_agent_reports.words import Words

Value = str | int | None
"""What a cell holds; None: not known, or not applicable."""


@dataclass(frozen=True, slots=True)
class Head:
    """A column: its *key* for programs, its *label* for people."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; each row has one value per head."""

    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Value, ...], ...]


_Column = tuple[str, str, Callable[[Any], Value]]
"""Key, message of the label, and how a value is taken from a thing."""


def sheets_of(document: Mapping[str, Any]) -> tuple[Sheet, ...]:
    """Return the sheets that hold anything, figures first: incidents, days, outages, hosts, backups, certificates."""
    facts = Facts(document)
    words = Words(document["language"], document["period"]["timezone"])
    found = (
        figures_sheet(facts, words),
        _sheet(message("Incidents"), _incident_columns(facts), document["incidents"], words),
        _sheet(message("Days"), _DAYS, _days(document["services"]), words),
        _sheet(message("Outages"), _outage_columns(facts), _outages(document["services"]), words),
        _sheet(message("Hosts"), _host_columns(facts), document["hosts"], words),
        _sheet(message("Backup sets"), _backup_columns(facts), document["backups"], words),
        _sheet(message("Restore tests"), _test_columns(facts), _tests(document["backups"]), words),
        _sheet(message("Certificates"), _certificate_columns(facts), document.get("certificates", ()), words),
    )
    return tuple(sheet for sheet in found if sheet.rows)


def figures_sheet(facts: Facts, words: Words) -> Sheet:
    """Return a row per commitment, in the contract's order, then one per reading that nothing was promised on."""
    document = facts.document
    promised = {o["reading"] for o in document["objectives"]}
    things = [
        *((o, document["readings"][o["reading"]]) for o in document["objectives"]),
        *((None, r) for place, r in enumerate(document["readings"]) if place not in promised),
    ]
    return _sheet(message("Figures"), _figure_columns(facts, words), things, words)


def _sheet(title: str, columns: Sequence[_Column], things: Sequence[Any], words: Words) -> Sheet:
    heads = tuple(Head(key, words.say(label)) for key, label, _ in columns)
    return Sheet(words.say(title), heads, tuple(tuple(take(t) for _, _, take in columns) for t in things))


def _figure_columns(facts: Facts, words: Words) -> list[_Column]:
    document = facts.document

    def promised(take: Callable[[Part], Value]) -> Callable[[tuple[Part | None, Part]], Value]:
        return lambda pair: None if pair[0] is None else take(pair[0])

    def read(take: Callable[[Part], Value]) -> Callable[[tuple[Part | None, Part]], Value]:
        return lambda pair: take(pair[1])

    def name(pair: tuple[Part | None, Part]) -> Value:
        objective, reading = pair
        if objective is None:
            return indicator_name(reading["indicator"], words)
        return commitment_name(objective, facts, words)

    statistics = [
        (f"statistics_{key}", label, read(lambda r, key=key: (r["statistics"] or {}).get(key)))  # type: ignore[misc]
        for key, label in (("median", message("Median")), ("p90", message("Nine in ten")), ("max", message("Longest")))
    ]
    return [
        ("contract", message("Contract"), lambda _: document["contract"]["id"]),
        ("period", message("Period"), lambda _: document["period"]["id"]),
        ("revision", message("Revision"), lambda _: document["revision"] if document["state"] == "closed" else None),
        ("objective", message("Commitment"), promised(lambda o: o["id"])),
        ("name", message("Name"), name),
        ("indicator", message("Indicator"), read(lambda r: r["indicator"])),
        ("scope", message("Scope"), read(lambda r: _scope(r["scope"]))),
        ("segment", message("Segment"), read(lambda r: r["segment"])),
        ("window_start", message("From"), read(lambda r: _instant(facts, (r.get("window") or {}).get("start")))),
        ("window_end", message("Until"), read(lambda r: _instant(facts, (r.get("window") or {}).get("end")))),
        ("target", message("Target"), promised(lambda o: o["target"])),
        ("verdict", message("Code"), promised(lambda o: o["verdict"])),
        ("verdict_text", message("Verdict"), promised(lambda o: verdict_chip(o["verdict"], words).text)),
        ("unit", message("Unit"), read(lambda r: r["unit"])),
        ("value", message("Value"), read(lambda r: r["value"])),
        ("numerator", message("Numerator"), read(lambda r: r["numerator"])),
        ("denominator", message("Denominator"), read(lambda r: r["denominator"])),
        ("n", message("Counted"), read(lambda r: r["n"])),
        *statistics,
        ("coverage", message("Observed"), read(lambda r: r["coverage"])),
        ("min_coverage", message("Observed at least"), promised(lambda o: o["min_coverage"])),
        ("lowest", message("Lowest"), read(lambda r: r["lowest"])),
        ("highest", message("Highest"), read(lambda r: r["highest"])),
        ("undetermined", message("Undetermined"), read(lambda r: r["undetermined"])),
        ("origin", message("Origin"), read(lambda r: r["origin"])),
        ("evidence", message("Evidence"), read(lambda r: " ".join(r["evidence"]))),
    ]


def _incident_columns(facts: Facts) -> list[_Column]:
    def field(name: str) -> Callable[[Part], Value]:
        return lambda incident: incident[name]

    def moment(name: str) -> Callable[[Part], Value]:
        return lambda incident: _instant(facts, incident[name])

    def judged(clock: str, name: str) -> Callable[[Part], Value]:
        return lambda incident: incident[clock][name]

    def deadline(clock: str) -> Callable[[Part], Value]:
        return lambda incident: _instant(facts, incident[clock]["deadline"])

    return [
        ("id", message("Incident"), field("id")),
        ("priority", message("Priority"), field("priority")),
        ("service", message("Service"), field("service")),
        ("host", message("Host"), field("host")),
        ("category", message("Category"), field("category")),
        ("title", message("Title"), field("title")),
        ("state", message("State"), field("state")),
        ("opened", message("Opened on"), moment("opened")),
        ("responded", message("Responded on"), moment("responded")),
        ("resolved", message("Resolved on"), moment("resolved")),
        ("response_limit", message("Response limit (s)"), judged("response", "limit")),
        ("response_elapsed", message("Response took (s)"), judged("response", "elapsed")),
        ("response_deadline", message("Response deadline"), deadline("response")),
        ("response_verdict", message("Response verdict"), judged("response", "verdict")),
        ("resolution_limit", message("Resolution limit (s)"), judged("resolution", "limit")),
        ("resolution_elapsed", message("Resolution took (s)"), judged("resolution", "elapsed")),
        ("resolution_deadline", message("Resolution deadline"), deadline("resolution")),
        ("resolution_verdict", message("Resolution verdict"), judged("resolution", "verdict")),
        ("held", message("Held (s)"), field("held")),
        ("time_spent", message("Time spent (s)"), field("time_spent")),
        ("source", message("Source"), field("source")),
        ("file", message("File"), lambda incident: incident["origin"]["file"]),
        ("line", message("Line"), lambda incident: incident["origin"]["line"]),
    ]


_DAYS: list[_Column] = [
    ("service", message("Service"), lambda day: day["service"]),
    ("day", message("Day"), lambda day: day["day"]),
    ("open", message("Service hours, T (s)"), lambda day: day["open"]),
    ("planned", message("Planned, P (s)"), lambda day: day["planned"]),
    ("unknown", message("Not observed, U (s)"), lambda day: day["unknown"]),
    ("down", message("Down, D (s)"), lambda day: day["down"]),
]


def _days(services: Sequence[Part]) -> list[Part]:
    return [{"service": service["name"], **day} for service in services for day in service["days"]]


def _outage_columns(facts: Facts) -> list[_Column]:
    return [
        ("service", message("Service"), lambda outage: outage["service"]),
        ("start", message("Start"), lambda outage: _instant(facts, outage["start"])),
        ("end", message("End"), lambda outage: _instant(facts, outage["end"])),
        ("seconds", message("Duration (s)"), lambda outage: instant_of(outage["end"]) - instant_of(outage["start"])),
        ("planned", message("Planned (1: yes)"), lambda outage: int(outage["is_planned"])),
    ]


def _outages(services: Sequence[Part]) -> list[Part]:
    return [{"service": service["name"], **outage} for service in services for outage in service["outages"]]


def _host_columns(facts: Facts) -> list[_Column]:
    return [
        ("host", message("Host"), lambda host: host["host"]),
        ("state", message("State"), lambda host: host["state"]),
        ("pending_since", message("Pending since"), lambda host: _instant(facts, host["pending_since"])),
        ("coverage", message("Observed"), lambda host: host["coverage"]),
        ("held", message("Updates on hold"), lambda host: host.get("held")),
        ("support_end", message("End of support"), lambda host: _instant(facts, host.get("support_end"))),
    ]


def _backup_columns(facts: Facts) -> list[_Column]:
    return [
        ("backup", message("Backup set"), lambda backup: backup["name"]),
        ("last_passed", message("Last passed test"), lambda backup: _instant(facts, backup["last_passed"])),
        ("newest", message("Newest good backup"), lambda backup: _instant(facts, backup.get("newest"))),
        ("rpo", message("RPO (s)"), lambda backup: backup["rpo"]),
        ("protected", message("Within its RPO (s)"), lambda backup: backup.get("protected")),
        ("unprotected", message("Without protection (s)"), lambda backup: backup.get("unprotected")),
        ("rto", message("RTO (s)"), lambda backup: backup["rto"]),
    ]


def _tests(backups: Sequence[Part]) -> list[Part]:
    return [{"backup": backup["name"], **test} for backup in backups for test in backup["tests"]]


def _test_columns(facts: Facts) -> list[_Column]:
    return [
        ("backup", message("Backup set"), lambda test: test["backup"]),
        ("at", message("Tested on"), lambda test: _instant(facts, test["at"])),
        ("method", message("Method"), lambda test: test["method"]),
        ("passed", message("Passed (1: yes)"), lambda test: int(test["is_passed"])),
        ("counted", message("Counted (1: yes)"), lambda test: int(test["is_counted"])),
        ("duration", message("Duration (s)"), lambda test: test["duration"]),
        ("data_age", message("Age of the data (s)"), lambda test: test["data_age"]),
    ]


def _certificate_columns(facts: Facts) -> list[_Column]:
    return [
        ("address", message("Address"), lambda certificate: certificate["address"]),
        ("expires", message("Expires on"), lambda certificate: _instant(facts, certificate["expires"])),
        ("left", message("Left (s)"), lambda certificate: certificate["left"]),
    ]


def _scope(scope: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in sorted(scope.items()))


def _instant(facts: Facts, text: str | None) -> str | None:
    return None if text is None else to_local(instant_of(text), facts.tz).isoformat(sep=" ")
