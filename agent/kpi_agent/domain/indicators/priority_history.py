"""What exports prove of a priority whose changes the desk does not tell (indicators.md §2).

Two exports that differ prove that the priority changed between them, and not when: a verdict counts where it holds for
the first and for the last instant possible.
"""

from __future__ import annotations

from dataclasses import replace

from kpi_agent.domain.calendar import FOREVER
from kpi_agent.domain.ticket import PriorityChange, Ticket
from kpi_agent.domain.verdict import Judgement, Verdict


def histories(ticket: Ticket) -> tuple[Ticket, ...]:
    """Return the ticket with its changes of priority at the first and at the last instants possible.

    One ticket, as it is, where its desk tells the changes or no two exports differ.
    """
    found = [e for e in ticket.edits if e.field == "priority"]
    if ticket.priority_changes or not found:
        return (ticket,)
    earliest = [(ticket.opened if e.known_until is None else e.known_until, e) for e in found]
    return tuple(
        replace(ticket, priority_changes=tuple(PriorityChange(at, _name(e.before), _name(e.after)) for at, e in dated))
        for dated in (earliest, [(e.at, e) for e in found])
    )


def _name(value: str | int | None) -> str | None:
    return None if value is None else str(value)


def common(early: Judgement, late: Judgement) -> Judgement:
    """Return what both judgements of one thing say; where they differ it is undetermined, once neither can change.

    A breach either way is decided at the later of the two deadlines: only then was it certain.
    """
    if early == late:
        return late
    if early.verdict is late.verdict:
        latest = max((late, early), key=lambda j: FOREVER if j.deadline is None else j.deadline)
        return replace(latest, notes=(*latest.notes, "priority_between"))
    if Verdict.RUNNING in (early.verdict, late.verdict):
        running = late if late.verdict is Verdict.RUNNING else early
        return replace(running, notes=(*running.notes, "priority_between"))
    decided = max((j.decided for j in (early, late) if j.decided is not None), default=None)
    return replace(
        late, verdict=Verdict.UNDETERMINED, decided=decided, notes=(*late.notes, "priority_between", "undetermined")
    )
