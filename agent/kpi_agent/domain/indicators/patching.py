"""Patches and reboots: episodes from first seen wanting to first seen done (indicators.md §6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kpi_agent.domain.contract import HostScope, Limit
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.evaluation import HostLine
from kpi_agent.domain.facts import Facts, Window
from kpi_agent.domain.indicators.attainment import attainment, window_reasons
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.reading import Origin, Reading, Unit, share, statistics_of
from kpi_agent.domain.time import LAST_INSTANT, Interval, intersection, total
from kpi_agent.domain.timeline import Timeline
from kpi_agent.domain.verdict import Judgement, Verdict, judge


@dataclass(frozen=True, slots=True)
class Episode:
    """Updates (or a reboot) pending on a host from *start* until *end*, the first observation without; None: still."""

    host: str
    start: int
    end: int | None


@dataclass(frozen=True, slots=True)
class HostState:
    """One host's line of what is pending (unknown where stale or unseen), in scope from *sighted* to *retired*."""

    host: str
    line: Timeline
    sighted: int
    retired: int | None

    def in_scope(self, span: Interval) -> Interval:
        """Return the part of *span* during which it is in scope."""
        end = span.end if self.retired is None else min(span.end, self.retired)
        return Interval(self.sighted, max(self.sighted, end)).clip(span)

    def coverage(self, span: Interval) -> Fraction | None:
        """Return the observed share of its stretch in scope, None when it is not in scope at all."""
        part = self.in_scope(span)
        return share(total(intersection(self.line.known(), [part])), part.seconds)

    def last_instant(self, span: Interval) -> int | None:
        """Return the instant that the line told last within *span*, None when it told none."""
        told = [run.value for run in self.line.clip(span).runs if 0 < run.value <= LAST_INSTANT]
        return int(told[-1]) if told else None

    def is_since_first_seen(self, episode: Episode) -> bool:
        """Whether something was pending already at the first observation ever: the episode may be older."""
        first = self.line.runs[0]
        return first.value > 0 and first.start == episode.start

    def episodes(self) -> Iterator[Episode]:
        """Yield the episodes in order; unknown stretches inside do not end one."""
        start = None
        for run in self.line.runs:
            if run.value > 0 and start is None:
                start = run.start
            elif run.value == 0 and start is not None:
                yield Episode(self.host, start, run.start)
                start = None
        if start is not None:
            yield Episode(self.host, start, None)


def host_states(request: Request, facts: Facts) -> list[HostState]:
    """Return the states of all hosts of the contract, by name; the facts remember them for the next reading."""
    key = id(request.version)
    if key not in facts.hosts.states:
        facts.hosts.states[key] = (request.version, states_of(facts.hosts.pending, request, facts))
    known: list[HostState] = facts.hosts.states[key][1]
    return known


def reboot_states(request: Request, facts: Facts) -> list[HostState]:
    """Return, by name, whether hosts require a reboot; not every script tells, so silence is unknown."""
    return states_of(facts.hosts.reboot, request, facts)


def states_of(lines: Mapping[str, Timeline], request: Request, facts: Facts) -> list[HostState]:
    """Return the state of every host that was ever sighted, by name; what *lines* say nothing of is unknown."""
    retired, none = _scope(request).retired, Timeline()
    found = []
    for host, sighted in sorted(facts.hosts.sighted.items()):
        line, left = lines.get(host, none), retired.get(host)
        found.append(HostState(host, line if left is None else line.clip(Interval(0, left)), sighted, left))
    return found


def _scope(request: Request) -> HostScope:
    if request.version.hosts is None:
        raise NotFound(f"contract '{request.contract.id}' has no scope.hosts")
    return request.version.hosts


def _window(request: Request, facts: Facts) -> Window:
    return request.window(facts.hosts.newest, facts.hosts.max_age)


def _coverage(states: Sequence[HostState], window: Window) -> Fraction:
    """Observed seconds of all hosts / seconds in scope; 0 without a host."""
    parts = [(s, s.in_scope(window.elapsed)) for s in states]
    whole = sum(p.seconds for _, p in parts)
    seen = sum(total(intersection(s.line.known(), [p])) for s, p in parts)
    return Fraction(seen, whole) if whole else Fraction(0)


def judge_episodes(request: Request, facts: Facts) -> list[Judgement]:
    """Return the judgement of each episode of pending updates: to be done within the limit on the 24x7 clock.

    A met of a host observed less than ``min_coverage`` of the span is undetermined: it is in no numerator.
    """
    return _judged(request, "patch_in_time", host_states(request, facts), _window(request, facts))


def _judged(request: Request, indicator: str, states: Iterable[HostState], window: Window) -> list[Judgement]:
    if request.limit is None:
        raise NotFound(f"{request.contract.id}: {indicator} needs a limit")
    found = []
    for state in states:
        coverage = state.coverage(window.elapsed)
        for episode in state.episodes():
            limit = _limit_at(request, indicator, request.limit, episode.start)
            found.append(_judge(episode, state, limit.seconds, window))
            if (
                found[-1].verdict is Verdict.MET
                and found[-1].is_decided_in(window.span)
                and coverage is not None
                and coverage < request.min_coverage
            ):
                found[-1] = _undetermined(found[-1])
    return found


def _limit_at(request: Request, indicator: str, limit: Limit, start: int) -> Limit:
    """Return the limit promised when an episode began (indicators.md §10), else *limit*, that of the request.

    A later version's shorter limit would put the breach into a month that is closed already, where nobody counts it.
    """
    version = request.contract.at(start)
    if version is request.version:
        return limit
    promised = (o.limit for o in version.objectives if o.indicator == indicator and o.limit is not None)
    return next(promised, limit)


def _judge(episode: Episode, state: HostState, limit: int, window: Window) -> Judgement:
    deadline = episode.start + limit
    as_of = window.as_of if state.retired is None else min(window.as_of, state.retired)
    verdict, decided = judge(done=episode.end, deadline=deadline, as_of=as_of)
    if verdict is Verdict.RUNNING and state.retired is not None and state.retired <= window.as_of:
        verdict = Verdict.NOT_JUDGED
    notes = ("started_before_observation",) if state.is_since_first_seen(episode) else ()
    elapsed = None if episode.end is None else episode.end - episode.start
    return Judgement(
        subject=episode.host,
        start=episode.start,
        verdict=verdict,
        limit=limit,
        deadline=deadline,
        done=episode.end,
        decided=decided,
        elapsed=elapsed,
        notes=notes,
        ended=state.retired,
    )


def _undetermined(judgement: Judgement) -> Judgement:
    return Judgement(
        subject=judgement.subject,
        start=judgement.start,
        verdict=Verdict.UNDETERMINED,
        limit=judgement.limit,
        deadline=judgement.deadline,
        done=judgement.done,
        decided=judgement.decided,
        notes=(*judgement.notes, "host_coverage_short"),
    )


def _in_time(
    indicator: str, states_of: Callable[[Request, Facts], list[HostState]]
) -> Callable[[Request, Facts], Reading]:
    """Return the measure of the share of episodes that ended within the limit."""

    def measure(request: Request, facts: Facts) -> Reading:
        window, states = _window(request, facts), states_of(request, facts)
        return attainment(
            indicator,
            request.scope,
            _judged(request, indicator, states, window),
            window,
            source_coverage=_coverage(states, window),
            origin=Origin.MEASURED,
        )

    return measure


def _lag(request: Request, facts: Facts) -> Reading:
    """Lengths of the episodes that ended in the span, and ages of those open at its end."""
    window = _window(request, facts)
    states = host_states(request, facts)
    lengths, still_open = [], 0
    for state in states:
        for episode in state.episodes():
            retired = state.retired is not None and state.retired <= window.end
            if episode.end is not None and episode.end < window.end:
                if episode.end >= window.span.start:
                    lengths.append(episode.end - episode.start)
            elif episode.start < window.end and not retired:
                lengths.append(window.end - episode.start)
                still_open += 1
    statistics = statistics_of(lengths)
    coverage = _coverage(states, window)
    return Reading(
        indicator="patch_lag",
        scope=request.scope,
        unit=Unit.SECONDS,
        value=None if statistics is None else getattr(statistics, request.statistic),
        n=len(lengths),
        statistics=statistics,
        coverage=coverage,
        source_coverage=coverage,
        as_of=window.as_of,
        origin=Origin.MEASURED,
        details={"open": still_open},
        reasons=window_reasons(window),
    )


def host_lines(request: Request, facts: Facts) -> tuple[HostLine, ...]:
    """Return a line per host in scope at the end of the span: patched, pending, overdue or unknown (§6)."""
    window = _window(request, facts)
    end = window.end
    supported = {state.host: state for state in states_of(facts.hosts.support_end, request, facts)}
    lines = []
    for state in host_states(request, facts):
        if state.sighted >= end or (state.retired is not None and state.retired <= end):
            continue
        coverage = state.coverage(window.elapsed) or Fraction(0)
        episode = next((e for e in state.episodes() if e.start < end and (e.end is None or e.end >= end)), None)
        name = "patched"
        if state.line.at(end - 1) is None or coverage < request.min_coverage:
            name = "unknown"
        elif episode is not None:
            is_late = request.limit is not None and end - episode.start > request.limit.seconds
            name = "overdue" if is_late else "pending"
        held = facts.hosts.held.get(state.host, Timeline()).at(end - 1)
        lines.append(
            HostLine(
                state.host,
                name,
                None if episode is None else episode.start,
                coverage,
                is_since_first_seen=episode is not None and state.is_since_first_seen(episode),
                held=None if held is None else int(held),
                support_end=supported[state.host].last_instant(Interval(window.span.start, end)),
            )
        )
    return tuple(lines)


def _patched_hosts(request: Request, facts: Facts) -> Reading:
    """Hosts known at the end and without an episode older than the limit / hosts known; unknown ones apart."""
    window = _window(request, facts)
    lines = host_lines(request, facts)
    unknown = [line.host for line in lines if line.state == "unknown"]
    overdue = [line.host for line in lines if line.state == "overdue"]
    known = len(lines) - len(unknown)
    kept = known - len(overdue)
    return Reading(
        indicator="patched_hosts",
        scope=request.scope,
        unit=Unit.RATIO,
        value=share(kept, known),
        n=known,
        numerator=kept,
        denominator=known,
        coverage=_coverage(host_states(request, facts), window),
        as_of=window.as_of,
        lowest=share(kept, len(lines)),
        highest=share(kept + len(unknown), len(lines)),
        origin=Origin.MEASURED,
        details={"unknown": len(unknown), "hosts": len(lines)},
        reasons=window_reasons(window),
        evidence=(*overdue, *(f"unknown:{h}" for h in unknown)),
    )


INDICATORS = (
    Indicator("patch_lag", Unit.SECONDS, "patching", is_more_better=False, measure=_lag),
    Indicator(
        "patch_in_time",
        Unit.RATIO,
        "patching",
        is_more_better=True,
        measure=_in_time("patch_in_time", host_states),
        is_attainment=True,
    ),
    Indicator(
        "reboot_in_time",
        Unit.RATIO,
        "patching",
        is_more_better=True,
        measure=_in_time("reboot_in_time", reboot_states),
        is_attainment=True,
    ),
    Indicator("patched_hosts", Unit.RATIO, "patching", is_more_better=True, measure=_patched_hosts),
)
