"""Small faults that a person might make: each yields the module's syntax tree with one of them in it."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_NAMES = {"min": "max", "max": "min", "any": "all", "all": "any", "bisect_right": "bisect_left"}
_ATTRIBUTES = {"start": "end", "end": "start"}
_LEAVES = (ast.Constant, ast.Name, ast.Attribute)


@dataclass(frozen=True)
class Mutant:
    """One fault: where it is, what stood there and what stands there now, and the tree to compile."""

    line: int
    function: str
    before: str
    after: str
    tree: ast.Module

    def __str__(self) -> str:
        return f"{self.line} {self.function}: {self.before} → {self.after}"


def mutants(source: str) -> Iterator[Mutant]:
    """Yield every mutant of a module. Docstrings, annotations, decorators, members and raised messages are left."""
    tree = ast.parse(source)
    for function, node, parent in _places(tree, "", tree):
        for changed in _changes(node):
            yield Mutant(
                _line(node),
                function,
                _shown(node, parent),
                _shown_changed(node, parent, changed),
                _replaced(tree, node, changed),
            )


def _line(node: ast.AST) -> int:
    found: int = (node.target if isinstance(node, ast.comprehension) else node).lineno  # type: ignore[attr-defined]
    return found


def _places(node: ast.AST, function: str, parent: ast.AST) -> Iterator[tuple[str, ast.AST, ast.AST]]:
    """Yield what may be changed with the name of its function or class, and what it is shown in."""
    inside = function
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        inside = f"{function}.{node.name}".lstrip(".")
    yield inside or "module", node, parent
    around = parent if isinstance(node, _LEAVES) else node
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns", "decorator_list", "exc", "bases", "cause"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_left_alone(child, node):
                yield from _places(child, inside, around)


def _is_left_alone(node: ast.AST, holder: ast.AST) -> bool:
    """Whether it is no arithmetic: a docstring, a member's word, what a debugger shows, ``strict`` for equal lengths."""
    match node:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.Assign(value=ast.Constant()):
            return isinstance(holder, ast.ClassDef)
        case ast.FunctionDef(name="__repr__") | ast.keyword(arg="strict"):
            return True
    return False


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in place of a node."""
    match node:
        case ast.Compare():
            yield from _comparisons(node)
        case ast.BinOp() | ast.AugAssign() if type(node.op) in _ARITHMETIC:
            yield _altered(node, op=_ARITHMETIC[type(node.op)]())
        case ast.BoolOp():
            yield from _logic(node)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.If() | ast.IfExp() | ast.While():
            yield _altered(node, test=ast.UnaryOp(ast.Not(), node.test))
        case ast.comprehension() if node.ifs:
            yield _altered(node, ifs=[])
        case _:
            yield from _small_changes(node)


def _small_changes(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
        case ast.Constant():
            yield from _constants(node.value)
        case ast.Name() if node.id in _NAMES:
            yield ast.Name(_NAMES[node.id], node.ctx)
        case ast.Attribute(ctx=ast.Load()) if node.attr in _ATTRIBUTES:
            yield ast.Attribute(node.value, _ATTRIBUTES[node.attr], node.ctx)


def _comparisons(node: ast.Compare) -> Iterator[ast.AST]:
    for index, operator in enumerate(node.ops):
        for other in _COMPARISONS[type(operator)]:
            ops = [other() if i == index else o for i, o in enumerate(node.ops)]
            yield ast.Compare(node.left, ops, node.comparators)


def _logic(node: ast.BoolOp) -> Iterator[ast.AST]:
    """Yield the other connection, and each of the parts left out."""
    yield ast.BoolOp(ast.And() if isinstance(node.op, ast.Or) else ast.Or(), node.values)
    for index in range(len(node.values)):
        kept = [v for i, v in enumerate(node.values) if i != index]
        yield kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)


def _constants(value: object) -> Iterator[ast.AST]:
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        if value:
            yield ast.Constant(value - 1)
    elif isinstance(value, str) and value:
        yield ast.Constant(f"not {value}")


def _altered(node: ast.AST, **fields: object) -> ast.AST:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


class _Swap(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self._old, self._new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self._old:
            return ast.copy_location(self._new, node)
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.AST) and (changed := self.visit(value)) is not value:
                return _altered(node, **{name: changed})
            if isinstance(value, list):
                for index, child in enumerate(value):
                    if isinstance(child, ast.AST) and (changed := self.visit(child)) is not child:
                        return _altered(node, **{name: [*value[:index], changed, *value[index + 1 :]]})
        return node


def _replaced(tree: ast.Module, old: ast.AST, new: ast.AST) -> ast.Module:
    """Return the tree with one node exchanged; only what leads to it is copied."""
    changed = _Swap(old, new).visit(tree)
    assert isinstance(changed, ast.Module)
    return ast.fix_missing_locations(changed)


def _shown(node: ast.AST, parent: ast.AST) -> str:
    """Return a node in one line; a leaf in what holds it."""
    if isinstance(node, ast.comprehension):
        return f"for {ast.unparse(node.target)} in {ast.unparse(node.iter)}" + "".join(
            f" if {ast.unparse(condition)}" for condition in node.ifs
        )
    whole = parent if isinstance(node, _LEAVES) and isinstance(parent, ast.expr | ast.stmt | ast.keyword) else node
    return " ".join(ast.unparse(whole).split("\n", maxsplit=1)[0].split())


def _shown_changed(node: ast.AST, parent: ast.AST, changed: ast.AST) -> str:
    if isinstance(node, _LEAVES):
        return _shown(changed, _Swap(node, changed).visit(parent))
    return ast.unparse(changed) if isinstance(changed, _LEAVES) else _shown(changed, parent)
