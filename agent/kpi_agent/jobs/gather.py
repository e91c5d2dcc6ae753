"""Load from the store everything that one contract's figures may look at, as known at an instant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from heapq import nlargest
from typing import Any

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.evaluation import SourceLine
from kpi_agent.domain.export import ImportRecord
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.objective_window import window_starts
from kpi_agent.domain.source import PrometheusSource, QueryPack, Settings, TicketSource
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval, Period
from kpi_agent.jobs.desks import DeskKnown, together
from kpi_agent.jobs.measured import measured, with_metrics
from kpi_agent.jobs.ports import LineStore, RunStore, TicketStore

_Desk = tuple[tuple[Ticket, ...], Mapping[str, int], Mapping[str, int]]
"""Tickets; the lost ones, each with the instant of the last export that held it; kinds that are known less far."""

_ASKED = 20
"""So many tickets of a kind, opened last, stand for all of them: an export of everything holds some."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts, and how well each source was observed in the period."""

    facts: Facts
    sources: tuple[SourceLine, ...]


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Reads the stores for contracts of one configuration."""

    settings: Settings
    tickets: TicketStore
    lines: LineStore
    runs: RunStore
    packs: Mapping[str, QueryPack] = field(default_factory=dict)
    desk: dict[Any, _Desk] = field(default_factory=dict, compare=False, repr=False)

    def gather(
        self,
        contract: Contract,
        period: Period,
        *,
        now: int,
        newest_import: int | None = None,
        exports_until: int | None = None,
    ) -> Gathered:
        """Return what is known at *now* through imports up to *newest_import* (None: all).

        A close gives *newest_import*. Then metrics count only up to what had time to arrive by *now* (``max_age``), the
        period itself always: a close that is repeated later, when more was collected, gives the same document.
        Of exports, those count whose as-of is not after *exports_until* (None: *now*), whenever they came.
        """
        version = contract.at(min(now, period.end - 1))
        span = period.interval.clip(contract.life)
        facts = Facts()
        sources: list[SourceLine] = []
        desks = self._desks(contract, period, now=now, until=exports_until, newest_import=newest_import)
        if desks:
            starts = window_starts(contract, version, period)
            facts = Facts(tickets=together(desks, span, starts, people=self.settings.people))
            sources += [desk.line(span, now) for desk in desks if desk.is_of(span)]
        found = measured(
            contract,
            version,
            servers=self.settings.sources,
            packs=self.packs,
            stored=self.lines,
            until=lambda source: max(period.end, now - source.max_age) if newest_import is not None else now,
        )
        sources += [
            line
            for name in sorted(found.keys() & version.sources)
            for line in found[name].source_lines(contract.id, self.runs, span, now)
        ]
        return Gathered(with_metrics(facts, contract, version, found), tuple(sources))

    def stands_for(self, source: str) -> str:
        """Return the name by which contracts call a source: that of the one that it replicates, else its own."""
        known = self.settings.sources[source]
        return known.stands_for if isinstance(known, PrometheusSource) else source

    def _desks(
        self, contract: Contract, period: Period, *, now: int, until: int | None, newest_import: int | None
    ) -> list[DeskKnown]:
        """Return the desks that the contract has named by the period's end, the present one first.

        An earlier one is no less needed: what was opened while it was the contract's is judged by it.
        """
        last = min(now, period.end - 1)
        if all(v.tickets is None for v, _ in contract.segments(period)):
            return []
        spans: dict[str, list[Interval]] = {}
        for span, scope in contract.ticket_scopes():
            if span.start <= last:
                # The one named last comes last.
                spans[scope.source] = [*spans.pop(scope.source, []), span]
        found = []
        for name in reversed(spans):
            source = self.settings.sources[name]
            if isinstance(source, TicketSource):
                records = self.tickets.imports(name, newest_import=newest_import)
                counted = tuple(r for r in records if r.as_of <= (now if until is None else until))
                tickets, lost, known_until = self._desk(source, counted, among=spans)
                share = partial(self.tickets.share, name)
                found.append(DeskKnown(source, tuple(spans[name]), counted, tickets, lost, share, known_until))
        return found

    def _desk(self, source: TicketSource, records: tuple[ImportRecord, ...], *, among: Collection[str]) -> _Desk:
        """Return what these files tell; the last answer is kept for other periods.

        *among*: the desks of the contract asked for; of others none is kept.
        """
        key = (source.name, source.contains, tuple(r.id for r in records))
        if key not in self.desk:
            known = {
                "newest_import": max((r.id for r in records), default=0),
                "as_of": max((r.as_of for r in records), default=0),
            }
            tickets = self.tickets.tickets(source.name, **known)
            opened = {t.id: t.opened for t in tickets if t.is_open}
            lost = self.tickets.lost(source.name, opened, by_opening=source.contains.what == "opened", **known)
            for other in [k for k in self.desk if k[0] == source.name or k[0] not in among]:
                del self.desk[other]
            self.desk[key] = tickets, lost, self._known_until(source, records, tickets)
        return self.desk[key]

    def _known_until(
        self, source: TicketSource, records: tuple[ImportRecord, ...], tickets: tuple[Ticket, ...]
    ) -> Mapping[str, int]:
        """Return, of each kind that the newest exports do not hold, the instant of the last that did.

        Where requests are exported beside incidents, the newest file of the one says nothing of the other. Only of
        exports of everything: one of a few days may well hold no request.
        """
        complete = {r.id: r.as_of for r in records if not r.is_truncated}
        if source.contains.what != "all" or len(complete) < 2:  # noqa: PLR2004 - one file holds all that is known
            return {}
        newest, found = max(complete.values()), {}
        for kind in sorted({t.kind for t in tickets}):
            latest = nlargest(_ASKED, (t for t in tickets if t.kind == kind), key=lambda t: (t.opened, t.id))
            until = self.tickets.last_held(source.name, [t.id for t in latest], among=complete)
            if until is not None and until < newest:
                found[kind.value] = until
        return found
