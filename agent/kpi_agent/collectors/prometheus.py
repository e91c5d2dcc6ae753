"""Reads signals from a Prometheus-compatible server; the one module that knows prometheus-api-client.

Only ``custom_query`` and ``custom_query_range`` are used, on a session that closes their blind spots
(architecture.md §6, operations.md §3).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fractions import Fraction
from math import floor
from statistics import median_low
from typing import Any

from prometheus_api_client import PrometheusConnect
from prometheus_api_client.exceptions import PrometheusApiClientException

from kpi_agent.collectors.answer import Answer, AnswerTooLarge, printable
from kpi_agent.collectors.query import Query, build_query
from kpi_agent.collectors.restore_tests import LAST_RUN, RESTORE_TESTS, SIGNALS, read_restore_tests
from kpi_agent.collectors.rules import AlertRule, alert_lines, alert_name, intervals_of, read_all, rules_observation
from kpi_agent.collectors.series import SeriesTable
from kpi_agent.collectors.server import read_clock, read_flavour, read_version
from kpi_agent.collectors.session import HardenedSession, Limits
from kpi_agent.collectors.signals import Lines, Reading, count_absent, read_lines
from kpi_agent.collectors.transport import explain
from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.hosts import host_of
from kpi_agent.domain.observation import ServerFacts, SignalObservation
from kpi_agent.domain.source import Combine, PrometheusSource, Signal
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval, local_days, midnight, to_local, zone
from kpi_agent.domain.timeline import Run, Timeline

# Thanos and VictoriaMetrics are asked for whole, raw, deduplicated, uncached data, or an error; others ignore these.
_WHOLE_DATA = {
    "partial_response": "false",
    "dedup": "true",
    "max_source_resolution": "0s",
    "deny_partial_response": "1",
    "nocache": "1",
}
_LONGEST_PIECE = 31 * DAY
_FURTHEST_BACK = 7 * DAY
_FIRST_PIECE = HOUR
_MOST_POINTS = 11_000
_DEFAULT_INTERVAL = MINUTE
_ENOUGH_GAPS = 20  # in the window itself, else more is read: a few pauses must not pass for the interval
_FEW_GAPS = 5  # fewer, and a series is taken to be sampled like its neighbours
_LOOK_BACK = 2 * HOUR
_ALL_KNOWN = 2**62  # seconds: every instant lies within, so every value read becomes 1
_NAMED = 3  # hosts in one sentence
_DURATION = re.compile(r"(\d+)(ms|[smhdwy])", re.ASCII)
_MILLISECONDS = {
    "ms": 1,
    "s": 1000,
    "m": 60_000,
    "h": 3_600_000,
    "d": 86_400_000,
    "w": 604_800_000,
    "y": 31_536_000_000,
}


@dataclass(slots=True)
class _Collected:
    """What the questions for one signal brought."""

    query: Query
    reading: Reading
    interval: int
    asked: Interval
    warnings: list[str] = field(default_factory=list)
    is_partial: bool = False
    piece: int = _FIRST_PIECE  # seconds to ask for at once, by what the answers so far brought

    def hear(self, answer: Answer) -> None:
        """Keep what the server remarked."""
        self.warnings += [*answer.warnings, *answer.notes]
        self.is_partial = self.is_partial or answer.is_partial


class Prometheus:
    """One source. Raises SourceUnavailable where later may help, SourceRejected where something must be mended."""

    def __init__(
        self, source: PrometheusSource, *, limits: Limits | None = None, samples_per_answer: int = 250_000
    ) -> None:
        self._source = source
        self._url = source.url.rstrip("/")
        self._at = f"source {source.name}"
        self._session = HardenedSession(source, limits)
        try:
            self._client = PrometheusConnect(url=self._url, session=self._session)
        except ValueError as error:
            raise explain(error, at=self._at) from error
        self._samples_per_answer = samples_per_answer
        self._scrape_intervals: dict[tuple[str, str], int] = {}
        self._rules: list[AlertRule] = []

    def server(self, *, now: int) -> ServerFacts:
        """Return the server's version, its clock less ours in seconds (*now* is ours, at the call), and its retention.

        A server that does not tell version or retention has "of unknown version" and None.
        """
        self._scrape_intervals = {}  # asked anew once per collection
        before = time.monotonic()
        clock = self._ask(("scalar", "vector"), "time()")
        half = (time.monotonic() - before) / 2
        difference = floor(read_clock(clock, at=self._at) - half) - now  # now is floored too
        build, runtime = self._told("buildinfo"), self._told("runtimeinfo")
        retention = runtime.get("storageRetention")
        return ServerFacts(
            version=read_version(build),
            clock_difference=difference,
            retention=printable(str(retention)) if retention else None,
            flavour=self._source.flavour or read_flavour(clock, build),
        )

    def observe(self, signal: Signal, matcher: str, window: Interval) -> SignalObservation:
        """Return the lines of one signal over *window*; *matcher* is the contract's label matchers.

        A plain selector is read sample by sample, any other expression on a grid of ``every`` (or 60 s). Lines begin up
        to two intervals before the window: joined by ``Timeline.followed_by``, pieces equal the whole.
        """
        collected = self._collect(signal, matcher, window)
        return self._observation(signal.name, signal, window, collected, read_lines(signal, collected.reading))

    def restore_tests(self, signals: Mapping[str, Signal], matcher: str, window: Interval) -> SignalObservation:
        """Return the restore tests that scrapes in *window* show, as ``restore-tests``; lines: 1 where a set is told.

        *signals* are the four of the pack ``restore-tests`` by name; duration and data age may be missing. An event
        that is visible for months is returned by every window that sees it.
        """
        missing = [name for name in SIGNALS[:2] if name not in signals]
        if missing:
            raise SourceRejected(f"{self._at}: the query pack has no signal {' and '.join(missing)}")
        last_run = signals[LAST_RUN]
        collected = self._collect(last_run, matcher, window)
        tables = {LAST_RUN: collected.reading.table}
        for name in SIGNALS[1:]:
            if name in signals:
                tables[name] = SeriesTable(collected.asked)
                self._read(build_query(signals[name], matcher), collected.asked, tables[name], collected)
                tables[name].settle()
        tests, warnings = read_restore_tests(tables, last_run.key, self._source.name)
        collected.warnings += warnings
        told = replace(last_run, combine=Combine.ANY, fresh_within=_ALL_KNOWN)
        lines = read_lines(told, collected.reading, name_of=str)
        return replace(self._observation(RESTORE_TESTS, last_run, window, collected, lines), restore_tests=tests)

    def rules(self, name: str, matcher: str, held: Interval) -> SignalObservation:
        """Return the alerting rules as they are now, taken to be so over *held* (``rule_lines``)."""
        self._rules, is_partial = read_all(
            lambda page: self._session.ask(f"{self._url}/api/v1/rules", {**_WHOLE_DATA, **page}), at=self._at
        )
        return rules_observation(name, self._rules, matcher, held, is_partial=is_partial)

    def alerts(self, signal: Signal, matcher: str, window: Interval) -> SignalObservation:
        """Return when each alert fired (``alert_lines``), at the intervals that ``rules`` read."""
        told = self._collect(signal, matcher, window)
        return self._observation(signal.name, signal, window, told, alert_lines(told.reading))

    def daily(self, signal: Signal, matcher: str, window: Interval, timezone: str) -> SignalObservation:
        """Return the line of an expression evaluated at the end of each local day: its value, held over that day.

        Days are those that end in *window*. A day without a value, or with one that is no number, is unknown. Raises
        SourceRejected when the expression gives several series.
        """
        query = build_query(signal, matcher)
        tz = zone(timezone)
        first = midnight(to_local(window.start, tz).date(), tz)
        runs, warnings, is_partial = [], list(query.notes), False
        counts: dict[int, tuple[int, int]] = {}
        for _, day in local_days(Interval(first, window.end), tz):
            if midnight(to_local(day.end, tz).date(), tz) != day.end:
                continue  # today
            answer = self._ask(("vector", "scalar"), query.text, at=day.end)
            value = self._number(signal, answer)
            warnings += [*answer.warnings, *answer.notes]
            is_partial = is_partial or answer.is_partial
            samples, expected = counts.get(day.start - day.start % DAY, (0, 0))
            counts[day.start - day.start % DAY] = (samples + (value is not None), expected + 1)
            if value is not None:
                runs.append(Run(day.start, day.end, value))
        return SignalObservation(
            signal=signal.name,
            window=window,
            query=query.text,
            interval=DAY,
            lines={"": Timeline.of(runs)},
            samples=sum(samples for samples, _ in counts.values()),
            expected=sum(expected for _, expected in counts.values()),
            is_gridded=True,
            is_partial=is_partial,
            warnings=tuple(dict.fromkeys(warnings)),
            samples_by_day=counts,
        )

    def present(self, signal: Signal, matcher: str, *, now: int) -> Mapping[str, int]:
        """Return how many series of a signal there were in the hour before *now*, by host or backup set.

        A host with several, where the signal does not say how they become one, is counted as it is now: in an hour one
        series may have followed another.
        """
        query = build_query(signal, matcher)
        found = self._counted(signal, f"count_over_time({query.text}[1h])" if query.is_plain else query.text, now)
        if query.is_plain and signal.combine is None and max(found.values(), default=0) > 1:
            current = self._counted(signal, query.text, now)
            found = {key: current.get(key, 1) for key in found}
        return found

    def _counted(self, signal: Signal, text: str, now: int) -> dict[str, int]:
        by = f" by ({signal.key})" if signal.key else ""
        found: dict[str, int] = {}
        for item in self._ask("vector", f"count{by} ({text})", at=now).data["result"]:
            key = host_of(item["metric"].get(signal.key, "")) if signal.key else ""
            found[key] = found.get(key, 0) + int(float(item["value"][1]))
        return found

    def _number(self, signal: Signal, answer: Answer) -> Fraction | None:
        """Return the one value of an instant answer, None where there is none, or none that is a number."""
        result = answer.data["result"]
        items = [{"metric": {}, "value": result}] if answer.result_type == "scalar" else result
        if len(items) > 1:
            raise SourceRejected(
                f"signal {signal.name}: {signal.query} gives {len(items)} series where one value is wanted;"
                " aggregate them, such as sum(…) or max(…)"
            )
        table = SeriesTable(Interval(0, _ALL_KNOWN))
        table.add([{"metric": item["metric"], "values": [item["value"]]} for item in items], at=self._at)
        return table.values[0] if items else None

    def _observation(
        self, name: str, signal: Signal, window: Interval, collected: _Collected, lines: Lines
    ) -> SignalObservation:
        by_day = lines.samples_by_day
        if not signal.key and not lines.by_key:  # the one line is wanted even where nothing answers for it
            by_day = count_absent(window, collected.interval)
        warnings = [*collected.warnings, *(f"signal {name}: {w}" for w in lines.warnings)]
        warnings += [f"signal {name}: {text}" for text in _without_number(signal, collected.reading.table)]
        return SignalObservation(
            signal=name,
            window=window,
            query=collected.query.text,
            interval=collected.interval,
            lines=lines.by_key,
            samples=sum(samples for samples, _ in by_day.values()),
            expected=sum(expected for _, expected in by_day.values()),
            is_gridded=not collected.query.is_plain,
            is_partial=collected.is_partial,
            warnings=tuple(dict.fromkeys(warnings)),
            samples_by_day=by_day,
        )

    def _collect(self, signal: Signal, matcher: str, window: Interval) -> _Collected:
        """Return the samples of the window and of a stretch before it, long enough to decide its first second."""
        query = build_query(signal, matcher)
        every = signal.every or (None if query.is_plain else _DEFAULT_INTERVAL)
        table = SeriesTable(Interval(window.start - _FURTHEST_BACK, window.end))
        collected = _Collected(query, Reading(table, window, {}, window.start), every or _DEFAULT_INTERVAL, window)
        collected.warnings += query.notes
        if every is None:
            self._read(query, window, table, collected)
            table.settle()
            look_back = self._look_back(table)
            before = Interval(window.start - look_back, window.start)
        else:
            look_back = min(4 * every + 4, _FURTHEST_BACK)
            before = Interval(window.start - look_back, window.end)
            collected.interval = every
        self._read(query, before, table, collected, step=every)
        table.settle()
        intervals = {id(s): i for s, i in zip(table, self._intervals(table, every), strict=True)}
        longest = max(intervals.values(), default=collected.interval)
        collected.interval = median_low(intervals.values()) if intervals else collected.interval
        settled = min(window.start, max(window.start - 2 * longest - 2, before.start + 2 * longest + 2))
        collected.asked = Interval(before.start, window.end)
        collected.reading = Reading(table, window, intervals, settled)
        return collected

    def _look_back(self, table: SeriesTable) -> int:
        """Return the seconds to read before the window, from what the window itself tells of the interval."""
        told = [i for i in self._told_intervals(table) if i is not None]
        if told:
            return min(4 * max(told) + 4, _FURTHEST_BACK)
        gap = table.median_gap()
        if gap is not None and table.median_gaps() >= _ENOUGH_GAPS:
            return min(4 * gap + 4, _FURTHEST_BACK)
        return _LOOK_BACK

    def _intervals(self, table: SeriesTable, every: int | None) -> list[int]:
        """Return each series' interval: the signal's, else its target's, else its median gap (indicators.md §5)."""
        if every is not None:
            return [every for _ in table]
        common = table.median_gap() or _DEFAULT_INTERVAL
        return [
            told or (series.median_gap() if len(series.milliseconds) > _FEW_GAPS else None) or common
            for series, told in zip(table, self._told_intervals(table), strict=True)
        ]

    def _told_intervals(self, table: SeriesTable) -> list[int | None]:
        """Return what the server says of the scrape interval of each series' target, None where it says nothing."""
        if not self._scrape_intervals:  # a server that has just started knows no target yet
            self._scrape_intervals = self._targets()
        return [self._told_interval(s.labels) for s in table]

    def _told_interval(self, labels: Mapping[str, str]) -> int | None:
        alert = alert_name(labels)  # it bears the labels of a target, and is written when its rule is evaluated
        if alert is not None:
            return intervals_of(self._rules).get(alert)
        return self._scrape_intervals.get((labels.get("job", ""), labels.get("instance", "")))

    def _targets(self) -> dict[tuple[str, str], int]:
        try:
            data = self._session.ask(f"{self._url}/api/v1/targets", {"state": "active"}).data
            intervals: dict[tuple[str, str], int] = {}
            for target in data["activeTargets"]:
                name = (target["labels"].get("job", ""), target["labels"].get("instance", ""))
                intervals[name] = max(_seconds(target["scrapeInterval"]), intervals.get(name, 1))
        except (AttributeError, KeyError, SourceRejected, TypeError):
            return {}  # long-term stores have no targets
        return intervals

    def _read(
        self, query: Query, span: Interval, table: SeriesTable, collected: _Collected, *, step: int | None = None
    ) -> None:
        """Read *span* into *table* in pieces that neither side refuses, shortening them where one was too large."""
        step = step or _DEFAULT_INTERVAL
        longest = _LONGEST_PIECE if query.is_plain else min(_LONGEST_PIECE, _MOST_POINTS * step)
        cursor = span.start
        while cursor < span.end:
            piece = Interval(cursor, min(cursor + min(collected.piece, longest), span.end))
            try:
                answer = self._read_piece(query, piece, step)
            except AnswerTooLarge:
                if piece.seconds <= MINUTE:
                    raise
                longest = collected.piece = piece.seconds // 4
                continue
            count = 0 if answer is None else table.add(answer.data["result"], at=self._at)
            if answer is not None:
                collected.hear(answer)
            cursor = piece.end
            fitting = self._samples_per_answer * piece.seconds // count if count else 8 * piece.seconds
            collected.piece = max(1, min(longest, fitting))

    def _read_piece(self, query: Query, piece: Interval, step: int) -> Answer | None:
        if query.is_plain:
            # One second more than the piece: ranges are left-open since Prometheus 3; doubles are dropped later.
            return self._ask("matrix", f"{query.text}[{piece.seconds + 1}s]", at=piece.end)
        first, last = -(-piece.start // step) * step, (piece.end - 1) // step * step
        if first > last:
            return None
        return self._ask("matrix", query.text, grid=(first, last, step))

    def _ask(
        self,
        result_types: str | tuple[str, ...],
        query: str,
        *,
        at: int | None = None,
        grid: tuple[int, int, int] | None = None,
    ) -> Answer:
        params: dict[str, Any] = dict(_WHOLE_DATA)
        with self._session.listening() as heard:
            try:
                if grid is not None:
                    first, last, step = grid
                    start, end = datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC)
                    self._client.custom_query_range(query, start, end, str(step), params=params)
                else:
                    self._client.custom_query(query, params=params if at is None else {**params, "time": at})
            except (KeyError, TypeError, PrometheusApiClientException) as error:
                raise SourceRejected(f"{self._at} answered without a result: check url") from error
        answer = heard[-1]
        wanted = (result_types,) if isinstance(result_types, str) else result_types
        if answer.result_type not in wanted:
            raise SourceRejected(
                f"{self._at} answered {query} with a {answer.result_type or 'nameless'} result where a {wanted[0]}"
                " was asked: check url, or what the proxy in between does"
            )
        return answer

    def _told(self, what: str) -> Mapping[str, Any]:
        """Return a status page's data, empty where the server has no such page."""
        try:
            data = self._session.ask(f"{self._url}/api/v1/status/{what}").data
        except SourceRejected:
            return {}
        return data if isinstance(data, dict) else {}


def _without_number(signal: Signal, table: SeriesTable) -> Iterator[str]:
    """Yield a sentence when values were no numbers, with the hosts or sets that they stand for."""
    found = sorted({printable(s.labels.get(signal.key, "")) if signal.key else "" for s in table.without_number()})
    if not found:
        return
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    of = f" for {', '.join(found[:_NAMED])}{more}" if signal.key else ""
    yield f"NaN or infinite values{of}: unknown while they last"


def _seconds(text: str) -> int:
    """Return a Prometheus duration (``1m30s``) in whole seconds, rounded up; raises TypeError when it is none."""
    parts = _DURATION.findall(text)
    if not parts or "".join(f"{n}{unit}" for n, unit in parts) != text:
        raise TypeError(text)
    return -(-sum(int(n) * _MILLISECONDS[unit] for n, unit in parts) // 1000)
