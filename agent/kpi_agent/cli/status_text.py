"""The state as text for a terminal of 80 columns (reports.md §3)."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import click

from kpi_agent.cli.status_figures import age_text, size_text, trend_text, value_text
from kpi_agent.cli.status_todo import faults_of
from kpi_agent.cli.terminal import is_utf8, to_ascii

_WIDTH = 80
_VERDICTS = {
    "met": "met",
    "missed": "MISSED",
    "at_risk": "AT RISK",
    "no_data": "no data",
    "nothing_to_judge": "nothing",
}
_COLOURS = {"OK": "green", "WARNING": "yellow", "CRITICAL": "red"}
_BARS = str.maketrans({"▁": "_", "▂": "_", "▃": ".", "▄": "-", "▅": "-", "▆": "=", "▇": "=", "█": "#", "·": " "})
_TODO_SHOWN = 8


def text_lines(state: dict[str, Any], *, is_brief: bool = False) -> list[str]:
    """Return the lines to print; *is_brief* leaves out whatever is well."""
    lines = _brief(state) if is_brief else [*_head(state), *_sources(state), *_contracts(state), *_todo(state)]
    return list(lines) if is_utf8() else [to_ascii(line.translate(_BARS)) for line in lines]


def summary(state: dict[str, Any]) -> str:
    """Return what is wrong in one line: ``1 source late, 1 objective missed so far, 1 at risk``."""
    parts = []
    if "error" in state.get("store", {}):
        parts.append("the store cannot be used")
    if state["daemon"]["state"] != "running":
        parts.append(f"daemon {'never started' if state['daemon']['state'] == 'never' else state['daemon']['state']}")
    parts += dict.fromkeys(fault.word for fault in faults_of(state["daemon"]))
    late = Counter(s["state"] for s in state["sources"])
    parts += [f"{late[k]} source{'s' if late[k] > 1 else ''} {w}" for k, w in _SOURCE_WORDS if late[k]]
    overdue = sum(r["is_overdue"] for r in state["reports"])
    if overdue:
        parts.append(f"{overdue} report{'s' if overdue > 1 else ''} overdue")
    verdicts = Counter(o["verdict"] for o in state["objectives"])
    if verdicts["missed"]:
        parts.append(f"{verdicts['missed']} objective{'s' if verdicts['missed'] > 1 else ''} missed so far")
    if verdicts["at_risk"]:
        parts.append(f"{verdicts['at_risk']} at risk")
    return ", ".join(parts) or f"{len(state['sources'])} sources fresh, {len(state['objectives'])} objectives watched"


_SOURCE_WORDS = (("late", "late"), ("failed", "failing"), ("never", "never read"))


def _head(state: dict[str, Any]) -> Iterator[str]:
    title = f"kpi-agent {state['version']}"
    # It names the zone for every time below it.
    at = time.strftime("%a %Y-%m-%d %H:%M %Z", time.localtime(state["now"]))
    yield f"{title}{at:>{_WIDTH - len(title)}}"
    name = state["state"].upper()
    word = click.style(name, fg=_COLOURS.get(name), bold=True) if _is_coloured() else name
    yield from _wrapped("  State:  ", f"{word} - {summary(state)}")
    yield from _wrapped("  Daemon: ", _daemon(state))
    store = state["store"]
    if "error" in store:
        yield from _wrapped("  Store:  ", store["error"])
        return
    size = f"{size_text(store['bytes'])}, schema {store['schema']}" if "schema" in store else "nothing stored yet"
    yield from _wrapped("  Store:  ", f"{store['kind']}, {size}")
    label = "  Report: "
    for line in _report_lines(state):
        yield from _wrapped(label, line)
        label = " " * len(label)


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=label, subsequent_indent=" " * len(label)) or [label.rstrip()]


def _is_coloured() -> bool:
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _daemon(state: dict[str, Any]) -> str:
    daemon, now = state["daemon"], state["now"]
    if daemon["state"] == "never":
        return "never started; what is shown was computed by commands"
    if daemon["state"] == "stopped":
        return f"stopped {age_text(now - int(daemon['stopped']))} ago"
    if daemon["state"] == "unreadable":
        return f"unknown: {daemon['detail']}"
    since = time.strftime("%Y-%m-%d %H:%M", time.localtime(int(daemon["started"])))
    last = age_text(now - int(daemon["last_tick"] or daemon["started"]))
    if daemon["state"] == "silent":
        return f"SILENT, last tick {last} ago, pid {daemon['pid']} (started {since})"
    return f"running since {since}, last tick {last} ago, pid {daemon['pid']}, {size_text(daemon['rss_bytes'])}"


def _report_lines(state: dict[str, Any]) -> Iterator[str]:
    by_contract: dict[str, list[str]] = {}
    for report in state["reports"]:
        due = _day(report["due"])
        words = f"{report['period']} due {due}"
        if report["is_closed"]:
            words = f"{report['period']} closed {_day(report['updated'])}, revision {report['revision']}"
        elif report["stage"] == "review":
            words = f"{report['period']} WAITS FOR APPROVAL since {_day(report['updated'])}"
        elif report["is_overdue"]:
            words = f"{report['period']} OVERDUE since {due}"
        elif report["stage"] == "blocked":
            words = f"{report['period']} {report['reason']}"
        by_contract.setdefault(report["contract"], []).append(words)
    for contract, parts in by_contract.items():
        yield f"{contract} {'; '.join(parts)}"


def _day(instant: int) -> str:
    return time.strftime("%d %b %H:%M", time.localtime(instant))


def _sources(state: dict[str, Any]) -> Iterator[str]:
    if not state["sources"]:
        return
    yield ""
    yield f"{'SOURCE':<14}{'STATE':<8}{'LAST OK':<13}{'NEXT':<12}DETAIL"
    for source in state["sources"]:
        name = source["state"] if source["state"] == "ok" else source["state"].upper()
        last = "-" if source["last_ok"] is None else f"{age_text(state['now'] - source['last_ok'])} ago"
        ahead = None if source["next"] is None else source["next"] - state["now"]
        following = "-" if ahead is None else f"in {age_text(ahead)}" if ahead > 0 else "due"
        line = f"{source['name']:<14}{name:<8}{last:<13}{following:<12}{source['detail']}"
        yield line if len(line) <= _WIDTH else line[: _WIDTH - 1] + "…"


def _contracts(state: dict[str, Any]) -> Iterator[str]:
    for contract in state["contracts"]:
        period = contract["period"]
        title = f"{contract['id']}, {period['id']} to date"
        yield ""
        yield f"{title:<34.34} {'VALUE':>11} {'TARGET':>9}  {'6 MONTHS':<8} VERDICT"
        for item in state["objectives"]:
            if item["contract"] != contract["id"]:
                continue
            verdict = _VERDICTS[item["verdict"]]
            count = f"n={item['reading']['n']}" if item["reading"]["unit"] != "count" and not _is_time(item) else ""
            yield (
                f"{item['label']:<34.34} {value_text(item):>11} {item['target'].replace('%', ' %'):>9}  "
                f"{trend_text(item):<8} {verdict:<8}{count}"
            ).rstrip()


def _is_time(item: dict[str, Any]) -> bool:
    """Whether the reading counts seconds of observation: then its n would be read as a number of things."""
    return bool(item["indicator"] == "availability")


def _todo(state: dict[str, Any]) -> Iterator[str]:
    todo = state["todo"]
    if not todo:
        return
    yield ""
    yield f"{len(todo)} thing{'s' if len(todo) > 1 else ''} to do:"
    for number, item in enumerate(todo[:_TODO_SHOWN], 1):
        yield from textwrap.wrap(item["text"], _WIDTH, initial_indent=f"  {number}. ", subsequent_indent="     ")
        if item["command"]:
            yield f"     {item['command']}"
    if len(todo) > _TODO_SHOWN:
        yield f"  and {len(todo) - _TODO_SHOWN} more: kpi-agent status --json"


def _brief(state: dict[str, Any]) -> list[str]:
    first = f"kpi-agent {state['state'].upper()} - {summary(state)}"
    if state["exit_code"] == 0:
        return [first]
    return [first, *(f"  {t['text']}" + (f": {t['command']}" if t["command"] else "") for t in state["todo"])]
