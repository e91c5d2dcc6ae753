"""Every format of a document, and the archive of closed ones."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi_agent.bootstrap.configuration import Configuration
from kpi_agent.domain.errors import KpiAgentError
from kpi_agent.domain.records import StoredDocument
from kpi_agent.domain.time import Period
from kpi_agent.shipped import shipped
from kpi_agent.whole_file import locked, write_whole
from kpi_agent_reports.canonical import FORMATS, canonical_bytes, sha256_of
from kpi_agent_reports.html import render_html
from kpi_agent_reports.pdf import PdfUnavailable, can_print, render_pdf
from kpi_agent_reports.plain import render_plain
from kpi_agent_reports.portal import PAGE, Archived, contract_page, index_page, summary_of
from kpi_agent_reports.templating import TemplateFault

_SUMMARY = "index.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Renderer:
    """Renders documents: the same document gives the same bytes on every host with the same templates and addresses."""

    configuration: Configuration

    def __call__(self, document: Mapping[str, Any], form: str) -> bytes:
        """Return a canonical document in one of FORMATS; raises KpiAgentError where a host cannot make it."""
        makers: Mapping[str, Callable[[Mapping[str, Any]], bytes]] = {
            "txt": lambda d: render_plain(d).encode(),
            "html": lambda d: self._html(d).encode(),
            "json": canonical_bytes,
            "csv": _csv,
            "xlsx": _workbook,
            "pdf": self._pdf,
            "eml": lambda d: self._mail(d, self._pdf(d) if can_print() else None),
        }
        return makers[form](document)

    def archive(self, document: Mapping[str, Any]) -> dict[str, bytes]:
        """Return the files of the archive by name; the PDF and the mail only where it has a sender and readers.

        What cannot be printed never keeps a month from being closed: it is left out, and a warning says why.
        """
        files = {f"report.{form}": self(document, form) for form in ("txt", "html", "json", "csv", "xlsx")}
        if self.configuration.settings.mail_from is not None and self._readers(document):
            pdf = None
            try:
                pdf = files["report.pdf"] = self._pdf(document)
            except KpiAgentError as error:
                contract, period = document["contract"]["id"], document["period"]["id"]
                _log.warning("%s %s is archived without its PDF: %s", contract, period, error)
            files["report.eml"] = self._mail(document, pdf)
        return files

    def digest(self, document: Mapping[str, Any], before: Mapping[str, Any] | None, form: str) -> bytes:
        """Return the weekly digest of a running period's preview as ``txt``, ``html`` or ``eml``."""
        from kpi_agent_reports.digest import build_digest, digest_html, digest_text  # noqa: PLC0415 - of one command

        made, templates = build_digest(document, before), template_folders(self.configuration)
        if form == "txt":
            return digest_text(made).encode()
        with _told():
            if form == "html":
                return digest_html(made, templates=templates).encode()
            from kpi_agent_reports.mail import render_digest_mail  # noqa: PLC0415 - the mail package takes 40 ms to load

            sender, readers = self._addresses(document)
            return render_digest_mail(document, made, sender=sender, readers=readers, templates=templates)

    def _html(self, document: Mapping[str, Any]) -> str:
        with _told():
            return render_html(document, templates=template_folders(self.configuration))

    def _pdf(self, document: Mapping[str, Any]) -> bytes:
        with _told():
            return render_pdf(self._html(document), sha256_of(document))

    def _mail(self, document: Mapping[str, Any], pdf: bytes | None) -> bytes:
        from kpi_agent_reports.mail import render_mail  # noqa: PLC0415 - the mail package takes 40 ms to load

        sender, readers = self._addresses(document)
        templates = template_folders(self.configuration)
        with _told():
            return render_mail(document, sender=sender, readers=readers, templates=templates, pdf=pdf)

    def _addresses(self, document: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
        """Return the sender and the readers of mails; raises KpiAgentError where the files name none."""
        sender, readers = self.configuration.settings.mail_from, self._readers(document)
        if sender is None:
            raise KpiAgentError(
                f"{self.configuration.settings.file} names no sender of mails; write mail:"
                ' {host: localhost, from: "Run <run@provider.example>"}'
            )
        if not readers:
            raise KpiAgentError(
                f"contract '{document['contract']['id']}' names no reader; write"
                " report: {to: [name@customer.example]}"
            )
        return sender, readers

    def _readers(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        """Return who reads the report by the last contract version in force in the period."""
        contract = self.configuration.contracts.get(document["contract"]["id"])
        if contract is None:
            return ()
        period = Period.parse(document["period"]["id"], document["period"]["timezone"])
        segments = contract.segments(period)
        return segments[-1][0].report.to if segments else ()


def _csv(document: Mapping[str, Any]) -> bytes:
    from kpi_agent_reports.table_csv import render_csv  # noqa: PLC0415 - asked for by few commands

    return render_csv(document).encode()


def _workbook(document: Mapping[str, Any]) -> bytes:
    from kpi_agent_reports.workbook import render_workbook  # noqa: PLC0415 - XlsxWriter takes 75 ms to load

    return render_workbook(document)


@contextmanager
def _told() -> Iterator[None]:
    """Make what a renderer refuses an error that commands print as it is."""
    try:
        yield
    except (PdfUnavailable, TemplateFault) as error:
        raise KpiAgentError(str(error)) from error


@dataclass(frozen=True, slots=True)
class ArchiveFolder:
    """Closed reports below ``state_dir/reports`` with their pages; each file appears whole or not at all."""

    configuration: Configuration
    closed: Callable[[str], Sequence[StoredDocument]]
    """Every closed document of a contract."""

    def __call__(self, stored: StoredDocument) -> Path:
        """Write ``report.json``, ``report.html`` and the other formats of the archive, and return their folder.

        The pages that list the reports, of its contract and of all contracts, are written anew.
        """
        folder = self.folder(stored.contract, stored.period, stored.revision)
        folder.mkdir(parents=True, exist_ok=True)
        files = Renderer(self.configuration).archive(json.loads(stored.content))
        files["report.json"] = stored.content
        with locked(folder):
            for name, content in files.items():
                write_whole(folder / name, content)
        self._list(stored.contract)
        return folder

    def folder(self, contract: str, period: str, revision: int) -> Path:
        """Return the folder of a closed report."""
        return self._root / contract / period / f"r{revision}"

    @property
    def _root(self) -> Path:
        return Path(self.configuration.state_dir) / "reports"

    def _list(self, contract: str) -> None:
        """Write the page of a contract, what the page of all needs of it, and that page."""
        archived = [self._archived(stored) for stored in self.closed(contract)]
        templates = template_folders(self.configuration)
        with _told():
            page = contract_page(archived, templates=templates)
        with locked(self._root / contract):
            write_whole(self._root / contract / PAGE, page.encode())
            write_whole(self._root / contract / _SUMMARY, json.dumps(summary_of(archived)).encode())
        with locked(self._root), _told():
            summaries = [json.loads(path.read_bytes()) for path in sorted(self._root.glob(f"*/{_SUMMARY}"))]
            write_whole(self._root / PAGE, index_page(summaries, templates=templates).encode())

    def _archived(self, stored: StoredDocument) -> Archived:
        folder = self.folder(stored.contract, stored.period, stored.revision)
        formats = tuple(form for form in FORMATS if (folder / f"report.{form}").exists())
        return Archived(json.loads(stored.content), formats)


def template_folders(configuration: Configuration) -> list[Path]:
    """Return where templates lie, the host's own before the shipped ones."""
    own = configuration.settings.templates_dir
    return [*([Path(own)] if own is not None else []), shipped("templates")]
