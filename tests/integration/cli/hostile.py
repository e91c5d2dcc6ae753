"""Files that nobody should drop, made for real, each with the words that its refusal must hold (inputs.md D)."""

from __future__ import annotations

import gzip
import io
import json
import os
import socket
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import workbooks

Make = Callable[[Path], object]

_LINES = ["id,state,priority,opened,resolved"] + [
    f"{n},closed,P1,2026-10-{n % 28 + 1:02d} 08:00,2026-10-{n % 28 + 1:02d} 09:00" for n in range(1, 200)
]
GOOD = "\n".join(_LINES) + "\n"
"""A whole export of 199 tickets."""

_HEAD = _LINES[0] + "\n"
_RECORD = {"id": "1", "state": "closed", "opened": "2026-10-01 08:00"}
_XML = '<?xml version="1.0"?>\n<!DOCTYPE z [<!ENTITY a "ha">{}]>\n'
_NESTED = _XML.format("".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)))
_SHEET = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def contents() -> Iterator[tuple[str, bytes, str]]:
    """Yield (name, content, words of its refusal) of regular files."""
    yield from _not_text()
    yield from _not_whole()
    yield from _not_an_export()
    yield from _workbooks()
    yield from _json()


def _not_text() -> Iterator[tuple[str, bytes, str]]:
    yield "empty", b"", "the file is empty"
    yield "gzip", gzip.compress(GOOD.encode()), "gzip archive"
    yield "pdf", b"%PDF-1.7\n" + GOOD.encode(), "this is a PDF"
    yield "sqlite", b"SQLite format 3\0" + bytes(4096), "this is a database"
    yield "png", b"\x89PNG\r\n\x1a\n" + bytes(64), "this is a picture"
    yield "elf", b"\x7fELF" + bytes(64), "this is a program"
    yield "old-excel", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "old Excel workbook"
    yield "page", b"<!DOCTYPE html>\n<html><title>Sign in</title></html>\n", "web page or XML"
    yield "entities", (_NESTED + "<z>&j;</z>\n").encode(), "web page or XML"
    yield "utf-16-unmarked", GOOD.encode("utf-16-le"), "NUL bytes"
    yield "utf-16-odd", GOOD.encode("utf-16")[:-1], "cut short inside a character"
    yield "utf-32-cut", b"\xff\xfe\0\0" + GOOD.encode("utf-32-le")[:-2], "UTF-32"
    yield "nul", GOOD.replace("closed", "clo\0sed", 1).encode(), "NUL"
    yield "nul-late", (GOOD * 60).encode() + b"x,\0\n", "NUL"
    yield "stray", (GOOD.replace("id", "idé", 1) + "éàü\n").encode() + b"\xff\xfe\n", "encoding unclear"
    yield "zeros", bytes(100_000), "NUL bytes"


def _not_whole() -> Iterator[tuple[str, bytes, str]]:
    yield "cut", GOOD[:-9].encode(), "cut short"
    yield "cut-character", (GOOD + "200,é").encode()[:-1], "cut short"
    yield "open-quote", GOOD.replace("closed", '"closed', 1).encode(), "quote"
    yield "late-quote", GOOD.replace("150,closed", '150,"closed', 1).encode(), "quote"
    yield (
        "swallowed",
        GOOD.replace("10,closed", '10,"closed', 1).replace("20,closed", '20,"closed', 1).encode(),
        "quote",
    )
    yield "header-cut", _HEAD[:12].encode(), "columns of profile generic are missing"
    yield "header-alone", _HEAD.encode(), "header and no row"


def _not_an_export() -> Iterator[tuple[str, bytes, str]]:
    yield "columns", GOOD.replace("id,", "name,", 1).encode(), "`columns.id`"
    yield "wide", (",".join(map(str, range(500))) + "\n").encode(), "columns"
    yield "dates-odd", GOOD.replace(" 08:00", " at 8").encode(), "no date format reads"
    yield "states", GOOD.replace("closed", "dreaming").encode(), "none of 199 rows"
    yield "widths", (_HEAD + "1,2,3\n" * 9).encode(), "none of 9 rows"
    yield "future", GOOD.replace("2026-", "2126-").encode(), "none of 199 rows"
    yield "backwards", GOOD.replace(" 09:00", " 07:00").encode(), "none of 199 rows"
    yield "blank", b"\n" * 10_000, "nothing but blank lines"
    yield "prose", b"Dear colleague,\nplease find attached the export.\n", "one column only"
    yield "long-line", b"x" * 3_000_000, "field larger than field limit"
    yield "tall", _HEAD.encode() + b"1,new,P1,2026-10-01 08:00,\n" * 1_000_001, "more than 1,000,000 rows"
    yield "digits", GOOD.replace("2026-10-", "٢٠٢٦-10-").encode(), "no date format reads"


def _workbooks() -> Iterator[tuple[str, bytes, str]]:
    header = ["id", "state", "opened"]
    place = '<row r="9"><c r="{}"><v>1</v></c></row></sheetData>'
    plain = workbooks.sheet([header])

    def sparse(cell: str) -> bytes:
        return workbooks.parts({"A": plain.replace("</sheetData>", place.format(cell))})

    yield "sparse", sparse("XFD1048576"), "too large"
    yield "sparse-tall", sparse("A1048576"), "too large"
    yield "bomb", workbooks.parts({"A": plain}, extra={"xl/media/x.bin": bytes(30 << 20)}), "packed more than 100 times"
    yield "bomb-cell", workbooks.parts({"A": plain.replace("opened", "x" * (30 << 20))}), "packed more than 100 times"
    yield "workbook-cut", workbooks.workbook([header])[:-40], "damaged or cut short"
    yield "workbook-half", workbooks.workbook([header])[:400], "damaged or cut short"
    yield "workbook-empty", workbooks.workbook([]), "empty"
    yield "workbook-other", workbooks.workbook([["one", "two"]]), "columns of profile generic are missing"
    inner = (
        _NESTED
        + f'<worksheet {_SHEET}><sheetData><row r="1"><c r="A1" t="str"><v>&j;</v></c></row></sheetData></worksheet>'
    )
    yield "workbook-entities", workbooks.parts({"A": inner}), "workbook"
    outside = f'<!DOCTYPE z [<!ENTITY a SYSTEM "file:///etc/passwd">]><worksheet {_SHEET}><sheetData><row r="1">'
    outside += '<c r="A1" t="str"><v>&a;</v></c></row></sheetData></worksheet>'
    yield "workbook-outside", workbooks.parts({"A": outside}), "workbook"
    yield "zip", _zipped({"glpi.csv": GOOD}), "zip archive but no XLSX"
    yield "zip-escape", _zipped({"../../../../tmp/kpi-agent-escaped.csv": GOOD}), "zip archive but no XLSX"


def _zipped(members: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return stream.getvalue()


def _json() -> Iterator[tuple[str, bytes, str]]:
    whole = json.dumps([_RECORD] * 50)
    yield "json-cut", whole[:-30].encode(), "not whole JSON"
    yield "json-deep", b"[" * 200_000, "nested too deeply"
    yield "json-twice", b'[{"id": "1", "id": "2"}]', "stands twice"
    yield "json-nan", b'[{"id": NaN}]', "NaN"
    yield "json-no-list", b'{"error": "not allowed"}', "no list of tickets"
    yield "json-numbers", b"[1, 2, 3]", "no object"
    yield "json-nul", b'[{"id": "\0"}]', "NUL"
    yield "json-latin", '[{"id": "é"}]'.encode("latin-1"), "JSON that is not UTF-8"
    yield "json-empty", b"[]", "no row"


def entries(victim: Path, other: Path) -> Iterator[tuple[str, Make, str]]:
    """Yield (name, how to make it at a path, words) of what is no plain file, or has a bad name.

    *victim* is a whole export outside of the drop folder, *other* the same one to be linked.
    """
    yield "link.csv", lambda p: p.symlink_to(victim), "symbolic link"
    yield "secrets.csv", lambda p: p.symlink_to("/etc/passwd"), "symbolic link"
    yield "climbing.csv", lambda p: p.symlink_to("../../../../../../etc/passwd"), "symbolic link"
    yield "dangling.csv", lambda p: p.symlink_to("/nowhere/at/all.csv"), "symbolic link"
    yield "loop.csv", lambda p: p.symlink_to(p.name), "symbolic link"
    yield "proc.csv", lambda p: p.symlink_to("/proc/self/mem"), "symbolic link"
    yield "pipe.csv", os.mkfifo, "folder, pipe or device"
    yield "folder.csv", Path.mkdir, "folder, pipe or device"
    yield "socket.csv", _bind, "folder, pipe or device"
    yield "second-name.csv", lambda p: p.hardlink_to(other), "hard link"
    yield "line\nend.csv", lambda p: p.write_text(GOOD), "control characters"
    yield "\x1b[2J\x1b[31mred.csv", lambda p: p.write_text(GOOD), "control characters"
    yield "\u202evsc.csv", lambda p: p.write_text(GOOD), "control characters"
    yield os.fsdecode(b"\xff\xfe.csv"), lambda p: p.write_text(GOOD), "control characters"
    yield "sparse-2-GiB.csv", _sparse, "bytes, more than"


def _bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            made.bind(f"/proc/self/fd/{folder}/{path.name}")  # a socket's own path may be 107 bytes long
        finally:
            os.close(folder)


def _sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 2 << 30)
