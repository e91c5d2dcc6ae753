"""Whatever the order in which files come, the same files give the same answers (indicators.md §4)."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import blake2b
from itertools import groupby, pairwise, permutations
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import contract, desk, measured, request
from integration.store.samples import NOW, export, ticket
from kpi_agent.domain.errors import Overtaken
from kpi_agent.domain.export import Export, Repeat
from kpi_agent.domain.ticket import Edit, Origin, State, Ticket
from kpi_agent.domain.time import DAY, HOUR, Period
from kpi_agent.store.open import Store, open_store

_URL = "sqlite:///kpi-agent.db"


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("empty")
    open_store(_URL, state_dir=folder).close()
    return folder / "kpi-agent.db"


def _with_row(one: Ticket) -> Ticket:
    """Let it come from a row of its own, that is the same whenever the ticket is."""
    row = blake2b(f"{one.id} {one.priority} {one.updated}".encode(), digest_size=16).digest()
    return replace(one, origin=Origin(one.origin.file, one.origin.line, row))


# Few tickets, contents and instants, so that equal contents, equal instants and returns to an earlier content abound.
_tickets = st.builds(
    lambda name, priority, updated: _with_row(ticket(name, priority=priority, updated=updated)),
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

    An edit is where a priority differs from the one told just before it, known until the newest export before that
    told it so.
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
        stretches = [list(same) for _, same in groupby(ordered, key=lambda v: (v[1].priority, v[1].updated))]
        last[name] = replace(found, edits=tuple(_edits(stretches)))
    return last


def _edits(stretches: Iterable[Sequence[tuple[tuple[int, int, str], Ticket]]]) -> Iterator[Edit]:
    for told, tells in pairwise(stretches):
        ((at, first, _), before), ((since, _, _), after) = told[0], tells[0]
        seen = [as_of for (_, as_of, _), _ in told if as_of < since]
        known_until = max(seen, default=first if first <= since else at)
        if before.priority != after.priority:
            yield Edit(since, "priority", before.priority, after.priority, known_until)


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


def _as_read(store: Store, file: Export) -> Export:
    """What the reader makes of a file when it is told which rows are known: those of a file that is older."""
    known = store.tickets.known_rows("desk")
    if known is None or known.as_of >= file.as_of:
        return replace(file, recipe="as ever")
    repeats = [Repeat(known.versions[t.origin.row], t.origin.line, t.origin.row) for t in file.tickets
               if t.origin.row in known.versions]  # fmt: skip
    tickets = [t for t in file.tickets if t.origin.row not in known.versions]
    return replace(file, recipe="as ever", after=known.import_id, repeats=repeats, tickets=tickets)


def test_an_export_that_tells_a_content_anew_is_no_witness_of_the_stretch_before(empty: Path) -> None:
    """Two exports of one instant contradict each other, about a change that the desk dates after both."""
    instant, later = 1000, 2000
    one, other = sorted((export(f"{n}.csv", [], as_of=instant) for n in range(2)), key=lambda file: file.sha256)
    p1, p2 = (_with_row(ticket("b", priority=priority, updated=2500)) for priority in ("P1", "P2"))
    files = [
        replace(one, rows=1, tickets=(replace(p1, origin=replace(p1.origin, file=one.file)),)),
        replace(other, rows=1, tickets=(replace(p2, origin=replace(p2.origin, file=other.file)),)),
        export("2.csv", [p1], as_of=later),
    ]
    for order in permutations(files):
        with TemporaryDirectory() as folder:
            shutil.copy(empty, folder)
            store = open_store(_URL, state_dir=Path(folder))
            for file in order:
                store.tickets.take(_as_read(store, file), observed_from=None, now=NOW)
            (known,) = store.tickets.tickets("desk")
            store.close()
        assert [(e.after, e.known_until) for e in known.edits] == [("P2", instant), ("P1", instant)]


@settings(max_examples=150, deadline=None, database=None)
@given(arrivals=_arrivals())
def test_any_order_of_imports_gives_the_same_tickets(empty: Path, arrivals: tuple[list[Export], list[Export]]) -> None:
    answers = []
    for files in arrivals:
        with TemporaryDirectory() as folder:
            shutil.copy(empty, folder)
            store = open_store(_URL, state_dir=Path(folder))
            for count, file in enumerate(files, start=1):
                store.tickets.take(_as_read(store, file), observed_from=None, now=NOW)
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


_OCTOBER = Period.parse("2026-10", "Europe/Paris")
_OPENINGS = st.integers(_OCTOBER.start - 10 * DAY, _OCTOBER.end)


@st.composite
def _overlapping(draw: st.DrawFn) -> tuple[list[Ticket], list[Export]]:
    """Whole lives of a few tickets, and exports of what was updated in some days before each, the last of all."""
    lives = []
    for name in "abcd"[: draw(st.integers(1, 4))]:
        opened = draw(_OPENINGS)
        responded = opened + draw(st.integers(0, 2 * HOUR))
        resolved = responded + draw(st.integers(0, 20 * DAY))
        priority = draw(st.sampled_from(["P1", "P2", "P3"]))
        lives.append(
            ticket(
                name,
                opened=opened,
                priority=priority,
                responded=responded,
                resolved=resolved,
                updated=resolved,
                state=State.RESOLVED,
            )
        )
    end = max(_OCTOBER.end, *(one.updated or 0 for one in lives)) + 1
    files = []
    for number, as_of in enumerate([*draw(st.lists(st.integers(_OCTOBER.start, end), max_size=6)), end]):
        seen = [each for one in lives if (each := _as_seen(one, as_of)) is not None]
        span = end if as_of == end else draw(st.sampled_from([DAY, 8 * DAY, end]))
        files.append(export(f"{number}.csv", [t for t in seen if as_of - (t.updated or 0) <= span], as_of=as_of))
    return lives, files


def _as_seen(one: Ticket, as_of: int) -> Ticket | None:
    """A ticket as an export of that instant tells it: nothing of what comes later."""
    if one.opened > as_of:
        return None
    if one.resolved is not None and one.resolved <= as_of:
        return one
    is_taken = one.responded is not None and one.responded <= as_of
    open_state = State.IN_PROGRESS if is_taken else State.NEW
    return replace(
        one,
        state=open_state,
        resolved=None,
        responded=one.responded if is_taken else None,
        updated=one.responded if is_taken else one.opened,
    )


@settings(max_examples=40, deadline=None, database=None)
@given(data=st.data(), told=_overlapping())
def test_any_order_of_overlapping_exports_gives_the_verdicts_of_the_whole_truth(
    empty: Path, data: st.DataObject, told: tuple[list[Ticket], list[Export]]
) -> None:
    lives, files = told
    months = ("2026-09", "2026-10", "2026-11")
    end = max(file.as_of for file in files)
    truth = {month: _figures(lives, month, end) for month in months}

    for order in (data.draw(st.permutations(files)), files[::-1]):
        with TemporaryDirectory() as folder:
            shutil.copy(empty, folder)
            store = open_store(_URL, state_dir=Path(folder))
            for file in order:
                store.tickets.take(file, observed_from=None, now=NOW)
            known = store.tickets.tickets("desk")
            for file in files:  # whatever came later, an instant that has passed is told by what was exported by then
                before = [f for f in files if f.as_of <= file.as_of]
                by_then = store.tickets.tickets("desk", as_of=file.as_of)
                assert {t.id: _content(t) for t in by_then} == _newest(before)
            store.close()
        assert {month: _figures(known, month, end) for month in months} == truth


def _newest(files: Sequence[Export]) -> Mapping[str, Ticket]:
    ranked = sorted(((t.updated or 0, f.as_of, f.sha256, t) for f in files for t in f.tickets), key=lambda r: r[:3])
    return {t.id: _content(t) for *_, t in ranked}


def _content(one: Ticket) -> Ticket:
    return replace(one, edits=(), origin=Origin("-", 0))


def _figures(tickets: Sequence[Ticket], month: str, end: int) -> list[tuple[int | None, int, int]]:
    """What was met and judged of both clocks, and what is open at the end."""
    facts = desk(*(_content(one) for one in tickets), newest=end)
    asked = request(contract(), month, now=end)
    found = [measured(name, facts, asked) for name in ("respond_in_time", "resolve_in_time", "backlog", "volume")]
    return [(reading.numerator, reading.n, reading.undetermined) for reading in found]


def test_a_known_row_without_its_instant_is_placed_anew(tmp_path: Path) -> None:
    """It is dated by its file: another version, told long before, may have come to stand before it."""
    ahead = export("ahead.csv", [_with_row(ticket("a", priority="P2", updated=2500))], as_of=1000)
    before = export("before.csv", [_with_row(ticket("a", priority="P1"))], as_of=2000)
    after = export("after.csv", [_with_row(ticket("a", priority="P1"))], as_of=3000)
    store = open_store(_URL, state_dir=tmp_path)

    for file in (ahead, before, after):
        store.tickets.take(_as_read(store, file), observed_from=None, now=NOW)

    assert {t.id: t for t in store.tickets.tickets("desk")} == _last_versions([ahead, before, after])
    store.close()


def test_rows_known_from_a_file_that_another_has_overtaken_are_not_taken(tmp_path: Path) -> None:
    first, meanwhile, last = (
        export(f"{as_of}.csv", [_with_row(ticket("a", priority=priority, updated=900))], as_of=as_of)
        for as_of, priority in ((1000, "P1"), (2000, "P2"), (3000, "P1"))
    )
    store = open_store(_URL, state_dir=tmp_path)
    store.tickets.take(_as_read(store, first), observed_from=None, now=NOW)
    read_too_early = _as_read(store, last)
    store.tickets.take(_as_read(store, meanwhile), observed_from=None, now=NOW)

    with pytest.raises(Overtaken):
        store.tickets.take(read_too_early, observed_from=None, now=NOW)
    store.tickets.take(_as_read(store, last), observed_from=None, now=NOW)

    assert {t.id: t for t in store.tickets.tickets("desk")} == _last_versions([first, meanwhile, last])
    store.close()
