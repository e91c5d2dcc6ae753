"""What people add to a document: their notes, what became of what was asked earlier, and who approved it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpi_agent.domain.notes import Approval, Carried, Note
from kpi_agent.domain.time import to_utc_text

_PARTS = ("notes", "carried", "approved")


def with_people(
    document: Mapping[str, Any], notes: Sequence[Note], carried: Sequence[Carried], approval: Approval | None = None
) -> dict[str, Any]:
    """Return *document* with what people say now in place of what they said before; no figure is touched.

    ``carried`` is left out when nothing was left open, ``approved`` when nobody approved.
    """
    said: dict[str, Any] = {"notes": [{"section": n.section.value, "title": n.title, "text": n.text} for n in notes]}
    if carried:
        said["carried"] = [_carried(c) for c in carried]
    if approval is not None:
        said["approved"] = {"by": approval.by, "at": to_utc_text(approval.at)}
    return {name: value for name, value in document.items() if name not in _PARTS} | said


def _carried(carried: Carried) -> dict[str, Any]:
    return {
        "section": carried.section.value,
        "text": carried.text,
        "since": carried.since,
        "became": carried.became.value,
    }
