"""Backups proved by restoring them (indicators.md §7)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from fractions import Fraction

from kpi_agent.domain.calendar import FOREVER
from kpi_agent.domain.evaluation import BackupLine
from kpi_agent.domain.events import RestoreTest
from kpi_agent.domain.facts import Facts, Window
from kpi_agent.domain.indicators.attainment import window_reasons
from kpi_agent.domain.indicators.recovery_point import newest_good, protection
from kpi_agent.domain.indicators.request import Indicator, Request
from kpi_agent.domain.reading import Origin, Reading, Unit, share


def _window(request: Request, facts: Facts) -> Window:
    return request.window(facts.backups.newest, facts.backups.max_age)


def _sets(request: Request) -> list[str]:
    """Return the backup sets in scope, by name."""
    wanted = request.scope.backup
    return sorted(name for name in request.version.backups if wanted is None or name == wanted)


def unsaved_hosts(request: Request, facts: Facts) -> tuple[str, ...] | None:
    """Return the hosts in scope at the end that no backup set holds and the contract does not exempt, by name.

    None where no set says which hosts it holds: nobody can tell then.
    """
    version, hosts = request.version, facts.hosts
    held = [glob for terms in version.backups.values() for glob in terms.hosts]
    if not held:
        return None
    end = request.window(hosts.newest, hosts.max_age).end
    globs = [glob.casefold() for glob in (*held, *version.not_backed_up)]
    retired = {} if version.hosts is None else version.hosts.retired
    return tuple(
        host
        for host, sighted in sorted(hosts.sighted.items())
        if sighted < end < retired.get(host, FOREVER) and not any(fnmatchcase(host.casefold(), g) for g in globs)
    )


def _tests(request: Request, facts: Facts) -> list[RestoreTest]:
    """Return the tests that count, of the sets in scope, oldest first."""
    sets = set(_sets(request))
    return sorted((t for t in facts.backups.tests if t.counts and t.backup in sets), key=lambda t: (t.at, t.backup))


def _coverage(facts: Facts, window: Window) -> Fraction:
    """The share of the elapsed stretch in which any set's tests could be seen.

    A set that was never tested has no series, so the sets are taken together: one visible line proves that results
    would be seen. Without any line nothing is known, and nothing is claimed.
    """
    return window.coverage(tuple(i for line in facts.backups.observed.values() for i in line.known()))


def _run(request: Request, facts: Facts, window: Window) -> list[RestoreTest]:
    """Return the tests of the sets in scope that ran in the window, oldest first."""
    return [t for t in _tests(request, facts) if t.at in window.span and t.at <= window.as_of]


def _success(request: Request, facts: Facts) -> Reading:
    window = _window(request, facts)
    run = _run(request, facts, window)
    passed = sum(t.is_passed for t in run)
    coverage = _coverage(facts, window)
    return Reading(
        indicator="restore_success",
        scope=request.scope,
        unit=Unit.RATIO,
        value=share(passed, len(run)),
        n=len(run),
        numerator=passed,
        denominator=len(run),
        coverage=coverage,
        source_coverage=coverage,
        as_of=window.as_of,
        origin=Origin.MEASURED,
        reasons=window_reasons(window),
        evidence=tuple(t.backup for t in run if not t.is_passed),
    )


def _rto(request: Request, facts: Facts) -> Reading:
    """Passed tests within their set's RTO / passed tests of sets with one; one of unknown duration is in neither."""
    window = _window(request, facts)
    limits = {name: terms.rto for name, terms in request.version.backups.items() if terms.rto is not None}
    passed = [t for t in _run(request, facts, window) if t.is_passed and t.backup in limits]
    timed = [(t.backup, t.duration <= limits[t.backup]) for t in passed if t.duration is not None]
    within = sum(is_within for _, is_within in timed)
    untimed = len(passed) - len(timed)
    seen = _coverage(facts, window)
    return Reading(
        indicator="restore_rto",
        scope=request.scope,
        unit=Unit.RATIO,
        value=share(within, len(timed)),
        n=len(timed),
        numerator=within,
        denominator=len(timed),
        coverage=min(seen, Fraction(len(timed), len(passed))) if untimed else seen,
        source_coverage=seen,
        as_of=window.as_of,
        lowest=share(within, len(passed)) if untimed else None,
        highest=share(within + untimed, len(passed)) if untimed else None,
        undetermined=untimed,
        origin=Origin.MEASURED,
        reasons=window_reasons(window),
        evidence=tuple(backup for backup, is_within in timed if not is_within),
    )


def _restore_coverage(request: Request, facts: Facts) -> Reading:
    """Sets with a passed test within the interval before the end / sets in scope; the unproved are the evidence."""
    window = _window(request, facts)
    sets = _sets(request)
    since = window.end - request.interval
    proved = {t.backup for t in _tests(request, facts) if t.is_passed and since <= t.at < window.end}
    coverage = _coverage(facts, window)
    return Reading(
        indicator="restore_coverage",
        scope=request.scope,
        unit=Unit.RATIO,
        value=share(len(proved), len(sets)),
        n=len(sets),
        numerator=len(proved),
        denominator=len(sets),
        coverage=coverage,
        source_coverage=coverage,
        as_of=window.as_of,
        origin=Origin.MEASURED,
        reasons=window_reasons(window),
        evidence=tuple(s for s in sets if s not in proved),
    )


def _age(request: Request, facts: Facts) -> Reading:
    """The age of the last passed test of the set that was proved longest ago; a set never tested is as old as the
    contract.
    """
    window = _window(request, facts)
    passed: dict[str, int] = {}
    for test in _tests(request, facts):
        if test.is_passed and test.at < window.end:
            passed[test.backup] = test.at
    ages = {name: window.end - passed.get(name, request.contract.life.start) for name in _sets(request)}
    never = [name for name in ages if name not in passed]
    coverage = _coverage(facts, window)
    return Reading(
        indicator="restore_age",
        scope=request.scope,
        unit=Unit.SECONDS,
        value=Fraction(max(0, *ages.values())) if ages else None,
        n=len(ages),
        coverage=coverage,
        source_coverage=coverage,
        as_of=window.as_of,
        origin=Origin.MEASURED,
        details={"sets": len(ages), "never": len(never)},
        reasons=window_reasons(window),
        evidence=(*never, *sorted(passed, key=lambda name: (passed[name], name))),
    )


def backup_lines(request: Request, facts: Facts) -> tuple[BackupLine, ...]:
    """Return a line per set in scope, the never tested first, then the oldest proof; ``verify`` runs are listed."""
    window = _window(request, facts)
    lines = []
    for name in _sets(request):
        good, rpo = facts.backups.good.get(name, ()), request.version.backups[name].rpo
        kept = None if rpo is None else protection(name, good, rpo, window.elapsed)
        own = sorted((t for t in facts.backups.tests if t.backup == name and t.at < window.end), key=lambda t: t.at)
        passed = [t.at for t in own if t.is_passed and t.counts]
        tests = tuple(t for t in own if t.at in window.span)
        lines.append(
            BackupLine(
                name,
                max(passed, default=None),
                tests,
                protected=None if kept is None else kept.good,
                unprotected=None if kept is None else kept.bad,
                newest=newest_good(good, window.elapsed),
            )
        )
    return tuple(sorted(lines, key=lambda b: (b.last_passed is not None, b.last_passed or 0, b.backup)))


INDICATORS = (
    Indicator("restore_success", Unit.RATIO, "backups", is_more_better=True, measure=_success),
    Indicator("restore_rto", Unit.RATIO, "backups", is_more_better=True, measure=_rto),
    Indicator("restore_age", Unit.SECONDS, "backups", is_more_better=False, measure=_age),
    Indicator("restore_coverage", Unit.RATIO, "backups", is_more_better=True, measure=_restore_coverage),
)
