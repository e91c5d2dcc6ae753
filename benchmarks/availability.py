"""Availability of 6 services over a month, collected and judged, against ``slo-generator compute`` on the same server.

Both are whole processes. The error of each is that of its figures against what was written into the server.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from benchmarks.measure import NotMeasured, Row, at_most, in_turns, timed
from kpi_agent.demo import local_prometheus
from kpi_agent.domain.time import HOUR, MINUTE, Period

_SERVICES = tuple(f"service{number}" for number in range(6))
_REPETITIONS = 5
# It imports pkg_resources, which setuptools 81 no longer has.
_REFERENCE = ("slo-generator[prometheus]==2.6.0", "setuptools<81")

_SETTINGS = """\
timezone: UTC
state_dir: state
sources:
  main: {{type: prometheus, url: "{url}", queries: [], max_age: 3650d}}
contracts: contracts.d/*.yml
"""
_CONTRACT = """\
contract: six
customer: Six
provider: Opsline
effective: {{from: "{start}"}}
language: en
timezone: UTC
scope:
  services:
{services}
objectives:
{objectives}
"""
_SLO = """\
apiVersion: sre.google.com/v2
kind: ServiceLevelObjective
metadata:
  name: {name}
  labels: {{service_name: {name}, feature_name: up, slo_name: availability}}
spec:
  description: up
  backend: prometheus
  method: query_sli
  exporters: []
  service_level_indicator:
    expression: >-
      sum(sum_over_time(probe_success{{service="{name}"}}[window] offset {offset}s))
      / sum(count_over_time(probe_success{{service="{name}"}}[window] offset {offset}s))
  goal: 0.99
"""
_BACKEND = """\
backends:
  prometheus: {{url: {url}}}
exporters: {{}}
error_budget_policies:
  default:
    steps:
    - {{name: month, burn_rate_threshold: 1, alert: false, message_alert: a, message_ok: b, window: {window}}}
"""


def rows(folder: Path) -> Iterator[Row]:
    if not local_prometheus.is_installed():
        raise NotMeasured("there is no prometheus; on Debian: apt-get install prometheus")
    program = _reference(folder / "reference")
    month = Period.month_of(_now(), "UTC").previous()
    truth: dict[str, Fraction] = {}
    metrics = folder / "six.om"
    with metrics.open("w", encoding="utf-8") as out:
        out.write("# TYPE probe_success gauge\n")
        for number, name in enumerate(_SERVICES):
            samples = _samples(month, random.Random(number), number * 7)
            out.writelines(f'probe_success{{service="{name}"}} {up} {instant}\n' for instant, up in samples)
            truth[name] = _truth(samples, month)
        out.write("# EOF\n")
    port = local_prometheus.free_port()
    with local_prometheus.serving(metrics, folder / "prometheus", port=port) as url:
        home = _configured(folder / "home", url, month)
        slos = _objectives(folder / "slo", url, month)
        ours: dict[str, Fraction] = {}
        theirs: dict[str, Fraction] = {}
        pairs = in_turns(
            lambda: timed(lambda: ours.update(_ours(home, month))),
            lambda: timed(lambda: theirs.update(_theirs(program, slos))),
            repetitions=_REPETITIONS,
        )
    what = f"availability of {len(_SERVICES)} services over a month: error {_error(ours, truth)} points"
    reference = f"slo-generator compute 2.6.0: error {_error(theirs, truth)} points"
    yield at_most("availability", what, reference, pairs, times=1)


def _now() -> int:
    return int(time.time())


def _reference(folder: Path) -> Path:
    """Return the reference's program, installed into an environment of its own."""
    venv.create(folder, with_pip=True)
    install = [str(folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", *_REFERENCE]
    if subprocess.run(install, check=False, capture_output=True).returncode != 0:
        raise NotMeasured(f"{_REFERENCE[0]} cannot be installed")
    return folder / "bin" / "slo-generator"


def _samples(month: Period, rng: random.Random, offset: int) -> list[tuple[int, int]]:
    """Return a sample a minute over the month and an hour around it, with five outages of odd lengths."""
    begun = [rng.randrange(month.start, month.end - 2 * HOUR) for _ in range(5)]
    outages = [(start, start + rng.randrange(MINUTE + 1, 2 * HOUR)) for start in begun]
    return [
        (instant, int(not any(start <= instant < end for start, end in outages)))
        for instant in range(month.start - HOUR + offset, month.end + HOUR, MINUTE)
    ]


def _truth(samples: list[tuple[int, int]], month: Period) -> Fraction:
    """Return the share of the month in which the last sample said up."""
    down = sum(
        max(0, min(following, month.end) - max(instant, month.start))
        for (instant, up), (following, _) in pairwise(samples)
        if not up
    )
    return 1 - Fraction(down, month.end - month.start)


def _configured(home: Path, url: str, month: Period) -> Path:
    (home / "contracts.d").mkdir(parents=True)
    (home / "kpi-agent.yml").write_text(_SETTINGS.format(url=url))
    services = "\n".join(
        f"    {name}: {{source: main, up: 'probe_success{{service=\"{name}\"}}'}}" for name in _SERVICES
    )
    objectives = "\n".join(
        f'  - {{id: {name}, indicator: availability, scope: {{service: {name}}}, target: ">= 99%", min_coverage: 99%}}'
        for name in _SERVICES
    )
    text = _CONTRACT.format(start=month.first_day, services=services, objectives=objectives)
    (home / "contracts.d" / "six.yml").write_text(text)
    return home


def _objectives(folder: Path, url: str, month: Period) -> Path:
    (folder / "slos").mkdir(parents=True)
    for name in _SERVICES:
        # It asks for a window that ends now, whatever instant it is given: the month lies so far back.
        (folder / "slos" / f"{name}.yaml").write_text(_SLO.format(name=name, offset=_now() - month.end))
    (folder / "config.yaml").write_text(_BACKEND.format(url=url, window=month.end - month.start))
    return folder


def _ours(home: Path, month: Period) -> Mapping[str, Fraction]:
    """Collect into a new store and judge the month, in two processes as a person would; return the figures."""
    state = home / "state"
    shutil.rmtree(state, ignore_errors=True)
    state.mkdir()
    program = [sys.executable, "-m", "kpi_agent.cli.main", "--config", str(home / "kpi-agent.yml")]
    subprocess.run([*program, "collect"], check=True, capture_output=True)
    show = [*program, "report", "show", "six", "--period", month.id, "--format", "json"]
    document = json.loads(subprocess.run(show, check=True, capture_output=True).stdout)
    return {
        r["scope"]["service"]: Fraction(r["numerator"], r["denominator"])
        for r in document["readings"]
        if r["indicator"] == "availability"
    }


def _theirs(program: Path, folder: Path) -> Mapping[str, Fraction]:
    asked = [str(program), "compute", "-f", str(folder / "slos"), "-c", str(folder / "config.yaml")]
    told = subprocess.run(asked, check=True, capture_output=True, text=True)
    found = re.findall(r"INFO - (\S+) .*?SLI: ([\d.]+)", told.stdout + told.stderr)
    return {name: Fraction(percent) / 100 for name, percent in found}


def _error(found: Mapping[str, Fraction], truth: Mapping[str, Fraction]) -> str:
    """Return the largest difference from the truth, in percentage points."""
    worst = max(abs(found[name] - truth[name]) for name in truth)
    return f"{float(100 * worst):.4f}" if worst else "0"
