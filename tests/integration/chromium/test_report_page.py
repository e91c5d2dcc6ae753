"""The report in a real browser: it fits, asks nothing of a network, can be read, and prints."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import browse

Look = Callable[..., tuple[dict[str, Any], str]]


@pytest.mark.parametrize("name", ["fr", "en", "running", "busy", "large", "least", "mail", "digest", "archive"])
@pytest.mark.parametrize("width", [1280, 375])
def test_the_page_fits_its_window_and_says_nothing_on_the_console(look: Look, name: str, width: int) -> None:
    seen, said = look(name, width)

    assert seen["width"] == width
    assert seen["needed"] == width
    assert said == ""


def test_nothing_is_fetched_and_the_embedded_typeface_is_used(look: Look) -> None:
    seen, _ = look("fr", 1280)

    assert [name for name in seen["fetched"] if not name.startswith("data:")] == []
    assert sorted(seen["faces"]) == ["400 loaded", "600 loaded", "700 loaded"]


@pytest.mark.parametrize("is_dark", [False, True])
def test_text_stands_out_from_its_ground(look: Look, *, is_dark: bool) -> None:
    seen, _ = look("fr", 1280, is_dark=is_dark)

    assert seen["background"] == ("rgb(12, 15, 19)" if is_dark else "rgb(245, 247, 249)")
    assert seen["faint"] == []


def test_the_text_of_a_mail_stands_out_and_nothing_is_fetched(look: Look) -> None:
    seen, _ = look("mail", 375)

    assert (seen["faint"], seen["fetched"], seen["small"], seen["heads"]) == ([], [], 0, 1)


@pytest.mark.parametrize("width", [1280, 375])
def test_no_text_is_smaller_than_eleven_pixels(look: Look, width: int) -> None:
    seen, _ = look("fr", width)

    assert seen["small"] == 0


@pytest.mark.parametrize("is_dark", [False, True])
def test_print_is_light_numbered_and_opens_what_is_folded(
    chromium: str, site: Path, tmp_path: Path, *, is_dark: bool
) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine: the printed pages are not read")
    target = tmp_path / "report.pdf"
    scheme = f"--blink-settings=preferredColorScheme={0 if is_dark else 1}"
    page = f"file://{site / 'fr' / 'report.html'}"
    browse(chromium, tmp_path / "profile", scheme, "--no-pdf-header-footer", f"--print-to-pdf={target}", page)

    text = subprocess.run(["pdftotext", "-layout", str(target), "-"], capture_output=True, text=True, check=True).stdout
    pages = text.split("\f")[:-1]

    assert 6 <= len(pages) <= 9
    for number, printed in enumerate(pages, 1):
        assert re.search(rf"ACME SAS · Octobre 2026\s+{number}\s*/\s*{len(pages)}\s*$", printed)
    assert "Engagements" in pages[0]
    assert "À garder en vue" in pages[0]
    assert "Incidents par priorité" in pages[1]
    assert "tickets-2026-10-15.csv" in text
