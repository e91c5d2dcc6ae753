from __future__ import annotations

import json
from dataclasses import replace
from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from builders import quick
from integration.store.samples import ticket
from integration.store.test_tickets import FULL
from kpi_agent.store.digest import TALLY_MODULUS, Value, seal, total
from kpi_agent.store.ticket_content import encode

VALUES = st.none() | st.integers() | st.binary() | st.text(st.characters())


@quick
@given(st.lists(VALUES, min_size=1))
def test_a_seal_is_over_the_row_as_compact_json(values: list[Value]) -> None:
    text = json.dumps(["run", *values], separators=(",", ":"), default=bytes.hex)

    assert seal("run", values) == blake2b(text.encode(), digest_size=16).digest()


def test_a_seal_never_changes_from_one_release_to_the_next() -> None:
    assert seal("t", (1, "é\x00\ud800", None, b"\xff")).hex() == "4ac10528baf0e0c5808c510aa0d206e7"


@quick
@given(st.lists(st.binary(min_size=16, max_size=16)))
def test_a_total_adds_the_first_half_of_each_digest(digests: list[bytes]) -> None:
    assert total(iter(digests)) == sum(int.from_bytes(d[:8], "big") for d in digests) % TALLY_MODULUS


def test_a_content_is_compact_json_with_sorted_keys() -> None:
    content = encode(FULL)

    assert content == json.dumps(json.loads(content), sort_keys=True, separators=(",", ":"))


def test_zero_and_false_are_told_apart_from_nothing_and_from_one_another() -> None:
    told = json.loads(encode(ticket("1", reopen_count=0, time_spent=1, desk_met=False, opened=0)))

    assert told == {
        "desk_met": False,
        "kind": "incident",
        "opened": 0,
        "reopen_count": 0,
        "state": "new",
        "time_spent": 1,
    }


def test_many_values_of_a_field_are_each_written_as_they_are() -> None:
    for number in range(3000):
        told = json.loads(encode(replace(FULL, closed=number, title=f"é {number}")))

        assert (told["closed"], told["title"]) == (number, f"é {number}")
