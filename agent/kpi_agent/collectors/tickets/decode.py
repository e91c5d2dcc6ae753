"""Bytes of a delimited file → header and records with their lines (inputs.md A0, D); what is unsafe is refused."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Collection, Iterator
from typing import BinaryIO, Literal

from kpi_agent.collectors.tickets.encoding import encoding_of
from kpi_agent.collectors.tickets.faults import listed, refusal
from kpi_agent.collectors.tickets.profile import alias_keys, header_key
from kpi_agent.collectors.tickets.table import MAX_COLUMNS, Table
from kpi_agent.domain.source import Profile

MAX_LINE = 4 * 1024 * 1024
CUT_SHORT = "the last line is cut short: the export is not complete; export it again"
_BOM = "\ufeff"
_Quoting = Literal[0, 3]  # csv.QUOTE_MINIMAL, csv.QUOTE_NONE


class _Lines:
    """The physical lines of a text, counted; refuses what no text export holds."""

    def __init__(self, text: io.TextIOWrapper, file: str) -> None:
        self._text = text
        self._file = file
        self._again: deque[str] = deque()
        self.count = 0
        self.header_line = 1
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(MAX_LINE)
        if not line:
            raise StopIteration
        self.count += 1
        if "\0" in line:
            raise refusal(self._file, "NUL character: the file is damaged or not text", self.count)
        if len(line) >= MAX_LINE and not line.endswith(("\n", "\r")):
            raise refusal(self._file, f"a line of more than {MAX_LINE} characters: not a ticket export", self.count)
        self.last = line
        return line

    @property
    def ends_open(self) -> bool:
        """Whether the line read last has no line end: after the last record, the file may be cut inside it."""
        return _is_open(self.last)

    def take_header(self, delimiters: str, *, has_quotes: bool) -> tuple[str | None, list[str]]:
        """Return the delimiter that a spreadsheet's ``sep=`` line declares, if any, and the header's lines.

        The header's lines come again from the iterator, counted as if they had not been looked at.
        """
        declared = None
        for line in self:
            # GLPI 9.5 and 10.0.18 write a blank line, then the byte-order mark.
            text = line.lstrip(_BOM)
            if not text.strip(f" \t\r\n{_BOM}"):
                continue
            if text[:4].lower() == "sep=" and text[4:5] in set(delimiters) and not text[5:].strip():
                declared = text[4]
                continue
            self.header_line = self.count
            header = [text]
            while has_quotes and sum(line.count('"') for line in header) % 2 and len(header) < MAX_COLUMNS:
                following = next(self, None)
                if following is None:
                    break
                header.append(following)
            self._again.extend(header)
            self.count -= len(header)
            return declared, header
        raise refusal(self._file, "the file holds nothing but blank lines")


def open_text(stream: BinaryIO, file: str, profile: Profile) -> Table:
    """Return the table in a binary stream; the profile's headers settle which delimiter makes the best header.

    Raises ExportRefused now for the encoding and the header, and while iterating for NUL, an unclosed or stray quote, a
    cell over 131,072 or a line over 4 Mi characters, and a last record that is cut short.
    """
    encoding, delimiters = encoding_of(stream, file, profile.fallback_encoding), profile.delimiters
    text = io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline="")
    lines = _Lines(text, file)
    declared, header_lines = lines.take_header(delimiters, has_quotes=profile.has_quotes)
    quoting: _Quoting = csv.QUOTE_MINIMAL if profile.has_quotes else csv.QUOTE_NONE
    delimiter = declared or _vote(header_lines, delimiters, quoting, alias_keys(profile))
    reader = csv.reader(lines, delimiter=delimiter, strict=True, quoting=quoting)
    try:
        header = [_bare(cell) for cell in next(reader)]
    except csv.Error as error:
        raise refusal(file, f"the header cannot be read: {error}", lines.header_line) from error
    if header and not header[-1]:
        header.pop()
    if len(header) > MAX_COLUMNS:
        raise refusal(file, f"{len(header)} columns, more than {MAX_COLUMNS}: not a ticket export", lines.header_line)
    if len(header) == 1:
        tried = listed([_shown(d) for d in delimiters])
        raise refusal(file, f"the header makes one column only with any of the delimiters {tried}", lines.header_line)
    end = header_lines[-1].rstrip("\r\n")[-1:]
    records = _records(reader, lines, file, len(header), end)
    return Table(encoding, delimiter, tuple(header), records, lambda: lines.ends_open)


def _records(
    reader: Iterator[list[str]], lines: _Lines, file: str, width: int, end: str
) -> Iterator[tuple[int, list[str]]]:
    while True:
        start = lines.count + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise refusal(file, _explained(error), start) from error
        if not "".join(cells[:2]).strip() and len(cells) <= 1:
            continue
        if _is_open(lines.last) and _looks_cut(cells, lines.last, width, end):
            raise refusal(file, CUT_SHORT, start)
        yield start, cells


def _is_open(line: str) -> bool:
    return not line.endswith(("\n", "\r"))


def _looks_cut(cells: list[str], last: str, width: int, end: str) -> bool:
    """Whether a last line without line end stops early: cells are missing, or the quote or delimiter of the header."""
    return len(cells) < width or (end != "" and end in '";,\t|¤' and not last.endswith(end))


def _explained(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text:
        return "a cell of more than 131,072 characters begins here; is a quote left open?"
    if "unexpected end" in text:
        return "a quote is opened here and never closed: the file is cut short or damaged"
    return f"the quotes do not pair here ({text}); export it again, or double the quotes inside cells"


def _vote(header: list[str], delimiters: str, quoting: _Quoting, known_headers: Collection[str]) -> str:
    """Return the delimiter under which most cells are headers that the profile knows; among equals, most cells."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader(header, delimiter=delimiter, quoting=quoting), [])
        except csv.Error:
            return 0, 0
        return sum(header_key(_bare(c)) in known_headers for c in cells), len(cells)

    return max(delimiters, key=score)


def _bare(header: str) -> str:
    """Return a header without the byte-order mark and the quotes that a re-saved file keeps inside its first cell."""
    text = header.strip()
    if text.startswith(_BOM):
        text = text.strip(f'{_BOM}" ')
    return text


def _shown(delimiter: str) -> str:
    return "TAB" if delimiter == "\t" else delimiter
