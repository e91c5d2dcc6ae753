"""Titles without identities, and their words (indicators.md §4, Families)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_agent.domain.masking import mask, tokens


@pytest.mark.parametrize(
    ("title", "masked"),
    [
        ("Disque plein /var/log sur web01 (92 %)", "disque plein # sur # (# %)"),
        ("DISQUE  PLEIN", "disque plein"),
        ("Réseau coupé à Évry", "reseau coupe a evry"),
        ("srv-db-2.acme.example down", "# down"),
        ("mail.acme.example down", "# down"),
        ("since 2026-10-31 12:30", "since #:#"),
        ("INC0012345: portal", "#: portal"),
        ("call alice@acme.example now", "call # now"),
        ("see https://desk.example/x?y=z.", "see #"),
        (r"C:\Temp\a and \\nas\share", "# and #"),
        ("error 0xdeadbeef deadbeefcafe 550e8400-e29b-41d4-a716-446655440000", "error #"),
        ("l'agent web01 ne répond plus", "l'agent # ne repond plus"),
        ("CPU/RAM trop haut, fin.", "cpu/ram trop haut, fin."),
        ("e.g. a.b", "e.g. a.b"),
        ("", ""),
    ],
)  # fmt: skip
def test_titles_lose_what_identifies(title: str, masked: str) -> None:
    assert mask(title) == masked


@given(st.text(max_size=80))
def test_masking_twice_changes_nothing(title: str) -> None:
    assert mask(mask(title)) == mask(title)


@given(st.text(max_size=80))
def test_no_digit_is_left(title: str) -> None:
    assert not any(c.isdigit() for c in mask(title))


def test_two_alarms_of_one_kind_have_one_title() -> None:
    assert mask("Disk /var 92 % on web01") == mask("disk /srv 100 % on db-2")


def test_words_have_three_letters_and_are_no_stop_words() -> None:
    assert tokens(mask("Le disque de web01 est plein, sur /var"), "fr") == {"disque", "plein"}
    assert tokens(mask("The disk of web01 is full, with no space left"), "en") == {"disk", "full", "space", "left"}


def test_a_language_without_a_list_keeps_every_word() -> None:
    assert tokens("der plattenplatz ist voll", "de") == {"der", "plattenplatz", "ist", "voll"}
