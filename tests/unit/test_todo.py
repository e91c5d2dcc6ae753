"""What ``status`` says of objectives in danger: only what the figures tell, with the command to look further."""

from __future__ import annotations

from typing import Any

import pytest

from kpi_agent.cli.status_todo import things_to_do


def said_of(**objective: Any) -> str:
    """Return the sentence about one objective of the contract acme."""
    item = {"contract": "acme", "label": "P1 resolved in time", "indicator": "resolve_in_time", **objective}
    state = {"daemon": {"state": "running"}, "sources": [], "contracts": [], "reports": [], "objectives": [item]}
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
    return whole({"name": "desk", "type": "tickets", "state": state, "detail": detail, "rejected": 0, "refused": files})


def whole(source: dict[str, Any], *contracts: dict[str, Any]) -> dict[str, Any]:
    sources = [source | {"troubles": source.get("troubles", [])}]
    return {"daemon": {"state": "running"}, "sources": sources, "contracts": contracts, "reports": [], "objectives": []}


def metrics(*troubles: str, state: str = "failed") -> dict[str, Any]:
    found = {"name": "main", "type": "prometheus", "state": state, "detail": "9 signals", "rejected": 0, "refused": []}
    return found | {"troubles": list(troubles)}


def test_each_trouble_of_a_server_is_told_once_and_many_are_counted() -> None:
    told = things_to_do(whole(metrics("source main: refuses", *(f"acme up/{n}: NaN" for n in range(6)))))

    assert [t["text"] for t in told[:2]] == ["source main: refuses", "main: acme up/0: NaN"]
    assert [t["text"] for t in told[5:]] == ["main: 2 more of these"]
    assert {t["command"] for t in told} == {"kpi-agent collect main"}


def test_what_is_doubtful_is_told_of_a_server_that_is_well_and_what_made_it_late_too() -> None:
    assert [t["text"] for t in things_to_do(whole(metrics("acme up/a: NaN", state="ok")))] == ["main: acme up/a: NaN"]
    assert [t["text"] for t in things_to_do(whole(metrics("source main: refuses", state="late")))] == [
        "main is late",
        "source main: refuses",
    ]


@pytest.mark.parametrize(
    ("unknown", "text"),
    [
        (["web1"], "acme: 1 host tells too little of its updates this month: web1"),
        (list("abcdefg"), "acme: 7 hosts tell too little of their updates this month: a, b, c, d, e, …"),
    ],
)
def test_hosts_of_which_too_little_is_known_are_named(unknown: list[str], text: str) -> None:
    told = things_to_do(whole(metrics(state="ok"), {"id": "acme", "unknown_hosts": unknown}))

    assert [(t["text"], t["command"]) for t in told] == [(text, "kpi-agent check --online")]


def test_a_refused_file_is_named_with_what_to_do_and_many_are_counted() -> None:
    told = [todo["text"] for todo in things_to_do(desk("a.csv", "b.csv", "c.csv", "d.csv", "e.csv"))]

    assert told[0] == "desk: a.csv: it is empty; mend a.csv and drop it again"
    assert told[3:] == ["desk: 2 more refused files wait to be mended"]


def test_a_refused_file_is_not_told_twice() -> None:
    told = things_to_do(desk("a.csv", state="failed", detail="a.csv: it is empty"))

    assert told == [{"text": "desk: a.csv: it is empty", "command": "kpi-agent quarantine list"}]
