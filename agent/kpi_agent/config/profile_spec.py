"""A ticket profile as written: how one product's export becomes tickets."""

from __future__ import annotations

from typing import Annotated

from kpi_agent.config.fields import Count, Slug, Text, member_of, one_of
from kpi_agent.config.spec import Reads, Spec, key
from kpi_agent.domain.ticket import PRIORITIES, Basis, HoldReason, Kind, State

COLUMNS = (
    "id", "kind", "title", "state", "priority", "category", "entity", "service", "host", "group", "assignee",
    "opened", "responded", "resolved", "closed", "updated", "reopened", "reopen_count", "response_duration",
    "hold_total", "hold_reason", "time_spent", "problem", "url", "desk_met",
)  # fmt: skip
"""Fields that a column can fill."""

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


class ProfileSpec(Spec):
    """How one product's export becomes tickets."""

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
    multi_value: Word | None = key("what joins several values in a cell", "<br>", None)
    desk_flag: Annotated[str, one_of("met", "breached")] = key(
        "what the desk's own flag says when true", "breached", "met"
    )
