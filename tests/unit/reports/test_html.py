from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from golden_files import check_golden
from kpi_agent_reports.html import css_text, render_html
from sample_edges import hostile, quiet, running
from sample_month import document_of, october

TEMPLATES = [Path(__file__).parents[3] / "templates"]
VOID = {"meta", "br", "link", "img", "circle", "rect", "line", "polyline", "path"}


class Page(HTMLParser):
    """The page as a reader meets it: text outside style and code, titles and labels, elements with their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.titles: list[str] = []
        self._open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if {"style", "code"} & set(self._open):
            return
        (self.titles if "title" in self._open else self.text).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]

    @property
    def words(self) -> str:
        labels = [v or "" for _, attrs in self.elements for k, v in attrs.items() if k in {"aria-label", "data-label"}]
        return "\n".join([*self.text, *self.titles, *labels])


def render(document: dict[str, Any]) -> str:
    return render_html(document, templates=TEMPLATES)


@pytest.fixture(scope="module")
def html() -> str:
    return render(document_of(*october()))


@pytest.fixture(scope="module")
def page(html: str) -> Page:
    return Page(html)


def test_the_closed_month_renders_as_it_was_looked_at(html: str) -> None:
    check_golden("acme-2026-10.html", html)


def test_the_same_month_in_english_renders_as_it_was_looked_at() -> None:
    check_golden("acme-2026-10.en.html", render({**document_of(*october()), "language": "en"}))


def test_the_running_month_renders_as_it_was_looked_at() -> None:
    check_golden("globex-2026-11.html", render(document_of(*running(), state="preview")))


def test_no_unformatted_number_reaches_a_french_reader(page: Page) -> None:
    assert re.findall(r".*\d\.\d.*", page.words) == []


def test_the_page_asks_nothing_of_a_network_and_runs_nothing(html: str, page: Page) -> None:
    assert page.all("script") == []
    assert page.all("link") == []
    assert page.all("img") == []
    assert not [a for _, attrs in page.elements for a in attrs if a.startswith("on")]
    assert [a["href"] for a in page.all("a") if not (a["href"] or "").startswith("#")] == []
    assert set(re.findall(r"url\((?!#)([^,)]{0,20})", html)) <= {"data:font/woff2;base"}
    assert "@import" not in html


def test_links_lead_to_places_of_the_page(page: Page) -> None:
    places = {attrs["id"] for _, attrs in page.elements if "id" in attrs}

    assert {(a["href"] or "#")[1:] for a in page.all("a")} <= places


def test_ids_are_unique(page: Page) -> None:
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]

    assert sorted(ids) == sorted(set(ids), key=str)


def test_the_page_can_be_read_without_seeing_it(page: Page) -> None:
    assert page.all("html") == [{"lang": "fr"}]
    assert len(page.all("h1")) == 1
    assert len(page.all("caption")) == len(page.all("table")) > 5
    assert {attrs.get("scope") for attrs in page.all("th")} == {"col", "row"}
    drawings = [a for a in page.all("svg") if a.get("aria-hidden") != "true"]
    assert {attrs.get("role") for attrs in drawings} == {"img"}
    assert any(a.get("class") == "skip" and a["href"] == "#commitments" for a in page.all("a"))


def test_every_drawing_has_a_title(html: str) -> None:
    drawings = re.findall(r'<svg[^>]*role="img">(<title>[^<]+</title>)?', html)

    assert len(drawings) > 10
    assert all(drawings)


def test_figures_in_titles_of_bars_are_those_of_the_table(html: str) -> None:
    value = r'class="num value[^"]*"[^>]*><div>([^<]+?) *<small>'
    rows = re.findall(value + r'(?:(?!<tr).)*?class="bullet"[^>]*><title>([^<]+)</title>', html, re.DOTALL)

    assert len(rows) == 7
    assert [value for value, title in rows if not title.startswith(value)] == []


def test_a_verdict_is_never_told_by_colour_alone(html: str) -> None:
    for tone, glyph in (("met", "●"), ("missed", "■"), ("none", "○")):
        chips = re.findall(rf'<span class="chip {tone}"><span aria-hidden="true">(.)</span>&nbsp;([^<]+)</span>', html)
        assert chips
        assert {found for found, _ in chips} == {glyph}
        assert all(word.strip() for _, word in chips)


def test_no_data_is_drawn_as_none_and_never_green(html: str) -> None:
    row = next(r for r in html.split('<tr role="row">')[1:] if "Procédures à jour" in r and "chip" in r)
    row = row.split("</tr>")[0]

    assert "chip none" in row
    assert 'class="bullet"' not in row
    assert "met" not in re.findall(r'class="([^"]*)"', row)
    assert "#0b6b3a" not in row
    assert "100\u00a0%" not in row


def test_names_cannot_leave_their_place() -> None:
    html = render(document_of(*hostile(), state="preview"))
    page = Page(html)

    assert page.all("script") == []
    assert page.all("img") == []
    assert page.all("b") == []
    assert len(page.all("style")) == 1
    assert "{{ 7*7 }}" in page.words
    footer = re.search(r'@bottom-left\{content:"([^"]*)"', html)
    assert footer is not None
    assert "<" not in footer[1]


def test_css_text_leaves_only_letters_and_digits_as_they_are() -> None:
    assert css_text('A"}é1') == "A\\22 \\7d \\e9 1"


def test_a_preview_says_so_and_a_closed_report_does_not(html: str) -> None:
    preview = render(document_of(*running(), state="preview"))

    assert "Preview of a running month: figures to 22\u00a0November at 22:14" in preview
    assert 'class="banner"' not in html


def test_a_revision_gives_its_reason() -> None:
    document = document_of(*october(), revision=2)
    document["reason"] = "two tickets were merged by mistake"

    assert "Version révisée\u00a0: two tickets were merged by mistake" in render(document)


def test_a_month_without_anything_reads_well() -> None:
    page = Page(render(document_of(*quiet())))

    assert "Il n’y avait rien à juger dans la période." in page.words
    assert "Aucun incident n’a été ouvert ni rétabli dans la période." in page.words
    assert "Sans objet" in page.words
    assert "100\u00a0%" not in "".join(page.text).split("Annexe A")[0]


def test_columns_of_the_past_are_left_away_in_a_first_month() -> None:
    page = Page(render(document_of(*running(), state="preview")))

    assert "Change" not in page.words
    assert "Last periods" not in page.words


def test_a_missing_typeface_leaves_the_system_s(tmp_path: Path) -> None:
    for path in TEMPLATES[0].rglob("*"):
        if path.suffix in {".j2", ".css"}:
            copy = tmp_path / path.relative_to(TEMPLATES[0])
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(path.read_bytes())

    html = render_html(document_of(*quiet()), templates=[tmp_path])

    assert "@font-face" not in html
    assert "<h1>Novembre 2026</h1>" in html


def test_the_embedded_typeface_stays_small() -> None:
    sizes = [path.stat().st_size for path in (TEMPLATES[0] / "fonts").glob("*.woff2")]

    assert len(sizes) == 3
    assert sum(sizes) <= 60_000


def test_long_lists_are_folded_on_a_screen(html: str) -> None:
    assert re.search(r"<details><summary>Fichiers</summary>\s*<table", html)
