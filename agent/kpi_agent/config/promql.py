"""What can be told of a PromQL expression without its server."""

from __future__ import annotations

_OPENERS, _CLOSERS = "([{", ")]}"


def hides_absence(query: str) -> bool:
    """Whether a query gives a value even when nothing was observed: ``or vector(0)``, ``or on() vector(0)``."""
    words = query.replace("(", " ( ").replace(")", " ) ").lower().split()
    return "vector" in words and "or" in words


def is_balanced(text: str) -> bool:
    """Whether brackets and quotes close in order: all that can be told of an expression without its server."""
    stack: list[str] = []
    quote = ""
    skip = False
    for char in text:
        if skip:
            skip = False
        elif quote:
            skip = char == "\\" and quote != "`"
            quote = "" if char == quote else quote
        elif char in "\"'`":
            quote = char
        elif char in _OPENERS:
            stack.append(_CLOSERS[_OPENERS.index(char)])
        elif char in _CLOSERS and (not stack or stack.pop() != char):
            return False
    return not stack and not quote
