"""Templates see one documented view and nothing else (style.md §8)."""

from __future__ import annotations

import dataclasses
import inspect
import re
from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

from kpi_agent_reports import view
from kpi_agent_reports.html import render_html
from kpi_agent_reports.mail import render_mail
from kpi_agent_reports.templating import TemplateFault
from sample_month import document_of, october

TEMPLATES = Path(__file__).parents[3] / "templates"
SOURCES = sorted(TEMPLATES.rglob("*.j2"))
GLOBALS = {"digest", "mail", "portal", "report", "say", "style"}
CLASSES = [c for _, c in inspect.getmembers(view, inspect.isclass) if dataclasses.is_dataclass(c)]
FIELDS = {field.name for c in CLASSES for field in dataclasses.fields(c)}
LOOP = {"first", "index", "last", "nextitem", "previtem"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_a_template_uses_only_declared_fields(path: Path) -> None:
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    asked = {n.attr for n in tree.find_all(nodes.Getattr)}

    assert asked - FIELDS - LOOP == set()
    assert meta.find_undeclared_variables(tree) - GLOBALS == set()


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_a_template_does_no_arithmetic(path: Path) -> None:
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    sums = (nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Pow, nodes.Neg)

    assert list(tree.find_all(sums)) == []


def test_every_field_of_the_view_is_used_by_a_template() -> None:
    asked = set()
    for path in SOURCES:
        tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
        asked |= {n.attr for n in tree.find_all(nodes.Getattr)}

    # The footer reaches the page through the sheet's @page rule, escaped there.
    assert FIELDS - asked == {"footer"}


def test_every_class_of_the_view_is_described() -> None:
    assert [c.__name__ for c in CLASSES if not (c.__doc__ or "").strip() or c.__doc__.startswith(c.__name__)] == []


def test_the_view_holds_text_whole_numbers_and_booleans_only() -> None:
    allowed = {"str", "int", "bool", *(c.__name__ for c in CLASSES)}
    for c in CLASSES:
        for field in dataclasses.fields(c):
            parts = str(field.type).replace("tuple[", "").replace(", ...", "").replace("]", "").split(" | ")
            assert set(parts) - {"None"} <= allowed, f"{c.__name__}.{field.name}: {field.type}"


def test_a_template_that_asks_for_something_else_fails(tmp_path: Path) -> None:
    own = tmp_path / "monthly" / "report.html.j2"
    own.parent.mkdir()
    own.write_text("<p>\n{{ report.total_penalty }}", encoding="utf-8")

    with pytest.raises(TemplateFault, match=rf"^{re.escape(str(own))}:2: .*total_penalty.*docs/templates.md"):
        render_html(document_of(*october()), templates=[tmp_path, TEMPLATES])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\n{% if report.title %}", r":2: Unexpected end of template"),
        ("{% include 'gone.j2' %}", "template gone.j2 is neither in "),
        ("{{ ''.__class__.__mro__ }}", r":1: access to attribute '__class__'"),
        ("{{ say.__globals__ }}", r":1: access to attribute '__globals__'"),
        ("{{ report.topics.append(1) }}", "has no attribute 'append'"),
        ("{{ cycler.__init__.__globals__.os.system('true') }}", "__init__"),
    ],
)
def test_a_template_reaches_the_view_and_nothing_of_python(tmp_path: Path, text: str, said: str) -> None:
    own = tmp_path / "monthly" / "report.html.j2"
    own.parent.mkdir()
    own.write_text(text, encoding="utf-8")

    with pytest.raises(TemplateFault, match=said):
        render_html(document_of(*october()), templates=[tmp_path, TEMPLATES])


def test_a_mail_has_a_template_of_its_own(tmp_path: Path) -> None:
    own = tmp_path / "mail" / "report.html.j2"
    own.parent.mkdir()
    own.write_text("<p>Ours: {{ report.heading }}, {{ mail.rows|length }}, {{ mail.nothing }}", encoding="utf-8")

    with pytest.raises(TemplateFault, match=rf"^{re.escape(str(own))}:1: .*'nothing'"):
        render_mail(document_of(*october()), sender="a@b.example", readers=["c@d.example"], templates=[tmp_path])


def test_a_host_replaces_one_part_and_keeps_the_others(tmp_path: Path) -> None:
    own = tmp_path / "monthly" / "parts.html.j2"
    own.parent.mkdir()
    shipped = (TEMPLATES / "monthly" / "parts.html.j2").read_text(encoding="utf-8")
    own.write_text(shipped.replace('class="chip', 'class="ours chip'), encoding="utf-8")

    page = render_html(document_of(*october()), templates=[tmp_path, TEMPLATES])

    assert 'class="ours chip met"' in page
    assert "<h1>Octobre 2026</h1>" in page
