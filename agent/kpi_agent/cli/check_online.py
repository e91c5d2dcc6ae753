"""What ``check --online`` says of each server: who it is, what each signal finds there, and which packs fit it."""

from __future__ import annotations

from collections.abc import Iterable

from kpi_agent.bootstrap.agent import metrics_reader
from kpi_agent.bootstrap.configuration import Configuration
from kpi_agent.cli.session import now
from kpi_agent.cli.terminal import say
from kpi_agent.domain.errors import SourceError
from kpi_agent.domain.source import PrometheusSource
from kpi_agent.jobs.collect import UP
from kpi_agent.jobs.online import Found, found_for_contracts, packs_that_fit

_NAMED = 3  # hosts named where many have the same trouble


def look_at(source: PrometheusSource, configuration: Configuration) -> bool:
    """Print what one server would tell now; return whether it answers and nothing that is asked of it is refused."""
    at = now()
    reader = metrics_reader(source)
    try:
        facts = reader.server(now=at)
        say(
            f"source {source.name}: {facts.flavour} {facts.version}, retention {facts.retention or 'unknown'}, "
            f"clock difference {facts.clock_difference} s"
        )
        found = list(found_for_contracts(source, configuration.contracts, configuration.packs, reader=reader, now=at))
        fitting = packs_that_fit(source, configuration.packs, reader=reader, now=at)
    except SourceError as error:
        say(str(error), is_error=True)
        return False
    for line in _lines(found):
        say(line)
    for name, series in fitting.items():
        say(f"  pack {name} fits too: {series} series; to ask for it, add it to sources.{source.name}.queries")
    troubles = list(_troubles(found))
    for trouble in troubles:
        say(f"source {source.name}: {trouble}", is_error=True)
    for one in found:
        if one.name.startswith(UP) and not one.series and not one.error:
            say(
                f"advice: {one.contract} {one.name}: no series; the service is unknown until there is one",
                is_error=True,
            )
    return not troubles


def _lines(found: Iterable[Found]) -> Iterable[str]:
    contract = None
    for one in found:
        if one.contract != contract:
            contract = one.contract
            yield f"  contract {contract}"
        if not one.error:
            many = "" if one.keys == one.series else f" of {one.keys}"
            yield f"    {one.name:<44} {one.series or 'no':>6} series{many}"


def _troubles(found: Iterable[Found]) -> Iterable[str]:
    for one in found:
        if one.error:
            yield f"{one.contract} {one.name}: {one.error}"
        elif one.rivals:
            names = ", ".join(f"'{name}'" for name in one.rivals[:_NAMED] if name)
            where = f" for {names}" if names else ""
            more = f" and {len(one.rivals) - _NAMED} more" if len(one.rivals) > _NAMED else ""
            yield (
                f"{one.contract} {one.name}: several series{where}{more} where one is wanted; narrow the query by a"
                " label, or combine them"
            )
