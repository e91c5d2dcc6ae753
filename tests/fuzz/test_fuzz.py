"""A short campaign of mutated exports; ``make fuzz`` runs the long one (docs/proofs.md)."""

from __future__ import annotations

from pathlib import Path

from fuzz.seeds import PROFILES, seeds
from fuzz.trial import Bench, file_of

CAMPAIGN, FILES = 7, 400


def test_mutated_exports_are_refused_or_every_row_is_accounted_for(tmp_path: Path) -> None:
    bench = Bench(tmp_path)

    outcomes = {number: bench.attempt(CAMPAIGN, number) for number in range(FILES)}

    bench.close()
    assert {number: o.fault for number, o in outcomes.items() if o.fault} == {}
    assert sum(o.is_counted for o in outcomes.values()) > FILES / 4
    assert sum(not o.is_taken for o in outcomes.values()) > FILES / 4


def test_every_shipped_profile_has_a_seed_in_a_format_it_reads() -> None:
    assert {seed.profile for seed in seeds()} == {path.stem for path in PROFILES.glob("*.yml")}


def test_a_number_names_the_same_file_each_time() -> None:
    files = [file_of(CAMPAIGN, number) for number in range(30)]

    assert files == [file_of(CAMPAIGN, number) for number in range(30)]
    assert len({content for _, content in files}) > 25
