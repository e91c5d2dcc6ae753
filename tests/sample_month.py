"""A month of ACME SAS (French, closed): October 2026 with kept, missed, reserved and unmeasured promises."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from kpi_agent.domain.calendar import ALWAYS, ServiceCalendar
from kpi_agent.domain.contract import Contract, Limit, Scope
from kpi_agent.domain.evaluation import (
    BackupLine,
    CertificateLine,
    Commitment,
    Evaluation,
    Family,
    HostLine,
    ImportedFile,
    Outage,
    Outcome,
    PastOutcome,
    Reserve,
    Segment,
    ServiceDay,
    SourceLine,
    TicketLine,
)
from kpi_agent.domain.events import RestoreMethod, RestoreTest
from kpi_agent.domain.notes import Became, Carried, Section, notes_of
from kpi_agent.domain.reading import Origin, Reading, Unit, statistics_of
from kpi_agent.domain.ticket import Origin as RowOrigin
from kpi_agent.domain.ticket import State, Ticket
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval, local_days
from kpi_agent.domain.verdict import Judgement, Verdict, judge
from kpi_agent_reports.document import build_document
from sample_contract import (
    NOW,
    OBJECTIVES,
    OCTOBER,
    OFFICE,
    PRIORITIES,
    SampleGenerator,
    contract_of_acme,
    paris,
)

TITLES = (
    "serveur web injoignable",
    "file d’attente pleine",
    "certificat refusé",
    "disque plein",
    "lenteur des requêtes",
)
SERVICES = ("portail", "api", "messagerie", None)


def _ticket(number: int, priority: str, opened: int, respond: int, resolve: int | None) -> TicketLine:
    terms = PRIORITIES[priority]
    calendar = terms.calendar
    responded = calendar.deadline(opened, respond * MINUTE)
    resolved = None if resolve is None else calendar.deadline(opened, resolve * MINUTE)
    ticket = Ticket(
        source="desk",
        id=f"INC-{number}",
        opened=opened,
        origin=RowOrigin("tickets-2026-11-03.csv", number - 4500),
        state=State.IN_PROGRESS if resolved is None else State.CLOSED,
        title=TITLES[number % len(TITLES)],
        priority=priority,
        category="réseau" if number % 3 else "stockage",
        service=SERVICES[number % len(SERVICES)],
        host=f"web{number % 4}",
        responded=responded,
        resolved=resolved,
        time_spent=(number % 7 + 1) * 15 * MINUTE,
    )
    return TicketLine(
        ticket, _judged(ticket, calendar, terms.respond, responded), _judged(ticket, calendar, terms.resolve, resolved)
    )


def _judged(ticket: Ticket, calendar: ServiceCalendar, limit: Limit | None, done: int | None) -> Judgement:
    assert limit is not None
    deadline = calendar.deadline(ticket.opened, limit.seconds)
    verdict, decided = judge(done=done, deadline=deadline, as_of=NOW)
    elapsed = None if done is None else calendar.elapsed(ticket.opened, done)
    return Judgement(ticket.id, ticket.opened, verdict, limit.seconds, deadline, done, decided, elapsed)


def _tickets() -> tuple[TicketLine, ...]:
    """Six P1, 58 P2 (one of them still open), 74 P3; eight P2 are late, five of them opened on the 14th."""
    lines = [
        _ticket(4600 + n, "P1", paris(f"2026-10-{2 + 4 * n:02d} 03:{10 + n}"), 4 + 3 * n, 38 + 31 * n) for n in range(6)
    ]
    late = {20: 870, 21: 760, 22: 690, 23: 1270, 24: 545, 33: 620, 41: 560, 52: None}
    for n in range(58):
        day = 14 if 20 <= n <= 24 else 1 + (n * 29) // 57
        opened = paris(f"2026-10-{day:02d} {8 + n % 9:02d}:{(n * 7) % 60:02d}")
        quick = 20 + (n * 97) % 440
        lines.append(_ticket(4700 + n, "P2", opened, 5 + n % 40, late.get(n, quick)))
    lines.extend(
        _ticket(
            4800 + n, "P3", paris(f"2026-10-{1 + (n * 30) // 74:02d} {8 + n % 9:02d}:{n % 60:02d}"), 30 + n, 60 + n * 19
        )
        for n in range(74)
    )
    return tuple(lines)


def _days(service: str) -> tuple[ServiceDay, ...]:
    planned = {13: 2 * HOUR, 14: 2 * HOUR, 27: 2 * HOUR, 28: 2 * HOUR} if service == "portail" else {}
    unknown = {9: 3 * HOUR} if service == "portail" else {}
    down = {14: 22 * MINUTE, 21: 4 * MINUTE} if service == "portail" else {6: 3 * MINUTE}
    calendar = ALWAYS if service == "portail" else OFFICE
    return tuple(
        ServiceDay(
            day,
            calendar.elapsed(span.start, span.end),
            planned.get(day.day, 0),
            unknown.get(day.day, 0),
            down.get(day.day, 0),
        )
        for day, span in local_days(OCTOBER.interval, OCTOBER.tz)
    )


def _ratio(indicator: str, scope: Scope, good: int, of: int, **more: Any) -> Reading:
    value = Fraction(good, of) if of else None
    known = {"coverage": Fraction(1), "as_of": NOW, "numerator": good, "denominator": of, **more}
    return Reading(indicator, scope, Unit.RATIO, value, n=known.pop("n", of), **known)


def _durations(indicator: str, scope: Scope, lines: list[TicketLine]) -> Reading:
    picked = [line.response if indicator == "time_to_respond" else line.resolution for line in lines]
    seconds = [j.elapsed for j in picked if j.elapsed is not None and j.done is not None and j.done in OCTOBER.interval]
    found = statistics_of(seconds)
    return Reading(
        indicator,
        scope,
        Unit.SECONDS,
        found.median if found else None,
        len(seconds),
        Fraction(1),
        NOW,
        statistics=found,
    )


def _attainment(indicator: str, scope: Scope, lines: list[TicketLine]) -> Reading:
    picked = [line.response if indicator == "respond_in_time" else line.resolution for line in lines]
    decided = [j for j in picked if j.is_decided_in(OCTOBER.interval)]
    good = sum(j.verdict is Verdict.MET for j in decided)
    late = tuple(j.subject for j in decided if j.verdict is Verdict.BREACHED)
    return _ratio(indicator, scope, good, len(decided), evidence=late, overdue=1 if scope.priority == "P3" else 0,
                  overdue_oldest=12 * DAY if scope.priority == "P3" else None)  # fmt: skip


PORTAIL_OUTAGES = (
    Outage("portail", Interval(paris("2026-10-14 09:12"), paris("2026-10-14 09:34")), is_planned=False),
    Outage("portail", Interval(paris("2026-10-21 15:00"), paris("2026-10-21 15:04")), is_planned=False),
)


def _availability() -> Reading:
    days = _days("portail")
    opened, planned, unknown = sum(d.open for d in days), sum(d.planned for d in days), sum(d.unknown for d in days)
    observed = opened - planned - unknown
    down = sum(d.down for d in days)
    return _ratio(
        "availability", Scope(service="portail"), observed - down, observed,
        n=observed, coverage=1 - Fraction(unknown, opened - planned), origin=Origin.MEASURED,
        lowest=Fraction(observed - down, opened - planned),
        highest=Fraction(observed - down + unknown, opened - planned),
        details={"T": opened, "P": planned, "U": unknown, "D": down, "outages": 2,
                 "longest": 22 * MINUTE, "raw_up": observed - down + 12700, "raw_known": opened - unknown},
        evidence=tuple(f"{o.span.start}-{o.span.end}" for o in PORTAIL_OUTAGES),
    )  # fmt: skip


def _resolved(lines: list[TicketLine]) -> int:
    return sum(line.ticket.resolved is not None and line.ticket.resolved in OCTOBER.interval for line in lines)


def october() -> tuple[Evaluation, Contract]:
    """Five kept (one under reserve), two missed, one unmeasured."""
    contract = contract_of_acme()
    tickets = _tickets()
    by = {p: [line for line in tickets if line.ticket.priority == p] for p in PRIORITIES}
    p1, p2 = Scope(priority="P1"), Scope(priority="P2")
    restores = _ratio("restore_coverage", Scope(), 3, 4, origin=Origin.MEASURED, evidence=("archives",))
    unread = Reading("reviews_in_date", Scope(), Unit.RATIO, None, 0, Fraction(29, 100), NOW, origin=Origin.DECLARED,
                     source_coverage=Fraction(29, 100))  # fmt: skip
    portail = _availability()
    readings = (
        _attainment("respond_in_time", p1, by["P1"]),
        _attainment("resolve_in_time", p1, by["P1"]),
        _attainment("resolve_in_time", p2, by["P2"]),
        _ratio("recurrence_rate", Scope(), 19, 138),
        _ratio("patch_in_time", Scope(), 77, 81, origin=Origin.MEASURED),
        restores,
        portail,
        unread,
    )
    met, missed = Outcome.MET, Outcome.MISSED
    outcomes = (met, met, missed, met, met, missed, met, Outcome.NO_DATA)
    limits = (30 * MINUTE, 4 * HOUR, 8 * HOUR, None, 14 * DAY, None, None, None)
    reserve = Reserve(portail.lowest or Fraction(0), portail.highest or Fraction(1))
    commitments = tuple(
        Commitment(o, r, out, limit_seconds=limit, why=("coverage_short",) if out is Outcome.NO_DATA else (),
                   reserve=reserve if r is portail else None)
        for o, r, out, limit in zip(OBJECTIVES, readings, outcomes, limits, strict=True)
    )  # fmt: skip
    standard = [
        reading
        for p, lines in by.items()
        for reading in (
            _durations("time_to_respond", Scope(priority=p), lines),
            _durations("time_to_resolve", Scope(priority=p), lines),
            _attainment("respond_in_time", Scope(priority=p), lines),
            _attainment("resolve_in_time", Scope(priority=p), lines),
        )
    ]
    standard += [
        *(
            Reading("volume", Scope(priority=p), Unit.COUNT, Fraction(len(lines)), len(lines), Fraction(1), NOW,
                    details={"opened": len(lines), "resolved": _resolved(lines)})
            for p, lines in by.items()
        ),
        Reading("volume", Scope(), Unit.COUNT, Fraction(138), 138, Fraction(1), NOW,
                details={"opened": 138, "resolved": 133, "withdrawn": 2}),
        Reading("backlog", Scope(), Unit.COUNT, Fraction(7), 7, Fraction(1), NOW,
                details={"start": 4, "restated": 0, "end": 7, "breached": 2, "lost": 0}),
        Reading("patched_hosts", Scope(), Unit.RATIO, Fraction(38, 40), 40, Fraction(98, 100), NOW, 38, 40,
                origin=Origin.MEASURED),
        _ratio("restore_success", Scope(), 4, 5, origin=Origin.MEASURED),
    ]  # fmt: skip
    evaluation = Evaluation(
        segments=(Segment(contract.latest, OCTOBER.interval),),
        period=OCTOBER,
        now=NOW,
        is_running=False,
        commitments=commitments,
        readings=(*readings, *standard),
        tickets=tickets,
        days={"portail": _days("portail"), "api": _days("api")},
        outages=(
            *PORTAIL_OUTAGES,
            Outage("portail", Interval(paris("2026-10-27 22:30"), paris("2026-10-27 23:10")), is_planned=True),
            Outage("api", Interval(paris("2026-10-06 10:00"), paris("2026-10-06 10:03")), is_planned=False),
        ),
        hosts=_hosts(),
        backups=_backups(),
        certificates=_certificates(),
        notes=notes_of(NOTE),
        carried=(
            Carried(Section.ACTIONS, "Remplacer la baie de secours", "2026-08", Became.OPEN),
            Carried(Section.DECISIONS, "Accepter la fin de support de db-old", "2026-09", Became.UNTOLD),
        ),
        families=_families(),
        sources=_sources(),
        history=_history(),
    )
    return evaluation, contract


NOTE = """\
Mois **chargé** sur le portail, voir le compte rendu du *COPIL*.

# Causes
- Le 14, perte d'un chemin vers la baie ; `multipath` ne basculait pas.

# Décisions
- [ ] Renouveler le support de la baie (direction, 15 décembre)

# Actions
- [x] Poser une alerte à 21 jours sur chaque certificat
- [ ] Remplacer la baie de secours
"""


def _hosts() -> tuple[HostLine, ...]:
    whole = Fraction(1)
    return (
        HostLine("web3", "overdue", paris("2026-10-02 09:00"), whole),
        HostLine("db-old", "overdue", paris("2026-09-20 06:00"), whole, support_end=paris("2026-08-31 02:00")),
        HostLine("lb2", "unknown", None, Fraction(61, 100)),
        HostLine("web1", "pending", paris("2026-10-27 06:00"), whole),
        HostLine("cron1", "retired", None, whole),
        HostLine("app01", "patched", None, whole, support_end=paris("2027-01-31 01:00")),
        *(HostLine(f"app{n:02d}", "patched", None, whole) for n in range(2, 37)),
    )


def _backups() -> tuple[BackupLine, ...]:
    def test(
        name: str, day: str, *, is_passed: bool, minutes: int, method: RestoreMethod = RestoreMethod.FULL
    ) -> RestoreTest:
        return RestoreTest(name, paris(f"2026-10-{day} 05:00"), method, is_passed, minutes * MINUTE, 20 * HOUR, "main")

    return (
        BackupLine(
            "base-portail", paris("2026-10-20 05:00"), (test("base-portail", "20", is_passed=True, minutes=74),)
        ),
        BackupLine("archives", OCTOBER.end - 118 * DAY, (test("archives", "22", is_passed=False, minutes=31),)),
        BackupLine("fichiers", paris("2026-10-08 05:00"), (test("fichiers", "08", is_passed=True, minutes=190),)),
        BackupLine(
            "ldap",
            paris("2026-10-30 05:00"),
            (
                test("ldap", "30", is_passed=True, minutes=9),
                test("ldap", "15", is_passed=True, minutes=2, method=RestoreMethod.VERIFY),
            ),
            protected=724 * HOUR,
            unprotected=19 * HOUR + 30 * MINUTE,
            newest=paris("2026-10-31 02:10"),
        ),
    )


def _certificates() -> tuple[CertificateLine, ...]:
    def line(address: str, day: str) -> CertificateLine:
        expires = paris(f"{day} 12:00")
        return CertificateLine(address, expires, max(0, expires - OCTOBER.end))

    return (
        line("https://extranet.acme.example/", "2026-10-30"),
        CertificateLine("https://old.acme.example/", paris("2026-11-09 12:00"), None),
        line("https://portail.acme.example/", "2026-11-20"),
        line("https://api.acme.example/", "2027-01-12"),
    )


def _families() -> tuple[Family, ...]:
    return (
        Family(
            ("disque", "plein", "stockage"),
            ("INC-4703", "INC-4708", "INC-4719"),
            5,
            3,
            2,
            "stockage",
            "portail",
            9 * HOUR,
        ),
        Family(("file", "attente", "pleine"), ("INC-4711", "INC-4742"), 2, 2, 1, "réseau", "messagerie", 5 * HOUR),
        Family(("certificat", "refusé"), ("INC-4822", "INC-4847"), 2, 2, 1, "réseau", "api", None),
    )


def _sources() -> tuple[SourceLine, ...]:
    files = tuple(
        ImportedFile(f"tickets-{day}.csv", sha * 32, rows, rejected, paris(f"{day} 06:00"))
        for day, sha, rows, rejected in (("2026-10-15", "a1", 1204, 2), ("2026-11-03", "7f", 1391, 3))
    )
    return (
        SourceLine("desk", "tickets", Fraction(1), NOW - HOUR, files,
                   rejected_by_reason={"resolved_before_opened": 3, "unknown_state": 2}),
        SourceLine("main", "prometheus", Fraction(9959, 10000), NOW - 10 * MINUTE, server="prometheus 2.42.0"),
        SourceLine("papers", "register", Fraction(29, 100), paris("2026-10-09 11:00")),
    )  # fmt: skip


def _history() -> tuple[PastOutcome, ...]:
    months = [f"2025-{m:02d}" for m in (11, 12)] + [f"2026-{m:02d}" for m in range(1, 10)]
    values = {
        "gti-p1": (1000, 960, 1000, 900, 1000, 1000, 970, 1000, 1000, 1000, 950),
        "gtr-p1": (1000, 1000, 950, 1000, 1000, 900, 1000, 1000, 1000, 1000, 1000),
        "gtr-p2": (935, 930, 940, 920, 925, 915, 930, 920, 915, 925, 910),
        "recurrence": (190, 180, 185, 165, 160, 150, 155, 145, 150, 152, 150),
        "patch": (955, 950, 970, 955, 952, 965, 955, 950, 960, 955, 957),
        "restores": (1000,) * 11,
        "portail": (9994, 9993, 9991, 9995, 9994, 9992, 9993, 9994, 9990, 9993, 9992),
        "procedures": (900, 890, 860, 870, 850, 840, 850, 830, 820, 810, None),
    }
    targets = {o.id: o.target for o in OBJECTIVES}
    found = []
    for name, line in values.items():
        for month, raw in zip(months, line, strict=True):
            value = None if raw is None else Fraction(raw, 10000 if name == "portail" else 1000)
            outcome = Outcome.NO_DATA
            if value is not None:
                outcome = Outcome.MET if targets[name].is_kept_by(value) else Outcome.MISSED
            found.append(PastOutcome(month, name, outcome, value))
    return tuple(found)


def document_of(
    evaluation: Evaluation, contract: Contract, *, state: str = "closed", revision: int = 1
) -> dict[str, Any]:
    previous = "1b90" * 16 if state == "closed" else None
    return build_document(
        evaluation,
        contract=contract,
        state=state,
        revision=revision if state == "closed" else 0,
        previous_sha256=previous,
        generator=SampleGenerator(),
    )
