"""The chain of what was done: each row's hash covers the row before; none can be altered or taken out unseen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, func, select

from kpi_agent.store.digest import Value, seal
from kpi_agent.store.engine import Database
from kpi_agent.store.rows import change
from kpi_agent.store.schema import audit, tally

_FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing done: *at* in epoch seconds, *detail* as canonical JSON."""

    id: int
    at: int
    action: str
    subject: str
    detail: str
    hash: str


def append(connection: Connection, *, at: int, action: str, subject: str, detail: Mapping[str, object]) -> None:
    """Add one row to the chain, in the transaction that does what it tells."""
    last = connection.execute(select(audit.c.id, audit.c.hash).order_by(audit.c.id.desc()).limit(1)).first()
    number, previous = (1, _FIRST) if last is None else (last.id + 1, last.hash)
    text = json.dumps(detail, sort_keys=True, separators=(",", ":"))
    fields: tuple[Value, ...] = (number, at, action, subject, text, previous)
    change(connection, audit, [], add=[(*fields, _hash(fields))])


def _hash(fields: tuple[Value, ...]) -> str:
    return sha256(json.dumps(fields, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Audit:
    """The chain of a store."""

    database: Database

    def entries(self) -> tuple[AuditEntry, ...]:
        """Return the chain as it stands, oldest first, unchecked: ``faults`` checks it."""
        with self.database.reading() as connection:
            columns = audit.c
            wanted = (columns.id, columns.at, columns.action, columns.subject, columns.detail, columns.hash)
            return tuple(AuditEntry(*row) for row in connection.execute(select(*wanted).order_by(columns.id)))

    def faults(self) -> tuple[str, ...]:
        """Return a sentence for each row that was altered or is missing; none when the chain is whole."""
        found: list[str] = []
        with self.database.reading() as connection:
            previous, number = _FIRST, 0
            for *fields, own, digest in connection.execute(select(audit).order_by(audit.c.id)):
                number += 1
                if fields[0] != number:
                    found.append(f"audit: row {number} is missing")
                    number = fields[0]
                elif fields[-1] != previous:
                    found.append(f"audit, row {number}: does not follow the row before it")
                if _hash(tuple(fields)) != own or seal(audit.name, [*fields, own]) != digest:
                    found.append(f"audit, row {number}: was altered")
                previous = own
            count = connection.execute(
                select(func.coalesce(func.max(tally.c.row_count), 0)).where(tally.c.table_name == audit.name)
            ).scalar_one()
            if count > number:
                found.append(f"audit: rows {number + 1} to {count} are missing")
        return tuple(found)
