"""How long the newest good backup was young enough (indicators.md §7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.attainment import window_reasons
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.reading import Origin, Reading, Unit, share
from kpi_agent.domain.time import MINUTE, Interval, difference, intersection, total, union
from kpi_agent.domain.timeline import Run, Timeline

_CLOCKS_DIFFER = 5 * MINUTE  # a backup this far after its own observation is a wrong unit or a wrong clock


@dataclass(frozen=True, slots=True)
class Protection:
    """Of one set in a stretch: seconds with a backup younger than the RPO, without one, and in all."""

    backup: str
    good: int
    bad: int
    whole: int

    @property
    def value(self) -> Fraction | None:
        """The share of the known seconds that were protected, None when none is known."""
        return share(self.good, self.good + self.bad)


def protection(backup: str, lines: Sequence[Timeline], rpo: int, span: Interval) -> Protection:
    """Return how a set was protected; each of its *lines* must be, and one that is not suffices to say that it was not.

    A line's values are the ends of good backups: each protects from there for *rpo* seconds, seen or not, until a
    smaller value shows that it is gone. Seconds that nothing protects are bad where the line was observed.
    """
    parts = [_line(line, rpo, span) for line in lines]
    bad = union(i for _, without in parts for i in without)
    good: tuple[Interval, ...] = parts[0][0] if parts else ()
    for protected, _ in parts[1:]:
        good = intersection(good, protected)
    return Protection(backup, total(good), total(bad), span.seconds)


def newest_good(lines: Sequence[Timeline], span: Interval) -> int | None:
    """Return the instant of the newest good backup that was known at the end of *span*.

    Of several *lines* the oldest one counts. None where there is no line, or one knows of no backup.
    """
    told = [[run for run in _credible(line) if run.start < span.end] for line in lines]
    ends = [int(runs[-1].value) if runs else 0 for runs in told]
    return min(ends, default=0) or None


def _credible(line: Timeline) -> list[Run]:
    return [run for run in line.runs if run.value <= run.start + _CLOCKS_DIFFER]


def _line(line: Timeline, rpo: int, span: Interval) -> tuple[tuple[Interval, ...], tuple[Interval, ...]]:
    """Return the stretches of *span* that one line shows protected, and those that it shows without protection."""
    runs = _credible(line)
    protected = intersection(
        union(
            Interval(int(r.value), min(int(r.value) + rpo, _gone(runs, n))) for n, r in enumerate(runs) if r.value > 0
        ),
        [span],
    )
    observed = intersection(union(run.interval for run in runs), [span])
    return protected, difference(observed, protected)


def _gone(runs: Sequence[Run], place: int) -> int:
    """Return when the backup of a run is seen to be gone; never, where no smaller value follows."""
    value = runs[place].value
    return next((run.start for run in runs[place + 1 :] if run.value < value), 2**62)


def _measure(request: Request, facts: Facts) -> Reading:
    """The share of the worst set, or of the one in scope."""
    window = request.window(facts.backups.newest, facts.backups.max_age)
    wanted = request.scope.backup
    found = [
        protection(name, facts.backups.good.get(name, ()), terms.rpo, window.elapsed)
        for name, terms in sorted(request.version.backups.items())
        if terms.rpo is not None and wanted in {None, name}
    ]
    known = [p for p in found if p.value is not None]
    worst = min(known, key=lambda p: (p.value, p.backup), default=None)
    short = sorted((p for p in known if p.bad), key=lambda p: (p.value, p.backup))
    return Reading(
        indicator="backup_rpo",
        scope=request.scope,
        unit=Unit.RATIO,
        value=None if worst is None else worst.value,
        n=len(known),
        numerator=0 if worst is None else worst.good,
        denominator=0 if worst is None else worst.good + worst.bad,
        coverage=min((share(p.good + p.bad, p.whole) or Fraction(0) for p in found), default=Fraction(0)),
        as_of=window.as_of,
        lowest=min((share(p.good, p.whole) or Fraction(0) for p in found), default=None),
        highest=min((share(p.whole - p.bad, p.whole) or Fraction(0) for p in found), default=None),
        origin=Origin.MEASURED,
        details={"sets": len(found), "untold": len(found) - len(known)},
        reasons=window_reasons(window),
        evidence=tuple(p.backup for p in short),
    )


INDICATORS = (Indicator("backup_rpo", Unit.RATIO, "backups", is_more_better=True, measure=_measure),)
