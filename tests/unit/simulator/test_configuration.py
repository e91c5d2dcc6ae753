import yaml

from kpi_agent_simulator import Estate
from kpi_agent_simulator.configuration import settings_text
from kpi_agent_simulator.estate import ACME, CONTRACTS, seconds_of
from kpi_agent_simulator.hours import DAY, HOUR, MINUTE


def test_the_settings_name_every_source_and_where_its_files_arrive(estate: Estate) -> None:
    settings = yaml.safe_load(estate.settings.read_text(encoding="utf-8"))

    assert settings["sources"]["main"] == {"type": "prometheus", "url": "http://127.0.0.1:9090", "every": "15m"}
    assert settings["sources"]["desk-acme"]["as_of_pattern"] == "acme-%Y-%m-%dT%H%M.csv"
    assert settings["sources"]["desk-globex"]["timezone"] == "UTC"
    assert {export.source for export in estate.exports} <= settings["sources"].keys()


def test_the_address_and_the_state_directory_are_the_ones_asked_for() -> None:
    settings = yaml.safe_load(settings_text("http://127.0.0.1:19090", "/var/tmp/état"))

    assert settings["sources"]["main"]["url"] == "http://127.0.0.1:19090"
    assert settings["state_dir"] == "/var/tmp/état"


def test_each_contract_promises_what_the_truth_measures(estate: Estate) -> None:
    for path, contract in zip(estate.contracts, CONTRACTS, strict=True):
        text = yaml.safe_load(path.read_text(encoding="utf-8"))
        ids = [objective["id"] for objective in text["objectives"]]
        measured = {
            (reading["indicator"], tuple(reading["scope"].items()))
            for reading in estate.truth["contracts"][contract.id]["2026-10"]["readings"]
        }

        assert text["contract"] == path.stem == contract.id
        assert list(text["scope"]["services"]) == [service.name for service in contract.services]
        assert list(text["priorities"]) == ["P1", "P2", "P3", "P4"]
        assert len(set(ids)) == len(ids)
        for objective in text["objectives"]:
            assert (objective["indicator"], tuple(objective.get("scope", {}).items())) in measured
            assert objective["name"].keys() == {"fr", "en"}


def test_a_retired_host_is_declared_with_its_last_day(estate: Estate) -> None:
    text = yaml.safe_load(estate.contracts[0].read_text(encoding="utf-8"))

    assert {name: str(day) for name, day in text["scope"]["hosts"]["retired"].items()} == {"cache02": "2026-10-12"}


def test_a_working_day_of_a_limit_is_ten_hours() -> None:
    assert seconds_of("30m") == 30 * MINUTE
    assert seconds_of("2d") == 2 * DAY
    assert seconds_of("3wd") == ACME.limits["P3"].resolve_seconds == 30 * HOUR
