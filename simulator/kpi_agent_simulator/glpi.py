"""A GLPI 10 export in French: one row per ticket in its state of the moment, minutes only, durations in words."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from kpi_agent_simulator.estate import Contract
from kpi_agent_simulator.hours import DAY, HOUR, MINUTE, Clock
from kpi_agent_simulator.tickets import Deed, Ticket
from kpi_agent_simulator.truth_incidents import life_deadline

HEADER = (
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
    "Problèmes - Nombre de problèmes",
)

_PRIORITIES = {"P1": "Majeure", "P2": "Haute", "P3": "Moyenne", "P4": "Basse"}
_GROUPS = ("Exploitation N1", "Exploitation N2", "Réseau", "Bases de données")
_TECHNICIANS = 9


def write_glpi(tickets: Iterable[Ticket], contract: Contract, clocks: Mapping[str, Clock], as_of: int) -> str:
    """Return the text of the export at *as_of*: every ticket opened before it, newest first, as known then.

    Each cell is quoted, each line ends with the delimiter, a double quote becomes two apostrophes.
    """
    known = [ticket.known(as_of) for ticket in tickets if ticket.opened < as_of]
    rows = [HEADER, *(tuple(_cells(ticket, contract, clocks, as_of)) for ticket in reversed(known))]
    return "\ufeff" + "".join(_line(row) for row in rows)


def in_words(seconds: int) -> str:
    """Return a duration as GLPI's French prints it: days of 24 h, plurals throughout, seconds under a minute only."""
    days, rest = divmod(seconds, DAY)
    hours, rest = divmod(rest, HOUR)
    minutes = rest // MINUTE
    if days:
        return f"{days} jours {hours} heures {minutes} minutes"
    if hours:
        return f"{hours} heures {minutes} minutes"
    return f"{minutes} minutes" if minutes else f"{seconds} secondes"


def _line(cells: Iterable[str]) -> str:
    return "".join('"' + cell.replace('"', "''") + '";' for cell in cells) + "\n"


def _cells(ticket: Ticket, contract: Contract, clocks: Mapping[str, Clock], as_of: int) -> Iterator[str]:
    resolved, closed = ticket.first(Deed.RESOLVE), ticket.first(Deed.CLOSE)
    responded = ticket.first(Deed.RESPOND)
    updated = ticket.events[-1].instant if ticket.events else ticket.opened
    clock = clocks[contract.limits[ticket.priority].calendar]

    def local(instant: int | None) -> str:
        return "" if instant is None else f"{datetime.fromtimestamp(instant, contract.desk_zone):%d-%m-%Y %H:%M}"

    yield f"{ticket.number:,}".replace(",", " ")
    yield ticket.title
    yield f"{contract.customer} > Production"
    yield "Incident" if ticket.is_incident else "Demande"
    yield _status(ticket)
    yield _PRIORITIES[ticket.priority]
    yield ticket.category
    yield ticket.host
    yield "<br>".join(_technicians(ticket, has_started=bool(ticket.events)))
    yield _GROUPS[ticket.number % len(_GROUPS)]
    yield local(ticket.opened)
    yield local(resolved)
    yield local(closed)
    yield local(updated)
    yield "" if responded is None else in_words(max(clock.elapsed(ticket.opened, responded), 1))
    yield in_words(_waited(ticket, clock))
    yield in_words(0 if resolved is None else MINUTE * (5 + 5 * (ticket.number * 7 % 40)))
    yield "Oui" if _is_late(ticket, contract, clocks, as_of) else "Non"
    yield "0"


def _status(ticket: Ticket) -> str:
    if not ticket.events:
        return "Nouveau"
    return {
        Deed.RESPOND: "En cours (Attribué)",
        Deed.RESUME: "En cours (Attribué)",
        Deed.HOLD: "En attente",
        Deed.RESOLVE: "Résolu",
        Deed.CLOSE: "Clos",
    }[ticket.events[-1].deed]


def _technicians(ticket: Ticket, *, has_started: bool) -> Iterator[str]:
    if has_started:
        yield f"tech{ticket.number % _TECHNICIANS + 1:02d}"
        if ticket.number % 11 == 0:
            yield f"tech{(ticket.number + 4) % _TECHNICIANS + 1:02d}"


def _waited(ticket: Ticket, clock: Clock) -> int:
    """Return the service seconds of the holds that have ended."""
    (life,) = ticket.lives()
    return sum(clock.elapsed(start, end) for start, end in life.holds if end is not None)


def _is_late(ticket: Ticket, contract: Contract, clocks: Mapping[str, Clock], as_of: int) -> bool:
    (life,) = ticket.lives()
    deadline = life_deadline(ticket, life, contract, clocks)
    return deadline is not None and deadline < (as_of if life.resolved is None else life.resolved)
