"""The view of a whole report, built from its document alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpi_agent.domain.time import to_local
from kpi_agent_reports.annex_evidence import evidence_annex
from kpi_agent_reports.annex_terms import terms_annex
from kpi_agent_reports.canonical import sha256_of
from kpi_agent_reports.facts import Facts, instant_of
from kpi_agent_reports.figures import Figure
from kpi_agent_reports.history_table import history_topic
from kpi_agent_reports.page_one import cards, commitment_rows, since_lines, watch_lines
from kpi_agent_reports.sentences import kept_of, score_of, tally, verdict_phrases
from kpi_agent_reports.topic_alerting import alerting_topic
from kpi_agent_reports.topic_availability import availability_topic
from kpi_agent_reports.topic_backlog import backlog_topic
from kpi_agent_reports.topic_backups import backup_topic
from kpi_agent_reports.topic_certificates import certificates_topic
from kpi_agent_reports.topic_errata import errata_topic
from kpi_agent_reports.topic_figures import figures_topic
from kpi_agent_reports.topic_incidents import incident_topic
from kpi_agent_reports.topic_notes import decisions_asked, follow_up_topic, happened_topic
from kpi_agent_reports.topic_patching import patching_topic
from kpi_agent_reports.topic_reconciliation import reconciliation_topic
from kpi_agent_reports.topic_recurrence import recurrence_topic
from kpi_agent_reports.view import ReportView
from kpi_agent_reports.words import Words, capitalised


def build_view(document: Mapping[str, Any], language: str | None = None) -> ReportView:
    """Return the view of a document in *language* (default: the contract's); a pure function of both."""
    facts = Facts(document)
    words = Words(language or document["language"], document["period"]["timezone"])
    figures = [Figure.of(o, facts) for o in document["objectives"]]
    contract, sha256 = document["contract"], sha256_of(document)
    heading = capitalised(words.period(facts.period))
    rows = commitment_rows(figures, facts, words)
    topics = (
        happened_topic(facts, words),
        incident_topic(facts, words),
        reconciliation_topic(facts, words),
        recurrence_topic(facts, words),
        patching_topic(facts, words),
        backup_topic(facts, words),
        availability_topic(facts, words),
        certificates_topic(facts, words),
        alerting_topic(facts, words),
        figures_topic(figures, facts, words),
        backlog_topic(facts, words),
        follow_up_topic(facts, words),
        errata_topic(facts, words),
        history_topic(figures, facts, words),
    )
    return ReportView(
        language=words.language,
        title=words.say("{customer}, Run report, {period}", customer=contract["customer"], period=heading.lower()),
        footer=f"{contract['customer']} · {heading}",
        eyebrow=words.say("{customer} · Run by {provider}", **_parties(contract)),
        heading=heading,
        subheading=_subheading(facts, words),
        banner=_banner(facts, words),
        score=score_of(document["summary"], words),
        score_note=_score_note(facts, words),
        tally=tally(document["summary"], words),
        verdict=verdict_phrases(figures, facts, words),
        since_title=words.say("Since {period}", period=words.short_period(facts.period.previous())),
        since=since_lines(figures, facts, words),
        watch=watch_lines(facts, words),
        decisions=decisions_asked(facts),
        cards=cards(facts, words),
        value_column=words.say("To date") if facts.is_running else capitalised(words.short_period(facts.period)),
        history_column=words.say("Last periods"),
        has_past=any(row.spark or row.change or row.change_word for row in rows),
        commitments=rows,
        legend=_legend(words) if any(row.bullet for row in rows) else "",
        topics=tuple(t for t in topics if t is not None),
        annexes=(terms_annex(facts, words), evidence_annex(facts, sha256, words)),
        sha256=sha256,
        previous_sha256=document["previous_sha256"] or "",
        versions=f"kpi-agent {document['generator']['version']}",
    )


def _legend(words: Words) -> str:
    return words.say(
        "Bar: the figure, coloured by its verdict; upright mark: the target. The axis of a share ends at 100% and "
        "need not begin at zero. Dashed line: the target."
    )


def _parties(contract: Mapping[str, Any]) -> dict[str, str]:
    return {"customer": contract["customer"], "provider": contract["provider"]}


def _subheading(facts: Facts, words: Words) -> str:
    period, document = facts.period, facts.document
    parts = [
        words.say(
            "From {start} to {end}, {zone} ({hours})",
            start=words.moment(period.start),
            end=words.moment(period.end),
            zone=period.timezone,
            hours=words.count("{n} hour", "{n} hours", period.hours),
        )
    ]
    first, last = to_local(facts.start, words.tz).date(), to_local(facts.end - 1, words.tz).date()
    if facts.start > period.start:
        parts.append(words.say("counted from {day}", day=words.day(first)))
    if facts.end < period.end:
        parts.append(words.say("counted until the end of {day}", day=words.day(last)))
    if document["revision"]:
        parts.append(words.say("revision {revision}", revision=words.number(document["revision"])))
    is_later_year = to_local(facts.as_of, words.tz).year != period.first_day.year
    approved = document.get("approved")
    if approved:
        at = words.moment(instant_of(approved["at"]), has_year=is_later_year)
        parts.append(words.say("approved by {name} on {moment}", name=approved["by"], moment=at))
    parts.append(words.say("data as of {as_of}", as_of=words.moment(facts.as_of, has_year=is_later_year)))
    return " · ".join(parts)


def _banner(facts: Facts, words: Words) -> str:
    if facts.document["state"] == "closed":
        reason = facts.document["reason"]
        return words.say("Revised: {reason}", reason=reason) if reason else ""
    if facts.document["revision"]:
        return words.say("Draft: the figures are fixed, but nobody has approved the report yet.")
    if facts.is_running:
        return words.say(
            "Preview of a running month: figures to {moment}, not frozen, without contractual value.",
            moment=words.moment(facts.as_of),
        )
    return words.say("Preview: the period is over but not closed; figures may still change.")


def _score_note(facts: Facts, words: Words) -> str:
    summary = facts.document["summary"]
    _, of = kept_of(summary)
    if not of:
        return words.say("nothing to judge")
    if facts.is_running:
        note = words.count("commitment kept so far", "commitments kept so far", of)
    else:
        note = words.count("commitment kept", "commitments kept", of)
    if summary["met_with_reserve"]:
        note += words.count(", {n} with a reserve", ", {n} with a reserve", summary["met_with_reserve"])
    return note
