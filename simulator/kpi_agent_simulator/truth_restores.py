"""The truth about restore tests, as far as the scrapes show them (indicators.md §7)."""

from collections.abc import Sequence

from kpi_agent_simulator.estate import RESTORE_INTERVAL, RESTORE_WITHIN
from kpi_agent_simulator.figures import Figure
from kpi_agent_simulator.months import Month
from kpi_agent_simulator.restores import RestoreGauge

_COUNTED = frozenset({"full", "partial"})


def restore_figures(gauges: Sequence[RestoreGauge], month: Month, now: int) -> list[Figure]:
    """Return restore_success, restore_age, restore_rto and restore_coverage of *month*, seen at *now*."""
    tests = {(gauge.backup, test.ran, gauge.method): test for gauge in gauges for _, test in gauge.samples}
    seen = {key: test.has_passed for key, test in tests.items()}
    quick = [
        test.duration <= RESTORE_WITHIN
        for (_, ran, method), test in tests.items()
        if test.has_passed and method in _COUNTED and month.start <= ran < month.end
    ]
    counted = [(backup, ran, passed) for (backup, ran, method), passed in seen.items() if method in _COUNTED]
    results = [passed for _, ran, passed in counted if month.start <= ran < month.end]
    end = min(month.end, now)
    last = {backup: ran for backup, ran, passed in sorted(counted) if passed and ran < end}
    proven = {backup for backup, ran, passed in counted if passed and end - RESTORE_INTERVAL <= ran < end}
    backups = {gauge.backup for gauge in gauges}
    verified = sum(month.start <= ran < month.end for _, ran, method in seen if method not in _COUNTED)
    figures = [
        Figure(
            "restore_success",
            {},
            n=len(results),
            numerator=sum(results),
            denominator=len(results),
            extra={"verify_runs": verified},
        ),
        Figure("restore_rto", {}, n=len(quick), numerator=sum(quick), denominator=len(quick)),
        Figure(
            "restore_coverage",
            {},
            n=len(backups),
            numerator=len(proven),
            denominator=len(backups),
            extra={"proven": sorted(proven)},
        ),
    ]
    if last.keys() == backups:  # else the oldest is as old as the contract, which is not told here
        figures.append(Figure("restore_age", {}, n=len(last), value=(end - min(last.values()), 1)))
    return figures
