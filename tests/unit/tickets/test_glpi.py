"""What GLPI's cells and headers may hold besides what tests/desks/glpi.py exports (inputs.md A1)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.export import Export
from kpi_agent.domain.ticket import State

Reader = Callable[..., Export]


def test_a_bracketed_number_is_part_of_a_name_when_not_every_name_has_one(read: Reader) -> None:
    content = (
        '"ID";"Statut";"Date d\'ouverture";"Attribué à - Groupe de techniciens";\n'
        '"1";"Clos";"2026-10-01 08:00";"Run (2)";\n"2";"Clos";"2026-10-01 08:00";"Run";\n'
    )

    assert [t.group for t in read(content, "glpi").tickets] == ["Run (2)", "Run"]


def test_a_local_time_that_exists_twice_is_the_second_one_when_the_first_precedes_the_opening(read: Reader) -> None:
    # 25 October 2026 in Paris: 02:30 exists at 00:30Z and at 01:30Z.
    content = (
        '"ID";"Statut";"Date d\'ouverture";"Date de résolution"\n'
        '"1";"Clos";"25-10-2026 02:50";"25-10-2026 02:10"\n"2";"Clos";"25-10-2026 02:10";"25-10-2026 02:50"\n'
    )
    back, forth = read(content, "glpi").tickets

    assert back.resolved is not None
    assert back.resolved - back.opened == 20 * 60
    assert forth.resolved is not None
    assert forth.resolved - forth.opened == 40 * 60


@pytest.mark.parametrize("mark", ["\n\ufeff", "\ufeff\n", "\r\n\ufeff\r\n"])
def test_a_blank_line_and_a_late_byte_order_mark_are_skipped(read: Reader, mark: str) -> None:
    export = read(f'{mark}"ID";"Statut";"Date d\'ouverture";\n"1";"Clos";"2026-10-01 08:00";\n', "glpi")

    assert export.tickets[0].id == "1"


def test_a_mark_that_a_spreadsheet_kept_inside_the_first_header(read: Reader) -> None:
    export = read('"\ufeff""ID""";"Statut";"Date d\'ouverture"\n"1";"Clos";"2026-10-01 08:00"\n', "glpi")

    assert export.columns["id"] == "ID"


def test_a_delimiter_only_at_the_end_of_some_lines(read: Reader) -> None:
    content = "ID;Statut;Date d'ouverture;\n1;Clos;2026-10-01 08:00\n2;Clos;2026-10-01 08:00;\n"

    assert [t.id for t in read(content, "glpi").tickets] == ["1", "2"]


def test_progress_below_a_date_is_dropped(read: Reader) -> None:
    content = 'ID;Statut;Date d\'ouverture\n1;Clos;"2026-10-01 08:00 \n\n 8%"\n'

    assert read(content, "glpi", timezone="UTC").tickets[0].opened == 1_790_841_600


@pytest.mark.parametrize("header", ["&nbsp;Statut", "STATUT", "  statut ", "Stàtut", "Caractéristiques - Statut"])
def test_headers_match_without_case_accents_spaces_and_group(read: Reader, header: str) -> None:
    assert read(f'ID;"{header}";Date d’ouverture\n1;Clos;2026-10-01 08:00\n', "glpi").tickets[0].state is State.CLOSED


def test_two_groups_with_the_wanted_name_are_not_chosen_between(read: Reader) -> None:
    with pytest.raises(ExportRefused, match=r"`columns\.state` expects 'Statut'"):
        read("ID;A - Statut;B - Statut;Date d'ouverture\n1;Clos;Clos;2026-10-01 08:00\n", "glpi")


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("1 dias 18 horas 47 minutos", 86400 + 18 * 3600 + 47 * 60),
        ("1 jour 1 heure 1 minute", 86400 + 3600 + 60),
        ("2 days 3 hours 5 minutes", 2 * 86400 + 3 * 3600 + 300),
        ("1\u202f200 secondes", None),
        ("7260", 7260),
        ("12 lunes", None),
        ("٣ minutes", None),
    ],
)
def test_durations_in_words(read: Reader, words: str, seconds: int | None) -> None:
    content = f"ID;Statut;Date d'ouverture;Durée totale\n1;Clos;2026-10-01 08:00;{words}\n2;Clos;2026-10-01 08:00;\n"
    export = read(content, "glpi")

    if seconds is None:
        assert [r.code for r in export.rejected] == ["unreadable_duration"]
    else:
        assert export.tickets[0].time_spent == seconds


@pytest.mark.parametrize(
    ("word", "priority"),
    [("Majeure", "P1"), ("Très haute", "P1"), ("Haute", "P2"), ("Moyenne", "P3"), ("Basse", "P4"), ("Très basse", "P5"),
     ("Major", "P1"), ("Very high", "P1"), ("High", "P2"), ("Medium", "P3"), ("Low", "P4"), ("Very low", "P5")],
)  # fmt: skip
def test_priorities_in_both_languages(read: Reader, word: str, priority: str) -> None:
    content = f"ID;Statut;Date d'ouverture;Priorité\n1;Clos;2026-10-01 08:00;{word}\n"

    assert read(content, "glpi").tickets[0].priority == priority


def test_windows_bytes_with_the_first_accent_far_from_the_beginning(read: Reader) -> None:
    rows = "".join(f"{i};Clos;2026-10-01 08:00;disque\n" for i in range(5_000))
    content = f"ID;Statut;Date d'ouverture;Titre\n{rows}5001;R\xe9solu;2026-10-01 08:00;\x96 d\xe9bord\xe9\n"

    export = read(content.encode("latin-1"), "glpi")

    assert export.encoding == "cp1252"
    assert export.tickets[-1].title == "– deborde"
