"""Load from the store everything that one contract's figures may look at, as known at an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from kpi_agent.domain.contract import Contract, ContractVersion
from kpi_agent.domain.evaluation import ImportedFile, SourceLine
from kpi_agent.domain.export import ImportRecord, observed
from kpi_agent.domain.facts import BackupFacts, Facts, HostFacts, ServiceFacts, TicketFacts, window
from kpi_agent.domain.objective_window import window_starts
from kpi_agent.domain.records import SourceRun
from kpi_agent.domain.source import PrometheusSource, Settings, Source, TicketSource
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval, Period, difference, intersection, union
from kpi_agent.domain.timeline import Timeline
from kpi_agent.jobs.collect import RESTORE_TESTS, UP
from kpi_agent.jobs.ports import LineStore, RunStore, TicketStore


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
    desk: dict[Any, tuple[tuple[Ticket, ...], Mapping[str, int]]] = field(
        default_factory=dict, compare=False, repr=False
    )

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
        if version.tickets is not None:
            source = self.settings.sources[version.tickets.source]
            if isinstance(source, TicketSource):
                until = now if exports_until is None else exports_until
                known, records = self._tickets(source, span, until=until, newest_import=newest_import)
                complete = [r for r in records if not r.is_truncated]
                starts = window_starts(contract, version, period)
                since = {start: _told(complete, Interval(start, span.end)) for start in starts}
                known = replace(known, told_since=since)
                facts = Facts(tickets=known)
                sources.append(_desk_line(source, known, records, span, now))
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

    def _tickets(
        self, source: TicketSource, span: Interval, *, until: int, newest_import: int | None
    ) -> tuple[TicketFacts, tuple[ImportRecord, ...]]:
        records = tuple(r for r in self.tickets.imports(source.name, newest_import=newest_import) if r.as_of <= until)
        tickets, lost = self._desk(source, records)
        since = source.since
        if since is None:
            since = min((t.opened for t in tickets), default=None)
        complete = tuple(r for r in records if not r.is_truncated)
        seen = () if since is None else union(observed(complete, since))
        newest = max((r.as_of for r in complete), default=None)
        told = _told(complete, span)
        people = self.settings.people
        return TicketFacts(tickets, seen, newest, source.max_age, told, lost, people=people), records

    def _desk(
        self, source: TicketSource, records: tuple[ImportRecord, ...]
    ) -> tuple[tuple[Ticket, ...], Mapping[str, int]]:
        """Return the tickets that these files tell, and the lost ones; the last answer is kept for other periods."""
        key = (source.name, source.contains, tuple(r.id for r in records))
        if key not in self.desk:
            known = {
                "newest_import": max((r.id for r in records), default=0),
                "as_of": max((r.as_of for r in records), default=0),
            }
            tickets = self.tickets.tickets(source.name, **known)
            opened = {t.id: t.opened for t in tickets if t.is_open}
            lost = self.tickets.lost(source.name, opened, by_opening=source.contains.what == "opened", **known)
            self.desk.clear()
            self.desk[key] = tickets, lost
        return self.desk[key]

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
                wanted += [PENDING, FRESH, RESTORE_TESTS]
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
        hosts = HostFacts(of_source.get(PENDING, {}), of_source.get(FRESH, {}), newest, max_age)
        tests = tuple(t for t in self.lines.restore_tests(name, contract) if t.at <= settled[name])
        return services, hosts, BackupFacts(tests, of_source.get(RESTORE_TESTS, {}), newest, max_age)

    def _max_age(self, name: str) -> int:
        source: Source = self.settings.sources[name]
        return source.max_age


PENDING = "security_pending"
FRESH = "package_data_fresh"
"""Names of the pack signals that patching is measured from (config/queries/node.yml)."""


def _told(records: Sequence[ImportRecord], span: Interval) -> Fraction:
    """Return the share of rows that could be trusted, in the newest exports that cover *span* between them.

    A rejected row is a ticket that nobody has seen: it may be one that would lose the month.
    """
    rows = rejected = 0
    left: tuple[Interval, ...] = (span,)
    for record in sorted(records, key=lambda r: (r.as_of, r.id), reverse=True):
        start = span.start if record.observed_from is None else record.observed_from
        stretch = [Interval(start, record.as_of)]
        if not intersection(left, stretch):
            continue
        left = difference(left, stretch)
        rows, rejected = rows + record.rows, rejected + record.rejected
    return Fraction(rows - rejected, rows) if rows else Fraction(1)


def _newest(lines: Mapping[str, Mapping[str, Timeline]]) -> int | None:
    """Return the newest observed instant of a source; None when nothing was ever observed."""
    ends = (line.runs[-1].end for of_key in lines.values() for line in of_key.values() if line.runs)
    return max(ends, default=None)


def _desk_line(
    source: TicketSource, known: TicketFacts, records: tuple[ImportRecord, ...], span: Interval, now: int
) -> SourceLine:
    part = window(span, now=now, newest=known.newest, max_age=source.max_age)
    reasons: dict[str, int] = {}
    for record in records:
        for reason, count in record.rejected_by_reason.items():
            reasons[reason] = reasons.get(reason, 0) + count
    files = tuple(
        ImportedFile(r.file, r.sha256, r.rows, r.rejected, r.as_of, r.is_truncated)
        for r in sorted(records, key=lambda r: (r.as_of, r.file))
    )
    return SourceLine(
        source.name, "tickets", part.coverage(known.observed), known.newest, files, rejected_by_reason=reasons
    )


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
