"""Close finished months, step by step through the ledger; any step may crash and be repeated (architecture.md §4)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.due import DueClose, LedgerEntry, Stage, due_closes
from kpi_agent.domain.errors import KpiAgentError, NotFound
from kpi_agent.domain.notes import Approval
from kpi_agent.domain.observation import MOST_CLOCK_DIFFERENCE
from kpi_agent.domain.records import StoredDocument
from kpi_agent.domain.time import Period, to_utc_text
from kpi_agent.jobs.errata import kind_of
from kpi_agent.jobs.ports import Archive, Ledger, RunStore, TicketStore
from kpi_agent.jobs.report import Reporter

SETTLED = (Stage.RENDERED, Stage.QUEUED, Stage.SENT)
"""Stages after which closing has nothing more to do; sending is delivery's."""


@dataclass(frozen=True, slots=True)
class Closed:
    """What became of one due period: its entry now, and a sentence when it has to wait."""

    contract: str
    period: str
    entry: LedgerEntry


@dataclass(frozen=True, slots=True)
class Closer:
    """Moves periods through ``collecting → computed → (review →) closed → rendered``."""

    reporter: Reporter
    ledger: Ledger
    tickets: TicketStore
    runs: RunStore
    archive: Archive
    canonical: Callable[[Mapping[str, Any]], bytes]

    def close_due(self, contract: Contract, *, now: int) -> Iterator[Closed]:
        """Close each month of *contract* that is due at *now*, oldest first; one that must wait stops no other."""
        for due in self._due(contract, now):
            yield Closed(contract.id, due.period.id, self.close(contract, due, now=now))

    def _due(self, contract: Contract, now: int) -> list[DueClose]:
        """Return what is to be closed or to go on: months that are due, and what was begun by hand and interrupted."""
        ledger = self.ledger.entries(contract.id)
        first = self.runs.first()
        installed = now if first is None else first
        found = {
            due.period.id: due for due in due_closes(contract, ledger, now=now, installed=installed, settled=SETTLED)
        }
        for name, entry in ledger.items():
            if name not in found and entry.stage not in SETTLED:
                found[name] = DueClose(contract.id, Period.parse(name, contract.timezone), now, now, entry)
        return sorted(found.values(), key=lambda due: due.period.start)

    def close(self, contract: Contract, due: DueClose, *, now: int) -> LedgerEntry:
        """Take one period as far as it goes and return its ledger entry."""
        entry = due.entry
        if entry is None or entry.stage is Stage.BLOCKED:
            late = self._late_sources(contract, due.period, now=now)
            revision = 1 if entry is None else entry.revision
            fresh = LedgerEntry(
                contract.id, due.period.id, revision, Stage.COLLECTING, now, self.tickets.newest_import(), updated=now
            )
            unread = self._unapproved_before(due.period, contract)
            if unread:
                # The report before is part of this one: its trend, what it left open, what became of its decisions.
                reason = f"waits for the approval of {unread}"
                return self.ledger.begin(replace(fresh, stage=Stage.BLOCKED, reason=reason))
            if late and now < due.final_at:
                reason = f"waits for {', '.join(late)} until {to_utc_text(due.final_at)}"
                return self.ledger.begin(replace(fresh, stage=Stage.BLOCKED, reason=reason))
            entry = self.ledger.begin(fresh)
        return self._advance(contract, due.period, entry, now)

    def _advance(self, contract: Contract, period: Period, entry: LedgerEntry, now: int) -> LedgerEntry:
        """Move an entry through its remaining stages; what one computed serves the next while the process lives."""
        content: bytes | None = None
        if entry.stage is Stage.COLLECTING:
            # Computed before anything is frozen: what cannot be computed must not leave a half-closed month.
            content = self._document(contract, period, entry)
            entry = self._moved(entry, Stage.COMPUTED, now)
        if entry.stage is Stage.COMPUTED:
            content = content or self._document(contract, period, entry)
            if contract.at(period.end - 1).report.review:
                self.ledger.put_draft(entry, content, now=now)
            else:
                self._freeze(entry, content, now=now, closed_at=entry.as_of)
            entry = self._reread(entry)
        if entry.stage is Stage.CLOSED:
            entry = self._render(contract, period, entry, now)
        return entry

    def build(self, contract: Contract, period: Period, *, now: int) -> LedgerEntry:
        """Close a finished period by hand, late sources or not; raises when it is not over or closed already."""
        if now < period.end:
            raise KpiAgentError(
                f"{period.id} is not over before {to_utc_text(period.end)}; use 'report show' for a preview"
            )
        if not contract.segments(period):
            starts = contract.versions[0].effective_from
            raise NotFound(f"contract '{contract.id}' was not in force in {period.id}; it starts {starts}")
        entry = self.ledger.entries(contract.id).get(period.id)
        if entry is not None and entry.stage is Stage.REVIEW:
            raise KpiAgentError(
                f"{_waits(contract, period.id)}; to compute it again with what is known now: --revise --reason TEXT"
            )
        if entry is not None and entry.stage in SETTLED:
            raise KpiAgentError(
                f"{contract.id} {period.id} is closed (revision {entry.revision}) and never changes silently; "
                f"to see it: kpi-agent report show {contract.id} --period {period.id}; "
                "to close it again with what is known now: --revise --reason TEXT"
            )
        unread = self._unapproved_before(period, contract)
        if unread:
            raise KpiAgentError(_comes_first(contract, unread))
        return self.close(contract, DueClose(contract.id, period, now, now, entry), now=now)

    def revise(self, contract: Contract, period: Period, reason: str, *, now: int) -> LedgerEntry:
        """Close a closed period again as its next revision, with what is known at *now*; the earlier ones stay.

        What waits for approval was not published: it is computed again in its place, and the audit says why.
        Raises KpiAgentError when it is not closed, or still being closed.
        """
        entry = self.ledger.entries(contract.id).get(period.id)
        if entry is not None and entry.stage is Stage.REVIEW:
            again = replace(
                entry, stage=Stage.COLLECTING, as_of=now, newest_import=self.tickets.newest_import(), updated=now
            )
            self.ledger.begin_anew(entry, again, why=reason, now=now)
            return self._advance(contract, period, self._reread(entry), now)
        if entry is None or entry.stage not in SETTLED:
            raise KpiAgentError(f"{contract.id} {period.id} is not closed; there is nothing to revise")
        fresh = LedgerEntry(
            contract.id,
            period.id,
            entry.revision + 1,
            Stage.COLLECTING,
            now,
            self.tickets.newest_import(),
            reason=reason,
            updated=now,
        )
        return self._advance(contract, period, self.ledger.begin(fresh), now)

    def approve(self, contract: Contract, period: Period, by: str, *, now: int) -> LedgerEntry:
        """Freeze what waits for approval, with its notes as they are now, and say in it and in the audit who read it.

        Raises KpiAgentError when nothing waits for approval, or an earlier period does.
        """
        entry = self.reporter.waiting(contract.id, period.id)
        if entry is None:
            raise KpiAgentError(
                f"{contract.id} {period.id}: nothing waits for approval; see: kpi-agent report list {contract.id}"
            )
        unread = self._unapproved_before(period, contract)
        if unread:
            raise KpiAgentError(_comes_first(contract, unread))
        document = self.reporter.drafted(entry, contract, Approval(by, now))
        self._freeze(entry, self.canonical(document), now=now, closed_at=now, approved_by=by)
        return self._advance(contract, period, self._reread(entry), now)

    def _unapproved_before(self, period: Period, contract: Contract) -> str:
        """Return the earliest period of its kind before that waits for its first approval, "" when none does."""
        for name, entry in self.ledger.entries(contract.id).items():
            is_waiting = entry.stage is Stage.REVIEW and entry.revision == 1
            # Within a kind, names sort as time does.
            if is_waiting and kind_of(name) == kind_of(period.id) and name < period.id:
                return name
        return ""

    def _late_sources(self, contract: Contract, period: Period, *, now: int) -> list[str]:
        """Return the sources that have not yet been observed up to the period's end, or whose clock is wrong.

        A desk that a contract version leaves is waited for up to that version's start. Of a source and its replicas one
        is enough; a wrong clock of any would be in the figures.
        """
        gathered = self.reporter.gatherer.gather(contract, period, now=now)
        runs = self.runs.latest()
        late: dict[str, bool] = {}
        wrong = []
        for source in gathered.sources:
            run, name = runs.get(source.name), self.reporter.gatherer.stands_for(source.name)
            is_late = source.as_of is None or source.as_of < min(period.end, contract.desk_end(source.name))
            late[name] = late.get(name, True) and is_late
            if not is_late and run is not None and abs(run.clock_difference or 0) > MOST_CLOCK_DIFFERENCE:
                wrong.append(f"{source.name} (its clock is {run.clock_difference} s off)")
        return [*(name for name, is_late in late.items() if is_late), *wrong]

    def _document(self, contract: Contract, period: Period, entry: LedgerEntry) -> bytes:
        evaluation = self.reporter.evaluate(contract, period, now=entry.as_of, newest_import=entry.newest_import)
        evaluation = self.reporter.with_notes(evaluation, contract)
        reason = entry.reason if entry.revision > 1 else None
        document = self.reporter.document(evaluation, contract, state="closed", revision=entry.revision, reason=reason)
        return self.canonical(document)

    def _freeze(self, entry: LedgerEntry, content: bytes, *, now: int, closed_at: int, approved_by: str = "") -> None:
        previous = self.reporter.previous(entry.contract, entry.period, entry.revision)
        stored = StoredDocument(
            contract=entry.contract,
            period=entry.period,
            revision=entry.revision,
            content=content,
            sha256=hashlib.sha256(content).hexdigest(),
            previous_sha256=None if previous is None else previous.sha256,
            closed_at=closed_at,
        )
        self.ledger.close(entry, stored, now=now, approved_by=approved_by)

    def _render(self, contract: Contract, period: Period, entry: LedgerEntry, now: int) -> LedgerEntry:
        stored = self.ledger.document(contract.id, period.id, entry.revision)
        if stored is None:
            raise KpiAgentError(
                f"{contract.id} {period.id}: closed, but its document is missing; restore a backup, if there is one"
            )
        self.archive(stored)
        return self._moved(entry, Stage.RENDERED, now)

    def _moved(self, entry: LedgerEntry, to: Stage, now: int) -> LedgerEntry:
        self.ledger.move(entry, to, now=now, reason=entry.reason if entry.revision > 1 else "")
        return self._reread(entry)

    def _reread(self, entry: LedgerEntry) -> LedgerEntry:
        """Return the entry as it stands: another process may have moved it further, and that is as good."""
        return self.ledger.entries(entry.contract)[entry.period]


def _waits(contract: Contract, period: str) -> str:
    command = f"kpi-agent report approve {contract.id} --period {period} --by NAME"
    return f"{contract.id} {period} waits for approval: {command}"


def _comes_first(contract: Contract, unread: str) -> str:
    return f"{_waits(contract, unread)}; it comes first, for later reports follow from it"
