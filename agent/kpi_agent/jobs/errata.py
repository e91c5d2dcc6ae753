"""Errata: what a closed period's report would say otherwise, had it known what is known now (indicators.md §10).

The closed document stays as it is. Its period is measured again at its own as-of instant with what is known now, and
each figure is compared with the one published last: by that document, or by an erratum that came after it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.contributions import OF_PERSONS
from kpi_agent.domain.due import LedgerEntry
from kpi_agent.domain.errata import (
    Document,
    Figure,
    FigureKey,
    Measurement,
    changed_tickets,
    figures_of,
    is_same,
    key_of,
    told_of,
)
from kpi_agent.domain.evaluation import ChangedTicket, Erratum, Told
from kpi_agent.domain.facts import TicketFacts
from kpi_agent.domain.records import StoredDocument
from kpi_agent.domain.source import PrometheusSource
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import DAY, Period
from kpi_agent.jobs.gather import Gatherer
from kpi_agent.jobs.ports import Ledger

_MONTHS_BACK = 13
# Servers that were out of reach are read as far back as they remember, which is not longer than this.
_OBSERVED_LATE = 62 * DAY


@dataclass(frozen=True, slots=True)
class Published:
    """A closed period: its document with its own figures, and each as *told* last, with the period that told it."""

    stored: StoredDocument
    period: Period
    document: Document
    own: dict[FigureKey, Told]
    told: dict[FigureKey, tuple[Told, str]]
    corrected: set[FigureKey] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What may be known: imports up to *newest_import*, of exports up to *exports_until*."""

    newest_import: int
    exports_until: int


class Measure(Protocol):
    """Measures periods again."""

    def __call__(self, contract: Contract, period: Period, knowledge: Knowledge, *, now: int) -> Measurement:
        """Return a period as measured at *now* with one knowledge, and its document."""


@dataclass(frozen=True, slots=True)
class Errata:
    """Finds the errata of earlier periods."""

    gatherer: Gatherer
    ledger: Ledger
    measure: Measure

    def of(
        self,
        contract: Contract,
        period: Period,
        documents: Sequence[StoredDocument],
        known: TicketFacts | None,
        knowledge: Knowledge,
    ) -> tuple[Erratum, ...]:
        """Return what the report of *period* has to correct in the closed periods of its kind, oldest first.

        *documents* are those closed before it, in that order; *known* is the desk as it is known now. An erratum that
        one of them published is not repeated unless the figure changed again.
        """
        entries = self.ledger.entries(contract.id)
        found: list[Erratum] = []
        for published in _published(contract, period, documents):
            entry = entries.get(published.period.id)
            if entry is not None and self._is_concerned(contract, published, entry, known, knowledge):
                found += self._compared(contract, published, entries, knowledge)
        return tuple(found)

    def _is_concerned(
        self,
        contract: Contract,
        published: Published,
        entry: LedgerEntry,
        known: TicketFacts | None,
        knowledge: Knowledge,
    ) -> bool:
        """Whether anything came in that can change a period: to measure all of a year again at each close is dear."""
        version = contract.at(published.period.end - 1)
        settings = self.gatherer.settings
        measured = any(isinstance(settings.sources[name], PrometheusSource) for name in version.sources)
        if measured and knowledge.exports_until - published.stored.closed_at < _OBSERVED_LATE:
            return True
        desks = _desks(contract, published.period)
        if not desks or known is None or entry.newest_import >= knowledge.newest_import:
            return False
        exported = [r for r in published.document["readings"] if r["origin"] == "exported"]
        if any(Fraction(r["source_coverage"]) < 1 for r in exported):
            return True
        end, after, newest = published.period.end, entry.newest_import, knowledge.newest_import
        changed = {d: self.gatherer.tickets.changed(d, after=after, newest_import=newest) for d in desks}
        return any(
            _first_opening(t) < end
            for desk in known.desks
            for t in desk.tickets
            if t.id in changed.get(t.source, ()) or t.id in desk.lost
        )

    def _compared(
        self, contract: Contract, published: Published, entries: Mapping[str, LedgerEntry], knowledge: Knowledge
    ) -> Iterator[Erratum]:
        at, own = published.stored.closed_at, published.period.id
        after = self.measure(contract, published.period, knowledge, now=at)
        now = figures_of(after.document)
        different = [
            key for key, (told, _) in published.told.items() if key in now and not is_same(told, now[key].told)
        ]
        if not different:
            return
        known = {
            report: Knowledge(entries[report].newest_import, entries[report].as_of)
            for report in {own, *(published.told[key][1] for key in different)}
        }
        # What changed, changed since the report that told the figure last.
        before = {r: self.measure(contract, published.period, k, now=at) for r, k in known.items()}
        then = figures_of(before[own].document)
        for key in sorted(different, key=_order):
            told, report = published.told[key]
            is_other_program = key in then and not is_same(then[key].told, published.own[key])
            if is_other_program and key not in published.corrected and is_same(then[key].told, now[key].told):
                continue  # the program measures otherwise today; nothing became known
            tickets = self._tickets(contract, key, known[report], before[report], after)
            causes = _causes(now[key], told, tickets, is_other_program=is_other_program)
            yield _erratum(published, key, now[key], told, report, causes, () if key[1] in OF_PERSONS else tickets)

    def _tickets(
        self, contract: Contract, key: FigureKey, known: Knowledge, before: Measurement, after: Measurement
    ) -> tuple[ChangedTicket, ...]:
        if figures_of(after.document)[key].origin != "exported":
            return ()
        store, desks = self.gatherer.tickets, _desks(contract, before.evaluation.period)
        files = {d: {r.file for r in store.imports(d, newest_import=known.newest_import)} for d in desks}

        def was_rejected(ticket: str) -> bool:
            return any(file in files[d] for d in desks for file, _ in store.rejected(d, ticket))

        return changed_tickets(key, contract, before, after, was_rejected=was_rejected)


def _published(contract: Contract, period: Period, documents: Sequence[StoredDocument]) -> Iterator[Published]:
    """Yield the closed periods of the same kind, up to 13 months back, each with its figures as told last."""
    first = period
    for _ in range(_MONTHS_BACK):
        first = Period.month_of(first.start - 1, contract.timezone)
    latest: dict[str, tuple[int, StoredDocument]] = {}
    for place, stored in enumerate(documents):
        latest[stored.period] = place, stored
    for place, stored in sorted(latest.values(), key=lambda item: item[1].period):
        past = Period.parse(stored.period, contract.timezone)
        if kind_of(past.id) != kind_of(period.id) or not first.start <= past.start < period.start:
            continue
        document = json.loads(stored.content)
        own = {key: figure.told for key, figure in figures_of(document).items()}
        published = Published(stored, past, document, own, {key: (told, past.id) for key, told in own.items()})
        for later in documents[place + 1 :]:
            for erratum in json.loads(later.content)["errata"]:
                if (erratum["period"], erratum["revision"]) == (stored.period, stored.revision):
                    key = key_of(erratum)
                    published.told[key] = told_of(erratum["new"]), later.period
                    published.corrected.add(key)
        yield published


def kind_of(period: str) -> str:
    """Return what kind of period a name means: W, Q, or nothing for a month."""
    return period[5:6] if period[5:6] in {"W", "Q"} else ""


def _desks(contract: Contract, period: Period) -> tuple[str, ...]:
    """Return the desks that the contract had named by the period's end."""
    return tuple(dict.fromkeys(s.source for span, s in contract.ticket_scopes() if span.start < period.end))


def _first_opening(ticket: Ticket) -> int:
    moved = [e.before for e in ticket.edits if e.field == "opened" and isinstance(e.before, int)]
    return min([ticket.opened, *moved])


def _order(key: FigureKey) -> tuple[bool, str, str, tuple[tuple[str, str], ...], int]:
    objective, indicator, scope, segment = key
    return objective is None, objective or "", indicator, scope, segment


def _causes(now: Figure, told: Told, tickets: Sequence[ChangedTicket], *, is_other_program: bool) -> tuple[str, ...]:
    causes = {t.cause for t in tickets}
    if now.told.coverage != told.coverage:
        causes.add("coverage")
    if now.origin == "measured":
        causes.add("observed_later")
    if is_other_program:
        causes.add("definitions")
    return tuple(sorted(causes or {"told_later"}))


def _erratum(
    published: Published,
    key: FigureKey,
    figure: Figure,
    told: Told,
    report: str,
    causes: tuple[str, ...],
    tickets: tuple[ChangedTicket, ...],
) -> Erratum:
    objective, indicator, scope, segment = key
    return Erratum(
        period=published.period.id,
        revision=published.stored.revision,
        objective=objective,
        name=figure.name,
        statistic=figure.statistic,
        indicator=indicator,
        scope=dict(scope),
        unit=figure.unit,
        segment=segment,
        old=told,
        new=figure.told,
        published=report,
        causes=causes,
        tickets=tickets,
    )
