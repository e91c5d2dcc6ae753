"""What was known at an instant that has passed, asked on real files and a real store."""

from __future__ import annotations

from pathlib import Path

from integration.cli.host import Host, export, host, month_of_tickets, row
from kpi_agent.domain.time import DAY, HOUR, to_utc_text


def files(made: Host) -> list[tuple[Path, int]]:
    """Write three exports of last month, each with more tickets, and return them with their as-of instants."""
    month = made.month(1)
    whole = [row(n, month.start + n * DAY + HOUR) for n in range(1, 9)]
    found = []
    for days in (3, 6, 9):
        as_of = month.start + days * DAY
        path = made.home / f"day-{days}.csv"
        path.write_text(export([r for r in whole if r["opened"] < to_utc_text(as_of)]))
        found.append((path, as_of))
    return found


def shown(made: Host, as_of: int) -> str:
    period = made.month(1).id
    answer = made.run("report", "show", "acme", "--period", period, "--format", "json", "--as-of", to_utc_text(as_of))
    assert (answer.code, answer.err) == (0, "")
    return answer.out


def take(made: Host, *exports: tuple[Path, int]) -> None:
    for path, as_of in exports:
        assert made.run("import", path, "--source", "desk", "--as-of", to_utc_text(as_of)).code == 0


def test_what_was_known_then_stays_known_whatever_comes_later_and_in_any_order(tmp_path: Path) -> None:
    forth, back = host(tmp_path / "forth"), host(tmp_path / "back")
    first, second, third = files(forth)
    instant = second[1] + HOUR
    take(forth, first, second)

    before = shown(forth, instant)
    take(forth, third)
    take(back, third, second, first)

    assert '"id":"INC5"' in before
    assert '"id":"INC6"' not in before
    assert shown(forth, instant) == before
    assert shown(back, instant) == before
    assert '"id":"INC6"' in shown(forth, third[1])


def test_a_report_that_was_frozen_by_then_is_shown_as_frozen_and_before_it_as_a_preview(tmp_path: Path) -> None:
    made = host(tmp_path)
    path = made.home / "month.csv"
    path.write_text(export(month_of_tickets(made.month(1))))
    take(made, (path, made.now - DAY))
    made.run("report", "build", "acme", "--period", made.month(1).id)
    (closed,) = made.run("report", "list", "acme", "--json").value

    assert '"state":"closed"' in shown(made, closed["closed_at"])
    assert '"state":"preview"' in shown(made, closed["closed_at"] - 1)


def test_an_instant_to_come_cannot_be_asked(tmp_path: Path) -> None:
    made = host(tmp_path)

    answer = made.run("report", "show", "acme", "--as-of", to_utc_text(made.now + DAY))

    assert answer.code == 1
    assert "is still to come; --as-of asks for an instant that has passed" in answer.err
