"""What the promises are called, in both languages."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Name:
    """The id of a promise in a French and in an English contract, and its name in both languages."""

    fr_id: str
    en_id: str
    fr: str
    en: str


NAMES: Final = {
    "respond": Name("gti-{of}", "response-{of}", "Prise en charge {of} dans les délais", "{of} responded to in time"),
    "resolve": Name("gtr-{of}", "resolution-{of}", "Rétablissement {of} dans les délais", "{of} resolved in time"),
    "median": Name(
        "duree-{of}", "duration-{of}", "Durée médiane de rétablissement {of}", "Median time to resolve {of}"
    ),
    "recurrence": Name("recurrence", "recurrence", "Incidents récurrents", "Recurring incidents"),
    "availability": Name("dispo-{of}", "up-{of}", "Disponibilité du service {of}", "Availability of {of}"),
    "patches": Name("correctifs", "patches", "Correctifs de sécurité dans les délais", "Security updates in time"),
    "hosts": Name("machines-a-jour", "patched-hosts", "Machines à jour", "Hosts up to date"),
    "reboots": Name("redemarrages", "reboots", "Redémarrages dans les délais", "Reboots in time"),
    "exposure": Name("exposition", "exposure", "Exposition des machines", "Exposure of hosts"),
    "systems": Name("systemes", "systems", "Systèmes hors support", "Systems out of support"),
    "certificates": Name("certificats", "certificates", "Certificats valides", "Certificates valid"),
    "backups": Name("rpo-{of}", "rpo-{of}", "Sauvegarde {of} dans son RPO", "Backup {of} within its RPO"),
    "proofs": Name("preuve-restauration", "restore-age", "Preuve de restauration récente", "Recent proof of restore"),
    "restores": Name("restauration-reussie", "restore-success", "Restaurations réussies", "Restore tests passed"),
    "rto": Name("restauration-rto", "restore-rto", "Restaurations dans leur RTO", "Restores within their RTO"),
    "coverage": Name(
        "restauration-couverture",
        "restore-coverage",
        "Sauvegardes testées dans les 92 jours",
        "Backups tested within 92 days",
    ),
}
