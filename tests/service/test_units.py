"""The unit files against systemd's own judgement and against the code they start."""

import inspect
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from kpi_agent.daemon.service import EXIT_BAD_CONFIGURATION, serve

SYSTEMD = Path(__file__).parents[2] / "systemd"
UNITS = ["kpi-agent.service", "kpi-agent-alert.service"]
MOST_EXPOSED = 1.2  # redis, the best of Debian

needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


def settings(unit: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (SYSTEMD / unit).read_text().splitlines():
        if line and line[0] not in "#[":
            key, _, value = line.partition("=")
            found.setdefault(key, []).append(value)
    return found


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """A copy of the units that starts a program which exists here."""
    for unit in UNITS:
        text = (SYSTEMD / unit).read_text()
        if not Path("/usr/bin/kpi-agent").exists():
            text = text.replace("/usr/bin/kpi-agent", "/bin/true")
        (tmp_path / unit).write_text(text)
    return tmp_path


def said(*command: str | Path) -> str:
    end = subprocess.run(command, capture_output=True, text=True, check=False)
    return end.stdout + end.stderr


@needs_systemd
def test_systemd_has_nothing_to_say_about_the_units(units: Path) -> None:
    # Its exit code is 0 for a mistyped value: only silence counts.
    assert said("systemd-analyze", "verify", "--man=no", *(units / unit for unit in UNITS)) == ""


@needs_systemd
def test_that_silence_means_something(units: Path) -> None:
    unit = units / UNITS[0]
    unit.write_text(unit.read_text().replace("ProtectSystem=strict", "ProtectSystem=strikt"))

    assert "strikt" in said("systemd-analyze", "verify", "--man=no", unit)


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_the_units_are_as_closed_as_the_best_of_debian(units: Path, unit: str) -> None:
    text = said("systemd-analyze", "security", "--offline=true", "--no-pager", units / unit)

    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", text)
    assert exposure is not None, text
    assert float(exposure[1]) <= MOST_EXPOSED, text


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="systemd-sysusers is not installed")
def test_the_user_of_the_unit_is_the_one_that_sysusers_makes() -> None:
    assert (
        "'kpi-agent'"
        in said(
            "systemd-sysusers",
            "--dry-run",
            "--replace=/usr/lib/sysusers.d/kpi-agent.conf",
            SYSTEMD / "sysusers.d/kpi-agent.conf",
        )
        or "kpi-agent:" in Path("/etc/passwd").read_text()
    )
    assert settings("kpi-agent.service")["User"] == ["kpi-agent"]


def test_two_works_in_a_row_may_not_both_hang_but_one_may_take_all_its_time() -> None:
    work_timeout = inspect.signature(serve).parameters["work_timeout"].default
    minutes = int(settings("kpi-agent.service")["WatchdogSec"][0].removesuffix("min"))

    assert work_timeout + 60 < minutes * 60 < 2 * work_timeout


def test_bad_configuration_is_not_tried_again_and_alerts() -> None:
    unit = settings("kpi-agent.service")

    assert unit["RestartPreventExitStatus"] == [str(EXIT_BAD_CONFIGURATION)]
    assert unit["OnFailure"] == ["kpi-agent-alert.service"]
    assert unit["StartLimitIntervalSec"] == ["0"]


def test_the_folders_of_the_state_directory_are_made() -> None:
    rows = [line.split() for line in (SYSTEMD / "tmpfiles.d/kpi-agent.conf").read_text().splitlines()]
    folders = {row[1].removeprefix("/var/lib/kpi-agent").lstrip("/"): row for row in rows if row[0] == "d"}

    assert set(folders) == {"", "inbox", "quarantine", "register", "reports", "backups"}
    assert {row[5] for row in folders.values()} == {"-"}  # nothing is removed by age
