"""Months that are not like the usual one: a running one in English, a quiet one, one with hostile names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

from kpi_agent.domain.calendar import ALWAYS
from kpi_agent.domain.contract import (
    Contract,
    ContractVersion,
    Limit,
    Objective,
    PriorityTerms,
    Scope,
    ServiceTerms,
    TicketScope,
)
from kpi_agent.domain.evaluation import (
    Commitment,
    Evaluation,
    Outcome,
    Segment,
    ServiceDay,
    SourceLine,
    TicketLine,
)
from kpi_agent.domain.reading import Origin, Reading, Unit
from kpi_agent.domain.ticket import Origin as RowOrigin
from kpi_agent.domain.ticket import State, Ticket
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval, Period, local_days
from kpi_agent.domain.verdict import Judgement, judge
from sample_contract import at_least, paris

NOVEMBER = Period.parse("2026-11", "Europe/Paris")
TO_DATE = paris("2026-11-22 22:14")
RESPOND = Objective("respond-p1", "respond_in_time", at_least(">= 95%", Fraction(95, 100)), Scope(priority="P1"))
PORTAL = Objective("portal", "availability", at_least(">= 99.9%", Fraction(999, 1000)), Scope(service="portal"))


def contract_of_globex(*objectives: Objective, language: str = "en", customer: str = "Globex Ltd") -> Contract:
    version = ContractVersion(
        id="globex",
        customer=customer,
        provider="Opsline",
        effective_from=date(2026, 11, 1),
        effective_to=None,
        language=language,
        timezone="Europe/Paris",
        file="contracts.d/globex.yml",
        sha256="0a1b" * 16,
        text="contract: globex\n",
        currency="GBP",
        tickets=TicketScope("desk"),
        services={"portal": ServiceTerms("portal", "main", 'probe_success{service="portal"}', ALWAYS)},
        priorities={"P1": PriorityTerms(ALWAYS, Limit(30 * MINUTE, "30m"), Limit(4 * HOUR, "4h"))},
        objectives=objectives,
    )
    return Contract("globex", (version,))


def running() -> tuple[Evaluation, Contract]:
    """The 22nd of a first month: one promise at risk with one late response, one kept with downtime left."""
    contract = contract_of_globex(RESPOND, PORTAL)
    tickets = tuple(_ticket(n, minutes) for n, minutes in enumerate((4, 12, 55, 20)))
    respond = Reading(
        "respond_in_time", RESPOND.scope, Unit.RATIO, Fraction(3, 4), 4, Fraction(1), TO_DATE, 3, 4, evidence=("GX-2",)
    )
    days = tuple(
        ServiceDay(day, span.seconds, 0, 0, 11 * MINUTE if day.day == 9 else 0)
        for day, span in local_days(Interval(NOVEMBER.start, TO_DATE), NOVEMBER.tz)
    )
    seen = sum(d.open for d in days)
    portal = Reading(
        "availability", PORTAL.scope, Unit.RATIO, Fraction(seen - 11 * MINUTE, seen), seen, Fraction(1), TO_DATE,
        seen - 11 * MINUTE, seen, origin=Origin.MEASURED,
        details={"T": seen, "P": 0, "U": 0, "D": 11 * MINUTE, "outages": 1, "longest": 11 * MINUTE,
                 "raw_up": seen - 11 * MINUTE, "raw_known": seen},
    )  # fmt: skip
    evaluation = Evaluation(
        segments=(Segment(contract.latest, NOVEMBER.interval),),
        period=NOVEMBER,
        now=TO_DATE,
        is_running=True,
        commitments=(
            Commitment(RESPOND, respond, Outcome.AT_RISK, left=16, limit_seconds=30 * MINUTE),
            Commitment(PORTAL, portal, Outcome.MET, left=32 * MINUTE),
        ),
        readings=(respond, portal),
        tickets=tickets,
        days={"portal": days},
        sources=(SourceLine("desk", "tickets", Fraction(1), TO_DATE - HOUR),),
    )
    return evaluation, contract


def _ticket(number: int, minutes: int) -> TicketLine:
    opened = paris(f"2026-11-{3 + 5 * number:02d} 09:00")
    done, resolved = opened + minutes * MINUTE, opened + 2 * HOUR
    ticket = Ticket(
        source="desk",
        id=f"GX-{number}",
        opened=opened,
        origin=RowOrigin("desk.csv", number + 2),
        state=State.RESOLVED,
        title="portal is slow",
        priority="P1",
        service="portal",
        responded=done,
        resolved=resolved,
    )
    return TicketLine(ticket, _judged(ticket, 30 * MINUTE, done), _judged(ticket, 4 * HOUR, resolved))


def _judged(ticket: Ticket, limit: int, done: int) -> Judgement:
    deadline = ticket.opened + limit
    verdict, decided = judge(done=done, deadline=deadline, as_of=TO_DATE)
    return Judgement(ticket.id, ticket.opened, verdict, limit, deadline, done, decided, done - ticket.opened)


def quiet(*, language: str = "fr", customer: str = "Globex Ltd") -> tuple[Evaluation, Contract]:
    """A whole month without any ticket, observed, under one promise."""
    contract = contract_of_globex(RESPOND, language=language, customer=customer)
    nothing = Reading("respond_in_time", RESPOND.scope, Unit.RATIO, None, 0, Fraction(1), NOVEMBER.end, 0, 0)
    evaluation = Evaluation(
        segments=(Segment(contract.latest, NOVEMBER.interval),),
        period=NOVEMBER,
        now=NOVEMBER.end + 3 * DAY,
        is_running=False,
        commitments=(Commitment(RESPOND, nothing, Outcome.NOTHING_TO_JUDGE, limit_seconds=30 * MINUTE),),
        readings=(nothing,),
        sources=(SourceLine("desk", "tickets", Fraction(1), NOVEMBER.end),),
    )
    return evaluation, contract


def hostile() -> tuple[Evaluation, Contract]:
    """The running month with names that try to leave their place in markup, style and text."""
    evaluation, _ = running()
    name = '</style><script>alert("x")</script>\\"}{{ 7*7 }}'
    contract = contract_of_globex(RESPOND, PORTAL, customer=name)
    lines = tuple(
        replace(line, ticket=replace(line.ticket, title="<img src=x onerror=alert(1)>", service="<b>portal</b>"))
        for line in evaluation.tickets
    )
    return replace(evaluation, segments=(Segment(contract.latest, NOVEMBER.interval),), tickets=lines), contract
