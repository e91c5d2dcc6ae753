"""One mutant against its tests, in a forked process.

Where a fault lies in the body of a function, the function is given the mutated code in a process in which the tests are
collected already. That is quick, and misses what was computed before: what survives it, and what lies elsewhere, is
tried again in a process that imports the mutated module in place of the real one.
"""

from __future__ import annotations

import ast
import functools
import importlib
import os
import resource
import sys
from collections.abc import Callable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

TESTS = Path(__file__).parents[1]
AGENT = TESTS.parent / "agent"

_MOST_MEMORY = 4 * 1024**3
_QUIET = ("-W", "ignore::pytest.PytestAssertRewriteWarning")  # hypothesis is imported before, once for all mutants


def module_name(target: str) -> str:
    """Return the full name of a module below ``kpi_agent.domain``."""
    return f"kpi_agent.domain.{target.replace('/', '.')}"


def silence() -> None:
    """Let this process say nothing more: pytest tells of each mutant what it tells of each test."""
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 1)
    os.dup2(silent, 2)


def fork(run: Callable[[], int], seconds: int) -> int:
    """Return the id of a silent process that exits with what *run* returns, and ends after so much processor time."""
    child = os.fork()
    if child:
        return child
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))  # an endless loop is noticed too
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
        silence()
        status = run()
    except BaseException:  # noqa: BLE001 - whatever ends it, the mutant was noticed
        status = 3
    os._exit(status)


def run_anew(target: str, tests: tuple[str, ...], tree: ast.Module | None) -> int:
    """Run the tests where the module is imported from *tree* (None: as it is); 0 when every one passes."""
    _calm_down()
    if tree is not None:
        sys.meta_path.insert(0, _Finder(module_name(target), tree))
    return int(pytest.main([*_arguments(tests), "-x"]))


def with_collected(target: str, tests: tuple[str, ...], work: Callable[[Callable[[ast.Module], int]], None]) -> int:
    """Collect the tests and call *work* with a function that runs them against a tree: 0 when every one passes."""
    _calm_down()

    class Loop:
        @staticmethod
        def pytest_runtestloop(session: pytest.Session) -> bool:
            module = importlib.import_module(module_name(target))

            def attempt(tree: ast.Module) -> int:
                if not _patch(module, tree):
                    return 0  # it lies outside of functions
                for item, following in zip(session.items, [*session.items[1:], None], strict=True):
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                    if session.testsfailed:
                        return 1
                return 0

            work(attempt)
            return True

    return int(pytest.main(_arguments(tests), plugins=[Loop()]))


def _arguments(tests: tuple[str, ...]) -> list[str]:
    files = [str(TESTS / "unit" / "domain" / f"test_{name}.py") for name in tests]
    return ["-q", "--no-header", "--tb=no", "-p", "no:cacheprovider", "--assert=plain", *_QUIET, *files]


def _calm_down() -> None:
    """Have the same examples each time, and none made smaller: that it fails is all that is asked."""
    settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutants")


def _patch(module: ModuleType, tree: ast.Module) -> bool:
    """Give the functions of a module the code of *tree*; False when that changes none of them."""
    is_changed = False
    for names, code in _codes(compile(tree, "mutant", "exec"), ()):
        function = _function(module, names)
        if function is None or _same(function.__code__, code) or _is_factory(code):
            continue
        function.__code__ = code
        is_changed = True
    return is_changed


def _is_factory(code: CodeType) -> bool:
    """Whether functions are defined in it: those that it made when it was imported keep their code."""
    return any(isinstance(inner, CodeType) and not inner.co_name.startswith("<") for inner in code.co_consts)


def _same(a: CodeType, b: CodeType) -> bool:
    """Whether two codes do the same, wherever they were read."""
    if a.co_code != b.co_code or a.co_names != b.co_names or len(a.co_consts) != len(b.co_consts):
        return False
    return all(
        _same(x, y) if isinstance(x, CodeType) and isinstance(y, CodeType) else (type(x), x) == (type(y), y)
        for x, y in zip(a.co_consts, b.co_consts, strict=True)
    )


def _codes(code: CodeType, names: tuple[str, ...]) -> list[tuple[tuple[str, ...], CodeType]]:
    """Return the codes of a module's functions and of its classes' methods, by name."""
    found = []
    for inner in code.co_consts:
        if not isinstance(inner, CodeType) or inner.co_name.startswith("<"):
            continue
        if inner.co_flags & 0x2:  # a function's local variables are fast ones, a class body's are not
            found.append(((*names, inner.co_name), inner))
        else:
            found += _codes(inner, (*names, inner.co_name))
    return found


def _function(module: ModuleType, names: tuple[str, ...]) -> FunctionType | None:
    found: Any = module
    for name in names:
        found = vars(found).get(name)
    if isinstance(found, property):
        found = found.fget
    if isinstance(found, classmethod | staticmethod):
        found = found.__func__
    if isinstance(found, functools._lru_cache_wrapper):
        found.cache_clear()
        found = found.__wrapped__
    return found if isinstance(found, FunctionType) else None


class _Finder(MetaPathFinder, Loader):
    """Finds one module, and loads it from a syntax tree."""

    def __init__(self, name: str, tree: ast.Module) -> None:
        self._name, self._tree = name, tree

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, origin="mutant") if name == self._name else None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self._tree, "mutant", "exec"), module.__dict__)
