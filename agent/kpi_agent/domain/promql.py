"""PromQL vector selectors as values, so that a matcher is never inserted as text."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*", re.ASCII)
_OPERATOR = re.compile(r"=~|!~|!=|=")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "'": "'", "a": "\a", "b": "\b", "f": "\f", "v": "\v"}


class NotASelector(ValueError):
    """The text is no plain vector selector; the message says where it stops being one."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """One label matcher; *value* is the unescaped text."""

    label: str
    operator: str
    value: str

    def __str__(self) -> str:
        label = self.label if _NAME.fullmatch(self.label) else _quoted(self.label)
        return f"{label}{self.operator}{_quoted(self.value)}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


@dataclass(frozen=True, slots=True)
class Selector:
    """``metric{label="value"}``."""

    metric: str
    matchers: tuple[Matcher, ...] = ()

    def and_also(self, matchers: tuple[Matcher, ...]) -> Selector:
        """Return the selector narrowed by further matchers; one that stands already is not repeated."""
        return Selector(self.metric, self.matchers + tuple(m for m in matchers if m not in self.matchers))

    def __str__(self) -> str:
        inside = ",".join(str(m) for m in self.matchers)
        return f"{self.metric}{{{inside}}}" if inside else self.metric


def parse_selector(text: str) -> Selector:
    """Return the selector that *text* is; raises NotASelector for any other expression."""
    stripped = text.strip()
    name = _NAME.match(stripped)
    if name is None:
        raise NotASelector(f"expected a metric name at '{stripped[:20]}'")
    rest = stripped[name.end() :].strip()
    if not rest:
        return Selector(name[0])
    if not (rest.startswith("{") and rest.endswith("}")):
        raise NotASelector(f"expected '{{' after {name[0]}, found '{rest[:20]}'")
    return Selector(name[0], parse_matchers(rest[1:-1]))


def parse_matchers(text: str) -> tuple[Matcher, ...]:
    """Return the matchers of ``a="b", c=~"d.*"``; raises NotASelector where the text is anything else."""
    found = []
    at = _skip(text, 0)
    while at < len(text):
        label, at = _label(text, at)
        operator = _OPERATOR.match(text, _skip(text, at))
        if operator is None:
            raise NotASelector(f"expected =, !=, =~ or !~ after {label}")
        value, at = _string(text, _skip(text, operator.end()))
        found.append(Matcher(label, operator[0], value))
        at = _skip(text, at)
        if at < len(text):
            if text[at] != ",":
                raise NotASelector(f"expected ',' at '{text[at : at + 20]}'")
            at = _skip(text, at + 1)
    return tuple(found)


def _label(text: str, at: int) -> tuple[str, int]:
    """Return a label's name, quoted where it is no plain one (Prometheus 3), and where it ends."""
    if text[at] == '"':
        return _string(text, at)
    name = _NAME.match(text, at)
    if name is None:
        raise NotASelector(f"expected a label name at '{text[at : at + 20]}'")
    return name[0], name.end()


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _string(text: str, at: int) -> tuple[str, int]:
    quote = text[at : at + 1]
    if quote not in {'"', "'"}:
        raise NotASelector(f"expected a quoted value at '{text[at : at + 20]}'")
    value: list[str] = []
    at += 1
    while at < len(text):
        char = text[at]
        if char == quote:
            return "".join(value), at + 1
        if char == "\\":
            at += 1
            if text[at : at + 1] not in _ESCAPES:
                raise NotASelector(f"unknown escape '\\{text[at : at + 1]}'")
            char = _ESCAPES[text[at]]
        value.append(char)
        at += 1
    raise NotASelector("a quoted value has no end")
