"""``kpi-agent report``: show any period, close a finished one, list what is closed."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from kpi_agent.cli.command import Group
from kpi_agent.cli.session import INSTANT, contract_of, instant_of, now, opened, period_of
from kpi_agent.cli.terminal import say, say_bytes, say_json
from kpi_agent.domain.due import Stage
from kpi_agent.domain.time import to_local, zone
from kpi_agent_reports.canonical import FORMATS

_BINARY = ("pdf", "xlsx")
_LONGEST_NAME = 100


@click.group("report", cls=Group, short_help="Show, close and list reports.")
def command() -> None:
    """Render a period, close it, approve it, or list what is closed.

    Examples:
      kpi-agent report show acme --period 2026-10
      kpi-agent report show acme --period 2026-10 --format html -o october.html
      kpi-agent report build acme --period 2026-10
      kpi-agent report approve acme --period 2026-10 --by "C. Martin"
      kpi-agent report list acme
    """


@command.command("show")
@click.argument("contract")
@click.option("--period", help="2026-10, 2026-W44 or 2026-Q4; the running month when left out.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="txt", show_default=True)
@click.option(
    "--as-of", type=INSTANT, metavar="INSTANT", help="As it was known at this instant (UTC), 2026-11-02T18:00."
)
@click.option("--draft", "is_draft", is_flag=True, help="What waits for approval, where an earlier revision is closed.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
@click.pass_obj
def show(
    config: Path,
    contract: str,
    period: str | None,
    form: str,
    as_of: datetime | None,
    output: Path | None,
    *,
    is_draft: bool,
) -> None:
    """Render any period now, or as of an instant that has passed; a preview unless it is closed. Stores nothing.

    Examples:
      kpi-agent report show acme
      kpi-agent report show acme --period 2026-10 --as-of 2026-10-20
      kpi-agent report show acme --period 2026-10 --format json
      kpi-agent report show acme --period 2026-10 --format pdf -o october.pdf
    """
    if form in _BINARY and output is None and sys.stdout.isatty():
        raise click.UsageError(f"{form} is no text for a terminal; write it to a file: -o report.{form}")
    if is_draft and as_of is not None:
        raise click.UsageError("--draft shows what waits now, --as-of what was known then; leave one out")
    with opened(config) as agent:
        terms, at, then = contract_of(agent, contract), now(), instant_of(as_of)
        wanted = period_of(terms, period, at=at if then is None else then)
        if is_draft:
            document = agent.reporter.draft(terms, wanted)
        else:
            document = agent.reporter.shown(terms, wanted, now=at, as_of=then)
        content = agent.render(document, form)
    _put(content, form, output)


def _put(content: bytes, form: str, output: Path | None) -> None:
    if output is not None:
        output.write_bytes(content)
        say(f"written to {output}", is_error=True)
    elif form == "txt":
        say(content.decode().rstrip("\n"))
    else:
        say_bytes(content)


@command.command("digest")
@click.argument("contract")
@click.option("--format", "form", type=click.Choice(("txt", "html", "eml")), default="txt", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write to this file instead of stdout.")
@click.pass_obj
def digest(config: Path, contract: str, form: str, output: Path | None) -> None:
    """Show the week to come: what is due, what is threatened, what changed in the last seven days. Stores nothing.

    Examples:
      kpi-agent report digest acme
      kpi-agent report digest acme --format html -o week.html
    """
    with opened(config) as agent:
        content = agent.digest(contract_of(agent, contract), form, now=now())
    _put(content, form, output)


@command.command("build")
@click.argument("contract")
@click.option("--period", required=True, help="The finished period to close, 2026-10.")
@click.option("--revise", "is_revision", is_flag=True, help="Close a closed one again, as its next revision.")
@click.option("--reason", help="Why it is revised; printed in the report.")
@click.pass_obj
def build(config: Path, contract: str, period: str, reason: str | None, *, is_revision: bool) -> None:
    """Close a finished period: its figures are frozen, its renderings are written to the archive.

    Examples:
      kpi-agent report build acme --period 2026-10
      kpi-agent report build acme --period 2026-10 --revise --reason "late row"
    """
    if is_revision and not (reason or "").strip():
        raise click.UsageError("a revision needs its reason: --revise --reason TEXT")
    if reason is not None and not is_revision:
        raise click.UsageError("--reason belongs to a revision: --revise --reason TEXT")
    with opened(config) as agent:
        terms, at = contract_of(agent, contract), now()
        wanted = period_of(terms, period, at=at)
        if reason is not None:
            entry = agent.closer.revise(terms, wanted, reason.strip(), now=at)
        else:
            entry = agent.closer.build(terms, wanted, now=at)
        folder = agent.report_folder(entry.contract, entry.period, entry.revision)
    if entry.stage is Stage.REVIEW:
        named = f"{contract} --period {entry.period}"
        say(f"{contract} {entry.period} revision {entry.revision}: figures are fixed; waits for approval")
        say(f"  to read it:     kpi-agent report show {named} --draft")
        say(f"  to approve it:  kpi-agent report approve {named} --by NAME")
    else:
        say(f"{contract} {entry.period} revision {entry.revision}: {entry.stage.value}, in {folder}")


@command.command("approve")
@click.argument("contract")
@click.option("--period", required=True, help="The period whose report waits for approval, 2026-10.")
@click.option("--by", required=True, metavar="NAME", help="Who read it; printed in the report, kept in the audit.")
@click.pass_obj
def approve(config: Path, contract: str, period: str, by: str) -> None:
    """Approve what was closed with 'review: true': it is frozen with its notes as they are now, and archived.

    The figures are those of the day of closing. To have them computed again: report build --revise --reason TEXT.

    Examples:
      kpi-agent report approve acme --period 2026-10 --by "C. Martin"
    """
    name = " ".join(by.split())
    if not name or len(name) > _LONGEST_NAME:
        raise click.UsageError(f"--by takes the name of who read the report, of 1 to {_LONGEST_NAME} characters")
    with opened(config) as agent:
        terms, at = contract_of(agent, contract), now()
        entry = agent.closer.approve(terms, period_of(terms, period, at=at), name, now=at)
        folder = agent.report_folder(entry.contract, entry.period, entry.revision)
    say(f"{contract} {entry.period} revision {entry.revision}: approved by {name}, {entry.stage.value}, in {folder}")


@command.command("list")
@click.argument("contract", required=False)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@click.pass_obj
def list_(config: Path, contract: str | None, *, is_json: bool) -> None:
    """List the closed periods of one contract, or of all.

    Examples:
      kpi-agent report list
      kpi-agent report list acme --json
    """
    rows: list[dict[str, Any]] = []
    with opened(config) as agent:
        known = agent.configuration.contracts
        names = [contract_of(agent, contract).id] if contract is not None else sorted(known)
        for name in names:
            for stored in agent.store.ledger.documents(name):
                summary = json.loads(stored.content)["summary"]
                rows.append(
                    {
                        "contract": name,
                        "period": stored.period,
                        "revision": stored.revision,
                        "closed_at": stored.closed_at,
                        "sha256": stored.sha256,
                        "summary": summary,
                    }
                )
        zones = {name: zone(known[name].timezone) for name in names}
    if is_json:
        say_json(rows)
        return
    for row in rows:
        closed = to_local(row["closed_at"], zones[row["contract"]])
        summary = row["summary"]
        say(
            f"{row['contract']:<12} {row['period']}  r{row['revision']}  closed {closed:%Y-%m-%d %H:%M %Z}  "
            f"{summary['met']} met, {summary['missed']} missed, {summary['no_data']} not measured"
        )
    if not rows:
        say("nothing is closed yet", is_error=True)
