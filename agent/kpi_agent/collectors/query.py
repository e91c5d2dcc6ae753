"""From a signal and the contract's matchers to the PromQL that is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kpi_agent.domain.errors import SourceRejected
from kpi_agent.domain.promql import Matcher, NotASelector, parse_matchers, parse_selector
from kpi_agent.domain.source import Signal

_PLACE = re.compile(
    r"""(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)"""
    r"""|(?P<before>,\s*)?\$matchers\b(?P<after>\s*,)?|(?P<brace>[{}])""",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL; *is_plain* when it is a selector, whose raw samples can be read. *notes* are for the reader."""

    text: str
    is_plain: bool
    notes: tuple[str, ...] = ()


def build_query(signal: Signal, matcher: str) -> Query:
    """Return what to ask for *signal*, narrowed by the contract's label matchers.

    A plain selector gets them as values. An expression gets them where it says ``$matchers`` between braces, and
    nowhere else: a note says so when it has no such place. Raises SourceRejected for a matcher that is none.
    """
    try:
        matchers = parse_matchers(matcher)
    except NotASelector as error:
        raise SourceRejected(
            f"signal {signal.name}: the contract's matcher is no list of label matchers: {error};"
            ' write customer="acme", env=~"prod.*"'
        ) from error
    text, is_placed = _place(signal, matchers)
    try:
        selector = parse_selector(text)
    except NotASelector:
        notes: tuple[str, ...] = ()
        if matchers and not is_placed:
            notes = (
                f"signal {signal.name}: its expression has no $matchers, so the contract's matcher does not apply",
            )
        return Query(text, is_plain=False, notes=notes)
    return Query(str(selector if is_placed else selector.and_also(matchers)), is_plain=True)


def _place(signal: Signal, matchers: tuple[Matcher, ...]) -> tuple[str, bool]:
    """Return the query with the matchers in their places, and whether there was one."""
    inside = ",".join(str(m) for m in matchers)
    depth = 0
    is_placed = False

    def put(found: re.Match[str]) -> str:
        nonlocal depth, is_placed
        if found["string"] is not None:
            return found[0]
        if found["brace"] is not None:
            depth += 1 if found[0] == "{" else -1
            return found[0]
        if depth != 1:
            raise SourceRejected(f"signal {signal.name}: $matchers stands outside the braces of a selector")
        is_placed = True
        before, after = found["before"] or "", found["after"] or ""
        if inside:
            return f"{before}{inside}{after}"
        return "," if before and after else ""

    return _PLACE.sub(put, signal.query.strip()), is_placed
