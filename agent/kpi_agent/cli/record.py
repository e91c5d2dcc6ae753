"""``kpi-agent record``: what no metric and no desk knows, written by people."""

from __future__ import annotations

from pathlib import Path

import click

from kpi_agent.cli.command import Command, Group
from kpi_agent.cli.session import contract_of, now, opened, period_of
from kpi_agent.cli.terminal import say
from kpi_agent.collectors.notes import add_note, note_file
from kpi_agent.domain.errors import KpiAgentError
from kpi_agent.domain.notes import Section
from kpi_agent.domain.time import to_utc_text
from kpi_agent.jobs.close import SETTLED

_SECTIONS = [section.value for section in Section if section is not Section.OTHER]


@click.group("record", cls=Group, short_help="Write down what no metric knows.")
def command() -> None:
    """Add to the register what no metric and no desk knows.

    Examples:
      kpi-agent record note acme --period 2026-10 --text "Quiet month."
    """


@command.command("note", cls=Command, short_help="A sentence beside the figures of a period.")
@click.argument("contract")
@click.option("--period", required=True, help="The period that it is about, 2026-10.")
@click.option(
    "--section", type=click.Choice(_SECTIONS), default="highlights", show_default=True, help="Where it stands."
)
@click.option("--text", required=True, help="What to write, in Markdown; one item of its section.")
@click.pass_obj
def note(config: Path, contract: str, period: str, section: str, text: str) -> None:
    """Add a sentence to the note of a period: highlights, causes, decisions asked, actions.

    The note is a Markdown file that may be edited by hand until the period is closed; the report is frozen with it.
    Decisions and actions have a box to be ticked in the note of a later period: the report follows them.

    Examples:
      kpi-agent record note acme --period 2026-10 --text "Quiet month."
      kpi-agent record note acme --period 2026-11 --section actions --text "Patch"
    """
    if not text.strip():
        raise click.UsageError("--text is empty; write what the reader should know")
    with opened(config) as agent:
        terms, at = contract_of(agent, contract), now()
        wanted = period_of(terms, period, at=at)
        if wanted.start > at:
            raise KpiAgentError(f"{wanted.id} begins at {to_utc_text(wanted.start)}; there is nothing to note yet")
        path = note_file(Path(agent.configuration.state_dir), terms.id, wanted.id)
        add_note(path, Section(section), text, language=terms.at(at).language)
        entry = agent.store.ledger.entries(terms.id).get(wanted.id)
    say(f"written to {path}")
    if entry is not None and entry.stage in SETTLED:
        say(
            f"{terms.id} {wanted.id} is closed: this is printed by its next revision, kpi-agent report build {terms.id}"
            f" --period {wanted.id} --revise --reason TEXT",
            is_error=True,
        )
