"""The archive's own pages: each contract's closed reports with their trend, and the contracts of the house."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from kpi_agent.domain.time import Period
from kpi_agent_reports.facts import Facts, Part
from kpi_agent_reports.figures import Figure
from kpi_agent_reports.history_table import history_topic
from kpi_agent_reports.html import sheet_of
from kpi_agent_reports.sentences import score_of, tally
from kpi_agent_reports.templating import environment_for, fault_of
from kpi_agent_reports.view import Link, PortalContract, PortalRow, PortalView, Table
from kpi_agent_reports.words import Words, capitalised

_ALSO = {"pdf": "PDF", "xlsx": "XLSX", "csv": "CSV", "txt": "TXT", "json": "JSON", "eml": "EML"}
PAGE = "index.html"
"""Name of each page in its folder, which a web server shows by itself."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A closed document, and the formats (``pdf``) that its folder ``PERIOD/rN`` holds."""

    document: Part
    formats: tuple[str, ...]


def contract_page(archived: Sequence[Archived], *, templates: Sequence[Path]) -> str:
    """Return the page of one contract's closed documents, the newest period first and its last revision first.

    *archived* are in any order, at least one, in the language of the one closed last.
    """
    ordered = sorted(archived, key=lambda a: (_period(a.document).start, a.document["revision"]), reverse=True)
    last = max(archived, key=lambda a: (a.document["as_of"], a.document["period"]["id"])).document
    words = Words(last["language"], last["period"]["timezone"])
    revised = Counter(a.document["period"]["id"] for a in archived)
    rows = tuple(_row(a, words, is_revised=revised[a.document["period"]["id"]] > 1) for a in ordered)
    customer = last["contract"]["customer"]
    view = PortalView(
        language=words.language,
        title=words.say("{customer}, Run reports", customer=customer),
        eyebrow=words.say("Run by {provider}", provider=last["contract"]["provider"]),
        heading=customer,
        note=words.count("{n} report", "{n} reports", len(rows)),
        rows=rows,
        trend=_trend(ordered, words),
        contracts=(),
    )
    return _rendered("portal/contract.html.j2", view, words, templates)


def summary_of(archived: Sequence[Archived]) -> dict[str, Any]:
    """Return what :func:`index_page` needs to know of a contract: a JSON value."""
    newest = max(archived, key=lambda a: (_period(a.document).start, a.document["revision"])).document
    return {
        "contract": {name: newest["contract"][name] for name in ("id", "customer", "provider")},
        "language": newest["language"],
        "period": {name: newest["period"][name] for name in ("id", "timezone")},
        "summary": newest["summary"],
    }


def index_page(summaries: Sequence[Mapping[str, Any]], *, templates: Sequence[Path]) -> str:
    """Return the page of all contracts by customer, in the language of most of them; *summaries* are at least one."""
    (language, _), *_ = Counter(sorted(s["language"] for s in summaries)).most_common(1)
    words = Words(language, summaries[0]["period"]["timezone"])
    ordered = sorted(summaries, key=lambda s: (s["contract"]["customer"].casefold(), s["contract"]["id"]))
    providers = sorted({s["contract"]["provider"] for s in summaries})
    view = PortalView(
        language=language,
        title=words.say("Run reports"),
        eyebrow=words.listed(providers),
        heading=words.say("Run reports"),
        note=words.count("{n} contract", "{n} contracts", len(ordered)),
        rows=(),
        trend=(),
        contracts=tuple(_contract(s, words) for s in ordered),
    )
    return _rendered("portal/index.html.j2", view, words, templates)


def _contract(summary: Mapping[str, Any], words: Words) -> PortalContract:
    period = Period.parse(summary["period"]["id"], summary["period"]["timezone"])
    return PortalContract(
        customer=summary["contract"]["customer"],
        address=f"{summary['contract']['id']}/{PAGE}",
        period=capitalised(words.period(period)),
        score=score_of(summary["summary"], words),
        tally=tally(summary["summary"], words),
    )


def _row(archived: Archived, words: Words, *, is_revised: bool) -> PortalRow:
    document = archived.document
    folder = f"{document['period']['id']}/r{document['revision']}"
    return PortalRow(
        period=capitalised(words.period(_period(document))),
        revision=words.say("revision {revision}", revision=words.number(document["revision"])) if is_revised else "",
        address=f"{folder}/report.html",
        score=score_of(document["summary"], words),
        tally=tally(document["summary"], words),
        closed=words.moment(Facts(document).as_of, has_year=True),
        files=tuple(
            Link(label, f"{folder}/report.{form}") for form, label in _ALSO.items() if form in archived.formats
        ),
    )


def _trend(ordered: Sequence[Archived], words: Words) -> tuple[Table, ...]:
    """Return the table of the newest month's last revision; weeks and quarters have trends of their own kind."""
    months = [a.document for a in ordered if a.document["period"]["id"].replace("-", "").isdecimal()]
    if not months:
        return ()
    facts = Facts(months[0])
    topic = history_topic([Figure.of(o, facts) for o in months[0]["objectives"]], facts, words)
    return () if topic is None else topic.tables


def _period(document: Part) -> Period:
    return Period.parse(document["period"]["id"], document["period"]["timezone"])


def _rendered(name: str, view: PortalView, words: Words, templates: Sequence[Path]) -> str:
    environment = environment_for(templates)
    environment.globals["say"] = words.say
    try:
        return environment.get_template(name).render(portal=view, style=sheet_of("", environment, templates))
    except TemplateError as error:
        raise fault_of(error, templates) from error
