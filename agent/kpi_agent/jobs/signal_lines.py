"""What several packs and replicas tell of one signal, as one line per host or backup set (indicators.md §5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kpi_agent.domain.source import QueryPack, Signal
from kpi_agent.domain.time import difference, union
from kpi_agent.domain.timeline import Timeline, believed, combine

PENDING = "security_pending"
HELD = "security_held"
REBOOT = "reboot_required"
SUPPORT_END = "support_end"
BACKUP = "backup_last_success"
CERTIFICATE = "certificate_expiry"
"""Names of the signals that figures are made of; any pack may have them (config/queries)."""

OF_HOSTS = (PENDING, REBOOT, SUPPORT_END, "package_data_fresh", "host_seen")
"""Signals of which any one proves that there is such a host."""

Lines = Mapping[str, Timeline]
"""By host or set."""

_HIGHER_IS_WORSE = frozenset({PENDING, HELD, REBOOT})  # of others (1 is good; instants) the lower value is


@dataclass(frozen=True, slots=True)
class Told:
    """What servers told of one contract: *stored* by server, then by the name of the line."""

    stored: Mapping[str, Mapping[str, Lines]]
    packs: Sequence[QueryPack]

    def lines(self, signal: str) -> Lines:
        """Return what is believed of a signal: known beats unknown, and of two that disagree the worse counts."""
        worse = max if signal in _HIGHER_IS_WORSE else min
        return united([self._believed(pack, s) for pack, s in self._named(signal)], worse)

    def sightings(self) -> Mapping[str, int]:
        """Return every host of which anything was ever observed, with the first instant."""
        found: dict[str, int] = {}
        for signal in OF_HOSTS:
            for pack, one in self._named(signal):
                for of_server in self.stored.values():
                    for host, line in of_server.get(pack.line_of(one), {}).items():
                        if line.runs:
                            found[host] = min(found.get(host, line.runs[0].start), line.runs[0].start)
        return found

    def _named(self, signal: str) -> Iterator[tuple[QueryPack, Signal]]:
        return ((pack, s) for pack in self.packs for s in pack.signals if s.name == signal)

    def _believed(self, pack: QueryPack, signal: Signal) -> Lines:
        raw = self._raw(pack, signal)
        if not signal.fresh:
            return raw
        gates = [self._raw(pack, s) for name in signal.fresh for s in pack.signals if s.name == name]
        found = {}
        for key in sorted(raw.keys() | gates[0].keys()):
            first, *others = (gate.get(key, Timeline()) for gate in gates)
            denied = union(stretch for other in others for stretch in other.where(lambda v: v < 1))
            fresh = difference(first.where(lambda v: v >= 1), denied)
            found[key] = believed(raw.get(key, Timeline()), fresh, is_absence_zero=signal.is_absence_zero)
        return found

    def _raw(self, pack: QueryPack, signal: Signal) -> Lines:
        worse = max if signal.name in _HIGHER_IS_WORSE else min
        return united([of_server.get(pack.line_of(signal), {}) for of_server in self.stored.values()], worse)


def wanted(packs: Sequence[QueryPack]) -> Iterator[str]:
    """Yield the names of the lines that figures are made of, those that say whether they are fresh included."""
    for pack in packs:
        named = {s.name: s for s in pack.signals}
        for name in (*OF_HOSTS, HELD, BACKUP, CERTIFICATE):
            if name in named:
                yield pack.line_of(named[name])
                yield from (pack.line_of(named[other]) for other in named[name].fresh)


def united(several: Sequence[Lines], worse: Callable[[Sequence[Fraction]], Fraction]) -> Lines:
    """Return one line per key: known beats unknown, and where two lines differ *worse* chooses."""
    if len(several) == 1:
        return several[0]
    by_key: dict[str, list[Timeline]] = {}
    for lines in several:
        for key, line in lines.items():
            by_key.setdefault(key, []).append(line)
    return {key: combine(lines, worse) for key, lines in sorted(by_key.items())}
