"""What an attempt to read a source has to say, as the one text that a row holds: a line, then the troubles as JSON.

``status`` reads it without the storage library.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from kpi_agent.domain.records import Trouble


def joined_detail(detail: str, troubles: Sequence[Trouble]) -> str:
    """Return the text of a row; line ends in *detail* become spaces."""
    first = " ".join(detail.splitlines())
    if not troubles:
        return first
    return f"{first}\n{json.dumps([[t.contract, t.text] for t in troubles], ensure_ascii=False)}"


def split_detail(text: str) -> tuple[str, tuple[Trouble, ...]]:
    """Return the line and the troubles of a row's text."""
    detail, _, rest = text.partition("\n")
    return detail, tuple(Trouble(*pair) for pair in json.loads(rest or "[]"))
