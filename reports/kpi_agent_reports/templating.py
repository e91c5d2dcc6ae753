"""Where templates run: escaping always, in a sandbox, with errors that name the file and the line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateNotFound, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment


class TemplateFault(Exception):
    """A template cannot be rendered; the message names file and line."""


def environment_for(templates: Sequence[Path]) -> ImmutableSandboxedEnvironment:
    """Return the environment of the folders *templates*, the first that has a file wins; an unknown name is an error.

    A host's own templates reach the view and nothing of Python.
    """
    return ImmutableSandboxedEnvironment(
        loader=FileSystemLoader([str(folder) for folder in templates]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def fault_of(error: TemplateError, templates: Sequence[Path]) -> TemplateFault:
    """Return what went wrong with its place: ``/etc/kpi-agent/templates/monthly/report.html.j2:12: …``."""
    if isinstance(error, TemplateNotFound):
        looked = " nor ".join(map(str, templates))
        return TemplateFault(f"template {error.name} is neither in {looked}" if templates else str(error))
    if isinstance(error, TemplateSyntaxError):
        return TemplateFault(f"{error.filename or error.name}:{error.lineno}: {error.message}")
    place, trace = "", error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if any(Path(name).is_relative_to(folder) for folder in templates):
            place = f"{name}:{trace.tb_lineno}: "
        trace = trace.tb_next
    return TemplateFault(f"{place}{error.message}; what a template may use: docs/templates.md")
