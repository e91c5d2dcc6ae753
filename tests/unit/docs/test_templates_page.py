"""docs/templates.md lists the view as it is; ``UPDATE_DOCS=1`` writes it anew."""

from __future__ import annotations

import dataclasses
import inspect
import os
import re
from collections.abc import Callable
from pathlib import Path

from kpi_agent_reports import view

PAGE = "docs/templates.md"
ROOT = Path(__file__).parents[3]
_MARKED = re.compile(r"(<!-- view -->\n).*?(<!-- end -->)", re.DOTALL)


def described() -> str:
    """Return each class of the view, the outer ones first, with its sentence and its fields."""
    classes = [c for _, c in inspect.getmembers(view, inspect.isclass) if dataclasses.is_dataclass(c)]
    lines = []
    for c in sorted(classes, key=lambda c: inspect.getsourcelines(c)[1], reverse=True):
        lines += [
            f"**{c.__name__}**: {' '.join((inspect.getdoc(c) or '').split())}",
            "",
            "| field | holds |",
            "|---|---|",
        ]
        lines += [f"| `{field.name}` | {_kind(str(field.type))} |" for field in dataclasses.fields(c)]
        lines.append("")
    return "\n".join(lines)


def _kind(text: str) -> str:
    """Return a type in words: ``tuple[Chip, ...]`` is several Chip."""
    inner = re.sub(r"^tuple\[(.*), \.\.\.\]$", r"\1", text)
    if inner.startswith("tuple["):
        return f"several times {_kind(inner)}"
    name, _, none = inner.partition(" | ")
    word = {"str": "text", "int": "whole number", "bool": "yes or no"}.get(name, f"*{name}*")
    several = f"several: {word}" if inner != text else word
    return f"{several}, or none" if none else several


def test_every_field_that_a_template_may_use_is_on_the_page(page: Callable[[str], str]) -> None:
    found = _MARKED.sub(lambda m: f"{m[1]}{described()}{m[2]}", page(PAGE))
    if os.environ.get("UPDATE_DOCS") == "1":
        (ROOT / PAGE).write_text(found, encoding="utf-8")

    assert page(PAGE) == found


def test_every_shipped_template_is_on_the_page(page: Callable[[str], str]) -> None:
    folder = ROOT / "templates"
    names = [str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in {".j2", ".css"}]

    assert [name for name in names if f"`{name}`" not in page(PAGE)] == []
