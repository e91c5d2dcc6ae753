from pathlib import Path

import pytest

from kpi_agent.daemon.clockmark import ClockMark

NOON = 1_790_000_000
DAY = 86_400


@pytest.fixture
def mark(tmp_path: Path) -> ClockMark:
    mark = ClockMark(tmp_path / "clock.mark")
    assert mark.doubt(NOON) == ""
    return mark


@pytest.mark.parametrize("step", [-300, 0, 1, 40 * DAY])
def test_a_clock_within_the_bounds_is_believed(mark: ClockMark, step: int) -> None:
    assert mark.doubt(NOON + step) == ""


@pytest.mark.parametrize("step", [-301, -400 * DAY, 40 * DAY + 1, 4000 * DAY])
def test_a_clock_beyond_the_bounds_is_not_believed_however_often_it_says_so(mark: ClockMark, step: int) -> None:
    assert all("remove" in mark.doubt(NOON + step) for _ in range(3))


def test_the_mark_moves_forward_with_a_believed_clock_and_never_back(mark: ClockMark) -> None:
    assert mark.doubt(NOON + 30 * DAY) == ""
    assert mark.doubt(NOON + 30 * DAY - 200) == ""

    assert mark.doubt(NOON + 60 * DAY) == ""
    assert "was seen before" in mark.doubt(NOON + 59 * DAY)


def test_a_disbelieved_clock_does_not_move_the_mark_so_a_mended_one_is_believed_at_once(mark: ClockMark) -> None:
    assert mark.doubt(NOON + 3650 * DAY)

    assert mark.doubt(NOON + 60) == ""


def test_the_mark_survives_a_restart(mark: ClockMark) -> None:
    assert "75 days after the last tick" in ClockMark(mark.path).doubt(NOON + 75 * DAY)


def test_removing_the_file_confirms_the_clock(mark: ClockMark) -> None:
    assert mark.doubt(NOON + 75 * DAY)
    mark.path.unlink()

    assert mark.doubt(NOON + 75 * DAY) == ""
    assert mark.doubt(NOON + 76 * DAY) == ""


def test_a_damaged_mark_is_a_doubt_and_not_a_first_start(mark: ClockMark) -> None:
    mark.path.write_text("17900")
    assert mark.doubt(NOON)  # a shortened number is a mark of 1970
    mark.path.write_text("")
    assert "unreadable" in mark.doubt(NOON)


def test_a_clock_of_1970_is_not_believed_and_leaves_no_mark(tmp_path: Path) -> None:
    mark = ClockMark(tmp_path / "clock.mark")

    assert "which cannot be" in mark.doubt(4711)
    assert mark.doubt(NOON) == ""
