"""axe-core reads every page as those do who cannot see it, on a light and on a dark screen."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from .conftest import browse

AXE = Path(__file__).parents[3] / "build" / "axe-core" / "package" / "axe.min.js"
RUN = """
axe.run(document, {resultTypes: ["violations"]}).then(found => {
  const seen = document.createElement("pre");
  seen.id = "axe";
  seen.textContent = JSON.stringify({
    passes: found.passes.length,
    violations: found.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 200))]),
  });
  document.body.appendChild(seen);
});
"""

pytestmark = pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: .ci/axe-core fetches it where npm is there")


def read_by_axe(chromium: str, page: Path, folder: Path, *, is_dark: bool) -> dict[str, Any]:
    """Return how many of its rules a page keeps, and those that it breaks with the elements that do."""
    axe = AXE.read_text(encoding="utf-8").replace("</script", "<\\/script")
    text = page.read_text(encoding="utf-8").replace("</body>", f"<script>{axe}</script><script>{RUN}</script></body>")
    read = folder / "read.html"
    read.write_text(text, encoding="utf-8")
    scheme = f"--blink-settings=preferredColorScheme={0 if is_dark else 1}"
    done = browse(
        chromium, folder / "profile", scheme, "--window-size=1280,1000", "--virtual-time-budget=30000", "--dump-dom",
        f"file://{read}",
    )  # fmt: skip
    seen = re.search(r'<pre id="axe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert seen is not None, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(html.unescape(seen[1]))
    return found


@pytest.mark.parametrize(
    ("name", "is_dark"),
    [(name, False) for name in ("fr", "en", "running", "busy", "large", "least", "mail", "digest", "archive")]
    + [("fr", True), ("archive", True)],
)
def test_axe_finds_nothing_that_keeps_anyone_from_reading(
    chromium: str, site: Path, tmp_path: Path, name: str, *, is_dark: bool
) -> None:
    found = read_by_axe(chromium, site / name / "report.html", tmp_path, is_dark=is_dark)

    assert found["violations"] == []
    assert found["passes"] > 20


def test_axe_is_not_blind(chromium: str, tmp_path: Path) -> None:
    page = tmp_path / "bad.html"
    page.write_text('<html><body><img src="data:,"><a href="#"></a></body></html>', encoding="utf-8")

    found = read_by_axe(chromium, page, tmp_path, is_dark=False)

    assert {"image-alt", "html-has-lang", "link-name"} <= {name for name, _ in found["violations"]}
