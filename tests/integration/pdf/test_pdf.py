"""The report printed by the real WeasyPrint: tagged, the same bytes everywhere, and nothing fetched."""

from __future__ import annotations

import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from kpi_agent_reports import pdf
from kpi_agent_reports.html import render_html
from kpi_agent_reports.pdf import PdfUnavailable, render_pdf
from sample_month import document_of, october

TEMPLATES = Path(__file__).parents[3] / "templates"
IDENTITY = "ab" * 32

needs_weasyprint = pytest.mark.skipif(not pdf.can_print(), reason="needs WeasyPrint: pip install 'kpi-agent[pdf]'")
needs_poppler = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="needs poppler-utils")


@pytest.fixture(scope="module")
def html() -> str:
    return render_html(document_of(*october()), templates=[TEMPLATES])


@pytest.fixture(scope="module")
def printed(html: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    path.write_bytes(render_pdf(html, IDENTITY))
    return path


def said(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@needs_weasyprint
@needs_poppler
def test_the_pages_are_tagged_numbered_and_hold_the_report(printed: Path) -> None:
    about = said("pdfinfo", str(printed))
    pages = said("pdftotext", "-layout", str(printed), "-").split("\f")[:-1]

    assert "Tagged:          yes" in about
    assert "ACME SAS, rapport d’infogérance, octobre 2026" in about
    assert 6 <= len(pages) <= 9  # about six, and the notes
    assert all(re.search(rf"{number}\s*/\s*{len(pages)}\s*$", page) for number, page in enumerate(pages, 1))
    assert "Engagements" in pages[0]
    assert b"pdfuaid:part" in printed.read_bytes() or "pdfuaid" in said("pdfinfo", "-meta", str(printed))


@needs_weasyprint
def test_the_headings_and_tables_are_in_the_structure(printed: Path) -> None:
    if shutil.which("pdfinfo") is None:
        pytest.skip("needs poppler-utils")
    structure = said("pdfinfo", "-struct", str(printed))

    assert {name for name in ("H1", "H2", "Table", "TH", "Figure") if name not in structure} == set()


@needs_weasyprint
def test_another_host_prints_the_same_bytes(html: str, printed: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(html, encoding="utf-8")
    program = (
        "import sys; from pathlib import Path; from kpi_agent_reports.pdf import render_pdf;"
        f"sys.stdout.buffer.write(render_pdf(Path(sys.argv[1]).read_text('utf-8'), '{IDENTITY}'))"
    )
    elsewhere = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "77", "HOME": str(tmp_path)}
    elsewhere["PYTHONPATH"] = ":".join(path for path in sys.path if path)
    again = subprocess.run([sys.executable, "-c", program, str(page)], capture_output=True, env=elsewhere, check=True)

    assert again.stdout == printed.read_bytes()


@pytest.fixture
def listener() -> Iterator[tuple[str, list[str]]]:
    """A web server on loopback and what it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


@needs_weasyprint
@needs_poppler
def test_a_template_that_names_addresses_and_files_gets_nothing(
    listener: tuple[str, list[str]], tmp_path: Path
) -> None:
    url, asked = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    page = (
        f'<html lang="en"><head><title>t</title><link rel="stylesheet" href="{url}/a.css">'
        f'<style>@import "{url}/b.css"; body {{ background: url({url}/c.png) }}</style></head><body><h1>kept</h1>'
        f'<img alt="x" src="{url}/d.png"><img alt="y" src="file://{secret}">'
        f'<a rel="attachment" href="file://{secret}">attached</a></body></html>'
    )
    target = tmp_path / "page.pdf"

    target.write_bytes(render_pdf(page, IDENTITY))

    assert asked == []
    assert "kept" in said("pdftotext", str(target), "-")
    assert b"the secret" not in target.read_bytes()
    assert "0 embedded files" in said("pdfdetach", "-list", str(target))


def test_without_weasyprint_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "can_print", lambda: False)

    with pytest.raises(PdfUnavailable, match=r"pip install 'kpi-agent\[pdf\]'"):
        render_pdf("<p>", IDENTITY)


@needs_weasyprint
def test_printing_that_fails_or_hangs_is_said_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_CHILD", "raise RuntimeError('no room')")
    with pytest.raises(PdfUnavailable, match="printing failed: RuntimeError: no room"):
        render_pdf("<p>", IDENTITY)

    monkeypatch.setattr(pdf, "_CHILD", "raise OSError('cannot load library libpango-1.0-0')")
    with pytest.raises(PdfUnavailable, match=r"apt-get install libpango-1\.0-0"):
        render_pdf("<p>", IDENTITY)

    monkeypatch.setattr(pdf, "_CHILD", "import time; time.sleep(60)")
    monkeypatch.setattr(pdf, "_LONGEST", 1)
    with pytest.raises(PdfUnavailable, match="took over 1 s"):
        render_pdf("<p>", IDENTITY)
