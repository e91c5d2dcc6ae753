"""The strongest test of the figures: what the simulator counted second by second equals what the agent reports."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from kpi_agent.bootstrap.agent import open_agent
from kpi_agent.bootstrap.configuration import load_configuration
from kpi_agent.demo import local_prometheus
from kpi_agent.demo.estate import run_demo
from kpi_agent.domain.time import Period
from kpi_agent_reports.canonical import decimal_text

NOW = 1_795_402_800  # 2026-11-23T03:00:00Z: the months hold a clock change and a public holiday

pytestmark = pytest.mark.skipif(
    not local_prometheus.is_installed(), reason="needs Debian's prometheus package (apt-get install prometheus)"
)


def differences(truth: Mapping[str, Any], documents: Mapping[tuple[str, str], Mapping[str, Any]]) -> list[str]:
    """Return a line for every figure of the truth that a document does not show exactly."""
    return [
        f"{contract} {month} {wanted['indicator']} {wanted['scope']}: {part}"
        for contract, months in truth["contracts"].items()
        for month, of_month in months.items()
        for wanted in of_month["readings"]
        for part in _compared(wanted, _reading(documents[contract, month], wanted))
    ]


def _reading(document: Mapping[str, Any], wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    same = [
        r for r in document["readings"] if r["indicator"] == wanted["indicator"] and r["scope"] == wanted["scope"]
    ]
    assert same, f"no reading {wanted['indicator']} {wanted['scope']}"
    return dict(same[0])


def _compared(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    parts = []
    for name in ("numerator", "denominator", "undetermined", "bounded"):
        if wanted[name] is not None and wanted[name] != found[name]:
            parts.append(f"{name} is {found[name]}, in truth {wanted[name]}")
    if wanted["n"] is not None and wanted["indicator"] != "availability" and wanted["n"] != found["n"]:
        parts.append(f"n is {found['n']}, in truth {wanted['n']}")
    parts.extend(_statistics(wanted["statistics"], found["statistics"]))
    parts.extend(_details(wanted, found))
    return parts


def _statistics(wanted: Mapping[str, Any] | None, found: Mapping[str, Any] | None) -> list[str]:
    if wanted is None or (found is None and wanted["n"] == 0):
        return []
    if found is None:
        return [f"no statistics, in truth {wanted}"]
    exact = {name: decimal_text(Fraction(*wanted[name])) for name in ("mean", "median", "p90")}
    exact |= {"n": wanted["n"], "max": wanted["max"]}
    return [f"{n} is {found[n]}, in truth {value}" for n, value in exact.items() if found[n] != value]


def _details(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    extra, details = wanted["extra"], found["details"]
    names = {"T", "P", "U", "D", "opened", "resolved", "withdrawn", "reopened", "start", "end", "unknown", "tickets"}
    parts = [f"{n} is {details[n]}, in truth {extra[n]}" for n in sorted(names & extra.keys()) if details[n] != extra[n]]
    if "raw" in extra and [details["raw_up"], details["raw_known"]] != extra["raw"]:
        parts.append(f"raw is {details['raw_up']}/{details['raw_known']}, in truth {extra['raw']}")
    return parts


def documents_of(directory: Path, truth: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return the demo's documents, closed or to date, by contract and month."""
    configuration = load_configuration(directory / "kpi-agent.yml")
    found = {}
    with open_agent(configuration) as agent:
        for name, months in truth["contracts"].items():
            contract = configuration.contracts[name]
            for month in months:
                period = Period.parse(month, contract.timezone)
                found[name, month] = agent.reporter.shown(contract, period, now=NOW)
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_figure_of_the_report_equals_the_truth_of_the_estate(seed: int, tmp_path: Path) -> None:
    directory = tmp_path / "estate"
    run_demo(directory, seed=seed, now=NOW, tell=lambda _text: None)
    truth = json.loads((directory / "truth.json").read_text())

    assert differences(truth, documents_of(directory, truth)) == []
