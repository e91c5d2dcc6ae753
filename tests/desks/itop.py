"""iTop: CSV exports, from the French interface in Latin-1 with its own dates, and scripted in English."""

from __future__ import annotations

PEOPLE = ("Agent Anatole", "Demandeur Denise", "Anatole", "Denise")

_FRENCH = (
    "Référence", "Client", "Demandeur", "Equipe", "Agent", "Titre", "Description", "Date de début",
    "Date d'assignation", "Date de résolution", "Date de fermeture", "Dernière mise à jour", "Etat", "Priorité",
    "Service", "Sous catégorie de service", "Temps cumulé de suspension", "TTR", "SLA TTO dépassé ?",
    "SLA TTR dépassé ?", "Dépassement SLA TTR", "Délai de résolution", "Problème lié", "Origine", "Code de résolution",
)  # fmt: skip
_ENGLISH = (
    "Ref", "Organization", "Caller", "Team", "Agent", "Title", "Description", "Request Type", "Start date",
    "Assignment date", "Resolution date", "Close date", "Last update", "Status", "Priority", "Service",
    "Service subcategory", "Cumulated pending", "SLA tto passed", "SLA ttr passed", "Resolution delay",
    "Parent problem ref", "Origin",
)  # fmt: skip


def _table(header: tuple[str, ...], rows: list[dict[str, str]], separator: str) -> str:
    """Return a table whose every cell is quoted, quotes doubled, records ending in LF."""
    for row in rows:
        assert set(row) <= set(header), sorted(set(row) - set(header))
    lines = [header, *(tuple(row.get(name, "") for name in header) for row in rows)]
    return "".join(separator.join('"' + cell.replace('"', '""') + '"' for cell in line) + "\n" for line in lines)


def _french() -> bytes:
    common = {"Client": "ACME", "Demandeur": "Demandeur Denise", "Service": "Messagerie"}
    rows = [
        # Opened in the first of two hours of that name; assigned, resolved in the second.
        {**common, "Référence": "I-000101", "Equipe": "Exploitation", "Agent": "Agent Anatole",
         "Titre": 'Messagerie "HS" sur mx01', "Description": "Plus rien ne part,\nplus rien n'arrive ;\n",
         "Date de début": "25/10/2026 02:30:00", "Date d'assignation": "25/10/2026 02:10:00",
         "Date de résolution": "25/10/2026 02:40:00", "Date de fermeture": "26/10/2026 09:00:00",
         "Dernière mise à jour": "26/10/2026 09:00:00", "Etat": "Fermé", "Priorité": "Critique",
         "Sous catégorie de service": "Envoi", "Temps cumulé de suspension": "1j 2h 3min 4s", "TTR": "04:00",
         "SLA TTO dépassé ?": "Non", "SLA TTR dépassé ?": "Oui", "Dépassement SLA TTR": "2h", "Délai de résolution":
         "1h 10min 0s", "Problème lié": "P-000007", "Origine": "Supervision", "Code de résolution": "Autre"},
        {**common, "Référence": "I-000102", "Titre": "Quota atteint", "Date de début": "02/11/2026 09:00:00",
         "Dernière mise à jour": "02/11/2026 09:30:00", "Etat": "Escalade tto", "Priorité": "Haute",
         "SLA TTR dépassé ?": "Non", "Temps cumulé de suspension": "0s"},
        {**common, "Référence": "R-000103", "Equipe": "Exploitation", "Titre": "Boîte partagée",
         "Date de début": "03/11/2026 09:00:00", "Date d'assignation": "03/11/2026 10:00:00",
         "Dernière mise à jour": "04/11/2026 09:00:00", "Etat": "En attente d'approbation", "Priorité": "Basse",
         "Temps cumulé de suspension": "900"},
        {**common, "Référence": "R-000104", "Titre": "Demande refusée", "Date de début": "03/11/2026 11:00:00",
         "Dernière mise à jour": "05/11/2026 09:00:00", "Etat": "Rejetée", "Priorité": "Moyenne"},
        {**common, "Référence": "I-000105", "Titre": "Lenteurs", "Date de début": "13/11/2026 11:00:00",
         "Dernière mise à jour": "13/11/2026 11:00:00", "Etat": "Perdue", "Priorité": "Moyenne"},
        {**common, "Référence": "I-000106", "Titre": "Lenteurs", "Date de début": "13/11/2026 11:00:00",
         "Date de résolution": "12/11/2026 11:00:00", "Etat": "Résolu", "Priorité": "Moyenne",
         "Dernière mise à jour": "13/11/2026 11:00:00"},
    ]  # fmt: skip
    return _table(_FRENCH, rows, ";").encode("iso-8859-1")


def _english() -> bytes:
    rows = [
        {"Ref": "R-000201", "Organization": "ACME", "Caller": "Demandeur Denise", "Team": "Helpdesk",
         "Agent": "Agent Anatole", "Title": "Café machine offline", "Description": "Line one\nline two, and three",
         "Request Type": "Incident", "Start date": "2026-11-10 09:00:00", "Assignment date": "2026-11-10 09:20:00",
         "Resolution date": "2026-11-10 11:00:00", "Last update": "2026-11-10 11:00:00", "Status": "Resolved",
         "Priority": "High", "Service": "Office", "Cumulated pending": "3600", "SLA tto passed": "Yes",
         "SLA ttr passed": "No", "Resolution delay": "3600", "Parent problem ref": "P-000009", "Origin": "Portal"},
        {"Ref": "R-000202", "Organization": "ACME", "Title": "New badge", "Request Type": "Service Request",
         "Start date": "2026-11-11 09:00:00", "Last update": "2026-11-11 09:00:00", "Status": "Pending",
         "Assignment date": "2026-11-11 09:05:00", "Priority": "Low", "SLA ttr passed": "No"},
        {"Ref": "R-000203", "Title": "Slow", "Request Type": "Complaint", "Start date": "2026-11-12 09:00:00",
         "Last update": "2026-11-12 09:00:00", "Status": "New", "Priority": "Low"},
    ]  # fmt: skip
    return _table(_ENGLISH, rows, ",").encode()


EXPORTS = {"fr": _french(), "en": _english()}
