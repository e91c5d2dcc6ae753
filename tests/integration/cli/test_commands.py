"""Each command on real files and a real store: results on stdout, messages on stderr, the promised exit codes."""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import jsonschema
import pytest

from integration.cli.conftest import tickets
from integration.cli.host import METRICS, SETTINGS, Host, call, export, month_of_tickets
from kpi_agent.bootstrap.configuration import json_schema
from kpi_agent.store.peek import SCHEMA_VERSION


def test_check_passes_on_what_init_wrote(tmp_path: Path) -> None:
    written = call("init", tmp_path / "etc")
    assert (written.code, written.err) == (0, "edit both, then: kpi-agent check\n")
    names = [tmp_path / "etc" / name for name in ("kpi-agent.yml", "contracts.d/example.yml")]
    assert written.out.splitlines() == [f"written {name}" for name in names]

    checked = call("--config", tmp_path / "etc" / "kpi-agent.yml", "check")

    assert (checked.code, checked.err) == (0, "")
    assert checked.out == "contract example: 1 version(s), 9 objectives\n"


OWN_PROFILE = """\
profile: ours
columns:
  id: [Ref]
  state: [State]
  opened: [Opened]
  resolved: [opened, Done]
  opend: [Since]
required: [id, opened]
dates: ["DD/MM/YYYY"]
states:
  new: [New]
  in_progres: [Working]
statse: {}
"""


def test_check_names_every_problem_of_an_own_profile_with_line_and_what_to_write(bare: Host) -> None:
    file = bare.home / "profiles" / "ours.yml"
    file.parent.mkdir()
    file.write_text(OWN_PROFILE)
    file.with_name("left.yaml").write_text("")

    answer = bare.run("check")

    assert (answer.code, answer.out) == (78, "")
    assert answer.err.splitlines() == [
        f"{file}:6:14: columns.resolved[0]: 'opened' would fill 'opened' and 'resolved'; keep it under one",
        f"{file}:7:3: columns.opend: 'opend' is not possible here; did you mean 'opened'?",
        f"{file}:9:9: dates[0]: 'DD/MM/YYYY' does not tell the year; write such as %d/%m/%Y %H:%M",
        f"{file}:12:3: states.in_progres: 'in_progres' is not possible here; did you mean 'in_progress'?",
        f"{file}:13:1: statse: unknown key 'statse'; did you mean 'states'?",
    ]
    file.unlink()
    assert f"advice: {file.with_name('left.yaml')}: is not read" in bare.run("check").err


def test_init_overwrites_nothing(bare: Host) -> None:
    before = bare.config.read_text()

    answer = call("init", bare.home)

    assert answer.code == 78
    assert f"{bare.config}: is there already and is not overwritten" in answer.err
    assert bare.config.read_text() == before
    assert not (bare.home / "contracts.d" / "example.yml").exists()


def test_the_settings_may_be_named_by_the_environment(bare: Host) -> None:
    assert call("check", env={"KPI_AGENT_CONFIG": str(bare.config)}).code == 0


def test_collect_takes_the_inbox_and_says_what_came(bare: Host) -> None:
    bare.drop("desk.csv", tickets(bare))

    answer = bare.run("collect")

    assert (answer.code, answer.err) == (0, "")
    assert answer.out == "desk: desk.csv: read 26, new 26, changed 0, unchanged 0, rejected 0\n"
    assert bare.run("collect", "desk").out == "desk: desk.csv: taken before, nothing to do\n"


def test_collect_says_when_the_inbox_holds_nothing_whole(bare: Host) -> None:
    bare.drop("fresh.csv", tickets(bare), age=0)

    answer = bare.run("collect")

    assert (answer.code, answer.out) == (0, "")
    assert answer.err == "desk: no complete export in inbox/*.csv\n"


def test_collect_of_an_unknown_source_reads_nothing_at_all(bare: Host) -> None:
    bare.drop("desk.csv", tickets(bare))

    answer = bare.run("collect", "desk", "dekk")

    assert (answer.code, answer.out) == (1, "")
    assert answer.err == "kpi-agent: no source 'dekk'; known: desk\n"


def test_taken_exports_are_put_away_and_none_over_another(bare: Host) -> None:
    bare.settings(SETTINGS.replace('"inbox/*.csv"', '"inbox/*.csv", consumed: archive'))
    first, second = tickets(bare), export(month_of_tickets(bare.month(1), first=900, count=3))
    for content in (first, second):
        bare.drop("desk.csv", content)
        assert bare.run("collect").code == 0

    assert {p.name: p.read_text() for p in (bare.inbox / "archive").iterdir()} == {
        "desk.csv": first,
        "desk.2.csv": second,
    }
    assert list(bare.inbox.glob("*.csv")) == []


def test_import_says_what_is_new_and_why_rows_were_rejected(bare: Host) -> None:
    rows = month_of_tickets(bare.month(1), count=3)
    rows[1]["opened"] = "yesterday"
    path = bare.home / "named.csv"
    path.write_text(export(rows))

    answer = bare.run("import", path, "--source", "desk")

    assert answer.code == 0
    assert answer.out == "named.csv: read 3, new 2, changed 0, unchanged 0, rejected 1\n"
    assert answer.err.startswith("named.csv:3: ")
    assert "yesterday" in answer.err


FRENCH = """\
Numéro;Titre;Statut;Priorité;Ouvert le;Résolu le;Urgence;Impact
1;Disque plein;fermé;P1;13/10/2026 08:00;13/10/2026 10:30;Haute;
2;Panne;en attente;P2;05/10/2026 09:00;;Basse;
3;Panne;rêveur;P2;05/10/2026 09:00;;Basse;
4;Panne;fermé;P3;01/11/2026 09:00;02/11/2026 09:00;Basse;
5;Panne;fermé;P3;02/11/2026 09:00;03/11/2026 09:00;Basse;
"""
"""Summer time in October, winter time in November; one state that nobody knows."""


def test_a_dry_run_shows_how_the_file_is_read_and_makes_no_store(bare: Host) -> None:
    path = bare.home / "named.csv"
    bare.settings(SETTINGS.replace("profile: generic", 'profile: generic, date_format: "%d/%m/%Y %H:%M"'))
    path.write_text(FRENCH)

    answer = bare.run("import", path, "--source", "desk", "--dry-run", "--as-of", "2026-11-20")

    assert (answer.code, answer.err) == (0, "")
    lines = answer.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert "named.csv: 5 rows (one row a ticket), 4 tickets" in lines
    assert "  'Ouvert le' → opened, dates %d/%m/%Y %H:%M" in lines
    assert "  not used: 'Urgence', 'Impact'" in lines
    assert "  holds: no such column in the file; expected 'hold_total' or 'hold total' or" in lines
    opened = [line.split(maxsplit=1)[1] for line in lines if line.startswith("  opened ")]
    assert opened == [
        "Tue 13 Oct 2026 08:00:00 +0200",
        "Mon 05 Oct 2026 09:00:00 +0200",
        "Sun 01 Nov 2026 09:00:00 +0100",
    ]
    assert "  responded          unknown" in lines
    assert lines[lines.index("rows: 4 accepted, 1 rejected") + 1 :][:2] == [
        "  1 unknown_state",
        "  line 4: 'rêveur' is no state that the profile knows; add it to `states`",
    ]
    assert not bare.state.joinpath("kpi-agent.db").exists()


def test_a_dry_run_in_json_says_the_same(bare: Host) -> None:
    path = bare.home / "named.csv"
    bare.settings(SETTINGS.replace("profile: generic", 'profile: generic, date_format: "%d/%m/%Y %H:%M"'))
    path.write_text(FRENCH)

    answer = bare.run("import", path, "--source", "desk", "--dry-run", "--json", "--as-of", "2026-11-20")

    assert (answer.code, answer.err) == (0, "")
    assert answer.value["schema"] == "kpi-agent/import-dry-run/1"
    [told] = answer.value["files"]
    assert {c["header"]: (c["field"], c["date_format"]) for c in told["columns"]}["Résolu le"] == (
        "resolved",
        "%d/%m/%Y %H:%M",
    )
    assert told["unused"] == ["Urgence", "Impact"]
    assert (told["rows"], told["accepted"], told["rejected"], told["reasons"]) == (5, 4, 1, {"unknown_state": 1})
    assert [row["line"] for row in told["rejected_rows"]] == [4]
    assert {one["field"] for one in told["unknown"]} == {"holds", "reopenings", "responded"}
    assert "group" in {one["field"] for one in told["not_in_file"]}
    assert [t["opened"] for t in told["first_tickets"]] == [1791871200, 1791183600, 1793520000]
    assert told["first_tickets"][1]["resolved"] is None
    assert told["timezone"] == "Europe/Paris"


def test_a_dry_run_of_a_refused_file_says_why_and_fails(bare: Host) -> None:
    path = bare.home / "named.csv"
    path.write_text("id;state;opened\n1;new;03/04/2026 10:00\n")

    answer = bare.run("import", path, "--source", "desk", "--dry-run")

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.startswith("named.csv: column 'opened': no date format reads its cells, such as '03/04/2026")
    assert not bare.store.exists()
    assert bare.run("import", path, "--source", "desk", "--json").code == 2


def test_one_page_of_several_is_taken_and_said_not_to_be_all(bare: Host) -> None:
    bare.settings(SETTINGS.replace("profile: generic", "profile: jira"))
    path = bare.home / "page.json"
    fields = {"created": "2026-10-05T08:00:00.000+0200", "updated": "2026-10-06T08:00:00.000+0200"}
    issue = {"key": "OPS-1", "fields": {**fields, "status": {"name": "To Do"}}}
    path.write_text(json.dumps({"issues": [issue], "isLast": False, "nextPageToken": "x"}))

    looked = bare.run("import", path, "--source", "desk", "--dry-run")
    taken = bare.run("import", path, "--source", "desk")

    assert "1 rows and not all: the desk cuts at exactly so many" in looked.out
    assert (taken.code, taken.out) == (0, "page.json: read 1, new 1, changed 0, unchanged 0, rejected 0\n")
    assert taken.err.startswith("page.json: 1 rows and not all")


def test_an_import_at_a_given_instant_is_known_up_to_it(bare: Host) -> None:
    path = bare.home / "named.csv"
    path.write_text(tickets(bare))
    at = f"{bare.month(0).first_day}T06:00:00Z"

    assert bare.run("import", path, "--source", "desk", "--as-of", at).code == 0

    document = bare.run("report", "show", "acme", "--format", "json").value
    assert [s["as_of"] for s in document["sources"]] == [at]


def test_a_file_that_was_taken_keeps_its_instant_and_says_so(bare: Host) -> None:
    path = bare.home / "named.csv"
    path.write_text(tickets(bare))
    first, other = (f"{bare.month(0).first_day}T{hour}:00:00Z" for hour in ("06", "07"))
    assert bare.run("import", path, "--source", "desk", "--as-of", first).code == 0

    again = bare.run("import", path, "--source", "desk", "--as-of", other)
    same = bare.run("import", path, "--source", "desk", "--as-of", first)

    assert (again.code, again.out) == (0, "named.csv: taken before, nothing to do\n")
    assert again.err == f"named.csv: taken before as of {first}; --as-of ignored\n"
    assert same.err == ""


def test_import_needs_a_ticket_source(bare: Host) -> None:
    answer = bare.run("import", bare.home / "x.csv", "--source", "main")

    assert (answer.code, answer.err) == (1, "kpi-agent: no ticket source 'main'; known: desk\n")
    assert bare.run("import", bare.home / "x.csv").code == 2


def test_a_report_is_shown_as_text_page_and_document(lived_in: Host) -> None:
    month = lived_in.month(1).id
    text = lived_in.run("report", "show", "acme", "--period", month)
    page = lived_in.run("report", "show", "acme", "--period", month, "--format", "html")
    document = lived_in.run("report", "show", "acme", "--period", month, "--format", "json")

    assert [(a.code, a.err) for a in (text, page, document)] == [(0, "")] * 3
    assert "2 / 3 commitments kept" in text.out
    assert page.out.startswith("<!doctype html>")
    assert document.value["state"] == "preview"
    assert document.value["summary"]["missed"] == 1
    jsonschema.validate(document.value, json_schema("report"))


def test_a_closed_document_comes_out_byte_by_byte_as_it_was_frozen(lived_in: Host) -> None:
    month = lived_in.month(2).id
    listed = lived_in.run("report", "list", "acme", "--json").value
    shown = lived_in.run("report", "show", "acme", "--period", month, "--format", "json")
    in_ascii = lived_in.run("report", "show", "acme", "--period", month, "--format", "json", env={"LC_ALL": "C"})

    assert [(r["period"], r["revision"]) for r in listed] == [(month, 1)]
    assert hashlib.sha256(shown.out.encode()).hexdigest() == listed[0]["sha256"]
    assert in_ascii.out == shown.out
    archived = lived_in.state / "reports" / "acme" / month / "r1" / "report.json"
    assert archived.read_text() == shown.out


def test_showing_a_report_stores_nothing(own: Host) -> None:
    with closing(sqlite3.connect(own.store)) as store:
        before = list(store.iterdump())

    own.run("report", "show", "acme")

    with closing(sqlite3.connect(own.store)) as store:
        assert list(store.iterdump()) == before


def test_a_report_is_written_where_one_wants_it(lived_in: Host, tmp_path: Path) -> None:
    target = tmp_path / "month.html"

    answer = lived_in.run("report", "show", "acme", "--format", "html", "-o", target)

    assert (answer.code, answer.out, answer.err) == (0, "", f"written to {target}\n")
    assert target.read_text().startswith("<!doctype html>")


def test_a_report_that_cannot_be_written_says_why(lived_in: Host, tmp_path: Path) -> None:
    answer = lived_in.run("report", "show", "acme", "-o", tmp_path / "no" / "month.txt")

    assert (answer.code, answer.out) == (1, "")
    assert f"{tmp_path / 'no' / 'month.txt'}: No such file or directory; check that it is there" in answer.err


@pytest.mark.parametrize("period", ["week", "quarter"])
def test_weeks_and_quarters_are_shown_too(lived_in: Host, period: str) -> None:
    day = lived_in.month(1).first_day
    year, week, _ = day.isocalendar()
    name = f"{year}-W{week:02d}" if period == "week" else f"{day.year}-Q{(day.month + 2) // 3}"

    document = lived_in.run("report", "show", "acme", "--period", name, "--format", "json").value

    assert document["period"]["id"] == name


def test_build_closes_a_finished_month_once(own: Host) -> None:
    month = own.month(1).id
    folder = own.state / "reports" / "acme" / month / "r1"

    first = own.run("report", "build", "acme", "--period", month)
    again = own.run("report", "build", "acme", "--period", month)

    assert (first.code, first.err) == (0, "")
    assert first.out == f"acme {month} revision 1: rendered, in {folder}\n"
    assert sorted(p.name for p in folder.iterdir()) == [
        f"report.{form}" for form in ("csv", "html", "json", "txt", "xlsx")
    ]
    assert (again.code, again.out) == (1, "")
    assert "is closed (revision 1) and never changes silently; to see it: kpi-agent report show" in again.err


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["build", "acme", "--period", "THIS"], 1, "is not over before"),
        (["build", "acme", "--period", "2019-12"], 1, "was not in force in 2019-12; it starts 2020-01-01"),
        (["build", "acme", "--period", "October"], 2, "'October' is no period; write a month 2026-10"),
        (["build", "acme"], 2, "Missing option '--period'"),
        (
            ["show", "acme", "--period", "2999-01"],
            1,
            "2999-01 begins at 2998-12-31T23:00:00Z",
        ),
        (["show", "acme", "--format", "docx"], 2, "'docx' is not one of"),
        (["show", "acme", "--format", "eml"], 1, "names no sender of mails; write mail: {host: localhost, from:"),
        (["show", "acmee"], 1, "no contract 'acmee'; known: acme"),
        (["list", "acmee"], 1, "no contract 'acmee'; known: acme"),
    ],
)
def test_what_a_report_cannot_do_is_said(lived_in: Host, words: list[str], code: int, message: str) -> None:
    answer = lived_in.run("report", *[lived_in.month(0).id if w == "THIS" else w for w in words])

    assert (answer.code, answer.out) == (code, "")
    assert message in answer.err


def test_a_report_without_any_data_is_shown_and_says_so(bare: Host) -> None:
    answer = bare.run("report", "show", "acme")

    assert (answer.code, answer.err) == (0, "")
    assert "0 / 3 commitments kept" in answer.out
    assert "not measured" in answer.out


def test_list_says_when_nothing_is_closed(bare: Host) -> None:
    assert bare.run("report", "list").err == "nothing is closed yet\n"
    assert bare.run("report", "list", "--json").value == []


def test_list_shows_a_line_per_closed_period(lived_in: Host) -> None:
    answer = lived_in.run("report", "list")

    assert answer.code == 0
    assert answer.out.split()[:3] == ["acme", lived_in.month(2).id, "r1"]
    assert "1 met, 2 missed, 0 not measured" in answer.out
    assert re.search(r"closed \d{4}-\d\d-\d\d \d\d:\d\d CES?T  ", answer.out)


def test_explain_leads_from_the_row_to_the_verdict(lived_in: Host) -> None:
    text = lived_in.run("explain", "acme", "INC100")
    value = lived_in.run("explain", "acme", "INC100", "--json").value

    assert (text.code, text.err) == (0, "")
    assert "read from   desk.csv, line 2 (source desk)" in text.out
    assert "verdict   breached, decided" in text.out
    assert f"it counts in {lived_in.month(2).id}" in text.out
    assert [c["verdict"] for c in value["clocks"]] == ["met", "breached"]
    assert value["origin"] == {"source": "desk", "file": "desk.csv", "line": 2}


def test_explain_of_an_unknown_ticket_says_where_it_looked(lived_in: Host) -> None:
    answer = lived_in.run("explain", "acme", "INC9")

    assert (answer.code, answer.out) == (1, "")
    assert answer.err == (
        "kpi-agent: no ticket 'INC9' for contract 'acme' among 26 in the store; "
        "did you mean INC209 or INC109 or INC301?; objectives: gti-p1, gtr-p1, gtr-p2\n"
    )


def test_what_an_export_holds_is_shown_and_acts_on_no_terminal(bare: Host) -> None:
    rows = month_of_tickets(bare.month(1), count=2)
    rows[0]["id"] = "INC1\x1b[2J\x07\u202e"
    rows[1]["state"] = "\x1b[31mgone"
    named = bare.home / "desk.csv"
    named.write_text(export(rows))

    taken = bare.run("import", str(named), "--source", "desk")
    shown = bare.run("explain", "acme", rows[0]["id"])

    assert r"'\x1b[31mgone' is no state" in taken.err
    assert shown.out.startswith(r"INC1\x1b[2J\x07\u202e  (contract acme")
    assert {c for c in taken.err + shown.out if not c.isprintable()} <= {"\n"}


def test_explain_of_a_rejected_ticket_says_where_and_why(bare: Host) -> None:
    rows = month_of_tickets(bare.month(1), count=3)
    rows[1]["opened"] = "yesterday"
    bare.drop("desk.csv", export(rows))
    bare.run("collect")

    answer = bare.run("explain", "acme", "INC2")

    assert (answer.code, answer.out) == (1, "")
    first, second = answer.err.splitlines()
    assert first.startswith("kpi-agent: no ticket 'INC2' for contract 'acme' among 2 in the store; did you mean ")
    assert second.startswith("rejected: desk.csv:3: ")
    assert "yesterday" in second
    assert "rejected" not in bare.run("explain", "acme", "INC").err


@pytest.mark.parametrize("kind", ["contract", "report", "status"])
def test_a_schema_is_printed(kind: str) -> None:
    answer = call("schema", kind)

    assert (answer.code, answer.err) == (0, "")
    jsonschema.Draft202012Validator.check_schema(answer.value)


def test_db_upgrade_makes_a_store_and_then_finds_it_made(bare: Host) -> None:
    assert bare.run("db", "upgrade").out == f"made a new store with schema {SCHEMA_VERSION}\n"
    assert bare.run("db", "upgrade").out == f"the store has schema {SCHEMA_VERSION} already\n"


def test_check_online_asks_each_server(bare: Host) -> None:
    bare.settings(SETTINGS.replace("contracts:", METRICS.format(url="http://127.0.0.1:9") + "contracts:"))

    answer = bare.run("check", "--online")

    assert answer.code == 1
    assert answer.out == "contract acme: 1 version(s), 3 objectives\n"
    assert answer.err == (
        "source main (http://127.0.0.1:9) refuses connections: is the server running, and is the port right?\n"
    )


def test_the_demo_refuses_a_folder_that_is_in_use(bare: Host) -> None:
    answer = call("demo", bare.home)

    assert (answer.code, answer.out) == (1, "")
    assert f"{bare.home} is not empty; name another folder" in answer.err
    assert bare.config.read_text() == SETTINGS
