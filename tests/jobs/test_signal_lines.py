"""What several packs and several servers tell of one signal (indicators.md §5)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from builders import line
from kpi_agent.domain.source import QueryPack, Signal
from kpi_agent.domain.timeline import Timeline
from kpi_agent.jobs.signal_lines import Told, wanted

Stretch = tuple[str, str, int]

FRESH = Signal("package_data_fresh", "mtime", "instance")
CACHE = Signal("package_cache_fresh", "cache", "instance")
PENDING = Signal(
    "security_pending", "pending", "instance", fresh=("package_data_fresh", "package_cache_fresh"), is_absence_zero=True
)
REBOOT = Signal("reboot_required", "reboot", "instance", fresh=("package_data_fresh",))
NODE = QueryPack("node", (PENDING, FRESH, CACHE, REBOOT))
WINDOWS = QueryPack("windows", (replace(PENDING, fresh=("package_data_fresh",)), FRESH))
YUM = QueryPack("yum", (FRESH, replace(REBOOT)))

DAY = ("2026-10-01 00:00", "2026-10-02 00:00")


def told(*packs: QueryPack, **servers: dict[str, dict[str, Timeline]]) -> Told:
    return Told(servers, packs)


def one_day(value: int) -> Timeline:
    return line((*DAY, value))


def test_what_is_not_exported_is_zero_while_the_data_are_fresh_and_unknown_otherwise() -> None:
    fresh = line(("2026-10-01 00:00", "2026-10-01 12:00", 1), ("2026-10-01 12:00", "2026-10-02 00:00", 0))
    seen = told(NODE, main={"node/package_data_fresh": {"web1": fresh}})

    assert seen.lines("security_pending") == {"web1": line(("2026-10-01 00:00", "2026-10-01 12:00", 0))}
    assert seen.lines("reboot_required") == {"web1": Timeline()}


def test_package_lists_that_are_old_make_the_count_unknown_and_lists_of_unknown_age_do_not() -> None:
    stale = line(("2026-10-01 06:00", "2026-10-01 18:00", 0), ("2026-10-01 18:00", "2026-10-02 00:00", 1))
    seen = told(
        NODE,
        main={
            "node/security_pending": {"web1": one_day(3), "web2": one_day(3)},
            "node/package_data_fresh": {"web1": one_day(1), "web2": one_day(1)},
            "node/package_cache_fresh": {"web1": stale},
            "node/reboot_required": {"web1": one_day(1)},
        },
    )

    assert seen.lines("security_pending") == {
        "web1": line(("2026-10-01 00:00", "2026-10-01 06:00", 3), ("2026-10-01 18:00", "2026-10-02 00:00", 3)),
        "web2": one_day(3),
    }
    assert seen.lines("reboot_required") == {"web1": one_day(1), "web2": Timeline()}


def test_a_count_without_any_word_of_its_age_is_not_believed() -> None:
    seen = told(NODE, main={"node/security_pending": {"web1": one_day(0)}})

    assert seen.lines("security_pending") == {"web1": Timeline()}
    assert list(seen.sightings()) == ["web1"]


def test_fresh_data_of_one_family_prove_nothing_about_the_counts_of_another() -> None:
    """A yum host has no count of security updates; that its script runs does not make it patched."""
    seen = told(NODE, YUM, main={"yum/package_data_fresh": {"alma1": one_day(1)}})

    assert seen.lines("security_pending") == {}
    assert list(seen.sightings()) == ["alma1"]


def test_packs_tell_of_different_hosts_and_a_reboot_is_believed_by_the_pack_of_its_host() -> None:
    reboot = {"web1": one_day(0), "alma1": one_day(1)}
    seen = told(
        NODE,
        YUM,
        main={
            "node/package_data_fresh": {"web1": one_day(1)},
            "node/reboot_required": reboot,
            "yum/package_data_fresh": {"alma1": one_day(1)},
            "yum/reboot_required": reboot,
        },
    )

    assert seen.lines("reboot_required") == {"alma1": one_day(1), "web1": one_day(0)}


def test_of_two_replicas_known_beats_unknown_and_the_worse_counts_where_they_disagree() -> None:
    morning, evening = ("2026-10-01 00:00", "2026-10-01 12:00"), ("2026-10-01 06:00", "2026-10-02 00:00")
    one: dict[str, Any] = {
        "node/security_pending": {"web1": line((*morning, 2))}, "node/package_data_fresh": {"web1": line((*morning, 1))}
    }  # fmt: skip
    other: dict[str, Any] = {
        "node/security_pending": {"web1": line((*evening, 0))}, "node/package_data_fresh": {"web1": line((*evening, 1))}
    }  # fmt: skip

    found = told(NODE, main=one, twin=other).lines("security_pending")

    assert found == {
        "web1": line(("2026-10-01 00:00", "2026-10-01 12:00", 2), ("2026-10-01 12:00", "2026-10-02 00:00", 0))
    }


def test_a_replica_that_calls_data_stale_is_believed() -> None:
    one = {"node/security_pending": {"web1": one_day(0)}, "node/package_data_fresh": {"web1": one_day(1)}}
    other = {"node/package_data_fresh": {"web1": one_day(0)}}

    assert told(NODE, main=one, twin=other).lines("security_pending") == {"web1": Timeline()}


def test_a_host_is_sighted_by_the_first_of_anything_that_was_observed_of_it() -> None:
    seen = told(
        NODE,
        YUM,
        main={
            "node/security_pending": {"web1": line(("2026-10-01 03:00", "2026-10-02 00:00", 1)), "web2": Timeline()},
            "node/package_data_fresh": {"web1": line(("2026-10-01 02:00", "2026-10-02 00:00", 0))},
        },
        twin={"node/reboot_required": {"web1": line(("2026-10-01 01:00", "2026-10-02 00:00", 0))}},
    )

    assert seen.sightings() == {"web1": line(("2026-10-01 01:00", "2026-10-02 00:00", 0)).runs[0].start}


def test_the_lines_that_figures_need_are_loaded_with_those_that_they_are_believed_by() -> None:
    assert list(dict.fromkeys(wanted([NODE]))) == [
        "node/security_pending",
        "node/package_data_fresh",
        "node/package_cache_fresh",
        "node/reboot_required",
    ]
    assert list(wanted([QueryPack("own", (Signal("load", "node_load1", "instance"),))])) == []
