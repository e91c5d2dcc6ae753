"""Damaged files: refused or counted, never an error of ours, never another ticket in silence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.export import Export
from kpi_agent.domain.source import Profile, TicketSource
from kpi_agent.domain.ticket import Basis
from whole_export import read_whole

Profiles = Callable[[str], Profile]
NOW = 1_795_428_000
EXPORTS = Path(__file__).parents[2] / "data" / "exports"

pieces = st.sampled_from(
    [b'"', b";", b",", b"\n", b"\r", b"\0", b"\xff", b"\xef\xbb\xbf", b"'", b"<br>", b"-", b"9" * 20]
)
edits = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4000), pieces), min_size=1, max_size=8)


def damaged(content: bytes, changes: list[tuple[int, int, bytes]]) -> bytes:
    data = bytearray(content)
    for deed, where, piece in changes:
        at = where % (len(data) + 1)
        if deed == 0:
            data[at:at] = piece
        elif deed == 1:
            del data[at : at + where % 50]
        elif deed == 2:
            data[at : at + 1] = piece[:1]
        else:
            data = data[:at]
    return bytes(data)


def read_or_refuse(path: Path, content: bytes, profile: Profile) -> Export | None:
    path.write_bytes(content)
    source = TicketSource("desk", profile, "*.csv", "Europe/Paris", hold_basis=Basis.SERVICE)
    try:
        return read_whole(path, source, as_of=NOW, now=NOW)
    except ExportRefused:
        return None


@example(name="servicenow-log", changes=[(0, 23, b'"'), (0, 117, b",")])  # a stray quote in the header
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["glpi-10-fr", "glpi-11-en", "servicenow-list", "servicenow-log"]), changes=edits)
def test_a_damaged_file_is_refused_or_every_row_is_accounted_for(
    tmp_path: Path, profile: Profiles, name: str, changes: list[tuple[int, int, bytes]]
) -> None:
    content = damaged((EXPORTS / f"{name}.csv").read_bytes(), changes)

    export = read_or_refuse(tmp_path / "x.csv", content, profile(name.split("-", maxsplit=1)[0]))

    if export is not None:
        assert len({r.line for r in export.rejected}) == len(export.rejected)
        assert len(export.tickets) + len(export.rejected) <= export.rows
        assert export.is_event_log or len(export.tickets) + len(export.rejected) == export.rows


def test_a_file_cut_anywhere_is_refused_or_a_part_of_the_whole(tmp_path: Path, profile: Profiles) -> None:
    content = (EXPORTS / "glpi-10-fr.csv").read_bytes()
    glpi = profile("glpi")
    whole = read_or_refuse(tmp_path / "x.csv", content, glpi)
    assert whole is not None
    known = {t.id: t for t in whole.tickets}
    taken = []

    for end in range(len(content)):
        part = read_or_refuse(tmp_path / "x.csv", content[:end], glpi)
        if part is not None:
            taken.append(end)
            assert all(known[t.id] == t for t in part.tickets)
            assert part.rejected == ()

    lines = content.split(b"\n")
    assert taken  # cut between two records
    assert len(taken) <= 2 * len(lines)
