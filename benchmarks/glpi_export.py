"""A large GLPI 10 export in French, the same for the same seed: quoted cells, a delimiter at each line's end."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

_HEADER = (
    "ID",
    "Titre",
    "Entité",
    "Type",
    "Statut",
    "Priorité",
    "Catégorie",
    "Éléments associés",
    "Attribué à - Technicien",
    "Attribué à - Groupe de techniciens",
    "Date d'ouverture",
    "Date de résolution",
    "Date de clôture",
    "Dernière modification",
    "Statistiques - Délai de prise en compte",
    "Statistiques - Délai d'attente",
    "Durée totale",
    "TTR dépassé",
)
_WHAT = ("Disque plein", "Sauvegarde en échec", "Service arrêté", "Accès refusé", "Certificat expiré", "Lenteur")
_WHERE = ("sur", "depuis la mise à jour de", "signalé par la supervision :", "après le redémarrage de")
_PRIORITIES = ("Majeure", "Haute", "Haute", "Moyenne", "Moyenne", "Moyenne", "Basse")
_CATEGORIES = tuple(f"Système > Famille {n}" for n in range(40))
_GROUPS = ("Exploitation N1", "Exploitation N2", "Réseau", "Bases de données")
_MINUTE, _DAY = 60, 86_400
_SPAN = 3 * 365 * _DAY


def write_export(path: Path, *, count: int, until: int, changed_at: int | None = None) -> None:
    """Write *count* tickets of the three years that end at *until* (epoch seconds), the newest first.

    With *changed_at*, every hundredth was given to another group at that instant.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write("\ufeff")
        file.writelines(map(_line, _rows(count, until, changed_at)))


def _rows(count: int, until: int, changed_at: int | None) -> Iterator[Sequence[str]]:
    yield _HEADER
    chance = random.Random(1)
    newest = until - 10 * _DAY  # closed by then
    for number in range(count, 0, -1):
        cells = _ticket(chance, number, newest - _SPAN * (count - number) // count)
        if changed_at is not None and number % 100 == 0:
            cells[9], cells[13] = "Astreinte", _local(changed_at)
        yield cells


def _ticket(chance: random.Random, number: int, opened: int) -> list[str]:
    resolved = opened + chance.randrange(10, 5000) * _MINUTE
    closed = resolved + 5 * _DAY
    host = f"srv-{chance.choice(('web', 'app', 'db', 'file'))}{chance.randrange(1, 300):03d}"
    return [
        f"{number:,}".replace(",", " "),
        f"{chance.choice(_WHAT)} {chance.choice(_WHERE)} {host} ({chance.randrange(10, 100)} %)",
        "ACME SAS > Production",
        "Demande" if number % 3 == 0 else "Incident",
        "Clos",
        chance.choice(_PRIORITIES),
        chance.choice(_CATEGORIES),
        host,
        f"tech{number % 23:02d}",
        _GROUPS[number % len(_GROUPS)],
        _local(opened),
        _local(resolved),
        _local(closed),
        _local(closed),
        f"{chance.randrange(1, 60)} minutes",
        f"{chance.randrange(1, 9)} heures {chance.randrange(60)} minutes" if number % 4 == 0 else "0 secondes",
        f"{5 * chance.randrange(1, 40)} minutes",
        "Oui" if number % 11 == 0 else "Non",
    ]


def _local(instant: int) -> str:
    return f"{datetime.fromtimestamp(instant, UTC):%d-%m-%Y %H:%M}"


def _line(cells: Sequence[str]) -> str:
    return "".join(f'"{cell}";' for cell in cells) + "\n"
