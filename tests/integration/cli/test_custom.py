"""A figure of the contract's own, from the server to ``report show`` and ``status``."""

from __future__ import annotations

import time
from pathlib import Path

from integration.cli.host import METRICS, SETTINGS, Host
from kpi_agent.domain.time import DAY, Period, local_days
from lab.prometheus import Past, running_prometheus

CONTRACT = """\
contract: acme
customer: ACME SAS
provider: Opsline
effective: {{from: {start}}}
language: en
timezone: Europe/Paris
scope:
  hosts: {{source: main, matcher: 'customer="acme"'}}
objectives:
  - {{id: queue, indicator: custom, query: 'sum(queue{{$matchers}})', aggregate: max, target: "<= 20",
     name: {{en: Longest queue}}}}
  - {{id: disk, indicator: custom, query: 'max(disk)', aggregate: mean, target: "<= 80%"}}
"""


def test_figures_of_the_contract_are_measured_and_told(bare: Host, tmp_path: Path) -> None:
    month = Period.month_of(int(time.time()), "Europe/Paris").previous()
    days = [day for _, day in local_days(month.interval, month.tz)]
    known = [day for n, day in enumerate(days) if n not in {3, 9}]
    past = [
        Past("queue", {"customer": "acme", "host": "a"}, [(d.end - 30, n) for n, d in enumerate(days)]),
        Past("queue", {"customer": "globex", "host": "b"}, [(d.end - 30, 1000) for d in days]),
        Past("disk", {"host": "a"}, [(d.end - 30, "0.25" if n % 2 else "0.75") for n, d in enumerate(known)]),
    ]
    for file in (bare.home / "contracts.d").iterdir():
        file.unlink()
    (bare.home / "contracts.d" / "acme.yml").write_text(CONTRACT.format(start=month.first_day))
    with running_prometheus(tmp_path / "prometheus", past) as url:
        desk = SETTINGS.splitlines(keepends=True)[3]
        bare.settings(SETTINGS.replace(desk, METRICS.format(url=url)))
        assert bare.run("collect").code in {0, 1}  # nothing is told any more since the month ended

    shown = bare.run("report", "show", "acme", "--period", month.id)
    document = bare.run("report", "show", "acme", "--period", month.id, "--format", "json").value

    found = {o["id"]: (o["verdict"], document["readings"][o["reading"]]) for o in document["objectives"]}
    assert (found["queue"][0], found["queue"][1]["value"]) == ("missed", str(len(days) - 1))
    assert (found["disk"][0], found["disk"][1]["n"]) == ("no_data", len(days) - 2)  # two days in thirty are too many
    text = " ".join(shown.out.split())
    assert "Longest queue" in text
    assert "Figures of the contract" in text
    assert f"Lowest day 0 · Highest day {len(days) - 1} · Days with a value {len(days)} of {len(days)}" in text
    assert "sum(queue{$matchers})" in text
    assert all(len(line) <= 80 for line in shown.out.splitlines())
    assert days[-1].end - days[0].start >= 28 * DAY - DAY
