"""Restore tests from the textfile convention: a gauge holds the instant of the last run (indicators.md §7).

``backup_restore_test_last_run_timestamp_seconds{backup,method}`` and its companions ``…_last_run_success``,
``backup_restore_test_duration_seconds`` and ``backup_restore_test_data_age_seconds``, all of one file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from kpi_agent.collectors.answer import printable
from kpi_agent.collectors.series import Series, SeriesTable
from kpi_agent.domain.events import RestoreMethod, RestoreTest
from kpi_agent.domain.time import MINUTE, to_utc_text

RESTORE_TESTS = "restore-tests"  # the line that says when the tests of a set could be seen
LAST_RUN = "restore_test_last_run"
SUCCESS = "restore_test_success"
DURATION = "restore_test_duration"
DATA_AGE = "restore_test_data_age"
SIGNALS = (LAST_RUN, SUCCESS, DURATION, DATA_AGE)

_METHOD = "method"
_CLOCKS_DIFFER = 5 * MINUTE  # a run this far after its own scrape is a wrong unit or a wrong clock

_Labels = tuple[tuple[str, str], ...]
_ByScrape = Mapping[_Labels, Mapping[int, Fraction | None]]


def read_restore_tests(
    tables: Mapping[str, SeriesTable], key: str, source: str
) -> tuple[tuple[RestoreTest, ...], tuple[str, ...]]:
    """Return one event per (backup set, last-run instant, method) and the warnings; *tables* by signal name, settled.

    The outcome is read in the scrape that showed the instant, else in the next one that shows it still; without any,
    the run is no event yet. Instants in the future and runs at 0 (never) are no events.
    """
    companions = {name: _by_scrape(tables[name]) for name in SIGNALS[1:] if name in tables}
    found: dict[tuple[str, int, RestoreMethod], RestoreTest] = {}
    warnings: list[str] = []
    for series in tables[LAST_RUN]:
        for test in _tests(series, tables[LAST_RUN].values, companions, (key, source), warnings):
            known = found.get((test.backup, test.at, test.method))
            if known is not None and known.is_passed != test.is_passed:
                warnings.append(
                    f"restore test of {printable(test.backup)} at {to_utc_text(test.at)}: two series disagree on its"
                    " success; counted as failed"
                )
            if known is None or (known.is_passed and not test.is_passed):
                found[test.backup, test.at, test.method] = test
    return tuple(sorted(found.values(), key=lambda t: (t.at, t.backup, t.method))), tuple(dict.fromkeys(warnings))


def _tests(
    series: Series,
    values: list[Fraction | None],
    companions: Mapping[str, _ByScrape],
    origin: tuple[str, str],
    warnings: list[str],
) -> Iterable[RestoreTest]:
    key, source = origin
    backup = series.labels.get(key, "")
    if not backup:
        warnings.append(f"series {series} has no label '{key}': its restore tests belong to no backup set")
        return
    method = _method(series, warnings)
    mine = {name: by.get(_identity(series), {}) for name, by in companions.items()}
    read: set[int] = set()
    unread: dict[int, None] = {}
    for millisecond, place in zip(series.milliseconds, series.places, strict=True):
        value = values[place]
        at = 0 if value is None else int(value)
        if at <= 0 or at in read:
            continue
        if at > millisecond // 1000 + _CLOCKS_DIFFER:
            warnings.append(f"series {series} names a run in the future ({at}): epoch seconds are wanted")
            read.add(at)
            continue
        success = mine.get(SUCCESS, {}).get(millisecond)
        if success is None:
            unread[at] = None
            continue
        read.add(at)
        yield RestoreTest(
            backup,
            at,
            method,
            is_passed=success == 1,
            duration=_seconds(mine.get(DURATION, {}).get(millisecond)),
            data_age=_seconds(mine.get(DATA_AGE, {}).get(millisecond)),
            source=source,
        )
    warnings += [
        f"restore test of {printable(backup)} at {to_utc_text(at)}: no scrape shows whether it passed; not counted yet"
        for at in unread
        if at not in read
    ]


def _method(series: Series, warnings: list[str]) -> RestoreMethod:
    text = series.labels.get(_METHOD, "")
    try:
        return RestoreMethod(text)
    except ValueError:
        warnings.append(
            f"series {series}: method '{printable(text)}' is none of full, partial, verify; listed as verify, uncounted"
        )
        return RestoreMethod.VERIFY


def _by_scrape(table: SeriesTable) -> _ByScrape:
    values = table.values
    return {
        _identity(series): {m: values[place] for m, place in zip(series.milliseconds, series.places, strict=True)}
        for series in table
    }


def _identity(series: Series) -> _Labels:
    """Return all labels but the metric's name: what one file's gauges of one run share."""
    return tuple(sorted((name, value) for name, value in series.labels.items() if name != "__name__"))


def _seconds(value: Fraction | None) -> int | None:
    return None if value is None or value < 0 else int(value)
