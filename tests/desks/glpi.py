"""GLPI: the list of tickets as the releases 9, 10 and 11 export it, in the languages and date masks of their users."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from workbooks import workbook

PEOPLE = ("Durand Alice", "Petit Bruno", "Ferreira Carla", "Reed Alan")

_FR10 = (
    "ID", "Titre", "Entité", "Type", "Statut", "Dernière modification", "Date d'ouverture", "Date de résolution",
    "Date de clôture", "Priorité", "Demandeur - Demandeur", "Attribué à - Technicien",
    "Attribué à - Groupe de techniciens", "Catégorie", "Éléments associés", "Problèmes - Nombre de problèmes",
    "TTO", "TTO dépassé", "TTR", "Temps de résolution dépassé", "TTR interne dépassé",
    "Statistiques - Délai de prise en compte", "Statistiques - Délai de résolution",
    "Statistiques - Délai d'attente", "Durée totale", "SLAs - SLAs TTR",
)  # fmt: skip

_FR10_ROWS = (
    ("52 267", "Disque ''plein'' sur web01 (52267)", "ACME > Production (4)", "Incident", "Clos",
     "07-11-2026 03:00", "25-10-2026 02:50", "25-10-2026 02:10", "07-11-2026 03:00", "Majeure", "Petit Bruno (2970)",
     "Durand Alice (2971)<br>Petit Bruno (2970)", "Équipe Linux (8)<br>Réseau (9)", "Système > Disque (12)",
     "web01 (77)<br>web02 (78)", "0", "25-10-2026 03:20", "Non", "25-10-2026 06:50", "Non", "Oui",
     "12 minutes", "20 minutes", "1 jours 2 heures 5 minutes", "1 heures 30 minutes", "P1 4 h (2)"),
    ("52\u00a0268", "Accès\nà la messagerie\n\npour trois (52268)", "ACME (3)", "Demande", "En attente",
     "04-11-2026 10:00", "03-11-2026 09:00", "", "", "Très basse", "Petit Bruno (2970)", "", "Équipe Linux (8)",
     "Comptes (13)", "", "0", "", "Non", "13-11-2026 09:00", "Oui", "Non", "0 secondes", "0 secondes", "0 secondes",
     "0 secondes", ""),
    ("52\u202f269", "Panne", "ACME (3)", "Incident", "En cours (Attribué)", "13-11-2026 08:02", "13-11-2026 08:01",
     "", "", "Haute", "", "Durand Alice (2971)", "Réseau (9)", "Réseau (14)", "", "1", "", "Non", "", "Non", "Non",
     "45 secondes", "", "- 5 minutes", "0 secondes", ""),
    ("52 270", "Lenteur", "ACME (3)", "Incident", "Résolu", "13-11-2026 11:00", "13-11-2026 09:00",
     "13-11-2026 11:00", "", "Moyenne", "Petit Bruno (2970)", "Durand Alice (2971)", "Réseau (9)", "Réseau (14)", "",
     "0", "", "Non", "13-11-2026 10:00", "Oui", "Non", "5 minutes", "2 heures 0 minutes", "0 secondes",
     "20 minutes", ""),
    ("52 271", "Odd", "ACME (3)", "Incident", "À valider", "13-11-2026 11:00", "13-11-2026 09:00", "",
     "", "Moyenne", "", "", "Réseau (9)", "Réseau (14)", "", "0", "", "Non", "", "Non", "Non", "", "", "", "", ""),
)  # fmt: skip


def _old(rows: Sequence[Sequence[str]], delimiter: str, line_end: str = "\n") -> str:
    """Lines as releases up to 10 write them: every cell quoted, a delimiter behind the last one too."""
    return "".join("".join(f'"{cell}"{delimiter}' for cell in row) + line_end for row in rows)


def _new(rows: Sequence[Sequence[str]], delimiter: str) -> str:
    """Lines of release 11."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


_FR9 = (
    "ID", "Titre", "Statut", "Date d'ouverture", "Date de résolution", "Priorité",
    "Attribué à - Groupe d'attribution", "Temps de résolution", "Temps de résolution dépassé",
    "SLAs&nbsp;Temps de résolution", "Statistiques - Délai de prise en compte",
)  # fmt: skip
_FR9_ROWS = (
    ("811", "Imprimante", "Clos", "2019-03-31 01:59", "2019-03-31 03:00", "Basse", "Support\nRéseau", "2019-04-05 18:00",
     "Non", "", "1 minutes"),
    ("812", "VPN", "Nouveau", "2019-04-01 08:00", "", "Très haute", "", "", "Non", "", ""),
    ("813", "Câble", "En cours (Planifié)", "2019-04-01 08:00", "2019-03-01 08:00", "Haute", "", "", "Non", "", ""),
)  # fmt: skip

_EN = (
    "ID", "Title", "Entity", "Status", "Last Update", "Opening Date", "Resolution date", "Priority",
    "Assigned To - Technician", "Assigned To - Technician group", "Category", "Type", "Time to resolve",
    "Time to resolve + Progress", "Time to resolve exceeded", "Internal time to resolve exceeded",
    "Statistics - Take into account time", "Statistics - Waiting time", "Total duration",
)  # fmt: skip
_EN_ROWS = (
    ("2970", 'Portal is "down"', "Root > Shop", "Solved", "11-09-2026 10:30", "11-09-2026 08:00", "11-09-2026 10:30",
     "Very high", "Reed Alan", "Second line", "Web > Portal", "Incident", "11-09-2026 12:00",
     "11-09-2026 12:00 \n\n 62%", "No", "No", "3 minutes", "1 hours 5 minutes", "2 days 3 hours 5 minutes"),
    ("2971", "New badge", "Root > Shop", "Processing (planned)", "11-13-2026 10:00", "11-13-2026 09:00", "", "Medium",
     "", "", "", "Request", "", "", "", "No", "0 seconds", "0 seconds", "0 seconds"),
    ("2972", "Mail; slow", "Root", "Pending", "11-14-2026 10:00", "11-14-2026 09:00", "", "Low",
     "Reed Alan<br>Durand Alice", "First line<br>Second line", "Mail", "Incident", "", "", "Yes", "No",
     "30 seconds", "10 minutes", ""),
)  # fmt: skip

_PT = (
    "ID",
    "Título",
    "Entidade",
    "Status",
    "Data de abertura",
    "Prioridade",
    "Time to resolve exceeded",
    "Total duration",
)
_PT_ROWS = (
    ("31", "Impressora", "Raiz > Loja", "Em atendimento (atribuído)", "13-11-2026 09:00", "Alta", "Não",
     "1 dias 18 horas 47 minutos"),
    ("32", "Rede", "Raiz", "Solucionado", "14-11-2026 09:00", "Média", "Sim", "50 segundos"),
    ("33", "Correio", "Raiz", "Pendente", "14-11-2026 09:00", "Baixa", "Não", ""),
    ("34", "Telefone", "Raiz", "Fechado", "14-11-2026 09:00", "Média", "Não", "1 horas 1 minutos"),
    ("35", "Acesso", "Raiz", "Processando (atribuído)", "14-11-2026 09:00", "Média", "Não", ""),
    ("36", "VPN", "Raiz", "En curso (asignada)", "14-11-2026 09:00", "Muy urgente", "Não", ""),
    ("37", "Disco", "Raiz", "En espera", "14-11-2026 09:00", "Mediana", "Não", ""),
    ("38", "Servidor", "Raiz", "Cerrado", "14-11-2026 09:00", "Mayor", "Não", ""),
    ("39", "Correo", "Raiz", "Nuevo", "14-11-2026 09:00", "Baja", "Não", ""),
)  # fmt: skip

_UNCLEAR = (("ID", "Status", "Opening date"), ("1", "New", "03-02-2026 08:00"), ("2", "New", "05-09-2026 08:00"))
_DUE_ONLY = (("ID", "Status", "Time to resolve", "Resolution time"), ("1", "New", "2026-11-13 08:00", ""))

EXPORTS = {
    "fr10": ("\n\ufeff" + _old([_FR10, *_FR10_ROWS], ";")).encode(),
    "fr9": ("\ufeff" + _old([_FR9, *_FR9_ROWS], ",")).encode(),
    "en10": ("\ufeff" + _old([_EN, *([c.replace('"', "''") for c in row] for row in _EN_ROWS)], ";")).encode(),
    "en11": _new([_EN, *_EN_ROWS], ";").encode(),
    "en11_7": ("\ufeff" + _new([_EN, *_EN_ROWS], ",")).encode(),
    "sheet11": workbook([_EN, *_EN_ROWS]),
    "pt_es": ("\ufeff" + _old([_PT, *_PT_ROWS], ";")).encode(),
    "unclear": _new(_UNCLEAR, ";").encode(),
    "due_only": _new(_DUE_ONLY, ";").encode(),
}
