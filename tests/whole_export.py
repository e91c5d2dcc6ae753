"""Exports read to their end, for tests that look at all of their tickets."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from kpi_agent.collectors.tickets.read import read_export
from kpi_agent.domain.export import Export
from kpi_agent.domain.source import TicketSource


def read_whole(path: Path, source: TicketSource, **keywords: Any) -> Export:
    """Return what ``read_export`` does, with its tickets in a tuple and its rejected rows complete."""
    export = read_export(path, source, **keywords)
    tickets = tuple(export.tickets)
    return replace(export, tickets=tickets, rejected=tuple(export.rejected))
