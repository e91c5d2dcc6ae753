"""Whatever the order in which files come, the same files give the same answers (indicators.md §4)."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integration.store.samples import NOW, export, ticket
from kpi_agent.domain.export import Export
from kpi_agent.domain.ticket import Edit, Ticket
from kpi_agent.store.open import open_store

_URL = "sqlite:///kpi-agent.db"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    open_store(_URL, state_dir=folder).close()
    return folder / "kpi-agent.db"


# Few tickets, contents and instants, so that equal contents, equal instants and returns to an earlier content abound.
_tickets = st.builds(
    lambda name, priority, updated: ticket(name, priority=priority, updated=updated),
    st.sampled_from("ab"),
    st.sampled_from(["P1", "P2"]),
    st.sampled_from([None, None, 900, 1500, 2500]),
)
_contents = st.lists(_tickets, max_size=2, unique_by=lambda t: t.id)
_files = st.lists(st.tuples(_contents, st.sampled_from([1000, 2000, 3000])), min_size=1, max_size=7)


@st.composite
def _arrivals(draw: st.DrawFn) -> tuple[list[Export], list[Export]]:
    made = [export(f"{n}.csv", tickets, as_of=as_of) for n, (tickets, as_of) in enumerate(draw(_files))]
    return draw(st.permutations(made)), draw(st.permutations(made))


def _last_versions(files: Sequence[Export]) -> Mapping[str, Ticket]:
    """The definition, read off: sort everything ever told, take the last, dated back to when it was first told.

    An edit is where a priority differs from the one told just before it.
    """
    told: dict[str, list[tuple[tuple[int, int, str], Ticket]]] = {}
    for file in files:
        for each in file.tickets:
            key = (file.as_of if each.updated is None else each.updated, file.as_of, file.sha256)
            told.setdefault(each.id, []).append((key, each))
    last = {}
    for name, versions in told.items():
        ordered = sorted(versions, key=lambda v: v[0])
        *earlier, found = [each for _, each in ordered]
        for each in reversed(earlier):
            if (each.priority, each.updated) != (found.priority, found.updated):
                break
            found = each
        changes = ((b[0][0], a[1].priority, b[1].priority) for a, b in pairwise(ordered))
        last[name] = replace(found, edits=tuple(Edit(at, "priority", a, b) for at, a, b in changes if a != b))
    return last


def _lost(files: Sequence[Export]) -> Mapping[str, int]:
    """The definition: held once, missing from a newer file that holds something which stood beside it."""
    found = {}
    for name in "ab":
        holders = [f for f in files if any(t.id == name for t in f.tickets)]
        if not holders:
            continue
        last = max(holders, key=lambda f: (f.as_of, f.sha256))
        beside = {t.id for t in last.tickets}
        if any(f.as_of > last.as_of and beside & {t.id for t in f.tickets} for f in files):
            found[name] = last.as_of
    return found


@settings(max_examples=60, deadline=None, database=None)
@given(arrivals=_arrivals())
def test_any_order_of_imports_gives_the_same_tickets(empty: Path, arrivals: tuple[list[Export], list[Export]]) -> None:
    answers = []
    for files in arrivals:
        with TemporaryDirectory() as folder:
            shutil.copy(empty, folder)
            store = open_store(_URL, state_dir=Path(folder))
            for count, file in enumerate(files, start=1):
                store.tickets.take(file, observed_from=None, now=NOW)
                known = {t.id: t for t in store.tickets.tickets("desk")}
                assert known == _last_versions(files[:count])
            lost = store.tickets.lost("desk", {"a": 500, "b": 500}, by_opening=False)
            assert lost == _lost(files)
            for count in range(len(files) + 1):
                known = {t.id: t for t in store.tickets.tickets("desk", newest_import=count)}
                assert known == _last_versions(files[:count]), "what was known then has changed since"
            for as_of in (999, 1000, 2000, 3000):
                told = [file for file in files if file.as_of <= as_of]
                assert {t.id: t for t in store.tickets.tickets("desk", as_of=as_of)} == _last_versions(told)
            answers.append((store.tickets.tickets("desk"), lost))
            store.close()
    assert answers[0] == answers[1]
