"""Notes as files: ``register/notes/CONTRACT/PERIOD.md`` below the state directory, UTF-8 Markdown."""

from __future__ import annotations

from pathlib import Path

from kpi_agent.domain.errors import KpiAgentError
from kpi_agent.domain.notes import ASKED, HEADINGS, Note, Section, notes_of
from kpi_agent.whole_file import locked, write_whole

LARGEST = 256 * 1024
"""Bytes: a note is read by people."""


def note_file(state_dir: Path, contract: str, period: str) -> Path:
    """Return where the note of a period stands, whether it is there or not."""
    return state_dir / "register" / "notes" / contract / f"{period}.md"


def read_notes(path: Path) -> tuple[Note, ...]:
    """Return the sections of a note, none when there is no such file; raises KpiAgentError for one that is no text."""
    return notes_of(_text(path))


def add_note(path: Path, section: Section, text: str, *, language: str) -> None:
    """Add *text*, in one line, as the last item of its section, which is made when it is not there.

    Decisions and actions get a box to tick. What stands in the file stays; it appears whole or not at all.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with locked(path.parent):
        lines = _text(path).splitlines()
        item = f"- [ ] {' '.join(text.split())}" if section in ASKED else f"- {' '.join(text.split())}"
        _insert(lines, item, section, language)
        write_whole(path, "\n".join([*lines, ""]).encode())


def _insert(lines: list[str], item: str, section: Section, language: str) -> None:
    """Put *item* at the end of its section."""
    headings = {texts[section].casefold() for texts in HEADINGS.values()}
    places = [n for n, line in enumerate(lines) if line.startswith("#") and line.lstrip("# ").casefold() in headings]
    if not places:
        lines += [*([""] if lines else []), f"# {HEADINGS[language][section]}", "", item]
        return
    end = next((n for n in range(places[-1] + 1, len(lines)) if lines[n].startswith("#")), len(lines))
    while end > places[-1] + 1 and not lines[end - 1].strip():
        end -= 1
    lines[end:end] = ["", item] if end == places[-1] + 1 else [item]


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise KpiAgentError(f"{path}: {error.strerror}") from error
    if len(content) > LARGEST:
        raise KpiAgentError(f"{path}: {len(content):,} bytes; a note has at most {LARGEST:,}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise KpiAgentError(f"{path}:{line}: byte {content[error.start]:#04x} is no UTF-8; save it as UTF-8") from error
