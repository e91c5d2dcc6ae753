"""Commands whose ``--help`` begins with examples: what most people open it for."""

from __future__ import annotations

import inspect

import click

_EXAMPLES = "\n\nExamples:\n"


class Command(click.Command):
    """A command whose docstring ends with a part ``Examples:``, which its help shows first."""

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the examples, line by line, then the description."""
        write_help(self.help, formatter)


class Group(click.Group):
    """A group of such commands, and one itself."""

    command_class = Command

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        """Write the examples, line by line, then the description."""
        write_help(self.help, formatter)


def write_help(text: str | None, formatter: click.HelpFormatter) -> None:
    """Write a docstring: first its examples, line by line, then what stands before them."""
    about, _, examples = inspect.cleandoc(text or "").partition(_EXAMPLES)
    if examples:
        formatter.write(f"{_EXAMPLES[1:]}{examples}\n")
    for paragraph in about.split("\n\n"):
        formatter.write_paragraph()
        formatter.write_text(paragraph)
