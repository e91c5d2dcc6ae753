"""What the servers of a contract told, from the store to facts: sources with their replicas, services, hosts, sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from kpi_agent.domain.contract import Contract, ContractVersion
from kpi_agent.domain.evaluation import SourceLine
from kpi_agent.domain.events import RestoreMethod, RestoreTest
from kpi_agent.domain.facts import (
    AlertFacts,
    BackupFacts,
    CertificateFacts,
    CustomFacts,
    Facts,
    HostFacts,
    ServiceFacts,
    window,
)
from kpi_agent.domain.source import PrometheusSource, QueryPack, Source
from kpi_agent.domain.time import Interval, union
from kpi_agent.domain.timeline import Timeline
from kpi_agent.jobs import signal_lines
from kpi_agent.jobs.collect import ALERTS, FIRING, OBSERVED, RESTORE_TESTS, RULES, UP
from kpi_agent.jobs.ports import LineStore, RunStore
from kpi_agent.jobs.signal_lines import Lines, Told, united


@dataclass(frozen=True, slots=True)
class Measured:
    """What one source and its replicas told of a contract; *stored* by server, then by the name of the line."""

    servers: tuple[PrometheusSource, ...]  # the source itself first
    stored: Mapping[str, Mapping[str, Lines]]
    packs: tuple[QueryPack, ...] = ()
    tests: tuple[RestoreTest, ...] = ()

    @property
    def newest(self) -> int | None:
        """The newest observed instant; None when nothing was ever observed."""
        ends = [end for lines in self.stored.values() if (end := _newest(lines)) is not None]
        return max(ends, default=None)

    @property
    def max_age(self) -> int:
        """How old the newest may be, seconds."""
        return self.servers[0].max_age

    @property
    def told(self) -> Told:
        """What the packs told."""
        return Told(self.stored, self.packs)

    def lines(self, name: str) -> Lines:
        """Return the lines of a name; where two servers differ, the lower value counts."""
        return united([lines.get(name, {}) for lines in self.stored.values()], min)

    def restore_tests(self) -> tuple[RestoreTest, ...]:
        """Return the tests, each once; one that servers tell differently has failed."""
        found: dict[tuple[str, int, RestoreMethod], RestoreTest] = {}
        for test in self.tests:
            known = found.setdefault((test.backup, test.at, test.method), test)
            if known.is_passed and not test.is_passed:
                found[test.backup, test.at, test.method] = test
        return tuple(sorted(found.values(), key=lambda t: (t.at, t.backup, t.method)))

    def source_lines(self, contract: str, runs: RunStore, span: Interval, now: int) -> Iterator[SourceLine]:
        """Yield a line per server, described by the union of all that was observed through it.

        Its troubles are those that reading it met in *span*, or soon after its end, when its last hours were read.
        """
        latest = runs.latest(until=now)
        for server in self.servers:
            lines, run = self.stored[server.name], latest.get(server.name)
            newest = _newest(lines)
            part = window(span, now=now, newest=newest, max_age=server.max_age)
            seen = union(i for of_key in lines.values() for line in of_key.values() for i in line.known())
            yield SourceLine(
                server.name,
                "prometheus",
                part.coverage(seen),
                newest,
                server=None if run is None else run.server,
                troubles=runs.troubles(
                    server.name, contract, Interval(span.start, min(span.end + server.max_age, now + 1))
                ),
            )


def measured(
    contract: Contract,
    version: ContractVersion,
    *,
    servers: Mapping[str, Source],
    packs: Mapping[str, QueryPack],
    stored: LineStore,
    until: Callable[[PrometheusSource], int],
) -> dict[str, Measured]:
    """Return what is known of the contract by the name of each Prometheus source, *until* an instant that it gives."""
    found = {}
    for name in sorted({source for v in contract.versions for source in v.sources}):
        source = servers.get(name)
        if not isinstance(source, PrometheusSource):
            continue
        group = (source, *(s for s in servers.values() if isinstance(s, PrometheusSource) and s.replica_of == name))
        asked = dict.fromkeys(pack for server in group for pack in server.queries)
        is_of_hosts = version.hosts is not None and version.hosts.source == name
        own = tuple(packs[p] for p in asked if p in packs) if is_of_hosts else ()
        past = Interval(0, until(source))
        lines = {
            server.name: {
                line: {key: told.clip(past) for key, told in stored.lines(server.name, contract.id, line).items()}
                for line in _wanted(contract, name, own)
            }
            for server in group
        }
        tests = tuple(
            test
            for server in (group if is_of_hosts else ())
            for test in stored.restore_tests(server.name, contract.id)
            if test.at <= past.end
        )
        found[name] = Measured(group, lines, own, tests)
    return found


def _wanted(contract: Contract, source: str, packs: Sequence[QueryPack]) -> Iterator[str]:
    """Yield the names of the lines that the figures of a contract are made of, in any of its versions."""
    wanted: list[str] = []
    for version in contract.versions:
        wanted += [UP + service.name for service in version.services.values() if service.source == source]
        wanted += version.custom if version.custom_source == source else ()
    wanted += signal_lines.wanted(packs)
    wanted += [line for pack in packs if pack.name == ALERTS for line in (FIRING, OBSERVED, RULES)]
    wanted += [RESTORE_TESTS for pack in packs if pack.name == RESTORE_TESTS]
    yield from dict.fromkeys(wanted)


def with_metrics(facts: Facts, contract: Contract, version: ContractVersion, found: Mapping[str, Measured]) -> Facts:
    """Return the facts with all that was measured; *version* is the one whose hosts count.

    Services and figures of other versions stay known: a month in which one was dropped is judged by what it told.
    """
    services, custom = {}, {}
    for each in (*(v for v in contract.versions if v is not version), version):  # this one's source counts
        for service in each.services.values():
            if service.source in found:
                told = found[service.source]
                line = told.lines(UP + service.name).get("", Timeline())
                services[service.name] = ServiceFacts(line, told.newest, told.max_age)
        if (asked := found.get(each.custom_source or "")) is not None:
            for name in each.custom:
                custom[name] = CustomFacts(asked.lines(name).get("", Timeline()), asked.newest, asked.max_age)
    facts = replace(facts, services=services, custom=custom)
    return facts if version.hosts is None else _with_hosts(facts, version, found[version.hosts.source])


def _with_hosts(facts: Facts, version: ContractVersion, found: Measured) -> Facts:
    told, newest, max_age = found.told, found.newest, found.max_age
    hosts = HostFacts(
        pending=told.lines(signal_lines.PENDING),
        reboot=told.lines(signal_lines.REBOOT),
        sighted=told.sightings(),
        newest=newest,
        max_age=max_age,
        support_end=told.lines(signal_lines.SUPPORT_END),
        held=told.lines(signal_lines.HELD),
    )
    parts = told.lines(signal_lines.BACKUP)
    good = {
        name: tuple(line for part, line in parts.items() if terms.has_part(part))
        for name, terms in version.backups.items()
    }
    backups = BackupFacts(found.restore_tests(), found.lines(RESTORE_TESTS), newest, max_age, good)
    certificates = CertificateFacts(told.lines(signal_lines.CERTIFICATE), newest, max_age)
    alerts = _alerts(found.stored, newest, max_age)
    return replace(facts, hosts=hosts, backups=backups, certificates=certificates, alerts=alerts)


def _alerts(stored: Mapping[str, Mapping[str, Lines]], newest: int | None, max_age: int) -> AlertFacts:
    """Return what any of the servers told of alerts; a rule that two tell has a runbook where both say so."""
    of = {line: [lines.get(line, {}) for lines in stored.values()] for line in (FIRING, OBSERVED, RULES)}
    rules = dict(united(of[RULES], min))
    return AlertFacts(
        firing=united(of[FIRING], max),
        watched=united(of[OBSERVED], max).get("rules", Timeline()),
        rules={rule: line for rule, line in rules.items() if rule},
        told=united(of[RULES], max).get("", Timeline()),
        newest=newest,
        max_age=max_age,
    )


def _newest(lines: Mapping[str, Lines]) -> int | None:
    """Return the newest observed instant of a server; None when nothing was ever observed."""
    ends = (line.runs[-1].end for of_key in lines.values() for line in of_key.values() if line.runs)
    return max(ends, default=None)
