"""The report as a mail: a text twin, its first page as HTML without style sheet or image, the PDF attached."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from jinja2 import TemplateError

from kpi_agent_reports.canonical import sha256_of
from kpi_agent_reports.charts import BULLET_WIDTH
from kpi_agent_reports.digest import digest_html, digest_text
from kpi_agent_reports.facts import instant_of
from kpi_agent_reports.plain import render_first_page
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.sentences import kept_of
from kpi_agent_reports.templating import environment_for, fault_of
from kpi_agent_reports.view import CommitmentRow, DigestView, MailRow, MailView, ReportView
from kpi_agent_reports.words import Words

BAR = 64
"""Pixels of a full bar, as the template draws it."""

MOST_ROWS = 30
"""So many commitments stand in a mail; of more, those that are not kept come first and the others are counted."""


def render_mail(
    document: Mapping[str, Any],
    *,
    sender: str,
    readers: Sequence[str],
    templates: Sequence[Path],
    pdf: bytes | None = None,
) -> bytes:
    """Return the message, CRLF line ends, from *sender* to *readers* (addresses, with or without display names).

    The same document, addresses and PDF give the same bytes. Names of customers and services are text: what could
    begin another header is replaced by a space. Raises ValueError for an address that is none, TemplateFault for a
    template that cannot be rendered.
    """
    view = build_view(document)
    words = Words(view.language, document["period"]["timezone"])
    content = _Content(
        name=f"{document['period']['id']}.r{document['revision']}",
        title=subject(document),
        text=render_first_page(document),
        html=_html(view, words, templates, has_pdf=pdf is not None),
        pdf=pdf,
    )
    return _message(document, content, sender, readers)


def render_digest_mail(
    document: Mapping[str, Any], digest: DigestView, *, sender: str, readers: Sequence[str], templates: Sequence[Path]
) -> bytes:
    """Return a weekly digest of *document* as a message, as :func:`render_mail` does."""
    content = _Content(
        name=f"{document['period']['id']}.{document['as_of'][:10]}",
        title=_one_line(f"[{document['contract']['customer']}] {digest.heading}"),
        text=digest_text(digest),
        html=digest_html(digest, templates=templates),
    )
    return _message(document, content, sender, readers)


@dataclass(frozen=True, slots=True)
class _Content:
    """What a message says: *text* and *html* the same; *name* sets it apart from the contract's others."""

    name: str
    title: str
    text: str
    html: str
    pdf: bytes | None = None


def _message(document: Mapping[str, Any], content: _Content, sender: str, readers: Sequence[str]) -> bytes:
    mail = EmailMessage(policy=SMTP)
    domain = _address(sender).domain
    identity = hashlib.sha256("\n".join([sha256_of(document), sender, *readers]).encode()).hexdigest()
    contract, period = document["contract"]["id"], document["period"]["id"]
    mail["From"] = _address(sender)
    mail["To"] = [_address(reader) for reader in readers]
    mail["Subject"] = content.title
    mail["Date"] = format_datetime(datetime.fromtimestamp(instant_of(document["as_of"]), UTC))
    mail["Message-ID"] = f"<{contract}.{content.name}.{identity[:16]}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail["List-Id"] = f"<{contract}.kpi-agent.{domain}>"
    mail["List-Unsubscribe"] = f"<mailto:{_address(sender).addr_spec}?subject=unsubscribe%20{contract}>"
    mail.set_content(content.text, cte="quoted-printable")
    mail.add_alternative(content.html, subtype="html", cte="quoted-printable")
    if content.pdf is not None:
        mail.add_attachment(content.pdf, maintype="application", subtype="pdf", filename=f"{contract}-{period}.pdf")
    for number, part in enumerate(p for p in mail.walk() if p.is_multipart()):
        part.set_boundary(f"=_{identity[16:48]}_{number}")
    return mail.as_bytes()


def subject(document: Mapping[str, Any]) -> str:
    """Return the subject, which carries the verdict; one line without control characters."""
    words = Words(document["language"], document["period"]["timezone"])
    view = build_view(document)
    kept, of = kept_of(document["summary"])
    fields = {"customer": document["contract"]["customer"], "period": view.heading.lower()}
    if document["state"] != "closed":
        text = words.say("[{customer}] Preview of the Run report, {period}", **fields)
    elif not of:
        text = words.say("[{customer}] Run report, {period}: nothing to judge", **fields)
    else:
        text = words.count(
            "[{customer}] Run report, {period}: {n} commitment of {of} kept",
            "[{customer}] Run report, {period}: {n} commitments of {of} kept",
            kept,
            of=words.number(of),
            **fields,
        )
    if document["revision"] > 1:
        text += words.say(" (revision {n})", n=words.number(document["revision"]))
    return _one_line(text)


def _one_line(text: str) -> str:
    """Return text without what a header must not hold: line ends and other controls become spaces."""
    return " ".join("".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in text).split(" "))


def _address(text: str) -> Address:
    """Return what the contract writes, ``name@host`` or ``Any name, even with commas <name@host>``."""
    name, _, address = text.removesuffix(">").rpartition("<") if text.endswith(">") else ("", "", text)
    return Address(display_name=_one_line(name).strip().strip('"'), addr_spec=address)


def _html(view: ReportView, words: Words, templates: Sequence[Path], *, has_pdf: bool) -> str:
    environment = environment_for(templates)
    environment.globals["say"] = words.say
    try:
        template = environment.get_template("mail/report.html.j2")
        return template.render(report=view, mail=_mail_view(view, words, has_pdf))
    except TemplateError as error:
        raise fault_of(error, templates) from error


def _mail_view(view: ReportView, words: Words, has_pdf: bool) -> MailView:  # noqa: FBT001 - a fact of the mail
    rows, others = view.commitments, ""
    if len(rows) > MOST_ROWS:
        rows = tuple(row for row in rows if row.value_tone != "met")[:MOST_ROWS]
        others = words.count(
            "{n} other commitment is in the report.",
            "{n} other commitments are in the report.",
            len(view.commitments) - len(rows),
        )
    return MailView(
        tuple(_mail_row(row) for row in rows),
        others,
        words.say("The whole report is attached as PDF.") if has_pdf else "",
    )


def _mail_row(row: CommitmentRow) -> MailRow:
    if row.bullet is None:
        return MailRow(row, 0, 0)
    bar = row.bullet.fill * BAR // BULLET_WIDTH
    return MailRow(row, bar, BAR - bar)
