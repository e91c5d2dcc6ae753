"""One date order per column: declared, or the only one that every row fits; nothing is guessed from a few rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from kpi_agent.collectors.tickets.date_format import DateFormat, date_format, shown
from kpi_agent.collectors.tickets.faults import listed
from kpi_agent.domain.time import DAY, midnight, to_instant

_UTC = ZoneInfo("UTC")
_REMEMBERED = 20_000  # days, and times of day, of one format


class AmbiguousDates(Exception):
    """A column whose dates no order, or more than one, reads; the message says what to set."""


@dataclass(frozen=True, slots=True)
class DateColumn:
    """A column understood: the format that reads it (empty for a column without dates), other cells are errors."""

    format: str = ""
    _order: _Order | None = None

    def instant(self, cell: str, previous: int | None = None) -> int | None:
        """Return the cell's epoch second, None when it is unreadable.

        Of a local time that exists twice, the first, unless it precedes the ticket's *previous* milestone: then the
        second (indicators.md §1).
        """
        first = None if self._order is None else self._order.instant(cell)
        if self._order is not None and first is not None and previous is not None and first < previous:
            return self._order.again(cell)
        return first


def read_columns(
    headers: Mapping[str, str], rows: Iterable[Sequence[str]], formats: Sequence[str], tz: ZoneInfo
) -> Mapping[str, DateColumn]:
    """Return each date column of a file read in its one order.

    *headers* names the columns; *rows* gives their cells in that order, empty ones too, and is iterated again for a
    column that does not settle itself. A cell that no format reads decides nothing. An order is out when it cannot read
    a cell that another reads; where several are left and read some cell differently, the order that the file's other
    columns prove is taken, since a product writes all dates of a file alike. Raises AmbiguousDates when that leaves
    none or more than one.
    """
    clock = _Clock(tz)
    known = [date_format(f) for f in formats]
    columns = [_Column(header, _orders(known, clock)) for header in headers.values()]
    for cells in rows:
        for column, cell in zip(columns, cells, strict=True):
            if cell:
                column.see(cell)
    for at, column in enumerate(columns):
        column.refuse(cells[at] for cells in rows)
    proven = {order.name for column in columns if (order := column.settled)}
    for at, column in enumerate(columns):
        if column.is_open:
            column.settle(proven, (cells[at] for cells in rows))
    settled = zip(headers, (column.settled for column in columns), strict=True)
    return {name: DateColumn() if order is None else DateColumn(order.format, order) for name, order in settled}


def _orders(known: Sequence[DateFormat], clock: _Clock) -> list[_Order]:
    return [
        _Order(name, [f for f in known if f.order == name], clock) for name in dict.fromkeys(f.order for f in known)
    ]


class _Order:
    """Formats that write the date's part alike, in one zone; most cells are found in two small tables."""

    def __init__(self, name: str, formats: Sequence[DateFormat], clock: _Clock) -> None:
        self.name = name
        self._forms = [_Form(form, clock) for form in formats]
        self._clock = clock

    def instant(self, cell: str) -> int | None:
        """Return the first instant that the cell can mean, None when no format of the order reads it."""
        for form in self._forms:
            # Twice for each of millions of cells: what was met before is found without a call.
            head = form.cuts.get(len(cell), 0)
            start = form.starts.get(cell[:head])
            if start is not None and (seconds := form.seconds.get(cell[head:])) is not None:
                return start + seconds
            if (found := form.first(cell)) is not None:
                return found
        return None

    def again(self, cell: str) -> int | None:
        """Return the second instant of a cell whose local time exists twice, the only one of others."""
        told = next((told for form in self._forms if (told := form.format.told(cell)) is not None), None)
        return None if told is None else self._clock.instants(*told)[1]

    def day(self, cell: str) -> str:
        """Return the day that a cell of this order says, as ``2026-11-30``."""
        return next(f"{told[0]:%Y-%m-%d}" for form in self._forms if (told := form.format.told(cell)) is not None)

    @property
    def format(self) -> str:
        """The first format that read a cell."""
        return next(form.format.text for form in self._forms if form.was_read)


class _Form:
    """A format, with the days and times of day that its cells had so far.

    *cuts*: length of a cell → where its hour begins; *starts*: a cell's beginning → its day's first second; *seconds*:
    a cell's rest → seconds since. A beginning and a rest that were each read make a cell that can be read.
    """

    def __init__(self, form: DateFormat, clock: _Clock) -> None:
        self.format = form
        self.was_read = False
        self.cuts: dict[int, int] = {}
        self.starts: dict[str, int] = {}
        self.seconds: dict[str, int] = {}
        self._clock = clock

    def first(self, cell: str) -> int | None:
        """Return the first instant of a cell, and keep its parts; None when the format does not read it."""
        told = self.format.told(cell)
        if told is None:
            return None
        self.was_read = True
        wall, offset = told
        first, _ = self._clock.instants(wall, offset)
        head = self.format.hour_at(cell)
        start = None if head is None else self._clock.regular(wall.date(), offset)
        if head is not None and start is not None:
            if len(self.starts) + len(self.seconds) > _REMEMBERED:
                self.starts.clear()
                self.seconds.clear()
            self.cuts[len(cell)] = head
            self.starts[cell[:head]] = start
            self.seconds[cell[head:]] = first - start
        return first


class _Column:
    """A column while its cells are seen."""

    def __init__(self, header: str, orders: list[_Order]) -> None:
        self.header = header
        self.left = orders
        """The orders that read each cell that any of them reads."""
        self._orders = orders
        self._was_read = False
        self._is_mixed = False
        self._unread: str | None = None  # the least cell while no order has read any

    @property
    def settled(self) -> _Order | None:
        """The only order left, None when none read a cell or several read all."""
        return self.left[0] if self._was_read and len(self.left) == 1 else None

    @property
    def is_open(self) -> bool:
        """Whether several orders read all of its dates."""
        return self._was_read and len(self.left) > 1

    def see(self, cell: str) -> None:
        """Take one cell into account."""
        hits = [order for order in self.left if order.instant(cell) is not None]
        if hits:
            self._was_read = True
            if len(hits) < len(self.left):
                self.left = hits
        elif self._was_read:
            self._is_mixed = self._is_mixed or any(order.instant(cell) is not None for order in self._orders)
        elif self._unread is None or cell < self._unread:
            self._unread = cell

    def refuse(self, cells: Iterator[str]) -> None:
        """Raise AmbiguousDates when no order reads its *cells*, or none reads all that can be read."""
        if self._is_mixed:
            raise AmbiguousDates(self._mixed(cells))
        if not self._was_read and self._unread is not None:
            raise AmbiguousDates(
                f"column '{self.header}': no date format reads its cells, such as '{self._unread}'; tried "
                f"{listed([shown(o.name) for o in self._orders])}; set `date_format` on the source"
            )

    def settle(self, proven: Collection[str], cells: Iterable[str]) -> None:
        """Leave one order of several: the only proven one, or any when all read *cells* alike; else AmbiguousDates."""
        agreed = [order for order in self.left if order.name in proven]
        if len(agreed) != 1:
            self._refuse_unless_alike(cells)
        self.left = agreed if len(agreed) == 1 else self.left[:1]

    def _mixed(self, cells: Iterator[str]) -> str:
        """Return why the column is refused: a cell for each of the two orders that read most, and not that one."""
        reads: Counter[str] = Counter()
        odd: dict[str, str] = {}
        for cell in filter(None, cells):
            readers = {order.name for order in self._orders if order.instant(cell) is not None}
            reads.update(readers)
            for order in self._orders if readers else ():
                if order.name not in readers:
                    odd[order.name] = min(cell, odd.get(order.name, cell))
        first, second = sorted((order.name for order in self._orders), key=lambda name: -reads[name])[:2]
        return (
            f"column '{self.header}' mixes date orders: '{odd[first]}' is not {shown(first)} and '{odd[second]}' is not"
            f" {shown(second)}; export it again with one order, without passing through a spreadsheet"
        )

    def _refuse_unless_alike(self, cells: Iterable[str]) -> None:
        first = self.left[0]
        apart: dict[str, tuple[str, _Order]] = {}
        for cell in filter(None, cells):
            for other in self.left[1:]:
                if other.instant(cell) != first.instant(cell):
                    apart[other.name] = min(apart.get(other.name, (cell, other)), (cell, other), key=itemgetter(0))
        for other in self.left[1:]:
            if other.name in apart:
                cell, _ = apart[other.name]
                raise AmbiguousDates(
                    f"column '{self.header}': every date reads as {shown(first.name)} and as {shown(other.name)}: "
                    f"'{cell}' is {first.day(cell)} or {other.day(cell)}; set `date_format` on "
                    f'the source, for example "{first.name} %H:%M" or "{other.name} %H:%M"'
                )


class _Clock:
    """A zone's wall clock, asked once per day: a day of 86,400 s has no doubled or missing local time."""

    def __init__(self, tz: ZoneInfo) -> None:
        self._tz = tz
        self._starts: dict[date, int | None] = {}

    def regular(self, day: date, offset: timedelta | None) -> int | None:
        """Return the first second of a day whose times of day follow from it, None for a day that the clocks change.

        With an *offset*, it is the day of the cell's own clock, counted as if it were UTC's.
        """
        if offset is not None:
            return midnight(day, _UTC)
        if day not in self._starts:
            start = midnight(day, self._tz)
            self._starts[day] = start if midnight(day + timedelta(days=1), self._tz) - start == DAY else None
        return self._starts[day]

    def instants(self, wall: datetime, offset: timedelta | None) -> tuple[int, int]:
        """Return the two instants of a wall time, equal unless it exists twice or has an *offset* from UTC."""
        if offset is not None:
            instant = int((wall - offset).replace(tzinfo=UTC).timestamp())
            return instant, instant
        regular = self.regular(wall.date(), None)
        if regular is not None:
            instant = regular + wall.hour * 3600 + wall.minute * 60 + wall.second
            return instant, instant
        first = to_instant(wall, self._tz)
        return first, to_instant(wall, self._tz, not_before=first + 1)
