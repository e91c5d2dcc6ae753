"""``kpi-agent explain``: how a ticket became a verdict, and what stands behind an objective."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from kpi_agent.cli.command import Command
from kpi_agent.cli.session import INSTANT, contract_of, instant_of, now, opened, period_of
from kpi_agent.cli.terminal import say, say_json
from kpi_agent.domain.errors import KpiAgentError
from kpi_agent.domain.problem import visible
from kpi_agent.domain.time import to_utc_text
from kpi_agent.jobs.explain.answers_json import objective_json, ticket_json
from kpi_agent.jobs.explain.explainer import Explainer, ObjectiveAnswer
from kpi_agent.jobs.explain.objective_text import objective_lines
from kpi_agent.jobs.explain.ticket_text import ticket_lines
from kpi_agent_reports.definitions import INDICATORS


@click.command("explain", cls=Command, short_help="How a ticket or an objective got its verdict.")
@click.argument("contract")
@click.argument("name", metavar="TICKET|OBJECTIVE")
@click.option("--period", help="Of an objective: 2026-10, 2026-W44 or 2026-Q4; the running month when left out.")
@click.option(
    "--as-of", type=INSTANT, metavar="INSTANT", help="As it was known at this instant (UTC), 2026-11-02T18:00."
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def command(
    config: Path, contract: str, name: str, period: str | None, as_of: datetime | None, *, is_json: bool
) -> None:
    """Show each step from a ticket's raw row to its verdicts, or what an objective's figure was counted from.

    Examples:
      kpi-agent explain acme 2553
      kpi-agent explain acme gtr-p1 --period 2026-10
      kpi-agent explain acme 2553 --as-of 2026-10-20 --json
    """
    with opened(config) as agent:
        terms, at, then = contract_of(agent, contract), now(), instant_of(as_of)
        if then is not None and then > at:
            raise KpiAgentError(f"{to_utc_text(then)} is still to come; --as-of asks for an instant that has passed")
        explainer = Explainer(agent.reporter, agent.store.tickets.rejected)
        wanted = period_of(terms, period, at=at if then is None else then)
        answer = explainer.explain(terms, name, wanted, now=at, as_of=then)
    if isinstance(answer, ObjectiveAnswer):
        definition = str(INDICATORS[answer.parts[0].commitment.objective.indicator])
        lines = objective_lines(answer, definition)
        value = objective_json(answer) if is_json else {}
    else:
        lines = ticket_lines(answer)
        value = ticket_json(answer) if is_json else {}
    if is_json:
        say_json(value)
    else:
        say("\n".join(map(visible, lines)))
