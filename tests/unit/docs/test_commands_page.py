"""docs/commands.md names every command, option and exit code, and no page names one that does not exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from kpi_agent.bootstrap.configuration import json_schema
from kpi_agent.cli import main as entry
from kpi_agent.cli.main import EXIT_CONFIGURATION, EXIT_FAILED, cli
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.verdict import Verdict
from unit.docs.key_tables import Reader

PAGE = "docs/commands.md"
CONTRIBUTING = "CONTRIBUTING.md"


def all_commands() -> list[tuple[str, click.Command]]:
    """Return every command that does something, by the words after ``kpi-agent``."""

    def below(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        if not isinstance(command, click.Group):
            yield name, command
            return
        context = click.Context(command)
        for word in command.list_commands(context):
            found = command.get_command(context, word)
            assert found is not None
            yield from below(f"{name} {word}".strip(), found)

    return list(below("", cli))


COMMANDS = dict(all_commands())


def section(text: str, name: str) -> str:
    """Return the part of the page about one command."""
    assert f"\n## kpi-agent {name}\n" in text, f"no section about kpi-agent {name}"
    return text.partition(f"\n## kpi-agent {name}\n")[2].partition("\n## ")[0]


def options_of(command: click.Command) -> list[click.Option]:
    return [p for p in command.params if isinstance(p, click.Option)]


def command_lines(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each ``kpi-agent …`` of code in *text*, and whether it is a whole line to type."""
    inside = re.findall(r"```(\w*)\n(.*?)```", text, re.DOTALL)
    for language, block in inside:
        for line in block.splitlines():
            if language == "console" and line.startswith("$ "):
                yield line[2:], True
            elif language == "sh" and re.match(r"(\$ )?kpi-agent ", line):
                yield line, True
    prose = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    for span in re.findall(r"(?<!`)`(kpi-agent\s[^`]+)`(?!`)", prose):
        yield " ".join(span.split()), False


def words_of(line: str) -> list[str]:
    """Return the words of a command line without redirection, comment and what follows it."""
    words = shlex.split(line, comments=True)
    for index, word in enumerate(words):
        if word in {">", "&&", "|", ";"}:
            return words[:index]
    return words


def mentions() -> list[tuple[str, str, bool]]:
    root = Path(__file__).parents[3]
    files = [root / "README.md", root / CONTRIBUTING, *sorted((root / "docs").glob("*.md"))]
    return [
        (str(file.relative_to(root)), line, is_whole)
        for file in files
        for line, is_whole in command_lines(file.read_text(encoding="utf-8"))
        if "kpi-agent " in line and line.split()[0] == "kpi-agent"
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_a_section_with_an_example(name: str, page: Reader) -> None:
    about = section(page(PAGE), name)

    assert re.search(rf"^\$ kpi-agent {name}\b", about, re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_and_argument_of_a_command_is_described_in_its_section(name: str, page: Reader) -> None:
    about = section(page(PAGE), name)
    table = "\n".join(line for line in about.splitlines() if line.startswith("| `-"))
    missing = [flag for o in options_of(COMMANDS[name]) for flag in o.opts if not re.search(rf"{flag}(?![\w-])", table)]
    usage = about.strip().partition("`")[2].partition("`")[0]
    arguments = [p for p in COMMANDS[name].params if isinstance(p, click.Argument)]

    assert missing == []
    assert [a.name for a in arguments if a.human_readable_name.upper() not in usage] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_a_section_describes_no_option_that_the_command_has_not(name: str, page: Reader) -> None:
    table = [line.split("|")[1] for line in section(page(PAGE), name).splitlines() if line.startswith("| `-")]
    known = {flag for o in options_of(COMMANDS[name]) for flag in o.opts}

    assert {flag for cell in table for flag in re.findall(r"(?<![\w-])--?[a-z][\w-]*", cell)} <= known


@pytest.mark.parametrize("name", COMMANDS)
def test_each_choice_of_an_option_is_named(name: str, page: Reader) -> None:
    about = section(page(PAGE), name)
    choices = [c for p in COMMANDS[name].params if isinstance(p.type, click.Choice) for c in p.type.choices]

    assert [c for c in choices if f"`{c}`" not in about] == []


def test_the_options_before_a_command_are_described(page: Reader) -> None:
    about = page(PAGE).partition("\n## Before the command\n")[2].partition("\n## ")[0]
    flags = [flag for o in options_of(cli) for flag in o.opts]

    assert flags
    assert [flag for flag in (*flags, "-h", "--help") if f"`{flag}" not in about] == []


@pytest.mark.parametrize(("file", "line", "is_whole"), mentions())
def test_no_page_names_a_command_or_option_that_does_not_exist(file: str, line: str, *, is_whole: bool) -> None:
    words = words_of(line)[1:]
    if is_whole:
        # As click would read it; --help and --version answer at once and end.
        if not {"--help", "-h", "--version"} & set(words):
            parse(cli, words)
        return
    command: click.Command = cli
    for word in words:
        if word.startswith("-"):
            known = {flag for o in options_of(command) for flag in o.opts} | {"--help", "-h"}
            assert word.partition("=")[0] in known, f"{file}: {line}"
        elif isinstance(command, click.Group):
            found = command.get_command(click.Context(command), word)
            if found is None and options_of(command):
                continue  # the value of an option before the command
            assert found is not None, f"{file}: {line}"
            command = found


def parse(command: click.Command, words: list[str]) -> None:
    """Read a whole command line as click does, without running anything."""
    context = command.make_context("kpi-agent", list(words))
    if isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        _, inner, rest = command.resolve_command(context, rest)
        assert inner is not None
        parse(inner, rest)


@pytest.mark.parametrize("line", ["kpi-agent exprot acme", "kpi-agent report show acme --perod 2026-10"])
def test_a_slip_of_the_pen_would_be_found(line: str) -> None:
    with pytest.raises(click.UsageError):
        parse(cli, words_of(line)[1:])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--version"], 0),
        (["schema", "report"], 0),
        (["repotr"], 2),
        (["import", "x.csv"], 2),
        (["--config", "/nowhere/kpi-agent.yml", "check"], EXIT_CONFIGURATION),
        (["--config", "/nowhere/kpi-agent.yml", "collect"], EXIT_CONFIGURATION),
        (["--config", "/nowhere/kpi-agent.yml", "status"], 3),
        (["status", "--no-such-option"], 3),
    ],
)
def test_a_command_ends_with_the_code_that_the_page_gives(
    words: list[str], code: int, page: Reader, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["kpi-agent", *words])

    with pytest.raises(SystemExit) as ended:
        entry.main()

    capsys.readouterr()
    assert (ended.value.code or 0) == code
    assert code in codes_on(page(PAGE), is_status="status" in words)


def codes_on(text: str, *, is_status: bool) -> list[int]:
    tables = text.partition("\n## Exit codes\n")[2].partition("\n## ")[0].partition("| code | `status` |")
    return [int(n) for n in re.findall(r"^\| (\d+) \|", tables[2] if is_status else tables[0], re.MULTILINE)]


def test_the_page_gives_each_exit_code_once(page: Reader) -> None:
    assert codes_on(page(PAGE), is_status=False) == [0, EXIT_FAILED, 2, EXIT_CONFIGURATION, entry.EXIT_INTERRUPTED]
    assert codes_on(page(PAGE), is_status=True) == json_schema("status")["properties"]["exit_code"]["enum"]


@pytest.mark.parametrize(("kind", "name"), [("status", "status"), ("report", "report show")])
def test_each_key_of_the_json_is_described(kind: str, name: str, page: Reader) -> None:
    about = section(page(PAGE), name)
    keys = json_schema(kind)["properties"]

    assert [key for key in keys if f"`{key}`" not in about] == []


def states_in_json() -> list[str]:
    parts: Any = json_schema("status")["properties"]
    return [
        *parts["state"]["enum"],
        *parts["daemon"]["properties"]["state"]["enum"],
        *parts["sources"]["items"]["properties"]["state"]["enum"],
    ]


@pytest.mark.parametrize("state", states_in_json())
def test_each_state_of_the_status_is_named(state: str, page: Reader) -> None:
    assert f"`{state}`" in section(page(PAGE), "status")


@pytest.mark.parametrize("word", [*Outcome, *Verdict])
def test_each_outcome_and_verdict_is_named(word: str, page: Reader) -> None:
    assert f"`{word}`" in page(PAGE)


def test_the_contents_of_the_page_name_each_command(page: Reader) -> None:
    contents = page(PAGE).partition("\n## ")[0]
    links = re.findall(r"\(#kpi-agent-([\w-]+)\)", contents)

    assert sorted(links) == sorted(name.replace(" ", "-") for name in COMMANDS)
