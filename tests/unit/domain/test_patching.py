"""Security patching: episodes, unknown stretches, hosts that leave (indicators.md §5, §6)."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import (
    at_least,
    contract,
    decided,
    fleet,
    limit,
    line,
    measured,
    objective,
    paris,
    quick,
    request,
    span,
    version,
)
from kpi_agent.domain.contract import Contract, HostScope
from kpi_agent.domain.errors import NotFound
from kpi_agent.domain.evaluation import Outcome
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.indicators.patching import HostState, host_lines, host_states, judge_episodes
from kpi_agent.domain.indicators.request import Request
from kpi_agent.domain.time import DAY, HOUR
from kpi_agent.domain.timeline import Run, Timeline
from kpi_agent.domain.verdict import Verdict

Stretch = tuple[str, str, int]
ALL = ("2026-10-01 00:00", "2026-11-01 00:00", 1)


def host(*pending: Stretch, fresh: tuple[Stretch, ...] = (ALL,)) -> tuple[Timeline, Timeline]:
    return line(*pending), line(*fresh)


def park(newest: str = "2026-11-03 00:00", **hosts: tuple[Timeline, Timeline]) -> Facts:
    pending = {name: told for name, (told, _) in hosts.items()}
    return Facts(hosts=fleet(pending, {name: fresh for name, (_, fresh) in hosts.items()}, newest))


def state_of(told: Timeline, fresh: Timeline) -> HostState | None:
    """Return the state of one host, None when it was never sighted."""
    states = host_states(asked(), Facts(hosts=fleet({"web1": told}, {"web1": fresh})))
    return states[0] if states else None


def asked(deal: Contract | None = None, **parts: Any) -> Request:
    return request(deal, **{"limit": limit("14d"), "now": "2026-11-03 07:00"} | parts)


def retired(**when: str) -> Contract:
    return contract(hosts=HostScope("main", "", {name: paris(text) for name, text in when.items()}))


def test_an_episode_lasts_from_the_first_sight_of_pending_to_the_first_of_none() -> None:
    facts = park(
        web1=host(
            ("2026-10-01 00:00", "2026-10-03 00:00", 0),
            ("2026-10-03 00:00", "2026-10-05 00:00", 2),
            ("2026-10-05 00:00", "2026-10-10 00:00", 7),
            ("2026-10-10 00:00", "2026-11-01 00:00", 0),
        )
    )

    (found,) = judge_episodes(asked(), facts)

    assert (found.start, found.done, found.elapsed) == (paris("2026-10-03 00:00"), paris("2026-10-10 00:00"), 7 * DAY)
    assert (found.verdict, found.notes) == (Verdict.MET, ())
    assert measured("patch_in_time", facts, asked()).value == 1


def test_unknown_inside_does_not_end_an_episode() -> None:
    facts = park(
        web1=host(
            ("2026-10-01 00:00", "2026-10-02 00:00", 0),
            ("2026-10-02 00:00", "2026-10-05 00:00", 3),
            ("2026-10-06 00:00", "2026-10-10 00:00", 1),
            ("2026-10-10 00:00", "2026-11-01 00:00", 0),
            fresh=(("2026-10-01 00:00", "2026-10-05 00:00", 1), ("2026-10-06 00:00", "2026-11-01 00:00", 1)),
        )
    )

    (found,) = judge_episodes(asked(), facts)

    assert found.elapsed == 8 * DAY


def test_none_pending_between_two_makes_two_episodes() -> None:
    facts = park(
        web1=host(
            ("2026-10-01 00:00", "2026-10-05 00:00", 3),
            ("2026-10-05 00:00", "2026-10-06 00:00", 0),
            ("2026-10-06 00:00", "2026-10-10 00:00", 1),
        )
    )

    first, second = judge_episodes(asked(), facts)

    assert (first.elapsed, second.elapsed) == (4 * DAY, 4 * DAY)
    assert (first.notes, second.notes) == (("started_before_observation",), ())


def test_absent_with_fresh_data_is_zero_and_with_stale_data_unknown() -> None:
    fresh = line(("2026-10-01 00:00", "2026-10-10 00:00", 1), ("2026-10-10 00:00", "2026-10-20 00:00", 0))

    state = state_of(line(("2026-10-03 00:00", "2026-10-04 00:00", 5)), fresh)

    assert state is not None
    assert state.line == line(
        ("2026-10-01 00:00", "2026-10-03 00:00", 0),
        ("2026-10-03 00:00", "2026-10-04 00:00", 5),
        ("2026-10-04 00:00", "2026-10-10 00:00", 0),
    )
    assert state.coverage(span("2026-10-01 00:00", "2026-10-20 00:00")) == Fraction(9, 19)


def test_a_count_from_stale_data_is_unknown_whatever_it_says() -> None:
    pending, fresh = host(
        ("2026-10-01 00:00", "2026-11-01 00:00", 0), fresh=(("2026-10-01 00:00", "2026-11-01 00:00", 0),)
    )

    state = state_of(pending, fresh)

    assert state is not None
    assert not state.line
    reading = measured("patched_hosts", park(web1=(pending, fresh)), asked())
    assert (reading.value, reading.lowest, reading.highest) == (None, 0, 1)


def test_a_host_never_sighted_has_no_state() -> None:
    assert state_of(Timeline(), Timeline()) is None


def test_a_host_is_in_scope_from_its_first_sighting_and_stays_when_unseen() -> None:
    facts = park(web1=host(fresh=(("2026-10-11 00:00", "2026-10-16 00:00", 1),)))

    reading = measured("patched_hosts", facts, asked())

    assert reading.coverage == Fraction(5 * 24, 21 * 24 + 1)
    assert (reading.n, reading.details) == (0, {"unknown": 1, "hosts": 1})
    assert reading.evidence == ("unknown:web1",)


@pytest.mark.parametrize(
    ("left", "verdict"),
    [
        ("2026-10-10 00:00", Verdict.NOT_JUDGED),
        ("2026-10-15 00:00", Verdict.NOT_JUDGED),
        ("2026-10-15 00:01", Verdict.BREACHED),
    ],
)
def test_retired_by_its_deadline_a_host_is_not_judged_and_later_the_breach_stays(left: str, verdict: Verdict) -> None:
    facts = park(web1=host(("2026-10-01 00:00", "2026-11-01 00:00", 3)))

    (found,) = judge_episodes(asked(retired(web1=left)), facts)

    assert found.verdict is verdict


def test_a_retired_host_is_overdue_no_more() -> None:
    facts = park("2026-12-03 00:00", web1=host(("2026-10-01 00:00", "2026-11-05 00:00", 3)))
    still, gone = contract(), retired(web1="2026-11-05 00:00")

    assert measured("patch_in_time", facts, asked(still, period="2026-11", now="2026-12-03 07:00")).overdue == 1
    assert measured("patch_in_time", facts, asked(gone, period="2026-11", now="2026-12-03 07:00")).overdue == 0


def test_what_is_seen_of_a_host_after_it_retired_does_not_count() -> None:
    facts = park(web1=host(("2026-10-01 00:00", "2026-10-20 00:00", 3), ("2026-10-20 00:00", "2026-11-01 00:00", 0)))

    reading = measured("patch_lag", facts, asked(retired(web1="2026-10-12 00:00")))

    assert reading.n == 0
    assert reading.coverage == 1


def test_a_host_observed_too_little_is_in_no_numerator_but_its_breach_counts() -> None:
    late = host(("2026-10-01 00:00", "2026-10-02 00:00", 3), fresh=(("2026-10-01 00:00", "2026-10-02 00:00", 1),))
    soon = host(
        ("2026-10-01 00:00", "2026-10-02 00:00", 3),
        fresh=(("2026-10-01 00:00", "2026-10-03 00:00", 1),),
    )

    reading = measured("patch_in_time", park(late=late, soon=soon), asked())

    assert (reading.numerator, reading.n, reading.undetermined) == (0, 1, 1)
    assert reading.evidence == ("late",)


def test_lags_are_the_lengths_that_ended_in_the_month_and_the_ages_of_those_open_at_its_end() -> None:
    facts = park(
        ended=host(("2026-10-01 00:00", "2026-10-04 00:00", 1)),
        still=host(("2026-10-30 00:00", "2026-11-01 00:00", 1)),
        clean=host(),
    )

    reading = measured("patch_lag", facts, asked())

    assert (reading.n, reading.details["open"]) == (2, 1)
    assert reading.statistics is not None
    assert (reading.value, reading.statistics.max) == (Fraction(5 * DAY, 2), 3 * DAY)


def test_hosts_are_patched_pending_overdue_or_unknown_at_the_end() -> None:
    facts = park(
        clean=host(),
        fresh=host(("2026-10-20 00:00", "2026-11-01 00:00", 1)),
        late=host(("2026-10-10 00:00", "2026-11-01 00:00", 1)),
        silent=host(fresh=(("2026-10-01 00:00", "2026-10-31 12:00", 1),)),
    )

    lines = {one.host: (one.state, one.pending_since) for one in host_lines(asked(), facts)}
    reading = measured("patched_hosts", facts, asked())

    assert lines == {
        "clean": ("patched", None),
        "fresh": ("pending", paris("2026-10-20 00:00")),
        "late": ("overdue", paris("2026-10-10 00:00")),
        "silent": ("unknown", None),
    }
    assert (reading.numerator, reading.denominator) == (2, 3)
    assert (reading.lowest, reading.highest) == (Fraction(2, 4), Fraction(3, 4))


def test_hosts_of_which_none_is_known_at_the_end_are_no_data_and_not_nothing_to_judge() -> None:
    seen = ("2026-10-01 00:00", "2026-10-31 23:00", 1)
    patched = ("2026-10-01 00:00", "2026-10-31 23:00", 0)
    silent = measured("patched_hosts", park(web1=host(patched, fresh=(seen,))), asked())

    decision = decided(silent, objective("patched_hosts", at_least("90%")))

    assert (silent.value, silent.coverage) == (None, Fraction(744, 745))
    assert (decision.outcome, decision.why) == (Outcome.NO_DATA, ("coverage_short",))


def test_an_episode_exactly_as_old_as_the_limit_is_not_overdue() -> None:
    end = paris("2026-11-01 00:00")
    facts = park(web1=(Timeline.of([Run(end - 14 * DAY, end, Fraction(1))]), host()[1]))

    assert host_lines(asked(), facts)[0].state == "pending"
    assert host_lines(asked(limit=limit("13d")), facts)[0].state == "overdue"


def test_the_limit_is_that_of_the_version_in_force_when_the_episode_began() -> None:
    target = at_least("95%")
    deal = contract(
        version("2026-01-01", objectives=(objective("patch_in_time", target, limit=limit("30d")),)),
        version("2026-10-01", objectives=(objective("patch_in_time", target, limit=limit("14d")),)),
    )
    facts = park(
        web1=host(("2026-09-10 00:00", "2026-11-01 00:00", 1), fresh=(("2026-09-01 00:00", "2026-11-01 00:00", 1),))
    )

    (found,) = judge_episodes(asked(deal), facts)

    assert (found.verdict, found.decided) == (Verdict.BREACHED, paris("2026-10-10 00:00"))
    assert measured("patch_in_time", facts, asked(deal)).value == 0


def test_without_a_limit_or_a_scope_the_question_is_refused() -> None:
    with pytest.raises(NotFound, match="needs a limit"):
        measured("patch_in_time", park(), request())
    with pytest.raises(NotFound, match=r"no scope\.hosts"):
        measured("patched_hosts", park(), request(contract(hosts=None)))


@quick
@given(st.lists(st.none() | st.integers(0, 2), min_size=1, max_size=40))
def test_episodes_are_the_days_pending_read_one_after_the_other(told: list[int | None]) -> None:
    start = paris("2026-10-01 00:00")
    runs = [Run(start + n * HOUR, start + (n + 1) * HOUR, Fraction(v)) for n, v in enumerate(told) if v is not None]
    fresh = Timeline.of(Run(r.start, r.end, Fraction(1)) for r in runs)
    state = state_of(Timeline.of(runs), fresh)
    expected: list[tuple[int, int | None]] = []
    since = None
    for n, value in enumerate(told):
        if value and since is None:
            since = n
        elif value == 0 and since is not None:
            expected.append((since, n))
            since = None
    if since is not None:
        expected.append((since, None))

    found = [] if state is None else list(state.episodes())

    hours = [((e.start - start) // HOUR, None if e.end is None else (e.end - start) // HOUR) for e in found]
    assert hours == expected


def test_a_host_tells_what_is_on_hold_and_whether_it_was_pending_when_first_seen() -> None:
    first, later = ("2026-10-20 00:00", "2026-11-01 00:00", 1), ("2026-10-25 00:00", "2026-11-01 00:00", 1)
    facts = park(
        early=host(first, fresh=(("2026-10-20 00:00", "2026-11-01 00:00", 1),)),
        late=host(later),
        clean=host(),
    )
    held = {
        "early": line(("2026-10-20 00:00", "2026-11-01 00:00", 2)),
        "late": line(("2026-10-01 00:00", "2026-10-31 00:00", 1)),
    }
    facts = replace(facts, hosts=replace(facts.hosts, held=held))

    found = {one.host: (one.is_since_first_seen, one.held) for one in host_lines(asked(), facts)}

    assert found == {"early": (True, 2), "late": (False, None), "clean": (False, None)}


def test_a_host_tells_when_its_system_leaves_support() -> None:
    told = ("2026-10-01 00:00", "2026-11-01 00:00")
    ends = {
        "ended": line((*told, paris("2026-06-30 02:00"))),
        "later": line((*told, paris("2027-06-30 02:00"))),
        "milliseconds": line((*told, 1000 * paris("2027-06-30 02:00"))),
        "zero": line((*told, 0)),
        "before": line(("2026-09-01 00:00", "2026-10-01 00:00", paris("2026-06-30 02:00"))),
    }
    facts = park(**{name: host() for name in (*ends, "silent")})
    facts = replace(facts, hosts=replace(facts.hosts, support_end=ends))

    found = {one.host: one.support_end for one in host_lines(asked(), facts)}

    none = dict.fromkeys(("milliseconds", "zero", "before", "silent"))
    assert found == {"ended": paris("2026-06-30 02:00"), "later": paris("2027-06-30 02:00"), **none}
