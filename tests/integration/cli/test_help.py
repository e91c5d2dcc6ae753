"""``--help`` begins with examples, and each example is a command line that the program takes."""

from __future__ import annotations

import re
import shlex

import pytest

from integration.cli.host import call

COMMANDS = [
    "",
    "check",
    "collect",
    "db",
    "db upgrade",
    "demo",
    "explain",
    "import",
    "init",
    "quarantine",
    "quarantine list",
    "quarantine show",
    "record",
    "record note",
    "report",
    "report approve",
    "report build",
    "report digest",
    "report list",
    "report show",
    "run",
    "schema",
    "status",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_begins_with_examples_line_by_line_and_then_says_what_the_command_does(command: str) -> None:
    answer = call(*command.split(), "--help")

    assert (answer.code, answer.err) == (0, "")
    usage, examples, about, *_ = answer.out.split("\n\n")
    assert usage.startswith(f"Usage: kpi-agent {command}".rstrip())
    title, *lines = examples.splitlines()
    assert title == "Examples:"
    assert all(line.startswith("  kpi-agent ") and command in line for line in lines)
    assert re.match(r"[A-Z].*[.?]$", about, re.DOTALL)
    assert max(map(len, answer.out.splitlines())) <= 80
    assert "\\b" not in answer.out


@pytest.mark.parametrize("command", ["", "collect", "report show", "status"])
def test_no_command_takes_an_option_that_is_none(command: str) -> None:
    answer = call(*command.split(), "--bogus")

    if command == "status":
        assert (answer.code, answer.out) == (3, "kpi-agent UNKNOWN - No such option '--bogus'.\n")
    else:
        assert (answer.code, answer.out) == (2, "")
        assert "No such option '--bogus'" in answer.err


def test_the_list_of_commands_has_a_whole_sentence_each() -> None:
    listed = call("--help").out.partition("Commands:\n")[2].splitlines()

    assert sorted(line.split()[0] for line in listed) == sorted({c.split()[0] for c in COMMANDS if c})
    assert all(line.endswith(".") and not line.endswith("...") for line in listed)


def test_an_unknown_command_is_a_usage_error() -> None:
    answer = call("collcet")

    assert (answer.code, answer.out) == (2, "")
    assert "No such command 'collcet'" in answer.err


def test_the_version_is_one_line() -> None:
    answer = call("--version")

    assert answer.code == 0
    assert shlex.split(answer.out)[0] == "kpi-agent"
    assert re.fullmatch(r"kpi-agent \d+\.\d+\.\d+\n", answer.out)
