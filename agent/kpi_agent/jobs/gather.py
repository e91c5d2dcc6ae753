"""Load from the store everything that one contract's figures may look at, as known at an instant."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial
from heapq import nlargest
from typing import Any

from kpi_agent.domain.contract import Contract, ContractVersion
from kpi_agent.domain.evaluation import SourceLine
from kpi_agent.domain.export import ImportRecord
from kpi_agent.domain.facts import BackupFacts, Facts, HostFacts, ServiceFacts, window
from kpi_agent.domain.objective_window import window_starts
from kpi_agent.domain.records import SourceRun
from kpi_agent.domain.source import PrometheusSource, Settings, Source, TicketSource
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval, Period, union
from kpi_agent.domain.timeline import Timeline
from kpi_agent.jobs.collect import RESTORE_TESTS, UP
from kpi_agent.jobs.desks import DeskKnown, together
from kpi_agent.jobs.ports import LineStore, RunStore, TicketStore

_Desk = tuple[tuple[Ticket, ...], Mapping[str, int], Mapping[str, int]]
"""Tickets; the lost ones, each with the instant of the last export that held it; kinds that are known less far."""

_ASKED = 20
"""So many tickets of a kind, opened last, stand for all of them: an export of everything holds some."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts, and how well each source was observed in the period."""

    facts: Facts
    sources: tuple[SourceLine, ...]


@dataclass(frozen=True, slots=True)
class Gatherer:
    """Reads the stores for contracts of one configuration."""

    settings: Settings
    tickets: TicketStore
    lines: LineStore
    runs: RunStore
    desk: dict[Any, _Desk] = field(default_factory=dict, compare=False, repr=False)

    def gather(
        self,
        contract: Contract,
        period: Period,
        *,
        now: int,
        newest_import: int | None = None,
        exports_until: int | None = None,
    ) -> Gathered:
        """Return what is known at *now* through imports up to *newest_import* (None: all).

        A close gives *newest_import*. Then metrics count only up to what had time to arrive by *now* (``max_age``), the
        period itself always: a close that is repeated later, when more was collected, gives the same document.
        Of exports, those count whose as-of is not after *exports_until* (None: *now*), whenever they came.
        """
        version = contract.at(min(now, period.end - 1))
        span = period.interval.clip(contract.life)
        facts = Facts()
        sources: list[SourceLine] = []
        desks = self._desks(contract, period, now=now, until=exports_until, newest_import=newest_import)
        if desks:
            starts = window_starts(contract, version, period)
            facts = Facts(tickets=together(desks, span, starts, people=self.settings.people))
            sources += [desk.line(span, now) for desk in desks if desk.is_of(span)]
        settled = {
            name: self._settled(name, period, now, is_closing=newest_import is not None) for name in version.sources
        }
        lines = self._metrics(contract.id, version, settled)
        runs = self.runs.latest(until=now)
        for name in sorted(version.sources):
            source = self.settings.sources[name]
            if isinstance(source, PrometheusSource):
                sources.append(_server_line(source, lines[name], runs.get(name), span, now))
        services, hosts, backups = self._lines(contract.id, version, lines, settled)
        return Gathered(Facts(facts.tickets, services, hosts, backups), tuple(sources))

    def _desks(
        self, contract: Contract, period: Period, *, now: int, until: int | None, newest_import: int | None
    ) -> list[DeskKnown]:
        """Return the desks that the contract has named by the period's end, the present one first.

        An earlier one is no less needed: what was opened while it was the contract's is judged by it.
        """
        last = min(now, period.end - 1)
        if all(v.tickets is None for v, _ in contract.segments(period)):
            return []
        spans: dict[str, list[Interval]] = {}
        for span, scope in contract.ticket_scopes():
            if span.start <= last:
                # The one named last comes last.
                spans[scope.source] = [*spans.pop(scope.source, []), span]
        found = []
        for name in reversed(spans):
            source = self.settings.sources[name]
            if isinstance(source, TicketSource):
                records = self.tickets.imports(name, newest_import=newest_import)
                counted = tuple(r for r in records if r.as_of <= (now if until is None else until))
                tickets, lost, known_until = self._desk(source, counted, among=spans)
                share = partial(self.tickets.share, name)
                found.append(DeskKnown(source, tuple(spans[name]), counted, tickets, lost, share, known_until))
        return found

    def _desk(self, source: TicketSource, records: tuple[ImportRecord, ...], *, among: Collection[str]) -> _Desk:
        """Return what these files tell; the last answer is kept for other periods.

        *among*: the desks of the contract asked for; of others none is kept.
        """
        key = (source.name, source.contains, tuple(r.id for r in records))
        if key not in self.desk:
            known = {
                "newest_import": max((r.id for r in records), default=0),
                "as_of": max((r.as_of for r in records), default=0),
            }
            tickets = self.tickets.tickets(source.name, **known)
            opened = {t.id: t.opened for t in tickets if t.is_open}
            lost = self.tickets.lost(source.name, opened, by_opening=source.contains.what == "opened", **known)
            for other in [k for k in self.desk if k[0] == source.name or k[0] not in among]:
                del self.desk[other]
            self.desk[key] = tickets, lost, self._known_until(source, records, tickets)
        return self.desk[key]

    def _known_until(
        self, source: TicketSource, records: tuple[ImportRecord, ...], tickets: tuple[Ticket, ...]
    ) -> Mapping[str, int]:
        """Return, of each kind that the newest exports do not hold, the instant of the last that did.

        Where requests are exported beside incidents, the newest file of the one says nothing of the other. Only of
        exports of everything: one of a few days may well hold no request.
        """
        complete = {r.id: r.as_of for r in records if not r.is_truncated}
        if source.contains.what != "all" or len(complete) < 2:  # noqa: PLR2004 - one file holds all that is known
            return {}
        newest, found = max(complete.values()), {}
        for kind in sorted({t.kind for t in tickets}):
            latest = nlargest(_ASKED, (t for t in tickets if t.kind == kind), key=lambda t: (t.opened, t.id))
            until = self.tickets.last_held(source.name, [t.id for t in latest], among=complete)
            if until is not None and until < newest:
                found[kind.value] = until
        return found

    def _settled(self, source: str, period: Period, now: int, *, is_closing: bool) -> int:
        return max(period.end, now - self._max_age(source)) if is_closing else now

    def _metrics(
        self, contract: str, version: ContractVersion, settled: Mapping[str, int]
    ) -> dict[str, dict[str, Mapping[str, Timeline]]]:
        """Return every line of the contract by source and signal, each source up to its *settled* instant."""
        found: dict[str, dict[str, Mapping[str, Timeline]]] = {}
        for name in version.sources:
            source = self.settings.sources[name]
            if not isinstance(source, PrometheusSource):
                continue
            past = Interval(0, settled[name])
            wanted = [UP + s.name for s in version.services.values() if s.source == name]
            if version.hosts is not None and version.hosts.source == name:
                wanted += [PENDING, FRESH, REBOOT, RESTORE_TESTS]
            found[name] = {
                signal: {k: line.clip(past) for k, line in self.lines.lines(name, contract, signal).items()}
                for signal in wanted
            }
        return found

    def _lines(
        self,
        contract: str,
        version: ContractVersion,
        lines: dict[str, dict[str, Mapping[str, Timeline]]],
        settled: Mapping[str, int],
    ) -> tuple[dict[str, ServiceFacts], HostFacts, BackupFacts]:
        services = {}
        for service in version.services.values():
            of_source = lines.get(service.source, {})
            line = of_source.get(UP + service.name, {}).get("", Timeline())
            services[service.name] = ServiceFacts(line, _newest(of_source), self._max_age(service.source))
        if version.hosts is None:
            return services, HostFacts(), BackupFacts()
        name = version.hosts.source
        of_source = lines.get(name, {})
        newest, max_age = _newest(of_source), self._max_age(name)
        hosts = HostFacts(
            of_source.get(PENDING, {}), of_source.get(FRESH, {}), newest, max_age, of_source.get(REBOOT, {})
        )
        tests = tuple(t for t in self.lines.restore_tests(name, contract) if t.at <= settled[name])
        return services, hosts, BackupFacts(tests, of_source.get(RESTORE_TESTS, {}), newest, max_age)

    def _max_age(self, name: str) -> int:
        source: Source = self.settings.sources[name]
        return source.max_age


PENDING = "security_pending"
FRESH = "package_data_fresh"
REBOOT = "reboot_required"
"""Names of the pack signals that patching is measured from (config/queries/node.yml)."""


def _newest(lines: Mapping[str, Mapping[str, Timeline]]) -> int | None:
    """Return the newest observed instant of a source; None when nothing was ever observed."""
    ends = (line.runs[-1].end for of_key in lines.values() for line in of_key.values() if line.runs)
    return max(ends, default=None)


def _server_line(
    source: PrometheusSource,
    lines: Mapping[str, Mapping[str, Timeline]],
    run: SourceRun | None,
    span: Interval,
    now: int,
) -> SourceLine:
    """Describe a server by the union of all that was observed through it."""
    newest = _newest(lines)
    part = window(span, now=now, newest=newest, max_age=source.max_age)
    seen = union(i for of_key in lines.values() for line in of_key.values() for i in line.known())
    warnings = (run.detail,) if run is not None and not run.is_ok else ()
    return SourceLine(
        source.name,
        "prometheus",
        part.coverage(seen),
        newest,
        server=None if run is None else run.server,
        warnings=warnings,
    )
