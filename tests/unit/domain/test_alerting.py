from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from builders import OFFICE, contract, desk, line, measured, paris, request, span, ticket
from kpi_agent.domain.alerts import alert_labels, alert_text, episodes
from kpi_agent.domain.calendar import ALWAYS
from kpi_agent.domain.contract import ServiceTerms
from kpi_agent.domain.cover import Cover
from kpi_agent.domain.facts import AlertFacts, Facts, ServiceFacts
from kpi_agent.domain.time import DAY, HOUR, MINUTE
from kpi_agent.domain.timeline import Timeline

WEB = alert_text({"alertname": "Down", "instance": "WEB01:9100", "__name__": "ALERTS", "alertstate": "firing"})
ALL = ("2026-09-20 00:00", "2026-11-20 00:00", 1)
PORTAL = ServiceTerms("portal", "main", 'probe_success{service="portal"}', ALWAYS, match_hosts=("web*",))


def fired(*runs: tuple[str, str], alert: str = WEB) -> dict[str, Timeline]:
    return {alert: line(*((start, end, 60) for start, end in runs))}


def alerts(firing: dict[str, Timeline], watched: Timeline | None = None, told: int = 3) -> AlertFacts:
    seen = line(ALL) if watched is None else watched
    return AlertFacts(firing, seen, {}, line((*ALL[:2], told)), paris("2026-11-20 00:00"), HOUR)


def facts(firing: dict[str, Timeline], *tickets: object, watched: Timeline | None = None) -> Facts:
    return replace(desk(*tickets), alerts=alerts(firing, watched))  # type: ignore[arg-type]


def test_what_names_an_alert_can_be_read_back() -> None:
    labels = {"alertname": "Disk", "mountpoint": 'C:\\ "x"\n', "odd.name": "é"}

    assert alert_labels(alert_text(labels)) == labels


@pytest.mark.parametrize(("second", "count"), [("2026-10-05 10:07", 1), ("2026-10-05 10:08", 2)])
def test_silence_of_two_evaluations_is_none(second: str, count: int) -> None:
    flapping = line(("2026-10-05 10:00", "2026-10-05 10:05", 60), (second, "2026-10-05 10:20", 60))

    assert len(list(episodes(WEB, flapping, Cover([span(*ALL[:2])])))) == count


def test_time_in_which_the_server_was_down_ends_no_episode() -> None:
    firing = line(("2026-10-05 10:00", "2026-10-05 10:05", 60), ("2026-10-05 12:00", "2026-10-05 12:20", 60))
    up = [span(ALL[0], "2026-10-05 10:05"), span("2026-10-05 12:00", ALL[1])]
    (episode,) = episodes(WEB, firing, Cover(up))

    assert (episode.start, episode.end) == (paris("2026-10-05 10:00"), paris("2026-10-05 12:20"))


def test_an_alert_that_fires_when_the_server_is_back_began_somewhere_before() -> None:
    firing = line(("2026-10-05 12:00:30", "2026-10-05 12:20", 60))
    up = [span(ALL[0], "2026-10-05 10:05"), span("2026-10-05 12:00", "2026-10-05 12:20"), span("2026-10-06", ALL[1])]
    (episode,) = episodes(WEB, firing, Cover(up))

    assert episode.earliest == paris("2026-10-05 10:05")
    assert episode.latest == paris("2026-10-06 00:00")


def test_alerts_are_counted_per_observed_week() -> None:
    watched = line(("2026-09-20", "2026-10-15", 1))
    found = measured("alerts_per_week", facts(fired(("2026-10-05 10:00", "2026-10-05 10:05")), watched=watched))

    assert found.value == Fraction(7 * DAY, 14 * DAY)
    assert found.coverage == Fraction(14 * DAY, 745 * HOUR)


def test_a_server_without_a_rule_is_not_quiet() -> None:
    found = measured("alerts_per_week", Facts(alerts=alerts({}, told=0)))

    assert found.value is None
    assert found.coverage == 0
    assert found.reasons == ("no_rules",)


def test_no_alert_of_rules_that_are_known_is_none() -> None:
    assert measured("alerts_per_week", Facts(alerts=alerts({}))).value == 0


@pytest.mark.parametrize(
    ("start", "count"),
    [("2026-10-05 21:59:59", 0), ("2026-10-05 22:00", 1), ("2026-10-06 06:59:59", 1), ("2026-10-06 07:00", 0)],
)
def test_night_is_from_ten_to_seven(start: str, count: int) -> None:
    assert measured("night_alerts", facts(fired((start, "2026-10-06 09:00")))).value == count


def test_an_alert_that_began_unseen_by_night_or_by_day_is_undetermined() -> None:
    watched = line(("2026-09-20", "2026-10-05 21:00", 1), ("2026-10-05 23:00", ALL[1], 1))
    found = measured("night_alerts", facts(fired(("2026-10-05 23:00", "2026-10-05 23:20")), watched=watched))

    assert (found.value, found.undetermined, found.highest) == (0, 1, 1)


@pytest.mark.parametrize(
    ("opened", "acted"),
    [
        ("2026-10-05 09:44:59", 0),
        ("2026-10-05 09:45", 1),
        ("2026-10-05 11:05", 1),
        ("2026-10-05 11:05:01", 0),
    ],
)
def test_a_ticket_of_the_host_counts_around_the_episode(opened: str, acted: int) -> None:
    found = measured(
        "alerts_acted_on",
        facts(fired(("2026-10-05 10:00", "2026-10-05 10:05")), ticket(opened, host="web01")),
    )

    assert (found.value, found.n, found.undetermined) == (acted, 1, 0)


def test_an_alert_is_undetermined_where_no_ticket_tells_its_host() -> None:
    found = measured("alerts_acted_on", facts(fired(("2026-10-05 10:00", "2026-10-05 10:05")), ticket("2026-10-05")))

    assert (found.value, found.undetermined, found.coverage) == (None, 1, 0)
    assert "places_unknown" in found.reasons


def test_an_alert_is_undetermined_until_exports_cover_the_hour_after_it() -> None:
    known = facts(fired(("2026-10-05 10:00", "2026-10-05 10:05")), ticket("2026-10-01", host="db01"))
    short = replace(known, tickets=replace(known.tickets, observed=(span("2026-01-01", "2026-10-05 11:05"),)))

    assert measured("alerts_acted_on", known).value == 0
    assert measured("alerts_acted_on", short).undetermined == 1


def test_an_alert_of_no_host_and_no_service_is_not_judged() -> None:
    found = measured(
        "alerts_acted_on",
        facts(fired(("2026-10-05 10:00", "2026-10-05 10:05"), alert='alertname="Watchdog"'), ticket("2026-10-05")),
    )

    assert (found.n, found.details["placeless"]) == (0, 1)


def test_runbooks_are_those_of_the_rules_at_the_end() -> None:
    end = ("2026-10-31 12:00", "2026-11-02 00:00")
    rules = {"a": line((*end, 1)), "b": line((*end, 0)), "gone": line(("2026-10-01", "2026-10-31 12:00", 1))}
    found = measured("runbook_coverage", Facts(alerts=replace(alerts({}), rules=rules)))

    assert (found.value, found.n, found.evidence) == (Fraction(1, 2), 2, ("b",))


def test_rules_that_were_not_read_at_the_end_are_no_data() -> None:
    rules = {"a": line(("2026-10-01", "2026-10-31 12:00", 1))}
    found = measured("runbook_coverage", Facts(alerts=replace(alerts({}), rules=rules)))

    assert (found.value, found.coverage) == (None, 0)


def outage(*tickets: object, up: Timeline | None = None, firing: dict[str, Timeline] | None = None) -> Facts:
    down = line(
        (ALL[0], "2026-10-05 10:00", 1), ("2026-10-05 10:00", "2026-10-05 10:10", 0), ("2026-10-05 10:10", ALL[1], 1)
    )
    known = ServiceFacts(down if up is None else up, paris("2026-11-20 00:00"), HOUR)
    return replace(facts(firing or {}, *tickets), services={"portal": known})


ASKED = request(contract(services={"portal": PORTAL}))


@pytest.mark.parametrize(
    ("opened", "missed"),
    [("2026-10-05 09:54:59", 1), ("2026-10-05 09:55", 0), ("2026-10-05 10:30", 0), ("2026-10-05 10:30:01", 1)],
)
def test_an_outage_is_undetected_without_a_ticket_near_its_start(opened: str, missed: int) -> None:
    found = measured("undetected_outages", outage(ticket(opened, service="Portal")), ASKED)

    assert (found.value, found.n, found.undetermined) == (missed, 1, 0)


def test_an_outage_that_began_unobserved_is_undetermined_where_its_beginning_matters() -> None:
    up = line(
        (ALL[0], "2026-10-05 08:00", 1), ("2026-10-05 10:00", "2026-10-05 10:10", 0), ("2026-10-05 10:10", ALL[1], 1)
    )
    late = outage(ticket("2026-10-05 10:05", service="portal"), up=up)
    never = outage(ticket("2026-10-09 10:05", service="portal"), up=up)

    assert measured("undetected_outages", late, ASKED).undetermined == 1
    assert measured("undetected_outages", never, ASKED).value == 1


def test_an_outage_goes_on_through_unobserved_time() -> None:
    up = line(
        (ALL[0], "2026-10-05 10:00", 1),
        ("2026-10-05 10:00", "2026-10-05 10:10", 0),
        ("2026-10-05 10:30", "2026-10-05 12:00", 0),
        ("2026-10-05 12:00", ALL[1], 1),
    )
    found = measured("undetected_outages", outage(ticket("2026-10-05 10:02", host="WEB07"), up=up), ASKED)

    assert (found.value, found.n) == (0, 1)


def test_an_outage_outside_service_hours_is_none() -> None:
    asked = request(contract(services={"portal": replace(PORTAL, calendar=OFFICE)}))
    down = line(
        (ALL[0], "2026-10-05 02:00", 1), ("2026-10-05 02:00", "2026-10-05 03:00", 0), ("2026-10-05 03:00", ALL[1], 1)
    )

    assert measured("undetected_outages", outage(ticket("2026-10-09", service="portal"), up=down), asked).n == 0


def test_time_to_detect_ends_with_the_first_alert_or_ticket() -> None:
    firing = fired(("2026-10-05 10:03", "2026-10-05 10:12"))
    found = measured("time_to_detect", outage(ticket("2026-10-05 10:20", service="portal"), firing=firing), ASKED)

    assert (found.value, found.details["by_alert"]) == (3 * MINUTE, 1)


def test_an_alert_that_fires_already_detects_at_once() -> None:
    firing = fired(("2026-10-05 09:00", "2026-10-05 10:12"))

    assert (
        measured("time_to_detect", outage(ticket("2026-10-05 10:20", service="portal"), firing=firing), ASKED).value
        == 0
    )


def test_an_outage_that_nobody_noticed_is_no_part_of_the_statistic() -> None:
    found = measured("time_to_detect", outage(ticket("2026-10-09", service="portal")), ASKED)

    assert (found.value, found.n, found.details["unnoticed"]) == (None, 1, 1)
    assert found.highest == 30 * MINUTE


def test_detection_is_undetermined_while_alerts_were_not_observed() -> None:
    watch = line((ALL[0], "2026-10-05 09:00", 1), ("2026-10-05 10:10", ALL[1], 1))
    known = outage(ticket("2026-10-05 10:20", service="portal"))
    found = measured("time_to_detect", replace(known, alerts=alerts({}, watch)), ASKED)

    assert (found.n, found.undetermined, found.coverage) == (0, 1, 0)


def test_rules_that_fired_are_told_apart_by_name() -> None:
    other = fired(("2026-10-06 10:00", "2026-10-06 10:05"), alert='alertname="Full",instance="db01:9100"')
    found = measured("alerts_per_week", facts({**fired(("2026-10-05 10:00", "2026-10-05 10:05")), **other}))

    assert (found.details["rules"], found.details["episodes"]) == (2, 2)
