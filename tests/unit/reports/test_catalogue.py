from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from babel.messages.extract import extract_from_dir

import kpi_agent_reports
from kpi_agent_reports.catalogue import read_catalogue

CODE = Path(kpi_agent_reports.__file__).parent
TEMPLATES = Path(__file__).parents[3] / "templates"
KEYWORDS = {"say": None, "message": None, "count": (1, 2), "messages": (1, 2)}


@lru_cache
def used() -> frozenset[str | tuple[str, ...]]:
    """Return every message of the code and the templates."""
    found = set()
    for folder, method in ((CODE, ("**.py", "python")), (TEMPLATES, ("**.j2", "jinja2.ext:babel_extract"))):
        for _, _, text, _, _ in extract_from_dir(str(folder), [method], keywords=KEYWORDS):
            found.add(text)
    return frozenset(found)


def strings(value: str | tuple[str, ...] | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def catalogue() -> dict[str | tuple[str, ...], list[str]]:
    return {
        m.id if isinstance(m.id, str) else tuple(m.id): strings(m.string or "") for m in read_catalogue("fr") if m.id
    }


def test_every_message_has_its_french() -> None:
    assert len(used()) > 200
    assert used() - set(catalogue()) == set()


def test_no_translation_is_left_over_or_empty_or_unsure() -> None:
    assert set(catalogue()) - used() == set()
    assert [m.id for m in read_catalogue("fr") if m.id and ("" in strings(m.string) or m.fuzzy)] == []


def test_both_languages_take_the_same_fields() -> None:
    def fields(texts: list[str]) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", " ".join(texts)))

    # "The one commitment is kept" spells its number out: a singular may leave {n} away.
    differing = {
        key: texts for key, texts in catalogue().items() if fields(strings(key)) - {"n"} != fields(texts) - {"n"}
    }

    assert differing == {}


def test_french_is_written_with_curly_apostrophes() -> None:
    assert [texts for texts in catalogue().values() if any("'" in t for t in texts)] == []
