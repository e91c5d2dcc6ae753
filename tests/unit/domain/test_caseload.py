"""Leaving out tickets that were over before a period changes none of its figures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from builders import contract, desk, measured, quick, request, terms, ticket
from kpi_agent.domain.indicators.case import judge_resolution, judge_response
from kpi_agent.domain.ticket import Reopening, State, Ticket
from kpi_agent.domain.time import DAY, HOUR
from kpi_agent.domain.verdict import Judgement, Verdict

OCTOBER = request().span
DEAL = contract(priorities={"P1": terms("30m", "4h"), "P2": terms("2d", "10d")})
DESK = DEAL.latest.tickets
assert DESK is not None

instants = st.sampled_from([OCTOBER.start, OCTOBER.start - 1, OCTOBER.end]) | st.integers(
    OCTOBER.start - 20 * DAY, OCTOBER.end + 5 * DAY
)


@st.composite
def messy(draw: st.DrawFn) -> Ticket:
    """A ticket as desks leave them: milestones missing, or left over from before a reopening."""
    moments = sorted(draw(st.lists(instants, min_size=1, max_size=6)))
    opened, rest = moments[0], moments[1:]
    some = st.none() | st.sampled_from(moments)
    return ticket(
        opened,
        id="T",
        priority=draw(st.sampled_from(["P1", "P2", None])),
        state=draw(st.sampled_from([State.IN_PROGRESS, State.RESOLVED, State.CLOSED, State.CANCELLED])),
        reopenings=tuple(Reopening(a, b) for a, b in zip(rest[0::2], rest[1::2], strict=False)),
        responded=draw(some),
        resolved=draw(some),
        closed=draw(some),
        updated=draw(some),
        cannot_tell=draw(st.sampled_from([frozenset(), frozenset({"responded"})])),
    )


def decided_in_october(judgements: list[Judgement]) -> list[int]:
    inside = [j.verdict for j in judgements if j.is_decided_in(OCTOBER)]
    return [inside.count(verdict) for verdict in (Verdict.MET, Verdict.BREACHED, Verdict.UNDETERMINED)]


@quick
@given(st.lists(messy(), max_size=6))
def test_the_readings_of_a_month_count_every_ticket_judged_in_it(told: list[Ticket]) -> None:
    asked = request(DEAL)
    facts = desk(*told)
    as_of = asked.window(facts.tickets.newest, facts.tickets.max_age).as_of
    resolutions = [j for t in told for j in judge_resolution(t, DEAL, DESK, as_of=as_of)]
    responses = [judge_response(t, DEAL, DESK, as_of=as_of) for t in told]

    for name, judgements in (("resolve_in_time", resolutions), ("respond_in_time", responses)):
        reading = measured(name, facts, asked)
        met = reading.numerator or 0
        assert [met, reading.n - met, reading.undetermined] == decided_in_october(judgements)
        assert reading.overdue == sum(j.is_overdue_at(OCTOBER) for j in judgements)


def test_the_update_that_bounds_a_reopened_ticket_is_counted_in_its_month() -> None:
    early, late = OCTOBER.start - 2 * DAY, OCTOBER.start - HOUR
    one = ticket(
        early, early + HOUR, updated=OCTOBER.start + HOUR, reopenings=(Reopening(early + HOUR, late),)
    )  # fmt: skip

    assert measured("resolve_in_time", desk(one)).bounded == 1
