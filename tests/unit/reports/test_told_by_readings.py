"""Figures of the page are those of the readings: nothing is counted a second time from the lines behind them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from kpi_agent.domain.calendar import ALWAYS
from kpi_agent.domain.contract import Contract, Planned, Scope, ServiceTerms
from kpi_agent.domain.evaluation import Commitment, Evaluation, Outage, Outcome, Segment
from kpi_agent.domain.reading import Reading
from kpi_agent.domain.time import DAY, HOUR, MINUTE, Interval
from kpi_agent_reports.plain import render_plain
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.view import ReportView, Table, Topic
from sample_contract import NOW, OCTOBER, paris
from sample_edges import quiet
from sample_month import document_of, october


def view_of(evaluation: Evaluation, language: str = "en", contract: Contract | None = None) -> ReportView:
    return build_view(document_of(evaluation, contract or october()[1]), language)


def topic(view: ReportView, name: str) -> Topic:
    return next(t for t in (*view.topics, *view.annexes) if t.id == name)


def cells(table: Table) -> list[list[str]]:
    return [[cell.text.replace("\u00a0", " ") for cell in row] for row in table.rows]


def changed(evaluation: Evaluation, indicator: str, **fields: Any) -> Evaluation:
    """Return the evaluation with the readings of an indicator replaced, those of its commitments too."""

    def one(reading: Reading) -> Reading:
        return replace(reading, **fields) if reading.indicator == indicator else reading

    return replace(
        evaluation,
        readings=tuple(one(r) for r in evaluation.readings),
        commitments=tuple(replace(c, reading=one(c.reading)) for c in evaluation.commitments),
    )


def only(evaluation: Evaluation, objective: str, outcome: Outcome, **fields: Any) -> Evaluation:
    kept = next(c for c in evaluation.commitments if c.objective.id == objective)
    return replace(evaluation, commitments=(replace(kept, outcome=outcome, reserve=None, **fields),))


@pytest.mark.parametrize(("value", "coverage"), [(None, Fraction(0)), (Fraction(138), Fraction(94, 100))])
def test_counts_without_enough_data_are_not_measured_and_never_zero(value: Fraction | None, coverage: Fraction) -> None:
    evaluation = october()[0]
    for indicator in ("volume", "backlog"):
        evaluation = changed(evaluation, indicator, value=value, coverage=coverage)

    view = view_of(evaluation)

    assert (view.cards[0].figure, view.cards[0].note.split(",")[0]) == ("○", "not measured")
    incidents, backlog = topic(view, "incidents"), topic(view, "backlog")
    assert incidents.lead == "How many incidents were opened and resolved was not measured."
    assert {(r[1].glyph, r[1].text) for r in incidents.tables[0].rows} == {("○", "not measured")}
    assert backlog.lead == "How many incidents are open was not measured."
    assert [t.caption for t in backlog.tables if t.caption.startswith("From the start")] == []


def test_the_columns_by_priority_add_up_to_the_headline_though_the_lines_do_not() -> None:
    evaluation = october()[0]
    reopened = next(t for t in evaluation.tickets if t.ticket.priority == "P1")

    topics = topic(view_of(replace(evaluation, tickets=(*evaluation.tickets, reopened))), "incidents")

    assert topics.lead == "138 incidents were opened, 133 were resolved."
    assert [sum(int(r[n]) for r in cells(topics.tables[0])) for n in (1, 2)] == [138, 133]


def test_incidents_of_a_priority_that_the_contract_does_not_name_are_what_is_left_of_all() -> None:
    evaluation = october()[0]
    nameless = tuple(
        replace(t, ticket=replace(t.ticket, priority=None)) if t.ticket.priority == "P3" else t
        for t in evaluation.tickets
    )
    readings = tuple(r for r in evaluation.readings if (r.indicator, r.scope.priority) != ("volume", "P3"))

    table = topic(view_of(replace(evaluation, tickets=nameless, readings=readings)), "incidents").tables[0]

    assert cells(table)[-1][:3] == ["without priority", "74", "70"]


def counted_maintenance() -> Evaluation:
    """October with planned maintenance counted: 40 min of it down, 26 min beside it."""
    evaluation, contract = october()
    lost, whole = 66 * MINUTE, 700 * HOUR
    service = ServiceTerms("portail", "main", "up", ALWAYS, planned=Planned.COUNTED)
    version = replace(contract.latest, services={"portail": service})
    evaluation = changed(evaluation, "availability", numerator=whole - lost, denominator=whole,
                         value=Fraction(whole - lost, whole))  # fmt: skip
    return replace(evaluation, segments=(Segment(version, OCTOBER.interval),))


def test_the_downtime_said_is_what_the_percentage_loses() -> None:
    view = view_of(counted_maintenance())
    availability = topic(view, "availability")

    assert next(c.note for c in view.cards if c.anchor == "availability") == "1\u00a0h\u00a06\u00a0min down"
    assert next(r.value_note for r in view.commitments if "portail" in r.name) == "1\u00a0h\u00a06\u00a0min down"
    assert availability.lead == "1 service measured, 1\u00a0h\u00a06\u00a0min down. Not measured: api."
    assert [r[4] for r in cells(availability.tables[0])] == ["3 min", "1 h 6 min"]


def test_time_not_observed_that_counts_as_down_is_not_called_an_outage() -> None:
    evaluation = october()[0]
    found = next(r for r in evaluation.readings if r.indicator == "availability")
    assert found.numerator is not None
    worse = found.numerator - 3 * HOUR
    view = view_of(changed(evaluation, "availability", numerator=worse, reasons=("unknown_counts_down",)))

    assert next(c.note for c in view.cards if c.anchor == "availability").endswith("down or not observed")
    assert cells(topic(view, "availability").tables[0])[1][3:5] == ["3 h", "26 min"]


def test_an_outage_outside_service_hours_does_not_explain_a_missed_figure() -> None:
    evaluation = october()[0]
    night = Outage("portail", Interval(paris("2026-10-18 01:00"), paris("2026-10-18 07:00")), is_planned=False)
    evaluation = only(replace(evaluation, outages=(*evaluation.outages, night)), "portail", Outcome.MISSED)

    view = view_of(evaluation)
    availability = topic(view, "availability")

    assert "2 outages, the longest 22\u00a0min on 14\u00a0October" in view.verdict[1].text
    assert cells(availability.tables[0])[1][-2:] == ["2", "22 min"]
    assert ["portail", "18 Oct 01:00", "6 h", "outside service hours, not counted"] in cells(availability.tables[1])


def test_a_planned_outage_that_counts_stands_among_those_that_count() -> None:
    evaluation = october()[0]
    planned = next(o for o in evaluation.outages if o.is_planned)
    found = next(r for r in evaluation.readings if r.indicator == "availability")
    evidence = (*found.evidence, f"{planned.span.start}-{planned.span.end}")
    details = {**found.details, "outages": 3, "longest": 40 * MINUTE}

    view = view_of(changed(evaluation, "availability", evidence=evidence, details=details))
    table = topic(view, "availability").tables[1]

    assert cells(table)[0] == ["portail", "27 Oct 22:30", "40 min", "planned, counted"]


def test_a_past_month_is_judged_where_it_ends_though_more_is_known_since() -> None:
    evaluation = october()[0]
    late = next(t for t in evaluation.tickets if t.ticket.id == "INC-4752")
    due_later = replace(
        late,
        ticket=replace(late.ticket, id="INC-5000", opened=OCTOBER.end - HOUR),
        resolution=replace(late.resolution, start=OCTOBER.end - HOUR, deadline=OCTOBER.end + HOUR,
                           decided=OCTOBER.end + HOUR),
    )  # fmt: skip
    done_later = replace(late, resolution=replace(late.resolution, done=NOW - HOUR, elapsed=40 * HOUR))
    tickets = tuple(done_later if t is late else t for t in evaluation.tickets)
    view = view_of(replace(evaluation, tickets=(*tickets, due_later)))

    rows = {r[0].text: r[5].note for r in topic(view, "backlog").tables[-1].rows}
    assert (rows["INC-4752"], rows["INC-5000"]) == ("passed", "")
    worst = {r[0]: r[-1] for r in cells(topic(view, "incidents").tables[1])}
    assert worst["INC-4752"] == "still open"


def test_an_incident_reopened_late_stands_once_among_the_open_ones() -> None:
    evaluation = october()[0]
    late = next(t for t in evaluation.tickets if t.ticket.id == "INC-4752")
    first = replace(late, resolution=replace(late.resolution, done=late.ticket.opened + HOUR))
    again = replace(late, resolution=replace(late.resolution, start=late.ticket.opened + 3 * HOUR))
    tickets = tuple(t for t in evaluation.tickets if t is not late)

    table = topic(view_of(replace(evaluation, tickets=(*tickets, first, again))), "backlog").tables[-1]

    assert [r[0] for r in cells(table)].count("INC-4752") == 1


@pytest.mark.parametrize(
    ("outcome", "english", "french"),
    [
        (Outcome.NO_DATA, "The one commitment could not be measured.", "Le seul engagement n’a pas pu être mesuré."),
        (Outcome.AT_RISK, "The one commitment is at risk.", "Le seul engagement est à risque."),
    ],
)
def test_one_promise_that_is_not_missed_is_not_called_broken(outcome: Outcome, english: str, french: str) -> None:
    evaluation = only(october()[0], "gti-p1", outcome)

    assert view_of(evaluation).verdict[0].text == english
    assert view_of(evaluation, "fr").verdict[0].text == french


def halves() -> Evaluation:
    """October under two contract versions, the second from the 11th until the 25th, and the whole's own reading."""
    evaluation, contract = october()
    start, middle, end = (paris(f"2026-10-{day} 00:00") for day in ("05", "11", "26"))
    spans = (Interval(start, middle), Interval(middle, end))
    promised = next(c for c in evaluation.commitments if c.objective.id == "gtr-p2")
    first, second = (
        replace(promised.reading, numerator=good, denominator=of, n=of, value=Fraction(good, of))
        for good, of in ((9, 10), (30, 40))
    )
    first = replace(first, evidence=())
    whole = replace(promised.reading, numerator=39, denominator=50, n=50, value=Fraction(39, 50))
    rest = tuple(r for r in evaluation.readings if (r.indicator, r.scope) != (whole.indicator, whole.scope))
    return replace(
        evaluation,
        segments=tuple(Segment(contract.latest, span) for span in spans),
        commitments=(
            Commitment(promised.objective, first, Outcome.MET, segment=0),
            Commitment(promised.objective, second, Outcome.MISSED, segment=1),
        ),
        readings=(first, second, *rest, whole),
    )


def test_a_contract_that_begins_and_ends_inside_the_period_says_from_when_it_counts() -> None:
    shown = view_of(halves()).subheading.replace("\u00a0", " ")

    assert "counted from 5 October · counted until the end of 25 October" in shown


def test_commitments_of_two_segments_with_one_name_carry_their_days() -> None:
    names = [r.name.replace("\u00a0", " ") for r in view_of(halves()).commitments]

    assert names == ["Resolution P2 (5 Oct to 10 Oct)", "Resolution P2 (11 Oct to 25 Oct)"]


def test_the_breaches_told_of_a_commitment_are_those_of_its_segment() -> None:
    evaluation = halves()
    first = replace(evaluation.commitments[0], outcome=Outcome.MISSED)

    missed = view_of(replace(evaluation, commitments=(first,))).verdict[1].text

    assert "breach" not in missed
    assert "7 breaches" in view_of(evaluation).verdict[1].text


def test_the_breaches_told_of_an_unchanged_commitment_are_those_of_the_whole_period() -> None:
    evaluation, contract = october()
    days = [paris(f"2026-10-{day} 00:00") for day in ("01", "20")] + [paris("2026-11-01 00:00")]
    spans = [Interval(*edges) for edges in pairwise(days)]
    amended = replace(
        evaluation,
        segments=tuple(Segment(contract.latest, span) for span in spans),
        commitments=tuple(replace(c, segment=1) for c in evaluation.commitments),
    )

    assert "8 breaches, 5 of them opened on 14" in view_of(amended).verdict[1].text


def test_a_miss_of_recurrence_that_was_hardly_observed_says_so_on_both_pages() -> None:
    evaluation = only(october()[0], "recurrence", Outcome.MISSED)
    view = view_of(changed(evaluation, "recurrence_rate", coverage=Fraction(9, 10)))

    assert view.commitments[0].value_note.endswith("observed: 90%")
    assert topic(view, "recurrence").lead.endswith("had an earlier one. Observed: 90%.")


def test_the_tables_of_the_whole_period_show_its_own_reading() -> None:
    row = topic(view_of(halves()), "incidents").tables[0].rows[1]

    assert row[4].note.startswith("39 of 50")


def test_a_miss_whatever_was_not_observed_shows_one_figure_with_its_mark_everywhere() -> None:
    evaluation = october()[0]
    thin = replace(
        next(c.reading for c in evaluation.commitments if c.objective.id == "gtr-p2"), coverage=Fraction(9, 10)
    )
    missed = only(evaluation, "gtr-p2", Outcome.MISSED, reading=thin, why=("missed_at_best",))
    view = view_of(replace(missed, readings=(thin, *evaluation.readings[8:11], *evaluation.readings[20:])))

    assert (view.commitments[0].value, view.commitments[0].value_note) == ("86.2%", "50\u00a0of\u00a058, observed: 90%")
    row = topic(view, "incidents").tables[0].rows[1]
    assert (row[4].text, row[4].note.replace("\u00a0", " ")) == ("86.2%", "50 of 58, ≤ 8 h, observed: 90%")


def test_evidence_is_told_in_local_times_and_words() -> None:
    evaluation = october()[0]
    patched = next(c for c in evaluation.commitments if c.objective.id == "patch")
    unseen = replace(patched, reading=replace(patched.reading, evidence=("db-old", "unknown:mail02")))
    view = view_of(replace(evaluation, commitments=(unseen, evaluation.commitments[6])), "fr")
    table = next(t for t in topic(view, "annex-b").tables if t.caption.startswith("Ce sur quoi"))

    assert [r[-1] for r in cells(table)] == [
        "db-old, non observé : mail02",
        "14 oct. 9 h 12 – 14 oct. 9 h 34, 21 oct. 15 h 00 – 21 oct. 15 h 04",
    ]


def test_no_data_from_an_export_without_holds_says_that_too_little_was_observed_and_tells_the_holds_once() -> None:
    evaluation = october()[0]
    thin = replace(next(c.reading for c in evaluation.commitments if c.objective.id == "gtr-p2"),
                   coverage=Fraction(1, 2), reasons=("holds_unknown",))  # fmt: skip
    unknown = only(evaluation, "gtr-p2", Outcome.NO_DATA, reading=thin, why=("holds_unknown", "coverage_short"))
    view = view_of(unknown)
    table = next(t for t in topic(view, "annex-b").tables if t.caption.startswith("What each"))

    assert view.commitments[0].missing == "not enough observed"
    assert [r[-1].note for r in table.rows] == ["holds not told by the export, none deducted"]


def test_a_family_without_words_has_one_title() -> None:
    evaluation = october()[0]
    families = (replace(evaluation.families[0], words=()),)

    assert cells(topic(view_of(replace(evaluation, families=families), "fr"), "recurrence").tables[0])[0][0] == (
        "le même titre"
    )


def test_a_small_count_is_said_once_in_plain_text() -> None:
    evaluation, contract = october()
    reading = replace(evaluation.commitments[0].reading, numerator=None, denominator=None, n=3)
    text = render_plain(document_of(only(evaluation, "gti-p1", Outcome.MET, reading=reading), contract))

    assert "n\u00a0=\u00a03\u00a0: pas de tendance" in text.replace("\n    ", " ")
    assert "n\u00a0=\u00a03;" not in text


def test_a_restore_slower_than_its_rto_is_marked() -> None:
    evaluation, contract = october()
    document = document_of(evaluation, contract)
    for backup in document["backups"]:
        backup["rto"] = 2 * HOUR
    table = topic(build_view(document, "en"), "backups").tables[0]

    marks = {r[0].text: (r[5].glyph, r[5].note.replace("\u00a0", " ")) for r in table.rows}
    assert marks["fichiers"] == ("■", "over its RTO of 2 h")
    assert marks["ldap"] == ("", "RTO 2 h")


def test_a_quiet_month_that_was_not_observed_does_not_claim_that_nothing_is_open() -> None:
    evaluation, contract = quiet()
    nothing = replace(evaluation.readings[0], scope=Scope(), value=None, coverage=Fraction(0))
    blind = tuple(replace(nothing, indicator=name, details={"end": 0, "opened": 0}) for name in ("volume", "backlog"))

    view = view_of(replace(evaluation, readings=(*evaluation.readings, *blind)), "fr", contract)

    assert topic(view, "backlog").lead == "Le nombre d’incidents ouverts n’a pas été mesuré."
    assert view.cards[0].figure == "○"


def test_days_before_and_after_the_contract_are_not_days_to_come() -> None:
    evaluation = halves()
    strip = topic(view_of(evaluation), "availability").strips[1]

    assert {c.title.split(", ")[1] for c in (*strip.cells[:4], *strip.cells[25:])} == {"contract not in force"}
    assert evaluation.segments[-1].span.end - evaluation.segments[0].span.start == 21 * DAY + HOUR
