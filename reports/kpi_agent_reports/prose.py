"""People's Markdown as plain blocks: no markup of theirs reaches a page, no image, no address but web or mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token

from kpi_agent_reports.view import Block, Span

_SCHEMES = frozenset({"http", "https", "mailto"})
_BOXES = {"[ ] ": "☐", "[x] ": "☑", "[X] ": "☑"}
_DEEPEST = 20  # levels of lists and quotes


@dataclass(slots=True)
class _Style:
    """What holds for the spans to come."""

    strong: int = 0
    emphasis: int = 0
    addresses: list[str] = field(default_factory=list)


def blocks_of(markdown: str) -> tuple[Block, ...]:
    """Return paragraphs, list items and code of a CommonMark text in order; lists in lists are told one by one.

    HTML is text; an image is its description; a link to anything but http, https and mailto is its words.
    """
    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEEPEST})
    return tuple(_blocks(parser.parse(markdown)))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    is_item = False
    for token in tokens:
        if token.type == "list_item_open":
            is_item = True
        elif token.type in {"fence", "code_block"}:
            yield Block("code", "", (Span(token.content.rstrip("\n"), is_code=True),))
        elif token.type == "inline":
            yield _block("item" if is_item else "text", token.children or ())
            is_item = False  # what follows in the same item is a paragraph of its own


def _block(kind: str, children: Sequence[Token]) -> Block:
    spans = tuple(_spans(children))
    mark = _BOXES.get(spans[0].text[:4], "") if kind == "item" and spans else ""
    if mark:
        rest = spans[0].text[4:]
        spans = (Span(rest, spans[0].is_strong, spans[0].is_emphasis, spans[0].is_code, spans[0].address), *spans[1:])
    return Block(kind, mark, spans)


def _spans(children: Sequence[Token]) -> Iterator[Span]:
    style = _Style()
    for child in children:
        if child.type in {"strong_open", "strong_close"}:
            style.strong += child.nesting
        elif child.type in {"em_open", "em_close"}:
            style.emphasis += child.nesting
        elif child.type == "link_open":
            style.addresses.append(_safe(str(child.attrs.get("href", ""))))
        elif child.type == "link_close":
            style.addresses.pop()
        else:
            text = " " if child.type in {"softbreak", "hardbreak"} else child.content
            if text:
                yield Span(
                    text,
                    is_strong=style.strong > 0,
                    is_emphasis=style.emphasis > 0,
                    is_code=child.type == "code_inline",
                    address=style.addresses[-1] if style.addresses else "",
                )


def _safe(address: str) -> str:
    try:
        return address if urlsplit(address).scheme.lower() in _SCHEMES else ""
    except ValueError:
        return ""


def plain_text(block: Block) -> str:
    """Return a block's words alone, its box before them."""
    return " ".join(part for part in (block.mark, "".join(span.text for span in block.spans).strip()) if part)
