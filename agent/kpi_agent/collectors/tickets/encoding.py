"""Which encoding an export has: its byte-order mark's, else UTF-8 if the whole file is, else the fallback."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO

from kpi_agent.collectors.tickets.faults import refusal

MAX_BYTES = 1024 * 1024 * 1024
_CHUNK = 1024 * 1024

# The UTF-32 little-endian mark begins with the UTF-16 one: it is asked first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_FOREIGN = (
    (b"\xd0\xcf\x11\xe0", "this is an old Excel workbook or one with a password; save it as XLSX or CSV without one"),
    (b"\x1f\x8b", "this is a gzip archive; unpack it first"),
    (b"%PDF", "this is a PDF; export as CSV"),
    (b"SQLite format 3\0", "this is a database, not an export"),
    (b"\x89PNG", "this is a picture, not an export"),
    (b"\x7fELF", "this is a program, not an export"),
)

_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = bytes(range(0x80, 0x100))


def encoding_of(stream: BinaryIO, file: str, fallback: str) -> str:
    """Return the encoding that decodes every byte, and leave the stream at its start.

    Raises ExportRefused for an empty, binary, damaged or cut file: never a replacement character, never a guess between
    two encodings that both fit.
    """
    head = stream.read(4096)
    if not head:
        raise refusal(file, "the file is empty")
    mark = next((name for bom, name in _MARKS if head.startswith(bom)), None)
    if mark is None:
        _refuse_foreign(head, file)
    name = mark or "utf-8"
    try:
        _decode_whole(stream, name)
    except _Undecodable as fault:
        if mark is not None:
            what = "is cut short inside a character" if fault.is_cut else "holds bytes that are not of that encoding"
            raise refusal(
                file, f"the file says it is {name.removesuffix('-sig').upper()} and {what}; export it again", fault.line
            ) from fault
        name = _fall_back(stream, file, fallback, fault)
    stream.seek(0)
    return name


def _refuse_foreign(head: bytes, file: str) -> None:
    for magic, message in _FOREIGN:
        if head.startswith(magic):
            raise refusal(file, message)
    if b"\0" in head:
        line = head[: head.index(b"\0")].count(b"\n") + 1
        raise refusal(file, "NUL bytes: not a text file, or UTF-16 without a byte-order mark; export as UTF-8", line)
    if head.lstrip()[:15].lower().startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise refusal(file, "this is a web page or XML, not CSV; was it saved from a login page?", 1)


class _Undecodable(Exception):
    """Bytes that the encoding does not allow: on which line, whether only the end is missing, whether some did fit."""

    def __init__(self, line: int, *, is_cut: bool, has_multibyte: bool) -> None:
        self.line = line
        self.is_cut = is_cut
        self.has_multibyte = has_multibyte
        super().__init__(line)


def _decode_whole(stream: BinaryIO, name: str) -> None:
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(name)()
    line, has_multibyte = 1, False
    for chunk in _chunks(stream):
        try:
            text = decoder.decode(chunk)
        except UnicodeDecodeError as error:
            at = line + error.object[: error.start].count(b"\n")
            raise _Undecodable(at, is_cut=False, has_multibyte=has_multibyte) from error
        has_multibyte = has_multibyte or not text.isascii()
        line += text.count("\n")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise _Undecodable(line, is_cut=True, has_multibyte=has_multibyte) from error


def _fall_back(stream: BinaryIO, file: str, fallback: str, fault: _Undecodable) -> str:
    """Return *fallback* when the file is of it, rather than UTF-8 with a few damaged or missing bytes."""
    if fault.is_cut and fault.has_multibyte:
        raise refusal(file, "the file is cut short inside a UTF-8 character; export it again", fault.line)
    sequences, stray = _count_high_bytes(stream)
    # One-byte text makes a UTF-8 sequence only by accident (É followed by »); UTF-8 text makes nothing else.
    if sequences > stray:
        raise refusal(
            file,
            f"encoding unclear: UTF-8 with stray bytes ({stray}), the first on this line; export it again",
            fault.line,
        )
    try:
        _decode_whole(stream, fallback)
    except _Undecodable as second:
        message = f"neither UTF-8 (line {fault.line}) nor {fallback} (line {second.line}); export as UTF-8"
        raise refusal(file, message, fault.line) from second
    return fallback


def _count_high_bytes(stream: BinaryIO) -> tuple[int, int]:
    """Return how many UTF-8 sequences of several bytes there are, and how many bytes above ASCII outside of them."""
    stream.seek(0)
    sequences = stray = 0
    for chunk in _chunks(stream):
        found = _MULTIBYTE.findall(chunk)
        high = len(chunk) - len(chunk.translate(None, _HIGH))
        sequences += len(found)
        stray += high - sum(map(len, found))
    return sequences, stray


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        # To the end of the line, so that no character is split where sequences are counted.
        yield chunk + stream.readline(_CHUNK)
