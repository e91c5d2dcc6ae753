"""What the exports of a contract's desks tell of it: of one desk, and of several together after a change of desk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from kpi_agent.domain.evaluation import ImportedFile, SourceLine
from kpi_agent.domain.export import ImportRecord, observed
from kpi_agent.domain.facts import TicketFacts, window
from kpi_agent.domain.source import TicketSource
from kpi_agent.domain.ticket import Ticket
from kpi_agent.domain.time import Interval, difference, intersection, total, union

# So many older exports are looked at, those with the fewest rejected rows, whether they are of the newest one's kind.
_TRIED = 8


@dataclass(frozen=True, slots=True)
class DeskKnown:
    """A desk as its exports tell it. *spans*: when what is opened in it is the contract's; *records*: the files.

    *known_until*: of kinds that the newest exports do not hold, the instant of the last that did. *share*: whether two
    of them, by number, hold a ticket both; else they are of two kinds, as requests and incidents.
    """

    source: TicketSource
    spans: tuple[Interval, ...]
    records: tuple[ImportRecord, ...]
    tickets: tuple[Ticket, ...]
    lost: Mapping[str, int]
    share: Callable[[int, int], bool]
    known_until: Mapping[str, int] = field(default_factory=dict)

    @property
    def complete(self) -> tuple[ImportRecord, ...]:
        """The files without a truncation alarm: the others observe nothing."""
        return tuple(r for r in self.records if not r.is_truncated)

    @property
    def newest(self) -> int | None:
        """The instant of its newest complete export; None when there is none."""
        return max((r.as_of for r in self.complete), default=None)

    def is_of(self, span: Interval) -> bool:
        """Whether it is the contract's desk in some part of *span*."""
        return bool(intersection(self.spans, [span]))

    def observed(self) -> tuple[Interval, ...]:
        """Return when it was observed while its tickets were the contract's."""
        since = self.source.since
        if since is None:
            since = min((t.opened for t in self.tickets), default=None)
        return () if since is None else intersection(observed(self.complete, since), self.spans)

    def facts(self, *, is_former: bool) -> TicketFacts:
        """Return its tickets and the lost ones; of a former desk, those too that it left open when exports ended.

        They should stand in the exports of the desk that came after, and do not.
        """
        lost = dict(self.lost)
        if is_former and self.newest is not None:
            lost = {t.id: self.newest for t in self.tickets if t.is_open} | lost
        return TicketFacts(self.tickets, lost=lost)

    def line(self, span: Interval, now: int) -> SourceLine:
        """Return how well it was observed in its part of *span*, and every file that counts."""
        own = intersection(self.spans, [span])
        part = window(Interval(own[0].start, own[-1].end), now=now, newest=self.newest, max_age=self.source.max_age)
        whole = intersection(own, [part.elapsed])
        seen = total(intersection(self.observed(), whole))
        reasons: dict[str, int] = {}
        for record in self.records:
            for reason, count in record.rejected_by_reason.items():
                reasons[reason] = reasons.get(reason, 0) + count
        files = tuple(
            ImportedFile(r.file, r.sha256, r.rows, r.rejected, r.as_of, r.is_truncated)
            for r in sorted(self.records, key=lambda r: (r.as_of, r.file))
        )
        return SourceLine(
            self.source.name,
            "tickets",
            Fraction(seen, total(whole)) if whole else Fraction(0),
            self.newest,
            files,
            rejected_by_reason=reasons,
        )


def together(desks: Sequence[DeskKnown], span: Interval, starts: Iterable[int], *, people: bool) -> TicketFacts:
    """Return what the desks of a contract, the present one first, tell of *span*; *starts*: other starts of windows."""
    present, *former = desks
    # Of a former desk nothing counts after the change, however much is observed there.
    ends = [(d, min(d.newest, d.spans[-1].end)) for d in desks if d.newest is not None]
    kinds = {kind for desk in desks for kind in desk.known_until}
    return replace(
        present.facts(is_former=False),
        observed=union(i for desk in desks for i in desk.observed()),
        newest=max((end for _, end in ends), default=None),
        known_until={k: max(min(end, d.known_until.get(k, end)) for d, end in ends) for k in kinds},
        max_age=present.source.max_age,
        told=_told(desks, span),
        told_since={start: _told(desks, Interval(start, span.end)) for start in starts},
        people=people,
        former=tuple(desk.facts(is_former=True) for desk in former),
    )


def _told(desks: Iterable[DeskKnown], span: Interval) -> Fraction:
    """Return the share of rows that could be trusted in the exports that *span* rests on.

    A rejected row is a ticket that nobody has seen: it may be one that would lose the month.
    """
    found = [counts for desk in desks for counts in _rows_by_kind(desk, intersection(desk.spans, [span]))]
    rows, rejected = (sum(counts[place] for counts in found) for place in (0, 1))
    return Fraction(rows - rejected, rows) if rows else Fraction(1)


def _rows_by_kind(desk: DeskKnown, span: Sequence[Interval]) -> Iterator[tuple[int, int]]:
    """Yield the rows, and the rejected ones of them, of the exports that *span* rests on, once for each kind of export.

    Where requests are exported beside incidents, the newest file of the one says nothing of the rows of the other.
    """
    of_span = [r for r in desk.complete if intersection(span, [_stretch(r, span[0].start)])] if span else []
    newest_first = sorted(of_span, key=lambda r: (r.as_of, r.id), reverse=True)
    kinds: list[ImportRecord] = []
    for place, record in enumerate(newest_first):
        if kinds and (not record.rejected or kinds[0].as_of - record.as_of > desk.source.max_age):
            continue
        if not any(desk.share(record.id, kind.id) for kind in kinds):
            kinds.append(record)
            yield _rows(newest_first[place:], span, desk.share)


def _rows(
    newest_first: Sequence[ImportRecord], span: Sequence[Interval], share: Callable[[int, int], bool]
) -> tuple[int, int]:
    """Return the rows, and the rejected ones of them, of the exports of one kind that *span* rests on.

    These are the newest that cover it between them; or, where fewer rows were rejected, the newest but the very last
    ones, as long as they cover as much. All that happened in the span is told by them, and no row that became
    unreadable since can take that back.
    """
    rows, rejected, reach = _cover(newest_first, span)
    instead = []
    for place in range(1, len(newest_first) if rejected else 0):
        others, of_them, missing = _cover(newest_first[place:], span)
        if missing > reach:
            break
        if others and of_them * rows < rejected * others:
            instead.append((Fraction(of_them, others), place, (others, of_them)))
    for _, place, counts in sorted(instead)[:_TRIED]:
        if share(newest_first[0].id, newest_first[place].id):
            return counts
    return rows, rejected


def _stretch(record: ImportRecord, start: int) -> Interval:
    return Interval(start if record.observed_from is None else record.observed_from, record.as_of)


def _cover(newest_first: Iterable[ImportRecord], span: Sequence[Interval]) -> tuple[int, int, int]:
    """Return rows and rejected ones of the exports that show something of *span* first, and the seconds none shows."""
    rows = rejected = 0
    left = tuple(span)
    for record in newest_first:
        if not left:
            break
        stretch = [_stretch(record, left[0].start)]
        if not intersection(left, stretch):
            continue
        left = difference(left, stretch)
        rows, rejected = rows + record.rows, rejected + record.rejected
    return rows, rejected, total(left)
