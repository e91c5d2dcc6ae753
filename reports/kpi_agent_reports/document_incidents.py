"""The incidents of a document: milestones, both clocks and how each was judged; never a person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.evaluation import TicketLine
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import to_utc_text
from kpi_agent.domain.verdict import Judgement
from kpi_agent_reports.canonical import optional_utc_text


def incidents_of(lines: Sequence[TicketLine], contract: Contract) -> list[dict[str, Any]]:
    """Return the tickets by (opened, source, id); titles are the masked ones, assignees and groups stay out."""
    ordered = sorted(lines, key=lambda line: (line.ticket.opened, line.ticket.source, line.ticket.id))
    return [_incident(line, contract) for line in ordered]


def _incident(line: TicketLine, contract: Contract) -> dict[str, Any]:
    ticket = line.ticket
    return {
        "id": ticket.id,
        "source": ticket.source,
        "kind": ticket.kind.value,
        "state": ticket.state.value,
        "is_open": ticket.is_open,
        "title": ticket.title,
        "priority": ticket.priority,
        "category": ticket.category,
        "service": ticket.service,
        "host": ticket.host,
        "opened": to_utc_text(ticket.opened),
        "responded": optional_utc_text(ticket.responded),
        "resolved": optional_utc_text(ticket.resolved),
        "closed": optional_utc_text(ticket.closed),
        "withdrawn": optional_utc_text(ticket.withdrawn),
        "reopened": len(ticket.reopenings) if ticket.reopenings else ticket.reopen_count,
        "held": _held(ticket, line.resolution, contract),
        "time_spent": ticket.time_spent,
        "problem": ticket.problem,
        "url": ticket.url,
        "desk_met": ticket.desk_met,
        "origin": {"file": ticket.origin.file, "line": ticket.origin.line},
        "response": _judgement(line.response),
        "resolution": _judgement(line.resolution),
    }


def _judgement(judgement: Judgement) -> dict[str, Any]:
    return {
        "start": to_utc_text(judgement.start),
        "verdict": judgement.verdict.value,
        "limit": judgement.limit,
        "deadline": optional_utc_text(judgement.deadline),
        "done": optional_utc_text(judgement.done),
        "decided": optional_utc_text(judgement.decided),
        "elapsed": judgement.elapsed,
        "is_bounded": judgement.is_bounded,
        "marks": list(judgement.notes),
    }


def _held(ticket: Ticket, resolution: Judgement, contract: Contract) -> int | None:
    """Return the service seconds between opening and resolution that the clock did not count; None when not known."""
    if resolution.done is None or resolution.elapsed is None or ticket.priority is None:
        return None
    terms = contract.at(resolution.start).priorities.get(ticket.priority)
    if terms is None:
        return None
    return max(0, terms.calendar.elapsed(resolution.start, resolution.done) - resolution.elapsed)
