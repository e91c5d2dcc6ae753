"""A month as large as they come: thirty objectives, five hundred tickets, twelve months behind it."""

from __future__ import annotations

import random
from fractions import Fraction

from builders import at_least, contract, desk, month, objective, paris, ticket
from kpi_agent.domain.contract import Contract, Scope
from kpi_agent.domain.evaluation import Evaluation, PastOutcome
from kpi_agent.domain.measure import measure
from kpi_agent.domain.outcome import Outcome
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import HOUR, MINUTE

_SERVICES = (
    "annuaire",
    "api",
    "bureautique",
    "facturation",
    "intranet",
    "messagerie",
    "paie",
    "portail",
    "stock",
    "vpn",
)
_PRIORITIES = ("P1", "P2", "P3")
_LIMITS = {"P1": 4 * HOUR, "P2": 8 * HOUR, "P3": 24 * HOUR}
_TICKETS = 500


def large() -> tuple[Evaluation, Contract]:
    """Return October 2026: on time for each priority of each of ten services, some kept, some missed."""
    objectives = tuple(
        objective("resolve_in_time", at_least("90%"), scope=Scope(priority=p, service=s))
        for s in _SERVICES
        for p in _PRIORITIES
    )
    named = tuple(
        type(o)(f"{o.scope.service}-{o.scope.priority}".lower(), o.indicator, o.target, o.scope) for o in objectives
    )
    deal = contract(hosts=None, objectives=named)
    rng = random.Random(30)
    names = [o.id for o in named]
    evaluation = measure(
        deal, month(), desk(*_tickets(rng)), now=paris("2026-11-03 07:00"), history=tuple(_history(rng, names))
    )
    return evaluation, deal


def _tickets(rng: random.Random) -> list[Ticket]:
    first, last = paris("2026-10-01 00:00"), paris("2026-10-30 00:00")
    found = []
    for number in range(_TICKETS):
        priority = rng.choices(_PRIORITIES, (1, 3, 6))[0]
        opened = rng.randrange(first, last, 60)
        took = int(_LIMITS[priority] * rng.choice((0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 1.4)))
        found.append(
            ticket(
                opened,
                opened + took,
                id=f"INC{number:07d}",
                priority=priority,
                service=rng.choice(_SERVICES),
                responded=opened + 10 * MINUTE,
                title=f"Incident {number}",
            )
        )
    return found


def _history(rng: random.Random, names: list[str]) -> list[PastOutcome]:
    months = [f"2025-{m:02d}" for m in (10, 11, 12)] + [f"2026-{m:02d}" for m in range(1, 10)]
    found = []
    for name in names:
        for past in months:
            value = Fraction(rng.randrange(80, 101), 100)
            found.append(PastOutcome(past, name, Outcome.MET if value >= Fraction(9, 10) else Outcome.MISSED, value))
    return found
