"""Good files to damage: each export that tests/desks proves, the older fixtures, the traps, in every format."""

from __future__ import annotations

import csv
import importlib
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from kpi_agent.config.profiles import parse_profile
from kpi_agent.domain.source import Profile, TicketSource
from kpi_agent.domain.ticket import Basis
from workbooks import workbook

TESTS = Path(__file__).parents[1]
PROFILES = TESTS.parent / "config" / "profiles"
EXPORTS = TESTS / "data" / "exports"
DESKS = TESTS / "desks"

Cells = list[list[str]]


@dataclass(frozen=True)
class Seed:
    """A file that a desk may send, as bytes, and as *table* (text, workbook) or *document* (JSON) where it is one."""

    name: str
    profile: str
    file: str
    content: bytes
    settings: Mapping[str, Any] = field(default_factory=dict)
    table: Cells | None = None
    document: Any = None

    @property
    def is_workbook(self) -> bool:
        return self.content.startswith(b"PK")

    def source(self, name: str) -> TicketSource:
        """Return the source that reads it, under a name of its own."""
        given: dict[str, Any] = {"timezone": "Europe/Paris", **self.settings}
        if "hold_basis" in given:
            given["hold_basis"] = Basis(given["hold_basis"])
        given["robots"] = tuple(given.get("robots", ()))
        return TicketSource(name=name, profile=profile(self.profile), path="*", **given)


@cache
def profile(name: str) -> Profile:
    """Return a shipped profile."""
    path = PROFILES / f"{name}.yml"
    found, problems = parse_profile(path.read_bytes(), str(path))
    assert found is not None, problems
    return found


@cache
def seeds(*, are_good: bool = True) -> tuple[Seed, ...]:
    """Return the good files, a delimited one as a workbook and under another delimiter too; or else the traps."""
    if not are_good:
        return tuple(_traps())
    found: list[Seed] = []
    for seed in (*_of_desks(), *_of_fixtures()):
        found.append(seed)
        if seed.table is not None and not seed.is_workbook:
            tabs = _written(seed.table, "\t")
            found.append(_derived(seed, "tsv", tabs))
            found.append(_derived(seed, "xlsx", workbook(seed.table)))
    return tuple(found)


def _derived(seed: Seed, form: str, content: bytes) -> Seed:
    file = f"{Path(seed.file).stem}.{form}"
    settings = {k: v for k, v in seed.settings.items() if k != "as_of_pattern"}
    return Seed(f"{seed.name}.{form}", seed.profile, file, content, settings, seed.table)


def _of_desks() -> Iterator[Seed]:
    for path in sorted(DESKS.glob("*.py")):
        if path.stem.startswith("test_"):
            continue
        module = importlib.import_module(f"desks.{path.stem}")
        for name, content in getattr(module, "EXPORTS", {}).items():
            told = json.loads((DESKS / "expected" / f"{path.stem}.{name}.json").read_bytes())
            yield _seed(
                f"{path.stem}.{name}", told.get("profile", path.stem), told["file"], content, told.get("settings", {})
            )


def _of_fixtures() -> Iterator[Seed]:
    for path in sorted(EXPORTS.glob("*.csv")):
        yield _seed(path.stem, path.stem.split("-", maxsplit=1)[0], path.name, path.read_bytes(), {})


def _traps() -> Iterator[Seed]:
    for path in sorted((EXPORTS / "refused").glob("*.csv")):
        kind = "glpi" if path.stem.startswith("glpi") else "generic"
        yield Seed(f"refused.{path.stem}", kind, path.name, path.read_bytes())


def _seed(name: str, kind: str, file: str, content: bytes, settings: Mapping[str, Any]) -> Seed:
    if content.startswith(b"PK"):
        return Seed(name, kind, file, content, settings)
    text = _decoded(content)
    try:
        return Seed(name, kind, file, content, settings, document=json.loads(text))
    except json.JSONDecodeError:
        return Seed(name, kind, file, content, settings, table=_table(text))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def _table(text: str) -> Cells:
    text = text.lstrip("\ufeff\r\n")
    if text.lower().startswith("sep="):
        text = text.split("\n", maxsplit=1)[1]
    header = text.split("\n", maxsplit=1)[0]
    delimiter = max(";,\t|", key=header.count)
    return [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if row]


def _written(table: Cells, delimiter: str) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, lineterminator="\r\n").writerows(table)
    return stream.getvalue().encode()
