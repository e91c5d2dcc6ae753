"""Text as the terminal can show it: plain in a pipe, ASCII where UTF-8 is not expected, bytes where bytes count."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from integration.cli.conftest import tickets
from integration.cli.host import CONTRACT, Host, call
from kpi_agent.cli.terminal import to_ascii

FRENCH = CONTRACT.replace("language: en", "language: fr")

ASCII = [
    {"LC_ALL": "C"},
    {"PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "", "LC_CTYPE": "POSIX", "PYTHONCOERCECLOCALE": "0"},
]


@pytest.fixture
def unclosed(bare: Host) -> Host:
    """A host with the months of ``lived_in``, none of them closed: its contract may still be written otherwise."""
    bare.drop("desk.csv", tickets(bare))
    assert bare.run("collect").code == 0
    return bare


@pytest.mark.parametrize("env", ASCII, ids=str)
def test_every_text_is_ascii_where_utf_8_is_not_expected(env: dict[str, str], unclosed: Host) -> None:
    unclosed.contract(text=FRENCH)
    month = unclosed.month(1).id

    for words in (["status"], ["report", "show", "acme", "--period", month], ["explain", "acme", "INC100"]):
        answer = unclosed.run(*words, env=env)
        assert answer.out.isascii(), words
        assert answer.out
    assert "2 / 3 engagements tenus" in unclosed.run("report", "show", "acme", "--period", month, env=env).out


@pytest.mark.parametrize("env", [{"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C", "PYTHONIOENCODING": "utf-8"}], ids=str)
def test_utf_8_is_kept_where_it_is_expected(env: dict[str, str], unclosed: Host) -> None:
    unclosed.contract(text=FRENCH)

    assert "●" in unclosed.run("report", "show", "acme", "--period", unclosed.month(1).id, env=env).out


def test_json_says_the_same_in_ascii(unclosed: Host) -> None:
    unclosed.contract(text=CONTRACT.replace("ACME SAS", "Société Générale d'Essai"))
    unclosed.run("collect")

    ascii_only, utf_8 = unclosed.run("status", "--json", env={"LC_ALL": "C"}), unclosed.run("status", "--json")

    assert ascii_only.out.isascii()
    assert ascii_only.value["contracts"] == utf_8.value["contracts"]
    assert utf_8.value["contracts"][0]["customer"] == "Société Générale d'Essai"


def test_ascii_text_is_as_wide_as_it_was() -> None:
    text = "Février – ≥ 95 % · “été” … œuvre ● ○ ■ → ½"

    assert to_ascii(text) == 'Fevrier - > 95 % | "ete" ~ ouvre + o ! > 1?2'
    assert len(to_ascii(text.removesuffix("½"))) == len(text.removesuffix("½"))


def test_a_pipe_gets_no_colours(lived_in: Host) -> None:
    assert "\x1b" not in lived_in.run("status").out


@pytest.mark.parametrize(("env", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_a_terminal_gets_colours_unless_unwanted(lived_in: Host, env: dict[str, str], *, is_coloured: bool) -> None:
    ours, theirs = pty.openpty()
    clean = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    with subprocess.Popen(
        [sys.executable, "-m", "kpi_agent.cli.main", "--config", lived_in.config, "status"],
        stdout=theirs,
        env=clean | {"LC_ALL": "C.UTF-8"} | env,
    ) as process:
        os.close(theirs)
        shown = b""
        try:
            while block := os.read(ours, 65536):
                shown += block
        except OSError:  # the terminal's other side was closed
            pass
        process.wait(20)
    os.close(ours)

    assert (b"\x1b[" in shown) is is_coloured
    assert b"CRITICAL" in shown


def test_a_reader_that_leaves_early_is_no_crash(lived_in: Host) -> None:
    month = lived_in.month(2).id
    done = subprocess.run(
        f"{sys.executable} -m kpi_agent.cli.main --config {lived_in.config} report show acme --period {month} "
        "--format html | head -c 10",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "<!doctype "
    assert "Traceback" not in done.stderr


def test_messages_go_to_stderr_and_results_to_stdout(bare: Host) -> None:
    bare.contract("bad", CONTRACT.replace("language: en", "language: klingon"))

    answer = bare.run("report", "list", "--json")

    assert answer.value == []
    assert "klingon" in answer.err
    assert call("init", bare.home / "new").err == "edit both, then: kpi-agent check\n"
