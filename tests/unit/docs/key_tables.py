"""The tables of keys in docs/configuration.md, made from the models that read the files.

``UPDATE_DOCS=1 pytest tests/unit/docs`` writes them anew, between the marks ``<!-- keys: KIND PREFIX … -->`` and
``<!-- end -->``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic.fields import FieldInfo

from kpi_agent.config.schema import MODELS
from kpi_agent.config.spec import Spec, example_text, names_of

Reader = Callable[[str], str]
"""Reads a page by its name below the checkout."""

_MARKED = re.compile(r"(<!-- keys: (?P<kind>\w+) (?P<prefixes>[^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a file; its *path* says NAME for what the writer names, [] for a list's entry, :TYPE of a source."""

    path: str
    field: FieldInfo

    @property
    def shown(self) -> str:
        """The path as readers see it."""
        return re.sub(r":\w+", "", self.path)

    def is_under(self, prefix: str) -> bool:
        """Whether it is *prefix* or a key of that block; ``=prefix`` is that key alone."""
        if prefix.startswith("="):
            return self.path == prefix[1:]
        return re.match(rf"{re.escape(prefix)}(?![\w-])", self.path) is not None


def keys_of(kind: str) -> list[Key]:
    """Return every key of one kind of file, blocks before what is in them."""
    return list(_walk(MODELS[kind], ""))


def _walk(model: type[Spec], above: str) -> Iterator[Key]:
    for name, field in names_of(model).items():
        path = f"{above}{name}"
        yield Key(path, field)
        for suffix, inner in _blocks(field.annotation):
            yield from _walk(inner, f"{path}{suffix}.")


def _blocks(kind: Any) -> Iterator[tuple[str, type[Spec]]]:
    """Yield the blocks that a value may hold, with what is added to the path on the way to each."""
    if isinstance(kind, type) and issubclass(kind, Spec):
        tag = kind.model_fields.get("type")
        yield (f":{get_args(tag.annotation)[0]}" if tag is not None else ""), kind
        return
    args = get_args(kind)
    if get_origin(kind) is Annotated:
        args = args[:1]
    origin = get_origin(kind)
    step = ".NAME" if origin is dict else "[]" if origin is tuple else ""
    for inner in args[1:] if origin is dict else args:
        for suffix, found in _blocks(inner):
            yield step + suffix, found


def with_tables(text: str, is_without_effect: Callable[[str, Key], bool]) -> str:
    """Return *text* with the table of each mark written anew."""

    def put(found: re.Match[str]) -> str:
        kind, prefixes = found["kind"], found["prefixes"].split()
        rows = [k for p in prefixes for k in keys_of(kind) if k.is_under(p)]
        lines = ["| key | meaning | example |", "|---|---|---|"]
        lines += [_row(k, is_without_effect=is_without_effect(kind, k)) for k in rows]
        return f"{found[1]}{chr(10).join(lines)}\n{found[4]}"

    return _MARKED.sub(put, text)


def marked_keys(text: str) -> dict[str, list[str]]:
    """Return, per kind of file, the paths that the marks of *text* ask for."""
    found: dict[str, list[str]] = {kind: [] for kind in MODELS}
    for mark in _MARKED.finditer(text):
        keys = keys_of(mark["kind"])
        found[mark["kind"]] += [k.path for p in mark["prefixes"].split() for k in keys if k.is_under(p)]
    return found


def _row(key: Key, *, is_without_effect: bool) -> str:
    about = key.field.description or ""
    if key.field.is_required():
        about = f"**required**; {about}"
    if is_without_effect:
        about += " *(no effect yet)*"
    return f"| `{key.shown}` | {_cell(about)} | `{_cell(example_text(key.field))}` |"


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("\t", "TAB")


def without_effect(text: str) -> list[tuple[str, str]]:
    """Return what the page lists as accepted without effect: the kind of file, and the key."""
    return [(kind, path) for kind, path, _ in rows_between(text, "no effect", "end of no effect")]


def refused(text: str) -> list[tuple[str, str]]:
    """Return what the page lists as refused: the kind of file, and what is written."""
    return [(kind, written) for kind, written, _ in rows_between(text, "refused", "end of refused")]


def is_without_effect(text: str, kind: str, key: Key) -> bool:
    """Whether the page lists *key*, or a block that it stands in, as without effect."""
    return any(kind == file and Key(key.shown, key.field).is_under(path) for file, path in without_effect(text))


def rows_between(text: str, start: str, end: str) -> list[list[str]]:
    """Return the cells of the table between two marks, its head left out."""
    table = text.partition(f"<!-- {start} -->")[2].partition(f"<!-- {end} -->")[0]
    assert table, f"the mark <!-- {start} --> is gone"
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    return [[cell.strip().strip("`") for cell in line.strip("| ").split(" | ")] for line in lines]
