"""The page on certificates: which expire first."""

from __future__ import annotations

from collections.abc import Sequence

from kpi_agent.domain.time import DAY, to_local
from kpi_agent_reports.facts import Facts, Part, instant_of
from kpi_agent_reports.tables import Item, list_table
from kpi_agent_reports.view import Table, Topic
from kpi_agent_reports.words import Words

_SOON = 30 * DAY  # what an authority that issues for 90 days renews with a third of its life left


def certificates_topic(facts: Facts, words: Words) -> Topic | None:
    """Return the page on certificates, None where none was seen."""
    found = facts.document.get("certificates")
    if not found:
        return None
    expired = sum(c["left"] == 0 for c in found)
    unseen = sum(c["left"] is None for c in found)
    parts = [
        words.count("{n} certificate seen", "{n} certificates seen", len(found)),
        words.count("{n} expired", "{n} expired", expired) if expired else words.say("none expired"),
    ]
    if unseen:
        parts.append(words.count("{n} not seen any more", "{n} not seen any more", unseen))
    lead = ", ".join(parts) + "."
    note = words.say("What was seen last is told; one that nobody saw for a day is unknown, unless it has expired.")
    return Topic("certificates", words.say("Certificates"), lead, (), (), (_table(found, facts, words),), (), (note,))


def _table(found: Sequence[Part], facts: Facts, words: Words) -> Table:
    columns = [
        (words.say("Address"), False),
        (words.say("Expires on"), False),
        (words.say("State"), False),
        (words.say("Left"), True),
    ]
    rows = [_row(c, facts, words) for c in found]
    return list_table(words.say("Certificates, first to expire first"), columns, rows, words)


def _row(certificate: Part, facts: Facts, words: Words) -> list[Item | str]:
    left = certificate["left"]
    if left is None:
        state = Item(words.say("not observed"), tone="none", glyph="○")
    elif left == 0:
        state = Item(words.say("expired"), tone="missed", glyph="■")
    elif left < _SOON:
        state = Item(words.say("within 30 days"))
    else:
        state = Item(words.say("valid"), tone="met", glyph="●")
    expires = to_local(instant_of(certificate["expires"]), facts.tz)
    return [
        certificate["address"],
        words.day(expires.date(), has_year=True),
        state,
        words.duration(left, is_rounded_up=False, has_days=True) if left else "–",
    ]
