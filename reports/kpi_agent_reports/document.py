"""Readings and verdicts become the canonical document of interface.md §5, which every format is a rendering of."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePath
from typing import Any, Protocol

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.evaluation import Commitment, Evaluation, FigureDays, Outcome, SourceLine
from kpi_agent.domain.reading import Reading, Statistics
from kpi_agent.domain.time import Period, to_utc_text
from kpi_agent_reports.canonical import canonical_bytes, decimal_text, optional_decimal, optional_utc_text, sha256_of
from kpi_agent_reports.document_errata import balance_of, errata_of
from kpi_agent_reports.document_estate import alerts_of, backups_of, certificates_of, hosts_of, services_of
from kpi_agent_reports.document_incidents import incidents_of
from kpi_agent_reports.document_people import with_people
from kpi_agent_reports.document_reconciliation import families_of, reconciliation_of
from kpi_agent_reports.document_terms import terms_of

__all__ = ["SCHEMA", "Generator", "build_document", "canonical_bytes", "sha256_of"]

SCHEMA = "kpi-agent/report/1"


class Generator(Protocol):
    """What made a document: versions of the program, of the definitions and of the time zone database."""

    @property
    def version(self) -> str:
        """Of the program."""

    @property
    def definitions(self) -> str:
        """Of indicators.md."""

    @property
    def tzdata(self) -> str:
        """Of the zone database."""


def build_document(
    evaluation: Evaluation,
    *,
    contract: Contract,
    state: str,
    revision: int,
    previous_sha256: str | None,
    generator: Generator,
    reason: str | None = None,
) -> dict[str, Any]:
    """Return the document of an evaluation: a JSON value of text, integers, booleans and null, never a float.

    *state* is ``preview`` or ``closed``; *reason* says why a revision after the first was made. Instants are UTC text,
    durations whole seconds, ratios decimals cut toward zero at 18 digits. The same evaluation gives the same bytes on
    every machine. ``summary.met`` counts every kept commitment, ``met_with_reserve`` those of them under reserve.
    """
    version = evaluation.version
    readings, places = _readings(evaluation)
    document = {
        "schema": SCHEMA,
        "contract": {
            "id": version.id,
            "customer": version.customer,
            "provider": version.provider,
            "versions": [
                {
                    "effective_from": v.effective_from.isoformat(),
                    "file": PurePath(v.file).name,  # its folder differs between hosts, the hash must not
                    "sha256": v.sha256,
                    "text": v.text,
                }
                for v in contract.versions
                if v.start < evaluation.period.end
            ],
        },
        "language": version.language,
        "currency": version.currency,
        "period": _period(evaluation.period),
        "state": state,
        "is_running": evaluation.is_running,
        "revision": revision,
        "reason": reason,
        "as_of": to_utc_text(evaluation.now),
        "previous_sha256": previous_sha256,
        "summary": _summary(evaluation),
        "objectives": [_objective(c, place) for c, place in zip(evaluation.commitments, places, strict=True)],
        "readings": readings,
        "segments": [
            {
                "version": s.version.effective_from.isoformat(),
                "start": to_utc_text(s.span.start),
                "end": to_utc_text(s.span.end),
            }
            for s in evaluation.segments
        ],
        "terms": [terms_of(s.version, s.span) for s in evaluation.segments],
        "incidents": incidents_of(evaluation.tickets, contract),
        "families": families_of(evaluation.families),
        "reconciliation": reconciliation_of(evaluation.reconciliation),
        "services": services_of(evaluation),
        "hosts": hosts_of(evaluation.hosts),
        **({"alerts": alerts_of(evaluation.alerts)} if evaluation.alerts else {}),
        **({"figures": [_figure(f) for f in evaluation.figures]} if evaluation.figures else {}),
        "backups": backups_of(evaluation.backups, version),
        **({"certificates": certificates_of(evaluation.certificates)} if evaluation.certificates else {}),
        "unsaved_hosts": None if evaluation.unsaved is None else list(evaluation.unsaved),
        "history": [
            {
                "period": h.period,
                "objective": h.objective,
                "verdict": h.outcome.value,
                "value": optional_decimal(h.value),
            }
            for h in sorted(evaluation.history, key=lambda h: (h.objective, h.period))
        ],
        "sources": [_source(s) for s in sorted(evaluation.sources, key=lambda s: s.name)],
        "generator": {"version": generator.version, "definitions": generator.definitions, "tzdata": generator.tzdata},
        "timeline": [],
        "errata": errata_of(evaluation.errata),
        "balance": balance_of(evaluation.balance),
        "signals": [],
        "matrix": {},
        "plan": [],
    }
    return with_people(document, evaluation.notes, evaluation.carried)


def _period(period: Period) -> dict[str, Any]:
    return {
        "id": period.id,
        "first_day": period.first_day.isoformat(),
        "end_day": period.end_day.isoformat(),
        "start": to_utc_text(period.start),
        "end": to_utc_text(period.end),
        "timezone": period.timezone,
        "hours": period.hours,
    }


def _summary(evaluation: Evaluation) -> dict[str, int]:
    counts = Counter(c.outcome for c in evaluation.commitments)
    kept_with_reserve = sum(c.outcome is Outcome.MET and c.reserve is not None for c in evaluation.commitments)
    return {outcome.value: counts[outcome] for outcome in Outcome} | {"met_with_reserve": kept_with_reserve}


def _readings(evaluation: Evaluation) -> tuple[list[dict[str, Any]], list[int]]:
    """Return the readings as JSON and, for each commitment, the index of its own."""
    found = list(evaluation.readings)
    segments = [0] * len(found)
    places: list[int] = []
    for order, commitment in enumerate(evaluation.commitments):
        if order < len(found) and found[order] == commitment.reading:
            place = order
        elif commitment.reading in found:
            place = found.index(commitment.reading)
        else:
            place = len(found)
            found.append(commitment.reading)
            segments.append(0)
        segments[place] = commitment.segment
        places.append(place)
    return [_reading(r, segment) for r, segment in zip(found, segments, strict=True)], places


def _reading(reading: Reading, segment: int) -> dict[str, Any]:
    return {
        "indicator": reading.indicator,
        "scope": reading.scope.as_dict(),
        "unit": reading.unit.value,
        "segment": segment,
        "value": optional_decimal(reading.value),
        "numerator": reading.numerator,
        "denominator": reading.denominator,
        "n": reading.n,
        "statistics": _statistics(reading.statistics),
        "coverage": decimal_text(reading.coverage),
        "source_coverage": decimal_text(reading.source_coverage),
        "as_of": to_utc_text(reading.as_of),
        "lowest": optional_decimal(reading.lowest),
        "highest": optional_decimal(reading.highest),
        "overdue": reading.overdue,
        "overdue_oldest": reading.overdue_oldest,
        "origin": reading.origin.value,
        "undetermined": reading.undetermined,
        "bounded": reading.bounded,
        "holds_unplaced": reading.holds_unplaced,
        "details": dict(reading.details),
        "reasons": list(reading.reasons),
        "evidence": list(reading.evidence),
        "window": None
        if reading.span is None
        else {"start": to_utc_text(reading.span.start), "end": to_utc_text(reading.span.end)},
    }


def _statistics(statistics: Statistics | None) -> dict[str, Any] | None:
    if statistics is None:
        return None
    return {
        "n": statistics.n,
        "mean": decimal_text(statistics.mean),
        "median": decimal_text(statistics.median),
        "p90": decimal_text(statistics.p90),
        "max": statistics.max,
    }


def _objective(commitment: Commitment, place: int) -> dict[str, Any]:
    objective, reserve = commitment.objective, commitment.reserve
    return {
        "id": objective.id,
        "indicator": objective.indicator,
        "scope": objective.scope.as_dict(),
        "name": dict(objective.name),
        "statistic": objective.statistic,
        "target": objective.target.text,
        "target_comparison": objective.target.comparison.value,
        "target_value": decimal_text(objective.target.value),
        "target_unit": objective.target.unit.value,
        "limit": None
        if objective.limit is None
        else {"seconds": objective.limit.seconds, "text": objective.limit.text},
        "limit_seconds": commitment.limit_seconds,
        "interval": objective.interval,
        "window": objective.window.value,
        "min_coverage": decimal_text(objective.min_coverage),
        "weight": decimal_text(objective.weight),
        "verdict": commitment.outcome.value,
        "reserve": None
        if reserve is None
        else {"lowest": decimal_text(reserve.lowest), "highest": decimal_text(reserve.highest)},
        "why": list(commitment.why),
        "left": commitment.left,
        "segment": commitment.segment,
        "reading": place,
        "penalty": None,
    }


def _figure(figure: FigureDays) -> dict[str, Any]:
    objective = figure.objective
    return {
        "objective": objective.id,
        "segment": figure.segment,
        "query": objective.query,
        "aggregate": objective.aggregate.value,
        "days": [{"day": day.isoformat(), "value": optional_decimal(value)} for day, value in figure.days],
    }


def _source(source: SourceLine) -> dict[str, Any]:
    return {
        "name": source.name,
        "kind": source.kind,
        "coverage": decimal_text(source.coverage),
        "as_of": optional_utc_text(source.as_of),
        "server": source.server,
        "troubles": [
            {"text": t.text, "first": to_utc_text(t.first), "last": to_utc_text(t.last)} for t in source.troubles
        ],
        "rejected_by_reason": dict(source.rejected_by_reason),
        "files": [
            {
                "name": f.name,
                "sha256": f.sha256,
                "rows": f.rows,
                "rejected": f.rejected,
                "as_of": to_utc_text(f.as_of),
                "is_truncated": f.is_truncated,
            }
            for f in sorted(source.files, key=lambda f: (f.as_of, f.name, f.sha256))
        ],
    }
