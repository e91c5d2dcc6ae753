"""The truth about response, resolution, volume and backlog, ticket by ticket (indicators.md §2 and §4)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kpi_agent_simulator.estate import PRIORITIES, Contract
from kpi_agent_simulator.figures import Figure
from kpi_agent_simulator.hours import Clock
from kpi_agent_simulator.months import Month
from kpi_agent_simulator.tickets import Deed, Life, Ticket


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was decided about one promise, when, and under which priority.

    *decision* is met, bounded (met, seen through an upper bound), breached or undetermined.
    """

    priority: str
    decision: str
    decided: int


@dataclass(frozen=True, slots=True)
class Taken:
    """How long a step took, on the service clock, and when it was done."""

    priority: str
    done: int
    seconds: int


def incident_figures(
    tickets: Iterable[Ticket], contract: Contract, clocks: Mapping[str, Clock], month: Month, as_of: int
) -> list[Figure]:
    """Return the true figures of *month*, from what was known just before *as_of*."""
    known = [ticket.known(as_of) for ticket in tickets if ticket.is_incident and ticket.opened < as_of]
    first, last = month.start, month.end
    rulings = {"respond_in_time": list[Ruling](), "resolve_in_time": list[Ruling]()}
    taken = {"time_to_respond": list[Taken](), "time_to_resolve": list[Taken]()}
    for ticket in known:
        rulings["respond_in_time"] += respond_rulings(ticket, contract, clocks, as_of)
        rulings["resolve_in_time"] += resolve_rulings(ticket, contract, clocks, as_of)
        taken["time_to_respond"] += _responses(ticket, contract, clocks)
        taken["time_to_resolve"] += _resolutions(ticket, contract, clocks)
    figures: list[Figure] = []
    for priority in (*PRIORITIES, None):
        for indicator, found in rulings.items():
            decided = [ruling for ruling in found if first <= ruling.decided < last]
            figures.append(_attainment(indicator, decided, priority))
        for indicator, steps in taken.items():
            done = [step for step in steps if first <= step.done < last]
            figures.append(_durations(indicator, done, priority))
    return [*figures, _volume(known, first, last), _backlog(known, first, min(last, as_of))]


def respond_rulings(ticket: Ticket, contract: Contract, clocks: Mapping[str, Clock], as_of: int) -> Iterator[Ruling]:
    """Yield the decision on the response limit, if there is one yet; holds do not stop this clock."""
    deadline = _strictest(
        _clock_of(priority, contract, clocks).deadline(since, contract.limits[priority].respond_seconds)
        for since, priority in ticket.priorities
    )
    responded = ticket.first(Deed.RESPOND)
    cancelled = ticket.first(Deed.CANCEL)
    resolved = ticket.first(Deed.RESOLVE)
    if responded is None and resolved is not None:
        # The resolution is an upper bound: it proves a response in time, never one that came too late.
        if deadline is None or resolved <= deadline:
            yield Ruling(ticket.last_priority, "bounded", resolved)
        else:
            yield Ruling(ticket.last_priority, "undetermined", deadline)
        return
    yield from _rule(ticket.last_priority, responded, deadline, cancelled, as_of)


def resolve_rulings(ticket: Ticket, contract: Contract, clocks: Mapping[str, Clock], as_of: int) -> Iterator[Ruling]:
    """Yield the decisions on the resolution limit: one per life of the ticket that is decided by *as_of*."""
    cancelled = ticket.first(Deed.CANCEL)
    for life in ticket.lives():
        deadline = life_deadline(ticket, life, contract, clocks)
        yield from _rule(ticket.last_priority, life.resolved, deadline, cancelled, as_of)


def life_deadline(ticket: Ticket, life: Life, contract: Contract, clocks: Mapping[str, Clock]) -> int | None:
    """Return the last instant in time: the strictest of the limits that ran during this life, None for never."""
    priorities: Sequence[tuple[int, str]] = ticket.priorities
    if life.is_reopening:
        priorities = [(life.start, ticket.last_priority)]
    return _strictest(
        _clock_of(priority, contract, clocks).deadline(since, contract.limits[priority].resolve_seconds, life.holds)
        for since, priority in priorities
    )


def _strictest(deadlines: Iterable[int | None]) -> int | None:
    return min((deadline for deadline in deadlines if deadline is not None), default=None)


def _rule(priority: str, done: int | None, deadline: int | None, cancelled: int | None, as_of: int) -> Iterator[Ruling]:
    """Yield the verdict of indicators.md §2; of a withdrawn ticket only a breach before its withdrawal is left."""
    if done is not None and (deadline is None or done <= deadline):
        if cancelled is None:
            yield Ruling(priority, "met", done)
    elif deadline is not None and deadline < min(as_of, as_of if cancelled is None else cancelled):
        yield Ruling(priority, "breached", deadline)


def _clock_of(priority: str, contract: Contract, clocks: Mapping[str, Clock]) -> Clock:
    return clocks[contract.limits[priority].calendar]


def _responses(ticket: Ticket, contract: Contract, clocks: Mapping[str, Clock]) -> Iterator[Taken]:
    responded = ticket.first(Deed.RESPOND)
    if responded is not None and ticket.first(Deed.CANCEL) is None:
        clock = _clock_of(ticket.last_priority, contract, clocks)
        yield Taken(ticket.last_priority, responded, clock.elapsed(ticket.opened, responded))


def _resolutions(ticket: Ticket, contract: Contract, clocks: Mapping[str, Clock]) -> Iterator[Taken]:
    clock = _clock_of(ticket.last_priority, contract, clocks)
    for life in ticket.lives():
        if life.resolved is not None:
            seconds = clock.elapsed(life.start, life.resolved, life.holds)
            yield Taken(ticket.last_priority, life.resolved, seconds)


def _scope(priority: str | None) -> dict[str, str]:
    return {} if priority is None else {"priority": priority}


def _attainment(indicator: str, decided: Sequence[Ruling], priority: str | None) -> Figure:
    decisions = [ruling.decision for ruling in decided if priority in {None, ruling.priority}]
    bounded, breached = decisions.count("bounded"), decisions.count("breached")
    met = decisions.count("met") + bounded
    return Figure(
        indicator,
        _scope(priority),
        n=met + breached,
        numerator=met,
        denominator=met + breached,
        undetermined=decisions.count("undetermined"),
        bounded=bounded,
    )


def _durations(indicator: str, done: Sequence[Taken], priority: str | None) -> Figure:
    seconds = [step.seconds for step in done if priority in {None, step.priority}]
    return Figure(indicator, _scope(priority), n=len(seconds), durations=seconds)


def _volume(tickets: Sequence[Ticket], first: int, last: int) -> Figure:
    opened = sum(first <= ticket.opened < last for ticket in tickets)
    lives = [life for ticket in tickets for life in ticket.lives()]
    withdrawn = sum(first <= (ticket.first(Deed.CANCEL) or 0) < last for ticket in tickets)
    extra = {
        "opened": opened,
        "reopened": sum(life.is_reopening and first <= life.start < last for life in lives),
        "resolved": sum(life.resolved is not None and first <= life.resolved < last for life in lives),
        "withdrawn": withdrawn,
    }
    return Figure("volume", {}, n=opened, extra=extra)


def _backlog(tickets: Sequence[Ticket], first: int, last: int) -> Figure:
    start, end = (sum(_is_open(ticket, instant) for ticket in tickets) for instant in (first, last))
    return Figure("backlog", {}, n=end, extra={"start": start, "end": end})


def _is_open(ticket: Ticket, instant: int) -> bool:
    """Tell whether the ticket was open at *instant*: a resolution undone within the window never closed it."""
    cancelled = ticket.first(Deed.CANCEL)
    if cancelled is not None and cancelled < instant:
        return False
    return any(life.start < instant and (life.resolved is None or life.resolved >= instant) for life in ticket.lives())
