from __future__ import annotations

import pytest
from sqlalchemy import text

from integration.store.samples import NOW, document, entry, export, ticket
from kpi_agent.domain.records import SeenTrouble, SourceRun, Trouble
from kpi_agent.domain.time import Interval
from kpi_agent.store.open import Store


def run(source: str, finished: int, *, is_ok: bool, **fields: int | str | None) -> SourceRun:
    return SourceRun(source, finished - 5, finished, is_ok, "series=42" if is_ok else "refused", **fields)


def test_the_last_attempt_of_each_source_tells_when_it_last_worked(store: Store) -> None:
    for each in (
        run("main", 100, is_ok=True, server="2.45"),
        run("desk", 110, is_ok=False),
        run("main", 200, is_ok=False),
    ):
        store.runs.note(each)

    latest = store.runs.latest()

    assert list(latest) == ["desk", "main"]
    assert latest["main"] == run("main", 200, is_ok=False, last_ok=100)
    assert latest["desk"] == run("desk", 110, is_ok=False, last_ok=None)


def test_a_run_that_says_itself_when_it_last_worked_is_believed(store: Store) -> None:
    store.runs.note(run("main", 100, is_ok=False, last_ok=40, clock_difference=-3))

    assert store.runs.latest()["main"] == run("main", 100, is_ok=False, last_ok=40, clock_difference=-3)


def test_what_attempts_met_is_told_once_with_its_first_and_last_time(store: Store) -> None:
    """Of a contract: its own troubles and those of the source, never those of another customer."""
    own, other, whole = Trouble("acme", "up/portal: two series"), Trouble("globex", "up/x: NaN"), Trouble("", "clock")
    for started, troubles in ((100, (own, other)), (200, ()), (300, (whole, own)), (400, (own,)), (900, (own,))):
        store.runs.note(SourceRun("main", started, started, not troubles, "2 signals", troubles=troubles))
    store.runs.note(SourceRun("main", 350, 350, is_ok=False, detail="refused"))
    store.runs.note(SourceRun("twin", 300, 300, is_ok=False, detail="down"))

    assert store.runs.troubles("main", "acme", Interval(100, 900)) == (
        SeenTrouble("up/portal: two series", 100, 400),
        SeenTrouble("clock", 300, 300),
        SeenTrouble("refused", 350, 350),
    )
    assert store.runs.troubles("main", "initech", Interval(100, 300)) == ()
    assert store.runs.latest()["main"].troubles == ()


def test_a_warning_of_an_attempt_that_worked_is_kept(store: Store) -> None:
    doubt = Trouble("acme", 'up: {"a": "é"}\n\'x\'')
    store.runs.note(SourceRun("main", 100, 100, is_ok=True, detail="2 signals\n1 line", troubles=(doubt,)))

    assert [(r.detail, r.troubles) for r in store.runs.latest().values()] == [("2 signals 1 line", (doubt,))]
    assert store.runs.troubles("main", "acme", Interval(0, 101)) == (SeenTrouble(doubt.text, 100, 100),)


def _three_acts(store: Store) -> None:
    store.tickets.take(export("a.csv", [ticket("1")], as_of=1000), observed_from=None, now=NOW)
    store.tickets.take(export("b.csv", [ticket("1")], as_of=2000), observed_from=None, now=NOW + 1)
    store.ledger.close(store.ledger.begin(entry()), document(b"{}"), now=NOW + 2)


def test_imports_and_closings_are_in_the_audit_chain(store: Store) -> None:
    _three_acts(store)

    acts = [(e.id, e.at, e.action, e.subject) for e in store.audit.entries()]
    assert acts == [
        (1, NOW, "import", "a.csv"),
        (2, NOW + 1, "import", "b.csv"),
        (3, NOW + 2, "close", "acme 2026-10"),
    ]
    assert store.audit.faults() == ()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE audit SET at = at + 1 WHERE id = 2", "audit, row 2: was altered"),
        ("UPDATE audit SET detail = '{}' WHERE id = 3", "audit, row 3: was altered"),
        ("UPDATE audit SET hash = previous WHERE id = 1", "audit, row 1: was altered"),
        ("DELETE FROM audit WHERE id = 1", "audit: row 1 is missing"),
        ("DELETE FROM audit WHERE id = 2", "audit: row 2 is missing"),
        ("DELETE FROM audit WHERE id >= 2", "audit: rows 2 to 3 are missing"),
    ],
)
def test_an_act_altered_or_taken_out_is_named(store: Store, change: str, fault: str) -> None:
    _three_acts(store)
    with store.database.writing() as connection:
        connection.execute(text(change))

    assert store.audit.faults()[0] == fault
