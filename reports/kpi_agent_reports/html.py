"""The monthly report as one self-contained HTML file: no script, no request, the same bytes on every machine."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, TemplateError
from markupsafe import Markup

from kpi_agent_reports.report_view import build_view
from kpi_agent_reports.templating import environment_for, fault_of
from kpi_agent_reports.words import Words

WEIGHTS = (400, 600, 700)
"""Of the embedded typeface."""


def render_html(document: Mapping[str, Any], *, templates: Sequence[Path]) -> str:
    """Return the report in the contract's language.

    *templates* are folders looked through in order, so that a host's own file stands before the shipped one of the
    same name. Raises TemplateFault where one is missing, or asks for what the view does not hold. A missing font file
    leaves the system's typeface.
    """
    view = build_view(document)
    words = Words(view.language, document["period"]["timezone"])
    environment = environment_for(templates)
    # A global, not a variable of the page: imported macros see it too.
    environment.globals["say"] = words.say
    try:
        style = sheet_of(view.footer, environment, templates)
        return environment.get_template("monthly/report.html.j2").render(report=view, style=style)
    except TemplateError as error:
        raise fault_of(error, templates) from error


def sheet_of(footer: str, environment: Environment, templates: Sequence[Path]) -> Markup:
    """Return the sheet: typeface, printed *footer*, then the CSS file: a style element must not be escaped."""
    sheet = environment.get_template("monthly/report.css").render()
    faces = "".join(_face(weight, templates) for weight in WEIGHTS)
    printed = f'@page{{@bottom-left{{content:"{css_text(footer)}"}}}}\n'
    # The sheet is a template file of ours or of the host; the footer's text is escaped by css_text.
    return Markup(faces + printed + sheet)  # noqa: S704


def _face(weight: int, templates: Sequence[Path]) -> str:
    for folder in templates:
        path = folder / "fonts" / f"inter-{weight}.woff2"
        if path.is_file():
            data = base64.b64encode(path.read_bytes()).decode("ascii")
            return (
                f"@font-face{{font-family:Inter;font-style:normal;font-weight:{weight};font-display:block;"
                f"src:url(data:font/woff2;base64,{data}) format('woff2')}}\n"
            )
    return ""


def css_text(text: str) -> str:
    """Return text for a CSS string: everything but ASCII letters and digits is escaped, so that no name can end it."""
    return "".join(c if c.isascii() and c.isalnum() else f"\\{ord(c):x} " for c in text)
