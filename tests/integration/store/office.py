"""A desk, its store and one contract at work: exports come in, months are closed, with the real parts throughout."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import time
from pathlib import Path
from typing import Any

from builders import at_least, contract, month, objective, paris, terms, version
from integration.store.samples import export
from kpi_agent.domain.contract import Contract, ReportTerms, Scope
from kpi_agent.domain.records import StoredDocument
from kpi_agent.domain.source import Profile, Settings, TicketSource
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import DAY
from kpi_agent.jobs.close import Closer
from kpi_agent.jobs.gather import Gatherer
from kpi_agent.jobs.ports import Generator
from kpi_agent.jobs.report import Reporter
from kpi_agent.store.open import Store
from kpi_agent_reports.document import build_document, canonical_bytes
from kpi_agent_reports.document_people import with_people

ACME = contract(
    version(
        "2026-01-01",
        hosts=None,
        priorities={"P1": terms("30m", "4h"), "P2": terms("1h", "8h")},
        objectives=(objective("resolve_in_time", at_least("95%"), scope=Scope(priority="P1")),),
        report=ReportTerms(close_after_days=3, close_at=time(7), close_wait=2 * DAY),
    )
)
# Nothing is read from a file here: exports come as values.
GENERIC = Profile("generic", {}, (), (), {}, {}, {}, {}, {})
DESK = TicketSource("desk", GENERIC, "inbox/*.csv", "Europe/Paris", since=paris("2026-01-01 00:00"))


def no_archive(_: StoredDocument) -> Path:
    return Path()


@dataclass
class Office:
    """*deal* is the contract; *told* counts the exports; *former* are desks that the contract had before."""

    store: Store
    deal: Contract = ACME
    told: int = 0
    source: TicketSource = field(default=DESK)
    former: tuple[TicketSource, ...] = ()

    def take(self, tickets: Sequence[Ticket], as_of: str, **fields: Any) -> None:
        """Import a complete export of these tickets, made at a Paris wall time."""
        self.told += 1
        file = export(f"{self.told}.csv", tickets, as_of=paris(as_of), **fields)
        self.store.tickets.take(file, observed_from=None, now=paris(as_of))

    @property
    def reporter(self) -> Reporter:
        sources = {s.name: s for s in (self.source, *self.former)}
        settings = Settings("kpi-agent.yml", "Europe/Paris", Path("/"), "", sources, "")
        gatherer = Gatherer(settings, self.store.tickets, self.store.lines, self.store.runs)
        return Reporter(gatherer, self.store.ledger, build_document, Generator("1", "1", "1"), with_people)

    @property
    def closer(self) -> Closer:
        return Closer(
            self.reporter, self.store.ledger, self.store.tickets, self.store.runs, no_archive, canonical_bytes
        )

    def close(self, period: str, at: str, **how: Any) -> dict[str, Any]:
        """Close a month by hand and return its document."""
        self.closer.build(self.deal, month(period), now=paris(at), **how)
        return self.closed(period)

    def closed(self, period: str) -> dict[str, Any]:
        stored = self.store.ledger.document("acme", period)
        assert stored is not None
        document: dict[str, Any] = json.loads(stored.content)
        return document

    def preview(self, period: str, at: str) -> dict[str, Any]:
        return self.reporter.preview(self.deal, month(period), now=paris(at))


def changed(ticket: Ticket, **fields: Any) -> Ticket:
    """Return a ticket with other fields; texts are Paris wall times."""
    return replace(ticket, **{n: paris(v) if isinstance(v, str) and ":" in v else v for n, v in fields.items()})
