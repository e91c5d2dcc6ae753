"""The faults that ``make mutate`` tries: each changes one thing, and nothing that is no arithmetic."""

from __future__ import annotations

import ast

import pytest

from mutants.campaign import main
from mutants.equivalent import EQUIVALENT
from mutants.operators import mutants
from mutants.targets import TESTS
from mutants.trial import AGENT
from mutants.trial import TESTS as FOLDER


def changes(source: str) -> list[tuple[str, str]]:
    return [(mutant.before, mutant.after) for mutant in mutants(source)]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a <= b", ["a < b", "a > b"]),
        ("a - b", ["a + b"]),
        ("not a", ["a"]),
        ("a and b", ["a or b", "b", "a"]),
        ("min(a)", ["max(a)"]),
        ("a.start", ["a.end"]),
        ("[x for x in a if x]", ["for x in a"]),
        ("a[0]", ["a[1]"]),
        ("f(a, strict=True)", []),
    ],
)
def test_a_fault_changes_one_thing(source: str, expected: list[str]) -> None:
    assert [after for _, after in changes(f"b = {source}")] == [
        f"b = {after}" if source == "a.start" else after for after in expected
    ]


def test_docstrings_annotations_and_messages_stay_as_they_are() -> None:
    source = 'def f(a: "A") -> "B":\n    """Text."""\n    raise E("text")\nclass C(E):\n    X = "x"\n    def __repr__(self):\n        return "c"\n'

    assert changes(source) == []


def test_each_mutant_is_another_module() -> None:
    source = (AGENT / "kpi_agent" / "domain" / "verdict.py").read_text(encoding="utf-8")

    made = {ast.unparse(mutant.tree) for mutant in mutants(source)}

    assert len(made) == len(list(mutants(source))) > 40
    assert ast.unparse(ast.parse(source)) not in made


def test_what_is_named_as_a_target_or_as_equivalent_is_there() -> None:
    files = {path.stem.removeprefix("test_") for path in (FOLDER / "unit" / "domain").glob("test_*.py")}

    assert {name for tests in TESTS.values() for name in tests} <= files
    for module in TESTS:
        made = {
            (m.function, m.before, m.after)
            for m in mutants((AGENT / "kpi_agent" / "domain" / f"{module}.py").read_text())
        }
        assert {key[1:] for key in EQUIVALENT if key[0] == module} <= made
    assert {key[0] for key in EQUIVALENT} <= set(TESTS)


def test_an_unknown_module_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nowhere"]) == 2
    assert "no target nowhere; there are: time, calendar" in capsys.readouterr().err
