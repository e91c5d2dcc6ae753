"""What docs/configuration.md says of keys is so: without effect, refused, or doing something."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from kpi_agent.config.contracts import ParsedContract, parse_contract
from kpi_agent.config.load import load_profiles
from kpi_agent.config.settings import parse_settings
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.source import Settings
from unit.docs.key_tables import is_without_effect, keys_of, refused, without_effect

ROOT = Path(__file__).parents[3]
PAGE = "docs/configuration.md"
SHIPPED = ROOT / "config"
TEXT = (ROOT / PAGE).read_text(encoding="utf-8")

SETTINGS: dict[str, Any] = {
    "timezone": "Europe/Paris",
    "state_dir": "/var/lib/kpi-agent",
    "sources": {
        "main": {"type": "prometheus", "url": "http://127.0.0.1:9090"},
        "desk": {"type": "tickets", "profile": "generic", "path": "inbox/*.csv"},
    },
    "mail": {"host": "mail.provider.example", "from": "run@provider.example"},
}
CONTRACT: dict[str, Any] = {
    "contract": "acme",
    "customer": "ACME SAS",
    "provider": "Opsline",
    "effective": {"from": "2026-01-01"},
    "language": "en",
    "calendars": {"office": {"hours": {"mon-fri": "08:00-18:00"}}},
    "scope": {
        "tickets": {"source": "desk"},
        "hosts": {"source": "main", "matcher": 'customer="acme"'},
        "services": {"portal": {"source": "main", "up": 'probe_success{service="portal"}'}},
        "backups": {"db-main": {}},
    },
    "priorities": {"P1": {"respond": "30m", "resolve": "4h", "calendar": "24x7"}},
    "objectives": [{"id": "gtr-p1", "indicator": "resolve_in_time", "target": ">= 95%"}],
    "report": {"to": ["run@provider.example"]},
}
# These reach the contract's terms; nothing reads them there.
_KEPT_IN_TERMS = {"report.weekly", "scope.services.NAME.match"}


def read_settings(content: dict[str, Any]) -> tuple[Settings | None, tuple[Problem, ...]]:
    profiles, _ = load_profiles(Path("/nowhere"), shipped=SHIPPED)
    text = yaml.safe_dump(content).encode()
    return parse_settings(text, Path("/etc/kpi-agent/kpi-agent.yml"), profiles=profiles, packs=("node",))


def read_contract(content: dict[str, Any], written: dict[str, Any] = SETTINGS) -> ParsedContract:
    settings, problems = read_settings(written)
    assert settings is not None, problems
    text = yaml.safe_dump(content).encode()
    return parse_contract(text, "acme.yml", timezone="Europe/Paris", sources=settings.sources)


def with_value(content: Any, steps: list[str], value: Any) -> Any:
    """Return a copy in which the key at the end of *steps* has *value*; NAME and [] mean the first entry."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if step == "[]":
        return [with_value(content[0], rest, value), *content[1:]]
    name = next(iter(content)) if step == "NAME" else step
    return {**content, name: with_value(content.get(name, {}), rest, value)}


def steps_of(path: str) -> list[str]:
    return path.replace("[]", ".[]").split(".")


@pytest.mark.parametrize(("kind", "path"), without_effect(TEXT))
def test_a_key_said_to_be_without_effect_is_accepted_and_changes_nothing(kind: str, path: str) -> None:
    key = next(key for key in keys_of(kind) if key.shown == path)
    example = (key.field.examples or [None])[0]
    if kind == "settings":
        before, _ = read_settings(SETTINGS)
        after, problems = read_settings(with_value(SETTINGS, steps_of(path), example))
        assert before is not None
        assert after is not None, problems
        assert replace(after, web_listen=None) == before
        return
    plain = read_contract(CONTRACT).version
    found = read_contract(with_value(CONTRACT, steps_of(path), example))
    assert plain is not None
    assert found.version is not None, found.problems
    if path not in _KEPT_IN_TERMS:
        # Calendars are equal only to themselves; none of these keys is about them.
        same = replace(found.version, sha256=plain.sha256, text=plain.text, calendars=plain.calendars)
        assert same == plain


@pytest.mark.parametrize(("kind", "written"), refused(TEXT))
def test_what_is_said_to_be_refused_is_refused(kind: str, written: str) -> None:
    said = yaml.safe_load(written)
    if kind == "settings":
        content, name = SETTINGS, next(iter(said))
        merged = content | {name: {**content.get(name, {}), **said[name]}}
        settings, problems = read_settings(merged)
        assert settings is None
    else:
        found = read_contract(CONTRACT | said)
        problems = found.problems
        assert found.version is None
    assert len([p for p in problems if not p.is_advice]) == 1, problems


# What differs from the contract above and from the defaults, where a key's own example does not, or does not fit it.
_OTHER: dict[str, Any] = {
    "language": "fr",
    "timezone": "Europe/London",
    "currency": "GBP",
    "contract": "globex",
    "customer": "Globex Ltd",
    "provider": "Another",
    "effective.from": "2026-02-01",
    "holds.stop": ["vendor"],
    "scope.tickets.source": "second",
    "scope.hosts.source": "other",
    "scope.hosts.matcher": 'customer="globex"',
    "scope.services.NAME.source": "other",
    "scope.services.NAME.up": "up",
    "scope.services.NAME.calendar": "office",
    "scope.services.NAME.planned": "counted",
    "scope.services.NAME.unknown": "down",
    "scope.tickets.reopen_window": "24h",
    "scope.tickets.responded_when": "in_progress",
    "scope.tickets.lookback": "30d",
    "scope.tickets.same_occurrence": "1h",
    "priorities.NAME.respond": "1h",
    "priorities.NAME.resolve": "8h",
    "priorities.NAME.calendar": "office",
    "objectives[].id": "other",
    "objectives[].indicator": "respond_in_time",
    "objectives[].target": ">= 90%",
    "objectives[].scope.kind": "request",
    "objectives[].min_coverage": "90%",
    "objectives[].weight": "2",
    "report.close.after": "4d",
    "report.close.at": "08:00",
    "report.close.wait": "1d",
    "report.review": "true",
}
# Keys whose objective must be on another indicator, or that say nothing alone: unit/config tests what they do.
_ELSEWHERE = re.compile(
    r"(calendars\.|maintenance\[\]).*|objectives\[\]\.(statistic|limit|interval|unit|query|aggregate|scope\.(service|backup))"
)


def with_effect() -> list[str]:
    """Return the keys of a contract that are said to do something, blocks and refused keys left out."""
    refused_keys = {
        step for kind, written in refused(TEXT) if kind == "contract" for step in steps_in(yaml.safe_load(written))
    }
    keys = keys_of("contract")
    return [
        key.path
        for key in keys
        if not is_without_effect(TEXT, "contract", key)
        and not any(other.path.startswith((f"{key.path}.", f"{key.path}[]")) for other in keys)
        and not _ELSEWHERE.fullmatch(key.path)
        and key.path not in refused_keys
    ]


def steps_in(written: dict[str, Any]) -> list[str]:
    """Return the path of the last key of each block: in the table of what is refused, it is the one refused."""
    name, value = next(iter(written.items()))
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [f"{name}[].{list(value[0])[-1]}"] if list(value[0])[-1] != "target" else []
    if isinstance(value, dict):
        last = list(value)[-1]
        return [f"{name}.{path}" for path in steps_in({last: value[last]})]
    return [name]


@pytest.mark.parametrize("path", with_effect())
def test_a_key_that_is_not_said_to_be_without_effect_has_one(path: str) -> None:
    key = next(key for key in keys_of("contract") if key.path == path)
    value = _OTHER.get(path, (key.field.examples or [None])[0])
    more = {"second": dict(SETTINGS["sources"]["desk"]), "other": dict(SETTINGS["sources"]["main"])}
    settings = SETTINGS | {"sources": SETTINGS["sources"] | more}
    plain, found = (read_contract(c, settings) for c in (CONTRACT, with_value(CONTRACT, steps_of(path), value)))

    assert plain.version is not None
    assert found.version is not None, found.problems
    same = replace(found.version, sha256=plain.version.sha256, text=plain.version.text)
    assert replace(same, calendars=plain.version.calendars) != plain.version
