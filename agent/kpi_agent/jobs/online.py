"""What a server would tell if it were asked now: which signals find series, and which query packs fit it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kpi_agent.domain.contract import Contract
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.source import PrometheusSource, QueryPack, Signal
from kpi_agent.jobs.collect import RESTORE_TESTS, RULES, Asked, signals_for
from kpi_agent.jobs.ports import MetricsReader


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one signal: series, hosts or sets (*keys*), those of them with several series, or an error."""

    contract: str | None  # None: of any contract, asked without its matcher
    name: str
    series: int = 0
    keys: int = 0
    rivals: tuple[str, ...] = ()
    error: str = ""


def found_for_contracts(
    source: PrometheusSource,
    contracts: Mapping[str, Contract],
    packs: Mapping[str, QueryPack],
    *,
    reader: MetricsReader,
    now: int,
) -> Iterator[Found]:
    """Yield what each signal that is asked of the source finds, in the order in which they are asked."""
    for item in signals_for(source, contracts, packs, now=now):
        if item.fault:
            yield Found(item.contract, item.signal.name, error=item.fault)
        elif item.pack is not None:
            yield from (_look(item, reader, now, signal) for signal in item.pack.signals)
        elif item.signal.name != RULES:  # no query, but a page of the server
            yield _look(item, reader, now, item.signal)


def packs_that_fit(
    source: PrometheusSource, packs: Mapping[str, QueryPack], *, reader: MetricsReader, now: int
) -> Mapping[str, int]:
    """Return, of the packs that the source is not asked for, those that find anything, with the number of series."""
    found = {}
    for name, pack in sorted(packs.items()):
        if name not in source.queries:
            series = sum(_look(Asked("", signal, ""), reader, now, signal).series for signal in pack.signals)
            if series:
                found[name] = series
    return found


def _look(item: Asked, reader: MetricsReader, now: int, signal: Signal) -> Found:
    name = f"{RESTORE_TESTS}/{signal.name}" if item.pack is not None else signal.name
    try:
        present = reader.present(signal, item.matcher, now=now)
    except SourceRejected as error:
        return Found(item.contract, name, error=str(error))
    # Restore tests have a series for each method.
    is_one = signal.combine is None and item.pack is None
    rivals = tuple(sorted(key for key, count in present.items() if count > 1)) if is_one else ()
    return Found(item.contract, name, sum(present.values()), len(present), rivals)
