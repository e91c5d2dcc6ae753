from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_agent_reports.canonical import canonical_bytes, decimal_text, sha256_of


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(23, 24), "0.958333333333333333"),
        (Fraction(1), "1"),
        (Fraction(0), "0"),
        (Fraction(1, 2), "0.5"),
        (Fraction(2, 3), "0.666666666666666666"),
        (Fraction(-7, 4), "-1.75"),
        (Fraction(1, 10**19), "0"),
        (Fraction(-1, 10**19), "0"),
        (Fraction(123456789), "123456789"),
    ],
)
def test_a_decimal_is_cut_toward_zero_at_18_digits(value: Fraction, text: str) -> None:
    assert decimal_text(value) == text


@given(st.fractions(min_value=-(10**9), max_value=10**9))
def test_a_decimal_is_never_further_from_zero_than_its_value_nor_a_whole_digit_away(value: Fraction) -> None:
    read = Fraction(decimal_text(value))

    assert abs(read) <= abs(value)
    assert abs(value - read) < Fraction(1, 10**18)


def test_bytes_have_sorted_keys_no_spaces_utf_8_and_one_final_newline() -> None:
    assert canonical_bytes({"b": ["é"], "a": None}) == '{"a":null,"b":["é"]}\n'.encode()


def test_the_order_of_keys_does_not_change_the_hash() -> None:
    assert sha256_of({"a": 1, "b": {"c": 2, "d": 3}}) == sha256_of({"b": {"d": 3, "c": 2}, "a": 1})


def test_a_float_is_refused_with_its_place() -> None:
    with pytest.raises(ValueError, match=r"document\.readings\[1\]\.value is the float 0\.5"):
        canonical_bytes({"readings": [{"value": "0.5"}, {"value": 0.5}]})
