"""The base of all file models: keys with a description and an example, and every shape problem of a file at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import time
from decimal import Decimal
from fractions import Fraction
from types import UnionType
from typing import Annotated, Any, ClassVar, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, ErrorDetails, core_schema

from kpi_agent.config.findings import Findings
from kpi_agent.config.scalars import did_you_mean
from kpi_agent.strictyaml import Path, read_yaml

_REQUIRED: Any = object()


class Spec(BaseModel):
    """One block of a file, as written. Unknown keys are refused; nothing is converted but by our own readers."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    parts: ClassVar[frozenset[Path]] = frozenset()
    """Blocks and lists whose entries stand alone: one with a wrong shape does not hide the problems of the others."""


S = TypeVar("S", bound=Spec)


@dataclass(frozen=True, slots=True, eq=False)  # by identity: annotations must be hashable
class Reads:
    """Annotation: the value is read by *reader*, and editors see *schema*."""

    reader: Callable[[object], object]
    schema: Mapping[str, object]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.reader)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return dict(self.schema)


def key(about: str, example: object, default: object = _REQUIRED, *, alias: str | None = None) -> Any:
    """Return the field of a key, with its description and an example; without *default* the key is required."""
    if default is _REQUIRED:
        return Field(description=about, examples=[example], alias=alias)
    shown = _shown(default)
    described = f"{about}; default {shown}" if shown else about
    return Field(default=default, description=described, examples=[example], alias=alias)


def _shown(default: object) -> str:
    """Return a default as it would be written, nothing for a block, a list or none."""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, time):
        return f"{default:%H:%M}"
    if isinstance(default, Fraction):
        return f"{default * 100}%"
    if isinstance(default, (str, int, Decimal)):
        return str(default)
    return getattr(default, "text", "")


def parse_spec(model: type[S], content: bytes, file: str) -> tuple[S | None, Findings]:
    """Return the model of a file and what is wrong with it.

    When shapes are wrong, the model holds what could be read, and examples in the place of what is missing: good for
    finding further problems, never for use (``Findings.is_refused``). None when the file is no YAML block.
    """
    root, problems = read_yaml(content, file)
    findings = Findings(file, root, problems)
    if root is None:
        return None, findings
    plain = root.plain()
    if not isinstance(plain, dict):
        findings.refuse((), "must be a block of keys, such as 'name: value' on each line")
        return None, findings
    try:
        return model.model_validate(plain), findings
    except ValidationError as error:
        errors = error.errors(include_url=False, include_input=False)
    for item in errors:
        _report(model, item, findings)
    _leave_out_damaged(model, plain, errors, findings)
    try:
        return model.model_validate(plain), findings
    except ValidationError:
        return None, findings


def tree_path(loc: Iterable[int | str]) -> Path:
    """Return the way through the file that an error's location means: without union tags and key marks."""
    match [step for step in loc if step != "[key]"]:
        case ["sources", name, "prometheus" | "tickets" | "register", *rest]:
            return ("sources", name, *rest)
        case steps:
            return tuple(steps)


def _report(model: type[Spec], error: ErrorDetails, findings: Findings) -> None:
    path = tree_path(error["loc"])
    kind = error["type"]
    if kind == "missing":
        name, field = str(path[-1]), _field_at(model, error["loc"])
        example = f"; write {name}: {example_text(field)}" if field is not None else ""
        findings.refuse(path[:-1], f"required key '{name}' is missing{example}")
    elif kind == "extra_forbidden":
        at = _model_at(model, error["loc"][:-1])
        known = sorted(names_of(at)) if at is not None else []
        findings.refuse_at_key(path, f"unknown key '{path[-1]}'{did_you_mean(str(path[-1]), known)}")
    elif "[key]" in error["loc"]:
        findings.refuse_at_key(path, _words(error))
    else:
        findings.refuse(path, _words(error))


def _words(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return str(context["error"])
    if kind in {"model_type", "dict_type", "model_attributes_type"}:
        return "must be a block of keys, such as {key: value}"
    if kind in {"tuple_type", "list_type"}:
        return "must be a list, such as [first, second]"
    if kind == "union_tag_not_found":
        return "required key 'type' is missing; write type: prometheus or type: tickets"
    if kind == "union_tag_invalid":
        return f"unknown type '{context['tag']}'; write prometheus or tickets"
    return error["msg"]


def _leave_out_damaged(model: type[Spec], plain: dict[str, Any], errors: list[ErrorDetails], found: Findings) -> None:
    """Remove the parts with a wrong shape from *plain*; required keys of the file get their example instead."""
    unknown = {tree_path(e["loc"]) for e in errors if e["type"] == "extra_forbidden"}
    wrong = {_part_of(model, tree_path(e["loc"])) for e in errors if e["type"] != "extra_forbidden"}
    found.damaged |= wrong
    # From the back, so that positions in lists stay true.
    for path in sorted(unknown | wrong, key=lambda p: [(isinstance(s, str), s) for s in p], reverse=True):
        _remove(plain, path)
    for name, field in model.model_fields.items():
        if field.is_required() and (field.alias or name) not in plain:
            plain[field.alias or name] = (field.examples or [None])[0]


def _part_of(model: type[Spec], path: Path) -> Path:
    for length in range(len(path) - 1, 0, -1):
        if path[:length] in model.parts:
            return path[: length + 1]
    return path[:1]


def _remove(plain: Any, path: Path) -> None:
    try:
        for step in path[:-1]:
            plain = plain[step]
        del plain[path[-1]]
    except (KeyError, IndexError, TypeError):
        return  # a part above it is gone already


def names_of(model: type[Spec]) -> dict[str, FieldInfo]:
    """Return the keys of a block as they are written, with their fields."""
    return {field.alias or name: field for name, field in model.model_fields.items()}


def example_text(field: FieldInfo) -> str:
    """Return a key's example as it may be written in a flow of YAML."""
    return flow((field.examples or ["…"])[0])


def flow(value: object) -> str:
    """Return a value of an example as YAML in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{k}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(flow(v) for v in value) + "]"
    text = str(value)
    return f'"{text}"' if text[:1] in "<>*&!%@`'{[#|-?:" or ": " in text or " #" in text or "," in text else text


def _field_at(model: type[Spec], loc: tuple[int | str, ...]) -> FieldInfo | None:
    at = _model_at(model, loc[:-1])
    return names_of(at).get(str(loc[-1])) if at is not None else None


def _model_at(model: type[Spec], loc: Iterable[int | str]) -> type[Spec] | None:
    """Return the model of the block that a location leads to, None when it is no block."""
    kind: Any = model
    for step in loc:
        kind = _descend(_bare(kind), step)
    kind = _bare(kind)
    return kind if isinstance(kind, type) and issubclass(kind, Spec) else None


def _descend(kind: Any, step: int | str) -> Any:
    if isinstance(kind, type) and issubclass(kind, Spec):
        field = names_of(kind).get(str(step))
        return None if field is None else field.annotation
    if get_origin(kind) in {Union, UnionType}:
        return next((m for m in get_args(kind) if step in _tags_of(m)), None)
    args = get_args(kind)
    if get_origin(kind) is dict:
        return args[1]
    return args[0] if get_origin(kind) is tuple else None


def _tags_of(kind: Any) -> tuple[object, ...]:
    field = kind.model_fields.get("type") if isinstance(kind, type) and issubclass(kind, Spec) else None
    return get_args(field.annotation) if field is not None else ()


def _bare(kind: Any) -> Any:
    """Return a type without ``Annotated`` and ``| None``."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) in {Union, UnionType}:
        rest = [a for a in get_args(kind) if a is not type(None)]
        if len(rest) == 1:
            return _bare(rest[0])
    return kind
