import os
from pathlib import Path

import pytest

from kpi_agent.config.load import load_contracts, load_packs, load_profiles, load_settings
from kpi_agent.domain.errors import InvalidConfiguration
from kpi_agent.domain.source import TicketSource
from kpi_agent.domain.time import to_utc_text

SETTINGS = """\
timezone: Europe/Paris
state_dir: state
sources:
  main: {type: prometheus, url: "http://127.0.0.1:9090"}
  desk: {type: tickets, profile: generic, path: "inbox/*.csv"}
"""
OWN = 'profile: generic\ncolumns: {id: [Ref], opened: [Ouvert le]}\ndates: ["%d/%m/%Y %H:%M"]\n'


def contract(name: str, since: str, until: str = "", more: str = "") -> str:
    to = f", to: {until}" if until else ""
    head = f"contract: {name}\ncustomer: ACME SAS\nprovider: Opsline\nlanguage: fr\n"
    return f"{head}effective: {{from: {since}{to}}}\n{more}"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "contracts.d").mkdir()
    (tmp_path / "kpi-agent.yml").write_text(SETTINGS)
    return tmp_path


def write(place: Path, **contracts: str) -> None:
    for name, text in contracts.items():
        (place / "contracts.d" / f"{name}.yml").write_text(text)


def test_settings_and_contracts_of_a_folder(place: Path, shipped: Path) -> None:
    write(place, a=contract("acme", "2026-01-01"), b=contract("globex", "2026-02-01"))

    settings, advice = load_settings(place / "kpi-agent.yml", shipped=shipped, packs=("node", "restore-tests"))
    contracts, problems = load_contracts(settings)

    assert (advice, problems) == ((), ())
    assert list(contracts) == ["acme", "globex"]
    assert settings.state_dir == place / "state"


def test_brackets_in_a_folder_name_mean_themselves(tmp_path: Path, shipped: Path) -> None:
    folder = tmp_path / "kpi [old]"
    (folder / "contracts.d").mkdir(parents=True)
    (folder / "kpi-agent.yml").write_text(SETTINGS)
    write(folder, a=contract("acme", "2026-01-01"))

    assert list(load_contracts(load_settings(folder / "kpi-agent.yml", shipped=shipped, packs=("node",))[0])[0]) == [
        "acme"
    ]


def test_an_own_profile_overrides_the_shipped_one(place: Path, shipped: Path) -> None:
    (place / "profiles").mkdir()
    (place / "profiles" / "ours.yml").write_text(OWN)

    desk = load_settings(place / "kpi-agent.yml", shipped=shipped, packs=("node",))[0].sources["desk"]

    assert isinstance(desk, TicketSource)
    assert desk.profile.columns["id"].aliases == ("Ref",)


def test_every_problem_of_settings_and_profiles_comes_at_once(place: Path, shipped: Path) -> None:
    (place / "profiles").mkdir()
    (place / "profiles" / "ours.yml").write_text(OWN.replace("%Y", ""))
    (place / "kpi-agent.yml").write_text(SETTINGS.replace("Europe/Paris", "Paris") + "webb: {}\n")

    with pytest.raises(InvalidConfiguration) as caught:
        load_settings(place / "kpi-agent.yml", shipped=shipped, packs=("node", "restore-tests"))

    assert [(Path(p.file).name, p.path) for p in caught.value.problems] == [
        ("ours.yml", "dates[0]"),
        ("kpi-agent.yml", "timezone"),
        ("kpi-agent.yml", "webb"),
    ]


def test_two_own_profiles_of_one_name_are_refused(place: Path, shipped: Path) -> None:
    (place / "profiles").mkdir()
    for name in ("a", "b"):
        (place / "profiles" / f"{name}.yml").write_text(OWN)

    _, problems = load_profiles(place / "profiles", shipped=shipped)

    assert [p.message for p in problems] == [
        f"'generic' is the name of {place / 'profiles' / 'a.yml'} too; write another one"
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [("absent.yml", "no such file; write one with `kpi-agent init`"), ("contracts.d", "is a folder, not a file")],
)
def test_a_file_that_is_none_is_a_problem(place: Path, shipped: Path, name: str, words: str) -> None:
    with pytest.raises(InvalidConfiguration, match=words):
        load_settings(place / name, shipped=shipped, packs=("node", "restore-tests"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read_is_a_problem(place: Path, shipped: Path) -> None:
    (place / "kpi-agent.yml").chmod(0)

    with pytest.raises(InvalidConfiguration, match="may not be read by this account"):
        load_settings(place / "kpi-agent.yml", shipped=shipped, packs=("node", "restore-tests"))


def test_no_contract_is_advice(place: Path, shipped: Path) -> None:
    contracts, problems = load_contracts(load_settings(place / "kpi-agent.yml", shipped=shipped, packs=("node",))[0])

    assert contracts == {}
    assert [p.is_advice for p in problems] == [True]


@pytest.mark.parametrize(
    ("privacy", "words"),
    [
        ("", "privacy.key_file is not set"),
        ("{key_file: k.key, people: false}", "privacy.people is false"),
        ("{key_file: k.key}", ""),
    ],
)
def test_an_objective_on_persons_where_none_is_kept_is_advice(
    place: Path, shipped: Path, privacy: str, words: str
) -> None:
    (place / "kpi-agent.yml").write_text(SETTINGS + (f"privacy: {privacy}\n" if privacy else ""))
    share = '  - {id: bus, indicator: single_person_share, target: "<= 50%"}\n'
    write(place, a=contract("acme", "2026-01-01", more=f"scope: {{tickets: {{source: desk}}}}\nobjectives:\n{share}"))

    contracts, problems = load_contracts(load_settings(place / "kpi-agent.yml", shipped=shipped, packs=("node",))[0])

    assert list(contracts) == ["acme"]
    found = [p for p in problems if p.path == "objectives.bus"]
    assert [(p.is_advice, words in p.message) for p in found] == ([(True, True)] if words else [])


def test_a_broken_contract_does_not_stop_the_others(place: Path, shipped: Path) -> None:
    write(place, a=contract("acme", "2026-01-01"), b=contract("globex", "soon"), c="contract: x\n\tbroken")

    contracts, problems = load_contracts(load_settings(place / "kpi-agent.yml", shipped=shipped, packs=("node",))[0])

    assert list(contracts) == ["acme"]
    assert [Path(p.file).name for p in problems] == ["b.yml", "c.yml"]


@pytest.mark.parametrize("broken", [contract("acme", "2026-07-01", more="language: de\n"), "contract: acme\n\tbroken"])
def test_a_broken_version_withholds_its_contract(place: Path, shipped: Path, broken: str) -> None:
    """Going on with the older version alone would extend its terms in silence."""
    write(place, a=contract("acme", "2026-01-01"), b=broken, c=contract("globex", "2026-01-01"))

    contracts, problems = load_contracts(load_settings(place / "kpi-agent.yml", shipped=shipped, packs=("node",))[0])

    assert list(contracts) == ["globex"]
    assert "contract 'acme' is left out: another of its files cannot be used" in [p.message for p in problems]


def test_versions_follow_one_another(place: Path, shipped: Path) -> None:
    write(
        place,
        new=contract("acme", "2026-07-01"),
        old=contract("acme", "2025-01-01", "2025-12-31"),
        middle=contract("acme", "2026-01-01", more="currency: EUR\n"),
    )

    contracts, problems = load_contracts(load_settings(place / "kpi-agent.yml", shipped=shipped, packs=("node",))[0])

    assert problems == ()
    assert [to_utc_text(v.start) for v in contracts["acme"].versions] == [
        "2024-12-31T23:00:00Z",
        "2025-12-31T23:00:00Z",
        "2026-06-30T22:00:00Z",
    ]


@pytest.mark.parametrize(
    ("earlier", "later", "words"),
    [
        (
            ("2026-01-01", "2026-06-29"),
            "2026-07-01",
            "a gap: {a} ends on 2026-06-29, this begins on 2026-07-01; write to: 2026-06-30 there",
        ),
        (
            ("2026-01-01", "2026-07-01"),
            "2026-07-01",
            "an overlap: {a} ends on 2026-07-01, this begins on 2026-07-01; write to: 2026-06-30 there",
        ),
        (("2026-01-01", ""), "2026-01-01", "{a} begins on the same day, 2026-01-01; give each version its own day"),
    ],
)
def test_versions_with_a_gap_or_an_overlap_are_refused(
    place: Path, shipped: Path, earlier: tuple[str, str], later: str, words: str
) -> None:
    write(place, a=contract("acme", *earlier), b=contract("acme", later))

    contracts, problems = load_contracts(load_settings(place / "kpi-agent.yml", shipped=shipped, packs=("node",))[0])

    assert contracts == {}
    assert [p.message for p in problems] == [words.format(a=place / "contracts.d" / "a.yml")]


def test_versions_in_two_zones_are_refused(place: Path, shipped: Path) -> None:
    write(
        place,
        a=contract("acme", "2026-01-01"),
        b=contract("acme", "2026-07-01", more="timezone: Europe/London\n"),
    )

    contracts, problems = load_contracts(load_settings(place / "kpi-agent.yml", shipped=shipped, packs=("node",))[0])

    assert contracts == {}
    assert [p.path for p in problems] == ["timezone"]


def test_a_shipped_pack_that_is_broken_is_refused_with_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "b.yml").write_text("pack: b\nsignals: {up: {query: up or vector(0), key: instance}}\n")

    with pytest.raises(InvalidConfiguration, match=r"b\.yml:2:23: signals\.up\.query"):
        load_packs(Path("/nowhere"), shipped=tmp_path)


def test_a_pack_of_ones_own_takes_the_place_of_the_shipped_one(tmp_path: Path, shipped: Path) -> None:
    (tmp_path / "hosts.yml").write_text("pack: node\nsignals: {mine: {query: up, key: instance}}\n")

    packs, problems = load_packs(tmp_path, shipped=shipped)

    assert problems == ()
    assert [s.name for s in packs["node"].signals] == ["mine"]


@pytest.mark.parametrize(
    ("file", "text"),
    [("hosts.yml", "pack: node\nsignals: {mine: {query: 'up}', key: instance}}\n"), ("node.yml", "pack: [node\n")],
)
def test_a_broken_pack_of_ones_own_is_missing_and_no_shipped_one_stands_in_for_it(
    tmp_path: Path, shipped: Path, file: str, text: str
) -> None:
    (tmp_path / file).write_text(text)

    packs, problems = load_packs(tmp_path, shipped=shipped)

    assert packs["node"].signals == ()
    assert packs["node"].fault == "; ".join(str(p) for p in problems)
    assert file in packs["node"].fault
    assert packs["restore-tests"].fault == ""


def test_a_pack_under_a_name_that_is_not_read_is_advised_on(tmp_path: Path, shipped: Path) -> None:
    (tmp_path / "own.yaml").write_text("pack: own\n")

    packs, problems = load_packs(tmp_path, shipped=shipped)

    assert "own" not in packs
    assert [p.message for p in problems] == ["is not read: the name of a query pack ends in .yml; rename it"]
