"""Pull the signals of every contract from one Prometheus, from the last observed instant on (architecture.md §4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.errors import SourceError, SourceRejected
from kpi_agent.domain.observation import MOST_CLOCK_DIFFERENCE, ServerFacts, SignalObservation
from kpi_agent.domain.records import SourceRun, Trouble
from kpi_agent.domain.source import PrometheusSource, QueryPack, Signal
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval, to_utc_text
from kpi_agent.jobs.ports import LineStore, MetricsReader, RunStore

# The first collection asks for this much before the contract begins: what was pending then, and earlier restore tests.
_BEFORE_CONTRACT = 92 * DAY
_FURTHEST = 400 * DAY
# Read a little again: some servers show a sample only after a while (VictoriaMetrics hides the last 30 s).
_OVERLAP = 10 * MINUTE
_LONGEST_DAY = 25 * HOUR

RESTORE_TESTS = "restore-tests"
"""Name of the pack whose signals are read together as events, and of the line that says when they could be seen."""

ALERTS = "alerts"
"""Name of the pack that tells alerts; the server's list of rules is read beside it."""

FIRING, OBSERVED, RULES = f"{ALERTS}/alerts_firing", f"{ALERTS}/alerts_observed", f"{ALERTS}/alert_rules"
"""Lines of alerts: by label set, when they could be told, and the alerting rules (without key: how many)."""

UP = "up/"
"""Prefix of the line that observes a service: ``up/portal``."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One line to read for one contract; its signal bears the name of the line.

    *pack* is set when a whole pack is read as events, *timezone* when a figure is read at the end of each local day,
    *fault* when a pack cannot be asked.
    """

    contract: str
    signal: Signal
    matcher: str
    pack: QueryPack | None = None
    since: int = 0
    timezone: str | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Collected:
    """What one source brought: signals read, keys seen, samples, what failed, and what is doubtful."""

    source: str
    signals: int
    lines: int
    samples: int
    failures: tuple[Trouble, ...]
    warnings: tuple[Trouble, ...]


def signals_for(
    source: PrometheusSource, contracts: Mapping[str, Contract], packs: Mapping[str, QueryPack], *, now: int
) -> Iterator[Asked]:
    """Yield what to ask of *source*, or of what it replicates: the up line of each service, the contract's own figures,
    and the packs' signals of each contract's hosts.

    Nothing yet for a contract that begins more than 92 days after *now*.
    """
    for contract in contracts.values():
        since = max(contract.life.start - _BEFORE_CONTRACT, now - _FURTHEST)
        if since >= now:
            continue
        version = contract.at(now)
        hosts = version.hosts if version.hosts is not None and version.hosts.source == source.stands_for else None
        matcher = "" if hosts is None else hosts.matcher
        for service in version.services.values():
            if service.source == source.stands_for:
                yield Asked(contract.id, Signal(UP + service.name, service.up, key=""), "", since=since)
        for name, objective in version.custom.items():
            if version.custom_source == source.stands_for:
                signal = Signal(name, objective.query, key="", every=DAY)
                # The contract's own words are asked as they are: the matcher only where they have a place for it.
                within = matcher if "$matchers" in objective.query else ""
                yield Asked(contract.id, signal, within, since=contract.life.start, timezone=version.timezone)
        for pack in (packs[name] for name in source.queries) if hosts is not None else ():
            yield from _of_pack(pack, contract.id, matcher, since)


def _of_pack(pack: QueryPack, contract: str, matcher: str, since: int) -> Iterator[Asked]:
    if pack.fault:
        yield Asked(contract, Signal(pack.name, "", key=""), matcher, fault=pack.fault)
    elif pack.name == RESTORE_TESTS:
        yield Asked(contract, Signal(RESTORE_TESTS, "", key="backup"), matcher, pack, since)
    else:
        if pack.name == ALERTS:  # first: it tells how often each rule is evaluated
            yield Asked(contract, Signal(RULES, "", key=""), matcher, since=since)
        for signal in pack.signals:
            yield Asked(contract, replace(signal, name=pack.line_of(signal)), matcher, since=since)


def collect(
    source: PrometheusSource,
    asked: Sequence[Asked],
    *,
    reader: MetricsReader,
    lines: LineStore,
    runs: RunStore,
    now: int,
    since: int | None = None,
) -> Collected:
    """Read and store every signal; one that fails is named and the others go on. Notes the run for ``status``.

    *since* re-reads from that instant instead of from the last observation.
    """
    failures: list[Trouble] = []
    warnings: list[Trouble] = []
    count = keys = samples = 0
    server = None
    try:
        server = reader.server(now=now)
    except SourceError as error:
        failures.append(Trouble("", str(error)))
    else:
        failures += _clock_trouble(server)
    for item in asked if server is not None else ():
        observation = None
        try:
            observation = _read(item, source, reader, lines, now=now, since=since)
        except SourceError as error:
            # A broken pack is one trouble, however many contracts it is asked for.
            failed = Trouble("" if item.fault else item.contract, _told(item, str(error)))
            failures += [failed] if failed not in failures else []
        if observation is None:
            continue
        warnings += [Trouble(item.contract, _told(item, text)) for text in observation.warnings]
        failures += _silence(item, source, observation, lines)
        lines.record(source.name, item.contract, observation, now=now)
        count, keys, samples = count + 1, keys + len(observation.lines), samples + observation.samples
    summary = f"{count} signals, {keys} lines"
    if failures:
        summary = str(failures[0]) if server is None else f"{summary}, {len(failures)} in trouble"
    runs.note(
        SourceRun(
            source=source.name,
            started=now,
            finished=now,
            is_ok=not failures,
            detail=summary,
            # It answers: what is wrong with some signals makes it no late source.
            last_ok=now if count or not failures else None,
            server=None if server is None else str(server),
            clock_difference=None if server is None else server.clock_difference,
            troubles=tuple(dict.fromkeys([*failures, *warnings])),
        )
    )
    return Collected(source.name, count, keys, samples, tuple(failures), tuple(warnings))


def _read(
    item: Asked, source: PrometheusSource, reader: MetricsReader, lines: LineStore, *, now: int, since: int | None
) -> SignalObservation:
    """Return what a signal brought; raises SourceRejected for what must not be stored."""
    if item.fault:
        raise SourceRejected(f"the query pack is left out: {item.fault}")
    observation = _observe(item, reader, _window(item, source, lines, now=now, since=since))
    if observation.is_partial:
        # Some of the server's data was out of reach: what is missing would look like what never was.
        raise SourceRejected(f"partial answer, not stored: {'; '.join(observation.warnings)}")
    return observation


def _told(item: Asked, text: str) -> str:
    """Return a sentence on a signal, which names it once."""
    return f"{item.signal.name}: {text.removeprefix(f'signal {item.signal.name}: ')}"


def _clock_trouble(server: ServerFacts) -> Iterator[Trouble]:
    off = server.clock_difference
    if abs(off) > MOST_CLOCK_DIFFERENCE:
        way = "ahead of" if off > 0 else "behind"
        # To the minute: what is said again and again is to be the same.
        yield Trouble("", f"the server's clock is {abs(off) // 60} min or more {way} ours: nothing is closed by it")


def _silence(
    item: Asked, source: PrometheusSource, observation: SignalObservation, lines: LineStore
) -> Iterator[Trouble]:
    """Yield a trouble when a signal that once told something has told nothing of anything for ``max_age``.

    Where absence says something (no update pending, no alert firing) it is no trouble.
    """
    if item.signal.is_absence_zero or item.signal.name in {FIRING, RULES}:
        return
    ends = [line.runs[-1].end for line in observation.lines.values() if line.runs]
    last = max(ends) if ends else lines.last_told(source.name, item.contract, item.signal.name)
    longest = source.max_age if item.timezone is None else source.max_age + _LONGEST_DAY
    if last is not None and observation.window.end - last > longest:
        text = f"tells nothing since {to_utc_text(last)}, unknown from then on: has an upgrade renamed the metric?"
        yield Trouble(item.contract, _told(item, text))


def _window(item: Asked, source: PrometheusSource, lines: LineStore, *, now: int, since: int | None) -> Interval:
    if item.signal.name == RULES:
        # Rules are told as they are now. Read again soon, they are taken to have been so in between; else just now.
        last = lines.observed_until(source.name, item.contract, RULES)
        is_recent = last is not None and now - 2 * source.every <= last < now
        return Interval(last if is_recent and last is not None else now - 1, now)
    if since is not None:
        return Interval(since, now)
    last = lines.observed_until(source.name, item.contract, item.signal.name)
    start = item.since if last is None else max(item.since, last - _OVERLAP)
    return Interval(min(start, now), now)


def _observe(item: Asked, reader: MetricsReader, window: Interval) -> SignalObservation:
    if item.timezone is not None:
        return reader.daily(item.signal, item.matcher, window, item.timezone)
    if item.pack is not None:
        return reader.restore_tests({s.name: s for s in item.pack.signals}, item.matcher, window)
    if item.signal.name == RULES:
        return reader.rules(RULES, item.matcher, window)
    if item.signal.name == FIRING:
        return reader.alerts(item.signal, item.matcher, window)
    return reader.observe(item.signal, item.matcher, window)
