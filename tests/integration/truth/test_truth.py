"""The strongest test of the figures: what the simulator counted second by second equals what the agent reports."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from kpi_agent.bootstrap.agent import open_agent
from kpi_agent.bootstrap.configuration import load_configuration
from kpi_agent.collectors import signals
from kpi_agent.collectors.series import Series, SeriesTable
from kpi_agent.demo import local_prometheus
from kpi_agent.demo.estate import run_demo
from kpi_agent.domain import timeline
from kpi_agent.domain.calendar import ServiceCalendar
from kpi_agent.domain.indicators import case, hosts, recovery_point
from kpi_agent.domain.source import Signal
from kpi_agent.domain.time import Period
from kpi_agent.domain.timeline import Sample, Timeline
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
    same = [r for r in document["readings"] if r["indicator"] == wanted["indicator"] and r["scope"] == wanted["scope"]]
    assert same, f"no reading {wanted['indicator']} {wanted['scope']}"
    return dict(same[0])


def _compared(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    parts = []
    parts.extend(
        f"{name} is {found[name]}, in truth {wanted[name]}"
        for name in ("numerator", "denominator", "undetermined", "bounded")
        if wanted[name] is not None and wanted[name] != found[name]
    )
    if wanted["value"] is not None and found["value"] != decimal_text(Fraction(*wanted["value"])):
        parts.append(f"value is {found['value']}, in truth {wanted['value']}")
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
    names = {
        *("T", "P", "U", "D", "opened", "resolved", "withdrawn", "reopened", "start", "end", "unknown", "tickets"),
        *("expired", "certificates"),
    }
    parts = [
        f"{n} is {details[n]}, in truth {extra[n]}" for n in sorted(names & extra.keys()) if details[n] != extra[n]
    ]
    if "raw" in extra and [details["raw_up"], details["raw_known"]] != extra["raw"]:
        parts.append(f"raw is {details['raw_up']}/{details['raw_known']}, in truth {extra['raw']}")
    return parts


def documents_of(directory: Path, truth: Mapping[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what the agent now says of each contract and month, whether it is closed or not."""
    configuration = load_configuration(directory / "kpi-agent.yml")
    found = {}
    with open_agent(configuration) as agent:
        for name, months in truth["contracts"].items():
            contract = configuration.contracts[name]
            for month in months:
                period = Period.parse(month, contract.timezone)
                found[name, month] = agent.reporter.preview(contract, period, now=NOW)
    return found


def built(directory: Path, seed: int) -> tuple[Path, dict[str, Any]]:
    """Run the demo and return its folder and its truth."""
    run_demo(directory, seed=seed, now=NOW, tell=lambda _text: None)
    truth: dict[str, Any] = json.loads((directory / "truth.json").read_text())
    return directory, truth


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    return built(tmp_path_factory.mktemp("truth") / "estate", seed=1)


def test_every_figure_equals_the_truth_of_the_estate(estate: tuple[Path, dict[str, Any]]) -> None:
    directory, truth = estate

    assert differences(truth, documents_of(directory, truth)) == []


@pytest.mark.parametrize("seed", [2, 3])
def test_every_figure_equals_the_truth_of_other_estates(seed: int, tmp_path: Path) -> None:
    directory, truth = built(tmp_path / "estate", seed)

    assert differences(truth, documents_of(directory, truth)) == []


def test_a_closed_document_says_what_the_truth_says(estate: tuple[Path, dict[str, Any]]) -> None:
    directory, truth = estate
    closed = {
        (contract, month): json.loads((directory / f"reports/{contract}/{month}/r1/report.json").read_text())
        for contract, months in truth["contracts"].items()
        for month in sorted(months)[:2]
    }
    past = {name: {m: of[m] for m in sorted(of)[:2]} for name, of in truth["contracts"].items()}

    assert differences({"contracts": past}, closed) == []


def test_a_clock_that_forgets_service_hours_turns_the_comparison_red(
    estate: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, truth = estate
    monkeypatch.setattr(ServiceCalendar, "elapsed", lambda _self, start, end, _holds=(): end - start)

    assert any("time_to_resolve" in line for line in differences(truth, documents_of(directory, truth)))


def test_holds_that_are_not_subtracted_turn_the_comparison_red(
    estate: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, truth = estate
    monkeypatch.setattr(case, "holds_of", lambda *_: case.Holds((), 0, ()))
    found = differences(truth, documents_of(directory, truth))

    assert any(line.startswith("acme") and "resolve" in line for line in found)  # totals
    assert any(line.startswith("globex") and "resolve" in line for line in found)  # placed stretches


def test_a_backup_that_protects_after_it_is_gone_turns_the_comparison_red(
    estate: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, truth = estate
    monkeypatch.setattr(recovery_point, "_gone", lambda *_: 2**62)
    found = differences(truth, documents_of(directory, truth))

    assert {line.split(":")[0] for line in found} == {
        "acme 2026-10 backup_rpo {'backup'",
        "globex 2026-10 backup_rpo {'backup'",
    }


def test_silence_about_reboots_that_is_taken_for_safety_turns_the_comparison_red(
    estate: tuple[Path, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory, truth = estate
    monkeypatch.setattr(hosts, "intersection", lambda one, _other: one)
    found = differences(truth, documents_of(directory, truth))

    assert {line.split()[2] for line in found} == {"exposure"}


def test_gaps_that_are_bridged_turn_the_comparison_red(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    honest, honest_of_one = timeline.from_samples, signals._line_of_one
    forever = 10**9

    def bridged(samples: Sequence[Sample], *, interval: int, until: int) -> Timeline:
        return honest(samples, interval=forever, until=until)

    def bridged_of_one(signal: Signal, table: SeriesTable, series: Series, interval: int, until: int) -> Timeline:
        return honest_of_one(signal, table, series, forever, until)

    monkeypatch.setattr(signals, "from_samples", bridged)
    monkeypatch.setattr(signals, "_line_of_one", bridged_of_one)
    directory, truth = built(tmp_path / "estate", seed=1)
    found = differences(truth, documents_of(directory, truth))

    assert any("availability" in line for line in found)
    assert any("patched_hosts" in line or "patch_in_time" in line for line in found)
