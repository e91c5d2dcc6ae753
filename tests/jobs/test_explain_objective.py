"""What ``explain`` says of an objective: each thing behind its fraction, once, under what became of it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from builders import at_least, at_most, contract, desk, month, objective, paris, ticket, version
from kpi_agent.domain.contract import Comparison, Contract, ObjectiveWindow, Scope, Target, TargetUnit
from kpi_agent.domain.facts import Facts
from kpi_agent.domain.measure import measure
from kpi_agent.domain.ticket import Reopening, State
from kpi_agent.domain.verdict import Verdict
from kpi_agent.jobs.explain.answers_json import objective_json
from kpi_agent.jobs.explain.explainer import ObjectiveAnswer
from kpi_agent.jobs.explain.objective import ObjectiveExplanation, explain_objective
from kpi_agent.jobs.explain.objective_text import objective_lines
from kpi_agent.jobs.explain.ticket import explain_ticket, memberships

NOW = paris("2026-11-03 07:00")
DEAL = contract(
    objectives=(
        objective("resolve_in_time", at_least("95%"), scope=Scope(priority="P1")),
        objective("time_to_resolve", at_most("4h"), statistic="median"),
    )
)
FEW = Target(Comparison.AT_MOST, Fraction(9), TargetUnit.COUNT, "<= 9")
KNOWN = desk(
    ticket("2026-10-05 10:00", "2026-10-05 12:00", id="MET"),
    ticket("2026-10-06 10:00", "2026-10-06 18:00", id="LATE"),
    ticket("2026-10-07 10:00", "2026-10-07 11:00", id="OTHER", priority="P2"),
    ticket("2026-11-02 10:00", "2026-11-02 11:00", id="NEXT"),
    ticket("2026-11-03 06:00", id="TOMORROW"),
)


def parts(deal: Contract, facts: Facts, name: str) -> tuple[ObjectiveExplanation, ...]:
    return explain_objective(deal, measure(deal, month("2026-10"), facts, now=NOW), facts, name)


def ids(part: ObjectiveExplanation, verdict: Verdict) -> list[str]:
    return [j.subject for j in part.judged[verdict]]


def test_the_fraction_is_the_tickets_listed() -> None:
    (part,) = parts(DEAL, KNOWN, "resolve_in_time")
    reading = part.commitment.reading

    assert (ids(part, Verdict.MET), ids(part, Verdict.BREACHED)) == (["MET"], ["LATE"])
    assert (reading.numerator, reading.denominator) == (1, 2)
    assert part.judged[Verdict.RUNNING] == []


def test_a_statistic_lists_what_was_timed() -> None:
    (part,) = parts(DEAL, KNOWN, "time_to_resolve")

    assert [j.subject for j in part.timed] == ["MET", "LATE", "OTHER"]
    assert part.commitment.reading.n == 3


def test_counts_name_the_tickets_that_they_count() -> None:
    deal = contract(objectives=(objective("volume", FEW), objective("backlog", FEW)))
    known = desk(
        ticket("2026-09-20 10:00", "2026-10-06 18:00", id="OLD"),
        ticket("2026-10-05 10:00", "2026-10-05 12:00", id="DONE"),
        ticket("2026-10-06 10:00", closed="2026-10-06 11:00", state=State.CANCELLED, id="NONE"),
        ticket("2026-10-07 10:00", id="OPEN"),
        ticket("2026-11-02 10:00", id="NEXT"),
        replace(
            ticket("2026-10-08 10:00", "2026-10-20 12:00", id="AGAIN"),
            reopenings=(Reopening(paris("2026-10-08 12:00"), paris("2026-10-19 10:00")),),
        ),
    )

    (volume,), (backlog,) = parts(deal, known, "volume"), parts(deal, known, "backlog")

    assert volume.counted == {
        "opened": ("DONE", "NONE", "OPEN", "AGAIN"),
        "resolved": ("OLD", "DONE", "AGAIN", "AGAIN"),
        "reopened": ("AGAIN",),
        "withdrawn": ("NONE",),
        "lost": (),
    }
    assert volume.commitment.reading.details == {name: len(ids) for name, ids in volume.counted.items()}
    text = list(objective_lines(ObjectiveAnswer(deal, (volume,), None), "Volume."))
    assert [line.split() for line in text if " opened" in line] == [["opened:", "4"]]
    assert backlog.counted == {"open at the end": ("OPEN",)}
    assert backlog.commitment.reading.value == 1


def test_a_share_of_occurrences_names_each_by_its_first_incident() -> None:
    deal = contract(objectives=(objective("recurrence_rate", at_least("0%")),))
    known = desk(*(
        ticket(f"2026-10-{day} 10:00", f"2026-10-{day} 12:00", id=name, title=title, category="Mail", service="mail")
        for day, name, title in (("02", "A", "Queue full"), ("05", "B", "Queue full"), ("09", "C", "Certificate old"))
    ))  # fmt: skip

    (part,) = parts(deal, known, "recurrence_rate")

    assert part.counted == {
        "recurrent occurrences, each by its first incident": ("B",),
        "other occurrences, each by its first incident": ("A", "C"),
    }
    assert (part.commitment.reading.numerator, part.commitment.reading.denominator) == (1, 3)


def test_an_objective_that_was_not_promised_has_nothing_behind_it() -> None:
    assert parts(DEAL, KNOWN, "none") == ()


def test_text_and_json_tell_the_fraction_and_each_breach() -> None:
    answer = ObjectiveAnswer(DEAL, parts(DEAL, KNOWN, "resolve_in_time"), None)
    text = [" ".join(line.split()) for line in objective_lines(answer, "Resolution in time.")]

    assert "value 1 of 2 = 50%" in text
    assert "LATE done Tue 06 Oct 2026 18:00:00, 8 h" in text
    (told,) = objective_json(answer)["parts"]
    assert [one["ticket"] for one in told["judged"]["breached"]] == ["LATE"]
    assert (told["reading"]["numerator"], told["reading"]["denominator"]) == (1, 2)


def test_a_ticket_names_the_objectives_that_it_counts_in() -> None:
    evaluation = measure(DEAL, month("2026-10"), KNOWN, now=NOW)
    explanation = explain_ticket(DEAL, KNOWN.tickets, "LATE", now=NOW)

    (one,) = memberships(explanation, [evaluation])

    assert (one.objective.id, one.period, one.judgement.verdict) == ("resolve_in_time", "2026-10", Verdict.BREACHED)


def test_a_window_lists_the_tickets_of_its_months() -> None:
    promise = objective("resolve_in_time", at_least("95%"), window=ObjectiveWindow.QUARTER)
    july = desk(
        ticket("2026-06-30 10:00", "2026-06-30 11:00", id="BEFORE"),
        ticket("2026-07-05 10:00", "2026-07-05 11:00", id="JULY"),
        ticket("2026-08-05 10:00", "2026-08-05 18:00", id="AUGUST"),
        ticket("2026-08-31 23:00", "2026-09-01 01:00", id="RUNNING"),
        ticket("2026-09-05 10:00", "2026-09-05 11:00", id="TO_COME"),
    )
    deal = contract(objectives=(promise,))

    (part,) = explain_objective(deal, measure(deal, month("2026-08"), july, now=NOW), july, "resolve_in_time")

    assert (ids(part, Verdict.MET), ids(part, Verdict.BREACHED)) == (["JULY"], ["AUGUST"])
    assert (part.commitment.reading.numerator, part.commitment.reading.denominator) == (1, 2)
    assert ids(part, Verdict.RUNNING) == ["RUNNING"]


def test_what_only_one_version_promises_lists_the_tickets_of_its_stretch() -> None:
    promise = objective("resolve_in_time", at_least("95%"))
    deal = contract(version(), version("2026-10-06", objectives=(promise,)))

    (part,) = parts(deal, KNOWN, "resolve_in_time")

    assert (ids(part, Verdict.MET), ids(part, Verdict.BREACHED)) == (["OTHER"], ["LATE"])
    assert (part.commitment.reading.numerator, part.commitment.reading.denominator) == (1, 2)
