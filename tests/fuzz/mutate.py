"""Damage, at the level of bytes, cells, rows and structure; the same number of the same seed is the same file."""

from __future__ import annotations

import copy
import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any

from fuzz import hostile
from fuzz.seeds import Seed
from workbooks import workbook

_PIECES = (
    b'"', b";", b",", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf", b"\xc3", b"\xe9", b"\xff\xfe", b"'", b"<br>", b"-",
    b"{", b"}", b"[", b"]", b":", b"\\", b"\\ud800", b"9" * 30, b"\t", b"\x1a", b"PK\x03\x04", b"sep=;\n", b"\xf0\x9f\x98\x80",
)  # fmt: skip
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252", "latin-1", "utf-16-le", "utf-7")
_MAX_BYTES = 2_000_000
_MAX_ROWS = 8_000
_TIMES = (2,) * 20 + (5,) * 20 + (40,) * 8 + (500, 2_000)  # large files are slow: few will do


def damaged(seed: Seed, rng: random.Random) -> bytes:
    """Return a mutated file of that seed."""
    levels: list[Callable[[Seed, random.Random], bytes]] = [_bytes]
    if seed.table is not None:
        levels += [_cells, _rows, _structure] * 2
    elif seed.document is not None:
        levels += [_json_cells, _json_rows, _json_structure] * 2
    elif seed.is_workbook:
        levels += [_package] * 2
    content = rng.choice(levels)(seed, rng)
    if rng.random() < 0.1:
        content = _bitten(content, rng)
    return content[:_MAX_BYTES]


def _bytes(seed: Seed, rng: random.Random) -> bytes:
    if seed.is_workbook and rng.random() < 0.6:
        return _package(seed, rng)
    return _bitten(seed.content, rng)


def _bitten(content: bytes, rng: random.Random) -> bytes:
    data = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 4, 10))):
        at = rng.randrange(len(data) + 1)
        deed = rng.randrange(8)
        if deed == 0:
            data[at:at] = rng.choice(_PIECES)
        elif deed == 1:
            del data[at : at + rng.randrange(1, 60)]
        elif deed == 2:
            data[at : at + 1] = rng.choice(_PIECES)
        elif deed == 3 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif deed == 4:
            del data[at:]
        elif deed == 5:
            data[at:at] = data[at : at + rng.randrange(1, 400)]
        elif deed == 6:
            data[at:at] = rng.randbytes(rng.randrange(1, 20))
        else:
            other = rng.randrange(len(data) + 1)
            low, high = min(at, other), max(at, other)
            data[low:high] = data[low:high][: rng.randrange(1, 200)]
    return bytes(data)


def _cells(seed: Seed, rng: random.Random) -> bytes:
    table: list[list[Any]] = copy.deepcopy(seed.table or [])
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        row = rng.choice(table[1:] or table)
        if row:
            make = hostile.spreadsheet_cell if seed.is_workbook else hostile.text
            row[rng.randrange(len(row))] = make(rng)
    return _packed(seed, table, rng)


def _rows(seed: Seed, rng: random.Random) -> bytes:
    table = copy.deepcopy(seed.table or [])
    for _ in range(rng.choice((1, 2, 3))):
        at = rng.randrange(len(table))
        deed = rng.randrange(9)
        if deed == 0:
            table.insert(rng.randrange(len(table) + 1), list(table[at]))
        elif deed == 1 and len(table) > 1:
            del table[at]
        elif deed == 2:
            other = rng.randrange(len(table))
            table[at], table[other] = table[other], table[at]
        elif deed == 3:
            table[at] = table[at][: rng.randrange(len(table[at]) + 1)]
        elif deed == 4:
            table[at] = [*table[at], *[hostile.text(rng)] * rng.choice((1, 1, 2, 30))]
        elif deed == 5:
            table.insert(at, list(table[0]))
        elif deed == 6:
            table.insert(at, [""] * rng.choice((0, 1, len(table[0]))))
        elif deed == 7:
            table = (table[:1] + table[1:] * rng.choice(_TIMES))[:_MAX_ROWS]
        else:
            rng.shuffle(table)
    return _packed(seed, table, rng)


def _structure(seed: Seed, rng: random.Random) -> bytes:
    table = copy.deepcopy(seed.table or [])
    width = len(table[0])
    at = rng.randrange(width)
    deed = rng.randrange(7)
    if deed == 0:
        order = rng.sample(range(width), width)
        table = [[row[i] for i in order if i < len(row)] for row in table]
    elif deed == 1:
        table = [row[:at] + row[at + 1 :] for row in table]
    elif deed == 2:
        table = [[*row[: at + 1], *row[at:]] for row in table]
    elif deed == 3:
        table[0][at] = hostile.text(rng)
    elif deed == 4:
        table[0][at] = rng.choice(table[0])
    elif deed == 5:
        wide = rng.choice((5, 50, 390, 500))
        table = [row + [f"c{i}" if n == 0 else "" for i in range(wide)] for n, row in enumerate(table)]
    else:
        table[:0] = [[hostile.text(rng)] for _ in range(rng.choice((1, 2, 25)))]
    return _packed(seed, table, rng)


def _packed(seed: Seed, table: list[list[Any]], rng: random.Random) -> bytes:
    """Return a table in the seed's own format, delimited ones under various habits of writing."""
    if seed.is_workbook:
        return workbook([[_xml(c) for c in row] for row in table], first_row=rng.choice((1, 1, 1, 4)))
    delimiter = "\t" if seed.file.endswith(".tsv") else rng.choice(";,\t|")
    end = rng.choice(("\n", "\r\n", "\n", "\r\n", "\r"))
    quote = rng.choice((_as_needed, _as_needed, _always, _never))
    lines = [delimiter.join(quote(str(c), delimiter) for c in row) for row in table]
    if rng.random() < 0.05:
        lines.insert(0, f"sep={delimiter}")
    text = end.join(lines) + (end if rng.random() < 0.8 else "")
    encoding = rng.choice(_ENCODINGS) if rng.random() < 0.25 else "utf-8"
    return text.encode(encoding, "replace")


def _xml(cell: Any) -> Any:
    return "".join(c for c in cell if c in "\t\n\r" or c >= " ") if isinstance(cell, str) else cell


def _as_needed(cell: str, delimiter: str) -> str:
    return _always(cell, delimiter) if any(c in cell for c in ('"', delimiter, "\n", "\r")) else cell


def _always(cell: str, delimiter: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _never(cell: str, delimiter: str) -> str:
    return cell


def _package(seed: Seed, rng: random.Random) -> bytes:
    """Return a workbook of which one part is damaged inside a sound archive, or missing, or of another name."""
    try:
        package = zipfile.ZipFile(io.BytesIO(seed.content))
    except zipfile.BadZipFile:
        return _bitten(seed.content, rng)
    stream = io.BytesIO()
    hit = rng.choice(package.namelist())
    deed = rng.randrange(6)
    with package, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        for name in package.namelist():
            content, called = package.read(name), name
            if name == hit:
                if deed == 0:
                    continue
                if deed == 1:
                    called = rng.choice(("xl/other.xml", name.upper(), "../" + name, name + "\0x"))
                elif deed == 2:
                    content = content.replace(b'r="', rng.choice((b'r="ZZZ', b'r="1', b'r="-', b'r="')))
                elif deed == 3:
                    content = rng.choice((b"", b"<", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", b"\0" * 2_000_000))
                else:
                    content = _bitten(content, rng)
            made.writestr(called, content)
    return stream.getvalue()


def _json_cells(seed: Seed, rng: random.Random) -> bytes:
    document = copy.deepcopy(seed.document)
    places = list(_places(document, leaves=True))
    for _ in range(rng.choice((1, 1, 2, 4, 10))):
        holder, key = rng.choice(places)
        holder[key] = hostile.json_value(rng)
    return _dumped(document, rng)


def _json_rows(seed: Seed, rng: random.Random) -> bytes:
    document = copy.deepcopy(seed.document)
    lists = [holder[key] for holder, key in _places([document], leaves=False) if isinstance(holder[key], list)]
    lists = [one for one in lists if one]
    if not lists:
        return _bitten(seed.content, rng)
    for _ in range(rng.choice((1, 2, 3))):
        rows = rng.choice(lists)
        at, deed = rng.randrange(len(rows) + 1), rng.randrange(6)
        if deed == 0:
            rows.insert(at, copy.deepcopy(rng.choice(rows)) if rows else {})
        elif deed == 1:
            del rows[at:]
        elif deed == 2:
            rows.insert(at, hostile.json_value(rng))
        elif deed == 3:
            rng.shuffle(rows)
        elif deed == 4:
            rows.extend(copy.deepcopy(rows * rng.choice((1, 5, 50)))[:400])
        elif rows and isinstance(rows[-1], dict) and rows[-1]:
            rows[-1].pop(rng.choice(list(rows[-1])))
    return _dumped(document, rng)


def _json_structure(seed: Seed, rng: random.Random) -> bytes:
    document = copy.deepcopy(seed.document)
    deed = rng.randrange(7)
    if deed == 0:
        return _dumped({rng.choice(("result", "data", "tickets", "")): document}, rng)
    if deed == 1 and isinstance(document, dict):
        return _dumped(rng.choice(list(document.values())), rng)
    if deed == 2:
        deep = rng.choice((100, 5_000, 200_000))
        return b'{"a":' * deep if rng.random() < 0.5 else b"[" * deep + b"]" * deep
    if deed == 3:
        nested: Any = hostile.json_value(rng)
        for _ in range(rng.choice((10, 59, 61, 300))):
            nested = {"a": nested} if rng.random() < 0.5 else [nested]
        holder, key = rng.choice(list(_places(document, leaves=True)))
        holder[key] = nested
    elif deed == 4:
        return _dumped(document, rng) * 2
    elif deed == 5:
        holder, key = rng.choice(list(_places(document, leaves=False)) or [([None], 0)])
        holder[key] = hostile.json_value(rng)
    else:
        holders = [h for h, _ in _places(document, leaves=True) if isinstance(h, dict)]
        chosen = rng.choice(holders)
        chosen[hostile.text(rng)] = chosen.pop(rng.choice(list(chosen)), None)
    return _dumped(document, rng)


def _places(value: Any, *, leaves: bool) -> list[tuple[Any, Any]]:
    """Return every (holder, key) below *value* whose value is a leaf, or, for the others, a list or an object."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting:
        holder = waiting.pop()
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            inner = holder[key]
            if isinstance(inner, dict | list):
                waiting.append(inner)
            if isinstance(inner, dict | list) is not leaves:
                found.append((holder, key))
    return found


def _dumped(document: Any, rng: random.Random) -> bytes:
    text = json.dumps(document, ensure_ascii=rng.random() < 0.5, indent=rng.choice((None, None, 2)))
    return text.encode(rng.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1")), "replace")
