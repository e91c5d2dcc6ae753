"""A ticket profile as written: how one product's export becomes tickets."""

from __future__ import annotations

from typing import Annotated, ClassVar

from kpi_agent.config.fields import Count, Flag, Slug, Text, member_of, one_of
from kpi_agent.config.spec import Reads, Spec, key
from kpi_agent.domain.source import DeskFlag
from kpi_agent.domain.ticket import PRIORITIES, Basis, HoldReason, Kind, State
from kpi_agent.strictyaml import Path

COLUMNS = (
    "id", "kind", "title", "state", "priority", "category", "entity", "service", "host", "group", "assignee",
    "opened", "responded", "assigned", "started", "replied", "resolved", "settled", "closed", "updated", "reopened",
    "reopen_count", "response_duration", "hold_total", "hold_reason", "time_spent", "problem", "merged_into", "url",
    "desk_met", "state_category", "state_reason", "actor",
)  # fmt: skip
"""Fields that a column can fill: the normalised ones, and what helps to find them.

*settled*: since when the state is what it is; the resolution of a ticket in a final state without one.
*state_category*: read with the words of ``states`` where the state's own word is unknown; *state_reason*: where its
word is in ``states``, it says more than a state that is final. *actor*: who made a row of an event log.
"""

DURATIONS = ("response_duration", "hold_total", "time_spent", "desk_met")
"""Fields that hold a duration (``desk_met`` where it is the time that was left)."""

UNITS = {"milliseconds": 1, "seconds": 1000, "minutes": 60_000, "hours": 3_600_000, "days": 86_400_000}
"""Milliseconds of each unit that a bare number may count."""

CANNOT_TELL = ("responded", "resolved", "holds", "reopened", "reopenings", "priority_changes")
"""What a product's export may never tell."""


def _read_word(value: object) -> str:
    """Return a word as it is written, the empty one too."""
    if not isinstance(value, str):
        raise ValueError("must be a word; put it in quotes")  # noqa: TRY004 - pydantic collects ValueErrors
    return str(value)


Word = Annotated[str, Reads(_read_word, {"type": ["string", "number"]})]
StateName = Annotated[State, member_of(State)]


class EventLogSpec(Spec):
    """How an export with several rows per ticket is read."""

    at: Annotated[str, one_of(*COLUMNS)] = key("field that dates a row", "updated")
    working: tuple[StateName, ...] = key(
        "states that prove a response", ["in_progress", "waiting"], (State.IN_PROGRESS, State.WAITING)
    )


class JsonJoinSpec(Spec):
    """A second list of a JSON export that tells more of each record."""

    name: Slug = key("what its fields stand below, in the paths of columns", "metrics")
    records: Text = key("path to the list", "metric_sets")
    match: Text = key("path in its records that names the ticket", "ticket_id", alias="key")
    to: Text = key("path in the ticket's record that it equals", "id", "id")


class JsonHistorySpec(Spec):
    """Changes inside a JSON record: they make an event log of it."""

    records: Text = key("path to the list of changes", "changelog.histories")
    at: Text = key("path to the instant of a change", "created")
    items: Word = key("path to a list inside a change; empty: each change is one itself", "items", "")
    name: Text = key("path to the name of the field that changed", "field", "field", alias="field")
    before: Text = key("path to its value before", "fromString", "fromString")
    after: Text = key("path to its value after", "toString", "toString")
    actor: Word = key("path to the one who changed it", "author.displayName", "")
    total: Word = key("path in the record to the number of changes; fewer listed: they were cut", "changelog.total", "")
    fields: dict[Text, Annotated[str, one_of(*COLUMNS)]] = key(
        "the product's names of fields, and ours", {"status": "state", "priority": "priority"}
    )


class JsonSpec(Spec):
    """Where a JSON export keeps its tickets; paths are dotted, the empty one is the document itself."""

    records: tuple[Word, ...] = key(
        "paths to the list of tickets; the first that is there counts", ["issues", ""], ("",)
    )
    join: JsonJoinSpec | None = key(
        "a second list that tells more", {"name": "metrics", "records": "metric_sets", "key": "ticket_id"}, None
    )
    history: JsonHistorySpec | None = key(
        "changes inside a record",
        {"records": "changelog.histories", "at": "created", "fields": {"status": "state"}},
        None,
    )
    skip: tuple[Text, ...] = key("paths whose presence says that a record is no ticket", ["pull_request"], ())
    more: tuple[Text, ...] = key("paths that hold something while there are further pages", ["nextPageToken"], ())
    total: Word = key("path to how many tickets there are; fewer in the list: there are further pages", "total", "")


class ProfileSpec(Spec):
    """How one product's export becomes tickets."""

    parts: ClassVar[frozenset[Path]] = frozenset(
        {("columns",), ("states",), ("kinds",), ("priorities",), ("hold_reasons",), ("booleans",), ("durations",)}
    )

    profile: Slug = key("name of the profile", "glpi")
    columns: dict[Annotated[str, one_of(*COLUMNS)], tuple[Word, ...]] = key(
        "headers that each field is read from, in order of preference", {"id": ["ID"], "opened": ["Opening date"]}
    )
    required: tuple[Annotated[str, one_of(*COLUMNS)], ...] = key(
        "fields without which a file is refused", ["id"], ("id", "opened")
    )
    dates: tuple[Text, ...] = key("date formats; a column takes the only one that fits every row", ["%Y-%m-%d %H:%M"])
    states: dict[StateName, tuple[Word, ...]] = key("words of each state", {"new": ["New", "Nouveau"]}, {})
    kinds: dict[Annotated[Kind, member_of(Kind)], tuple[Word, ...]] = key(
        "words of each kind", {"incident": ["Incident"]}, {}
    )
    default_kind: Annotated[Kind, member_of(Kind)] = key("kind of a ticket that names none", "incident", Kind.INCIDENT)
    priorities: dict[Annotated[str, one_of(*PRIORITIES)], tuple[Word, ...]] = key(
        "words of each priority, P1 the most severe", {"P1": ["Major", "Majeure"]}, {}
    )
    hold_reasons: dict[Annotated[HoldReason, member_of(HoldReason)], tuple[Word, ...]] = key(
        "words of each reason to wait", {"customer": ["Awaiting caller"]}, {}
    )
    booleans: dict[Annotated[str, one_of("true", "false")], tuple[Word, ...]] = key(
        "words for true and false", {"true": ["Yes", "Oui"], "false": ["No", "Non"]}, {}
    )
    durations: dict[Count, tuple[Word, ...]] = key(
        "words of each unit of time, by its seconds", {"86400": ["days", "jours"]}, {}
    )
    event_log: EventLogSpec | None = key("how several rows per ticket are read", {"at": "updated"}, None)
    cannot_tell: tuple[Annotated[str, one_of(*CANNOT_TELL)], ...] = key("what the export never tells", ["reopened"], ())
    truncation: tuple[Count, ...] = key("row counts at which the product cuts silently", ["10000"], ())
    nulls: tuple[Word, ...] = key(
        "words for nothing, besides an empty cell", ["null", "?", "-"], ("null", "?", "-", "--", "\\n")
    )
    delimiters: Word = key("characters that may separate columns", ";,|", ";,\t¤|")
    fallback_encoding: Text = key("encoding of files that are no UTF-8", "cp1252", "cp1252")
    hold_basis: Annotated[Basis, member_of(Basis)] | None = key(
        "what waiting times count; without it, the source's settings say", "service", None
    )
    response_basis: Annotated[Basis, member_of(Basis)] = key(
        "what the time to respond counts; on the wall clock it names an instant", "service", Basis.SERVICE
    )
    units: dict[Annotated[str, one_of(*DURATIONS)], Annotated[str, one_of(*UNITS)]] = key(
        "what a bare number counts, where it is not seconds", {"time_spent": "minutes"}, {}
    )
    labels: dict[Annotated[str, one_of(*COLUMNS)], tuple[Word, ...]] = key(
        "fields read from a list of labels, and the beginnings of those labels", {"priority": ["severity::"]}, {}
    )
    quotes: Flag = key("whether a delimited export quotes cells at all", "true", default=True)
    json_shape: JsonSpec = key(
        "where a JSON export keeps its tickets", {"records": ["issues"]}, JsonSpec(), alias="json"
    )
    footers: tuple[Text, ...] = key("beginnings of lines below the table that are no rows", ["Timezone:"], ())
    multi_value: Word | None = key("what joins several values in a cell", "<br>", None)
    desk_flag: Annotated[DeskFlag, member_of(DeskFlag)] = key(
        "what the desk's own flag says when true, or that it is the time that was left", "breached", DeskFlag.MET
    )
