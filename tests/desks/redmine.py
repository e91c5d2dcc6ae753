"""Redmine: an issue list as CSV in English and French, in the encodings that each language proposes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

PEOPLE = ("Ada Agent", "Rémi Rapporteur")

_EN = (
    "#", "Project", "Tracker", "Parent task", "Status", "Priority", "Subject", "Author", "Assignee", "Updated",
    "Category", "Target version", "Start date", "Due date", "Estimated time", "Spent time", "% Done", "Created",
    "Closed", "Last updated by", "Related issues", "Private", "Description",
)  # fmt: skip
_FR = (
    "#", "Projet", "Tracker", "Tâche parente", "Statut", "Priorité", "Sujet", "Auteur", "Assigné à", "Mis-à-jour",
    "Catégorie", "Version cible", "Début", "Echéance", "Temps estimé", "Temps passé", "% réalisé", "Créé", "Fermé",
    "Dernière mise à jour par", "Demandes liées", "Privée", "Description",
)  # fmt: skip


def _line(number: int, tracker: str, state: str, priority: str, created: str, updated: str, **more: str) -> list[str]:
    return [
        str(number), more.get("project", "Exploitation"), tracker, "", state, priority, more.get("title", "Mail"),
        "Rémi Rapporteur", more.get("assignee", ""), updated, more.get("category", ""), "", "2026-10-01", "", "",
        more.get("spent", ""), "0", created, more.get("closed", ""), "Rémi Rapporteur", more.get("related", ""),
        "No", more.get("description", ""),
    ]  # fmt: skip


def _written(header: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def _english() -> bytes:
    rows = [
        _line(8101, "Bug", "Closed", "Immediate", "10/25/2026 02:30 AM", "10/26/2026 09:00 AM",
              closed="10/25/2026 03:40 AM", assignee="Ada Agent", spent="1.50", category="Réseau", title="Link down",
              description="Since 2 o'clock,\n\"all red\""),
        _line(8102, "Support", "Feedback", "Normal", "10/28/2026 10:00 AM", "10/28/2026 11:00 AM"),
        _line(8103, "Bug", "Rejected", "Low", "10/28/2026 12:00 PM", "10/28/2026 12:30 PM", closed="10/28/2026 12:30 PM"),
        _line(8104, "Bug", "Waiting for parts", "Low", "10/29/2026 12:00 PM", "10/29/2026 12:30 PM"),
    ]  # fmt: skip
    return _written(_EN, rows, ",").encode("iso-8859-1")


def _french() -> str:
    rows = [
        _line(8201, "Anomalie", "Fermé", "Urgent", "13/10/2026 08:05", "14/10/2026 10:00", closed="13/10/2026 11:10",
              spent="2,25", title="Panne à l’étage".replace("’", "'"), assignee="Ada Agent", related="Bloque #8202, #8203"),
        _line(8202, "Evolution", "Nouveau", "Bas", "14/10/2026 00:00", "14/10/2026 00:00"),
        # Reopened: the state says so, the closing is kept.
        _line(8203, "Assistance", "En cours", "Haut", "15/10/2026 09:00", "20/10/2026 09:00", closed="16/10/2026 09:00"),
        _line(8204, "Anomalie", "Résolu", "Normal", "16/10/2026 09:00", "17/10/2026 09:00"),
    ]  # fmt: skip
    return _written(_FR, rows, ";")


EXPORTS = {
    "english": _english(),
    "french": _french().encode("iso-8859-1"),
    "french_utf8": _french().encode("utf-8-sig"),
}
