"""A contract that was rewritten under closed periods is left out until it is put back; a new version is the way."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from integration.cli.host import CONTRACT, Host

SOFTER = CONTRACT.replace("resolve: 4h", "resolve: 6h")


def test_a_changed_limit_is_refused_by_every_command_and_by_check(own: Host) -> None:
    file = own.contract(text=SOFTER)

    shown, checked = own.run("report", "show", "acme"), own.run("check")

    assert shown.code == 1
    assert f"{Path(file).name}:9:22: priorities.P1.resolve: differs from what periods up to" in shown.err
    assert "no contract 'acme'" in shown.err
    assert checked.code == 78
    assert "differs from what periods up to" in checked.err


def test_put_back_or_with_another_comment_it_works_again(own: Host) -> None:
    own.contract(text=SOFTER)
    own.contract(text=f"# softer from next year\n{CONTRACT}")

    assert own.run("report", "show", "acme").code == 0
    assert own.run("check").code == 0


def test_a_new_version_from_a_later_day_is_the_way(own: Host) -> None:
    first_day = own.month(0).end_day
    own.contract(text=CONTRACT.replace("from: 2020-01-01", f"from: 2020-01-01, to: {first_day - timedelta(days=1)}"))
    later = own.home / "contracts.d" / "acme-2.yml"
    later.write_text(SOFTER.replace("from: 2020-01-01", f"from: {first_day}"))

    assert own.run("check").code == 0
    assert own.run("report", "show", "acme").code == 0


def test_a_period_is_revised_with_its_reason_in_the_report(own: Host) -> None:
    month = own.month(2).id
    done = own.run("report", "build", "acme", "--period", month, "--revise", "--reason", "one row was missing")
    again = own.run("report", "build", "acme", "--period", month)
    listed = own.run("report", "list", "acme").out.splitlines()

    assert (done.code, done.err) == (0, "")
    assert f"acme {month} revision 2: rendered" in done.out
    assert "--revise --reason TEXT" in again.err
    assert [line.split()[2] for line in listed] == ["r1", "r2"]
    assert "Revised: one row was missing" in own.run("report", "show", "acme", "--period", month).out


def test_a_revision_needs_its_reason(own: Host) -> None:
    month = own.month(2).id

    assert "a revision needs its reason" in own.run("report", "build", "acme", "--period", month, "--revise").err
    assert (
        "--reason belongs to a revision" in own.run("report", "build", "acme", "--period", month, "--reason", "x").err
    )
    assert (
        "is not closed"
        in own.run("report", "build", "acme", "--period", own.month(1).id, "--revise", "--reason", "x").err
    )
