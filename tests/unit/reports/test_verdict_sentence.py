"""What page 1 says first, from the evidence alone."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from kpi_agent.domain.contract import ObjectiveWindow
from kpi_agent.domain.evaluation import BackupLine, Commitment, Evaluation, Outcome
from kpi_agent.domain.time import DAY
from kpi_agent_reports.names import objective_name
from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.words import Words
from sample_contract import OCTOBER
from sample_edges import quiet, running
from sample_month import document_of, october


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def phrases(evaluation: Evaluation, language: str = "en") -> list[str]:
    _, contract = october()
    view = build_view(document_of(evaluation, contract), language)
    return [plain(f"{p.lead}{p.text}") for p in view.verdict]


def with_outcomes(*outcomes: Outcome) -> Evaluation:
    evaluation, _ = october()
    found = tuple(Commitment(c.objective, c.reading, o) for c, o in zip(evaluation.commitments, outcomes, strict=False))
    return replace(evaluation, commitments=found)


def test_the_sample_month_in_english() -> None:
    assert phrases(october()[0]) == [
        "5 commitments of 8 are kept (1 with a reserve), 2 are missed and 1 could not be measured.",
        (
            "Not kept: Resolution P2 (86.2% against a target of 90%; 8 breaches, 5 of them opened on 14 October); "
            "Restore tests (75% against a target of 100%; last passed test of set “archives” 118 days ago)."
        ),
        "Not measured: Documents in date (not enough observed, observed: 29%).",
    ]


def test_the_sample_month_in_french() -> None:
    assert phrases(october()[0], "fr") == [
        "5 engagements sur 8 sont tenus (dont 1 sous réserve), 2 ne le sont pas et 1 n’a pas pu être mesuré.",
        (
            "Non tenus : Rétablissement P2 (86,2 % pour une cible de 90 % ; "
            "8 dépassements, dont 5 ouverts le 14 octobre) ; Tests de restauration (75 % pour une cible de 100 % ; "
            "dernière réussite du jeu « archives » il y a 118 jours)."
        ),
        "Non mesurés : Procédures à jour (observation insuffisante, observé à 29 %).",
    ]


MET, MISSED, NONE, IDLE = Outcome.MET, Outcome.MISSED, Outcome.NO_DATA, Outcome.NOTHING_TO_JUDGE


@pytest.mark.parametrize(
    ("outcomes", "english", "french"),
    [
        ((MET,), "The one commitment is kept.", "Le seul engagement est tenu."),
        ((MET, MET), "All 2 commitments are kept.", "Les 2 engagements sont tenus."),
        ((MISSED,), "The one commitment is not kept.", "Le seul engagement n’est pas tenu."),
        ((MISSED, MISSED), "None of the 2 commitments is kept.", "Aucun des 2 engagements n’est tenu."),
        (
            (MISSED, NONE),
            "None of the 2 commitments is kept, 1 is missed and 1 could not be measured.",
            "Aucun des 2 engagements n’est tenu, 1 ne l’est pas et 1 n’a pas pu être mesuré.",
        ),
        (
            (MET, MISSED, IDLE),
            "1 commitment of 2 is kept, 1 is missed and 1 had nothing to judge.",
            "1 engagement sur 2 est tenu, 1 ne l’est pas et 1 était sans objet.",
        ),
        ((IDLE,), "There was nothing to judge in the period.", "Il n’y avait rien à juger dans la période."),
    ],
)
def test_the_first_sentence_agrees_in_number(outcomes: tuple[Outcome, ...], english: str, french: str) -> None:
    evaluation = with_outcomes(*outcomes)

    assert phrases(evaluation)[0] == english
    assert phrases(evaluation, "fr")[0] == french


def test_a_running_month_speaks_of_so_far() -> None:
    view = build_view(document_of(*running(), state="preview"))

    assert view.verdict[0].text == "So far, 1 commitment of 2 is kept and 1 is at risk."
    assert view.score == "1 / 2"


def test_nothing_to_judge_leaves_the_denominator_and_not_measured_stays_in_it() -> None:
    _, contract = october()
    view = build_view(document_of(with_outcomes(MET, NONE, IDLE), contract), "en")

    assert view.score == "1 / 2"
    assert [chip.text for chip in view.tally] == ["1 met", "1 not measured", "1 with nothing to judge"]
    assert build_view(document_of(*quiet())).score == "–"


def test_a_set_that_was_never_tested_comes_first() -> None:
    evaluation, _ = october()
    sets = (*evaluation.backups, BackupLine("mail", None, ()))

    missed = phrases(replace(evaluation, backups=sets))[1]

    assert "set “mail” never tested; last passed test of set “archives” 118 days ago" in missed


def test_more_than_three_old_sets_are_counted_not_listed() -> None:
    evaluation, _ = october()
    sets = tuple(BackupLine(f"set{n}", OCTOBER.end - (100 + n) * DAY, ()) for n in range(5))

    missed = phrases(replace(evaluation, backups=sets))[1]

    assert missed.count("last passed test") == 3
    assert "and 2 more" in missed


def test_breaches_spread_over_the_month_name_no_day() -> None:
    evaluation, _ = october()
    late = {"INC-4720", "INC-4733", "INC-4741", "INC-4752"}
    spread = tuple(t for t in evaluation.tickets if t.resolution.verdict.value != "breached" or t.ticket.id in late)

    missed = phrases(replace(evaluation, tickets=spread))[1]

    assert "; 4 breaches" in missed
    assert "opened on" not in missed


def test_hosts_and_families_are_named_for_their_promises() -> None:
    missed = phrases(with_outcomes(MET, MET, MET, MISSED, MISSED, MET, MISSED))[1]

    assert "most often “disque plein stockage”: 3 occurrences" in missed
    assert "2 hosts overdue: db-old and web3" in missed
    assert "2 outages, the longest 22 min on 14 October" in missed


def test_a_miss_that_stands_whatever_was_not_observed_says_so() -> None:
    evaluation, contract = october()
    first = evaluation.commitments[0]
    reading = replace(first.reading, value=Fraction(1, 2), numerator=3, coverage=Fraction(9, 10))
    missed = Commitment(first.objective, reading, MISSED, why=("missed_at_best",))
    view = build_view(document_of(replace(evaluation, commitments=(missed,)), contract), "en")

    assert "missed even if all that was not observed was good" in view.verdict[1].text


def test_no_sentence_claims_a_cause() -> None:
    causal = {"en": ("because", "due to", "caused"), "fr": ("parce que", "à cause", "en raison", "dû à")}
    for language, words in causal.items():
        text = " ".join(phrases(october()[0], language)).lower()
        assert not [word for word in words if word in text]


def test_a_family_joined_by_its_problem_is_called_by_it() -> None:
    evaluation = with_outcomes(MET, MET, MET, MISSED, MISSED, MET, MISSED)
    family = replace(evaluation.families[0], words=(), problems=("PB-7",))

    missed = phrases(replace(evaluation, families=(family,)))[1]

    assert "most often “problem PB-7”: 3 occurrences" in missed


def test_two_commitments_of_one_name_are_told_apart_by_their_windows() -> None:
    evaluation, _ = october()
    month = next(c for c in evaluation.commitments if c.objective.id == "gtr-p2")
    rolling = replace(month, objective=replace(month.objective, id="q", window=ObjectiveWindow.ROLLING_3))

    missed = phrases(replace(evaluation, commitments=(month, rolling)))[1]

    assert "Resolution P2 (86.2%" in missed
    assert "Resolution P2, over 3 months (86.2%" in missed


@pytest.mark.parametrize(
    ("indicator", "scope", "english", "french"),
    [
        ("volume", {"kind": "request"}, "Tickets opened, requests", "Tickets ouverts, demandes"),
        ("backlog", {"kind": "change", "group": "ops"}, "Backlog ops, changes", "Encours ops, changements"),
        ("volume", {}, "Incidents opened", "Incidents ouverts"),
    ],
)  # fmt: skip
def test_other_kinds_are_not_called_incidents(indicator: str, scope: dict[str, str], english: str, french: str) -> None:
    objective = {"indicator": indicator, "scope": scope, "name": {}, "statistic": None}

    assert [objective_name(objective, Words(language, "Europe/Paris")) for language in ("en", "fr")] == [
        english,
        french,
    ]
