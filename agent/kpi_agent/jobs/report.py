"""Evaluate a period and make its document: what ``report show`` prints and what closing freezes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.due import LedgerEntry, Stage
from kpi_agent.domain.errata import Measurement
from kpi_agent.domain.errors import KpiAgentError
from kpi_agent.domain.evaluation import Evaluation, LeftOpen, Outcome, PastOutcome
from kpi_agent.domain.measure import measure
from kpi_agent.domain.notes import Approval, Asked, Became, Carried, Note, Section, carried_over, still_asked
from kpi_agent.domain.records import StoredDocument
from kpi_agent.domain.time import Period, to_utc_text
from kpi_agent.jobs.errata import Errata, Knowledge, kind_of
from kpi_agent.jobs.gather import Gatherer
from kpi_agent.jobs.ports import DocumentBuilder, Generator, Ledger, NoteReader, PeopleLayer

_TREND_MONTHS = 12


def no_notes(_contract: str, _period: str) -> tuple[Note, ...]:
    """Return no note: nobody wrote any."""
    return ()


@dataclass(frozen=True, slots=True)
class Reporter:
    """Makes documents; the same knowledge gives the same document."""

    gatherer: Gatherer
    ledger: Ledger
    build: DocumentBuilder
    generator: Generator
    lay_in: PeopleLayer
    notes: NoteReader = no_notes

    def evaluate(
        self,
        contract: Contract,
        period: Period,
        *,
        now: int,
        newest_import: int | None = None,
        has_errata: bool = True,
    ) -> Evaluation:
        """Return what the period says, knowing what was known at *now*; *newest_import* is set by a close.

        Without *has_errata* earlier periods are not looked at again, and the answer comes sooner.
        """
        gathered = self.gatherer.gather(contract, period, now=now, newest_import=newest_import)
        others = (d for d in self.ledger.documents(contract.id) if d.closed_at <= now and d.period != period.id)
        closed = tuple(others)
        evaluation = measure(
            contract,
            period,
            gathered.facts,
            now=now,
            sources=gathered.sources,
            history=past_outcomes(closed, before=period),
            left_open=left_open(closed, period),
        )
        if not has_errata:
            return evaluation
        newest = self.gatherer.tickets.newest_import() if newest_import is None else newest_import
        errata = Errata(self.gatherer, self.ledger, self._again)
        found = errata.of(contract, period, closed, gathered.facts.tickets, Knowledge(newest, now))
        return replace(evaluation, errata=found)

    def with_notes(self, evaluation: Evaluation, contract: Contract) -> Evaluation:
        """Return an evaluation with what people wrote of its period, and what became of what they had left open."""
        notes, carried = self._said(contract, evaluation.period)
        return replace(evaluation, notes=notes, carried=carried)

    def drafted(self, entry: LedgerEntry, contract: Contract, approval: Approval | None = None) -> dict[str, Any]:
        """Return the document that waits for approval: its figures as they were closed, with the notes of now.

        Without *approval* it is a preview, which tells its revision; with it, the document to freeze. It is chained to
        the one that is the last now.
        """
        draft = json.loads(self.ledger.draft(entry))
        if approval is None:
            draft["state"] = "preview"
        previous = self.previous(entry.contract, entry.period, entry.revision)
        draft["previous_sha256"] = None if previous is None else previous.sha256
        period = Period.parse(entry.period, draft["period"]["timezone"])
        return self.lay_in(draft, *self._said(contract, period), approval)

    def _said(self, contract: Contract, period: Period) -> tuple[tuple[Note, ...], tuple[Carried, ...]]:
        """Return what people wrote of a period, and what became of what they had left open before."""
        notes = self.notes(contract.id, period.id)
        stored = self.ledger.document(contract.id, period.previous().id)
        earlier = () if stored is None else left_by(json.loads(stored.content))
        return notes, carried_over(earlier, notes)

    def _again(self, contract: Contract, period: Period, knowledge: Knowledge, *, now: int) -> Measurement:
        gathered = self.gatherer.gather(
            contract,
            period,
            now=now,
            newest_import=knowledge.newest_import,
            exports_until=knowledge.exports_until,
        )
        evaluation = measure(contract, period, gathered.facts, now=now, sources=gathered.sources)
        document = self.build(
            evaluation, contract=contract, state="closed", revision=0, previous_sha256=None, generator=self.generator
        )
        return Measurement(document, evaluation, gathered.facts.tickets)

    def preview(
        self, contract: Contract, period: Period, *, now: int, has_errata: bool = True, has_notes: bool = True
    ) -> dict[str, Any]:
        """Return the document of a period that is not closed; nothing is stored. Raises for one that has not begun."""
        if period.start > now:
            raise KpiAgentError(f"{period.id} begins at {to_utc_text(period.start)}; there is nothing to show yet")
        evaluation = self.evaluate(contract, period, now=now, has_errata=has_errata)
        if has_notes:
            evaluation = self.with_notes(evaluation, contract)
        return self.document(evaluation, contract, state="preview", revision=0)

    def document(
        self, evaluation: Evaluation, contract: Contract, *, state: str, revision: int, reason: str | None = None
    ) -> dict[str, Any]:
        """Return the canonical document of an evaluation, chained to the one closed just before.

        *reason* says why a revision after the first was made.
        """
        at = evaluation.now if state == "preview" else None
        previous = self.previous(contract.id, evaluation.period.id, revision, now=at)
        return self.build(
            evaluation,
            contract=contract,
            state=state,
            revision=revision,
            previous_sha256=None if previous is None else previous.sha256,
            generator=self.generator,
            reason=reason,
        )

    def previous(self, contract: str, period: str, revision: int, *, now: int | None = None) -> StoredDocument | None:
        """Return the document of *contract* that was closed just before this one, or before *now*, of any period."""
        others = [
            d
            for d in self.ledger.documents(contract)
            if (d.period, d.revision) != (period, revision) and (now is None or d.closed_at <= now)
        ]
        return others[-1] if others else None

    def shown(self, contract: Contract, period: Period, *, now: int, as_of: int | None = None) -> dict[str, Any]:
        """Return the frozen document when the period is closed, else what waits for approval, else a preview.

        With *as_of*, an instant that has passed: the document that was frozen by then, else a preview that knows what
        was observed until then and what exports of that instant or before tell, whenever they came. Only such an
        export that still comes in late can change that answer. Raises KpiAgentError for an instant to come.
        """
        if as_of is not None and as_of > now:
            raise KpiAgentError(f"{to_utc_text(as_of)} is still to come; --as-of asks for an instant that has passed")
        at = now if as_of is None else as_of
        stored = [d for d in self.ledger.documents(contract.id) if d.period == period.id and d.closed_at <= at]
        if stored:
            frozen: dict[str, Any] = json.loads(max(stored, key=lambda d: d.revision).content)
            return frozen
        if as_of is None and self.waiting(contract.id, period.id) is not None:
            return self.draft(contract, period)
        # A note is a file of today: of another instant nobody knows what it said.
        return self.preview(contract, period, now=at, has_notes=as_of is None)

    def draft(self, contract: Contract, period: Period) -> dict[str, Any]:
        """Return what waits for approval, as a preview; raises KpiAgentError when nothing does."""
        entry = self.waiting(contract.id, period.id)
        if entry is None:
            raise KpiAgentError(f"{contract.id} {period.id}: nothing waits for approval; leave out --draft")
        return self.drafted(entry, contract)

    def waiting(self, contract: str, period: str) -> LedgerEntry | None:
        """Return the entry of a period whose document waits for approval; None when none does."""
        entry = self.ledger.entries(contract).get(period)
        return entry if entry is not None and entry.stage is Stage.REVIEW else None


def past_outcomes(documents: tuple[StoredDocument, ...], *, before: Period) -> tuple[PastOutcome, ...]:
    """Return the outcomes of the last revision of each earlier period of the same kind, oldest first, for trends."""
    latest: dict[str, StoredDocument] = {}
    for stored in sorted(documents, key=lambda d: d.revision):
        # Within a kind, names sort as time does.
        if kind_of(stored.period) == kind_of(before.id) and stored.period < before.id:
            latest[stored.period] = stored
    found = []
    for name in sorted(latest)[-_TREND_MONTHS:]:
        document = json.loads(latest[name].content)
        for item in document["objectives"]:
            reading = document["readings"][item["reading"]]
            found.append(PastOutcome(name, item["id"], Outcome(item["verdict"]), _value_of(reading)))
    return tuple(found)


def left_by(document: Mapping[str, Any]) -> tuple[Asked, ...]:
    """Return the decisions and actions that a closed document leaves open for the next period."""
    notes = [Note(Section(n["section"]), n["title"], n["text"]) for n in document["notes"]]
    carried = [
        Carried(Section(c["section"]), c["text"], c["since"], Became(c["became"])) for c in document.get("carried", ())
    ]
    return still_asked(notes, carried, document["period"]["id"])


def left_open(documents: tuple[StoredDocument, ...], period: Period) -> LeftOpen | None:
    """Return what the last revision of the period just before left open; None when it was not closed or not counted."""
    before = period.previous().id
    stored = max((d for d in documents if d.period == before), key=lambda d: d.revision, default=None)
    if stored is None:
        return None
    document = json.loads(stored.content)
    balance = document.get("balance")  # documents closed before there was one tell nobody's name
    if balance is None:
        return None
    counts = {
        tuple(sorted(r["scope"].items())): r["details"]["end"]
        for r in document["readings"]
        if r["indicator"] == "backlog" and r["value"] is not None and not r.get("window")
    }
    known = frozenset(incident["id"] for incident in document["incidents"])
    return LeftOpen(before, stored.revision, frozenset(balance["open"]), counts, known) if () in counts else None


def _value_of(reading: Mapping[str, Any]) -> Fraction | None:
    """Return a stored reading's value, exact where numerator and denominator stand."""
    if reading["value"] is None:
        return None
    if reading["unit"] == "ratio" and reading.get("denominator"):
        return Fraction(reading["numerator"], reading["denominator"])
    return Fraction(reading["value"])
