"""The report as a mail: it says the same as the page, needs nothing but itself, and no name adds a header."""

from __future__ import annotations

import re
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from golden_files import check_golden
from kpi_agent_reports.mail import render_mail, subject
from sample_edges import contract_of_globex, hostile, quiet, running
from sample_month import document_of, october

TEMPLATES = [Path(__file__).parents[3] / "templates"]
SENDER = "Run Opsline <run@opsline.example>"
READERS = ("direction@acme.example", "Dupuis, Équipe Run <run@acme.example>")
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "List-Id", "List-Unsubscribe", "MIME-Version",
    "Content-Type",
]  # fmt: skip

WORDS = st.one_of(
    st.sampled_from(
        ["a\r\nBcc: eve@evil.example", "<script>alert(1)</script>", "{{ 7*7 }}", "=cmd|' /C calc'!A0", "x" * 10_000,
         "\u202etxt.exe", "\u2028Bcc: eve@evil.example", "🔥 ", '"><img src=x>', "\x0b\x0c\x1c\x85"]
    ),
    st.text(min_size=1, max_size=80),
)  # fmt: skip


def mailed(document: dict[str, Any], pdf: bytes | None = None) -> EmailMessage:
    content = render_mail(document, sender=SENDER, readers=READERS, templates=TEMPLATES, pdf=pdf)
    found = message_from_bytes(content, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def test_the_closed_month_reads_as_it_was_looked_at() -> None:
    mail = mailed(document_of(*october()))

    check_golden("acme-2026-10.mail.html", part(mail, "html"))
    check_golden("acme-2026-10.mail.txt", part(mail, "plain"))


def test_the_headers_say_who_what_and_when() -> None:
    mail = mailed(document_of(*october()))

    assert mail.keys() == HEADERS
    assert [a.addr_spec for a in mail["To"].addresses] == ["direction@acme.example", "run@acme.example"]
    assert mail["To"].addresses[1].display_name == "Dupuis, Équipe Run"
    assert mail["From"].addresses[0].display_name == "Run Opsline"
    assert re.fullmatch(r"<acme\.2026-10\.r1\.[0-9a-f]{16}@opsline\.example>", mail["Message-ID"])
    assert mail["Date"] == "Tue, 03 Nov 2026 06:00:00 +0000"
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("fr", "[ACME SAS] Rapport d’infogérance, octobre 2026\u00a0: 7 engagements tenus sur 12"),
        ("en", "[ACME SAS] Run report, october 2026: 7 commitments of 12 kept"),
    ],
)
def test_the_subject_carries_the_verdict(language: str, said: str) -> None:
    document = document_of(*october()) | {"language": language}
    summary = document["summary"] | {"met": 7, "missed": 4, "at_risk": 0, "no_data": 1, "nothing_to_judge": 3}

    assert subject(document | {"summary": summary}) == said


def test_the_subject_tells_a_preview_a_revision_and_nothing_to_judge_from_a_verdict() -> None:
    assert subject(document_of(*running(), state="preview")) == "[Globex Ltd] Preview of the Run report, november 2026"
    assert subject(document_of(*quiet())).endswith("novembre 2026\u00a0: rien à juger")
    assert subject(document_of(*october()) | {"revision": 2}).endswith(" (version 2)")


def test_the_same_document_gives_the_same_bytes_and_another_reader_another_id() -> None:
    document = document_of(*october())

    def bytes_for(*readers: str) -> bytes:
        return render_mail(document, sender=SENDER, readers=readers, templates=TEMPLATES, pdf=b"%PDF-")

    assert bytes_for("a@acme.example") == bytes_for("a@acme.example")
    ids = {re.search(rb"Message-ID:\s+(\S+)", bytes_for(f"{name}@acme.example")) for name in "ab"}
    assert len({found[1] for found in ids if found}) == 2


def test_text_and_html_tell_each_figure() -> None:
    mail = mailed(document_of(*october()))
    text, html = re.sub(r"\s+", " ", part(mail, "plain")), part(mail, "html")
    told = re.findall(r"<strong>([^<]+)</strong><br><span", html)

    assert len(told) > 10
    assert [figure for figure in told if re.sub(r"\s+", " ", figure) not in text] == []


def test_nothing_is_needed_but_the_mail_itself() -> None:
    html = part(mailed(document_of(*october())), "html")

    assert re.findall(r"<(?:style|script|img|link|svg|form|iframe)|url\(|https?://|flex|@media", html) == []


def test_the_pdf_is_attached_and_announced_only_where_there_is_one() -> None:
    document = document_of(*october())
    (attached,) = mailed(document, b"%PDF-1.7").iter_attachments()

    assert (attached.get_filename(), attached.get_content_type()) == ("acme-2026-10.pdf", "application/pdf")
    assert attached.get_content() == b"%PDF-1.7"
    assert "joint en PDF" in part(mailed(document, b"%PDF-1.7"), "html")
    assert "PDF" not in part(mailed(document), "html")


def test_a_contract_of_many_promises_stays_a_short_mail_with_the_worst_first() -> None:
    document = document_of(*october())
    kept = next(o for o in document["objectives"] if o["verdict"] == "met")
    missed = next(o for o in document["objectives"] if o["verdict"] == "missed")
    many = [*(kept | {"id": f"k{n}"} for n in range(60)), *(missed | {"id": f"m{n}"} for n in range(20))]

    html = part(mailed(document | {"objectives": many}), "html")

    assert len(html.encode()) < 60_000
    assert html.count("Non tenu</strong>") == 20
    assert "60\u00a0autres engagements sont dans le rapport." in html or "60 autres engagements" in html


@given(customer=WORDS, provider=WORDS, name=WORDS)
@settings(max_examples=200, deadline=None)
def test_no_name_adds_a_header_a_reader_or_markup(customer: str, provider: str, name: str) -> None:
    evaluation, _ = hostile()
    version = replace(contract_of_globex().latest, customer=customer, provider=provider)
    segment = replace(evaluation.segments[0], version=version)
    first = evaluation.commitments[0]
    named = replace(first, objective=replace(first.objective, name={"en": name, "fr": name}))
    month = replace(evaluation, segments=(segment,), commitments=(named, *evaluation.commitments[1:]))
    document = document_of(month, contract_of_globex(), state="preview")

    mail = mailed(document)

    assert mail.keys() == HEADERS
    assert len(mail["To"].addresses) == len(READERS)
    assert "\n" not in mail["Subject"]
    assert re.findall(r"<(?:script|img)", part(mail, "html")) == []
    assert part(mail, "html").count("{{ 7*7 }}") >= [customer, provider, name].count("{{ 7*7 }}")
