"""The command line: each command is a module of its own, loaded when called, so that ``status`` feels instant."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import click

from kpi_agent import __version__
from kpi_agent.cli.command import Group
from kpi_agent.cli.terminal import say
from kpi_agent.domain.errors import InvalidConfiguration, KpiAgentError

DEFAULT_CONFIG = "/etc/kpi-agent/kpi-agent.yml"

COMMANDS = {
    "check": "check",
    "collect": "collect",
    "db": "db",
    "demo": "demo",
    "explain": "explain",
    "import": "import_export",
    "init": "init",
    "quarantine": "quarantine",
    "record": "record",
    "report": "report",
    "run": "run",
    "schema": "schema",
    "status": "status",
}
"""Command names with the module that holds each."""

EXIT_FAILED = 1
EXIT_UNKNOWN = 3
EXIT_CONFIGURATION = 78
EXIT_INTERRUPTED = 130


class LazyGroup(Group):
    """A group that imports a command's module only when that command is called or described."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the command names, sorted."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Return the command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"kpi_agent.cli.{COMMANDS[cmd_name]}").command
        return command


def _print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's signature
    if value:
        click.echo(f"kpi-agent {__version__}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--config",
    type=click.Path(path_type=Path, readable=False),  # what cannot be read is told by who reads it
    envvar="KPI_AGENT_CONFIG",
    default=DEFAULT_CONFIG,
    show_default=True,
    help="Settings file.",
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version."
)
@click.pass_context
def cli(ctx: click.Context, config: Path) -> None:
    """Meter of a managed-Linux contract: tickets and Prometheus in, the monthly SLA report out.

    Examples:
      kpi-agent demo                          a whole estate of its own, to look at
      kpi-agent init /etc/kpi-agent           commented settings and contract
      kpi-agent check                         what is wrong with them
      kpi-agent status                        how it is
      kpi-agent report show acme              the month to date, as text
    """
    ctx.obj = config


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 usage, 78 bad configuration; ``status`` 0 to 3."""
    is_status = _is_status(sys.argv[1:])
    try:
        code = cli.main(prog_name="kpi-agent", standalone_mode=False)
    except click.Abort:
        say("stopped", is_error=True)
        sys.exit(EXIT_INTERRUPTED)
    except Exception as error:  # what is not for a person is raised again
        if is_status:
            # A monitoring system reads one line of stdout and the code; whatever happened, that is unknown.
            say(f"kpi-agent UNKNOWN - {_sentence(error)}")
            sys.exit(EXIT_UNKNOWN)
        if isinstance(error, click.ClickException):
            error.show()
            sys.exit(error.exit_code)
        if not isinstance(error, KpiAgentError | OSError):
            raise
        say(_sentence(error), is_error=True)
        sys.exit(EXIT_CONFIGURATION if isinstance(error, InvalidConfiguration) else EXIT_FAILED)
    sys.exit(code if isinstance(code, int) else 0)


def _is_status(words: Sequence[str]) -> bool:
    """Return whether ``status`` is the command that these words call, right or wrong as the rest of them may be."""
    rest = iter(words)
    for word in rest:
        if word == "--config":
            next(rest, None)
        elif not word.startswith("-"):
            return word == "status"
    return False


def _sentence(error: Exception) -> str:
    """Return what a person should read of an error."""
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, InvalidConfiguration):
        return str(error)  # it begins with file and line already
    if isinstance(error, OSError) and error.filename is not None:
        return f"kpi-agent: {error.filename}: {error.strerror}; check that it is there and that this user may use it"
    return f"kpi-agent: {str(error) or repr(error)}"


if __name__ == "__main__":
    main()
