"""Bad input: a clear message with file and line, a non-zero exit, nothing lost, and everything else goes on."""

from __future__ import annotations

import gzip
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from integration.cli.conftest import tickets
from integration.cli.host import CONTRACT, METRICS, SETTINGS, Answer, Host, export, host, month_of_tickets
from kpi_agent.store.peek import SCHEMA_VERSION
from lab.loopback import Act, loopback, reply

WITH_PORTAL = CONTRACT.replace(
    "scope: {tickets: {source: desk}}\n",
    """\
scope:
  tickets: {source: desk}
  services:
    portal: {source: main, up: 'probe_success{service="portal"}', calendar: 24x7}
""",
).replace(
    "report:\n",
    """\
  - {id: portal, indicator: availability, scope: {service: portal}, target: ">= 99%", min_coverage: 99%}
report:
""",
)


def known(of: Host) -> int:
    """How many tickets the store holds."""
    with closing(sqlite3.connect(of.store)) as store:
        return int(store.execute("SELECT count(DISTINCT ticket) FROM ticket_version").fetchone()[0])


def broken_files(of: Host) -> dict[str, tuple[bytes, str]]:
    """Each broken export with the words that its message must hold."""
    good = export(month_of_tickets(of.month(1), first=500, count=4)).encode()
    ambiguous = [
        good.decode().splitlines()[0],
        "INC7,incident,closed,P1,03/04/2026 10:00,,04/04/2026 11:00,04/04/2026 11:00",
    ]
    return {
        "binary": (gzip.compress(good), "binary.csv"),
        "empty": (b"", "empty.csv"),
        "truncated": (good[:-40], "truncated.csv"),
        "encoding": (
            good.decode().encode("utf-16-le"),
            "encoding.csv",
        ),
        "columns": (good.replace(b"id,", b"name,", 1), "'id'"),
        "dates": ("\n".join(ambiguous).encode() + b"\n", "03/04/2026"),
        "page": (b"<!DOCTYPE html>\n<html><title>Sign in</title></html>\n", "page.csv"),
    }


def test_broken_exports_are_refused_by_name_and_the_good_one_beside_them_is_taken(bare: Host) -> None:
    broken = broken_files(bare)
    for kind, (content, _) in broken.items():
        bare.drop(f"{kind}.csv", content)
    bare.drop("good.csv", tickets(bare))

    answer = bare.run("collect")

    assert answer.code == 1
    assert answer.out == "desk: good.csv: read 26, new 26, changed 0, unchanged 0, rejected 0\n"
    assert "Traceback" not in answer.err
    for kind, (content, words) in broken.items():
        told = [line for line in answer.err.splitlines() if line.startswith(f"{kind}.csv")]
        assert words in told[0]
        assert told[-1] == f"{kind}.csv: nothing was taken; mend it and try again"
        [kept] = bare.state.glob(f"quarantine/desk/*/{kind}.csv")
        assert kept.read_bytes() == content
    assert known(bare) == 26


def test_broken_exports_change_nothing_of_what_is_known(own: Host) -> None:
    paths = []
    for kind, (content, _) in broken_files(own).items():
        paths.append(own.home / f"{kind}.csv")
        paths[-1].write_bytes(content)

    answer = own.run("import", *paths, "--source", "desk")

    assert (answer.code, answer.out) == (1, "")
    assert answer.err.count("nothing was taken; mend it and try again") == len(paths)
    assert known(own) == 26


def test_several_files_are_taken_but_for_those_that_cannot(bare: Host) -> None:
    good = bare.home / "good.csv"
    good.write_text(tickets(bare))

    answer = bare.run("import", bare.home / "missing.csv", good, bare.home, "--source", "desk")

    assert answer.code == 1
    assert answer.out.startswith("good.csv: read 26, new 26")
    assert f"missing.csv: there is no such file ({bare.home / 'missing.csv'})" in answer.err
    assert "home: this is no regular file but a folder, pipe or device" in answer.err


def test_a_missing_inbox_is_named(bare: Host) -> None:
    shutil.rmtree(bare.inbox)

    answer = bare.run("collect")

    assert (answer.code, answer.out) == (1, "")
    assert f"{bare.inbox}: the drop folder does not exist; create it" in answer.err
    assert bare.run("status", "--json").value["sources"][0]["detail"].startswith(f"{bare.inbox}: the drop folder")


def test_a_link_in_the_inbox_is_named_and_not_followed(bare: Host) -> None:
    (bare.inbox / "link.csv").symlink_to(bare.home / "nowhere.csv")
    bare.drop("good.csv", tickets(bare))

    answer = bare.run("collect")

    assert answer.code == 1
    assert f"{bare.inbox / 'link.csv'}: this is a symbolic link; drop the file itself" in answer.err
    assert known(bare) == 26


def test_an_unreadable_export_is_named(public_home: Path) -> None:
    made = host(public_home)
    for folder in (made.state, made.inbox):
        folder.chmod(0o777)
    locked = made.home / "locked.csv"
    locked.write_text(tickets(made))
    locked.chmod(0)

    answer = made.run("import", locked, "--source", "desk", as_nobody=True)

    assert (answer.code, answer.out) == (1, "")
    assert f"locked.csv: no permission to read it ({locked}); give the agent's user read access" in answer.err


def hurried(on: Host, *words: str) -> Answer:
    """Call the program with little patience for servers."""
    script = Path(__file__).with_name("hurried.py")
    done = subprocess.run(
        [sys.executable, script, "--config", on.config, *words],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def hang(connection: socket.socket) -> None:
    connection.recv(1)


SERVERS: dict[str, tuple[Act, str]] = {
    "slow": (hang, "did not answer"),
    "page": (
        reply("<!DOCTYPE html><title>Sign in</title>", headers={"Content-Type": "text/html"}),
        "answered a web page, not the API",
    ),
    "error-200": (reply({"status": "error", "errorType": "execution", "error": "out of memory"}), "out of memory"),
    "no-json": (reply('{"status":'), "JSON"),
    "503": (reply("no backend", status="503 Service Unavailable"), "503"),
}


@pytest.mark.parametrize("kind", SERVERS)
def test_a_server_that_gives_no_answer_is_named_and_the_desk_is_read(kind: str, bare: Host) -> None:
    act, words = SERVERS[kind]
    bare.drop("desk.csv", tickets(bare))
    with loopback(act) as server:
        metrics = METRICS.format(url=server.url)
        bare.settings(SETTINGS.replace("sources:\n", f"sources:\n{metrics}"))
        bare.contract(text=WITH_PORTAL)

        answer = hurried(bare, "collect")

    assert answer.code == 1
    assert answer.out.splitlines() == [
        "main: 0 signals, 0 lines, 0 samples",
        "desk: desk.csv: read 26, new 26, changed 0, unchanged 0, rejected 0",
    ]
    assert answer.err.startswith(f"source main ({server.url})")
    assert words in answer.err
    assert "Traceback" not in answer.err


def test_a_server_that_is_down_leaves_its_objectives_without_data_and_the_others_measured(bare: Host) -> None:
    bare.drop("desk.csv", tickets(bare))
    bare.settings(SETTINGS.replace("sources:\n", "sources:\n" + METRICS.format(url="http://127.0.0.1:9")))
    bare.contract(text=WITH_PORTAL)
    assert bare.run("collect").code == 1

    document = bare.run("report", "show", "acme", "--period", bare.month(1).id, "--format", "json").value

    assert {o["id"]: o["verdict"] for o in document["objectives"]} == {
        "gti-p1": "met",
        "gtr-p1": "met",
        "gtr-p2": "missed",
        "portal": "no_data",
    }
    failed = next(s for s in bare.run("status", "--json").value["sources"] if s["name"] == "main")
    assert failed["state"] == "never"
    assert "refuses connections" in failed["detail"]


def test_a_token_file_that_is_missing_is_named_and_the_desk_is_read(bare: Host) -> None:
    bare.drop("desk.csv", tickets(bare))
    metrics = METRICS.format(url="http://127.0.0.1:9").replace("every:", "token_file: /no/such/token, every:")
    bare.settings(SETTINGS.replace("sources:\n", f"sources:\n{metrics}"))

    answer = bare.run("collect")

    assert answer.code == 1
    assert "token_file /no/such/token" in answer.err
    assert "desk: desk.csv: read 26, new 26" in answer.out


@pytest.mark.parametrize(
    ("broken", "line", "words"),
    [
        (CONTRACT.replace("priorities:", "priorites:"), 8, "did you mean 'priorities'"),
        (CONTRACT.replace("language: en\n", "language: en\nlanguage: fr\n"), 6, "language"),
        (CONTRACT.replace(">= 90%", ">= 190%"), 14, "190"),
        (CONTRACT.replace("2020-01-01", "2020-13-01"), 4, "2020-13-01"),
        ("contract: acme\n  customer: x\n", 2, "bad.yml"),
    ],
    ids=["typo", "duplicate-key", "over-100", "no-such-day", "no-yaml"],
)
def test_a_broken_contract_is_left_out_by_file_and_line_and_the_other_goes_on(
    broken: str, line: int, words: str, bare: Host
) -> None:
    path = bare.contract("bad", broken)

    checked = bare.run("check")

    assert checked.code == 78
    assert checked.out == "contract acme: 1 version(s), 3 objectives\n"
    assert checked.err.startswith(f"{path}:{line}:")
    assert words in checked.err


def test_commands_go_on_with_the_contracts_that_are_whole(bare: Host) -> None:
    bare.drop("desk.csv", tickets(bare))
    path = bare.contract("bad", CONTRACT.replace("priorities:", "priorites:"))

    collected = bare.run("collect")
    shown = bare.run("report", "show", "acme")
    refused = bare.run("report", "show", "bad")

    assert (collected.code, shown.code, refused.code) == (0, 0, 1)
    assert f"{path}:8:" in shown.err
    assert refused.err.endswith("kpi-agent: no contract 'bad'; known: acme\n")


@pytest.mark.parametrize(
    ("broken", "where"),
    [
        (SETTINGS.replace("timezone: Europe/Paris\n", ""), "kpi-agent.yml"),
        (SETTINGS.replace("generic", "generik"), "kpi-agent.yml:4:"),
        (SETTINGS.replace("sources:", "sources: ["), "kpi-agent.yml:"),
    ],
    ids=["no-zone", "unknown-profile", "no-yaml"],
)
def test_broken_settings_are_refused_by_file_and_line(broken: str, where: str, bare: Host) -> None:
    bare.settings(broken)

    answer = bare.run("check")

    assert (answer.code, answer.out) == (78, "")
    assert where in answer.err


def test_broken_settings_stop_every_command_before_it_touches_anything(bare: Host) -> None:
    bare.settings(SETTINGS.replace("generic", "generik"))

    for words in (["collect"], ["report", "list"], ["db", "upgrade"], ["run"]):
        answer = bare.run(*words)
        assert (words, answer.code, answer.out) == (words, 78, "")
        assert f"{bare.config}:4:" in answer.err
    assert not bare.store.exists()


def test_missing_settings_are_named_with_what_to_do(tmp_path: Path) -> None:
    nowhere = Host(tmp_path, 0)

    checked, status = nowhere.run("check"), nowhere.run("status")

    assert checked.code == 78
    assert (
        checked.err
        == f"{nowhere.config}: no such file; write one with `kpi-agent init`, or name another with --config\n"
    )
    assert status.code == 3
    assert status.out.startswith(f"kpi-agent UNKNOWN - {nowhere.config}: No such file or directory; name the settings")


def test_a_state_directory_that_cannot_be_made_is_named(bare: Host) -> None:
    bare.settings(SETTINGS.replace("state_dir: state", "state_dir: kpi-agent.yml/state"))

    answer = bare.run("collect")

    assert (answer.code, answer.out) == (1, "")
    assert f"{bare.home}/kpi-agent.yml/state: Not a directory; check that it is there" in answer.err


def test_a_store_of_a_newer_schema_is_left_alone(own: Host) -> None:
    with closing(sqlite3.connect(own.store)) as store, store:
        store.execute("UPDATE alembic_version SET version_num = '9999'")
    before = own.store.read_bytes()

    for words in (["collect"], ["report", "show", "acme"], ["db", "upgrade"], ["run"]):
        answer = own.run(*words)
        assert (words, answer.code, answer.out) == (words, 1, "")
        assert "was written by a newer kpi-agent (schema 9999): upgrade the program" in answer.err
    status = own.run("status", "--problems")
    assert status.code == 2
    assert "the store was written by a newer kpi-agent (schema 9999): upgrade the program" in status.out
    assert own.store.read_bytes() == before


def test_a_store_of_an_older_schema_is_critical_with_the_command_that_upgrades_it(own: Host) -> None:
    with closing(sqlite3.connect(own.store)) as store, store:
        store.execute("UPDATE alembic_version SET version_num = '0'")

    status = own.run("status", "--json")

    assert (status.code, status.value["state"]) == (2, "critical")
    assert status.value["todo"] == [
        {"text": f"the store has schema 0, this program needs {SCHEMA_VERSION}", "command": "kpi-agent db upgrade"}
    ]


def test_a_damaged_store_is_refused_with_what_to_do_and_never_replaced(own: Host) -> None:
    content = bytearray(own.store.read_bytes())
    content[:4096] = b"\0" * 4096
    own.store.write_bytes(content)

    for words in (["collect"], ["report", "show", "acme"], ["db", "upgrade"], ["run"]):
        answer = own.run(*words)
        assert (words, answer.code, answer.out) == (words, 1, "")
        assert str(own.store) in answer.err
        assert "copy the newest file of backups/ to its place, if there is one" in answer.err
    status = own.run("status")
    assert status.code == 2
    assert "the store cannot be used" in status.out
    assert own.store.read_bytes() == content


def test_a_second_daemon_is_refused_and_names_the_first(bare: Host) -> None:
    first = subprocess.Popen(
        [sys.executable, "-m", "kpi_agent.cli.main", "--config", bare.config, "run", "--tick", "1"],
        stderr=subprocess.DEVNULL,
    )
    try:
        give_up = time.monotonic() + 20
        while not (bare.state / "daemon.json").exists() and time.monotonic() < give_up:
            time.sleep(0.05)

        second = bare.run("run")

        assert second.code == 1
        assert f"another kpi-agent daemon (pid {first.pid}) already serves {bare.state}" in second.err
        assert first.poll() is None
    finally:
        first.send_signal(signal.SIGTERM)
        assert first.wait(20) == 0
