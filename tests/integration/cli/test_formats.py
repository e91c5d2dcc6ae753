"""Every format of a report, as its users get it: on standard output, in a file, in the archive."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from integration.cli.conftest import tickets
from integration.cli.host import CONTRACT, SETTINGS, Host
from kpi_agent_reports.pdf import can_print

MAIL = 'mail: {host: localhost, from: "Run Opsline <run@opsline.example>"}\n'
READERS = 'report:\n  to: ["Ann, Director <ann@acme.example>", run@acme.example]\n'

needs_weasyprint = pytest.mark.skipif(not can_print(), reason="needs WeasyPrint: pip install 'kpi-agent[pdf]'")


@pytest.fixture
def mailing(bare: Host) -> Host:
    """A host whose reports have a sender and readers, its tickets read."""
    bare.settings(SETTINGS + MAIL)
    bare.contract(text=CONTRACT.replace("report:\n", READERS))
    bare.drop("desk.csv", tickets(bare))
    assert bare.run("collect").code == 0
    return bare


@needs_weasyprint
def test_a_closed_month_is_archived_in_every_format_and_shown_as_it_was_archived(mailing: Host, tmp_path: Path) -> None:
    month = mailing.month(1).id
    folder = mailing.state / "reports" / "acme" / month / "r1"

    assert mailing.run("report", "build", "acme", "--period", month).code == 0

    forms = ("csv", "eml", "html", "json", "pdf", "txt", "xlsx")
    assert sorted(p.name for p in folder.iterdir()) == [f"report.{form}" for form in forms]
    for form in forms:
        target = tmp_path / form
        shown = mailing.run("report", "show", "acme", "--period", month, "--format", form, "-o", target)
        assert (shown.code, shown.out, shown.err) == (0, "", f"written to {target}\n")
        assert target.read_bytes() == (folder / f"report.{form}").read_bytes(), form


@needs_weasyprint
@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare (util-linux)")
def test_a_host_without_any_network_of_another_zone_and_seed_makes_the_same_bytes(
    mailing: Host, tmp_path: Path
) -> None:
    month = mailing.month(1).id
    mailing.run("report", "build", "acme", "--period", month)
    folder = mailing.state / "reports" / "acme" / month / "r1"
    nowhere = ["unshare", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--net"]
    env = os.environ | {"TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LC_ALL": "C", "LANG": "tr_TR.UTF-8"}
    alone = subprocess.run([*nowhere, "cat", "/proc/net/route"], capture_output=True, text=True, check=False)
    if alone.returncode:
        pytest.skip(f"no network namespace may be made here: {alone.stderr.strip()}")
    assert len(alone.stdout.splitlines()) <= 1  # the heading: there is no route

    for form in ("csv", "eml", "html", "json", "pdf", "txt", "xlsx"):
        target = tmp_path / form
        words = ["report", "show", "acme", "--period", month, "--format", form, "-o", str(target)]
        command = [*nowhere, sys.executable, "-m", "kpi_agent.cli.main", "--config", str(mailing.config), *words]
        done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        assert target.read_bytes() == (folder / f"report.{form}").read_bytes(), form


@needs_weasyprint
def test_the_archived_mail_goes_to_the_contracts_readers_with_the_archived_pdf(mailing: Host) -> None:
    month = mailing.month(1).id
    mailing.run("report", "build", "acme", "--period", month)
    folder = mailing.state / "reports" / "acme" / month / "r1"

    mail = message_from_bytes((folder / "report.eml").read_bytes(), policy=policy.default)

    assert [a.addr_spec for a in mail["To"].addresses] == ["ann@acme.example", "run@acme.example"]
    assert mail["From"].addresses[0].display_name == "Run Opsline"
    (pdf,) = mail.iter_attachments()  # type: ignore[attr-defined]
    assert pdf.get_content() == (folder / "report.pdf").read_bytes()


def test_a_pdf_that_cannot_be_printed_keeps_no_month_from_being_closed(mailing: Host, tmp_path: Path) -> None:
    broken = tmp_path / "weasyprint"
    broken.mkdir()
    (broken / "__init__.py").write_text("raise OSError('cannot load library libpango-1.0-0')\n")
    path = ":".join([str(tmp_path), *os.environ.get("PYTHONPATH", "").split(":")])
    month = mailing.month(1).id

    answer = mailing.run("report", "build", "acme", "--period", month, env={"PYTHONPATH": path})

    assert answer.code == 0
    assert f"acme {month} is archived without its PDF: PDF needs the library Pango: apt-get install" in answer.err
    folder = mailing.state / "reports" / "acme" / month / "r1"
    assert {"report.eml", "report.html"} <= {p.name for p in folder.iterdir()}
    assert not (folder / "report.pdf").exists()
    assert b"application/pdf" not in (folder / "report.eml").read_bytes()


def test_the_archive_lists_what_is_closed_and_every_link_leads_to_a_file(own: Host) -> None:
    assert own.run("report", "build", "acme", "--period", own.month(1).id).code == 0
    root = own.state / "reports"

    pages = [root / "index.html", root / "acme" / "index.html"]
    targets = [page.parent / link for page in pages for link in re.findall(r'href="([^"]+)"', page.read_text())]

    assert len(targets) == 1 + 2 * 5
    assert [str(target) for target in targets if not target.is_file()] == []


def test_figures_come_as_csv_and_as_a_workbook(lived_in: Host, tmp_path: Path) -> None:
    month = lived_in.month(2).id
    shown = lived_in.run("report", "show", "acme", "--period", month, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(shown.out)))
    target = tmp_path / "october.xlsx"
    assert lived_in.run("report", "show", "acme", "--period", month, "--format", "xlsx", "-o", target).code == 0

    book = CalamineWorkbook.from_path(target)
    assert [r["objective"] for r in rows[:3]] == ["gti-p1", "gtr-p1", "gtr-p2"]
    assert book.sheet_names == ["About", "Figures", "Incidents"]
    assert len(book.get_sheet_by_name("Incidents").to_python()) == 13


def test_a_mail_without_readers_says_what_to_write(bare: Host) -> None:
    bare.settings(SETTINGS + MAIL)

    answer = bare.run("report", "show", "acme", "--format", "eml")

    assert (answer.code, answer.out) == (1, "")
    assert "contract 'acme' names no reader; write report: {to: [name@customer.example]}" in answer.err


def test_a_workbook_is_not_thrown_at_a_terminal(bare: Host) -> None:
    if shutil.which("script") is None:
        pytest.skip("no script(1) on this machine: there is no terminal to write to")
    words = f"{sys.executable} -m kpi_agent.cli.main --config {bare.config} report show acme --format xlsx"
    done = subprocess.run(["script", "-qec", words, "/dev/null"], capture_output=True, timeout=60, check=False)

    assert done.returncode == 2
    assert b"-o report.xlsx" in done.stdout
    assert b"PK\x03\x04" not in done.stdout


def test_the_digest_of_a_week_comes_as_text_page_and_mail_and_stores_nothing(mailing: Host, tmp_path: Path) -> None:
    before = mailing.run("report", "list", "--json").out
    text = mailing.run("report", "digest", "acme")
    page, mail = tmp_path / "week.html", tmp_path / "week.eml"

    written = [
        mailing.run("report", "digest", "acme", "--format", form, "-o", path)
        for form, path in (("html", page), ("eml", mail))
    ]

    assert [text.code, *(answer.code for answer in written)] == [0, 0, 0]
    assert "To do this week" in text.out
    assert "<h1" in page.read_text()
    message = message_from_bytes(mail.read_bytes(), policy=policy.default)
    assert [a.addr_spec for a in message["To"].addresses] == ["ann@acme.example", "run@acme.example"]
    assert not list(message.iter_attachments())  # type: ignore[attr-defined]
    assert mailing.run("report", "list", "--json").out == before


def test_a_digest_for_nobody_says_what_to_write(own: Host) -> None:
    answer = own.run("report", "digest", "acme", "--format", "eml")

    assert answer.code == 1
    assert "names no sender of mails" in answer.err
