"""How the rows of a file are read, as a digest: equal rows read alike tell the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from kpi_agent import __version__
from kpi_agent.collectors.tickets.dates import DateColumn
from kpi_agent.collectors.tickets.rows import RowReader
from kpi_agent.collectors.tickets.sheet import Sheet
from kpi_agent.collectors.tickets.table import Table
from kpi_agent.domain.export import DIGEST_BYTES
from kpi_agent.domain.source import TicketSource

_BETWEEN = "\x1f"


def recipe_of(
    source: TicketSource, table: Table, sheet: Sheet, dates: Mapping[str, DateColumn], reader: RowReader
) -> str:
    """Return the digest of everything that decides what a row tells: the program, the profile, the source's settings.

    Also the columns that the file has, the order of its dates, and which of its columns end in ids.
    """
    reading = reader.reading
    parts = {
        "program": __version__,
        "profile": asdict(source.profile),
        "source": [source.name, source.timezone, source.date_format],
        "reading": [reading.hold_basis, reading.cannot_tell, reading.tells, reading.is_sparse, reading.robots],
        "table": table.date_format,
        "columns": sheet.fields,
        "dates": {name: column.format for name, column in dates.items()},
        "with_ids": reader.with_ids,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=_plain).encode()).hexdigest()


def row_digest(cells: tuple[str, ...]) -> bytes:
    """Return what stands for a row's cells, empty for a row whose cells hold the sign that is put between them."""
    text = _BETWEEN.join(cells)
    if text.count(_BETWEEN) != len(cells) - 1:
        return b""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()


def _plain(value: Any) -> Any:
    return sorted(value)  # a set: the only thing in it that JSON does not know
