"""The files that ``kpi-agent init`` writes: commented, complete enough to run, and checked by the tests."""

from __future__ import annotations

from pathlib import Path

from kpi_agent.domain.errors import InvalidConfiguration
from kpi_agent.domain.problem import Problem

SETTINGS_NAME = "kpi-agent.yml"
CONTRACT_NAME = "contracts.d/example.yml"

SETTINGS = """\
# Settings of kpi-agent. `kpi-agent check` says what is wrong with them; `kpi-agent schema settings` lists every key.
# Durations: 30s 15m 4h 2d. Secrets never stand here: write them into a file and name it (token_file, password_file).

timezone: Europe/Paris            # zone of sources and contracts that name none
state_dir: /var/lib/kpi-agent     # store, inbox and reports; relative paths below start here

store:
  url: "sqlite:///kpi-agent.db"   # a file in state_dir

sources:
  main:                           # a Prometheus: hosts, services, restore tests
    type: prometheus
    url: "http://127.0.0.1:9090"
    every: 15m
    # token_file: /etc/kpi-agent/main.token
    # tls: {ca_file: /etc/ssl/certs/internal-ca.pem}
    # queries: [node, restore-tests]   # which query packs; `kpi-agent check --online` says which ones fit

  desk:                           # a service desk: drop its CSV exports into the inbox
    type: tickets
    profile: glpi                 # glpi, servicenow, generic, or your own in profiles/
    path: "inbox/*.csv"
    timezone: Europe/Paris        # exports do not name their zone
    max_age: 26h                  # an older export makes the source late
    contains: all                 # what each export holds: all, updated 8d (last 8 days) or opened 35d
    hold_basis: service           # what the desk's waiting times count: service hours or wall clock
    # as_of_pattern: "desk-%Y-%m-%dT%H%M.csv"   # when the export was written, if its name says so

# web: {listen: "127.0.0.1:9469"}   # own metrics and the report archive

contracts: contracts.d/*.yml      # one file per contract version, beside this file
"""

CONTRACT = """\
# One version of one contract. A change in force from another day is another file with the same id: closed months keep
# the terms of their time. `kpi-agent schema contract` lists every key.

contract: example
customer: ACME SAS
provider: Opsline
effective: {from: 2026-01-01}     # from local midnight, until the next version or `to:` (the last day)
language: fr                      # of the report: fr or en
timezone: Europe/Paris
currency: EUR

calendars:                        # service hours; 24x7 is built in
  office: {hours: {mon-fri: "08:00-18:00"}, holidays: FR}

holds: {stop: [customer]}         # only waiting for the customer stops a clock

maintenance:                      # planned windows, in local time; each lasts so long in absolute time
  - {name: patch night, starts: "2026-01-13 22:00", lasts: 4h, rrule: "FREQ=MONTHLY;BYDAY=2TU", services: [portal]}

scope:
  tickets:
    source: desk
    # where: {entity: "ACME*"}    # any text field of a ticket, with a glob
    reopen_window: 72h            # reopened within it, a ticket was not resolved
    # The calendars that the desk itself counts its durations on. GLPI tells responses as durations only: on a calendar
    # that is not named here they are unknown.
    desk_calendars: [24x7, office]
  hosts: {source: main, matcher: 'customer="acme"'}
  services:
    portal:
      source: main
      up: 'probe_success{job="blackbox",service="portal"}'
      calendar: 24x7
      min_outage: 60s             # shorter outages are dropped
      planned: excluded           # excluded, as_up or counted
  backups:
    db-main: {rpo: 26h, rto: 4h, hosts: ["db*"]}
  not_backed_up: {"web*": built anew by a playbook}
  out: [{what: desktop support, why: other contract}]

priorities:                       # limits: m and h of the clock, d under 24x7 only, wd = one open weekday
  P1: {respond: 30m, resolve: 4h, calendar: 24x7}
  P2: {respond: 2h, resolve: 8h, calendar: office}
  P3: {respond: 4h, resolve: 3wd, calendar: office}

objectives:
  - {id: gti-p1, indicator: respond_in_time, scope: {priority: P1}, target: ">= 95%"}
  - {id: gtr-p1, indicator: resolve_in_time, scope: {priority: P1}, target: ">= 95%"}
  - {id: gtr-p2, indicator: resolve_in_time, scope: {priority: P2}, target: ">= 90%"}
  - {id: mttr-p1, indicator: time_to_resolve, scope: {priority: P1}, statistic: median, target: "<= 4h"}
  - {id: recurrence, indicator: recurrence_rate, target: "<= 15%"}
  # Up to 1 - min_coverage may stay unobserved: no more than the target allows to be down.
  - {id: portal, indicator: availability, scope: {service: portal}, target: ">= 99.5%", min_coverage: 99.5%}
  - {id: patch, indicator: patch_in_time, limit: 14d, target: ">= 95%", min_coverage: 90%}
  - {id: hosts, indicator: patched_hosts, limit: 14d, target: ">= 95%", min_coverage: 90%}
  - {id: restores, indicator: restore_coverage, interval: 92d, target: ">= 100%"}

report:
  # to: [direction@acme.example, run@provider.example]   # archived as report.eml, not sent by this version
  close: {after: 3d, at: "07:00", wait: 2d}   # 31 October + 3 d = 3 November 07:00; late sources are waited for
"""

_FILES = {SETTINGS_NAME: SETTINGS, CONTRACT_NAME: CONTRACT}


def write_examples(directory: Path) -> tuple[Path, ...]:
    """Write the example settings and contract below *directory* and return the files.

    Raises InvalidConfiguration, and writes nothing, when one of them is there already.
    """
    files = {directory / name: text for name, text in _FILES.items()}
    there = [file for file in files if file.exists() or file.is_symlink()]
    if there:
        message = "is there already and is not overwritten; move it away, or name another folder"
        raise InvalidConfiguration([Problem(str(file), message) for file in there])
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    return tuple(files)
