from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from integration.store.samples import NOW, export, ticket
from kpi_agent.domain.errors import StoreError
from kpi_agent.domain.export import ImportCounts, RejectedRow
from kpi_agent.domain.ticket import (
    Basis,
    Edit,
    Hold,
    HoldReason,
    HoldTotal,
    Kind,
    Origin,
    PriorityChange,
    Reopening,
    State,
    Ticket,
)
from kpi_agent.store.open import Store

FULL = Ticket(
    source="desk",
    id="INC-1",
    opened=1001,
    origin=Origin("full.csv", 2),
    kind=Kind.REQUEST,
    state=State.CLOSED,
    title="Échec de la sauvegarde 💥 \ud800",
    priority="P2",
    category="backup",
    entity="ACME SAS > Paris",
    service="portal",
    host="db1",
    group="run",
    assignee="a1b2c3",
    responded=1100,
    assigned=1050,
    started=1060,
    replied=1100,
    response_duration=90,
    resolved=1500,
    closed=1600,
    updated=1601,
    reopened=1300,
    reopen_count=0,
    reopenings=(Reopening(1200, 1300),),
    priority_changes=(PriorityChange(1050, None, "P2"),),
    holds=(Hold(1110, 1120, HoldReason.CUSTOMER), Hold(1400, None, None)),
    hold_total=HoldTotal(10, Basis.WALL),
    hold_reason=HoldReason.VENDOR,
    time_spent=30,
    problem="PRB-9",
    merged_into="INC-9",
    url="https://desk.example/1",
    desk_met=False,
    cannot_tell=frozenset({"reopened"}),
    tells=frozenset({"assigned", "replied"}),
)


def test_every_field_of_a_ticket_comes_back_as_it_was_told(store: Store) -> None:
    bare = ticket("INC-0", origin=Origin("full.csv", 3))
    assert all(
        getattr(FULL, name) != getattr(bare, name) for name in Ticket.__slots__ if name not in {"source", "edits"}
    )

    store.tickets.take(export("full.csv", [FULL, bare], as_of=2000), observed_from=None, now=NOW)

    assert store.tickets.tickets("desk") == (bare, FULL)


def test_a_file_taken_twice_changes_nothing(store: Store) -> None:
    first = export("a.csv", [ticket("1"), ticket("2")], as_of=2000)
    store.tickets.take(first, observed_from=None, now=NOW)

    again = store.tickets.take(replace(first, as_of=9000), observed_from=None, now=NOW + 1)

    assert again == ImportCounts(read=2, new=0, changed=0, unchanged=2, rejected=0, is_repeat=True)
    assert [(r.id, r.as_of, r.imported_at) for r in store.tickets.imports("desk")] == [(1, 2000, NOW)]


def test_an_import_counts_new_changed_and_unchanged_tickets(store: Store) -> None:
    store.tickets.take(export("a.csv", [ticket("1"), ticket("2")], as_of=2000), observed_from=None, now=NOW)

    counts = store.tickets.take(
        export("b.csv", [ticket("1"), ticket("2", priority="P1"), ticket("3")], as_of=3000), observed_from=None, now=NOW
    )

    assert counts == ImportCounts(read=3, new=1, changed=1, unchanged=1, rejected=0)
    assert [(t.id, t.priority, t.origin) for t in store.tickets.tickets("desk")] == [
        ("1", None, Origin("a.csv", 2)),
        ("2", "P1", Origin("b.csv", 3)),
        ("3", None, Origin("b.csv", 4)),
    ]


def test_a_file_that_comes_late_does_not_overrule_a_newer_one(store: Store) -> None:
    store.tickets.take(export("new.csv", [ticket("1", state=State.CLOSED)], as_of=3000), observed_from=None, now=NOW)

    store.tickets.take(export("old.csv", [ticket("1")], as_of=2000), observed_from=None, now=NOW)

    assert [t.state for t in store.tickets.tickets("desk")] == [State.CLOSED]


def test_the_desks_own_instant_of_change_comes_before_the_files(store: Store) -> None:
    closed = ticket("1", state=State.CLOSED, updated=1900)
    store.tickets.take(export("a.csv", [closed], as_of=2000), observed_from=None, now=NOW)

    store.tickets.take(export("b.csv", [ticket("1", updated=1500)], as_of=3000), observed_from=None, now=NOW)

    assert [t.state for t in store.tickets.tickets("desk")] == [State.CLOSED]


def test_a_content_that_came_back_survives_a_late_file_from_between(store: Store) -> None:
    open_, waiting = ticket("1", state=State.IN_PROGRESS), ticket("1", state=State.WAITING)
    store.tickets.take(export("monday.csv", [open_], as_of=1000), observed_from=None, now=NOW)
    store.tickets.take(export("wednesday.csv", [ticket("0"), open_], as_of=3000), observed_from=None, now=NOW)

    store.tickets.take(export("tuesday.csv", [waiting], as_of=2000), observed_from=None, now=NOW)

    last = store.tickets.tickets("desk")[-1]
    assert (last.state, last.origin) == (State.IN_PROGRESS, Origin("wednesday.csv", 3))


def test_what_was_known_at_an_import_stays_the_same_after_later_ones(store: Store) -> None:
    store.tickets.take(export("a.csv", [ticket("1")], as_of=1000), observed_from=None, now=NOW)
    known = store.tickets.newest_import()
    before = store.tickets.tickets("desk", newest_import=known)

    store.tickets.take(
        export("b.csv", [ticket("1", priority="P1"), ticket("2")], as_of=2000), observed_from=None, now=NOW
    )

    assert store.tickets.tickets("desk", newest_import=known) == before
    assert len(store.tickets.imports("desk", newest_import=known)) == 1


def test_sources_do_not_mix_and_share_one_count_of_imports(store: Store) -> None:
    store.tickets.take(export("a.csv", [ticket("1")], as_of=1000), observed_from=None, now=NOW)
    other = export("a.csv", [ticket("1", source="lab", priority="P1")], as_of=1000, source="lab")

    assert store.tickets.take(other, observed_from=900, now=NOW).new == 1

    assert [t.priority for t in store.tickets.tickets("desk")] == [None]
    assert [(r.id, r.source, r.observed_from) for r in store.tickets.imports("lab")] == [(2, "lab", 900)]
    assert store.tickets.newest_import() == 2
    assert store.tickets.tickets("nowhere") == ()


def test_of_a_ticket_named_twice_in_a_file_the_last_row_counts(store: Store) -> None:
    twice = export("a.csv", [ticket("1"), ticket("1", priority="P1")], as_of=1000)

    store.tickets.take(twice, observed_from=None, now=NOW)

    assert [(t.priority, t.origin.line) for t in store.tickets.tickets("desk")] == [("P1", 3)]


def test_rejected_rows_are_kept_and_counted_by_reason(store: Store) -> None:
    rows = [RejectedRow(7, "bad-date", "line 7: no date", "a\x00b"), RejectedRow(9, "bad-date", "line 9", "\udce9")]

    counts = store.tickets.take(
        export("\udce9.csv", [], as_of=1000, rejected=tuple(rows), rows=2), observed_from=None, now=NOW
    )

    assert (counts.read, counts.rejected) == (2, 2)
    record = store.tickets.imports("desk")[0]
    assert (record.file, record.rejected, record.rejected_by_reason) == ("\\udce9.csv", 2, {"bad-date": 2})
    with store.database.reading() as connection:
        raw = connection.execute(text("SELECT raw FROM rejected_row ORDER BY position")).scalars().all()
    assert raw == ["a\\x00b", "\\udce9"]


def test_a_truncated_export_is_remembered_as_such(store: Store) -> None:
    store.tickets.take(export("a.csv", [], as_of=1000, is_truncated=True), observed_from=None, now=NOW)

    assert store.tickets.imports("desk")[0].is_truncated


def test_an_import_that_fails_leaves_nothing(store: Store) -> None:
    too_large = ticket("2", updated=2**70)

    with pytest.raises(StoreError):
        store.tickets.take(export("a.csv", [ticket("1"), too_large], as_of=1000), observed_from=None, now=NOW)

    assert (store.tickets.tickets("desk"), store.tickets.imports("desk")) == ((), ())


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("UPDATE ticket_version SET content = replace(content, '1000', '1001')", "ticket_version, row id 1"),
        ("UPDATE ticket_version SET updated = 5 WHERE id = 2", "ticket_version, row id 2"),
        ("DELETE FROM ticket_version WHERE id = 2", "ticket_version of desk: 1 rows found, 2 were written"),
        ("UPDATE import_file SET as_of = 9", "import_file, row id 1"),
        ("UPDATE tally SET row_count = row_count + 1", "tally, row"),
    ],
)
def test_a_value_changed_behind_the_stores_back_is_named(store: Store, change: str, named: str) -> None:
    store.tickets.take(export("a.csv", [ticket("1"), ticket("2")], as_of=2000), observed_from=None, now=NOW)
    with store.database.writing() as connection:
        connection.execute(text(change))

    with pytest.raises(StoreError, match=named):
        store.tickets.tickets("desk")


def test_a_ticket_tells_what_earlier_exports_told_otherwise(store: Store) -> None:
    for day, priority in enumerate(["P1", "P1", "P3"], start=2):
        file = export(f"{day}.csv", [ticket("INC-1", priority=priority), ticket("INC-2")], as_of=day * 1000)
        store.tickets.take(file, observed_from=None, now=NOW)

    changed, quiet = store.tickets.tickets("desk")
    (before,) = (t for t in store.tickets.tickets("desk", newest_import=2) if t.id == "INC-1")

    assert changed.edits == (Edit(4000, "priority", "P1", "P3", known_until=3000),)
    assert (before.priority, before.edits, quiet.edits) == ("P1", (), ())
