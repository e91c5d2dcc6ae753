"""``status`` for people and for monitoring: what it says, what it does not load, and where it still works."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from integration.cli.conftest import tickets
from integration.cli.host import CONTRACT, SETTINGS, Answer, Host, export, host, row
from kpi_agent.bootstrap.agent import open_agent
from kpi_agent.bootstrap.configuration import json_schema, load_configuration
from kpi_agent.domain.time import DAY, HOUR, MINUTE

HEAVY = {"sqlalchemy", "pydantic", "requests", "jinja2", "apscheduler", "prometheus_api_client", "alembic", "holidays"}


def beat(on: Host, **changes: Any) -> None:
    """Leave the heartbeat of a daemon that runs (this very process) or is said to."""
    heart = {
        "pid": os.getpid(),
        "version": "0.1.0",
        "started": on.now - DAY,
        "last_tick": on.now,
        "last_work": on.now - 60,
        "working_since": None,
        "next_at": on.now + 240,
        "failures": 0,
        "status": "1 contracts, 1 sources; all well",
        "reload_error": "",
        "clock_doubt": "",
        "rss_bytes": 61_000_000,
        "stopped": None,
    }
    (on.state / "daemon.json").write_text(json.dumps(heart | changes))


@pytest.fixture
def healthy(bare: Host) -> Host:
    """A host on which everything is well: a desk read an hour ago, every objective met, a daemon that lives."""
    on = bare
    # Enough of each priority, whatever day of the month it is: what is decided in the last hour counts in this month.
    rows = [row(n, on.now - 2 * HOUR + n, priority=f"P{1 + n % 2}", resolve=60, respond=30) for n in range(8)]
    start = row(99, on.month(1).start, resolve=60, respond=30)
    on.drop("desk.csv", export([start, *rows]))
    assert on.run("collect").code == 0
    beat(on)
    return on


def problems(answer: Answer) -> list[str]:
    return answer.out.splitlines()[1:]


def test_all_is_well_in_one_line_and_code_0(healthy: Host) -> None:
    brief = healthy.run("status", "--problems")
    whole = healthy.run("status")

    assert (brief.code, brief.out) == (0, "kpi-agent OK - 1 sources fresh, 3 objectives watched\n")
    assert whole.code == 0
    assert "State:  OK - 1 sources fresh, 3 objectives watched" in whole.out
    assert "things to do" not in whole.out


def test_the_answer_for_a_monitoring_plugin_ends_with_performance_data(healthy: Host) -> None:
    answer = healthy.run("status", "--nagios")

    assert answer.code == 0
    text, _, performance = answer.out.rstrip("\n").partition(" | ")
    assert text == "KPI-AGENT OK - 1 sources fresh, 3 objectives watched"
    assert [p.partition("=")[0] for p in performance.split()] == [
        "objectives_missed",
        "objectives_at_risk",
        "objectives_no_data",
        "sources_late",
        "reports_overdue",
        "store_size",
    ]


def test_problems_of_a_monitoring_plugin_stand_on_lines_of_their_own(own: Host) -> None:
    answer = own.run("status", "--nagios")

    assert answer.code == 2
    first, *rest = answer.out.splitlines()
    assert first.startswith("KPI-AGENT CRITICAL - daemon never started")
    assert rest[0].startswith("the daemon has never run here")
    assert [line.count("|") for line in (first, *rest)] == [*[0] * len(rest), 1]


def test_the_figures_are_those_of_the_report_at_the_same_instant(lived_in: Host) -> None:
    status = lived_in.run("status", "--json").value
    document = lived_in.run("report", "show", "acme", "--format", "json").value

    assert len(document["objectives"]) == 3
    for shown, promised in zip(status["objectives"], document["objectives"], strict=True):
        assert shown["reading"] == document["readings"][promised["reading"]]
        assert {**promised, "reading": 0} == {k: 0 if k == "reading" else shown[k] for k in promised}
    assert status["contracts"][0]["summary"] == document["summary"]


def test_the_json_is_of_its_schema_whatever_the_state(lived_in: Host, tmp_path: Path) -> None:
    empty = host(tmp_path / "empty")
    damaged = host(tmp_path / "damaged")
    damaged.store.write_bytes(b"no database, but long enough to be taken for one" * 100)
    states = [on.run("status", "--json") for on in (lived_in, empty, damaged, Host(tmp_path / "nowhere", 0))]

    assert [(a.code, a.value["state"]) for a in states] == [(2, "critical")] * 3 + [(3, "unknown")]
    for answer in states:
        jsonschema.validate(answer.value, json_schema("status"))
        assert answer.value["exit_code"] == answer.code


def test_before_anything_was_read_it_says_what_to_do_first(bare: Host) -> None:
    answer = bare.run("status")

    assert answer.code == 2
    assert "Store:  sqlite, nothing stored yet" in answer.out
    assert "kpi-agent import FILE --source desk" in answer.out
    assert "systemctl enable --now kpi-agent" in answer.out
    assert not bare.store.exists()


@pytest.mark.parametrize(
    ("heart", "code", "state", "words"),
    [
        ({"stopped": 1}, 2, "critical", "the daemon is stopped: systemctl restart kpi-agent"),
        ({"pid": 999_999_999}, 2, "critical", "the daemon is silent"),
        ({"reload_error": "acme.yml:3: a typo"}, 1, "warning", "is not in force: acme.yml:3: a typo: kpi-agent check"),
        ({"clock_doubt": "2 h behind"}, 1, "warning", "nothing is closed: 2 h behind"),
        (
            {"failures": 2, "status": "work failed (2 in a row): killed"},
            1,
            "warning",
            "work failed (2 in a row): killed",
        ),
        (
            {"status": "1 contracts, 1 sources; failing: close contract=acme"},
            1,
            "warning",
            "failing: close contract=acme: journalctl -u kpi-agent",
        ),
    ],
)
def test_what_is_wrong_with_the_daemon_is_said(
    heart: dict[str, Any], code: int, state: str, words: str, healthy: Host
) -> None:
    beat(healthy, **heart)

    answer = healthy.run("status", "--problems")

    assert answer.code == code
    assert answer.out.startswith(f"kpi-agent {state.upper()} - ")
    assert words in " ".join(answer.out.split())


def test_a_contract_that_is_left_out_for_its_errors_is_a_warning(healthy: Host) -> None:
    healthy.contract("globex", CONTRACT.replace("gti-p1", "no id: at all"))
    with open_agent(load_configuration(healthy.config)) as agent:
        ended = agent.round(now=healthy.now)
    beat(healthy, status=ended.status)

    answer = healthy.run("status", "--problems")

    assert answer.code == 1
    assert answer.out == (
        "kpi-agent WARNING - configuration not in force\n"
        "  contract files with errors are not in force: contracts.d/globex.yml: kpi-agent check\n"
    )


def test_times_name_their_zone(healthy: Host) -> None:
    first, *_ = healthy.run("status", env={"TZ": "Europe/Paris"}).out.splitlines()

    assert first.endswith((" CET", " CEST"))
    assert len(first) == 80


def test_a_daemon_that_works_for_long_is_alive_and_one_that_ticked_long_ago_is_not(healthy: Host) -> None:
    beat(healthy, working_since=healthy.now - 500, last_tick=healthy.now - 500)
    assert healthy.run("status").code == 0

    beat(healthy, last_tick=healthy.now - 500)
    assert healthy.run("status").code == 2


def test_a_late_source_is_a_warning_with_the_command_that_mends_it(healthy: Host) -> None:
    healthy.settings(SETTINGS.replace('"inbox/*.csv"', '"inbox/*.csv", max_age: 30m'))

    answer = healthy.run("status", "--problems")

    assert answer.code == 1
    assert answer.out == (
        "kpi-agent WARNING - 1 source late\n  desk is late; check the export job: kpi-agent import FILE --source desk\n"
    )


def test_an_objective_that_is_missed_so_far_is_a_warning(healthy: Host) -> None:
    bad = [row(n, healthy.now - 5 * HOUR + n, resolve=None) for n in range(100, 120)]
    healthy.drop("late.csv", export(bad), age=30 * MINUTE)
    healthy.run("collect")

    answer = healthy.run("status")

    assert answer.code == 1
    assert "MISSED" in answer.out


def test_an_export_that_was_refused_is_told_until_it_is_mended(healthy: Host) -> None:
    healthy.drop("bad.csv", "no;export\n")
    healthy.run("collect")

    answer = healthy.run("status", "--problems")

    assert answer.code == 1
    assert "1 source failing" in answer.out
    assert "bad.csv" in answer.out


def test_a_contract_is_chosen_by_name(healthy: Host) -> None:
    healthy.contract("globex")
    healthy.run("collect")

    both = healthy.run("status", "--json").value
    one = healthy.run("status", "globex", "--json").value

    assert [c["id"] for c in both["contracts"]] == ["acme", "globex"]
    assert [c["id"] for c in one["contracts"]] == ["globex"]
    unknown = healthy.run("status", "nobody")
    assert unknown.out == "kpi-agent UNKNOWN - nothing is known of contract 'nobody'; known: acme, globex\n"


def test_no_line_is_wider_than_a_terminal(own: Host) -> None:
    text = CONTRACT.replace("id: gti-p1", "id: a-name-so-long-that-nobody-would-ever-want-to-read-it-on-a-terminal")
    own.contract("a-customer-with-a-very-long-name-indeed-for-a-terminal", text)
    own.drop("a-file-with-a-very-long-name-that-goes-on-and-on-and-on-and-on-and-on-and-on-and-on.csv", "no;export\n")
    own.run("collect")

    answer = own.run("status")

    wide = [line for line in answer.out.splitlines() if len(line) > 80]
    assert wide == []


def test_it_loads_no_heavy_library(lived_in: Host) -> None:
    program = (
        "import sys\n"
        f"sys.argv = ['kpi-agent', '--config', {str(lived_in.config)!r}, 'status', '--json']\n"
        "from kpi_agent.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print('\\n'.join(sorted({m.partition('.')[0] for m in sys.modules})), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert json.loads(done.stdout)["contracts"][0]["id"] == "acme"
    assert HEAVY & set(done.stderr.split()) == set()


def test_it_works_for_a_user_who_may_only_read(public_home: Path) -> None:
    made = host(public_home)
    made.drop("desk.csv", tickets(made))
    made.run("collect")
    for path in [made.home, *made.home.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        mine = made.run("status", "--json").value
        answer = made.run("status", "--json", as_nobody=True)
    finally:
        for path in [made.home, *made.home.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)

    assert answer.code == 2  # no daemon ever ran there
    assert {k: v for k, v in answer.value.items() if k != "now"} == {k: v for k, v in mine.items() if k != "now"}
    assert [o["verdict"] for o in answer.value["objectives"]] == [o["verdict"] for o in mine["objectives"]]
    assert len(answer.value["objectives"]) == 3


def test_it_changes_nothing(own: Host) -> None:
    def files() -> dict[str, tuple[int, int]]:
        return {str(p): (p.stat().st_size, p.stat().st_mtime_ns) for p in own.home.rglob("*")}

    before = files()

    own.run("status")

    assert files() == before


def test_a_crash_is_unknown(own: Host) -> None:
    own.settings(SETTINGS.replace("sources:\n", "sources: 7\n").replace("  desk:", "other:\n  desk:"))
    (own.state / "daemon.json").write_text("[1, 2]")

    answer = own.run("status")

    assert answer.code == 3
    assert answer.out.startswith("kpi-agent UNKNOWN - ")
    assert answer.out.count("\n") == 1
    assert "Traceback" not in answer.err
