"""``kpi-agent explain``: how a ticket became a verdict."""

from __future__ import annotations

from pathlib import Path

import click

from kpi_agent.cli.command import Command
from kpi_agent.cli.session import contract_of, now, opened
from kpi_agent.cli.terminal import say, say_json
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.time import Period
from kpi_agent.jobs.explain import as_json, as_lines, explain_ticket


@click.command("explain", cls=Command, short_help="How a ticket became a verdict.")
@click.argument("contract")
@click.argument("ticket")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(config: Path, contract: str, ticket: str, *, is_json: bool) -> None:
    """Show each step from a ticket's raw row to its verdicts: fields, service hours, holds, deadline, month.

    Examples:
      kpi-agent explain acme 2553
      kpi-agent explain acme 2553 --json
    """
    with opened(config) as agent:
        terms, at = contract_of(agent, contract), now()
        period = Period.month_of(at, terms.timezone)
        facts = agent.gatherer.gather(terms, period, now=at).facts.tickets
        try:
            explanation = explain_ticket(terms, facts, ticket, now=at)
        except NotFound as error:
            scope = terms.at(at).tickets
            rows = () if scope is None else agent.store.tickets.rejected(scope.source, ticket)
            if not rows:
                raise
            reasons = "".join(f"\nrejected: {file}:{row.line}: {row.reason}" for file, row in rows)
            raise NotFound(f"{error}{reasons}") from error
    if is_json:
        say_json(as_json(explanation))
    else:
        say("\n".join(as_lines(explanation)))
