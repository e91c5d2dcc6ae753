"""One row → the facts of a ticket at that row; a row that cannot be trusted raises BadRow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, TypeVar

from kpi_agent.collectors.tickets.cells import (
    Once,
    first_value,
    has_id,
    read_duration,
    read_id,
    read_integer,
    read_name,
    read_signed_duration,
    read_word,
    without_id,
)
from kpi_agent.collectors.tickets.dates import DateColumn
from kpi_agent.collectors.tickets.faults import BadRow
from kpi_agent.collectors.tickets.profile import DATES, MILESTONES
from kpi_agent.collectors.tickets.sheet import Row, Sheet
from kpi_agent.domain.masking import mask
from kpi_agent.domain.source import DeskFlag, Profile
from kpi_agent.domain.ticket import Basis, HoldReason, HoldTotal, Origin, State, Ticket
from kpi_agent.domain.time import to_utc_text
from kpi_agent.domain.words import fold

T = TypeVar("T")

Pseudonym = Callable[[str, int], str | None]
"""A person's name at an instant → what stands for it, under the key of that time; the name itself is never kept.

None: that key is destroyed.
"""

SIGNS = frozenset({"assigned", "started", "replied"})
"""Fields that a contract may call a response (domain/ticket.py)."""

FUTURE_TOLERANCE = 5 * 60
"""Seconds by which a desk's clock may be ahead of the export's instant."""

_NAMES = ("entity", "category", "service", "host", "group")
_DURATIONS = ("response_duration", "hold_total", "time_spent")
_ONCE = frozenset(MILESTONES)
_RESPONSES = SIGNS | {"responded"}
_AFTER_OPENING = _ONCE - {"opened"}
_FINAL = frozenset({State.RESOLVED, State.CLOSED})


@dataclass(frozen=True, slots=True)
class Reading:
    """What holds for every row of one file."""

    source: str
    file: str
    as_of: int
    hold_basis: Basis | None
    cannot_tell: frozenset[str]
    tells: frozenset[str] = frozenset()
    pseudonym: Pseudonym | None = None
    is_sparse: bool = False  # an empty cell may be one that the file does not have
    robots: tuple[str, ...] = ()  # globs of accounts that are no persons


class RowReader:
    """Reads rows of one sheet under one profile."""

    def __init__(self, sheet: Sheet, profile: Profile, dates: Mapping[str, DateColumn], reading: Reading) -> None:
        self._profile = profile
        self._dates = dates
        self.reading = self._reading = reading
        self.cannot_tell = reading.cannot_tell
        self._headers = sheet.headers
        self._at = {name: i for i, name in enumerate(sheet.fields)}
        self._date_fields = tuple((name, self._at[name]) for name in DATES if name in self._at)
        self._states = self._words(profile.states, "state", "states")
        self._priorities = self._words(profile.priorities, "priority", "priorities")
        self._hold_reasons = self._words(profile.hold_reasons, "hold_reason", "hold_reasons")
        self._kinds = self._words(profile.kinds, "kind", "kinds")
        basis = reading.hold_basis
        self._hold_totals: Once[int, HoldTotal] | None = (
            None if basis is None else Once(lambda seconds: HoldTotal(seconds, basis))
        )
        self._titles: dict[str, str] = {}  # robots' titles are alike once masked: each is kept once
        self._flags = self._words(profile.booleans, "flag", "booleans")
        self.with_ids = self._columns_with_ids(sheet)
        self._names = self._read_names(self.with_ids)
        self._durations = {name: self._read_durations(name) for name in _DURATIONS if name in self._at}
        meanings: dict[str, Once[str, Any]] = {
            "kind": self._kinds,
            **{name: read for name, read in self._durations.items() if name != "hold_total"},
            "priority": self._priorities,
            **{name: self._names[name] for name in (*_NAMES, "problem")},
        }
        # Columns that the file has, in the order in which what is wrong with them is told.
        self._meanings = [(name, self._at[name], read) for name, read in meanings.items() if name in self._at]

    def id(self, row: Row) -> str:
        """Return the row's ticket id; raises BadRow ``no_id``."""
        text = self._text(row, "id")
        if not text:
            raise BadRow("no_id", f"no ticket id in column '{self._headers['id']}'")
        return read_id(text)

    def known_id(self, row: Row) -> str | None:
        """Return the row's ticket id, None for a row without."""
        text = self._text(row, "id")
        return read_id(text) if text else None

    def state(self, row: Row) -> State | None:
        """Return the row's state, None when the cell is empty or there is no such column.

        Where its own word is unknown, its category is asked. The reason of a state that is final may say more:
        withdrawn. On a ticket that is open again it is left over from before.
        """
        reason = self._profile.states.get(fold(self._text(row, "state_reason")))
        try:
            told = self._told(row, "state", self._states)
        except BadRow:
            told = self._profile.states.get(fold(self._text(row, "state_category")), reason)
            if told is None:
                raise
        if reason is not None and (told is None or (told in _FINAL and reason not in _FINAL)):
            return reason
        return told

    @property
    def tells_assignee(self) -> bool:
        """Whether the file says who has a ticket."""
        return "assignee" in self._at

    def has_assignee(self, row: Row) -> bool:
        """Whether the row names one who has the ticket."""
        return bool(self._text(row, "assignee"))

    def is_by_robot(self, row: Row) -> bool:
        """Whether the row was made by an account that the contracts call a robot."""
        actor = self._text(row, "actor").casefold()
        return bool(actor) and any(fnmatchcase(actor, glob.casefold()) for glob in self._reading.robots)

    def priority(self, row: Row) -> str | None:
        """Return the row's priority, None for a ticket without one."""
        return self._told(row, "priority", self._priorities)

    def hold_reason(self, row: Row) -> HoldReason | None:
        """Return why a waiting row waits: its reason column, else what its state's word says, else None."""
        told = self._told(row, "hold_reason", self._hold_reasons)
        if told is not None:
            return told
        word = self._text(row, "state")
        # A raw state number and a raw reason number share digits and mean different things.
        return None if word.isdigit() else self._profile.hold_reasons.get(fold(word))

    def instant(self, row: Row, field: str, previous: int | None = None) -> int | None:
        """Return a milestone in epoch seconds, None when it is empty; raises BadRow for a cell that is no such date."""
        text = self._text(row, field)
        if not text:
            return None
        text = first_value(text, self._profile.multi_value)
        instant = self._dates[field].instant(text, previous)
        if instant is None:
            form = self._dates[field].format or "a date"
            raise BadRow("unreadable_date", f"'{text[:40]}' in column '{self._headers[field]}' is not {form}")
        return instant

    def milestones(self, row: Row) -> dict[str, int | None]:
        """Return every instant of the row; raises BadRow when one is unreadable, in the future or out of order."""
        found: dict[str, int | None] = dict.fromkeys(DATES)
        previous: int | None = None
        latest, earliest = 0, None
        for field, at in self._date_fields:
            if not row.cells[at]:
                continue
            # A response, an assignment and a first reply have no order among them; all follow the opening.
            before = found["opened"] if field in _RESPONSES else previous
            instant = found[field] = self.instant(row, field, before)
            if instant is None:
                continue
            latest = max(latest, instant)
            if field in _ONCE and (previous is None or instant > previous):
                previous = instant
            if field in _AFTER_OPENING and (earliest is None or instant < earliest):
                earliest = instant
        opened = found["opened"]
        is_early = opened is not None and earliest is not None and earliest < opened
        if is_early or latest > self._reading.as_of + FUTURE_TOLERANCE:
            for field, _ in self._date_fields:
                self._check_order(field, found[field], opened)
        return found

    def ticket(self, row: Row, state: State | None = None, digest: bytes = b"") -> Ticket:
        """Return the ticket that the row tells, in *state* if given; raises BadRow with the first thing not trusted.

        *digest* stands for the row's cells in the ticket's origin.
        """
        when = self.milestones(row)
        opened = when["opened"]
        if opened is None:
            raise BadRow("no_opening", f"no opening date in column '{self._headers['opened']}'")
        if state is None:
            state = self.state(row) or self._implied_state(when)
        if when["resolved"] is None and state in _FINAL:
            when["resolved"] = when["settled"]
        told = {name: meanings[text] for name, at, meanings in self._meanings if (text := row.cells[at])}
        response = told.get("response_duration")
        if response is not None and self._profile.response_basis is Basis.WALL:
            when["responded"], response = when["responded"] or opened + response, None
        hold_total = self._hold_total(row)
        has_waited = state is State.WAITING or (hold_total is not None and hold_total.seconds > 0)
        title = mask(self._text(row, "title"))
        return Ticket(
            source=self._reading.source,
            id=self.id(row),
            opened=opened,
            origin=Origin(self._reading.file, row.line, digest),
            kind=told.get("kind", self._profile.default_kind),
            state=state,
            title=self._titles.setdefault(title, title),
            priority=told.get("priority"),
            category=told.get("category"),
            entity=told.get("entity"),
            service=told.get("service"),
            host=told.get("host"),
            group=told.get("group"),
            assignee=self._assignee(row, when),
            responded=when["responded"],
            assigned=when["assigned"],
            started=when["started"],
            replied=when["replied"],
            response_duration=response,
            resolved=when["resolved"],
            closed=when["closed"],
            updated=when["updated"],
            reopened=when["reopened"],
            reopen_count=self._count(row, "reopen_count"),
            hold_total=hold_total,
            hold_reason=self.hold_reason(row) if has_waited else None,
            time_spent=told.get("time_spent"),
            problem=told.get("problem"),
            merged_into=read_id(survivor) if (survivor := self._text(row, "merged_into")) else None,
            url=self._text(row, "url") or None,
            desk_met=self._desk_met(row),
            cannot_tell=self._reading.cannot_tell,
            tells=self._reading.tells,
        )

    def _columns_with_ids(self, sheet: Sheet) -> frozenset[str]:
        """Return the name columns in which every cell ends in `` (2970)``: the preference applies to all or to none."""
        if self._profile.multi_value is None:
            return frozenset()
        joiner = self._profile.multi_value
        left = {name for name in (*_NAMES, "assignee") if name in self._at}
        met: set[str] = set()
        ends_in_id: Once[str, bool] = Once(lambda text: has_id(read_name(text, joiner)))
        for row in sheet.rows:
            for name in tuple(left):
                if text := row.cells[self._at[name]]:
                    met.add(name)
                    if not ends_in_id[text]:
                        left.discard(name)
            if not left:
                break
        return frozenset(left & met)

    def _check_order(self, field: str, instant: int | None, opened: int | None) -> None:
        if instant is None:
            return
        if instant > self._reading.as_of + FUTURE_TOLERANCE:
            as_of = to_utc_text(self._reading.as_of)
            reason = f"'{self._headers[field]}' is {to_utc_text(instant)}, after the export's own instant {as_of}"
            raise BadRow("in_future", reason)
        if field in _AFTER_OPENING and opened is not None and instant < opened:
            reason = f"'{self._headers[field]}' is {to_utc_text(instant)}, before the opening {to_utc_text(opened)}"
            raise BadRow(f"{field}_before_opened", reason)

    def _implied_state(self, when: Mapping[str, int | None]) -> State:
        if "state" in self._at:
            raise BadRow("no_state", f"no state in column '{self._headers['state']}'")
        if when["closed"] is not None:
            return State.CLOSED
        return State.NEW if when["resolved"] is None else State.RESOLVED

    def _text(self, row: Row, field: str) -> str:
        at = self._at.get(field)
        return "" if at is None else row.cells[at]

    def _told(self, row: Row, field: str, meanings: Once[str, T]) -> T | None:
        """Return what a cell means, None when it is empty or there is no such column."""
        at = self._at.get(field)
        if at is None or not (text := row.cells[at]):
            return None
        return meanings[text]

    def _words(self, vocabulary: Mapping[str, T], what: str, key: str) -> Once[str, T]:
        joiner = self._profile.multi_value
        return Once(lambda text: read_word(first_value(text, joiner), vocabulary, what, key))

    def _read_names(self, with_ids: frozenset[str]) -> Mapping[str, Once[str, str | None]]:
        joiner = self._profile.multi_value
        bare: Once[str, str | None] = Once(lambda text: read_name(text, joiner) or None)
        without: Once[str, str | None] = Once(lambda text: without_id(read_name(text, joiner)) or None)
        return {name: without if name in with_ids else bare for name in (*_NAMES, "assignee", "problem")}

    def _name(self, row: Row, field: str) -> str | None:
        return self._told(row, field, self._names[field])

    def _assignee(self, row: Row, when: Mapping[str, int | None]) -> str | None:
        """Return the pseudonym of the one who has the ticket, under the key of the time when it ended or changed."""
        name = None if self._reading.pseudonym is None else self._name(row, "assignee")
        if self._reading.pseudonym is None or not name:
            return None
        at = next(i for field in ("resolved", "closed", "updated", "opened") if (i := when[field]) is not None)
        return self._reading.pseudonym(name, at)

    def _count(self, row: Row, field: str) -> int | None:
        text = self._text(row, field)
        return read_integer(text, self._headers[field]) if text else None

    def _read_durations(self, field: str) -> Once[str, int]:
        words, header, unit = self._profile.duration_words, self._headers[field], self._profile.units.get(field, 1000)
        return Once(lambda text: read_duration(text, words, header, unit))

    def _duration(self, row: Row, field: str) -> int | None:
        return self._told(row, field, self._durations[field]) if field in self._durations else None

    def _hold_total(self, row: Row) -> HoldTotal | None:
        """Return the time waited; an empty cell of a table's column is no wait. None when not told, or on no basis."""
        if self._hold_totals is None or "hold_total" not in self._at:
            return None
        told = self._duration(row, "hold_total")
        return None if told is None and self._reading.is_sparse else self._hold_totals[told or 0]

    def _desk_met(self, row: Row) -> bool | None:
        if self._profile.desk_flag is DeskFlag.REMAINING:
            return self._had_time_left(self._text(row, "desk_met").splitlines())
        flag = self._told(row, "desk_met", self._flags)
        return None if flag is None else flag is (self._profile.desk_flag is DeskFlag.MET)

    def _had_time_left(self, told: list[str]) -> bool | None:
        """Return whether no time left (one per cycle of the desk's clock) is less than nothing, None for none told."""
        words, header = self._profile.duration_words, self._headers.get("desk_met", "")
        unit = self._profile.units.get("desk_met", 1000)
        exceeded = [read_signed_duration(text, words, header, unit)[1] for text in told]
        return not any(exceeded) if exceeded else None
