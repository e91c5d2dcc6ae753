"""What ``status`` says of objectives in danger: only what the figures tell, with the command to look further."""

from __future__ import annotations

from typing import Any

import pytest

from kpi_agent.cli.status_todo import things_to_do


def said_of(**objective: Any) -> str:
    """Return the sentence about one objective of the contract acme."""
    item = {"contract": "acme", "label": "P1 resolved in time", "indicator": "resolve_in_time", **objective}
    state = {"daemon": {"state": "running"}, "sources": [], "reports": [], "objectives": [item]}
    (todo,) = things_to_do(state)
    assert todo["command"] == "kpi-agent report show acme"
    text = todo["text"]
    assert text is not None
    return text.removeprefix("acme P1 resolved in time: ")


@pytest.mark.parametrize(
    ("verdict", "left", "text"),
    [
        ("missed", 12, "missed so far: 12 more in time would be needed"),
        ("missed", None, "missed so far: no breach was allowed"),
        ("at_risk", 7, "needs the next 7 in time"),
        ("at_risk", 0, "one more breach would lose it"),
        ("at_risk", None, "the target is not kept so far"),
    ],
)
def test_a_share_in_danger(verdict: str, left: int | None, text: str) -> None:
    assert said_of(verdict=verdict, left=left) == text


@pytest.mark.parametrize(
    ("verdict", "left", "text"),
    [
        ("missed", -90, "the allowed downtime is used up"),
        ("at_risk", 610, "10 min of downtime left this month"),
    ],
)
def test_an_availability_in_danger(verdict: str, left: int, text: str) -> None:
    assert said_of(verdict=verdict, left=left, indicator="availability") == text


def test_a_duration_above_its_target_is_not_said_to_hang_on_one_breach() -> None:
    assert said_of(verdict="at_risk", left=None, indicator="time_to_resolve") == "the target is not kept so far"


def desk(*refused: str, state: str = "ok", detail: str = "1 file") -> dict[str, Any]:
    """Return the state of a desk of whose files some were refused."""
    files = [{"file": name, "refused_at": 0, "path": name, "reasons": [f"{name}: it is empty"]} for name in refused]
    source = {"name": "desk", "type": "tickets", "state": state, "detail": detail, "rejected": 0, "refused": files}
    return {"daemon": {"state": "running"}, "sources": [source], "reports": [], "objectives": []}


def test_a_refused_file_is_named_with_what_to_do_and_many_are_counted() -> None:
    told = [todo["text"] for todo in things_to_do(desk("a.csv", "b.csv", "c.csv", "d.csv", "e.csv"))]

    assert told[0] == "desk: a.csv: it is empty; mend a.csv and drop it again"
    assert told[3:] == ["desk: 2 more refused files wait to be mended"]


def test_a_refused_file_is_not_told_twice() -> None:
    told = things_to_do(desk("a.csv", state="failed", detail="a.csv: it is empty"))

    assert told == [{"text": "desk: a.csv: it is empty", "command": "kpi-agent quarantine list"}]
