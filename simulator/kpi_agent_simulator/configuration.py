"""The settings file and the contracts, as a person would write them."""

from datetime import date, datetime, timedelta
from textwrap import dedent, indent

from kpi_agent_simulator.estate import BACKUP_WITHIN, RESTORE_WITHIN, Contract, Service
from kpi_agent_simulator.hours import DAY, HOUR
from kpi_agent_simulator.words import NAMES, Name

_TUESDAY = 1
_SUNDAY = 6
_FR = "fr"


def settings_text(prometheus_url: str, state_dir: str) -> str:
    """Return kpi-agent.yml: one Prometheus, two service desks, one SQLite store."""
    return dedent(f"""\
        # Settings of a simulated estate: two customers, one provider, one Prometheus, two service desks.
        timezone: Europe/Paris
        state_dir: "{state_dir}"
        store: {{url: "sqlite:///kpi-agent.db"}}
        sources:
          main: {{type: prometheus, url: "{prometheus_url}", every: 15m}}
          # GLPI 10 in French: minutes only, durations in service time. The file's name says when it was written.
          desk-acme:
            type: tickets
            profile: glpi
            path: "inbox/acme-*.csv"
            timezone: Europe/Paris
            contains: all
            hold_basis: service
            max_age: 26h
            as_of_pattern: "acme-%Y-%m-%dT%H%M.csv"
          # ServiceNow, one row per event, UTC.
          desk-globex:
            type: tickets
            profile: servicenow
            path: "inbox/globex-*.csv"
            timezone: UTC
            contains: all
            max_age: 26h
            as_of_pattern: "globex-%Y-%m-%dT%H%M.csv"
        mail: {{host: localhost, from: "Run Opsline <run@opsline.example>"}}
        contracts: contracts.d/*.yml
        """)


def contract_text(contract: Contract, since: int, retired: int | None) -> str:
    """Return the contract's file; it is in force from the January before *since*, *retired* is a local midnight."""
    year = datetime.fromtimestamp(since - DAY, contract.zone).year
    parts = (
        _head(contract, year),
        _calendars(contract),
        "# Only waiting for the customer stops a clock.\nholds: {stop: [customer]}\n",
        _maintenance(contract, year),
        _scope(contract, retired),
        _priorities(contract),
        _objectives(contract),
        _report(contract),
    )
    return "\n".join(parts)


def _head(contract: Contract, year: int) -> str:
    return dedent(f"""\
        contract: {contract.id}
        customer: {contract.customer}
        provider: Opsline
        effective: {{from: {year}-01-01}}
        language: {contract.language}
        timezone: {contract.zone.key}
        currency: EUR
        engagement: {{model: run, started: {year}-01-01}}
        """)


def _calendars(contract: Contract) -> str:
    if contract.language != _FR:
        return "# No calendar of its own: every limit runs around the clock.\n"
    return 'calendars:\n  office: {hours: {mon-fri: "08:00-18:00"}, holidays: FR}\n'


def _maintenance(contract: Contract, year: int) -> str:
    named = ", ".join(service.name for service in contract.services if service.is_maintained)
    if contract.language == _FR:
        first = _first_weekday(date(year, 1, 8), _TUESDAY)
        window = f'starts: "{first} 22:00", lasts: 4h, rrule: "FREQ=MONTHLY;BYDAY=2TU", services: [{named}]'
        return f"maintenance:\n  - {{name: nuit de maintenance, {window}}}\n"
    first = _first_weekday(date(year, 1, 1), _SUNDAY)
    window = f'starts: "{first} 04:00", lasts: 2h, rrule: "FREQ=WEEKLY;BYDAY=SU", services: [{named}]'
    return f"maintenance:\n  - {{name: Sunday window, {window}}}\n"


def _first_weekday(day: date, weekday: int) -> date:
    """Return the first such weekday on or after *day*."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _scope(contract: Contract, retired: int | None) -> str:
    calendars = sorted({limit.calendar for limit in contract.limits.values()}, reverse=True)
    lines = [
        "scope:",
        "  tickets:",
        f"    source: {contract.desk}",
        "    reopen_window: 72h",
        "    lookback: 90d",
        "    # The desk counts on the same hours, so that its durations can be placed in time.",
        f"    desk_calendars: [{', '.join(calendars)}]",
        "  hosts:",
        "    source: main",
        f"    matcher: 'customer=\"{contract.id}\"'",
    ]
    if retired is not None:
        day = datetime.fromtimestamp(retired, contract.zone).date()
        lines.append(f"    retired: {{{contract.retired_host}: {day}}}")
    lines.append("  services:")
    for service in contract.services:
        lines += _service(service)
    lines.append("  backups:")
    for name, parts in contract.backups.items():
        match = f", match: [{', '.join(parts)}]" if parts else ""
        lines.append(f"    {name}: {{rpo: {BACKUP_WITHIN // HOUR}h, rto: {RESTORE_WITHIN // HOUR}h{match}}}")
    return "\n".join(lines) + "\n"


def _service(service: Service) -> list[str]:
    return [
        f"    {service.name}:",
        "      source: main",
        f'      up: \'probe_success{{job="blackbox",service="{service.name}"}}\'',
        f"      calendar: {service.calendar}",
        f"      min_outage: {service.min_outage}s",
        f"      planned: {service.planned}",
        "      unknown: excluded",
    ]


def _priorities(contract: Contract) -> str:
    lines = [
        f"  {priority}: {{respond: {limit.respond}, resolve: {limit.resolve}, calendar: {limit.calendar}}}"
        for priority, limit in contract.limits.items()
    ]
    return "\n".join(["priorities:", *lines]) + "\n"


def _objectives(contract: Contract) -> str:
    french = contract.language == _FR
    rows: list[str] = []

    def promise(kind: str, of: str, terms: str) -> None:
        name: Name = NAMES[kind]
        key = (name.fr_id if french else name.en_id).format(of=of.lower())
        rows.append(f"- id: {key}\n  name: {{fr: {name.fr.format(of=of)}, en: {name.en.format(of=of)}}}\n{terms}")

    def terms(indicator: str, target: str, *more: str) -> str:
        return indent("\n".join([f"indicator: {indicator}", *more, f'target: "{target}"']), "  ")

    for kind, indicator in (("respond", "respond_in_time"), ("resolve", "resolve_in_time")):
        for priority, target in (("P1", "95%"), ("P2", "90%"), ("P3", "90%")):
            promise(kind, priority, terms(indicator, f">= {target}", f"scope: {{priority: {priority}}}"))
    promise("median", "P1", terms("time_to_resolve", "<= 4h", "scope: {priority: P1}", "statistic: median"))
    promise("recurrence", "", terms("recurrence_rate", "<= 15%"))
    for service in contract.services:
        scope = f"scope: {{service: {service.name}}}"
        promise("availability", service.name, terms("availability", f">= {service.target}", scope))
    promise("patches", "", terms("patch_in_time", ">= 95%", "limit: 14d", "min_coverage: 0.9"))
    promise("hosts", "", terms("patched_hosts", ">= 95%", "limit: 14d", "min_coverage: 0.9"))
    promise("reboots", "", terms("reboot_in_time", ">= 85%", "limit: 7d", "min_coverage: 0.9"))
    promise("exposure", "", terms("exposure", "<= 50%", "min_coverage: 0.9"))
    promise("systems", "", terms("unsupported_hosts", "<= 2", "min_coverage: 0.9"))
    promise("certificates", "", terms("certificates", ">= 7d", "min_coverage: 0.5"))
    for backup in contract.backups:
        promise("backups", backup, terms("backup_rpo", ">= 90%", f"scope: {{backup: {backup}}}"))
    promise("proofs", "", terms("restore_age", "<= 92d"))
    promise("restores", "", terms("restore_success", ">= 95%"))
    promise("rto", "", terms("restore_rto", ">= 75%"))
    promise("coverage", "", terms("restore_coverage", ">= 100%", "interval: 92d"))
    return "objectives:\n" + indent("\n".join(rows), "  ") + "\n"


def _report(contract: Contract) -> str:
    return dedent(f"""\
        report:
          to: [direction@{contract.id}.example, run@{contract.id}.example]
          close: {{after: 3d, at: "07:00", wait: 2d}}
        """)
