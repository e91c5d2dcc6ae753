"""The seal of a row: sixteen bytes over its columns, so that a value that changed on disk is noticed when it is read.

SQLite checks the shape of its pages, not the values in them: of 300 flipped bits, 179 changed a result that
``integrity_check`` called ok (architecture.md §5). Standard library only: ``peek`` uses this without SQLAlchemy.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from json.encoder import encode_basestring_ascii
from typing import Any

Value = int | str | bytes | None
Values = Sequence[Value]

DAMAGE_ADVICE = (
    "stop kpi-agent, keep this file aside, and copy the newest file of backups/ to its place, if there is one"
)
"""What to do with a store whose content cannot be trusted."""

_SIZE_BYTES = 16
TALLY_MODULUS = 2**63  # a sum of digests must fit a signed 64-bit column

_encode = json.JSONEncoder(separators=(",", ":"), default=bytes.hex).encode
# The same text value by value: setting up an encoder costs more than what it writes, and every row is sealed.
_TEXTS: Mapping[type, Callable[[Any], str]] = {
    str: encode_basestring_ascii,
    int: int.__repr__,
    bytes: lambda value: f'"{value.hex()}"',
    type(None): lambda _: "null",
}


def seal(table: str, values: Values) -> bytes:
    """Return the digest of a row: of the table's name and of its values in the order of definition, digest left out."""
    text = ",".join([_TEXTS.get(type(value), _encode)(value) for value in values])
    return blake2b(f'["{table}",{text}]'.encode(), digest_size=_SIZE_BYTES).digest()


def fingerprint(text: str) -> bytes:
    """Return sixteen bytes that stand for *text* when two texts are compared for equality."""
    return blake2b(text.encode(), digest_size=_SIZE_BYTES).digest()


def total(digests: Iterable[bytes]) -> int:
    """Return the sum of row digests, in any order, modulo 2^63: a row that vanished or was read twice changes it."""
    joined = b"".join(digests)
    numbers: tuple[int, ...] = struct.unpack(f">{len(joined) // 8}Q", joined)
    return sum(numbers[::2]) % TALLY_MODULUS


def part_name(values: Sequence[str]) -> str:
    """Return the name under which the rows that share *values* are tallied."""
    return json.dumps(list(values), separators=(",", ":"))


def storable(text: str) -> str:
    """Return *text* with what no database takes as text written as escapes: lone surrogates and NUL.

    File names that are not UTF-8 and rows of broken exports hold both.
    """
    if "\x00" in text:
        text = text.replace("\x00", "\\x00")
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
