"""Query packs: from a YAML file to a domain value."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

from kpi_agent.config.findings import Findings
from kpi_agent.config.pack_spec import PackSpec, SignalSpec
from kpi_agent.config.promql import hides_absence, is_balanced
from kpi_agent.config.scalars import did_you_mean
from kpi_agent.config.spec import parse_spec
from kpi_agent.domain.problem import Problem
from kpi_agent.domain.promql import NotASelector, parse_selector
from kpi_agent.domain.source import QueryPack, Signal
from kpi_agent.strictyaml import Path

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z", re.ASCII)


def parse_pack(content: bytes, file: str) -> tuple[QueryPack | None, tuple[Problem, ...]]:
    """Return the pack that a file holds, None when it is refused, and everything wrong with it."""
    spec, findings = parse_spec(PackSpec, content, file)
    if spec is not None and not spec.signals and not findings.is_damaged(("signals",)):
        findings.refuse(("signals",), "names no signal; write one, such as {name: {query: up, key: instance}}")
    if spec is None:
        return None, findings.in_order()
    for name, signal in spec.signals.items():
        _check(name, signal, spec, findings)
    signals = tuple(_signal(name, signal) for name, signal in spec.signals.items())
    return (None if findings.is_refused else QueryPack(spec.pack, signals, file)), findings.in_order()


def _check(name: str, spec: SignalSpec, pack: PackSpec, findings: Findings) -> None:
    path: Path = ("signals", name)
    try:
        parse_selector(spec.query)
    except NotASelector as error:
        if not is_balanced(spec.query):
            findings.refuse((*path, "query"), f"{error}; write a selector or a whole expression")
    if hides_absence(spec.query):
        findings.refuse((*path, "query"), "'or vector(…)' turns missing data into a value; leave it out")
    if not _LABEL.match(spec.key_label):
        findings.refuse((*path, "key"), f"'{spec.key_label}' is no name of a label; write such as instance")
    if spec.values and not spec.labels:
        findings.refuse((*path, "values"), "no label says which value is meant; write labels: [id, version_id]")
    if spec.age and spec.fresh_within is not None:
        findings.refuse((*path, "age"), "an age is no instant that fresh_within could be counted from; keep one")
    if spec.absent == "zero" and not spec.fresh:
        findings.refuse((*path, "absent"), "nothing proves that what is not exported is 0; write fresh: too")
    for index, other in enumerate(spec.fresh):
        if other not in pack.signals or other == name:
            others = sorted(set(pack.signals) - {name})
            message = f"'{other}' is no other signal of this pack{did_you_mean(other, others)}"
            findings.refuse((*path, "fresh", index), message)


def _signal(name: str, spec: SignalSpec) -> Signal:
    return Signal(
        name=name,
        query=spec.query,
        key=spec.key_label,
        combine=spec.combine,
        every=None if spec.every is None else spec.every.seconds,
        fresh_within=None if spec.fresh_within is None else spec.fresh_within.seconds,
        labels=spec.labels,
        description=spec.description,
        is_age=spec.age,
        values={text: _end(day) for text, day in spec.values.items()},
        fresh=spec.fresh,
        is_absence_zero=spec.absent == "zero",
    )


def _end(day: date) -> Fraction:
    return Fraction(int((datetime.combine(day, time(), UTC) + timedelta(days=1)).timestamp()))
