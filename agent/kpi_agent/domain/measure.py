"""One period of one contract, measured: every commitment, the standard readings, and the lines behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kpi_agent.domain.balance import balance_of, carry_over
from kpi_agent.domain.contract import Contract, ContractVersion, Objective, ObjectiveWindow, Scope
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.evaluation import (
    Commitment,
    Evaluation,
    FigureDays,
    LeftOpen,
    Outage,
    Outcome,
    PastOutcome,
    Segment,
    ServiceDay,
    SourceLine,
    TicketLine,
)
from kpi_agent.domain.facts import Facts, ServiceFacts
from kpi_agent.domain.indicators.alerting import alert_cover, alert_lines
from kpi_agent.domain.indicators.availability import added, service_days
from kpi_agent.domain.indicators.backups import backup_lines, unsaved_hosts
from kpi_agent.domain.indicators.caseload import cases
from kpi_agent.domain.indicators.certificates import certificate_lines
from kpi_agent.domain.indicators.custom import figure_days
from kpi_agent.domain.indicators.patching import host_lines
from kpi_agent.domain.indicators.reconcile import reconcile
from kpi_agent.domain.indicators.recurrence import family_lines
from kpi_agent.domain.indicators.registry import INDICATORS
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.indicators.workload import OFFICE, costs_by_service
from kpi_agent.domain.objective_window import is_same_promise, measure_window, versions_in, windowed
from kpi_agent.domain.outcome import Decision, decide
from kpi_agent.domain.reading import Reading
from kpi_agent.domain.time import Interval, Period
from kpi_agent.domain.timeline import Timeline

_PER_PRIORITY = ("time_to_respond", "respond_in_time", "time_to_resolve", "resolve_in_time")


@dataclass(frozen=True, slots=True)
class Measured:
    """A segment of the period with what was asked over it."""

    segment: Segment
    base: Request
    facts: Facts
    index: int

    def reading(self, objective: Objective) -> Reading:
        """Return the reading that an objective is about."""
        return INDICATORS[objective.indicator].measure(request_for(self.base, objective), self.facts)


def request_for(base: Request, objective: Objective) -> Request:
    """Return the request of an objective: its scope, statistic, limit and coverage."""
    return replace(
        base,
        scope=objective.scope,
        statistic=objective.statistic or base.statistic,
        limit=objective.limit,
        interval=objective.interval if objective.interval is not None else base.interval,
        min_coverage=objective.min_coverage,
    )


def measure(
    contract: Contract,
    period: Period,
    facts: Facts,
    *,
    now: int,
    sources: Sequence[SourceLine] = (),
    history: Sequence[PastOutcome] = (),
    left_open: LeftOpen | None = None,
) -> Evaluation:
    """Return everything that *period* says about *contract*, knowing *facts* at *now*.

    Raises NotFound for a period outside the contract's life. Each contract version in force during the period gives
    a segment with commitments of its own; tickets, hosts and days are those of the whole period. *left_open* is what
    the report of the period before says.
    """
    parts = contract.segments(period)
    if not parts:
        raise NotFound(
            f"contract '{contract.id}' was not in force in {period.id}; it starts {contract.versions[0].effective_from}"
        )
    segments = tuple(Segment(version, span) for version, span in parts)
    measured = [
        Measured(s, Request(contract, s.version, period, s.span, now), facts, index) for index, s in enumerate(segments)
    ]
    whole = Request(
        contract, segments[-1].version, period, Interval(segments[0].span.start, segments[-1].span.end), now
    )
    commitments = _commitments(measured, whole, facts)
    asked = {(c.reading.indicator, c.reading.scope) for c in commitments if c.reading.span is None}
    extra = [r for r in _standard(whole, measured, facts) if (r.indicator, r.scope) not in asked or len(measured) > 1]
    commitments = [
        c if c.reading.span is not None else replace(c, reading=carry_over(c.reading, left_open)) for c in commitments
    ]
    readings = (*(c.reading for c in commitments), *(carry_over(r, left_open) for r in extra))
    of_period = [r for r in readings if r.span is None]
    days, outages = _services(measured, facts)
    return Evaluation(
        segments=segments,
        period=period,
        now=now,
        is_running=now < whole.span.end,
        commitments=tuple(commitments),
        readings=readings,
        tickets=_tickets(whole, facts),
        days=days,
        outages=outages,
        hosts=host_lines(_patch_request(whole), facts) if whole.version.hosts is not None else (),
        backups=backup_lines(whole, facts),
        certificates=certificate_lines(whole, facts),
        unsaved=unsaved_hosts(whole, facts),
        families=family_lines(whole, facts) if whole.version.tickets is not None else (),
        reconciliation=reconcile(whole, facts) if whole.version.tickets is not None else None,
        sources=tuple(sources),
        history=tuple(history),
        alerts=alert_lines(whole, facts) if _tells_alerts(whole, facts) else (),
        figures=_figures(measured, facts),
        balance=balance_of(whole, facts, left_open, of_period) if whole.version.tickets is not None else None,
    )


def _commitments(measured: Sequence[Measured], whole: Request, facts: Facts) -> list[Commitment]:
    """Return one commitment per objective, or one per segment where the promise itself changed (indicators.md §10).

    What was promised in earlier segments only comes last.
    """
    found = []
    for objective in measured[-1].segment.version.objectives:
        parts = [(m, o) for m in measured for o in m.segment.version.objectives if o.id == objective.id]
        if len(parts) == len(measured) and all(is_same_promise(o, objective) for _, o in parts):
            asked = windowed(whole, objective)
            reading = _windowed_reading(asked, objective, facts)
            if reading is None:
                reading = _whole_reading(measured, whole, objective, facts)
            limit = _limit_in(versions_in(asked), objective)
            found.append(_decided(objective, reading, asked, measured[-1].index, limit))
        else:
            found += [_commitment_of(m, o) for m, o in parts]
    kept = {c.objective.id for c in found}
    return found + [_commitment_of(m, o) for m in measured for o in m.segment.version.objectives if o.id not in kept]


def _whole_reading(measured: Sequence[Measured], whole: Request, objective: Objective, facts: Facts) -> Reading:
    if objective.indicator == "availability" and len(measured) > 1:
        return _added_availability(measured, objective)
    return INDICATORS[objective.indicator].measure(request_for(whole, objective), facts)


def _added_availability(measured: Sequence[Measured], objective: Objective) -> Reading:
    service = objective.scope.service or ""
    return added([(m.segment.version.services[service], m.reading(objective)) for m in measured])


def _commitment_of(measured: Measured, objective: Objective) -> Commitment:
    asked = windowed(measured.base, objective)
    reading = _windowed_reading(asked, objective, measured.facts) or measured.reading(objective)
    limit = _limit_in(versions_in(asked), objective)
    return _decided(objective, reading, asked, measured.index, limit)


def _windowed_reading(asked: Request, objective: Objective, facts: Facts) -> Reading | None:
    """Return the reading of an objective over its own window, None where that is the report's period."""
    if objective.window is ObjectiveWindow.MONTH:
        return None
    return measure_window(request_for(asked, objective), INDICATORS[objective.indicator], facts)


def _decided(objective: Objective, reading: Reading, request: Request, segment: int, limit: int | None) -> Commitment:
    span, now = request.span, request.now
    elapsed = max(0, min(now, span.end) - span.start)
    decision = decide(
        reading,
        objective,
        INDICATORS[objective.indicator],
        is_running=now < span.end,
        elapsed=elapsed,
        remaining=span.seconds - elapsed,
    )
    if objective.window is ObjectiveWindow.QUARTER and now < span.end:
        decision = _not_yet_missed(decision, objective)
    return Commitment(
        objective=objective,
        reading=reading,
        outcome=decision.outcome,
        reserve=decision.reserve,
        segment=segment,
        why=decision.why,
        left=decision.left,
        limit_seconds=limit,
        span=span,
    )


def asked_by(contract: Contract, evaluation: Evaluation, commitment: Commitment | None) -> Request:
    """Return the request that a commitment of an evaluation answers; None: that of the period's own readings."""
    segments, now = evaluation.segments, evaluation.now
    whole = Interval(segments[0].span.start, segments[-1].span.end)
    if commitment is None:
        return Request(contract, segments[-1].version, evaluation.period, whole, now)
    segment, span = segments[commitment.segment], commitment.span or whole
    if span.end > segment.span.end:
        now = min(now, segment.span.end)  # a window that goes on, as it stood
    return request_for(Request(contract, segment.version, evaluation.period, span, now), commitment.objective)


def _not_yet_missed(decision: Decision, objective: Objective) -> Decision:
    """Return the decision of a quarter that goes on: what only its pace calls missed is at risk.

    The months of a quarter are closed one by one: a frozen *missed* that the quarter's end could contradict is wrong.
    """
    if not INDICATORS[objective.indicator].is_attainment or objective.target.value >= 1:
        return decision
    if decision.outcome is not Outcome.MISSED:
        return decision
    is_unknown = "missed_at_best" in decision.why
    return replace(decision, outcome=Outcome.NO_DATA if is_unknown else Outcome.AT_RISK, why=())


def _limit_in(versions: Iterable[ContractVersion], objective: Objective) -> int | None:
    """Return the limit that an objective's things were judged by, None where versions differ."""
    limits = {_limit_of(v, objective) for v in versions}
    return limits.pop() if len(limits) == 1 else None


def _limit_of(version: ContractVersion, objective: Objective) -> int | None:
    if objective.limit is not None:
        return objective.limit.seconds
    terms = version.priorities.get(objective.scope.priority or "")
    if terms is None or objective.indicator not in {"respond_in_time", "resolve_in_time"}:
        return None
    limit = terms.respond if objective.indicator == "respond_in_time" else terms.resolve
    return None if limit is None else limit.seconds


def _standard(request: Request, measured: Sequence[Measured], facts: Facts) -> Iterator[Reading]:
    """Yield the readings that every report shows, whether promised or not."""
    version = request.version
    if version.tickets is not None:
        yield from _standard_of_tickets(request, facts)
    for service in sorted(version.services):
        scope = Scope(service=service)
        parts = [
            (
                m.segment.version.services[service],
                INDICATORS["availability"].measure(replace(m.base, scope=scope), facts),
            )
            for m in measured
            if service in m.segment.version.services
        ]
        yield added(parts) if len(parts) > 1 else parts[0][1]
    if version.hosts is not None:
        patch = _patch_request(request)
        names = ("patch_lag",) if patch.limit is None else ("patch_lag", "patch_in_time", "patched_hosts")
        for name in names:
            yield INDICATORS[name].measure(patch, facts)
    if version.backups:
        for name in ("restore_success", "restore_coverage"):
            yield INDICATORS[name].measure(request, facts)
    yield from _standard_of_alerts(request, facts)


def _tells_alerts(request: Request, facts: Facts) -> bool:
    return request.version.hosts is not None and bool(alert_cover(facts.alerts).spans)


def _standard_of_alerts(request: Request, facts: Facts) -> Iterator[Reading]:
    """Yield what alerts tell, where any rule is known; how outages were noticed, where tickets or alerts can tell."""
    has_desk, has_alerts = request.version.tickets is not None, _tells_alerts(request, facts)
    names = ["alerts_per_week", "night_alerts", "runbook_coverage"] if has_alerts else []
    names += ["alerts_acted_on"] if has_alerts and has_desk else []
    if request.version.services:
        names += ["undetected_outages"] if has_desk else []
        names += ["time_to_detect"] if has_desk or has_alerts else []
    for name in names:
        yield INDICATORS[name].measure(request, facts)


def _standard_of_tickets(request: Request, facts: Facts) -> Iterator[Reading]:
    scopes = [Scope(priority=p) for p in sorted(request.version.priorities)] + [Scope()]
    for scope in scopes:
        for name in _PER_PRIORITY:
            yield INDICATORS[name].measure(replace(request, scope=scope), facts)
    for name in ("volume", "backlog"):
        for scope in scopes:
            yield INDICATORS[name].measure(replace(request, scope=scope), facts)
    for name in _work_of(request, facts):
        yield INDICATORS[name].measure(request, facts)
    yield from costs_by_service(request, facts)
    for name in ("recurrence_rate", "root_cause_treated"):
        yield INDICATORS[name].measure(request, facts)


def _work_of(request: Request, facts: Facts) -> Iterator[str]:
    """Yield what can be told of the work on incidents: shares of what the contract names, persons where it may be."""
    scope = request.version.tickets
    yield "reopen_rate"
    if OFFICE in request.version.calendars:
        yield "out_of_hours_share"
    if scope is not None and scope.product_teams:
        yield "product_team_share"
    if facts.tickets.people:
        yield "single_person_share"
    yield "interruption_cost"


def _figures(measured: Sequence[Measured], facts: Facts) -> tuple[FigureDays, ...]:
    """Return the days of the figures of the contract's own; a figure that a new version keeps goes on."""
    found: dict[tuple[str, str], FigureDays] = {}
    for part in measured:
        for objective in part.segment.version.objectives:
            if objective.query:
                key, here = (objective.id, objective.line), figure_days(request_for(part.base, objective), facts)
                before = found[key].days if key in found else ()
                found[key] = FigureDays(objective, before + here.days, part.index)
    return tuple(found.values())


def _patch_request(request: Request) -> Request:
    """Return the request with the limit and coverage of the contract's own patch objective, if it has one."""
    for objective in request.version.objectives:
        if objective.indicator in {"patched_hosts", "patch_in_time"} and objective.limit is not None:
            return replace(request, limit=objective.limit, min_coverage=objective.min_coverage)
    return request


def _services(
    measured: Sequence[Measured], facts: Facts
) -> tuple[dict[str, tuple[ServiceDay, ...]], tuple[Outage, ...]]:
    """Return each service's days, every one under the version then in force, and the outages, each once."""
    days: dict[str, tuple[ServiceDay, ...]] = {}
    outages: dict[tuple[str, int], Outage] = {}
    for part in measured:
        for name, terms in sorted(part.segment.version.services.items()):
            known = facts.services.get(name, ServiceFacts(Timeline(), None, 0))
            found, seen = service_days(part.base, terms, known)
            days[name] = days.get(name, ()) + found
            outages |= {(o.service, o.span.start): o for o in seen}
    return days, tuple(outages.values())


def _tickets(request: Request, facts: Facts) -> tuple[TicketLine, ...]:
    """Return the incidents that the period is about: open in it, or judged in it, by opening."""
    if request.version.tickets is None:
        return ()
    span = request.span
    lines = [
        TicketLine(case.ticket, case.response, resolution)
        for case in cases(request, facts)
        if any(i.start < span.end and i.end >= span.start for i in case.open)
        for resolution in case.resolutions
    ]
    return tuple(sorted(lines, key=lambda line: (line.ticket.opened, line.ticket.id, line.resolution.start)))
