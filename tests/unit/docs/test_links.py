"""Every relative link of README, CONTRIBUTING, CHANGELOG and docs/ leads somewhere, with its heading."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = [ROOT / n for n in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted((ROOT / "docs").rglob("*.md"))
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def prose(page: Path) -> str:
    """Return a page without its code, where brackets mean other things."""
    return re.sub(r"```.*?```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)


def links() -> list[tuple[str, str]]:
    found = [(str(p.relative_to(ROOT)), target) for p in PAGES for target in _LINK.findall(prose(p))]
    return [(page, target) for page, target in found if "://" not in target and not target.startswith("mailto:")]


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as the usual renderers make them."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize(("page", "target"), links())
def test_a_link_leads_to_a_file_and_a_heading(page: str, target: str) -> None:
    path, _, anchor = target.partition("#")
    leads_to = (ROOT / page).parent / path if path else ROOT / page

    assert leads_to.exists(), f"{page} links to {target}"
    assert not anchor or anchor in anchors(leads_to), f"{page} links to {target}; headings: {sorted(anchors(leads_to))}"


def test_there_are_links_to_look_at() -> None:
    assert {page for page, _ in links()} >= {"README.md", "docs/README.md", "docs/indicators.md"}


def test_each_page_of_the_documentation_stands_in_its_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    names = [p.name for p in (ROOT / "docs").glob("*.md") if p.name != "README.md"]

    assert names
    assert [name for name in names if f"]({name})" not in index] == []
