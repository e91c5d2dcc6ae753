from hypothesis import given
from hypothesis import strategies as st

from kpi_agent.domain.words import fold


def test_case_accents_and_kinds_of_space_make_no_difference() -> None:
    assert fold("  Date\u00a0d\u2019OUVERTURE ") == fold("date d'ouverture") == "date d'ouverture"
    assert fold("Priorité") == fold("Priorite\u0301") == "priorite"
    assert fold("Très\u202fhaute\n") == "tres haute"


def test_different_words_stay_different() -> None:
    assert fold("Haute") != fold("Très haute")


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_upper_and_lower_case_fold_alike(text: str) -> None:
    assert fold(text.upper()) == fold(text.upper().lower().upper())
