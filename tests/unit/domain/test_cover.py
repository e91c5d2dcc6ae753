from __future__ import annotations

import pytest

from builders import line
from kpi_agent.domain.alerts import Episode, alert_text, episodes
from kpi_agent.domain.calendar import FOREVER
from kpi_agent.domain.cover import Cover
from kpi_agent.domain.time import Interval

COVER = Cover([Interval(20, 30), Interval(10, 20), Interval(50, 60)])


@pytest.mark.parametrize(
    ("start", "end", "seconds"),
    [(0, 5, 0), (0, 11, 1), (0, 100, 30), (30, 50, 0), (29, 51, 2), (55, 70, 5), (60, 70, 0), (12, 12, 0), (20, 10, 0)],
)
def test_the_covered_seconds_are_counted(start: int, end: int, seconds: int) -> None:
    assert COVER.seconds(Interval(start, end)) == seconds
    assert COVER.holds(Interval(start, end)) is (seconds == max(0, end - start))


@pytest.mark.parametrize(
    ("start", "end", "since"),
    [
        (10, 30, 30),
        (12, 20, 20),
        (12, 40, 30),
        (30, 40, 30),
        (35, 40, 30),
        (45, 55, 30),
        (0, 5, 0),
        (5, 12, 0),
        (70, 80, 60),
    ],
)
def test_a_bare_stretch_begins_where_the_cover_before_ends(start: int, end: int, since: int) -> None:
    assert COVER.bare_since(Interval(start, end)) == since


@pytest.mark.parametrize(
    ("instant", "until"),
    [(0, 10), (9, 10), (10, 10), (29, 29), (30, 50), (49, 50), (50, 50), (59, 59), (60, FOREVER), (90, FOREVER)],
)
def test_a_bare_stretch_ends_where_the_cover_after_begins(instant: int, until: int) -> None:
    assert COVER.bare_until(instant) == until


def test_nothing_covers_nothing() -> None:
    assert Cover([]).bare_since(Interval(5, 9)) == 0
    assert Cover([]).bare_until(5) == FOREVER
    assert Cover([]).seconds(Interval(0, 9)) == 0


def test_an_alert_is_named_by_its_labels_alone() -> None:
    labels = {"__name__": "ALERTS", "alertstate": "firing", "b": "2", "alertname": "Down"}

    assert alert_text(labels) == 'alertname="Down",b="2"'


def test_each_episode_of_an_alert_is_told() -> None:
    firing = line((10, 20, 5), (31, 40, 5), (45, 50, 5), (61, 70, 5))
    found = list(episodes("x", firing, Cover([Interval(0, 100)])))

    assert found == [Episode("x", 10, 20, 10, 20), Episode("x", 31, 50, 31, 50), Episode("x", 61, 70, 61, 70)]


def test_an_alert_that_fires_from_the_first_instant_known_begins_there() -> None:
    (found,) = episodes("x", line((0, 20, 5)), Cover([Interval(0, 100)]))

    assert (found.start, found.end, found.latest) == (0, 20, 20)
    assert list(episodes("x", line(), Cover([]))) == []


def test_where_the_interval_changes_the_alert_goes_on() -> None:
    (found,) = episodes("x", line((10, 20, 5), (20, 30, 9), (48, 50, 9)), Cover([Interval(0, 100)]))

    assert (found.start, found.end) == (10, 50)


def test_an_alert_that_was_never_observed_before_begins_when_it_is_seen() -> None:
    (found,) = episodes("x", line((10, 20, 5)), Cover([Interval(10, 100)]))

    assert (found.start, found.earliest) == (10, 0)
