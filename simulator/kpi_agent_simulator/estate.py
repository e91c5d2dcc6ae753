"""The estate: what the two contracts promise, over which hosts, services and backup sets."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kpi_agent_simulator.hours import DAY, HOUR, MINUTE

PRIORITIES = ("P1", "P2", "P3", "P4")
REOPEN_WINDOW = 72 * HOUR
LOOKBACK = 90 * DAY
SAME_OCCURRENCE = 4 * HOUR
PATCH_LIMIT = 14 * DAY
REBOOT_LIMIT = 7 * DAY
RESTORE_INTERVAL = 92 * DAY
RESTORE_WITHIN = 4 * HOUR
BACKUP_WITHIN = 26 * HOUR
PROBE_EVERY = MINUTE
SCRAPE_EVERY = 15 * MINUTE
FRESH_FOR = 48 * HOUR

# An open weekday of the office calendar, 08:00 to 18:00.
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "wd": 10 * HOUR}


def seconds_of(text: str) -> int:
    """Return the service seconds of a duration as a contract writes it: 30m, 4h, 2d, 3wd."""
    digits = text.rstrip("mhdw")
    return int(digits) * _UNITS[text[len(digits) :]]


@dataclass(frozen=True, slots=True)
class Limit:
    """How fast incidents of one priority are to be taken up and resolved, and on which calendar."""

    respond: str
    resolve: str
    calendar: str

    @property
    def respond_seconds(self) -> int:
        """Service seconds from the opening to the end of the response limit."""
        return seconds_of(self.respond)

    @property
    def resolve_seconds(self) -> int:
        """Service seconds from the opening to the end of the resolution limit."""
        return seconds_of(self.resolve)


@dataclass(frozen=True, slots=True)
class Service:
    """A probed service; *planned* is how maintenance counts, *is_maintained* whether the window names it."""

    name: str
    url: str
    calendar: str
    target: str
    min_outage: int = 0
    planned: str = "excluded"
    is_maintained: bool = False
    offset: int = 0  # seconds after the full minute at which it is probed


@dataclass(frozen=True, slots=True)
class Contract:
    """One contract of the estate, complete enough to simulate it and to write its configuration."""

    id: str
    customer: str
    language: str
    zone: ZoneInfo
    desk: str
    desk_zone: ZoneInfo
    limits: Mapping[str, Limit]
    hosts: tuple[str, ...]
    services: tuple[Service, ...]
    backups: Mapping[str, tuple[str, ...]]  # the parts of each set; none: it is told by its own name
    incidents_per_month: int
    retired_host: str | None = None


def _numbered(prefix: str, count: int) -> tuple[str, ...]:
    return tuple(f"{prefix}{number:02d}" for number in range(1, count + 1))


_PARIS = ZoneInfo("Europe/Paris")

ACME = Contract(
    id="acme",
    customer="ACME SAS",
    language="fr",
    zone=_PARIS,
    desk="desk-acme",
    desk_zone=_PARIS,
    limits={
        "P1": Limit("30m", "4h", "24x7"),
        "P2": Limit("2h", "8h", "office"),
        "P3": Limit("4h", "3wd", "office"),
        "P4": Limit("1wd", "5wd", "office"),
    },
    hosts=(
        *_numbered("web", 6),
        *_numbered("app", 6),
        *_numbered("db", 4),
        *_numbered("mail", 2),
        *_numbered("cache", 2),
        *("bastion01", "backup01", "log01", "proxy01"),
    ),
    services=(
        Service("portail", "https://portail.acme.example/", "24x7", "99.9%", 90, is_maintained=True, offset=17),
        Service("api", "https://api.acme.example/", "24x7", "99.9%", planned="as_up", is_maintained=True, offset=41),
        Service("messagerie", "https://mail.acme.example/", "24x7", "99.5%", offset=3),
        Service("extranet", "https://extranet.acme.example/", "office", "99.5%", offset=29),
    ),
    backups={"base-principale": (), "archives": ("archives-fichiers", "archives-mail")},
    incidents_per_month=82,
    retired_host="cache02",
)

GLOBEX = Contract(
    id="globex",
    customer="Globex Ltd",
    language="en",
    zone=ZoneInfo("Europe/London"),
    desk="desk-globex",
    desk_zone=ZoneInfo("UTC"),
    limits={
        "P1": Limit("30m", "4h", "24x7"),
        "P2": Limit("1h", "8h", "24x7"),
        "P3": Limit("4h", "2d", "24x7"),
        "P4": Limit("1d", "5d", "24x7"),
    },
    hosts=(
        *_numbered("shop-web-", 6),
        *_numbered("shop-db-", 2),
        *_numbered("track-", 4),
        *_numbered("edge-", 2),
        *("ops-01", "vault-01"),
    ),
    services=(
        Service("shop", "https://shop.globex.example/", "24x7", "99.9%", is_maintained=True, offset=53),
        Service(
            "tracking",
            "https://tracking.globex.example/",
            "24x7",
            "99.5%",
            planned="counted",
            is_maintained=True,
            offset=7,
        ),
    ),
    backups={"shop-db": (), "files": ()},
    incidents_per_month=56,
)

CONTRACTS = (ACME, GLOBEX)
