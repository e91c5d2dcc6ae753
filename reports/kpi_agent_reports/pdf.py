"""The report as PDF/UA, printed from its HTML by WeasyPrint in a process of its own that fetches nothing.

Printing takes memory that a daemon must give back, and a template may be a host's own: so it happens in a child whose
fetcher takes ``data:`` addresses only.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

_LONGEST = 300  # seconds; six pages take five
_TOLD = 2000  # characters of what went wrong
_CHILD = "import sys; from kpi_agent_reports.pdf import print_page; print_page(sys.argv[1])"


class PdfUnavailable(Exception):
    """The PDF cannot be printed; the message says what to do."""


def can_print() -> bool:
    """Whether WeasyPrint is installed; its system libraries are only looked for when it prints."""
    return find_spec("weasyprint") is not None


def render_pdf(html: str, identity: str) -> bytes:
    """Return the page as PDF/UA-1; the same page and *identity* (a SHA-256) give the same bytes.

    Raises PdfUnavailable where WeasyPrint or its libraries are missing, or printing fails or takes over 5 minutes.
    """
    if not can_print():
        raise PdfUnavailable("PDF needs WeasyPrint: pip install 'kpi-agent[pdf]'")
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "SOURCE_DATE_EPOCH": "0", "PYTHONHASHSEED": "0"}
    environment["PYTHONPATH"] = ":".join(path for path in sys.path if path)
    try:
        done = subprocess.run(  # noqa: S603 - our own module, in this interpreter
            [sys.executable, "-B", "-c", _CHILD, identity],
            input=html.encode(),
            capture_output=True,
            env=environment,
            timeout=_LONGEST,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise PdfUnavailable(f"printing took over {_LONGEST} s and was stopped") from error
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip()[-_TOLD:]
        if "cannot load library" in told:
            raise PdfUnavailable("PDF needs the library Pango: apt-get install libpango-1.0-0 libpangoft2-1.0-0")
        raise PdfUnavailable(f"printing failed: {told.splitlines()[-1] if told else f'exit {done.returncode}'}")
    return done.stdout


def print_page(identity: str) -> None:
    """Print the HTML of standard input to standard output: what the child does."""
    from weasyprint import HTML  # noqa: PLC0415 - half a second and 60 MB that only the child pays
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    page = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=URLFetcher(allowed_protocols={"data"}))
    page.write_pdf(sys.stdout.buffer, pdf_variant="pdf/ua-1", pdf_identifier=bytes.fromhex(identity[:32]))
