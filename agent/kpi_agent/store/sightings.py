"""What a file showed unchanged: version ids and lines, a few kilobytes for 200,000 rows.

A file that repeats what is known adds no version, yet must not be forgotten: when an older file that differs comes in
late, the ticket had *that* content in between and returned to the known one at the next file that showed it. Versions
are ordered by their keys, never by import time (indicators.md §4).
"""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Iterable, Mapping
from itertools import accumulate, pairwise


def pack(lines: Iterable[tuple[int, int]]) -> bytes:
    """Return pairs (version id, line) as bytes. Exports keep their order, so the differences repeat and shrink."""
    pairs = sorted(lines)
    ids = _steps([i for i, _ in pairs])
    numbers = array("q", [*ids, *_steps([line for _, line in pairs])])
    if sys.byteorder == "big":
        numbers.byteswap()
    return zlib.compress(numbers.tobytes(), 6)


def unpack(held: bytes) -> Mapping[int, int]:
    """Return the line at which each version id was seen; of what ``pack`` wrote."""
    numbers = array("q")
    numbers.frombytes(zlib.decompress(held))
    if sys.byteorder == "big":
        numbers.byteswap()
    middle = len(numbers) // 2
    return dict(zip(accumulate(numbers[:middle]), accumulate(numbers[middle:]), strict=True))


def _steps(values: list[int]) -> list[int]:
    return [*values[:1], *(after - before for before, after in pairwise(values))]
