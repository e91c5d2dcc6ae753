"""What two exports tell differently of one ticket: its history, told by nobody and found all the same.

Life going on is no edit: a first response, a hold that begins, a resolution, a cancellation since the earlier export.
Rewriting is: what was told and is told otherwise now, and what is told only now of a time that was told before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from kpi_agent.domain.ticket import Edit, Hold, State, Ticket
from kpi_agent.domain.time import Interval, total

_TOLD = ("priority", "kind", "entity", "category", "service", "host", "group", "merged_into")
_INSTANTS = ("responded", "resolved")


@dataclass(frozen=True, slots=True)
class Telling:
    """A ticket as one export told it: *at* is the instant of this version, *seen* that of the export (its as-of).

    *at* is the desk's own instant of change, else *seen*. A desk that dates its changes told it at *at* and still at
    *seen*.
    """

    ticket: Ticket
    at: int
    seen: int


def edits(tellings: Iterable[Telling]) -> tuple[Edit, ...]:
    """Return what each of consecutive versions tells otherwise than the one before it, in their order."""
    return tuple(edit for before, after in pairwise(tellings) for edit in _between(before, after))


def _between(before: Telling, after: Telling) -> Iterator[Edit]:
    old, new = before.ticket, after.ticket
    unknown = old.cannot_tell | new.cannot_tell
    # An export dated later than the next change is dated wrongly, by its mtime say: then it knew what it told only.
    known_until = before.seen if before.seen <= after.at else before.at
    if old.opened != new.opened:
        yield Edit(after.at, "opened", old.opened, new.opened, known_until)
    for name in _INSTANTS:
        if name not in unknown and _is_rewritten(name, old, new, known_until):
            yield Edit(after.at, name, getattr(old, name), getattr(new, name), known_until)
    for name in _TOLD:
        told, tells = getattr(old, name), getattr(new, name)
        if told != tells:
            was, now = (None if value is None else str(value) for value in (told, tells))
            yield Edit(after.at, name, was, now, known_until)
    if "holds" not in unknown:
        yield from _held(before, after, known_until)


def _is_rewritten(name: str, old: Ticket, new: Ticket, known_until: int) -> bool:
    """Whether an instant changed, vanished, or was entered for a time at which it had been told as not done.

    A resolution that the desk's own history keeps as the beginning of a reopening is still told.
    """
    told, tells = getattr(old, name), getattr(new, name)
    if told == tells:
        return False
    if told is None:
        return bool(tells < known_until)
    return name != "resolved" or all(r.resolved != told for r in new.reopenings)


def _held(before: Telling, after: Telling, known_until: int) -> Iterator[Edit]:
    """Yield how the held time that the earlier export could tell grew or shrank; later holds are life going on."""
    old, new = before.ticket, after.ticket
    has_untold_wait = old.state is State.WAITING and not any(h.end is None for h in old.holds)
    held_then = _seconds(old.holds, known_until)
    # A desk that tells a hold when it ends tells the beginning of the present wait only then.
    told_since = [h for h in new.holds if not (has_untold_wait and _lasts_at(h, known_until))]
    held_now = _seconds(told_since, known_until)
    if held_then != held_now:
        yield Edit(after.at, "holds", held_then, held_now, known_until)
    then = 0 if old.hold_total is None else old.hold_total.seconds
    now = 0 if new.hold_total is None else new.hold_total.seconds
    counted_from = old.opened if old.state is State.WAITING else before.at
    room = after.at - counted_from if old.is_open else 0
    if now < then or now > then + max(0, room):
        yield Edit(after.at, "hold_total", then, now, known_until)


def _seconds(holds: Iterable[Hold], until: int) -> int:
    return total(Interval(h.start, until if h.end is None else min(h.end, until)) for h in holds)


def _lasts_at(hold: Hold, instant: int) -> bool:
    return hold.end is None or hold.end >= instant
