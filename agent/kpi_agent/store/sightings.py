"""What a file showed unchanged: version ids and lines, a few kilobytes for 200,000 rows.

A file that repeats what is known adds no version, yet must not be forgotten: when an older file that differs comes in
late, the ticket had *that* content in between and returned to the known one at the next file that showed it. Versions
are ordered by their keys, never by import time (indicators.md §4).
"""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping
from itertools import accumulate, chain, pairwise

_LINES = 2**32


class Sightings:
    """Versions that a file showed, each with its line."""

    def __init__(self) -> None:
        self._pairs = array("q")  # both in one number: a tuple each would take ten times the memory

    def __len__(self) -> int:
        return len(self._pairs)

    def add(self, version: int, line: int) -> None:
        """Add a version."""
        self._pairs.append(version * _LINES + line)

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Yield (version id, line), by version."""
        return (divmod(pair, _LINES) for pair in sorted(self._pairs))


def pack(sightings: Sightings) -> bytes:
    """Return what was seen as bytes. Exports keep their order, so the differences repeat and shrink."""
    numbers = array("q", _steps(version for version, _ in sightings))
    numbers.extend(_steps(line for _, line in sightings))
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


def _steps(values: Iterable[int]) -> Iterator[int]:
    return (after - before for before, after in pairwise(chain([0], values)))
