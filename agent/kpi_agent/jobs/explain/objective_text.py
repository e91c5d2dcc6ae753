"""An objective's explanation as text of at most 80 columns, in the contract's zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from textwrap import wrap
from zoneinfo import ZoneInfo

from kpi_agent.domain.evaluation import SourceLine
from kpi_agent.domain.reading import Reading, Unit
from kpi_agent.domain.time import zone
from kpi_agent.domain.verdict import Judgement, Verdict
from kpi_agent.jobs.explain.explainer import ObjectiveAnswer
from kpi_agent.jobs.explain.objective import ObjectiveExplanation
from kpi_agent.jobs.explain.ticket_text import duration, local

_LISTED = 10  # tickets told one by one; of more, the ids alone
_WIDTH = 78
_TIMES = {
    "T": "service hours (T)",
    "P": "planned maintenance (P)",
    "U": "not observed (U)",
    "D": "down (D)",
    "longest": "longest outage",
    "planned_down": "down while planned",
    "over_cap": "maintenance over the cap",
    "late": "announced too late",
    "raw_known": "observed, round the clock",
    "raw_up": "up, round the clock",
    "remaining": "service hours to come",
    "granted_ahead": "planned, to come",
    "wall_max": "longest, wall clock",
    "wall_median": "median, wall clock",
}
"""Details of readings that are seconds, in words."""

_SPLIT = (
    (Verdict.BREACHED, "breached"),
    (Verdict.MET, "met"),
    (Verdict.UNDETERMINED, "undetermined"),
    (Verdict.RUNNING, "running"),
    (Verdict.NOT_JUDGED, "not judged"),
)


def objective_lines(answer: ObjectiveAnswer, definition: str) -> Iterator[str]:
    """Yield what stands behind an objective; *definition* is its indicator in words."""
    first, tz = answer.parts[0], zone(answer.contract.timezone)
    yield f"{first.commitment.objective.id}  (contract {answer.contract.id}, {first.evaluation.period.id})"
    if answer.frozen is not None:
        yield f"  closed      revision {answer.frozen.revision}, with what was known {local(first.evaluation.now, tz)}"
    else:
        yield f"  preview     with what is known {local(first.evaluation.now, tz)}"
    if answer.is_ticket_too:
        yield "  a ticket has this id too; its report is not shown here"
    for line in wrap(definition, _WIDTH - 14):
        yield f"  {'':<11} {line}"
    for part in answer.parts:
        yield ""
        yield from _part_lines(part, tz)
    yield ""
    yield "known from"
    for source in first.evaluation.sources:
        yield from _source_lines(source, tz)


def _part_lines(part: ObjectiveExplanation, tz: ZoneInfo) -> Iterator[str]:
    one, reading = part.commitment, part.commitment.reading
    version = part.evaluation.segments[one.segment].version
    scope = ", ".join(f"{k} {v}" for k, v in one.objective.scope.as_dict().items()) or "the whole contract"
    yield f"{one.objective.indicator} of {scope}, contract version of {version.effective_from}"
    yield f"  from        {local(part.span.start, tz)}"
    yield f"  to          {local(part.span.end, tz)}"
    if one.limit_seconds is not None:
        yield f"  limit       {duration(one.limit_seconds)}"
    yield f"  target      {one.objective.target.text}"
    yield f"  value       {_value(reading)}"
    yield f"  coverage    {_share(reading.coverage)}, at least {_share(one.objective.min_coverage)} is asked"
    why = f" ({', '.join(w.replace('_', ' ') for w in one.why)})" if one.why else ""
    yield f"  outcome     {one.outcome.value.replace('_', ' ')}{why}"
    if one.reserve is not None:
        lowest, highest = _share(one.reserve.lowest), _share(one.reserve.highest)
        yield f"  reserve     between {lowest} and {highest}, by what was not observed"
    for verdict, word in _SPLIT:
        if found := part.judged.get(verdict):
            yield from _judged_lines(word, found, tz)
    if part.timed:
        yield from _judged_lines("timed", sorted(part.timed, key=lambda j: -(j.elapsed or 0)), tz)
    for outage in part.outages:
        yield f"  down        {local(outage.start, tz)} to {local(outage.end, tz)}"
    yield from _detail_lines(part)
    for name, ids in part.counted.items():
        yield f"  {name}: {len(ids)}"
        yield from _ids(ids)


def _detail_lines(part: ObjectiveExplanation) -> Iterator[str]:
    """Yield the numbers beside the figure, less those whose tickets are named."""
    for name, value in sorted(part.commitment.reading.details.items()):
        if name in _TIMES:
            yield f"  {_TIMES[name]:<25} {duration(value)}"
        elif name not in part.counted:
            yield f"  {name.replace('_', ' '):<25} {value}"


def _judged_lines(word: str, found: Sequence[Judgement], tz: ZoneInfo) -> Iterator[str]:
    yield f"  {word}: {len(found)}"
    if len(found) > _LISTED:
        yield from _ids([j.subject for j in found])
        return
    for one in found:
        yield f"    {one.subject:<12} {_fate(one, tz)}"


def _fate(one: Judgement, tz: ZoneInfo) -> str:
    elapsed = "" if one.elapsed is None else f", {duration(one.elapsed)}"
    if one.done is not None:
        return f"done {local(one.done, tz)}{elapsed}"
    if one.deadline is not None:
        return f"not done, deadline {local(one.deadline, tz)}"
    return "no limit"


def _ids(ids: Sequence[str]) -> Iterator[str]:
    for line in wrap(", ".join(ids), _WIDTH - 4, break_long_words=False, break_on_hyphens=False):
        yield f"    {line}"


def _value(reading: Reading) -> str:
    if reading.value is None:
        return "nothing measured"
    if reading.unit is Unit.RATIO:
        return f"{reading.numerator} of {reading.denominator} = {_share(reading.value)}"
    if reading.unit is Unit.SECONDS:
        return f"{duration(int(reading.value))}, n = {reading.n}"
    if reading.unit is Unit.MONEY:
        cents = int(reading.value * 100)
        return f"{cents // 100}.{cents % 100:02}, {duration(reading.details['seconds'])} worked, n = {reading.n}"
    return f"{reading.value}"


def _share(value: Fraction) -> str:
    """Return a share in percent, cut after three digits: never more than it is."""
    thousandths = int(value * 100_000)
    return f"{thousandths // 1000}.{thousandths % 1000:03}".rstrip("0").rstrip(".") + "%"


def _source_lines(source: SourceLine, tz: ZoneInfo) -> Iterator[str]:
    as_of = "never observed" if source.as_of is None else f"known up to {local(source.as_of, tz)}"
    yield f"  {source.name}: {_share(source.coverage)} of the period, {as_of}"
    for file in source.files:
        yield f"    {file.name}: {file.rows} rows, {file.rejected} rejected"
