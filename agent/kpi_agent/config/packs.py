"""Query packs: from a YAML file to a domain value."""

from __future__ import annotations

from kpi_agent.config.findings import Findings
from kpi_agent.config.pack_spec import PackSpec, SignalSpec
from kpi_agent.config.promql import hides_absence, is_balanced
from kpi_agent.config.spec import parse_spec
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.promql import NotASelector, parse_selector
from kpi_agent.domain.source import QueryPack, Signal
from kpi_agent.strictyaml import Path


def parse_pack(content: bytes, file: str) -> tuple[QueryPack | None, tuple[Problem, ...]]:
    """Return the pack that a file holds, None when it is refused, and everything wrong with it."""
    spec, findings = parse_spec(PackSpec, content, file)
    if spec is not None and not spec.signals and not findings.is_damaged(("signals",)):
        findings.refuse(("signals",), "names no signal; write one, such as {name: {query: up, key: instance}}")
    if spec is None:
        return None, findings.in_order()
    signals = tuple(_signal(name, signal, findings) for name, signal in spec.signals.items())
    return (None if findings.is_refused else QueryPack(spec.pack, signals, file)), findings.in_order()


def _signal(name: str, spec: SignalSpec, findings: Findings) -> Signal:
    path: Path = ("signals", name)
    try:
        parse_selector(spec.query)
    except NotASelector as error:
        if not is_balanced(spec.query):
            findings.refuse((*path, "query"), f"{error}; write a selector or a whole expression")
    if hides_absence(spec.query):
        findings.refuse((*path, "query"), "'or vector(…)' turns missing data into a value; leave it out")
    return Signal(
        name=name,
        query=spec.query,
        key=spec.key_label,
        combine=spec.combine,
        every=None if spec.every is None else spec.every.seconds,
        fresh_within=None if spec.fresh_within is None else spec.fresh_within.seconds,
        labels=spec.labels,
        description=spec.description,
    )
