r"""The traps of real exports, each with a test of its own; a test below looks that each named test is there.

Traps that real files set (inputs.md A0):

1   encodings, a high byte far down         test_traps.py::test_trap_1_a_file_that_is_ascii_for_600_kb_is_still_one_byte_text
1   UTF-8, UTF-16, UTF-32, cp1252           test_refused_files.py::test_every_encoding_delimiter_and_line_end_reads_alike
1   UTF-32 looked for before UTF-16         test_refused_files.py::test_both_byte_orders_are_known_by_their_mark
2   blank line, then a mark; mark in quotes test_traps.py::test_trap_2_a_mark_that_is_not_at_the_beginning
3   delimiters; each line ends with one     test_traps.py::test_trap_3_every_line_ends_with_its_delimiter
4   line ends, in cells too; <br>           test_traps.py::test_trap_4_line_ends_mix_and_stand_inside_cells
5   quotes that became two apostrophes      test_traps.py::test_trap_5_two_apostrophes_are_no_quote
6   spaces of any kind inside ids           test_traps.py::test_trap_6_an_id_is_one_whatever_separates_its_thousands
7   the same header many times              test_traps.py::test_trap_7_of_a_repeated_header_the_first_column_counts_where_it_may_hold_several
8   rows wider than the header              test_traps.py::test_trap_8_a_row_wider_than_the_header_is_set_aside_and_counted
9   words, months and numbers of a language test_traps.py::test_trap_9_months_booleans_and_durations_in_other_languages
10  the order of a date                     test_traps.py::test_trap_10_one_day_over_twelve_decides_and_none_is_refused
11  saved again by a spreadsheet            test_traps.py::test_trap_11_a_file_that_a_spreadsheet_saved_again
12  words for nothing                       test_traps.py::test_trap_12_no_word_for_nothing_is_a_date
13  no export names its zone                test_traps.py::test_trap_13_the_zone_is_the_sources_and_its_doubled_hour_is_told_apart
14  a row a ticket, or a row an event       test_traps.py::test_trap_14_repeated_ids_are_a_history_where_instants_differ
15  an apostrophe before a formula          test_traps.py::test_trap_15_the_guard_of_a_formula_is_taken_off

Hostile files (inputs.md D); those of Prometheus, mail and reports stand with their parts:

YAML aliases nested              test_strictyaml.py::test_nested_aliases_end_at_once
YAML depth, size                 test_strictyaml.py::test_depth_is_bounded
YAML size                        test_strictyaml.py::test_size_is_bounded
YAML duplicate keys              test_strictyaml.py::test_what_could_mean_something_else_is_refused
YAML NO, 12:30, 010              test_strictyaml.py::test_a_scalar_is_the_text_that_was_written
workbook bombs                   test_spreadsheet.py::test_a_workbook_that_cannot_be_used_is_refused
huge cell, open quote, NUL       test_refused_files.py::test_a_useless_file_is_refused_with_the_message_beside_it
a line without an end            test_refused_files.py::test_a_line_without_an_end_is_not_taken_into_memory
too many rows                    test_drop_folder.py::test_sixty_hostile_files_at_once_leave_the_good_one_taken_and_are_each_named
nan, 1_000, Arabic digits        test_generic.py::test_a_row_that_cannot_be_trusted_is_set_aside_with_its_line_and_reason
still being written              test_drop_folder.py::test_a_writer_that_pauses_at_each_percent_is_waited_for_and_then_taken_whole
written bit by bit               test_drop_folder.py::test_a_writer_that_opens_and_closes_the_file_for_each_percent_is_waited_for
renamed into place               test_drop_folder.py::test_a_file_that_is_renamed_into_place_is_whole
cut anywhere                     test_damage.py::test_a_file_cut_anywhere_is_refused_or_a_part_of_the_whole
links, pipes, devices, folders   test_inbox.py::test_links_pipes_and_folders_are_problems_and_never_files
.. in the glob                   test_inbox.py::test_a_glob_leads_nowhere_else
another owner                    test_drop_folder.py::test_a_file_of_another_owner_is_taken_and_one_with_a_mark_at_once
swapped between look and open    test_inbox.py::test_what_is_swapped_for_a_link_after_the_look_is_not_followed
changed while it is read         test_traps.py::test_a_file_that_grows_while_it_is_read_is_refused
the same file twice              test_tickets.py::test_a_file_taken_twice_changes_nothing
overlapping exports              test_tickets.py::test_a_file_that_comes_late_does_not_overrule_a_newer_one
resolved before opened, future   test_generic.py::test_a_row_that_cannot_be_trusted_is_set_aside_with_its_line_and_reason
impossible local time            test_generic.py::test_a_local_time_that_never_was_is_the_end_of_the_gap
doubled local time               test_glpi.py::test_a_local_time_that_exists_twice_is_the_second_one_when_the_first_precedes_the_opening
=HYPERLINK as a title            test_spreadsheet.py::test_cells_of_every_kind_become_what_they_say
<script>, {{ }}                  test_html.py::test_names_cannot_leave_their_place
label values                     test_promql.py::test_no_label_value_leaves_its_quotes
(a+)+$ from configuration        test_traps.py::test_a_glob_of_configuration_is_never_a_pattern
"""  # noqa: E501 - a table

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_agent.domain.errors import ExportRefused
from kpi_agent.domain.export import Export
from kpi_agent.domain.source import Profile, TicketSource
from kpi_agent.domain.ticket import State
from kpi_agent.domain.time import to_utc_text
from whole_export import read_whole

Reader = Callable[..., Export]
Profiles = Callable[[str], Profile]
HEAD = "id,state,opened\n"


def test_every_test_that_the_tables_name_is_there() -> None:
    tests = Path(__file__).parents[2]
    named = re.findall(r"(test_\w+\.py)::(test_\w+)", __doc__ or "")
    there = {
        (path.name, name)
        for path in tests.rglob("test_*.py")
        for name in re.findall(r"^def (\w+)", path.read_text(), re.MULTILINE)
    }

    assert len(named) > 40
    assert [one for one in named if one not in there] == []
    assert {int(number) for number in re.findall(r"^(\d+) ", __doc__ or "", re.MULTILINE)} == set(range(1, 16))


def test_trap_1_a_file_that_is_ascii_for_600_kb_is_still_one_byte_text(read: Reader) -> None:
    rows = "".join(f"{n},closed,2026-10-01 08:00,plain text that fills the line\n" for n in range(12_000))
    content = ("id,state,opened,category\n" + rows).encode() + b"12000,closed,2026-10-01 08:00,un \x96 deux\n"
    assert content.index(b"\x96") > 600_000

    export = read(content)

    assert (export.encoding, export.tickets[-1].category) == ("cp1252", "un – deux")


@pytest.mark.parametrize(
    "head", ["\n\ufeffid,state,opened\n", '"\ufeff""id""",state,opened\n', "\r\n\r\n\ufeff\ufeffid,state,opened\r\n"]
)
def test_trap_2_a_mark_that_is_not_at_the_beginning(read: Reader, head: str) -> None:
    export = read(head + "7,closed,2026-10-01 08:00\n")

    assert [t.id for t in export.tickets] == ["7"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "¤", "|"])
def test_trap_3_every_line_ends_with_its_delimiter(read: Reader, delimiter: str) -> None:
    lines = ['"id","state","opened",', '"1","closed","2026-10-01 08:00",', '"2","closed","2026-10-01 08:00",']

    export = read("\n".join(lines).replace(",", delimiter) + "\n")

    assert ([t.id for t in export.tickets], export.rejected, export.delimiter) == (["1", "2"], (), delimiter)


def test_trap_4_line_ends_mix_and_stand_inside_cells(read: Reader) -> None:
    content = (
        'ID;Statut;"Date d\'ouverture";Titre;"Attribué à - Groupe de techniciens"\r\n'
        '1;Clos;2026-10-13 08:00;"une\nligne\nde plus";Linux<br>Réseau\r\n'
        '2;Clos;2026-10-13 08:00;x;"Linux\nRéseau"\n'
        "3;Clos;2026-10-13 08:00;x;Linux\r\n"
    )

    export = read(content, "glpi")

    assert [(t.id, t.origin.line) for t in export.tickets] == [("1", 2), ("2", 5), ("3", 7)]
    assert export.tickets[0].group == "Linux"
    assert export.rejected == ()


def test_trap_5_two_apostrophes_are_no_quote(read: Reader) -> None:
    export = read(
        HEAD.replace("opened", "opened,category") + "1,closed,2026-10-01 08:00,\"l'appli ''Paie'' est lente\"\n"
    )

    assert export.tickets[0].category == "l'appli ''Paie'' est lente"


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u2009"])
def test_trap_6_an_id_is_one_whatever_separates_its_thousands(read: Reader, space: str) -> None:
    export = read(HEAD + f"52{space}267,closed,2026-10-01 08:00\n1{space}234{space}567,closed,2026-10-01 08:00\n")

    assert [t.id for t in export.tickets] == ["52267", "1234567"]


def test_trap_7_of_a_repeated_header_the_first_column_counts_where_it_may_hold_several(read: Reader) -> None:
    comments = ",Comment" * 75
    rows = [
        f"{row}{',said' * 75}"
        for row in ("1,closed,2026-10-01 08:00,P1,P1,Mail,Disk", "2,closed,2026-10-01 08:00,P1,P4,Mail,")
    ]

    export = read(f"id,state,opened,priority,Priority,category,category{comments}\n" + "\n".join(rows) + "\n")

    assert [(t.id, t.priority, t.category) for t in export.tickets] == [("1", "P1", "Mail")]
    assert export.unused == ("Priority", "category", *["Comment"] * 75)
    assert [(r.line, r.code, r.reason) for r in export.rejected] == [
        (3, "two_values", "two columns are named 'priority' and tell 'P1' and 'P4': export one of them")
    ]


def test_trap_8_a_row_wider_than_the_header_is_set_aside_and_counted(read: Reader) -> None:
    rows = "".join(f"{n},closed,2026-10-01 08:00,a\n" for n in range(20))

    export = read("id,state,opened,category\n" + rows + "20,closed,2026-10-01 08:00,a, b\n")

    assert (export.rows, len(export.tickets), [r.code for r in export.rejected]) == (21, 20, ["field_count"])


def test_trap_9_months_booleans_and_durations_in_other_languages(read: Reader) -> None:
    spanish = read(
        "Clave de incidencia,Estado,Creada,Resuelta\nOPS-1,Listo,18/jul/26 9:10 AM,18/jul/26 10:53 AM\n", "jira"
    )
    portuguese = read(
        "ID;Status;Data de abertura;Statistics - Waiting time;Time to resolve exceeded\n"
        "1;Fechado;2026-10-13 08:00;1 dias 18 horas 47 minutos;Não\n",
        "glpi",
        hold_basis="wall",
    )

    assert to_utc_text(spanish.tickets[0].opened) == "2026-07-18T07:10:00Z"
    total = portuguese.tickets[0].hold_total
    assert total is not None
    assert (total.seconds, portuguese.tickets[0].desk_met) == (((24 + 18) * 60 + 47) * 60, True)


def test_trap_10_one_day_over_twelve_decides_and_none_is_refused(read: Reader) -> None:
    head = "ID;Statut;Date d'ouverture\n"

    export = read(head + "1;Clos;05-09-2026 08:00\n2;Clos;03-13-2026 08:00\n", "glpi")

    assert [to_utc_text(t.opened)[:10] for t in export.tickets] == ["2026-05-09", "2026-03-13"]
    with pytest.raises(ExportRefused, match="2026-09-05 or 2026-05-09; set `date_format` on the source"):
        read(head + "1;Clos;05-09-2026 08:00\n", "glpi")
    declared = read(head + "1;Clos;05-09-2026 08:00\n", "glpi", date_format="%d-%m-%Y %H:%M")
    assert to_utc_text(declared.tickets[0].opened)[:10] == "2026-09-05"


def test_trap_11_a_file_that_a_spreadsheet_saved_again(read: Reader) -> None:
    # Quotes and the trailing column gone, slashes for dashes, no leading zeros; digits regrouped the Indian way.
    content = (
        "ID;Statut;Date d'ouverture;Durée totale\n"
        "52267;Clos;3/02/2026 6:04;5 minutes\n"
        "52268;Clos;17/3/2026 16:04;\n"
        '52269;Clos;17/3/2026 16:04;"3,87,16,91,111"\n'
    )

    export = read(content, "glpi")

    assert [(t.id, to_utc_text(t.opened)) for t in export.tickets] == [
        ("52267", "2026-02-03T05:04:00Z"),
        ("52268", "2026-03-17T15:04:00Z"),
    ]
    assert [(r.line, r.code) for r in export.rejected] == [(4, "unreadable_duration")]


@pytest.mark.parametrize("nothing", ["", "null", "NULL", "?", "-", "--", "\\N", " ", "\u00a0"])
def test_trap_12_no_word_for_nothing_is_a_date(read: Reader, nothing: str) -> None:
    export = read("id,state,opened,resolved,priority\n" + f"1,new,2026-10-01 08:00,{nothing},{nothing}\n")

    [ticket] = export.tickets
    assert (ticket.resolved, ticket.priority, export.rejected) == (None, None, ())


def test_trap_13_the_zone_is_the_sources_and_its_doubled_hour_is_told_apart(read: Reader) -> None:
    content = "id,state,opened,resolved\n1,closed,2026-10-25 02:30,2026-10-25 02:10\n2,closed,2026-10-25 02:30,\n"

    paris, tokyo = read(content), read(content.replace("02:10", "02:40"), timezone="Asia/Tokyo")

    first, second = paris.tickets
    assert (to_utc_text(first.opened), to_utc_text(first.resolved or 0)) == (
        "2026-10-25T00:30:00Z",
        "2026-10-25T01:10:00Z",
    )
    assert to_utc_text(second.opened) == "2026-10-25T00:30:00Z"
    assert to_utc_text(tokyo.tickets[0].opened) == "2026-10-24T17:30:00Z"


def test_trap_14_repeated_ids_are_a_history_where_instants_differ(read: Reader) -> None:
    rows = [
        "number,incident_state,opened_at,sys_updated_on",
        "INC1,New,2026-10-01 08:00:00,2026-10-01 08:00:00",
        "INC1,Active,2026-10-01 08:00:00,2026-10-01 08:20:00",
        "INC1,Resolved,2026-10-01 08:00:00,2026-10-01 09:00:00",
    ]
    log = read("\n".join(rows) + "\n", "servicenow")
    single = read("\n".join([*rows[:2], rows[1]]) + "\n", "servicenow")

    [ticket] = log.tickets
    assert (log.is_event_log, log.rows, ticket.state, ticket.origin.line) == (True, 3, State.RESOLVED, 4)
    assert to_utc_text(ticket.responded or 0) == "2026-10-01T06:20:00Z"
    assert (single.is_event_log, [r.code for r in single.rejected]) == (False, ["repeated_id"])


@pytest.mark.parametrize("formula", ["=HYPERLINK(1)", "+cmd", "-1 day", "@SUM(1)"])
def test_trap_15_the_guard_of_a_formula_is_taken_off(read: Reader, formula: str) -> None:
    export = read("id,state,opened,category\n" + f"1,closed,2026-10-01 08:00,'{formula}\n")

    assert export.tickets[0].category == formula


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path, profile: Profiles) -> None:
    path = tmp_path / "growing.csv"
    path.write_text(HEAD + "".join(f"{n},closed,2026-10-01 08:00\n" for n in range(50_000)))
    is_done = threading.Event()

    def write_on() -> None:
        with path.open("a") as file:
            while not is_done.is_set():
                file.write("x,closed,2026-10-01 08:00\n")
                file.flush()
                time.sleep(0.005)

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        with pytest.raises(ExportRefused, match=r"changed while it was read|cut short"):
            read_whole(
                path, TicketSource("desk", profile("generic"), "*.csv", "UTC"), as_of=1_795_428_000, now=1_795_428_000
            )
    finally:
        is_done.set()
        writer.join()


def test_a_glob_of_configuration_is_never_a_pattern(read: Reader) -> None:
    log = "number,incident_state,opened_at,sys_updated_on,sys_updated_by\n"
    rows = [
        f"INC1,{state},2026-10-01 08:00:00,2026-10-01 0{8 + n}:00:00,{'a' * 40}"
        for n, state in enumerate(["New", "Active"])
    ]
    began = time.process_time()

    export = read(log + "\n".join(rows) + "\n", "servicenow", robots=("(a+)+$", "*a*a*a*a*a*a*a*b"))

    assert time.process_time() - began < 1
    assert export.tickets[0].responded is not None
