from fractions import Fraction

import pytest

from kpi_agent_simulator.estate import Service
from kpi_agent_simulator.figures import Figure, quantile, statistics
from kpi_agent_simulator.fleet import BOTH, ORDINARY, SECURITY, Count, Host, Scrape
from kpi_agent_simulator.hours import DAY, HOUR, MINUTE, round_the_clock
from kpi_agent_simulator.months import Month
from kpi_agent_simulator.probes import Probe
from kpi_agent_simulator.restores import RestoreGauge, RestoreTest
from kpi_agent_simulator.truth_availability import availability_figures, observed_line, without_short_outages
from kpi_agent_simulator.truth_patching import observe, patch_figures, state_line
from kpi_agent_simulator.truth_restores import restore_figures

MONTH = Month("2026-06", 1_780_264_800, 1_780_264_800 + 720 * HOUR)
PLANNED = (MONTH.start + 100 * HOUR, MONTH.start + 108 * HOUR)
UNPLANNED = (MONTH.start, MONTH.start + HOUR)
NOTHING: tuple[Count, ...] = (("", "", 0),)


def availability(planned: str, *down: tuple[int, int]) -> Figure:
    service = Service("portal", "https://portal.example/", "24x7", "99.9%", planned=planned, is_maintained=True)
    instants = range(MONTH.start, MONTH.end, MINUTE)
    samples = tuple((t, 0 if any(start <= t < end for start, end in down) else 1) for t in instants)
    clocks = {"24x7": round_the_clock(MONTH.start - DAY, MONTH.end + DAY)}
    found = availability_figures(Probe("acme", service, samples), clocks, [PLANNED], [MONTH], (MONTH.start, MONTH.end))
    return found[MONTH.name]


@pytest.mark.parametrize(
    ("planned", "downs", "value"),
    [
        ("excluded", [UNPLANNED], Fraction(711, 712)),
        ("excluded", [UNPLANNED, PLANNED], Fraction(711, 712)),
        ("as_up", [UNPLANNED, PLANNED], Fraction(719, 720)),
        ("counted", [UNPLANNED, PLANNED], Fraction(711, 720)),
    ],
)
def test_eight_planned_hours_count_as_the_contract_says(
    planned: str, downs: list[tuple[int, int]], value: Fraction
) -> None:
    figure = availability(planned, *downs)

    assert figure.numerator is not None
    assert figure.denominator is not None
    assert Fraction(figure.numerator, figure.denominator) == value
    assert (figure.extra["T"], figure.extra["P"], figure.extra["D"]) == (720 * HOUR, 8 * HOUR, HOUR)


def test_the_raw_figure_knows_no_maintenance() -> None:
    figure = availability("excluded", PLANNED)

    assert figure.numerator == figure.denominator == 712 * HOUR
    assert figure.extra["raw"] == [712 * HOUR, 720 * HOUR]


def test_one_missing_sample_is_bridged_and_two_are_a_gap() -> None:
    bridged = observed_line([(0, 1), (120, 0)], 60, (0, 240))
    gap = observed_line([(0, 1), (180, 0)], 60, (0, 300))

    assert bridged == bytes([1] * 120 + [2] * 60 + [0] * 60)
    assert gap == bytes([1] * 60 + [0] * 120 + [2] * 60 + [0] * 60)


def test_the_last_sample_holds_for_one_interval_but_not_beyond_now() -> None:
    assert observed_line([(0, 1), (60, 1)], 60, (0, 90)) == bytes([1] * 90)


def test_a_short_outage_is_dropped_by_its_whole_length_and_the_unknown_ends_it() -> None:
    line = bytearray([1] * 10 + [2] * 90 + [1] * 10 + [2] * 89 + [0] * 5 + [2] * 89 + [1])

    kept = without_short_outages(line, 90)

    assert kept.count(2) == 90
    assert kept.count(0) == 5


def scrapes(first: int, count: int, counts: tuple[Count, ...], age: int = 300) -> list[Scrape]:
    return [Scrape(first + 900 * step, first + 900 * step - age, counts) for step in range(count)]


def test_absent_counts_are_zero_only_while_the_script_is_alive() -> None:
    alive = [*scrapes(0, 2, ((SECURITY, "amd64", 3),)), *scrapes(1800, 1, NOTHING)]
    dead = [Scrape(2700, 2700 - 48 * HOUR - 1, NOTHING)]

    assert state_line([*alive, *dead], (0, 3600)) == bytes([2] * 1800 + [1] * 900 + [0] * 900)


def test_ordinary_updates_do_not_count_and_joined_origins_do() -> None:
    found = [*scrapes(0, 1, ((ORDINARY, "amd64", 9),)), *scrapes(900, 1, ((BOTH, "all", 1),))]

    assert state_line(found, (0, 1800)) == bytes([1] * 900 + [2] * 900)


def host(*found: Scrape, retired: int | None = None) -> Host:
    return Host("acme", "web01", retired, found)


def figures_of(subject: Host) -> dict[str, Figure]:
    months, edges = [MONTH], (MONTH.start, MONTH.end)
    observed = [observe(subject, months, edges)]
    return {figure.indicator: figure for figure in patch_figures(observed, MONTH, MONTH.end)}


def pending_from(day: int, until: int, last: int = 30, silent: range = range(0)) -> list[Scrape]:
    found: list[Scrape] = []
    for step in range(96 * last):
        instant = MONTH.start + 900 * step
        counts: tuple[Count, ...] = ((SECURITY, "amd64", 2),) if 96 * day <= step < 96 * until else NOTHING
        if step not in silent:
            found.append(Scrape(instant, instant - 200, counts))
    return found


def test_silence_inside_an_episode_does_not_end_it() -> None:
    figures = figures_of(host(*pending_from(3, 10, silent=range(96 * 5, 96 * 5 + 48))))

    assert list(figures["patch_lag"].durations) == [7 * DAY]
    assert (figures["patch_in_time"].numerator, figures["patch_in_time"].n) == (1, 1)


def test_a_host_seen_too_little_has_no_met_episode_but_keeps_its_breaches() -> None:
    silent = range(96 * 24, 96 * 28)
    met = figures_of(host(*pending_from(3, 10, silent=silent)))["patch_in_time"]
    breached = figures_of(host(*pending_from(3, 20, silent=silent)))["patch_in_time"]

    assert (met.numerator, met.n, met.undetermined) == (0, 0, 1)
    assert (breached.numerator, breached.n, breached.undetermined) == (0, 1, 0)


def test_a_host_retired_before_its_deadline_is_not_judged_and_one_retired_after_is() -> None:
    early = figures_of(host(*pending_from(3, 16, last=16), retired=MONTH.start + 16 * DAY))
    late = figures_of(host(*pending_from(3, 18, last=18), retired=MONTH.start + 18 * DAY))

    assert early["patch_in_time"].n == 0
    assert late["patch_in_time"].n == 1
    assert early["patched_hosts"].denominator == late["patched_hosts"].denominator == 0


def test_a_host_is_patched_until_its_episode_is_older_than_the_limit() -> None:
    on_the_limit = figures_of(host(*pending_from(16, 30)))["patched_hosts"]
    beyond = figures_of(host(*pending_from(15, 30)))["patched_hosts"]

    assert (on_the_limit.numerator, on_the_limit.denominator) == (1, 1)
    assert (beyond.numerator, beyond.denominator) == (0, 1)


def test_a_host_silent_at_the_end_is_unknown_apart() -> None:
    figure = figures_of(host(*pending_from(3, 10, silent=range(96 * 29, 96 * 30))))["patched_hosts"]

    assert (figure.denominator, figure.extra["unknown"]) == (0, 1)


def test_only_real_restores_count_and_only_within_92_days() -> None:
    def gauge(method: str, ran: int, *, has_passed: bool, duration: int = 60) -> RestoreGauge:
        return RestoreGauge("acme", "db", method, ((MONTH.end - 900, RestoreTest(ran, has_passed, duration, 60)),))

    inside, long_ago = MONTH.start + DAY, MONTH.end - 92 * DAY - 1
    failed = restore_figures([gauge("full", inside, has_passed=False)], MONTH, MONTH.end)
    old = restore_figures([gauge("full", long_ago, has_passed=True)], MONTH, MONTH.end)
    verified = restore_figures([gauge("verify", inside, has_passed=True)], MONTH, MONTH.end)

    slow = restore_figures([gauge("full", inside, has_passed=True, duration=4 * HOUR + 1)], MONTH, MONTH.end)

    assert [(figure.numerator, figure.denominator) for figure in failed] == [(0, 1), (0, 0), (0, 1)]
    assert [(figure.numerator, figure.denominator) for figure in old[:3]] == [(0, 0), (0, 0), (0, 1)]
    assert [(figure.indicator, figure.value) for figure in old[3:]] == [("restore_age", (MONTH.end - long_ago, 1))]
    assert [(figure.numerator, figure.denominator) for figure in verified] == [(0, 0), (0, 0), (0, 1)]
    assert [(figure.numerator, figure.denominator) for figure in slow[:3]] == [(1, 1), (0, 1), (1, 1)]


def test_quantiles_are_interpolated_in_fractions() -> None:
    assert quantile([10, 20, 40, 80], Fraction(9, 10)) == 68
    assert statistics([7]) == {"n": 1, "mean": [7, 1], "median": [7, 1], "p90": [7, 1], "max": 7}
    assert statistics([1, 2]) == {"n": 2, "mean": [3, 2], "median": [3, 2], "p90": [19, 10], "max": 2}
    assert statistics([]) is None
