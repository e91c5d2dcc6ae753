from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest

from kpi_agent_reports.digest import build_digest, digest_html
from kpi_agent_reports.html import render_html
from kpi_agent_reports.mail import render_mail
from kpi_agent_reports.portal import Archived, contract_page
from sample_edges import quiet, running
from sample_large import large
from sample_month import document_of, october
from sample_reconciliation import busy

TEMPLATES = Path(__file__).parents[3] / "templates"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip

# The report stands in a frame of the wanted width, for a headless window cannot be as narrow as a phone; the frame
# measures it and writes down what it saw.
FRAME = (Path(__file__).parent / "frame.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def chromium() -> str:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the pages are not opened")
    return CHROMIUM


def browse(chromium: str, profile: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [chromium, *QUIET, f"--user-data-dir={profile}", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def mail_page(document: dict[str, Any]) -> str:
    """Return the HTML part of a report's mail."""
    content = render_mail(document, sender="run@opsline.example", readers=["a@acme.example"], templates=[TEMPLATES])
    body = message_from_bytes(content, policy=policy.default).get_body(("html",))  # type: ignore[attr-defined]
    return str(body.get_content())


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder per report with its page and the frames that measure it."""
    root = tmp_path_factory.mktemp("site")
    month, contract = october()
    closed = document_of(month, contract)
    documents = {
        "fr": closed,
        "en": {**closed, "language": "en"},
        "running": document_of(*running(), state="preview"),
        "busy": document_of(replace(month, reconciliation=busy()), contract),
        "large": document_of(*large()),
        "least": document_of(*quiet()),
    }
    pages = {name: render_html(document, templates=[TEMPLATES]) for name, document in documents.items()}
    pages["mail"] = mail_page(closed)
    pages["digest"] = digest_html(build_digest(documents["running"], None), templates=[TEMPLATES])
    pages["archive"] = contract_page([Archived(closed, ("pdf", "xlsx", "csv", "txt", "json"))], templates=[TEMPLATES])
    for name, page in pages.items():
        folder = root / name
        folder.mkdir()
        (folder / "report.html").write_text(page, encoding="utf-8")
        for width in (1280, 375):
            (folder / f"{width}.html").write_text(FRAME.replace("WIDTH", str(width)), encoding="utf-8")
    return root


@pytest.fixture(scope="session")
def look(
    chromium: str, site: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., tuple[dict[str, Any], str]]:
    """Open a report at a width and return what was seen, and what the browser said on its console."""
    profile = tmp_path_factory.mktemp("profile")

    def open_page(name: str, width: int, *, is_dark: bool = False) -> tuple[dict[str, Any], str]:
        scheme = "--blink-settings=preferredColorScheme=0" if is_dark else "--blink-settings=preferredColorScheme=1"
        page = f"file://{site / name / f'{width}.html'}"
        done = browse(
            chromium, profile, scheme, "--allow-file-access-from-files", "--enable-logging=stderr",
            "--window-size=1300,1000", "--virtual-time-budget=5000", "--dump-dom", page,
        )  # fmt: skip
        seen = re.search(r'<pre id="seen">(.*?)</pre>', done.stdout, re.DOTALL)
        assert seen is not None, done.stderr
        assert seen[1], done.stderr
        said = "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)
        return json.loads(html.unescape(seen[1])), said

    return open_page
