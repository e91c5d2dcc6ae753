"""The ledger of periods and the documents that were closed: each period moves once, each document is written once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from kpi_agent.domain.due import LedgerEntry, Stage
from kpi_agent.domain.errors import StoreError
from kpi_agent.domain.records import StoredDocument
from kpi_agent.store.audit import append
from kpi_agent.store.digest import DAMAGE_ADVICE, Values, storable
from kpi_agent.store.engine import Database
from kpi_agent.store.rows import change, next_id, part_rows, stored
from kpi_agent.store.schema import document as document_table
from kpi_agent.store.schema import draft as draft_table
from kpi_agent.store.schema import period as period_table


@dataclass(frozen=True, slots=True)
class PeriodLedger:
    """One row per contract, period and revision; and the frozen documents, chained by hash per contract."""

    database: Database

    def entries(self, contract: str) -> Mapping[str, LedgerEntry]:
        """Return the entry of the latest revision of each period, by period id in order."""
        with self.database.reading() as connection:
            rows = sorted(part_rows(connection, period_table, [contract]), key=lambda row: (row[1], row[2]))
        return {entry.period: entry for entry in map(_entry, rows)}

    def begin(self, entry: LedgerEntry) -> LedgerEntry:
        """Enter a period and return the entry that now stands: *entry*, or the one that was there before it.

        What an entry knows (as-of, newest import) stays for every retry. Only a blocked one without a document begins
        anew, with what this call knows.
        """
        with self.database.writing() as connection:
            known = _find(connection, entry)
            if known is None:
                _write(connection, entry, before=None)
                return entry
            if known.stage is not Stage.BLOCKED or _document(connection, entry) is not None:
                return known
            _write(connection, entry, before=known)
            return entry

    def move(self, entry: LedgerEntry, to: Stage, *, now: int, reason: str = "") -> bool:
        """Move a period from ``entry.stage`` to *to*; False when it stands elsewhere by now, and nothing is changed."""
        with self.database.writing() as connection:
            known = _find(connection, entry)
            if known is None or known.stage is not entry.stage:
                return False
            _write(connection, replace(known, stage=to, reason=storable(reason), updated=now), before=known)
            return True

    def put_draft(self, entry: LedgerEntry, content: bytes, *, now: int) -> bool:
        """Keep what was computed and move its period to ``review``, both or none; False when it stands elsewhere."""
        with self.database.writing() as connection:
            known = _find(connection, entry)
            if known is None or known.stage is not entry.stage:
                return False
            change(connection, draft_table, [entry.contract], add=[_draft_row(entry, content)])
            _write(connection, replace(known, stage=Stage.REVIEW, updated=now), before=known)
            _tell(connection, entry, "draft", {"sha256": sha256(content).hexdigest()}, now=now)
            return True

    def draft(self, entry: LedgerEntry) -> bytes:
        """Return what was computed of a period that waits for approval; StoreError when it is missing or altered."""
        with self.database.reading() as connection:
            return _draft(connection, entry)

    def begin_anew(self, entry: LedgerEntry, fresh: LedgerEntry, *, why: str, now: int) -> bool:
        """Drop the draft of *entry* and put *fresh* in its place; False when it no longer waits for approval."""
        with self.database.writing() as connection:
            known = _find(connection, entry)
            if known is None or known.stage is not Stage.REVIEW:
                return False
            dropped = _drop_draft(connection, entry)
            _write(connection, fresh, before=known)
            _tell(connection, entry, "drop draft", {"sha256": sha256(dropped).hexdigest(), "reason": why}, now=now)
            return True

    def close(self, entry: LedgerEntry, document: StoredDocument, *, now: int, approved_by: str = "") -> bool:
        """Freeze *document* and move its period to ``closed``, both or none; False when the period stands elsewhere.

        Of a period that waited for approval the draft goes, and the audit says who approved it. Closing again with the
        same bytes is True. StoreError when other bytes were closed under this key, or when the document does not name
        the one that the contract closed last: evaluate again, with what stands now.
        """
        with self.database.writing() as connection:
            _check_document(entry, document)
            known = _find(connection, entry)
            existing = _document(connection, entry)
            if existing is not None:
                if existing.content != document.content:
                    raise StoreError(f"{_name(entry)} is closed with other content; make a new revision")
                if known is not None and known.stage in {Stage.COLLECTING, Stage.COMPUTED}:
                    _write(connection, _closed(known, now), before=known)
                return True
            if known is None or known.stage is not entry.stage:
                return False
            if document.previous_sha256 != _last_sha256(connection, entry.contract):
                raise StoreError(f"{_name(entry)} does not follow the last closed document; evaluate it again")
            number = next_id(connection, document_table)
            change(connection, document_table, [entry.contract], add=[_document_row(number, document)])
            _write(connection, _closed(known, now), before=known)
            detail: dict[str, object] = {"sha256": document.sha256, "previous": document.previous_sha256}
            if document.revision > 1:
                detail["reason"] = known.reason
            if known.stage is Stage.REVIEW:
                _drop_draft(connection, entry)
                detail["approved_by"] = storable(approved_by)
            _tell(connection, entry, "close", detail, now=now)
            return True

    def document(self, contract: str, period: str, revision: int | None = None) -> StoredDocument | None:
        """Return a closed document, of the latest revision unless one is named; None when there is none."""
        with self.database.reading() as connection:
            found: StoredDocument | None = None
            # The whole chain is read, one document at a time: that the wanted one is missing must not go unseen.
            for each in _documents(connection, contract):
                if each.period == period and (each.revision == revision if revision else _is_later(each, found)):
                    found = each
            return found

    def documents(self, contract: str) -> tuple[StoredDocument, ...]:
        """Return the closed documents in the order of closing; StoreError when one is altered or the chain broken."""
        with self.database.reading() as connection:
            return tuple(_documents(connection, contract))


def _closed(entry: LedgerEntry, now: int) -> LedgerEntry:
    """Return an entry as closed: what it waited for is over, why it was revised stays."""
    return replace(entry, stage=Stage.CLOSED, reason=entry.reason if entry.revision > 1 else "", updated=now)


def _tell(connection: Connection, entry: LedgerEntry, action: str, detail: Mapping[str, object], *, now: int) -> None:
    subject = f"{entry.contract} {entry.period}"
    append(connection, at=now, action=action, subject=subject, detail={"revision": entry.revision, **detail})


def _draft_row(entry: LedgerEntry, content: bytes) -> Values:
    return entry.contract, entry.period, entry.revision, content


def _draft(connection: Connection, entry: LedgerEntry) -> bytes:
    found = [row for row in part_rows(connection, draft_table, [entry.contract]) if row[1:3] == _key(entry)]
    if not found:
        raise StoreError(f"{_name(entry)} waits for approval, but its draft is missing; {DAMAGE_ADVICE}")
    content: bytes = found[0][3]
    return content


def _drop_draft(connection: Connection, entry: LedgerEntry) -> bytes:
    content = _draft(connection, entry)
    change(connection, draft_table, [entry.contract], remove=[_draft_row(entry, content)])
    return content


def _key(entry: LedgerEntry) -> tuple[str, int]:
    return entry.period, entry.revision


def _find(connection: Connection, entry: LedgerEntry) -> LedgerEntry | None:
    c = period_table.c
    here = (c.contract == entry.contract, c.period == entry.period, c.revision == entry.revision)
    return next(map(_entry, list(stored(connection, period_table, *here))), None)


def _write(connection: Connection, entry: LedgerEntry, *, before: LedgerEntry | None) -> None:
    gone = [] if before is None else [_row(before)]
    change(connection, period_table, [entry.contract], add=[_row(entry)], remove=gone)


def _row(entry: LedgerEntry) -> Values:
    return (
        entry.contract,
        entry.period,
        entry.revision,
        entry.stage.value,
        entry.as_of,
        entry.newest_import,
        entry.reason,
        entry.updated,
    )


def _entry(row: tuple[Any, ...]) -> LedgerEntry:
    contract, period, revision, stage, as_of, newest_import, reason, updated = row
    return LedgerEntry(contract, period, revision, Stage(stage), as_of, newest_import, reason, updated)


def _document_row(number: int, document: StoredDocument) -> Values:
    return (
        number,
        document.contract,
        document.period,
        document.revision,
        document.content,
        document.sha256,
        document.previous_sha256,
        document.closed_at,
    )


def _document(connection: Connection, entry: LedgerEntry) -> StoredDocument | None:
    c = document_table.c
    here = (c.contract == entry.contract, c.period == entry.period, c.revision == entry.revision)
    return next((StoredDocument(*row[1:]) for row in list(stored(connection, document_table, *here))), None)


def _documents(connection: Connection, contract: str) -> Iterator[StoredDocument]:
    previous: str | None = None
    with closing(part_rows(connection, document_table, [contract], ["id"])) as rows:
        for row in rows:
            document = StoredDocument(*row[1:])
            if sha256(document.content).hexdigest() != document.sha256 or document.previous_sha256 != previous:
                name = f"{contract} {document.period} revision {document.revision}"
                raise StoreError(f"document {name}: its content or its place in the chain was altered; {DAMAGE_ADVICE}")
            previous = document.sha256
            yield document


def _last_sha256(connection: Connection, contract: str) -> str | None:
    last: str | None = None
    for each in _documents(connection, contract):
        last = each.sha256
    return last


def _is_later(document: StoredDocument, found: StoredDocument | None) -> bool:
    return found is None or document.revision > found.revision


def _check_document(entry: LedgerEntry, document: StoredDocument) -> None:
    same = (document.contract, document.period, document.revision) == (entry.contract, entry.period, entry.revision)
    if not same or sha256(document.content).hexdigest() != document.sha256:
        raise StoreError(f"{_name(entry)}: the document is of another period, or its hash is not that of its content")


def _name(entry: LedgerEntry) -> str:
    return f"{entry.contract} {entry.period} revision {entry.revision}"
