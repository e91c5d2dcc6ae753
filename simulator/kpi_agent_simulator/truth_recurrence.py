"""The truth about recurrence: the families are known, only occurrences have to be counted (indicators.md §4)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kpi_agent_simulator.estate import LOOKBACK, SAME_OCCURRENCE
from kpi_agent_simulator.figures import Figure
from kpi_agent_simulator.months import Month
from kpi_agent_simulator.tickets import Deed, Ticket


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time something broke: when it began, when the last of its tickets was resolved, how many there were."""

    began: int
    restored: int | None
    tickets: int


def recurrence_figure(tickets: Iterable[Ticket], month: Month, as_of: int) -> Figure:
    """Return recurrent occurrences over occurrences that began in *month*, from what was known before *as_of*."""
    families: dict[str, list[Ticket]] = defaultdict(list)
    for ticket in tickets:
        if ticket.is_incident and ticket.opened < as_of:
            known = ticket.known(as_of)
            if known.first(Deed.CANCEL) is None:
                families[ticket.family].append(known)
    began = recurrent = covered = 0
    for members in families.values():
        found = occurrences(members)
        for index, occurrence in enumerate(found):
            if month.start <= occurrence.began < month.end:
                began += 1
                covered += occurrence.tickets
                recurrent += any(_is_shortly_before(earlier, occurrence) for earlier in found[:index])
    return Figure("recurrence_rate", {}, n=began, numerator=recurrent, denominator=began, extra={"tickets": covered})


def occurrences(members: Sequence[Ticket]) -> list[Occurrence]:
    """Return the occurrences of one family whose tickets come in the order of their opening."""
    found: list[Occurrence] = []
    for ticket in members:
        restored = next(ticket.lives()).resolved
        if found and (found[-1].restored is None or ticket.opened <= found[-1].restored + SAME_OCCURRENCE):
            last = found.pop()
            latest = None if last.restored is None or restored is None else max(last.restored, restored)
            found.append(Occurrence(last.began, latest, last.tickets + 1))
        else:
            found.append(Occurrence(ticket.opened, restored, 1))
    return found


def _is_shortly_before(earlier: Occurrence, later: Occurrence) -> bool:
    return earlier.restored is not None and later.began - LOOKBACK <= earlier.restored <= later.began
