from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, text

from integration.store.samples import NOW, line, observation
from kpi_agent.domain.errors import StoreError
from kpi_agent.domain.events import RestoreMethod, RestoreTest
from kpi_agent.domain.observation import SignalObservation
from kpi_agent.domain.time import DAY
from kpi_agent.domain.timeline import Timeline
from kpi_agent.store.open import Store


def record(store: Store, *windows: SignalObservation) -> None:
    for window in windows:
        store.lines.record("main", "acme", window, now=NOW)


def up(store: Store) -> dict[str, Timeline]:
    return dict(store.lines.lines("main", "acme", "up"))


def test_values_come_back_exactly(store: Store) -> None:
    told = {"web1": line((0, 60, 1), (60, 120, 0)), "web2": line((0, 90, Fraction(-22, 7)))}

    record(store, observation((0, 120), told))

    assert up(store) == told


def test_a_window_recorded_again_changes_nothing(store: Store) -> None:
    window = observation((0, 120), {"web1": line((0, 60, 1), (60, 120, 0))}, days={0: (2, 2)})
    record(store, window)
    before = _rows(store)

    record(store, window)

    assert _rows(store) == before


def test_a_signal_that_never_brought_anything_is_asked_from_the_last_day_on(store: Store) -> None:
    record(store, observation((0, 5 * DAY + 60), {}))

    assert store.lines.observed_until("main", "acme", "up") == 5 * DAY
    assert [(d.day, d.samples, d.expected) for d in store.lines.observed_days("main", "acme", "up")] == [
        (5 * DAY, 0, 0)
    ]
    assert store.lines.observed_until("main", "acme", "other") is None


def test_a_signal_that_brings_nothing_any_more_is_asked_again_for_a_week(store: Store) -> None:
    record(store, observation((0, 100), {"web1": line((0, 100, 1))}, days={0: (2, 2)}))

    for day, since in ((6, 100), (7, 100), (9, 2 * DAY)):
        record(store, observation((100, day * DAY + 60), {}))
        assert store.lines.observed_until("main", "acme", "up") == since


def test_windows_that_touch_or_overlap_join_into_one_run(store: Store) -> None:
    record(
        store,
        observation((0, 100), {"web1": line((0, 100, 1))}),
        observation((80, 200), {"web1": line((80, 200, 1))}),
        observation((200, 300), {"web1": line((200, 250, 1), (250, 300, 0))}),
    )

    assert up(store) == {"web1": line((0, 250, 1), (250, 300, 0))}


def test_a_newer_reading_replaces_what_was_known_from_its_first_run_on(store: Store) -> None:
    record(
        store,
        observation((0, 100), {"web1": line((0, 100, 1))}),
        observation((40, 100), {"web1": line((50, 70, 0), (80, 100, 1))}),
    )

    assert up(store) == {"web1": line((0, 50, 1), (50, 70, 0), (80, 100, 1))}


def test_an_older_window_read_late_takes_nothing_from_what_came_after_it(store: Store) -> None:
    record(
        store,
        observation((100, 200), {"web1": line((100, 200, 1))}),
        observation((0, 100), {"web1": line((0, 50, 0))}),
    )

    assert up(store) == {"web1": line((0, 50, 0), (100, 200, 1))}


def test_a_window_without_any_run_takes_nothing_away(store: Store) -> None:
    record(store, observation((0, 100), {"web1": line((0, 100, 1))}), observation((0, 100), {"web1": line()}))

    assert up(store) == {"web1": line((0, 100, 1))}


def test_signals_scopes_and_sources_do_not_mix(store: Store) -> None:
    store.lines.record("main", "acme", observation((0, 9), {"web1": line((0, 9, 1))}), now=NOW)
    store.lines.record("main", "globex", observation((0, 9), {"web1": line((0, 9, 2))}), now=NOW)
    store.lines.record("main", "acme", observation((0, 9), {"web1": line((0, 9, 3))}, signal="pending"), now=NOW)

    assert up(store) == {"web1": line((0, 9, 1))}
    assert store.lines.lines("other", "acme", "up") == {}


def test_only_the_end_of_a_history_is_written_again(sqlite_store: Store) -> None:
    told = {"web1": line(*((n * 10, n * 10 + 10, n % 2) for n in range(2000)))}
    record(sqlite_store, observation((0, 20_000), told))
    written: list[str] = []

    def count(*call: Any) -> None:
        _, _, statement, parameters, _, is_many = call
        if statement.startswith(("INSERT INTO run ", "DELETE FROM run ")):
            written.extend([statement[:6]] * (len(parameters) if is_many else 1))

    event.listen(sqlite_store.database.engine, "before_cursor_execute", count)
    record(sqlite_store, observation((19_990, 20_010), {"web1": line((19_990, 20_010, 1))}))

    assert sorted(written) == ["DELETE", "INSERT"]


def test_observed_until_is_the_last_end_of_any_key(store: Store) -> None:
    assert store.lines.observed_until("main", "acme", "up") is None

    record(store, observation((0, 200), {"web1": line((0, 90, 1)), "web2": line((0, 120, 1)), "web3": line((5, 7, 0))}))

    assert store.lines.observed_until("main", "acme", "up") == 120


def test_of_two_readings_of_a_day_the_fuller_one_stands(store: Store) -> None:
    record(
        store,
        observation((0, 100), {}, days={0: (40, 40), 86400: (5, 96)}),
        observation((0, 100), {}, days={0: (96, 96), 86400: (3, 3)}),
        observation((0, 100), {}, days={0: (56, 56)}),
    )

    days = store.lines.observed_days("main", "acme", "up")
    assert [(d.day, d.samples, d.expected, d.query) for d in days] == [(0, 96, 96, "up"), (86400, 5, 96, "up")]


def test_a_restore_test_read_twice_is_one_and_its_correction_stands(store: Store) -> None:
    full = RestoreTest("db-main", 500, RestoreMethod.FULL, is_passed=True, duration=60, data_age=3600, source="main")
    verify = replace(full, method=RestoreMethod.VERIFY, duration=None)
    record(store, observation((0, 900), {}, tests=[full, full, verify]))

    record(store, observation((0, 900), {}, tests=[replace(full, is_passed=False)]))

    assert store.lines.restore_tests("main", "acme") == (replace(full, is_passed=False), verify)
    assert store.lines.restore_tests("main", "globex") == ()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE run SET value = '0' WHERE subject = 'web1'",
        "UPDATE run SET ended = ended + 1 WHERE subject = 'web2'",
        "DELETE FROM run WHERE subject = 'web1'",
    ],
)
def test_a_run_changed_behind_the_stores_back_is_refused(store: Store, change: str) -> None:
    record(store, observation((0, 60), {"web1": line((0, 60, 1)), "web2": line((0, 60, 1))}))
    with store.database.writing() as connection:
        connection.execute(text(change))

    with pytest.raises(StoreError, match=r"run.*damaged"):
        up(store)


_runs = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4), st.integers(0, 1)), max_size=5)


@st.composite
def _windows(draw: st.DrawFn) -> list[SignalObservation]:
    """Windows as a collector asks for them: each starts inside or at the end of the one before, and ends later."""
    made, end = [], 0
    for pieces in draw(st.lists(_runs, min_size=1, max_size=6)):
        start = draw(st.integers(max(0, end - 5), end))
        at, runs = start, []
        for gap, length, value in pieces:
            runs.append((at + gap, at + gap + length, value))
            at += gap + length
        end = max(end, at) + draw(st.integers(0, 3))
        made.append(observation((start, end), {"web1": line(*runs)}))
    return made


@settings(max_examples=40, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(windows=_windows(), number=st.integers(0, 2**40))
def test_windows_in_order_give_what_the_timeline_algebra_gives(
    sqlite_store: Store, windows: list[SignalObservation], number: int
) -> None:
    expected = Timeline()
    scope = f"acme-{number}"
    with sqlite_store.database.writing() as connection:
        connection.execute(text("DELETE FROM run"))
        connection.execute(text("DELETE FROM tally"))
    for window in windows:
        sqlite_store.lines.record("main", scope, window, now=NOW)
        expected = expected.followed_by(window.lines["web1"])
    assert sqlite_store.lines.lines("main", scope, "up").get("web1", Timeline()) == expected


def _rows(store: Store) -> list[Any]:
    with store.database.reading() as connection:
        tables = ("run", "observation", "tally")
        return [sorted(tuple(row) for row in connection.execute(text(f"SELECT * FROM {name}"))) for name in tables]
