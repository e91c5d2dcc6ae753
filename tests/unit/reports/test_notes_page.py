"""People's words in the report: laid out as they are, never as markup, and never mixed with the program's."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import paris
from kpi_agent.domain.notes import Approval, Became, Carried, Section, notes_of
from kpi_agent_reports.document_people import with_people
from kpi_agent_reports.html import render_html
from kpi_agent_reports.plain import render_plain
from kpi_agent_reports.prose import blocks_of, plain_text
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.view import Block, Span
from sample_edges import quiet
from sample_month import document_of

TEMPLATES = [Path(__file__).parents[3] / "templates"]
NOTE = """\
Busy **month**, see [the minutes](https://wiki.example/x) and `multipath`.

# Causes
- The SAN lost a path on the 14th.

# Decisions
- [ ] Renew the support of the *SAN*
- [x] Move the backup
- Say when to stop

# Actions
- [ ] Replace web06
"""
HOSTILE = st.one_of(
    st.sampled_from(
        ["<script>alert(1)</script>", "{{ 7*7 }}", "[x](javascript:alert(1))", "![x](http://evil.example/x.png)",
         "<img src=x onerror=alert(1)>", "[a]: javascript:alert(1)\n\n[a]", "<http://evil.example>", "x" * 10_000,
         "\u202eevil", "[x](data:text/html,<script>)", "[ftp](ftp://a.example)", "- " * 200 + "deep",
         "> " * 200 + "deep", "**", "[", "[](", "[x](http://[broken)", "\x00\x0b",
         "| a | b |\n|---|---|", "```\n</pre><script>", "=cmd"]
    ),
    st.text(max_size=120),
)  # fmt: skip


def noted(note: str, *carried: Carried, language: str = "en") -> dict[str, Any]:
    evaluation, contract = quiet(language=language)
    return document_of(replace(evaluation, notes=notes_of(note), carried=carried), contract)


def test_a_note_becomes_plain_blocks() -> None:
    assert blocks_of("Busy **month** *and* `x`, [see](https://w.example)\n\n- [ ] one\n- [x] two\n  more") == (
        Block("text", "", (Span("Busy "), Span("month", is_strong=True), Span(" "), Span("and", is_emphasis=True),
                           Span(" "), Span("x", is_code=True), Span(", "), Span("see", address="https://w.example"))),
        Block("item", "☐", (Span("one"),)),
        Block("item", "☑", (Span("two"), Span(" "), Span("more"))),
    )  # fmt: skip


def test_lists_in_lists_are_told_one_by_one_and_code_as_it_stands() -> None:
    found = blocks_of("- one\n  - two\n\n    second paragraph\n\n```sh\n# a\n  b\n```")

    assert [(b.kind, plain_text(b)) for b in found] == [
        ("item", "one"), ("item", "two"), ("text", "second paragraph"), ("code", "# a\n  b"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("[x](https://a.example/?b=1)", "https://a.example/?b=1"),
        ("[x](mailto:a@b.example)", "mailto:a@b.example"),
        ("[x](HTTP://a.example)", "HTTP://a.example"),
        ("[x](ftp://a.example)", ""),
        ("[x](/etc/passwd)", ""),
    ],
)
def test_a_link_leads_to_the_web_or_a_mailbox_or_nowhere(text: str, address: str) -> None:
    ((span,),) = (block.spans for block in blocks_of(text))

    assert (span.text, span.address) == ("x", address)


def test_what_happened_and_what_follows_have_their_pages_in_place() -> None:
    view = build_view(noted(NOTE))
    topics = {topic.id: topic for topic in view.topics}

    assert [plain_text(b) for b in topics["happened"].prose] == [
        "Highlights", "Busy month, see the minutes and multipath.", "Causes", "The SAN lost a path on the 14th.",
    ]  # fmt: skip
    assert [b.mark for b in topics["follow-up"].prose if b.kind == "item"] == ["☐", "☑", "", "☐"]
    assert view.topics[0].id == "happened"


def test_page_one_asks_for_the_decisions_that_are_not_taken() -> None:
    document = noted(NOTE)

    assert build_view(document).decisions == ("Renew the support of the SAN", "Say when to stop")
    assert "Decisions asked\n- Renew the support of the SAN\n- Say when to stop\n" in render_plain(document)


def test_a_report_without_notes_has_neither_page() -> None:
    view = build_view(noted(""))

    assert {"happened", "follow-up"} & {topic.id for topic in view.topics} == set()
    assert view.decisions == ()


def test_what_became_of_earlier_actions_is_a_table() -> None:
    carried = (
        Carried(Section.ACTIONS, "Replace **web06**", "2026-08", Became.DONE),
        Carried(Section.DECISIONS, "Renew", "2026-10", Became.OPEN),
        Carried(Section.ACTIONS, "Test", "2026-10", Became.UNTOLD),
    )
    (table,) = next(t for t in build_view(noted("", *carried)).topics if t.id == "follow-up").tables

    assert [[cell.text for cell in row] for row in table.rows] == [
        ["Replace web06", "action", "August 2026", "done"],
        ["Renew", "decision", "October 2026", "open"],
        ["Test", "action", "October 2026", "open, not told about"],
    ]
    assert [row[3].tone for row in table.rows] == ["met", "", "none"]


def test_the_words_are_marked_as_those_of_people() -> None:
    assert "These words were written by people" in render_html(noted(NOTE), templates=TEMPLATES)
    assert "ont été écrits par des personnes" in render_html(noted(NOTE, language="fr"), templates=TEMPLATES)


@given(HOSTILE)
@settings(max_examples=200, deadline=None)
def test_no_note_leaves_its_place(note: str) -> None:
    document = noted(f"{note}\n\n# Actions\n- [ ] {note}\n\n# {note}\nsaid")
    html = render_html(document, templates=TEMPLATES).split("</style>")[1]

    assert re.findall(r"<(?:script|img|iframe|style|object|b>)", html) == []
    assert re.findall(r"<[^>]*\son\w+=", html) == []
    links = re.findall(r'href="([^"]*)"', html)
    assert [link for link in links if not link.startswith(("#", "http:", "https:", "mailto:"))] == []
    assert html.count("<main") == html.count("</main>") == 1
    assert render_plain(document)


@pytest.mark.parametrize(
    ("language", "said", "waits"),
    [
        ("en", "approved by C. Martin on 5 November at 09:30", "Draft: the figures are fixed"),
        ("fr", "approuvé par C. Martin le 5 novembre à 9 h 30", "Projet : les chiffres sont arrêtés"),
    ],
)
def test_a_report_says_who_approved_it_and_a_draft_that_nobody_did(language: str, said: str, waits: str) -> None:
    document = noted("Quiet.", language=language)
    approval = Approval("C. Martin", paris("2026-11-05 09:30"))

    approved = build_view(with_people(document, (), (), approval))
    draft = build_view(document | {"state": "preview"})

    assert said in approved.subheading.replace("\u00a0", " ").replace("\u202f", " ")
    assert waits in draft.banner.replace("\u00a0", " ")
    assert waits not in approved.banner
