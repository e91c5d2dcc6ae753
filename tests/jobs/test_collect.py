"""Collecting with a server and a store of a few lines each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import pytest

from builders import ALWAYS, PARIS, contract, line, paris, version
from kpi_agent.domain.contract import Comparison, HostScope, Objective, Scope, ServiceTerms, Target, TargetUnit
from kpi_agent.domain.errors import SourceError, SourceRejected, SourceUnavailable
from kpi_agent.domain.observation import ServerFacts, SignalObservation
from kpi_agent.domain.records import SourceRun, Trouble
from kpi_agent.domain.source import PrometheusSource, QueryPack, Signal
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval
from kpi_agent.jobs.collect import Asked, Collected, collect, signals_for

NOW = paris("2026-10-20 12:00")
MAIN = PrometheusSource("main", "http://127.0.0.1:9", queries=("node",))
PACKS = {"node": QueryPack("node", (Signal("security_pending", "apt_upgrades_pending", "host"),))}
PORTAL = ServiceTerms("portal", "main", 'probe_success{service="portal"}', ALWAYS)
ACME = contract(version(services={"portal": PORTAL}))


@dataclass
class Server:
    """Answers every signal with one line, but for those that *faults* names: an error, or "partial"."""

    faults: Mapping[str, SourceError | str] = field(default_factory=dict)
    is_down: bool = False
    clock: int = 0
    ends: Mapping[str, int] = field(default_factory=dict)
    remarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    windows: dict[str, Interval] = field(default_factory=dict)

    def server(self, *, now: int) -> ServerFacts:
        if self.is_down:
            raise SourceUnavailable("source main: connection refused")
        return ServerFacts("2.53", self.clock, "15d")

    def observe(self, signal: Signal, matcher: str, window: Interval) -> SignalObservation:
        self.windows[signal.name] = window
        fault = self.faults.get(signal.name)
        if isinstance(fault, SourceError):
            raise fault
        end = self.ends.get(signal.name, window.end)
        return SignalObservation(
            signal.name,
            window,
            signal.query,
            60,
            {"": line((window.start, end, 1))} if end > window.start else {},
            samples=10,
            expected=10,
            is_partial=fault == "partial",
            warnings=("store gateway is down",) if fault == "partial" else self.remarks.get(signal.name, ()),
        )

    def restore_tests(self, signals: Mapping[str, Signal], matcher: str, window: Interval) -> SignalObservation:
        raise NotImplementedError

    def present(self, signal: Signal, matcher: str, *, now: int) -> Mapping[str, int]:
        raise NotImplementedError

    def rules(self, name: str, matcher: str, held: Interval) -> SignalObservation:
        raise NotImplementedError

    def alerts(self, signal: Signal, matcher: str, window: Interval) -> SignalObservation:
        raise NotImplementedError

    def daily(self, signal: Signal, matcher: str, window: Interval, timezone: str) -> SignalObservation:
        raise NotImplementedError


@dataclass
class Shelf:
    """Both stores that collecting writes to."""

    until: int | None = None
    told: int | None = None
    recorded: list[tuple[str, str]] = field(default_factory=list)
    runs: list[SourceRun] = field(default_factory=list)

    def record(self, source: str, scope: str, observation: SignalObservation, *, now: int) -> None:
        self.recorded.append((scope, observation.signal))

    def observed_until(self, source: str, scope: str, signal: str) -> int | None:
        return self.until

    def last_told(self, source: str, scope: str, signal: str) -> int | None:
        return self.told

    def note(self, run: SourceRun) -> None:
        self.runs.append(run)


def texts(troubles: Sequence[Trouble]) -> list[str]:
    return [str(t) for t in troubles]


def collected(server: Server, shelf: Shelf, **settings: int) -> Collected:
    asked: list[Asked] = list(signals_for(MAIN, {"acme": ACME}, PACKS, now=NOW))
    return collect(MAIN, asked, reader=server, lines=shelf, runs=shelf, now=NOW, **settings)


def test_every_signal_is_stored_and_the_run_noted() -> None:
    shelf = Shelf()

    result = collected(Server(), shelf)

    assert shelf.recorded == [("acme", "up/portal"), ("acme", "node/security_pending")]
    assert (result.signals, result.lines, result.samples, result.failures) == (2, 2, 20, ())
    assert [(r.is_ok, r.server, r.last_ok) for r in shelf.runs] == [(True, "prometheus 2.53", NOW)]


def test_a_partial_answer_is_named_and_nothing_of_it_is_stored() -> None:
    shelf = Shelf()

    result = collected(Server({"up/portal": "partial"}), shelf)

    assert shelf.recorded == [("acme", "node/security_pending")]
    assert texts(result.failures) == ["acme up/portal: partial answer, not stored: store gateway is down"]
    assert [(r.is_ok, r.detail) for r in shelf.runs] == [(False, "1 signals, 1 lines, 1 in trouble")]
    assert shelf.runs[0].troubles == result.failures


def test_a_signal_that_fails_does_not_keep_the_others_from_being_read() -> None:
    shelf = Shelf()

    result = collected(Server({"up/portal": SourceRejected("source main: parse error")}), shelf)

    assert shelf.recorded == [("acme", "node/security_pending")]
    assert texts(result.failures) == ["acme up/portal: source main: parse error"]
    assert [(r.is_ok, r.last_ok) for r in shelf.runs] == [(False, NOW)]  # in trouble, and not late


def test_a_server_that_is_down_is_noted_and_asked_nothing_more() -> None:
    shelf, server = Shelf(), Server(is_down=True)

    result = collected(server, shelf)

    assert server.windows == {}
    assert shelf.recorded == []
    assert texts(result.failures) == ["source main: connection refused"]
    assert [(r.is_ok, r.detail, r.last_ok) for r in shelf.runs] == [(False, "source main: connection refused", None)]


def test_a_signal_that_every_question_fails_leaves_the_source_to_become_late() -> None:
    shelf, refused = Shelf(), SourceRejected("source main: parse error")

    collected(Server({"up/portal": refused, "node/security_pending": refused}), shelf)

    assert [(r.is_ok, r.last_ok) for r in shelf.runs] == [(False, None)]


@pytest.mark.parametrize(("off", "is_named"), [(60, False), (61, True), (-60, False), (-90, True)])
def test_a_clock_that_is_off_is_named(off: int, *, is_named: bool) -> None:
    shelf = Shelf()

    result = collected(Server(clock=off), shelf)

    way = "ahead of" if off > 0 else "behind"
    said = [f"the server's clock is 1 min or more {way} ours: nothing is closed by it"]
    assert texts(result.failures) == (said if is_named else [])
    assert (shelf.runs[0].is_ok, shelf.runs[0].last_ok) == (not is_named, NOW)


def test_a_metric_that_disappears_is_named_with_since_when() -> None:
    """After ``max_age``, also where the question no longer reaches back to the last sample."""
    gone = {"up/portal": NOW - HOUR - 1}
    said = "acme up/portal: tells nothing since 2026-10-20T08:59:59Z, unknown from then on: has an upgrade"

    for server, shelf in (
        (Server(ends=gone), Shelf(until=NOW - 2 * HOUR)),
        (Server(ends=gone), Shelf(until=NOW - HOUR, told=NOW - HOUR - 1)),
    ):
        result = collected(server, shelf)
        assert [t.partition(" renamed")[0] for t in texts(result.failures)] == [said]
        assert len(shelf.recorded) == 2


@pytest.mark.parametrize("end", [NOW - HOUR, NOW])
def test_a_short_silence_is_none_and_what_never_told_anything_is_no_metric_lost(end: int) -> None:
    assert collected(Server(ends={"up/portal": end}), Shelf(until=NOW - 2 * HOUR)).failures == ()
    assert collected(Server(ends={"up/portal": 0}), Shelf()).failures == ()


def test_where_absence_means_that_nothing_is_pending_silence_is_well() -> None:
    pending = Signal("security_pending", "apt_upgrades_pending", "host", is_absence_zero=True)
    asked = list(signals_for(MAIN, {"acme": ACME}, {"node": QueryPack("node", (pending,))}, now=NOW))
    server = Server(ends={"node/security_pending": 0})
    shelf = Shelf(told=NOW - 2 * DAY)

    assert collect(MAIN, asked, reader=server, lines=shelf, runs=shelf, now=NOW).failures == ()


def test_a_remark_is_kept_with_the_run_and_the_signal_is_named_once() -> None:
    shelf = Shelf()

    result = collected(Server(remarks={"up/portal": ("signal up/portal: NaN or infinite values",)}), shelf)

    assert (texts(result.warnings), result.failures) == (["acme up/portal: NaN or infinite values"], ())
    assert [(r.is_ok, r.detail, r.troubles) for r in shelf.runs] == [(True, "2 signals, 2 lines", result.warnings)]


def test_the_first_window_begins_before_the_contract_and_a_later_one_where_the_last_ended() -> None:
    first, later, again = Server(), Server(), Server()

    collected(first, Shelf())
    collected(later, Shelf(until=NOW - HOUR))
    collected(again, Shelf(until=NOW - HOUR), since=NOW - 3 * DAY)

    assert first.windows["up/portal"] == Interval(NOW - 400 * DAY, NOW)  # the contract is older than that
    assert later.windows["up/portal"] == Interval(NOW - HOUR - 10 * MINUTE, NOW)
    assert again.windows["up/portal"] == Interval(NOW - 3 * DAY, NOW)


def test_a_replica_is_asked_what_its_source_is_asked() -> None:
    replica = replace(MAIN, name="twin", replica_of="main")

    asked = list(signals_for(replica, {"acme": ACME}, PACKS, now=NOW))

    assert asked == list(signals_for(MAIN, {"acme": ACME}, PACKS, now=NOW))
    assert len(asked) == 2


def test_a_broken_pack_is_named_and_the_others_are_asked() -> None:
    shelf, both = Shelf(), replace(MAIN, queries=("own", "node"))
    packs = {**PACKS, "own": QueryPack("own", (), "own.yml", "own.yml:3:14: signals.a.query: no selector")}

    result = collect(
        both, list(signals_for(both, {"acme": ACME}, packs, now=NOW)), reader=Server(), lines=shelf, runs=shelf, now=NOW
    )

    assert [name for _, name in shelf.recorded] == ["up/portal", "node/security_pending"]
    said = "own: the query pack is left out: own.yml:3:14: signals.a.query: no selector"
    assert texts(result.failures) == [said]


def test_a_long_downtime_is_filled_from_where_it_began() -> None:
    server = Server()

    collected(server, Shelf(until=NOW - 75 * DAY))

    assert server.windows["node/security_pending"] == Interval(NOW - 75 * DAY - 10 * MINUTE, NOW)


def test_a_figure_of_the_contract_is_asked_by_day_of_its_own_source_from_the_day_it_began() -> None:
    """With the matcher where the query has a place for it, and as it is elsewhere."""
    target = Target(Comparison.AT_MOST, Fraction(20), TargetUnit.COUNT, "<= 20")
    queries = {"queue": "sum(queue{$matchers})", "disk": "max(disk)"}
    own = [Objective(n, "custom", target, Scope(figure=n), query=q) for n, q in queries.items()]
    deal = contract(version("2026-10-01", hosts=HostScope("main", 'customer="acme"'), objectives=own))

    asked = [a for a in signals_for(MAIN, {"acme": deal}, PACKS, now=NOW) if a.timezone is not None]
    elsewhere = list(signals_for(replace(MAIN, name="other"), {"acme": deal}, PACKS, now=NOW))

    assert [(a.signal.name, a.signal.query, a.matcher, a.since, a.timezone) for a in asked] == [
        (own[0].line, queries["queue"], 'customer="acme"', paris("2026-10-01 00:00"), PARIS),
        (own[1].line, queries["disk"], "", paris("2026-10-01 00:00"), PARIS),
    ]
    assert elsewhere == []


def test_a_contract_that_begins_in_a_year_is_not_asked_for_yet() -> None:
    coming = contract(version("2027-10-20", services={"portal": PORTAL}))

    assert list(signals_for(MAIN, {"acme": coming}, PACKS, now=NOW)) == []


def test_a_contract_is_asked_for_three_months_before_it_begins() -> None:
    coming = contract(version("2026-12-01", services={"portal": PORTAL}, timezone=PARIS))

    asked = list(signals_for(MAIN, {"acme": coming}, PACKS, now=NOW))

    assert {a.since for a in asked} == {paris("2026-12-01 00:00") - 92 * DAY}
